using NodaTime;
using Ringfence.Gate;
using Ringfence.Rules;
using Ringfence.Rules.House;
using Xunit;

namespace Ringfence.Tests.Rules.House;

/// <summary>House rules tighten; a file that is not in order, or that would loosen, is refused at its line with the rule it would loosen.</summary>
public sealed class HouseFileTests
{
    private const string Head = "house: test\nrules:\n";

    [Fact]
    public void A_file_in_order_is_read()
    {
        var house = HouseRules.Read("h.yaml", Head + "  - { id: house-rest, says: We rest., cool-down: { after: refused, lasts: P90D, counting: full-days } }\nwaives: [nz-hours]\n");
        Assert.Equal(("test", "h.yaml"), (house.Name, house.File));
        Assert.Equal(["nz-hours"], house.Waives);
        var book = Rulebook.Shipped.With(house);
        var rule = book.Rules.Single(r => r.Id == "house-rest");
        Assert.Equal(("house", "We rest.", "house-test"), (rule.Grade, rule.Says.ZhHant, rule.Pack));
        Assert.True(rule.FromIsAtLatest);
        Assert.All(book.Rules.Where(r => r.Id == "nz-hours"), r => Assert.Equal(RuleState.Disabled, r.State));
        Assert.Equal(house.Digest, book.Packs.Single(p => p.IsHouse).Digest);
    }

    [Fact]
    public void The_digest_is_of_the_content_and_not_of_line_ends_or_the_path()
    {
        const string text = "house: a\nwaives: [nz-hours]\n";
        Assert.Equal(HouseRules.Read("a.yaml", text).Digest, HouseRules.Read("b/c.yaml", text.Replace("\n", "\r\n", StringComparison.Ordinal)).Digest);
        Assert.NotEqual(HouseRules.Read("a.yaml", text).Digest, HouseRules.Read("a.yaml", text + "# more\n").Digest);
    }

    [Theory]
    [InlineData("rules: []\n", "1:1: 'house' is missing")]
    [InlineData("house: test\n", "1:1: 'rules' is missing")]
    [InlineData("house: Test\nwaives: [nz-hours]\n", "1:8: 'house': 'Test' is no name")]
    [InlineData("house: test\nwaive: [nz-hours]\nwaives: [nz-hours]\n", "2:1: unknown key 'waive'")]
    [InlineData(Head + "  - { id: rest, says: a, refuse: basis }\n", "3:11: 'id': 'rest' has to begin with 'house-'")]
    [InlineData(Head + "  - { id: house-a, refuse: basis }\n", "3:5: 'says' is missing")]
    [InlineData(Head + "  - { id: house-a, says: {}, refuse: basis }\n", "3:26: 'says': no language is there")]
    [InlineData(Head + "  - { id: house-a, says: a }\n", "3:5: 'ground', 'refuse'")]
    [InlineData(Head + "  - { id: house-a, says: a, grade: statute, refuse: basis }\n", "unknown key 'grade'")]
    [InlineData(Head + "  - { id: house-a, says: a, refuse: basis }\n  - { id: house-a, says: a, refuse: basis }\n", "4:11: 'id': 'house-a' stands in this file already")]
    [InlineData(Head + "  - { id: house-a, says: a, refuse: hours }\n", "is a deferral")]
    [InlineData(Head + "  - { id: house-a, says: a, refuse: basis, instead-of: fr-hours }\n", "'instead-of': gives other figures; only hours, cap")]
    [InlineData(Head + "  - { id: house-a, says: a, instead-of: fr-hours, when: { channel: voice }, cap: { most: 1, per: day } }\n", "'when': is that of fr-hours")]
    [InlineData(Head + "  - { id: house-a, says: a, hours: { open: [{ days: daily, from: \"00:00\", until: \"24:00\" }] } }\n", "these are open around the clock")]
    [InlineData(Head + "  - { id: house-a, says: a, hours: { open: [{ days: mon, from: \"09:00\", until: \"12:00\" }], closed-on: fr-none } }\n", "there is no calendar 'fr-none'")]
    [InlineData(Head + "  - { id: house-a, says: a, exposure: { jurisdiction: FR, where: FR, channels: sms, per: all, currency: EUR, most: 1 } }\n", "what a breach costs is for the law")]
    [InlineData(Head + "  - { id: house-a, says: a, when: { channel: sms }, consent-term: { channels: sms, lasts: P1Y, even-if-longer-agreed: true } }\n", "consent-term states whom it reaches")]
    public void What_is_not_in_order_is_refused_by_itself(string text, string why)
    {
        var fault = Assert.Throws<RuleFileException>(() => HouseRules.Read("h.yaml", text));
        Assert.StartsWith("h.yaml:", fault.Message, StringComparison.Ordinal);
        Assert.Contains(why, fault.Message, StringComparison.Ordinal);
    }

