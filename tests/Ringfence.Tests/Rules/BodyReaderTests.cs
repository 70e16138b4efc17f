using NodaTime;
using Ringfence.Gate;
using Ringfence.Rules;
using Xunit;
using static Ringfence.Tests.Rules.SampleRule;

namespace Ringfence.Tests.Rules;

/// <summary>Each body of a rule file, and what goes with it, is read as what it says.</summary>
public sealed class BodyReaderTests
{
    [Fact]
    public void A_ground_has_alternatives_with_their_duties()
    {
        var ground = Body<GroundBody>("ground:\n  any-of:\n    - consent: {}\n      obliges: [identity]\n    - relation: { kinds: [contract] }\n  code: basis\n");
        Assert.Equal(2, ground.AnyOf.Count);
        Assert.Equal(new ConsentCondition(), Assert.Single(ground.AnyOf[0].Conditions));
        Assert.Equal(new RuleObligation(ObligationCode.Identity, null, Notices.None), Assert.Single(ground.AnyOf[0].Obliges));
        Assert.Equal(ReasonCode.Basis, ground.Missing);
        Assert.Equal(ReasonCode.NoConsent, Body<GroundBody>("ground: { any-of: [{ consent: {} }] }\n").Missing);
    }

    [Fact]
    public void Refusals_demands_contents_and_notes_are_read()
    {
        Assert.Equal(new RefuseBody(ReasonCode.SectorBan, null), Body<RefuseBody>("refuse: sector-ban\n"));
        Assert.Equal(new RefuseBody(ReasonCode.MessageDefective, "label"), Body<RefuseBody>("refuse: message-defective\nitem: label\n"));
        var demand = Body<DemandBody>("demand: { verified: true, agentTrained: true }\nelse: training\n");
        Assert.Equal(ReasonCode.Training, demand.Else);
        Assert.Equal(2, demand.Conditions.Count);
        Assert.Equal(new ContentBody(ContentBlocks.Identity | ContentBlocks.OptOut), Body<ContentBody>("content: [identity, opt-out]\n"));
        Assert.Equal(new NoteBody("not-law"), Body<NoteBody>("note: not-law\n"));
    }

    [Fact]
    public void Hours_are_windows_calendars_and_clocks()
    {
        var hours = Body<HoursBody>(
            """
            hours:
              open:
                - { days: mon-fri, from: "10:00", until: "13:00" }
                - { days: [sat, sun], from: "00:00", until: "24:00" }
                - { days: daily, from: "08:00:30", until: "09:00" }
                - { days: [sat-mon, wed], from: "20:00", until: "21:00" }
              closed-on: [fr-national]
              clock: [person, Asia/Seoul, "UTC-06:00"]

            """);
        Assert.Equal(
            [
                new WeeklyWindow(0b0011111, 36000, 46800), new WeeklyWindow(0b1100000, 0, 86400), new WeeklyWindow(0b1111111, 28830, 32400),
                new WeeklyWindow(0b1100101, 72000, 75600),
            ],
            hours.Open);
        Assert.Equal(["fr-national"], hours.ClosedOn);
        Assert.True(hours.OnPersonsClock);
        Assert.Equal(["Asia/Seoul", "UTC-06"], hours.FixedClocks.Select(zone => zone.Id));

        Assert.True(Body<HoursBody>("hours: { open: [{ days: mon, from: \"10:00\", until: \"11:00\" }] }\n").OnPersonsClock);
        Assert.False(Body<HoursBody>("hours: { open: [{ days: mon, from: \"10:00\", until: \"11:00\" }], clock: Asia/Seoul }\n").OnPersonsClock);
    }

    [Theory]
    [InlineData("within: PT24H", 24, null, null)]
    [InlineData("within: P7D, counting: elapsed", 168, null, null)]
    [InlineData("within: P30D, counting: days", null, 30, null)]
    [InlineData("within: P2W, counting: days", null, 14, null)]
    [InlineData("per: week", null, null, CalendarUnit.Week)]
    public void A_cap_counts_in_one_window(string window, int? hours, int? days, CalendarUnit? unit) =>
        Assert.Equal(
            new CapBody(3, new CapWindow(hours is { } h ? Duration.FromHours(h) : null, days, unit), ChannelSet.All, null, EventKey.None),
            Body<CapBody>($"cap: {{ most: 3, {window} }}\n"));

    [Fact]
    public void A_cap_counts_the_channels_of_the_rule_unless_it_names_others()
    {
        Assert.Equal(ChannelSet.Voice | ChannelSet.Sms, Body<CapBody>("when: { channel: [voice, sms] }\ncap: { most: 1, per: day }\n").Channels);
        var cap = Body<CapBody>("when: { channel: [voice] }\ncap: { most: 1, per: day, channels: [email], outcomes: [answered], key: [subject, number, agent, campaign, channel] }\n");
        Assert.Equal(ChannelSet.Email, cap.Channels);
        Assert.Equal([Outcome.Answered], cap.Outcomes!);
        Assert.Equal(EventKey.Subject | EventKey.Number | EventKey.Agent | EventKey.Campaign | EventKey.Channel, cap.Key);
    }

