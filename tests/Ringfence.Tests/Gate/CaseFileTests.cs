using NodaTime;
using NodaTime.Text;
using Ringfence.Gate;
using Ringfence.Rules;
using Xunit;

namespace Ringfence.Tests.Gate;

/// <summary>Cases start from given facts, from the defaults of their file, and from each other, and state only what differs.</summary>
public sealed class CaseFileTests
{
    private static IReadOnlyList<WorkedCase> Read(string text) => CaseFile.Read("cases/x.yaml", text);

    [Fact]
    public void A_case_that_starts_from_another_states_only_what_differs()
    {
        var cases = Read(
            """
            defaults:
              ask: { channel: voice, purpose: offers, class: marketing }
              contact: { residence: FR, verified: false }
            cases:
              - case: the first
                source: Act 1
                reading: strictly
                given: clean
                at: 2026-06-09T11:00 Europe/Paris
                contact: { age: 17 }
                consents: [{ channels: [voice] }, { channels: [sms] }]
                expect: { verdict: allowed, obligations: [identity] }
                but:
                  - case: the second
                    ask: { channel: sms, callerId: { shown: null } }
                    consents: [{ channels: [email] }]
                    contact: null
                    expect: { verdict: refused, first: no-consent }
                    but:
                      - case: the third
                        source: https://example.org/
                        at: 2026-06-10T11:00 Europe/Paris
                        contact: { age: 20 }
                        expect: { verdict: deferred, until: 2026-06-10T12:00 Europe/Paris, first: hours@fr-hours }
                  - case: the fourth
                    expect: { without: [cap] }
              - case: the fifth
                source: Act 2
                at: 2026-06-09T11:00:00Z
                expect: { verdict: refused }

            """);
        Assert.Equal(["the first", "the second", "the third", "the fourth", "the fifth"], cases.Select(one => one.Name));
        Assert.Equal(["Act 1", "Act 1", "https://example.org/", "Act 1", "Act 2"], cases.Select(one => one.Source));
        Assert.Equal(["strictly", null, null, null, null], cases.Select(one => one.Reading));
        Assert.Equal([5, 14, 20, 25, 27], cases.Select(one => one.Line));
        Assert.All(cases, one => Assert.Equal("cases/x.yaml", one.File));

        var (first, second, third, fourth, fifth) = (cases[0].Situation, cases[1].Situation, cases[2].Situation, cases[3].Situation, cases[4].Situation);
        // What a case states outweighs the defaults, which outweigh what is given.
        Assert.Equal((new PersonAge(17, false), false, Audience.B2c), (first.Contact.Age, first.Contact.Verified, first.Contact.Audience));
        Assert.Equal((Technique.Manual, "offers", true), (first.Ask.Technique, first.Ask.Purpose, first.Ask.CallerId!.Shown));
        // Mappings are merged, lists replaced, and null makes a fact unknown; the technique follows the channel.
        Assert.Equal((Channel.Sms, "offers", Technique.Bulk), (second.Ask.Channel, second.Ask.Purpose, second.Ask.Technique));
        Assert.Equal((null, true), (second.Ask.CallerId!.Shown, second.Ask.CallerId.Entitled));
        Assert.Equal(ChannelSet.Email, Assert.Single(second.Consents!).Channels);
        Assert.Equal((null, null, null), (second.Contact.Age, second.Contact.Residence, second.Contact.Audience));
        Assert.Equal((new PersonAge(20, true), null), (third.Contact.Age, third.Contact.Residence));
        Assert.Equal(Channel.Sms, third.Ask.Channel);
        Assert.Equal(first.At + Duration.FromDays(1), third.At);
        Assert.Equal((first.Ask, 2), (fourth.Ask, fourth.Consents!.Count));
        // Defaults hold for each case; what one case was given, another was not.
        Assert.Equal((Channel.Voice, null, null, false), (fifth.Ask.Channel, fifth.Ask.Technique, fifth.Seller.Country, fifth.Contact.Verified));

        Assert.Equal(new ExpectedReason(ReasonCode.Hours, "fr-hours"), cases[2].Expected.First);
        Assert.Equal(InstantPattern.ExtendedIso.Parse("2026-06-10T10:00:00Z").Value, cases[2].Expected.Until);
        Assert.Equal(ObligationCode.Identity, Assert.Single(cases[0].Expected.Obligations));
        Assert.Empty(cases[1].Expected.Obligations);
        Assert.Null(cases[3].Expected.Verdict);
    }

    [Fact]
    public void All_that_can_be_expected_is_read()
    {
        var expected = Case("expect: { verdict: refused, first: consent-defective, reasons: [consent-defective@us-fed-pewc, hours], without: [cap@fl-cap], items: [signature], notes: [contested], alternatives: [email, sms] }").Expected;
        Assert.Equal([new ExpectedReason(ReasonCode.ConsentDefective, "us-fed-pewc"), new ExpectedReason(ReasonCode.Hours, null)], expected.Reasons);
        Assert.Equal([new ExpectedReason(ReasonCode.Cap, "fl-cap")], expected.Without);
        Assert.Equal(["signature"], expected.Items);
        Assert.Equal(["contested"], expected.Notes);
        Assert.Equal(ChannelSet.Email | ChannelSet.Sms, expected.Alternatives);
        Assert.Equal(ChannelSet.None, Case("expect: { alternatives: [] }").Expected.Alternatives);
        Assert.Null(Case("expect: { verdict: refused, obligations: null }").Expected.Alternatives);
    }

