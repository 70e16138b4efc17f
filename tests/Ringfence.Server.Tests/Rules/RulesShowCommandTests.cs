using System.Text.Json;
using NodaTime;
using Ringfence.Server.Rules;
using Xunit;

namespace Ringfence.Server.Tests.Rules;

public sealed class RulesShowCommandTests : IDisposable
{
    private const string FrenchCases = """
        cases:
          - case: a Tuesday at half past one
            source: https://law.example/hours
            given: clean
            at: 2026-06-09T13:30 Europe/Paris
            ask: { channel: voice, class: marketing, purpose: offers }
            contact: { phone: "+33612345678", residence: FR }
            registers: { fr-bloctel: { screenedAt: 2026-06-01, listed: false } }
            expect: { verdict: deferred, first: hours@fr-hours }
            but:
              - case: half an hour later nothing of it is left
                at: 2026-06-09T14:00 Europe/Paris
                expect: { verdict: allowed }
              - case: a Saturday, which no rule is named for
                at: 2026-06-13T11:00 Europe/Paris
                expect: { verdict: deferred }

        """;

    private static readonly LocalDate Day = new(2026, 6, 1);

    private readonly RuleFolders folders = new();

    public void Dispose() => folders.Dispose();

    [Fact]
    public void A_rule_is_shown_in_all_its_versions_with_the_cases_that_show_it()
    {
        var cases = folders.Cases(FrenchCases);
        var (code, output, errors) = Commands.Run((output, errors) => RulesShowCommand.Run(new("fr-hours", Day), [cases], false, output, errors));
        Assert.Equal((0, ""), (code, errors));
        Golden.Matches("rules-show-fr-hours", output.Replace(cases, "cases.yaml", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("zh-Hans", "nl-hours；荷兰（nl）", "2020 年 1 月 1 日起（现行）", "案例（1）")]
    [InlineData("zh-Hant", "nl-hours；荷蘭（nl）", "2020 年 1 月 1 日起（現行）", "案例（1）")]
    public void It_is_shown_in_the_language_of_the_run(string language, params string[] lines)
    {
        var output = Show("nl-hours", language: language).Output.Split('\n');
        Assert.All(lines, line => Assert.Contains(line, output));
    }

    [Fact]
    public void A_rule_to_come_is_told_from_one_in_force()
    {
        var output = Show("nl-calls", on: new LocalDate(2021, 6, 30)).Output;
        Assert.Contains("\nsince 1 July 2021 (to come)\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_an_id_there_is_none_of_the_nearest_are_told()
    {
        Assert.Equal((2, "", "ringfence: There is no rule 'nl-hour'. Was one of these meant? nl-hours\n"), Show("nl-hour"));
        Assert.Equal((2, "", "ringfence: There is no rule 'calls'. Was one of these meant? nl-calls\n"), Show("calls"));
        var (code, output, errors) = Show("xyzzy");
        Assert.Equal((2, ""), (code, output));
        Assert.Contains("ringfence rules list", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Json_has_versions_passage_and_cases()
    {
        using var json = JsonDocument.Parse(Show("nl-hours", json: true).Output);
        var version = Assert.Single(json.RootElement.GetProperty("versions").EnumerateArray());
        Assert.Equal("when: { channel: [voice], class: [marketing] }\nhours:\n  open: [{ days: mon-fri, from: \"10:00\", until: \"20:00\" }]", version.GetProperty("passage").GetString());
        var shown = Assert.Single(json.RootElement.GetProperty("cases").EnumerateArray());
        Assert.Equal(("at half past nine", "deferred", 12), (shown.GetProperty("case").GetString(), shown.GetProperty("verdict").GetString(), shown.GetProperty("line").GetInt32()));
    }

    private (int Code, string Output, string Errors) Show(string id, LocalDate? on = null, bool json = false, string language = "en")
    {
        var (rules, cases) = (folders.Rules(), folders.Cases(RuleFolders.TwoCases));
        return Commands.Run((output, errors) => RulesShowCommand.Run(new(id, on ?? Day, false, rules), [cases], json, output, errors), language);
    }
}
