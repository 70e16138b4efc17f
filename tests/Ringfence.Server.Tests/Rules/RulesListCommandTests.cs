using System.Text.Json;
using NodaTime;
using Ringfence.Server.Rules;
using Xunit;

namespace Ringfence.Server.Tests.Rules;

public sealed class RulesListCommandTests : IDisposable
{
    private readonly RuleFolders folders = new();

    public void Dispose() => folders.Dispose();

    [Fact]
    public void Rules_are_listed_by_pack_with_what_they_say_since_when_and_how_certain_that_is()
    {
        var (code, output, errors) = List(new LocalDate(2026, 6, 1));
        Assert.Equal((0, ""), (code, errors));
        Assert.Equal(
            """
            Rules that hold on 1 June 2026.

            The Netherlands (nl); reviewed 1 January 2026
              nl-calls
                Consumers may be called to sell only with their consent.
                since 1 July 2021; verified, statute
              nl-hours
                Consumers may be called from Monday to Friday, 10:00 to 20:00.
                since 1 January 2020; secondary, self-regulation

            Rules: 2; packs: 1.

            """.ReplaceLineEndings("\n"),
            output);
    }

    [Theory]
    [InlineData("zh-Hans", "荷兰（nl）；2026 年 1 月 1 日复核", "2021 年 7 月 1 日起；已核实、法律")]
    [InlineData("zh-Hant", "荷蘭（nl）；2026 年 1 月 1 日複核", "2021 年 7 月 1 日起；已核實、法律")]
    public void The_list_is_in_the_language_of_the_run(string language, string pack, string rule)
    {
        var lines = List(new LocalDate(2026, 6, 1), language: language).Output.Split('\n').Select(line => line.Trim()).ToArray();
        Assert.Contains(pack, lines);
        Assert.Contains(rule, lines);
    }

    [Fact]
    public void Only_rules_of_the_day_are_listed_and_how_many_there_are_besides()
    {
        var output = List(new LocalDate(2021, 6, 30)).Output;
        Assert.DoesNotContain("nl-calls", output, StringComparison.Ordinal);
        Assert.Contains("nl-hours", output, StringComparison.Ordinal);
        Assert.Contains("Versions that are past or to come: 1; --all shows them.", output, StringComparison.Ordinal);
        Assert.Contains("nl-calls", List(new LocalDate(2021, 6, 30), all: true).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void One_pack_may_be_asked_for_and_one_there_is_none_of_is_refused()
    {
        Assert.Contains("nl-hours", List(new LocalDate(2026, 6, 1), pack: "nl").Output, StringComparison.Ordinal);
        var (code, output, errors) = List(new LocalDate(2026, 6, 1), pack: "de");
        Assert.Equal((2, "", "ringfence: There is no pack 'de'. There are: nl.\n"), (code, output, errors));
    }

    [Fact]
    public void Json_is_a_list_of_rules()
    {
        using var json = JsonDocument.Parse(List(new LocalDate(2026, 6, 1), json: true).Output);
        Assert.Equal(["nl-calls", "nl-hours"], json.RootElement.EnumerateArray().Select(rule => rule.GetProperty("id").GetString()));
        var hours = json.RootElement[1];
        Assert.Equal(("2020-01-01", "in-force", "secondary", "nl"), (hours.GetProperty("from").GetString(), hours.GetProperty("state").GetString(), hours.GetProperty("certainty").GetString(), hours.GetProperty("pack").GetString()));
        Assert.Equal("只能在周一至周五 10:00–20:00 致电消费者。", hours.GetProperty("says").GetProperty("zh-Hans").GetString());
    }

    [Fact]
    public void All_rules_of_the_program_can_be_listed()
    {
        var (code, output, errors) = Commands.Run((output, errors) => RulesListCommand.Run(new(null, new LocalDate(2026, 6, 1), true, null), false, output, errors));
        Assert.Equal((0, ""), (code, errors));
        Assert.All(Ringfence.Rules.Rulebook.Shipped.Rules, rule => Assert.Contains($"  {rule.Id}\n", output, StringComparison.Ordinal));
    }

    private (int Code, string Output, string Errors) List(LocalDate on, bool all = false, string? pack = null, bool json = false, string language = "en") =>
        Commands.Run((output, errors) => RulesListCommand.Run(new(pack, on, all, folders.Rules()), json, output, errors), language);
}
