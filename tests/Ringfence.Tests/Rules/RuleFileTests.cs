using NodaTime;
using Ringfence.Rules;
using Xunit;

namespace Ringfence.Tests.Rules;

/// <summary>Every rule that ships can be traced, read in three languages, and dated.</summary>
public sealed class RuleFileTests
{
    public static TheoryData<string> Files => [.. Rulebook.Shipped.Rules.Select(r => r.File)];

    private static Rule RuleOf(string file) => Rulebook.Shipped.Rules.Single(r => r.File == file);

    [Fact]
    public void Every_rule_file_of_the_repository_is_in_the_library()
    {
        var onDisk = Directory.EnumerateFiles(Path.Combine(Repository.Root, "rules"), "*.yaml", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(Repository.Root, f).Replace('\\', '/'))
            .Where(f => f.Count(c => c == '/') == 3 && !f.StartsWith("rules/calendars/", StringComparison.Ordinal));
        Assert.Equal(onDisk.Order(StringComparer.Ordinal), Rulebook.Shipped.Rules.Select(r => r.File));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void A_rule_cites_a_provision_and_a_public_address(string file)
    {
        var rule = RuleOf(file);
        Assert.NotEmpty(rule.Cites);
        Assert.All(rule.Sources, s => Assert.Equal("https", s.Scheme));
        Assert.All(rule.Sources, s => Assert.Contains('.', s.Host));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void A_rule_speaks_three_languages(string file)
    {
        var rule = RuleOf(file);
        foreach (var text in new[] { rule.Name ?? rule.Says, rule.Says })
        {
            Assert.DoesNotContain(text.En, IsHan);
            Assert.Contains(text.ZhHans, IsHan);
            Assert.Contains(text.ZhHant, IsHan);
        }

        Assert.NotEqual(rule.Says.ZhHans, rule.Says.ZhHant);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void The_sentence_of_a_rule_states_its_figures(string file)
    {
        var rule = RuleOf(file);
        if (rule.Exposure is not { } exposure)
            return;
        foreach (var amount in new[] { exposure.Least, exposure.Most })
        {
            if (amount is not { } figure)
                continue;
            var words = figure switch
            {
                >= 1_000_000 => string.Create(null, $"{figure / 1_000_000:0.##} million"),
                _ => figure.ToString("#,##0", null),
            };
            Assert.Contains(words, rule.Says.En, StringComparison.Ordinal);
        }

        if (exposure.TurnoverPercent is { } percent)
            Assert.Contains($"{percent} %", rule.Says.En, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_code_of_what_is_left_out_has_its_sentence_and_every_sentence_its_use()
    {
        string[] computed = ["currency", "turnover-not-given", "unknown-residence", "unknown-state", "no-figure"];
        var used = Rulebook.Shipped.Rules.SelectMany(r => r.Exposure?.LeavesOut ?? []).Concat(computed).Distinct();
        Assert.Equal(used.Order(StringComparer.Ordinal), Rulebook.Shipped.LeftOut.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_economic_area_is_thirty_countries_and_seven_regions_with_codes_of_their_own()
    {
        var area = Rulebook.Shipped.Rules.First(r => r.Id == "eu-gdpr").Exposure!.Where;
        Assert.Equal(37, area.Count);
        Assert.DoesNotContain("GB", area);
        Assert.DoesNotContain("CH", area);
    }

    private static bool IsHan(char c) => c is >= '\u4e00' and <= '\u9fff';
}