    [Fact]
    public void A_rest_lasts_full_days_or_elapsed_time_or_for_ever()
    {
        var days = Body<CoolDownBody>("when: { channel: [voice] }\ncool-down: { after: [refused], lasts: P60D, counting: full-days, key: [subject] }\n");
        Assert.Equal((Period.FromDays(60), null, ChannelSet.Voice, EventKey.Subject, null), (days.FullDays, days.Elapsed, days.Channels, days.Key, days.Else));
        Assert.Equal([Outcome.Refused], days.After);
        Assert.Equal(Duration.FromHours(3), Body<CoolDownBody>("cool-down: { after: [no-answer], lasts: PT3H }\n").Elapsed);
        var forEver = Body<CoolDownBody>("cool-down: { after: [consent-refused], else: reask }\n");
        Assert.Equal((null, null, ChannelSet.None, ReasonCode.Reask), (forEver.FullDays, forEver.Elapsed, forEver.Channels, forEver.Else));
    }

    [Fact]
    public void A_register_has_its_clocks()
    {
        Assert.Equal(
            new RegisterBody("fr-bloctel", new ScreeningAge(new DayCount(Period.FromDays(31), null)), new DayCount(Period.FromMonths(2), null), false, false, Superseding.None),
            Body<RegisterBody>("register: { name: fr-bloctel, screened-within: P31D, binds-after: { lasts: P2M, counting: months, from: listed } }\n"));
        Assert.Equal(
            new RegisterBody("a", new ScreeningAge(new DayCount(Period.FromDays(5), "be-public")), new DayCount(Period.FromDays(10), "hk-general"), true, false, Superseding.Flagged),
            Body<RegisterBody>("register: { name: a, screened-within: P5D, counting: working-days, calendar: be-public, binds-after: { lasts: P10D, counting: working-days, calendar: hk-general, from: published }, supersedes: flagged }\n"));
        Assert.Equal(new RegisterBody("a", new ScreeningAge(null), null, false, true, Superseding.All), Body<RegisterBody>("register: { name: a, screened-in: month, opt-in: true, supersedes: all }\n"));
        Assert.Equal(new RegisterBody("a", null, null, false, false, Superseding.None), Body<RegisterBody>("register: { name: a }\n"));
    }

    [Fact]
    public void A_term_of_consent_holds_where_its_pack_does_unless_it_says_otherwise()
    {
        const string Name = "name: { en: a, zh-Hans: b, zh-Hant: c }\n";
        var term = Read(Name + "consent-term: { lasts: P2Y, channels: [voice], even-if-longer-agreed: true, counts: activity, then: reconfirm }\n").ConsentTerm!;
        Assert.Equal(["FR", "GP"], term.Where.Order());
        Assert.Equal((Period.FromYears(2), ChannelSet.Voice, true, ConsentClock.Activity, true), (term.Lasts, term.Channels, term.EvenIfLongerAgreed, term.Counts, term.Reconfirm));
        var plain = Read(Name + "consent-term: { lasts: P2Y, channels: [voice], where: NORTH, even-if-longer-agreed: false }\n").ConsentTerm!;
        Assert.Equal(["DK", "SE"], plain.Where.Order());
        Assert.Equal((ConsentClock.Renewal, false), (plain.Counts, plain.Reconfirm));
    }

    [Fact]
    public void Duties_are_codes_or_codes_with_details()
    {
        var rule = Read("obliges:\n  - identity\n  - keep-proof: { keep: P5Y }\n  - script: { blocks: [opt-out], within: PT24H }\n  - art21-notice: { once: art21 }\nobliges-when: applied\n");
        Assert.Null(rule.Body);
        Assert.True(rule.ObligesOnlyWhenApplied);
        Assert.Equal(
            [
                new RuleObligation(ObligationCode.Identity, null, Notices.None),
                new RuleObligation(ObligationCode.KeepProof, new ObligationDetail(null, Period.FromYears(5), ContentBlocks.None), Notices.None),
                new RuleObligation(ObligationCode.Script, new ObligationDetail(Period.FromHours(24), null, ContentBlocks.OptOut), Notices.None),
                new RuleObligation(ObligationCode.Art21Notice, null, Notices.Art21),
            ],
            rule.Obliges);
    }

