using System.Text.Json;
using Ringfence.Server.Rules;
using Xunit;

namespace Ringfence.Server.Tests.Rules;

public sealed class RulesDiffCommandTests : IDisposable
{
    private readonly RuleFolders folders = new();

    public void Dispose() => folders.Dispose();

    [Fact]
    public void Sets_that_are_alike_have_no_difference()
    {
        var (code, output, errors) = Diff(folders.Rules(name: "a"), folders.Rules(name: "b"));
        Assert.Equal((0, "The rules are the same.\n\n0 of 2 cases come out otherwise.\n", ""), (code, output, errors));
    }

    [Fact]
    public void Rules_that_changed_and_the_cases_that_come_out_otherwise_are_told()
    {
        var (before, after) = (folders.Rules(name: "a"), folders.Rules("{ days: mon-fri, from: \"09:00\", until: \"10:30\" }", "b", withConsent: false));
        var (code, output, errors) = Diff(before, after);
        Assert.Equal((1, ""), (code, errors));
        var cases = Path.Combine(folders.Root, "cases.yaml");
        Assert.Equal(
            $"""

            Rules removed (1)
              nl-calls  rules/nl/calls/2021-07-01.yaml

            Rules changed (1)
              nl-hours  rules/nl/hours/2020-01-01.yaml

            {cases}:5: on a Tuesday at eleven
              verdict      allowed → deferred
              until        none → 2026-06-10T07:00:00Z
              first reason none → hours@nl-hours
              reasons      now hours@nl-hours

            {cases}:12: at half past nine
              verdict      deferred → allowed
              until        2026-06-09T08:00:00Z → none
              first reason hours@nl-hours → none
              reasons      no longer hours@nl-hours

            2 of 2 cases come out otherwise.

            """.ReplaceLineEndings("\n"),
            output);
    }

    [Theory]
    [InlineData("zh-Hans", "2 个案例中，1 个结果不同。")]
    [InlineData("zh-Hant", "2 個案例中，1 個結果不同。")]
    public void It_is_told_in_the_language_of_the_run(string language, string count) =>
        Assert.EndsWith(count + "\n", Diff(folders.Rules(name: "a"), folders.Rules("{ days: mon-fri, from: \"09:00\", until: \"20:00\" }", "b"), language: language).Output, StringComparison.Ordinal);

    [Fact]
    public void Json_tells_the_same()
    {
        var output = Diff(folders.Rules(name: "a"), folders.Rules(name: "b", withConsent: false), json: true).Output;
        using var json = JsonDocument.Parse(output);
        Assert.Equal("nl-calls", Assert.Single(json.RootElement.GetProperty("removed").EnumerateArray()).GetProperty("id").GetString());
        Assert.Empty(json.RootElement.GetProperty("differences").EnumerateArray());
        Assert.Equal(2, json.RootElement.GetProperty("cases").GetInt32());
    }

    [Fact]
    public void A_set_that_cannot_be_read_is_refused()
    {
        var (code, output, _) = Diff(folders.Rules(name: "a"), Path.Combine(folders.Root, "none"));
        Assert.Equal((2, ""), (code, output));
    }

    private (int Code, string Output, string Errors) Diff(string before, string after, bool json = false, string language = "en")
    {
        var cases = folders.Cases(RuleFolders.TwoCases);
        return Commands.Run((output, errors) => RulesDiffCommand.Run(before, after, [cases], json, output, errors), language);
    }
}
