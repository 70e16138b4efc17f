using System.CommandLine;
using System.Globalization;
using Ringfence.Gate;
using Ringfence.Server.Cli;
using Ringfence.Server.Gate;
using Ringfence.Server.Hosting;
using Ringfence.Server.Ledger;
using Ringfence.Server.Rules;
using Ringfence.Server.Staff;
using Ringfence.Server.Webhooks;

namespace Ringfence.Server.Bridges.Mcp;

/// <summary><c>ringfence mcp</c>: an AI agent on this machine asks before it contacts somebody, over standard input and output.</summary>
internal static class McpCommand
{
    /// <summary>Holds the key for a server; on a command line everybody could read it.</summary>
    public const string KeyVariable = "RINGFENCE_KEY";

    public static Command Create(TimeProvider time)
    {
        var server = new Option<string?>("--server") { HelpName = "URL", Description = CliText.Say("Mcp.Option.server", KeyVariable) };
        var facts = new Option<string?>("--facts") { HelpName = "FILE", Description = CliText.Say("Serve.Option.facts") };
        var rules = RuleFolder.NewOption();
        var house = HouseFile.NewOption();
        var command = new Command("mcp", CliText.Say("Mcp.Description")) { server, facts, rules, house }.OnLedger();
        command.SetAction((parsed, cancel) => parsed.GetValue(server) is { } url
            ? AwayAsync(url, cancel)
            : StoreArguments.RunAsync(parsed, time, async (installation, stop) =>
            {
                var standing = parsed.GetValue(facts) is { } file ? StandingFacts.Read(file.Replace('\\', '/'), TextFile.Read(file)) : null;
                using var sender = new WebhookSender(ToldSystems.ReachOf(installation.Options.Environment), time);
                var served = new Served(installation, DecideCommand.GateOf(parsed.GetValue(rules), parsed.GetValue(house)), standing) { Webhooks = sender };
                var ledger = await installation.LedgerAsync(StoreArguments.ControllerOf(parsed), stop);
                // Whoever can open the installation can do anything with it; these are all that an agent gets of it.
                var caller = new Caller(ledger, "mcp", McpTools.All.Aggregate(ApiScopes.None, static (set, tool) => set | McpTools.ScopeOf(tool.Name))) { Actor = StoreArguments.Actor(parsed) };
                using var logs = LoggerFactory.Create(ServerLog.Use);
                await using var services = new ServiceCollection().AddSingleton(logs).BuildServiceProvider();
                using var background = CancellationTokenSource.CreateLinkedTokenSource(stop);
                var upkeep = new ServerUpkeep(served, logs.CreateLogger("Ringfence.Ledger")).RunAsync(background.Token);
                await RunAsync(new ApiInside(served, caller, services), stop);
                await background.CancelAsync();
                await upkeep;
                return Exit.Done;
            }, cancel));
        return command;
    }

    private static async Task<int> AwayAsync(string url, CancellationToken cancel)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var server) || server.Scheme is not ("http" or "https") || server.UserInfo.Length > 0)
        {
            Terminal.Error(CliText.Say("BadOption", "--server", url));
            return Exit.Unusable;
        }

        if (Environment.GetEnvironmentVariable(KeyVariable) is not { } key || !ApiKey.TryRead(key, out _))
        {
            Terminal.Error(CliText.Say("Mcp.NoKey", KeyVariable));
            return Exit.Unusable;
        }

        using var away = new ApiAway(server, key);
        await RunAsync(away, cancel);
        return Exit.Done;
    }

    private static async Task RunAsync(IApi api, CancellationToken cancel)
    {
        await using var input = Console.OpenStandardInput();
        await using var output = Console.OpenStandardOutput();
        await using var lines = new McpLines(input, output);
        await using var server = McpServers.Create(lines, api, CultureInfo.CurrentUICulture);
        try
        {
            await server.RunAsync(cancel);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
        }
    }
}