    [Theory]
    [InlineData("refuse: hours\n", 1, 9, "'hours' is a deferral")]
    [InlineData("refuse: sectorban\n", 1, 9, "was 'sector-ban' meant?")]
    [InlineData("demand: { verified: true }\n", 0, 0, "'else' is missing")]
    [InlineData("content: []\n", 1, 10, "'content': the list is empty")]
    [InlineData("content: [identiti]\n", 1, 11, "was 'identity' meant?")]
    [InlineData("note: hint\n", 1, 7, "'hint' is none of contested, not-law, advice")]
    [InlineData("refuse: sector-ban\nelse: basis\n", 2, 7, "belongs to 'demand'")]
    [InlineData("note: advice\nitem: label\n", 2, 7, "belongs to 'refuse' or 'demand'")]
    [InlineData("ground: { any-of: [] }\n", 1, 19, "'any-of': the list is empty")]
    [InlineData("ground: { any-of: [{ consent: {} }], code: hours }\n", 1, 44, "'hours' is none of no-consent, basis")]
    [InlineData("hours: { open: [] }\n", 1, 16, "no window is named")]
    [InlineData("hours: { open: [{ days: mon, from: \"13:00\", until: \"13:00\" }] }\n", 1, 52, "the end is not after the beginning")]
    [InlineData("hours: { open: [{ days: mon, from: \"24:00\", until: \"24:00\" }] }\n", 1, 36, "'24:00' is no time of day")]
    [InlineData("hours: { open: [{ days: mon, from: \"8:00\", until: \"9:00\" }] }\n", 1, 36, "'8:00' is no time of day")]
    [InlineData("hours: { open: [{ days: mon, from: \"08:60\", until: \"09:00\" }] }\n", 1, 36, "'08:60' is no time of day")]
    [InlineData("hours: { open: [{ days: monday, from: \"08:00\", until: \"09:00\" }] }\n", 1, 25, "'monday' is none of mon, tue,")]
    [InlineData("hours: { open: [{ days: mon, from: \"08:00\", until: \"09:00\" }], clock: Paris }\n", 1, 71, "'Paris' is neither 'person', nor a zone")]
    [InlineData("hours: { open: [{ days: mon, from: \"08:00\", until: \"09:00\" }], closed-on: [Fr] }\n", 1, 76, "'Fr' is no name in small letters")]
    [InlineData("cap: { most: 0, per: day }\n", 1, 14, "'0' is no whole number from 1 to 1000")]
    [InlineData("cap: { most: 3 }\n", 1, 6, "'within' or 'per' is missing")]
    [InlineData("cap: { most: 3, within: P1D, per: day }\n", 1, 35, "either 'within' or 'per'")]
    [InlineData("cap: { most: 3, within: P30D }\n", 1, 25, "counting: days, or counting: elapsed?")]
    [InlineData("cap: { most: 3, within: P1M, counting: days }\n", 1, 25, "in days, such as P30D")]
    [InlineData("cap: { most: 3, per: day, counting: days }\n", 1, 37, "belongs to 'within'")]
    [InlineData("cap: { most: 3, per: year }\n", 1, 22, "'year' is none of day, week, month")]
    [InlineData("cool-down: { after: [refused] }\n", 1, 12, "'lasts' is missing")]
    [InlineData("cool-down: { after: [refused], lasts: P1D, counting: full-days, else: reask }\n", 1, 71, "a refusal without end has no 'lasts'")]
    [InlineData("cool-down: { after: [refused], lasts: P1D }\n", 1, 39, "counting: full-days, or counting: elapsed?")]
    [InlineData("cool-down: { after: [refused], lasts: PT1H, counting: full-days }\n", 1, 39, "'PT1H' has hours")]
    [InlineData("register: { name: a, screened-within: P5D, screened-in: month }\n", 1, 57, "either 'screened-in' or 'screened-within'")]
    [InlineData("register: { name: a, counting: working-days, calendar: be-public }\n", 1, 32, "belongs to 'screened-within'")]
    [InlineData("register: { name: a, binds-after: { lasts: P60D, counting: months, from: listed } }\n", 1, 44, "'P60D' does not go with counting: months")]
    [InlineData("register: { name: a, binds-after: { lasts: P60D } }\n", 1, 35, "'from' is missing")]
    [InlineData("register: { name: fr_bloctel }\n", 1, 19, "'fr_bloctel' is no name")]
    [InlineData("obliges: [identity]\nobliges-when: always\n", 2, 15, "'always' is none of applied")]
    [InlineData("obliges: [greet]\n", 1, 11, "'greet' is none of identity, principal,")]
    [InlineData("obliges: []\n", 1, 10, "'obliges': the list is empty")]
    [InlineData("obliges: [{ identity: {}, script: {} }]\n", 1, 11, "a duty is a code, or a mapping of one code")]
    [InlineData("obliges: [{ keep-proof: { kept: P5Y } }]\n", 1, 27, "unknown key 'kept'")]
    public void A_body_that_is_wrong_is_refused_where_it_stands(string body, int line, int column, string why)
    {
        // What is missing from the rule itself is missing at its beginning.
        if (line == 0)
            (line, column) = (2 - FirstLine, 1);
        Refused(body, line, column, why);
    }
}
