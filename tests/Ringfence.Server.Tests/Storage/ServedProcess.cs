using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Ringfence.Numbers;
using Ringfence.People;
using Ringfence.Server.Ledger;
using Ringfence.Server.Staff;
using Ringfence.Server.Storage;
using Ringfence.Server.Suppression;
using Ringfence.Server.Tests.Ledger;
using Xunit;

namespace Ringfence.Server.Tests.Storage;

/// <summary>The program itself, serving an installation to its callers.</summary>
internal sealed class ServedProcess : IAsyncDisposable
{
    private readonly Process process;
    private readonly HttpClient client;
    private readonly StringBuilder complained = new();

    private ServedProcess(Process process, HttpClient client) => (this.process, this.client) = (process, client);

    /// <summary>The program; RINGFENCE_TEST_PROGRAM names one that was compiled before it starts, for long runs that start it a thousand times.</summary>
    public static string[] Program => ["dotnet", Environment.GetEnvironmentVariable("RINGFENCE_TEST_PROGRAM") ?? Path.Combine(AppContext.BaseDirectory, "ringfence.dll")];

    /// <summary>What it wrote beside.</summary>
    public string Complained
    {
        get
        {
            lock (complained)
                return complained.ToString();
        }
    }

    /// <summary>Founds an installation with a controller, and makes a key for callers.</summary>
    public static async Task<string> FoundAsync(InstallationOptions options)
    {
        await using var installation = await Installation.OpenAsync(options, TimeProvider.System, CancellationToken.None);
        var ledger = await installation.AddControllerAsync("acme", "ledger.example/acme", House.Acme, CancellationToken.None);
        var key = ApiKey.New(ledger.Controller);
        var all = Enum.GetValues<ApiScopes>().Aggregate(static (set, one) => set | one);
        await (await installation.WriterAsync(ledger, CancellationToken.None)).DoAsync(new AddApiKeyCommand(House.Staff, key, "test", all, null), CancellationToken.None);
        return key.Show();
    }

    /// <summary>Starts it, and waits until it serves.</summary>
    /// <param name="before">What the program is started by, such as strace; empty: nothing.</param>
    public static Task<ServedProcess> StartAsync(InstallationOptions options, string key, params string[] before) => StartAsync(options, key, new Dictionary<string, string?>(), [], before);

    /// <summary>Starts it, and waits until it serves.</summary>
    /// <param name="options">The installation.</param>
    /// <param name="key">The key that its callers show.</param>
    /// <param name="environment">Variables of its environment.</param>
    /// <param name="more">Further words of its command line.</param>
    /// <param name="before">What the program is started by, such as strace; empty: nothing.</param>
    public static async Task<ServedProcess> StartAsync(InstallationOptions options, string key, IReadOnlyDictionary<string, string?> environment, string[] more, string[] before)
    {
        var url = $"http://127.0.0.1:{FreePort()}";
        string[] command = [.. before, .. Program, "serve", "--data", options.Data, "--keys", options.Keys!, "--urls", url, "--watch", "none", .. more];
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["RINGFENCE_DB"] = options.Store.Connection;
        start.Environment["RINGFENCE_KEYRING_DB"] = options.KeyringConnection;
        start.Environment["RINGFENCE_SIGNER"] = null;
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        var client = new HttpClient { BaseAddress = new Uri(url + "/api/v1/"), Timeout = TimeSpan.FromSeconds(60) };
        client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", "Bearer " + key);
        var served = new ServedProcess(Process.Start(start)!, client);
        served.process.ErrorDataReceived += (_, line) =>
        {
            lock (served.complained)
                served.complained.AppendLine(line.Data);
        };
        served.process.BeginErrorReadLine();
        var ready = await served.process.StandardOutput.ReadLineAsync();
        Assert.True(ready?.Contains(url, StringComparison.Ordinal), $"{ready} {served.Complained}");
        return served;
    }

    /// <summary>Somebody says no to a number of the <see cref="AcknowledgingProcess"/>.</summary>
    public Task<(HttpStatusCode Status, JsonElement Json)> WithdrawAsync(int n) => PostAsync("withdrawals", $$"""{"to":"{{AcknowledgingProcess.NumberOf(n)}}"}""");

    /// <summary>Asks whether a number may be contacted.</summary>
    public Task<(HttpStatusCode Status, JsonElement Json)> DecideAsync(int n) =>
        PostAsync("decisions", $$"""{"to":"{{AcknowledgingProcess.NumberOf(n)}}","channel":"sms","purpose":"offers"}""");