    private const string Place = Head + "  - { id: house-a, says: a, when: { place: FR, channel: voice, class: marketing }, ";
    private const string Florida = Head + "  - { id: house-a, says: a, instead-of: us-fl-cap, cap: ";

    [Theory]
    [InlineData("house: test\nwaives: [fr-hours]\n", "h.yaml:2:10: 'waives': fr-hours is of grade regulation")]
    [InlineData("house: test\nwaives: [wa-optin]\n", "wa-optin is of grade platform")]
    [InlineData("house: test\nwaives: [default-basis]\n", "default-basis stands in for law that nobody has stated yet")]
    [InlineData("house: test\nwaives: [nz-hour]\n", "there is no rule 'nz-hour'; was 'nz-hours' meant?")]
    [InlineData(Head + "  - { id: house-a, says: a, instead-of: fr-hour, hours: { open: [{ days: mon, from: \"11:00\", until: \"12:00\" }] } }\n", "there is no rule 'fr-hour'")]
    [InlineData(Head + "  - { id: house-a, says: a, instead-of: fr-hours, cap: { most: 1, per: day } }\n", "states hours, not cap")]
    [InlineData(Head + "  - { id: house-a, says: a, instead-of: fr-hours, hours: { open: [{ days: mon, from: \"08:00\", until: \"12:00\" }] } }\n", "opens Mon 08:00-10:00, which fr-hours of 2023-03-01 keeps closed")]
    [InlineData(Head + "  - { id: house-a, says: a, instead-of: fr-hours, hours: { open: [{ days: mon-fri, from: \"10:00\", until: \"20:00\" }] } }\n", "opens Mon 13:00-14:00, which fr-hours")]
    [InlineData(Head + "  - { id: house-a, says: a, instead-of: fr-hours, hours: { open: [{ days: mon, from: \"11:00\", until: \"12:00\" }], closed-on: [] , clock: Europe/Paris } }\n", "does not keep to the person's clock, as fr-hours")]
    [InlineData(Head + "  - { id: house-a, says: a, instead-of: kr-night, hours: { open: [{ days: mon, from: \"11:00\", until: \"12:00\" }], clock: person } }\n", "does not keep to the clock of Asia/Seoul, as kr-night does")]
    [InlineData(Head + "  - { id: house-a, says: a, instead-of: fr-hours, hours: { open: [{ days: mon, from: \"11:00\", until: \"12:00\" }], closed-on: [be-public] } }\n", "stays open on the days of fr-national, on which fr-hours")]
    [InlineData(Florida + "{ most: 4, within: PT24H } }\n", "allows 4 where us-fl-cap allows 3")]
    [InlineData(Florida + "{ most: 2, within: PT12H } }\n", "counts over 12 hours where us-fl-cap counts over 24 hours")]
    [InlineData(Florida + "{ most: 2, within: P2D, counting: days } }\n", "counts over 2 days where us-fl-cap counts over 24 hours")]
    [InlineData(Florida + "{ most: 2, within: PT24H, channels: [voice] } }\n", "does not count voice-auto, sms, as us-fl-cap does")]
    [InlineData(Florida + "{ most: 2, within: PT24H, outcomes: [conversation] } }\n", "does not count no-answer, busy")]
    [InlineData(Florida + "{ most: 2, within: PT24H, key: [subject, agent] } }\n", "counts by agent, while us-fl-cap counts all together")]
    [InlineData(Place + "hours: { open: [{ days: mon-sat, from: \"09:00\", until: \"20:00\" }] } }\n", "'hours': in FR this opens Mon 09:00-10:00, which fr-hours keeps closed")]
    [InlineData(Place + "hours: { open: [{ days: mon, from: \"10:00\", until: \"13:00\" }] } }\n", "in FR this stays open on the days of fr-national")]
    public void What_would_loosen_is_refused_with_the_rule_it_would_loosen(string text, string why)
    {
        var house = HouseRules.Read("h.yaml", text);
        var fault = Assert.Throws<RuleFileException>(() => Rulebook.Shipped.With(house));
        Assert.StartsWith("h.yaml:", fault.Message, StringComparison.Ordinal);
        Assert.Contains(why, fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Place + "hours: { open: [{ days: mon-thu, from: \"10:00\", until: \"13:00\" }], closed-on: fr-national } }\n")]
    [InlineData(Place + "hours: { open: [{ days: daily, from: \"00:00\", until: \"24:00\" }], closed-on: fr-national } }\n")]
    [InlineData(Head + "  - { id: house-a, says: a, when: { channel: voice }, hours: { open: [{ days: daily, from: \"06:00\", until: \"23:00\" }] } }\n")]
    [InlineData(Head + "  - { id: house-a, says: a, instead-of: fr-hours, hours: { open: [{ days: mon-fri, from: \"10:30\", until: \"11:00\" }, { days: mon-fri, from: \"11:00\", until: \"12:00\" }] } }\n")]
    [InlineData(Florida + "{ most: 3, within: P3D, counting: days } }\n")]
    [InlineData(Florida + "{ most: 3, within: PT24H } }\n")]
    [InlineData(Head + "  - { id: house-a, says: a, when: { place: US-FL, channel: voice }, cap: { most: 8, within: P30D, counting: days } }\n")]
    [InlineData("house: test\nwaives: [nz-hours, it-code-hours]\n")]
    public void What_tightens_is_taken(string text) => Assert.Contains(Rulebook.Shipped.With(HouseRules.Read("h.yaml", text)).Packs, p => p.IsHouse);

