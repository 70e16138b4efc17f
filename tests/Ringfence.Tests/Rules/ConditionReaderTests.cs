using NodaTime;
using Ringfence.Gate;
using Ringfence.Rules;
using Xunit;
using static Ringfence.Tests.Rules.SampleRule;

namespace Ringfence.Tests.Rules;

/// <summary>Each condition of a rule file is read as what it says.</summary>
public sealed class ConditionReaderTests
{
    [Theory]
    [InlineData("channel: [voice-auto, sms]", WordFact.Channel, 0b110u)]
    [InlineData("channel: voice", WordFact.Channel, 1u)]
    [InlineData("technique: [preview]", WordFact.Technique, 1u << (int)Technique.Preview)]
    [InlineData("class: [marketing, consent-request]", WordFact.Class, (1u << (int)ContactClass.Marketing) | (1u << (int)ContactClass.ConsentRequest))]
    [InlineData("sector: [lottery]", WordFact.Sector, 1u << (int)Sector.Lottery)]
    [InlineData("audience: [b2c, sole]", WordFact.Audience, 0b11u)]
    [InlineData("lineType: [toll-free]", WordFact.LineType, 1u << (int)LineType.TollFree)]
    [InlineData("sourceKind: [scraped]", WordFact.SourceKind, 1u << (int)ContactSource.Scraped)]
    [InlineData("reassigned: [no, not-asked]", WordFact.Reassigned, 0b1001u)]
    public void Words_become_a_mask(string condition, WordFact fact, uint words) =>
        Assert.Equal(new WordCondition(fact, words), OneCondition(condition));

    [Theory]
    [InlineData("similar: true", FlagFact.Similar, true)]
    [InlineData("relatesToContract: true", FlagFact.RelatesToContract, true)]
    [InlineData("provenance: false", FlagFact.Provenance, false)]
    [InlineData("verified: true", FlagFact.Verified, true)]
    [InlineData("unlisted: true", FlagFact.Unlisted, true)]
    [InlineData("balancingTest: true", FlagFact.BalancingTest, true)]
    [InlineData("impactAssessment: true", FlagFact.ImpactAssessment, true)]
    [InlineData("agentRegistered: true", FlagFact.AgentRegistered, true)]
    [InlineData("agentTrained: false", FlagFact.AgentTrained, false)]
    [InlineData("callerId: { shown: true }", FlagFact.CallerIdShown, true)]
    [InlineData("callerId: { entitled: true }", FlagFact.CallerIdEntitled, true)]
    [InlineData("callerId: { directory: false }", FlagFact.CallerIdDirectory, false)]
    [InlineData("callerId: { answered: true }", FlagFact.CallerIdAnswered, true)]
    [InlineData("callerId: { registered: true }", FlagFact.CallerIdRegistered, true)]
    [InlineData("template: { registered: true }", FlagFact.TemplateRegistered, true)]
    public void Facts_that_are_true_or_false_are_wanted_so(string condition, FlagFact fact, bool wanted) =>
        Assert.Equal(new FlagCondition(fact, wanted), OneCondition(condition));

    [Fact]
    public void A_mapping_that_asks_several_things_becomes_several_conditions()
    {
        var conditions = When("callerId: { shown: true, answered: true, prefix: [\"+34400\"] }, template: { category: marketing, status: [approved, paused], registered: true }");
        Assert.Equal(new FlagCondition(FlagFact.CallerIdShown, true), conditions[0]);
        Assert.Equal(new FlagCondition(FlagFact.CallerIdAnswered, true), conditions[1]);
        Assert.Equal(["+34400"], Assert.IsType<CallerIdPrefixCondition>(conditions[2]).Prefixes);
        Assert.Equal(new TemplateCondition(1, 0b11), conditions[3]);
        Assert.Equal(new FlagCondition(FlagFact.TemplateRegistered, true), conditions[4]);
    }

    [Fact]
    public void Groups_stand_for_their_places()
    {
        Assert.Equal(["DK", "FR", "SE", "US-FL"], Assert.IsType<PlaceCondition>(OneCondition("place: [NORTH-FR, US-FL]")).Places.Order());
        Assert.Equal(["DK", "SE"], Assert.IsType<SellerCountryCondition>(OneCondition("sellerCountry: NORTH")).Places.Order());
    }