    /// <summary>So many withdrawals by 64 clients at once; the place of each that was acknowledged, and what the others were told.</summary>
    public async Task<(Dictionary<int, long> Acknowledged, Dictionary<int, string> Not)> WithdrawManyAsync(int first, int count)
    {
        var (acknowledged, not) = (new Dictionary<int, long>(), new Dictionary<int, string>());
        var next = first - 1;
        await Task.WhenAll(Enumerable.Range(0, AcknowledgingProcess.Clients).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Increment(ref next) is var n && n < first + count)
            {
                var (status, json) = await WithdrawAsync(n);
                lock (acknowledged)
                {
                    if ((int)status / 100 == 2)
                        acknowledged.Add(n, json.GetProperty("record").GetInt64());
                    else
                        not.Add(n, $"{(int)status} {json.GetProperty("code").GetString()}");
                }
            }
        })));
        return (acknowledged, not);
    }

    /// <summary>Sends a list.</summary>
    public async Task<JsonElement> SendAsync(string path, string list)
    {
        using var content = new StringContent(list, Encoding.UTF8, "text/csv");
        using var response = await client.PostAsync(new Uri(path, UriKind.Relative), content);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{(int)response.StatusCode} {text} {Complained}");
        return JsonDocument.Parse(text).RootElement;
    }

    /// <summary>Looks something up.</summary>
    public async Task<JsonElement> GetAsync(string path) => JsonDocument.Parse(await client.GetStringAsync(new Uri(path, UriKind.Relative))).RootElement;

    /// <summary>Ends it as a loss of power does.</summary>
    public async Task KillAsync()
    {
        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
    }

    /// <summary>Ends it as a signal does that asks; its exit code.</summary>
    public async Task<int> StopAsync()
    {
        // What watches it does not pass signals on.
        var children = (await File.ReadAllTextAsync($"/proc/{process.Id}/task/{process.Id}/children")).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var own = process.ProcessName == "strace" ? children[0] : process.Id.ToString(CultureInfo.InvariantCulture);
        using (var kill = Process.Start("kill", ["-TERM", own]))
            await kill.WaitForExitAsync();
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    /// <summary>Waits until it has ended by itself; its exit code.</summary>
    public async Task<int> EndedAsync()
    {
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return process.ExitCode;
    }

    /// <summary>What of these numbers an installation blocks, of a process that has ended.</summary>
    public static async Task<HashSet<int>> BlockedAsync(InstallationOptions options, IEnumerable<int> numbers)
    {
        await using var installation = await Installation.OpenAsync(options, TimeProvider.System, CancellationToken.None);
        var ledger = await installation.LedgerAsync(null, CancellationToken.None);
        var blocked = new HashSet<int>();
        foreach (var n in numbers)
        {
            var wanted = new RowsWanted();
            wanted.Suppressions.UnionWith(installation.TagsOf(ContactPoint.TryRead(AcknowledgingProcess.NumberOf(n), Region.None, out var point) ? point : throw new ArgumentException("Not a point.")).Suppress);
            if ((await installation.Store.LoadAsync(ledger.Ledger, wanted, CancellationToken.None)).Suppressions.Exists(static row => row.LiftedSeq is null))
                blocked.Add(n);
        }

        Assert.True(WithdrawalSpool.IsEmpty(options.Data));
        var findings = await new Fsck(installation, ledger, full: true).RunAsync(CancellationToken.None);
        Assert.DoesNotContain(findings.All, static finding => finding.Code is not ("no-outside-anchor" or "checkpoint-unkept"));
        return blocked;
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
        }

        process.Dispose();
    }

    /// <summary>Sends a signal, such as <c>STOP</c>.</summary>
    public async Task SignalAsync(string name)
    {
        using var kill = Process.Start("kill", ["-" + name, process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    /// <summary>Sends a question.</summary>
    public async Task<(HttpStatusCode Status, JsonElement Json)> PostAsync(string path, string body, string? idempotencyKey = null, CancellationToken cancel = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(path, UriKind.Relative)) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        if (idempotencyKey is not null)
            request.Headers.Add("Idempotency-Key", idempotencyKey);
        using var response = await client.SendAsync(request, cancel);
        var text = await response.Content.ReadAsStringAsync(cancel);
        try
        {
            return (response.StatusCode, JsonDocument.Parse(text).RootElement);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path} was answered {(int)response.StatusCode} with {text.Length} characters that are no JSON; headers: {response.Headers} {response.Content.Headers}", e);
        }
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
