using System.Diagnostics;
using Ringfence.Server.Bridges.Vicidial;
using Ringfence.Server.Ledger;
using Ringfence.Server.Tests.Ledger;
using Ringfence.Server.Tests.Storage;
using Xunit;

namespace Ringfence.Server.Tests.Bridges;

/// <summary><c>ringfence dialer</c> as it is typed: what a dialler knows of refusals comes in, leads go out, and it is told who said no.</summary>
public sealed class DialerCommandTests : IAsyncLifetime
{
    private const string Header = "id,First Name,last_name,phone,ringfence_number,ringfence_verdict,ringfence_reasons,ringfence_ask_again,ringfence_evidence,ringfence_registers\r\n";

    private readonly string folder = Directory.CreateTempSubdirectory("rf-dialer-").FullName;
    private readonly List<string> told = [];
    private WebApplication vicidial = null!;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        vicidial = builder.Build();
        vicidial.MapPost("/vicidial/non_agent_api.php", async http =>
        {
            var form = await http.Request.ReadFormAsync();
            lock (told)
                told.Add($"{form["user"]}:{form["pass"]} {form["campaign_id"]} {form["phone_number"]}");
            var isKnown = told.Count(one => one == told[^1]) > 1;
            await http.Response.WriteAsync(form["pass"] != "secret" ? "ERROR: Login incorrect, please try again: |6666||BAD|"
                : isKnown ? $"ERROR: add_dnc_phone DNC NUMBER ALREADY EXISTS - 6666|{form["phone_number"]}" : $"SUCCESS: add_dnc_phone DNC NUMBER HAS BEEN ADDED - 6666|{form["phone_number"]}|");
        });
        await vicidial.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await vicidial.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task What_a_dialler_knows_of_refusals_comes_in_and_closes_the_telephone()
    {
        var options = House.In(folder);
        var key = await ServedProcess.FoundAsync(options);
        var file = Write("dnc.txt", "7400123456\n7400123457\nnone\n7400123456\n");
        string[] command = ["dialer", "refusals", file, "--region", "GB", "--data", options.Data, "--keys", options.Keys!, "--json"];
        var (exit, shown, said) = await TypeAsync(command);
        Assert.True(exit == 4, said);
        Assert.Equal("""{"written":2,"known":1,"unread":[3]}""", Compact(shown));
        Assert.DoesNotContain("7400123", shown + said, StringComparison.Ordinal);
        // Once more, as a job does every night.
        Assert.Equal((4, """{"written":0,"known":3,"unread":[3]}"""), await TypeAsync(command) is var again ? (again.Exit, Compact(again.Shown)) : default);

        await using var server = await ServedProcess.StartAsync(options, key);
        foreach (var (number, code) in ((string, string)[])[("+447400123456", "objected"), ("+447400123457", "objected"), ("+447400123458", "no-consent")])
        {
            var decided = (await server.PostAsync("decisions", $$"""{"to":"{{number}}","channel":"voice","purpose":"offers","technique":"manual"}""", cancel: TestContext.Current.CancellationToken)).Json;
            Assert.Equal("refused", decided.GetProperty("verdict").GetString());
            Assert.Equal(code == "objected", decided.GetProperty("reasons").EnumerateArray().Any(static reason => reason.GetProperty("code").GetString() is "objected" or "suppressed"));
        }

        // While the server has the store open nobody else can, and that is said.
        Assert.Equal(3, (await TypeAsync(command)).Exit);
    }

    [Fact]
    public async Task A_list_that_was_scrubbed_becomes_leads_and_refusals_and_the_dialler_is_told_of_these()
    {
        var leads = Write("leads.csv", "id,phone\r\n1,+12025550123\r\n2,+12025550124\r\n");
        var (scrubbed, _, why) = await TypeAsync("scrub", leads, "--channel", "voice", "--technique", "manual", "--purpose", "offers", "--controller", "acme", "--suppress", Write("no.csv", "phone\r\n+12025550124\r\n"), "--out", In("answered.csv"));
        Assert.True(scrubbed == 0, why);
        var (exit, shown, said) = await TypeAsync("dialer", "list", In("answered.csv"), "--list-id", "1001", "--out", In("leads.txt"), "--held", In("held.csv"), "--dnc", In("dnc.txt"), "--json");
        Assert.True(exit == 0, said);
        Assert.Equal("""{"rows":2,"leads":0,"held":2,"refused":1}""", Compact(shown));
        Assert.Equal(["2025550124"], File.ReadAllLines(In("dnc.txt")));

        string[] push = ["dialer", "push", In("dnc.txt"), "--server", vicidial.Urls.Single(), "--campaign", "SPRING", "--json"];
        Assert.Equal((0, """{"written":1,"known":0,"unread":[]}"""), await TypeAsync(push) is var first ? (first.Exit, Compact(first.Shown)) : default);
        Assert.Equal((0, """{"written":0,"known":1,"unread":[]}"""), await TypeAsync(push) is var second ? (second.Exit, Compact(second.Shown)) : default);
        Assert.Equal(["6666:secret SPRING 2025550124", "6666:secret SPRING 2025550124"], told);
    }