    [Fact]
    public void The_other_facts_are_read_too()
    {
        Assert.Equal(new SellerIsCondition(SellerKinds.Charity | SellerKinds.Press), OneCondition("sellerIs: [charity, press]"));
        Assert.Equal(new HoldsCondition(ContentBlocks.OptOut | ContentBlocks.OneClick), OneCondition("holds: [opt-out, one-click]"));
        Assert.Equal(new OptOutLiveCondition(Period.FromDays(30)), OneCondition("optOutLive: P30D"));
        Assert.Equal(new AbandonedCondition(2.5m), OneCondition("abandonedAtMost: 2.5"));
        Assert.Equal(new SelectedByCondition(Selection.Health | Selection.Religion), OneCondition("selectedBy: [health, religion]"));
        Assert.Equal(new NoticeCondition(Notices.Art21), OneCondition("noticeGiven: art21"));
        Assert.Equal(["FR", "GP"], Assert.IsType<EmergencyCondition>(OneCondition("emergency: true")).Places.Order());
        Assert.Equal(new RefusedElsewhereCondition(), OneCondition("refusedElsewhere: true"));
        Assert.Equal(new AgeCondition(16), OneCondition("age: { under: 16 }"));

        var registered = Assert.IsType<RegisteredCondition>(OneCondition("registered: { place: US-FL, kind: [telemarketer, salesperson] }"));
        Assert.Equal("US-FL", registered.Place);
        Assert.Equal(["salesperson", "telemarketer"], registered.Kinds.Order());

        var number = Assert.IsType<NumberCondition>(OneCondition("number: { type: [mobile], prefix: [\"+1264\"] }"));
        Assert.Equal([LineType.Mobile], number.Types!);
        Assert.Equal(["+1264"], number.Prefixes!);
    }

    [Fact]
    public void A_relation_is_asked_for_with_all_that_is_named()
    {
        Assert.Equal(
            new RelationCondition(0b11, true, true, true, true, null),
            OneCondition("relation: { kinds: [purchase, contract], subject: same, contactGiven: true, refusalOffered: true, inForce: true }"));
        Assert.Equal(
            new RelationCondition(0b100, false, false, false, false, new AgeLimit(Period.FromMonths(18), true, null, null)),
            OneCondition("relation: { kinds: enquiry, within: P18M }"));
    }

    [Fact]
    public void A_consent_is_asked_for_with_all_that_is_named()
    {
        Assert.Equal(new ConsentCondition(), OneCondition("consent: {}"));
        var consent = Assert.IsType<ConsentCondition>(OneCondition(
            "consent: { needs: [signature, writing], channel: any, purpose: any, lessThan: P2Y, counts: renewal, sinceListing: us-national, timeScope: night, methods: [reply], onRegister: true }"));
        Assert.Equal([ConsentMethod.Reply], consent.Methods!);
        Assert.Equal(
            new ConsentCondition
            {
                Needs = EvidenceItems.Signature | EvidenceItems.Writing,
                AnyChannel = true,
                AnyPurpose = true,
                Age = new AgeLimit(Period.FromYears(2), false, null, null),
                Counts = ConsentClock.Renewal,
                SinceListing = "us-national",
                TimeScope = HoursAgreed.Night,
                OnRegister = true,
            },
            consent with { Methods = null });
    }

    [Fact]
    public void An_event_is_asked_for_with_all_that_is_named()
    {
        var happened = Assert.IsType<EventCondition>(OneCondition("event: { outcomes: [inbound, requested], channels: [voice, sms], same: [subject, channel], within: PT24H, counting: elapsed, atLeast: 2 }"));
        Assert.Equal([Outcome.Inbound, Outcome.Requested], happened.Outcomes.Order());
        Assert.Equal((ChannelSet.Voice | ChannelSet.Sms, EventKey.Subject | EventKey.Channel, 2), (happened.Channels, happened.Same, happened.AtLeast));
        Assert.Equal(new AgeLimit(Period.FromHours(24), true, null, Duration.FromHours(24)), happened.Age);
        Assert.Equal((ChannelSet.None, EventKey.None, 1, null), Assert.IsType<EventCondition>(OneCondition("event: { outcomes: answered }")) is var plain ? (plain.Channels, plain.Same, plain.AtLeast, plain.Age) : default);
    }

