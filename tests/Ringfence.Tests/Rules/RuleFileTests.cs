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
            .Where(f => f.Count(c => c == '/') == 3);
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
        foreach (var text in new[] { rule.Name, rule.Says })
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
    public void No_two_versions_of_a_rule_hold_on_the_same_day()
    {
        foreach (var versions in Rulebook.Shipped.Rules.GroupBy(r => r.Id))
        {
            var inOrder = versions.OrderBy(r => r.From).ToArray();
            foreach (var (earlier, later) in inOrder.Zip(inOrder.Skip(1)))
                Assert.True(earlier.Until <= later.From, $"{earlier.File} overlaps {later.File}");
        }
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

    [Theory]
    [InlineData("extra: 1\n", "unknown key 'extra'")]
    [InlineData("until: 2020-01-01\n", "the end is not after the beginning")]
    [InlineData("id: us-other\n", "Duplicate key")]
    [InlineData("also: [ftp://example.org/]\n", "is no https address")]
    [InlineData("consent-term: { where: [US], channels: [voice], lasts: P1Y, even-if-longer-agreed: true }\n", "states either exposure or a consent-term")]
    public void A_rule_file_that_is_not_in_order_is_refused_with_file_and_line(string added, string why)
    {
        var error = Assert.Throws<RuleFileException>(() => ReadRule(GoodRule + added));
        Assert.Contains(why, error.Message, StringComparison.OrdinalIgnoreCase);
        Assert.StartsWith(GoodFile + ":", error.Message, StringComparison.Ordinal);
        Assert.True(error.Line > 0);
    }

    [Theory]
    [InlineData("most: 1500", "most: 1,500", "is no amount")]
    [InlineData("most: 1500", "most: 100", "is more than the most")]
    [InlineData("channels: [sms]", "channels: [telex]", "is no channel")]
    [InlineData("where: [US]", "where: [Utopia]", "neither a code")]
    [InlineData("where: [US]", "where: []", "no place is named")]
    [InlineData("from: 2024-01-01", "from: 2024-13-01", "is no day")]
    [InlineData("from: 2024-01-01", "from: 2024-01-02", "the file should be")]
    [InlineData("certainty: verified", "certainty: sure", "is none of")]
    [InlineData("  zh-Hant: c", "  zh-Hant: ''", "has to be a text")]
    [InlineData("cites: Act 1", "", "'cites' is missing")]
    [InlineData("currency: USD", "currency: dollars", "three capital letters")]
    [InlineData("per: contact", "per: contact\n  tip: 1", "unknown key 'tip'")]
    public void A_wrong_value_is_refused_with_file_and_line(string right, string wrong, string why)
    {
        Assert.Contains(right, GoodRule, StringComparison.Ordinal);
        var error = Assert.Throws<RuleFileException>(() => ReadRule(GoodRule.Replace(right, wrong, StringComparison.Ordinal)));
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
        Assert.StartsWith(GoodFile + ":", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_rule_file_in_order_is_read()
    {
        var rule = ReadRule(GoodRule);
        Assert.Equal("us-test", rule.Id);
        Assert.True(rule.HoldsOn(new LocalDate(2024, 1, 1)));
        Assert.False(rule.HoldsOn(new LocalDate(2023, 12, 31)));
        Assert.Equal(1500, rule.Exposure!.Most);
    }

    private const string GoodFile = "rules/us/exposure-test/2024-01-01.yaml";

    private const string GoodRule =
        """
        id: us-test
        name:
          en: a
          zh-Hans: b
          zh-Hant: c
        says: { en: a, zh-Hans: b, zh-Hant: c }
        cites: Act 1
        source: https://example.org/act
        certainty: verified
        grade: statute
        from: 2024-01-01
        exposure:
          jurisdiction: US
          where: [US]
          channels: [sms]
          per: contact
          currency: USD
          least: 500
          most: 1500

        """;

    private static Rule ReadRule(string text)
    {
        using var reader = new StringReader(text);
        return RuleReader.Read(GoodFile, reader, new Dictionary<string, IReadOnlySet<string>>());
    }

    private static bool IsHan(char c) => c is >= '\u4e00' and <= '\u9fff';
}
