using System.Diagnostics;
using System.Text.Json;
using Ringfence.Ledger;
using Ringfence.Server.Rights;
using Ringfence.Server.Tests.Gateways;
using Ringfence.Server.Tests.Ledger;
using Ringfence.Server.Tests.Storage;
using Xunit;

namespace Ringfence.Server.Tests.Rights;

/// <summary>Privacy officers without a browser: the same steps as on the pages, with exit codes that a script can go by.</summary>
public sealed class RequestsCliTests : IAsyncLifetime
{
    private const string Ann = "+447400123456";

    private House house = null!;
    private string channels = "";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        house = await House.BuildAsync();
        await house.CloseAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (house is not null)
            await house.DisposeAsync();
    }

    [Fact]
    public async Task One_that_came_by_letter_is_entered_listed_shown_identified_and_answered()
    {
        var (exit, output, error) = await RunAsync("enter", Ann, "--kind", "access", "--place", "us-ca", "--text", File("What do you know?"), "--json");
        Assert.True(exit == 0, error);
        var entered = Json(output);
        var number = entered.GetProperty("number").GetString()!;
        Assert.Equal("unidentified", entered.GetProperty("state").GetString());

        (_, output, _) = await RunAsync("list");
        Assert.StartsWith($"{number}\taccess\tunidentified\t", output, StringComparison.Ordinal);
        Assert.Equal(number, Json((await RunAsync("list", "--json")).Output)[0].GetProperty("number").GetString());
        Assert.DoesNotContain("7400", output, StringComparison.Ordinal);

        (exit, output, error) = await RunAsync("show", number.ToLowerInvariant());
        Assert.True(exit == 0, error);
        foreach (var text in (string[])[number, Ann, "What do you know?", "Not shown yet", "Confirm by", "California"])
            Assert.Contains(text, output, StringComparison.Ordinal);
        Assert.Equal("What do you know?", Json((await RunAsync("show", number, "--json")).Output).GetProperty("text").GetString());

        // Nothing is handed out before anybody knows that it is them; nor without a word.
        Assert.Equal((1, ""), (await RunAsync("answer", number, "--text", File("Here it is"))) is var early ? (early.Exit, early.Output) : default);
        Assert.Equal(0, (await RunAsync("answer", number, "--do", "identify")).Exit);
        Assert.Equal(2, (await RunAsync("answer", number)).Exit);
        Assert.Equal(2, (await RunAsync("answer", number, "--do", "extend")).Exit);
        // Nothing counts before they were told, by a message or by whoever says on which day.
        Assert.Equal((1, ""), (await RunAsync("answer", number, "--do", "extend", "--text", File("Many ask"))) is var untold ? (untold.Exit, untold.Output) : default);
        Assert.Equal(2, (await RunAsync("answer", number, "--do", "extend", "--text", File("Many ask"), "--told", "2999-01-01")).Exit);
        var day = DateTime.UtcNow.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
        Assert.Contains("noted on which day", (await RunAsync("answer", number, "--do", "extend", "--text", File("Many ask"), "--told", day)).Output, StringComparison.Ordinal);
        using (var folder = new GatewayFolder())
        {
            folder.Open(GatewayFolder.Files).Dispose();
            channels = Path.Combine(Path.GetDirectoryName(folder.Out)!, "channels.yaml");
            (exit, output, error) = await RunAsync("answer", number, "--text", File("Here it is"), "--json");
            Assert.True(exit == 0, error);
            Assert.True(Json(output).GetProperty("sent").GetBoolean());
            Assert.Contains("Here it is", Assert.Single(folder.Messages()).GetProperty("text").GetString(), StringComparison.Ordinal);
            channels = "";
        }

        Assert.Equal(1, (await RunAsync("answer", number, "--do", "refuse", "--text", File("No"))).Exit);
        Assert.Empty((await RunAsync("list")).Output);
        Assert.StartsWith($"{number}\taccess\tanswered\t", (await RunAsync("list", "--closed")).Output, StringComparison.Ordinal);

        await house.ReopenAsync();
        var records = await house.RecordsAsync();
        Assert.Equal(2, records.Count(static record => record.Type == RecordType.StaffRevealed && record.Actor.Ref == "ada" && record.Detail?["view"]?.AsText == "request"));
        Assert.Equal(["identified", "extended"], records.Where(static record => record.Type == RecordType.RequestProgressed).Select(static record => record.Detail!["step"]!.AsText));
        Assert.Equal([null, day], records.Where(static record => record.Type == RecordType.RequestProgressed).Select(static record => record.Detail!["told"]?.AsText));
        Assert.Empty(await house.SuppressionsAsync(Ann));
        Assert.Empty(await house.FaultsAsync());
    }

    [Fact]
    public async Task What_stops_contact_stops_it_and_what_cant_be_used_writes_nothing()
    {
        foreach (string[] line in (string[][])[
            ["enter", "nobody", "--kind", "access"], ["enter", Ann], ["enter", Ann, "--kind", "everything"], ["enter", Ann, "--kind", "access", "--day", "2999-01-01"], ["enter", Ann, "--kind", "access", "--place", "atlantis"],
            ["enter", Ann, "--kind", "complaint", "--reason", "none"], ["enter", Ann, "--kind", "access", "--text", File(new string('x', 4_001))], ["enter", Ann, "--kind", "access", "--text", "missing.txt"]])
        {
            Assert.Equal((2, ""), (await RunAsync(line)) is var refused ? (refused.Exit, refused.Output) : default);
        }

        Assert.Equal(1, (await RunAsync("show", "R-0000-0000")).Exit);
        Assert.Equal(1, (await RunAsync("answer", "R-0000-0000", "--do", "resume")).Exit);
        var (exit, _, error) = await RunAsync("enter", Ann, "--kind", "complaint", "--reason", "too-often", "--day", DateTime.UtcNow.AddDays(-3).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture), "--in", "zh-Hant");
        Assert.True(exit == 0, error);
        foreach (var command in (string[])["list", "show", "enter", "answer"])
            Assert.Equal(0, (await RunAsync(command, "--help")).Exit);

        await house.ReopenAsync();
        Assert.NotEmpty(await house.SuppressionsAsync(Ann));
        var row = Assert.Single(await house.Installation.Store.RightsRequestsAsync(house.Ledger.Ledger, Cancel).ToListAsync(Cancel));
        Assert.Equal(("complaint", "zh-Hant", "open"), (row.Kind, row.Language, row.State));
        Assert.Empty(await house.FaultsAsync());
    }

    private string File(string text)
    {
        var path = Path.Combine(house.Folder, Guid.NewGuid().ToString("N") + ".txt");
        System.IO.File.WriteAllText(path, text + "\n");
        return path;
    }

    private async Task<(int Exit, string Output, string Error)> RunAsync(params string[] line)
    {
        var options = House.In(house.Folder);
        string[] who = line is [_, "--help"] ? [] : ["--data", options.Data, "--keys", options.Keys!, "--as", "ada"];
        var start = new ProcessStartInfo(ServedProcess.Program[0], [.. ServedProcess.Program[1..], "rights", .. line, "--lang", "en", .. who]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["RINGFENCE_CHANNELS"] = channels;
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync(Cancel);
        var output = await process.StandardOutput.ReadToEndAsync(Cancel);
        await process.WaitForExitAsync(Cancel);
        return (process.ExitCode, output, await error);
    }

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;
}