    [Theory]
    [InlineData("lessThan: P1Y", false, null, null)]
    [InlineData("within: P10D, counting: working-days, calendar: be-public", true, "be-public", null)]
    [InlineData("within: P30D, counting: days", true, null, null)]
    [InlineData("lessThan: P2D, counting: elapsed", false, null, 48)]
    public void A_time_is_counted_as_it_says(string limit, bool inside, string? calendar, int? hours)
    {
        var age = Assert.IsType<EventCondition>(OneCondition($"event: {{ outcomes: [sent], {limit} }}")).Age!;
        Assert.Equal((inside, calendar, hours is { } h ? Duration.FromHours(h) : (Duration?)null), (age.LastDayInside, age.WorkingDaysOf, age.Elapsed));
    }

    [Theory]
    [InlineData("chanel: [sms]", 9, "unknown condition 'chanel' is none of channel, technique,")]
    [InlineData("chanel: [sms]", 9, "was 'channel' meant?")]
    [InlineData("channel: [sms, text]", 24, "'text' is none of voice, voice-auto, sms, whatsapp, email, fax")]
    [InlineData("channel: []", 18, "'channel': the list is empty")]
    [InlineData("channel: null", 18, "'channel' has to be a text")]
    [InlineData("class: [markting]", 17, "was 'marketing' meant?")]
    [InlineData("similar: yes", 18, "'similar': 'yes' is none of true, false")]
    [InlineData("place: [UK]", 17, "the United Kingdom is GB")]
    [InlineData("place: [US-FX]", 17, "'US-FX' is neither a code of ISO 3166 nor a group")]
    [InlineData("place: [NORT]", 17, "was 'NORTH' meant?")]
    [InlineData("callerId: { seen: true }", 21, "unknown key 'seen'; known are shown,")]
    [InlineData("callerId: {}", 19, "nothing is asked")]
    [InlineData("callerId: { prefix: [34400] }", 30, "'34400' is no beginning of a number in E.164")]
    [InlineData("age: { under: 21 }", 23, "'21' is no whole number from 1 to 18")]
    [InlineData("abandonedAtMost: 101", 26, "'101' is no percentage")]
    [InlineData("emergency: false", 20, "'false' is none of true")]
    [InlineData("optOutLive: PT24H", 21, "'PT24H' has hours")]
    [InlineData("optOutLive: P0D", 21, "'P0D' is no period")]
    [InlineData("optOutLive: P300Y", 21, "'P300Y' is no period")]
    [InlineData("registered: { kind: [x] }", 21, "'place' is missing")]
    [InlineData("registered: { place: US-FL, kind: Telemarketer }", 43, "'Telemarketer' is no name in small letters")]
    [InlineData("number: { type: [wire] }", 26, "'wire' is none of mobile, landline,")]
    [InlineData("relation: { kinds: [purchase], subject: other }", 49, "'other' is none of same")]
    [InlineData("relation: { within: P1Y }", 19, "'kinds' is missing")]
    [InlineData("relation: { kinds: [purchase], within: P1Y, lessThan: P1Y }", 63, "either 'within' or 'lessThan'")]
    [InlineData("consent: { counts: renewal }", 28, "from when does what count?")]
    [InlineData("consent: { needs: [signatur] }", 28, "was 'signature' meant?")]
    [InlineData("consent: { timeScope: day }", 31, "'day' is none of slot, hours, night")]
    [InlineData("event: { outcomes: [sent], within: PT24H }", 44, "hours need counting: elapsed")]
    [InlineData("event: { outcomes: [sent], within: P1M, counting: elapsed }", 44, "months and years are no elapsed time")]
    [InlineData("event: { outcomes: [sent], within: P1M, counting: working-days, calendar: be-public }", 44, "working days are counted in days")]
    [InlineData("event: { outcomes: [sent], within: P1D, counting: working-days }", 16, "'calendar' is missing")]
    [InlineData("event: { outcomes: [sent], within: P1D, calendar: be-public }", 59, "is for counting: working-days")]
    [InlineData("event: { outcomes: [sent], counting: days }", 46, "'within' or 'lessThan' is missing")]
    public void A_condition_that_is_wrong_is_refused_where_it_stands(string condition, int column, string why) =>
        Refused($"when: {{ {condition} }}\nrefuse: sector-ban\n", 1, column, why);

    [Fact]
    public void Nothing_asked_is_an_error_everywhere()
    {
        Refused("when: {}\nrefuse: sector-ban\n", 1, 7, "no condition is named");
        Refused("unless: [{}]\nrefuse: sector-ban\n", 1, 10, "no condition is named");
        Refused("unless:\n  - obliges: [identity]\nrefuse: sector-ban\n", 2, 5, "no condition is named");
    }
}
