using NodaTime;
using Ringfence.Rules;
using Xunit;

namespace Ringfence.Tests.Rules;

/// <summary>Rule files that are not in order are refused, at the line and column that is wrong, with what was expected.</summary>
public sealed class RuleFileErrorTests
{
    [Fact]
    public void A_rule_file_in_order_is_read()
    {
        var rule = ReadRule(Cost);
        Assert.Equal("us-test", rule.Id);
        Assert.True(rule.HoldsOn(new LocalDate(2024, 1, 1)));
        Assert.False(rule.HoldsOn(new LocalDate(2023, 12, 31)));
        Assert.Equal(1500, rule.Exposure!.Most);
    }

    [Theory]
    [InlineData("extra: 1\n", "19:1: unknown key 'extra'; known are")]
    [InlineData("grad: statute\n", "was 'grade' meant?")]
    [InlineData("until: 2020-01-01\n", "19:8: 'until': the end is not after the beginning")]
    [InlineData("id: us-other\n", "19:1: the key 'id' stands twice")]
    [InlineData("also: [ftp://example.org/]\n", "19:8: 'ftp://example.org/' is no https address")]
    [InlineData("refuse: sector-ban\n", "a rule has one body, and this one has refuse and exposure")]
    [InlineData("consent-term: { where: [US], channels: [voice], lasts: P1Y, even-if-longer-agreed: true }\n", "a rule has one body, and this one has consent-term and exposure")]
    [InlineData("when: { channel: [sms] }\n", "19:7: 'when': exposure states whom it reaches")]
    public void What_is_added_wrongly_is_found(string added, string why) => Refused(Cost + added, why);

    private const string CostFile = "rules/us/exposure-test/2024-01-01.yaml";

    private const string Cost =
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
          most: 1500

        """;

    private static Rule ReadRule(string text)
    {
        using var reader = new StringReader(text);
        return RuleReader.Read(CostFile, reader, PlaceGroups.None, null);
    }

    private static void Refused(string text, string why)
    {
        var error = Assert.Throws<RuleFileException>(() => ReadRule(text));
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
        Assert.StartsWith($"{CostFile}:{error.Line}:{error.Column}: ", error.Message, StringComparison.Ordinal);
    }
}
