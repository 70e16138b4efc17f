using System.Text.Json;
using Xunit;

namespace Ringfence.Journeys;

/// <summary>Somebody asks about one contact, looks up the rule that stands in the way, and sees that the cases still hold.</summary>
public sealed class GateJourney
{
    private const string Situation = """
        given: clean
        at: 2026-06-14T11:00 Europe/Paris
        ask: { controller: acme, channel: voice, class: marketing, purpose: offers }
        contact: { phone: "+33612345678", residence: FR }
        registers: { fr-bloctel: { screenedAt: 2026-06-05, listed: false } }

        """;

    [Fact]
    public async Task A_call_on_a_Sunday_is_put_off_to_Monday_by_a_rule_that_can_be_looked_up()
    {
        var (exit, output, errors) = await RingfenceProcess.RunAsync(Situation, ["decide", "-", "--json"]);
        Assert.Equal((1, ""), (exit, errors));
        using var json = JsonDocument.Parse(output);
        Assert.Equal("2026-06-15T08:00:00Z", json.RootElement.GetProperty("until").GetString());
        var rule = json.RootElement.GetProperty("reasons")[0].GetProperty("rule").GetString()!;

        var shown = await RingfenceProcess.RunAsync("rules", "show", rule);
        Assert.Equal((0, ""), (shown.Exit, shown.Errors));
        Assert.Contains("10:00", shown.Output, StringComparison.Ordinal);

        var listed = await RingfenceProcess.RunAsync("rules", "list", "--pack", "fr", "--on", "2026-06-14");
        Assert.Contains($"  {rule}\n", listed.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_example_of_the_readme_is_put_off_until_the_next_weekday()
    {
        var (exit, output, _) = await RingfenceProcess.RunAsync("decide", "samples/may-i-call.yaml", "--quiet");
        Assert.Equal(1, exit);
        Assert.Contains("Earliest: Monday 15 June 2026, 10:00 their time", output.Replace('\n', ' '), StringComparison.Ordinal);
    }

    [Fact]
    public async Task On_Monday_it_is_allowed()
    {
        var (exit, output, errors) = await RingfenceProcess.RunAsync(Situation.Replace("06-14", "06-15", StringComparison.Ordinal), ["decide", "-"]);
        Assert.Equal((0, ""), (exit, errors));
        Assert.StartsWith("You may call this person now, Monday 15 June 2026, 11:00 their time", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_cases_that_ship_come_out_as_expected()
    {
        var (exit, output, errors) = await RingfenceProcess.RunAsync("rules", "test");
        Assert.Equal("", errors);
        Assert.Matches(@"^\d{3,} passed, 0 failed\n$", output);
        Assert.Equal(0, exit);
    }

    [Fact]
    public async Task The_rules_of_a_folder_are_compared_with_those_of_the_program()
    {
        var (exit, output, errors) = await RingfenceProcess.RunAsync("rules", "diff", "shipped", "rules", "--cases", "cases/fr");
        Assert.Equal((0, ""), (exit, errors));
        Assert.StartsWith("The rules are the same.", output, StringComparison.Ordinal);
    }
}