    [Fact]
    public async Task Only_rows_that_are_allowed_now_become_leads()
    {
        var answered = Write("answered.csv", Header + "7,Ann,O'Hara,(202) 555-0123,'+12025550123,allowed,,2999-01-01T00:00:00Z,x,\r\n8,Bob,Late,202 555 0125,'+12025550125,allowed,,2020-01-01T00:00:00Z,x,\r\n9,Cy,No,202 555 0124,'+12025550124,refused,objected@us,,,\r\n");
        var (exit, shown, said) = await TypeAsync("dialer", "list", answered, "--list-id", "1001", "--out", In("leads.txt"), "--held", In("held.csv"));
        Assert.True(exit == 0, said);
        Assert.Equal(["7", "", "1001", "1", "2025550123"], Assert.Single(File.ReadAllLines(In("leads.txt"))).Split('\t')[..5]);
        Assert.Equal(["stale", "objected@us"], File.ReadAllLines(In("held.csv")).Skip(1).Select(static line => line.Split(',')[3]));
        Assert.DoesNotContain("555012", shown + said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_can_not_be_done_is_told_and_done_by_halves_nowhere()
    {
        var dnc = Write("dnc.txt", "2025550124\n");
        foreach (var (exit, words) in ((int, string[])[])
        [
            (2, ["dialer", "list", Write("plain.csv", "id,phone\r\n1,2025550123\r\n"), "--list-id", "1001", "--out", In("leads.txt")]), (2, ["dialer", "list", In("gone.csv"), "--list-id", "1001", "--out", In("leads.txt")]),
            (2, ["dialer", "list", dnc, "--list-id", "one", "--out", In("leads.txt")]), (2, ["dialer", "list", dnc, "--list-id", "1001", "--out", dnc]),
            (2, ["dialer", "push", dnc, "--server", "http://dialler.example"]), (2, ["dialer", "push", dnc, "--server", vicidial.Urls.Single(), "--campaign", "x&y"]),
            (3, ["dialer", "push", dnc, "--server", "http://127.0.0.1:9"]), (2, ["dialer", "refusals", dnc, "--data", In("none"), "--keys", In("none-keys")]),
        ])
        {
            var answer = await TypeAsync(words);
            Assert.True(answer.Exit == exit, $"{string.Join(' ', words)}: {answer}");
        }

        Assert.Equal(2, (await TypeAsAsync(null, "dialer", "push", dnc, "--server", vicidial.Urls.Single())).Exit);
        Assert.Equal(3, (await TypeAsAsync("6666:wrong", "dialer", "push", dnc, "--server", vicidial.Urls.Single())).Exit);
        Assert.False(File.Exists(In("leads.txt")));
        Assert.Equal("2025550124\n", File.ReadAllText(dnc));
        Assert.Equal(["6666:wrong SYSTEM_INTERNAL 2025550124"], told);
    }

    private string In(string name) => Path.Combine(folder, name);

    private string Write(string name, string text)
    {
        File.WriteAllText(In(name), text);
        return In(name);
    }

    private static string Compact(string json) => System.Text.Json.Nodes.JsonNode.Parse(json)!.ToJsonString();

    private static Task<(int Exit, string Shown, string Said)> TypeAsync(params string[] words) => TypeAsAsync("6666:secret", words);

    private static async Task<(int Exit, string Shown, string Said)> TypeAsAsync(string? account, params string[] words)
    {
        string[] command = [.. ServedProcess.Program, .. words];
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment[VicidialServer.AccountVariable] = account;
        start.Environment["RINGFENCE_DB"] = null;
        start.Environment["RINGFENCE_SIGNER"] = null;
        using var typed = Process.Start(start)!;
        var said = typed.StandardError.ReadToEndAsync();
        var shown = await typed.StandardOutput.ReadToEndAsync();
        await typed.WaitForExitAsync();
        return (typed.ExitCode, shown, await said);
    }
}