    [Fact]
    public void Figures_for_another_rule_bind_whom_that_rule_binds_and_both_reasons_are_shown()
    {
        var house = HouseRules.Read("h.yaml", Head + "  - { id: house-fr, says: a, instead-of: fr-hours, hours: { open: [{ days: mon-fri, from: \"10:00\", until: \"12:00\" }] } }\n");
        var gate = ContactGate.Shipped.With(house);
        Verdict Ask(string at, string place = "FR", string phone = "+33612345678") => gate.Decide(SituationFile.Read("s.yaml", $$"""
            given: clean
            at: {{at}}
            ask: { controller: acme, channel: voice, class: marketing, purpose: offers }
            contact: { phone: "{{phone}}", residence: {{place}}, audience: b2c }
            registers: { fr-bloctel: { screenedAt: 2026-05-28, listed: false } }
            """));

        Assert.Equal("allowed", Ask("2026-06-09T11:59:59 Europe/Paris").Word);
        var noon = Assert.IsType<Verdict.Deferred>(Ask("2026-06-09T12:30 Europe/Paris"));
        Assert.Equal(["house-fr"], noon.Reasons.Select(r => r.Rule!.Id));
        Assert.Equal(ReasonMarks.House, noon.Reasons[0].Marks);
        Assert.Equal(Instant.FromUtc(2026, 6, 10, 8, 0), noon.Until);
        Assert.Equal(["fr-hours", "house-fr"], Ask("2026-06-09T13:30 Europe/Paris").AllReasons.Where(r => r.Code == ReasonCode.Hours).Select(r => r.Rule!.Id));
        Assert.DoesNotContain(Ask("2026-06-09T13:30 Europe/Berlin", "DE", "+4915112345678").AllReasons, r => r.Rule?.Id == "house-fr");
        // The holidays that it does not name stay those of the rule.
        Assert.Contains(Ask("2026-07-14T11:00 Europe/Paris").AllReasons, r => r is { Code: ReasonCode.Holiday, Rule.Id: "house-fr" });
    }

