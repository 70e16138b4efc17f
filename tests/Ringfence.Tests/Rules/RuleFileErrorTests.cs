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

    [Theory]
    [InlineData("most: 1500", "most: 1,500", "18:9: 'most': '1,500' is no amount")]
    [InlineData("most: 1500", "least: 2000\n  most: 1500", "18:10: 'least': is more than the most")]
    [InlineData("most: 1500", "turnover-percent: 101", "18:21: 'turnover-percent': is more than all")]
    [InlineData("most: 1500", "leaves-out: [x]", "13:3: 'most': neither an amount nor a share")]
    [InlineData("channels: [sms]", "channels: [telex]", "15:14: 'telex' is none of voice, voice-auto,")]
    [InlineData("channels: [sms]", "channels: []", "15:13: 'channels': the list is empty")]
    [InlineData("where: [US]", "where: [Utopia]", "14:11: 'where': 'Utopia' is neither a code of ISO 3166 nor a group")]
    [InlineData("where: [US]", "where: []", "14:10: 'where': no place is named")]
    [InlineData("from: 2024-01-01", "from: 2024-13-01", "11:7: 'from': '2024-13-01' is no day")]
    [InlineData("from: 2024-01-01", "from: 2024-01-02", "1:5: 'id': by its id and first day the file should be rules/us/exposure-test/2024-01-02.yaml")]
    [InlineData("id: us-test", "id: ca-test", "1:5: 'id': 'ca-test' has to begin with the prefix of its pack, 'us-'")]
    [InlineData("id: us-test", "id: US test", "1:5: 'id': 'US test' is no name in small letters")]
    [InlineData("jurisdiction: US", "jurisdiction: CA", "13:3: 'exposure': jurisdiction 'CA' belongs in rules/ca")]
    [InlineData("jurisdiction: US", "jurisdiction: USA", "13:17: 'jurisdiction': 'USA' is neither EU nor a code")]
    [InlineData("certainty: verified", "certainty: sure", "9:12: 'certainty': 'sure' is none of verified, secondary, to-verify")]
    [InlineData("grade: statute", "grade: law", "10:8: 'grade': 'law' is none of")]
    [InlineData("  zh-Hant: c", "  zh-Hant: ''", "5:12: 'zh-Hant' has to be a text")]
    [InlineData("  zh-Hant: c", "  zh-TW: c", "3:3: 'zh-Hant' is missing")]
    [InlineData("cites: Act 1", "", "1:1: 'cites' is missing")]
    [InlineData("cites: Act 1", "cites: null", "7:8: 'cites' has to be a text")]
    [InlineData("cites: Act 1", "cites: [a, b]", "7:8: 'cites' has to be a text")]
    [InlineData("cites: Act 1", "cites: *act", "7:8: anchors and aliases are not read")]
    [InlineData("cites: Act 1", "cites: &act Act 1", "7:8: anchors and aliases are not read")]
    [InlineData("cites: Act 1", "cites: !!str Act 1", "7:8: tags such as")]
    [InlineData("cites: Act 1", "cites: \"Act 1", "this is no YAML")]
    [InlineData("cites: Act 1", "[a]: Act 1", "7:1: a key has to be a plain word")]
    [InlineData("source: https://example.org/act", "source: [https://a.org/, https://b.org/]", "8:9: 'source': one address is wanted")]
    [InlineData("source: https://example.org/act", "also: https://a.org/", "1:1: 'source' is missing")]
    [InlineData("currency: USD", "currency: dollars", "17:13: 'currency': three capital letters")]
    [InlineData("per: contact", "per: contact\n  tip: 1", "17:3: unknown key 'tip'; known are jurisdiction,")]
    [InlineData("exposure:", "exposures:", "12:1: unknown key 'exposures'")]
    public void A_wrong_value_is_refused_where_it_stands(string right, string wrong, string why)
    {
        Assert.Contains(right, Cost, StringComparison.Ordinal);
        Refused(Cost.Replace(right, wrong, StringComparison.Ordinal), why);
    }

    [Theory]
    [InlineData("until: 2024-01-01\nrefuse: sector-ban\n", 1, 8, "the end is not after the beginning")]
    [InlineData("state: on\nrefuse: sector-ban\n", 1, 8, "'on' is none of disabled, suspended")]
    [InlineData("from-is: about\nrefuse: sector-ban\n", 1, 10, "'about' is none of at-latest")]
    [InlineData("aspect: hours\nrefuse: sector-ban\n", 1, 9, "is for the pack that covers the rest")]
    [InlineData("reaches: [phone]\nrefuse: sector-ban\n", 1, 11, "'phone' is none of person, area-code, area-code-rebuttable, controller")]
    [InlineData("name: { en: a, zh-Hans: b, zh-Hant: c }\nrefuse: sector-ban\n", 1, 7, "is for exposure and consent-term")]
    [InlineData("refuse: sector-ban\ncontent: [label]\n", 2, 10, "a rule has one body, and this one has refuse and content")]
    [InlineData("obliges-when: applied\nnote: advice\n", -6, 1, "'obliges' is missing")]
    [InlineData("when: { channel: [sms] }\n", -6, 1, "'ground', 'refuse', 'demand'")]
    [InlineData("consent-term: { lasts: P1Y, channels: [sms], even-if-longer-agreed: true }\n", -6, 1, "'name' is missing")]
    public void A_rule_of_the_gate_that_is_wrong_is_refused_where_it_stands(string body, int line, int column, string why) =>
        SampleRule.Refused(body, line, column, why);

    [Fact]
    public void The_head_of_a_rule_is_read_whole()
    {
        var rule = SampleRule.Read("until: 2025-01-01\nfrom-is: at-latest\nstate: suspended\ncontested: by a court\nreading: so\nalso: https://a.org/\nreaches: [controller, area-code]\nrefuse: sector-ban\n");
        Assert.Equal((new LocalDate(2025, 1, 1), true, RuleState.Suspended, "by a court", "so"), (rule.Until, rule.FromIsAtLatest, rule.State, rule.Contested, rule.Reading));
        Assert.Equal(["https://example.org/act", "https://a.org/"], rule.Sources.Select(source => source.OriginalString));
        Assert.Equal((Reach.Controller | Reach.AreaCode, "fr", (RuleText?)null), (rule.Reaches, rule.Pack, rule.Name));
        Assert.Equal(Reach.AreaCode, SampleRule.Read("note: advice\n", SampleRule.Pack with { Reaches = Reach.AreaCode }).Reaches);
        Assert.Equal(Aspects.Hours | Aspects.Cap, SampleRule.Read("aspect: [hours, cap]\nnote: advice\n", SampleRule.Pack with { Rest = true }).Aspect);
    }

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
