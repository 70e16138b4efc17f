using System.Net;
using System.Net.Sockets;
using System.Text;
using Ringfence.Server.Bridges.Agi;
using Ringfence.Server.Staff;
using Ringfence.Server.Storage;
using Xunit;

namespace Ringfence.Server.Tests.Bridges;

/// <summary>One call of <c>AGI(agi://...)</c> in a dialplan: what it sent, what was set, and whether the channel was hung up.</summary>
internal sealed class AgiChannel
{
    public Dictionary<string, string> Variables { get; } = [];

    public bool IsHungUp { get; private set; }

    public List<string> Commands { get; } = [];

    /// <summary>Speaks the protocol until the other end closes.</summary>
    /// <param name="place">Where the responder is.</param>
    /// <param name="script">The path after the address.</param>
    /// <param name="arguments">The arguments after the address.</param>
    /// <param name="reply">What is answered to a command; null: as Asterisk does when all is well.</param>
    public async Task RunAsync(IPEndPoint place, string script, string[] arguments, Func<string, string?>? reply = null)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(place, TestContext.Current.CancellationToken);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(Environment(script, arguments)), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(stream, Encoding.ASCII);
        while (await ReadAsync(reader) is { } command)
        {
            Commands.Add(command);
            var answer = reply is null ? "200 result=1\n" : reply(command);
            if (answer is null)
                return;
            if (answer.Contains("200 result=1", StringComparison.Ordinal))
                Take(command);
            await stream.WriteAsync(Encoding.ASCII.GetBytes(answer), TestContext.Current.CancellationToken);
        }
    }

    // As res_agi.c writes them.
    public static string Environment(string script, string[] arguments) => $"""
        agi_network: yes
        agi_network_script: {script}
        agi_request: agi://127.0.0.1/{script}
        agi_channel: Local/s@dial-00000001;1
        agi_language: en
        agi_type: Local
        agi_uniqueid: 1780000000.17
        agi_version: 20.11.0
        agi_callerid: unknown
        agi_calleridname: unknown
        agi_callingpres: 67
        agi_callingani2: 0
        agi_callington: 0
        agi_callingtns: 0
        agi_dnid: unknown
        agi_rdnis: unknown
        agi_context: dial
        agi_extension: {BridgeHouse.Ann}
        agi_priority: 2
        agi_enhanced: 0.0
        agi_accountcode: {""}
        agi_threadid: 139785

        """.ReplaceLineEndings("\n") + string.Concat(arguments.Select(static (argument, i) => $"agi_arg_{i + 1}: {argument}\n")) + "\n";

    private static async Task<string?> ReadAsync(StreamReader reader)
    {
        try
        {
            return await reader.ReadLineAsync(TestContext.Current.CancellationToken);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private void Take(string command)
    {
        var words = command.Split(' ', 4);
        if (words is ["SET", "VARIABLE", var name, ['"', .. var value, '"']])
            Variables[name] = value.Replace("\\\"", "\"", StringComparison.Ordinal).Replace("\\\\", "\\", StringComparison.Ordinal);
        else if (command == "HANGUP")
            IsHungUp = true;
    }

    public string? Verdict => Variables.GetValueOrDefault("RINGFENCE_VERDICT");

    public string? Reason => Variables.GetValueOrDefault("RINGFENCE_REASON");
}

/// <summary>The responder, with an Asterisk server that calls it.</summary>
internal sealed class AgiAsterisk(WebApplication app, IPEndPoint place) : IAsyncDisposable
{
    public IPEndPoint Place => place;

    public static async Task<AgiAsterisk> BuildAsync(BridgeHouse house, string? secret = null, TimeSpan? patience = null, ApiScopes? scopes = null, LedgerRow? ledger = null)
    {
        var key = await house.KeyAsync(scopes ?? ApiScopes.Permit | ApiScopes.Withdraw, ledger);
        int port;
        using (var probe = new TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            port = ((IPEndPoint)probe.LocalEndpoint).Port;
        }

        var place = new IPEndPoint(IPAddress.Loopback, port);
        var app = AgiHost.Build(house.Served, place, new Dictionary<string, string> { [key.Controller] = key.Show() }, secret, patience);
        await app.StartAsync();
        return new AgiAsterisk(app, place);
    }

    public async Task<AgiChannel> CallAsync(string script, string[] arguments, Func<string, string?>? reply = null)
    {
        var channel = new AgiChannel();
        await channel.RunAsync(place, script, arguments, reply);
        return channel;
    }

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync();
        await app.DisposeAsync();
    }
}