    [Fact]
    public void A_verdict_names_the_house_file_and_its_digest_even_where_it_only_sets_aside()
    {
        var house = HouseRules.Read("h.yaml", "house: kiwi\nwaives: [nz-hours]\n");
        var situation = SituationFile.Read("s.yaml", """
            given: clean
            at: 2026-06-14T11:00 Pacific/Auckland
            ask: { controller: acme, channel: voice, class: marketing, purpose: offers }
            contact: { phone: "+64211234567", residence: NZ, audience: b2c }
            """);
        var without = ContactGate.Shipped.Decide(situation);
        var with = ContactGate.Shipped.With(house).Decide(situation);
        Assert.Contains(without.AllReasons, r => r.Rule?.Id == "nz-hours");
        Assert.DoesNotContain(with.AllReasons, r => r.Rule?.Id == "nz-hours");
        Assert.Equal((house.Digest, "house-kiwi"), with.Packs.Where(p => p.IsHouse).Select(p => (p.Digest, p.Name)).Single());
    }

    [Fact]
    public void House_rules_stand_on_each_other_and_none_sets_aside_those_of_another()
    {
        var first = HouseRules.Read("a.yaml", "house: a\nrules:\n  - { id: house-a, says: a, refuse: basis }\n");
        var book = Rulebook.Shipped.With(first).With(HouseRules.Read("b.yaml", "house: b\nrules:\n  - { id: house-b, says: b, refuse: purpose }\n"));
        Assert.Equal(["house-a", "house-b"], book.Packs.Where(p => p.IsHouse).Select(p => p.Name));
        Refused("house: c\nwaives: [house-a]\n", "house-a is a rule of other house rules");
        Refused("house: c\nrules:\n  - { id: house-a, says: c, refuse: basis }\n", "'house-a' is the id of a rule in a.yaml already");
        Refused("house: a\nrules:\n  - { id: house-c, says: c, refuse: basis }\n", "house rules of the name 'a' are in force already");

        void Refused(string text, string why) =>
            Assert.Contains(why, Assert.Throws<RuleFileException>(() => book.With(HouseRules.Read("c.yaml", text))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_rest_of_the_house_does_not_save_what_the_law_lets_end()
    {
        // Agreed hours of two days: the law's rest ends between them, where nothing is agreed; the house's within the second.
        var law = Rulebook.Read(
        [
            ("rules/nl/pack.yaml", "prefix: nl\nname: { en: a, zh-Hans: b, zh-Hant: c }\ncovers: [NL]\nreviewed: 2026-01-01\n"),
            ("rules/nl/calls/2021-01-01.yaml", RuleText("nl-calls") + "ground: { any-of: [{ consent: { timeScope: slot } }] }\n"),
            ("rules/nl/rest/2021-01-01.yaml", RuleText("nl-rest") + "cool-down: { after: no-answer, lasts: PT3H }\n"),
        ]);
        var situation = SituationFile.Read("s.yaml", """
            given: clean
            at: 2026-06-09T10:10 Europe/Amsterdam
            ask: { controller: acme, channel: voice, class: marketing, purpose: offers }
            contact: { phone: "+31612345678", residence: NL, audience: b2c }
            consents: [{ channels: [voice], purposes: [offers], grantedAt: 2026-05-01, evidence: complete, timeScope: [{ slot: 2026-06-09T10:00 }, { slot: 2026-06-10T10:00 }] }]
            history: [{ at: 2026-06-09T10:00 Europe/Amsterdam, channel: voice, outcome: no-answer }]
            """);
        var gate = new ContactGate(law);
        Assert.Equal(ReasonCode.GroundEndsFirst, Assert.IsType<Verdict.Refused>(gate.Decide(situation)).Reasons[0].Code);
        var house = HouseRules.Read("h.yaml", Head + "  - { id: house-a, says: a, cool-down: { after: no-answer, lasts: PT24H } }\n");
        var refused = Assert.IsType<Verdict.Refused>(gate.With(house).Decide(situation));
        Assert.Equal(ReasonCode.GroundEndsFirst, refused.Reasons[0].Code);
        Assert.Contains(refused.Reasons, r => r.Rule?.Id == "house-a");
    }

    [Fact]
    public void A_consent_that_the_house_ends_leaves_the_rules_about_consents_in_play()
    {
        var gate = Dutch(RuleText("nl-calls", "when: { consent: {} }") + "ground: { any-of: [{ consent: { needs: [wording] } }] }\n");
        Assert.Equal(ReasonCode.ConsentDefective, Assert.IsType<Verdict.Refused>(gate.Decide(Agreed)).Reasons[0].Code);
        foreach (var body in new[] { "consent-term: { channels: [voice], lasts: P1M, even-if-longer-agreed: true }", "register: { name: own-list, supersedes: all }" })
        {
            var house = HouseRules.Read("h.yaml", Head + $"  - {{ id: house-a, says: a, {body} }}\n");
            Assert.Contains(gate.With(house).Decide(Agreed with { Registers = OnOwnList }).AllReasons, r => r.Rule?.Id == "nl-calls");
        }
    }

    [Theory]
    [InlineData("consent: {}, channel: [voice]", true)]
    [InlineData("consent: {}, channel: [sms]", false)]
    public void A_register_may_cancel_consents_where_there_is_one(string when, bool isCancelled)
    {
        var gate = Dutch(RuleText("nl-calls") + "ground: { any-of: [{ consent: {} }] }\n");
        var house = HouseRules.Read("h.yaml", Head + $"  - id: house-a\n    says: a\n    when: {{ {when} }}\n    register: {{ name: own-list, supersedes: all }}\n");
        Assert.Equal(isCancelled, gate.With(house).Decide(Agreed with { Registers = OnOwnList }).AllReasons.Any(static reason => reason.Rule?.Id == "nl-calls"));
    }

    // Somebody who agreed to calls, by a record of it alone.
    private static Situation Agreed { get; } = SituationFile.Read("s.yaml", """
        given: clean
        at: 2026-06-09T10:10 Europe/Amsterdam
        ask: { controller: acme, channel: voice, class: marketing, purpose: offers }
        contact: { phone: "+31612345678", residence: NL, audience: b2c }
        consents: [{ channels: [voice], purposes: [offers], grantedAt: 2026-01-01, evidence: [record] }]
        """);

    private static Dictionary<string, Screening> OnOwnList { get; } = new() { ["own-list"] = new() { Listed = true } };

    // A law of one rule.
    private static ContactGate Dutch(string rule) => new(Rulebook.Read(
    [
        ("rules/nl/pack.yaml", "prefix: nl\nname: { en: a, zh-Hans: b, zh-Hant: c }\ncovers: [NL]\nreviewed: 2026-01-01\n"),
        ("rules/nl/calls/2021-01-01.yaml", rule),
    ]));

    private static string RuleText(string id, string when = "when: { channel: [voice], class: [marketing] }") => $$"""
        id: {{id}}
        says: { en: a, zh-Hans: b, zh-Hant: c }
        cites: Act
        source: https://law.example/
        certainty: verified
        grade: statute
        from: 2021-01-01
        {{when}}

        """;
}
