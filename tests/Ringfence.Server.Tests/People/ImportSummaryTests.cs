using System.Globalization;
using Ringfence.Gate;
using Ringfence.Server.Cli;
using Ringfence.Server.People.Import;
using Ringfence.Server.Tests.Ledger;
using Xunit;
using static Ringfence.Server.Tests.People.Importing;

namespace Ringfence.Server.Tests.People;

/// <summary>What an import tells of itself.</summary>
public sealed class ImportSummaryTests : IAsyncLifetime
{
    private House house = null!;

    public async ValueTask InitializeAsync() => house = await House.BuildAsync();

    public async ValueTask DisposeAsync() => await house.DisposeAsync();

    [Theory]
    [InlineData("en", "Imported: 8 rows", "in quarantine", "your name 1")]
    [InlineData("zh-Hans", "已导入 8 行", "隔离中", "您的名称 1")]
    [InlineData("zh-Hant", "已匯入 8 列", "隔離中", "您的名稱 1")]
    public async Task The_summary_tells_what_came_and_what_was_left_in_three_languages(string language, params string[] words)
    {
        var before = CultureInfo.CurrentUICulture;
        try
        {
            CultureInfo.CurrentUICulture = new CultureInfo(language);
            var outcome = await house.ImportAsync(
                "name,phone,email,call_consent,call_consent_date,call_consent_wording,sms_opt_in,age,source,shoe size\n"
                + $"A A,+442079460100,,yes,2026-01-04,{Wording},,,,42\nB B,+442079460101,,yes,2026-01-04,I agree to calls with offers,?,,,\nC C,+442079460102,,pending,,,,17,,\n"
                + "D D,+442079460103,,no,,,,,,\nE E,12345,,,,,,,,\nF F,+442079460105,f@example.org,yes,2030-01-04,,,,bought list,\nG G,+442079460100,,,,,,,,\nH H,+442079460106,,,,,,,scraped,\n");
            Assert.Equal(8, outcome.Batch.Tally.Rows);
            using var text = new StringWriter();
            new ImportSummary(outcome, Options("list.csv"), new TextSheet(text, 100, colour: false)).Write(isQuiet: false);
            Assert.All(words, word => Assert.Contains(word, text.ToString(), StringComparison.Ordinal));
            Assert.Contains("shoe size", text.ToString(), StringComparison.Ordinal);
            using var quiet = new StringWriter();
            new ImportSummary(outcome, Options("list.csv"), new TextSheet(quiet, 100, colour: false)).Write(isQuiet: true);
            Assert.Equal(1, quiet.ToString().Count(static c => c == '\n'));
        }
        finally
        {
            CultureInfo.CurrentUICulture = before;
        }
    }

    [Theory]
    [InlineData("en")]
    [InlineData("zh-Hans")]
    [InlineData("zh-Hant")]
    public void Everything_that_can_be_counted_has_words(string language)
    {
        var culture = new CultureInfo(language);
        foreach (var flaw in Words<Ringfence.Lists.ListedFlaws>.All.Append("pending"))
            Assert.NotEmpty(CliText.Say(culture, "Import.Flaw." + flaw));
        foreach (var cause in Words<QuarantineCause>.All.Skip(1))
            Assert.NotEmpty(CliText.Say(culture, "Import.Quarantine." + cause, "1", ""));
        foreach (var state in Enum.GetValues<ImportState>())
            Assert.NotEmpty(CliText.Say(culture, "Import.State." + state, 1, 2));
    }

    [Fact]
    public async Task Json_holds_the_same_figures()
    {
        var outcome = await house.ImportAsync($"name,phone,call_consent,call_consent_date,call_consent_wording,notes\nA A,+442079460100,yes,2026-01-04,{Wording},x\nB B,12,,,,\n");
        using var json = System.Text.Json.JsonDocument.Parse(ImportJson.Of(outcome));
        var root = json.RootElement;
        Assert.Equal(1, root.GetProperty("import").GetProperty("tally").GetProperty("new").GetInt64());
        Assert.Equal(1, root.GetProperty("rejected").GetInt64());
        Assert.Equal("notes", root.GetProperty("leftOut")[0].GetProperty("column").GetString());
        Assert.Contains("list.csv,2,phone", await File.ReadAllTextAsync(Path.Combine(house.Folder, "rejected.csv"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }
}