    private static WorkedCase Case(string more) => Assert.Single(Read($"cases:\n  - case: a\n    source: b\n    at: 2026-06-09T11:00:00Z\n    {more}\n"));

    [Theory]
    [InlineData("expect: { verdict: maybe }", 5, 24, "'maybe' is none of allowed, deferred, refused")]
    [InlineData("expect: {}", 5, 13, "nothing is expected")]
    [InlineData("expect: { verdict: null }", 5, 13, "nothing is expected")]
    [InlineData("expect: { verdict: allowed, first: hours }", 5, 40, "an allowed contact has no reasons")]
    [InlineData("expect: { verdict: refused, first: hours }", 5, 40, "'hours' is a deferral, so the verdict is another")]
    [InlineData("expect: { verdict: deferred, first: register }", 5, 41, "'register' is a refusal")]
    [InlineData("expect: { verdict: refused, until: 2026-06-09T11:00:00Z }", 5, 40, "only a deferral has an end")]
    [InlineData("expect: { verdict: refused, obligations: [identity] }", 5, 46, "only an allowed contact has obligations")]
    [InlineData("expect: { first: no-consnt }", 5, 22, "was 'no-consent' meant?")]
    [InlineData("expect: { first: hours@FR hours }", 5, 22, "'FR hours' is no id of a rule")]
    [InlineData("expect: { notes: [hint] }", 5, 23, "'hint' is none of not-reviewed, contested, not-law, advice")]
    [InlineData("expect: { obligations: [greet] }", 5, 29, "'greet' is none of identity,")]
    [InlineData("expect: { alternatives: [post] }", 5, 30, "'post' is none of voice,")]
    [InlineData("expects: { verdict: allowed }", 2, 5, "'expect' is missing")]
    [InlineData("expect: { verdict: allowed }\n    asks: {}", 6, 5, "unknown key 'asks'; known are at, ask,")]
    [InlineData("expect: { verdict: allowed }\n    but: [{ case: c, given: clean, expect: { verdict: allowed } }]", 6, 29, "belongs to the case that this one starts from")]
    [InlineData("expect: { verdict: allowed }\n    but: [{ case: c }]", 6, 11, "'expect' is missing")]
    [InlineData("expect: { verdict: allowed }\n    ask: { channel: fly }", 6, 21, "'fly' is none of voice,")]
    public void A_case_that_can_t_be_is_refused_where_it_stands(string more, int line, int column, string why) =>
        Refused($"cases:\n  - case: a\n    source: b\n    at: 2026-06-09T11:00:00Z\n    {more}\n", line, column, why);

    [Theory]
    [InlineData("case: []", 1, 1, "'cases' is missing")]
    [InlineData("cases: []", 1, 8, "the list is empty")]
    [InlineData("cases: [{ source: a, expect: { verdict: allowed } }]", 1, 9, "'case' is missing")]
    [InlineData("cases: [{ case: a, at: 2026-06-09T11:00:00Z, expect: { verdict: allowed } }]", 1, 9, "'source' is missing")]
    [InlineData("cases: [{ case: a, source: b, expect: { verdict: allowed } }]", 1, 9, "'at' is missing")]
    [InlineData("defaults: { given: clean }\ncases: [1]", 1, 13, "defaults are facts: 'given' is none of at, ask,")]
    [InlineData("defaults: [1]\ncases: [1]", 1, 11, "'defaults' has to be a mapping of facts")]
    [InlineData("more: 1\ncases: [{ case: a }]", 1, 1, "unknown key 'more'; known are defaults, house, cases")]
    public void A_file_that_holds_no_cases_is_refused(string text, int line, int column, string why) => Refused(text, line, column, why);

    [Fact]
    public void A_fault_of_the_defaults_is_told_where_they_stand() =>
        Refused("defaults:\n  ask: { chanel: sms }\ncases:\n  - case: a\n    source: b\n    at: 2026-06-09T11:00:00Z\n    ask: { purpose: offers }\n    expect: { verdict: allowed }\n", 2, 10, "was 'channel' meant?");

    [Fact]
    public void Every_case_file_of_the_repository_is_in_the_library() =>
        Assert.Equal(Repository.Files.Where(file => file.StartsWith("cases/", StringComparison.Ordinal) && file != "cases/clean.yaml"), CaseFile.Shipped);

    private static void Refused(string text, int line, int column, string why)
    {
        var error = Assert.Throws<RuleFileException>(() => Read(text));
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
        Assert.Equal((line, column), (error.Line, error.Column));
        Assert.StartsWith($"cases/x.yaml:{line}:{column}: ", error.Message, StringComparison.Ordinal);
    }
}
