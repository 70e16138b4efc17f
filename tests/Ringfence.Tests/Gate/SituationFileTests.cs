using NodaTime;
using NodaTime.Text;
using Ringfence.Gate;
using Ringfence.Rules;
using Xunit;

namespace Ringfence.Tests.Gate;

/// <summary>A situation is read as what it says, and what is left out is not known.</summary>
public sealed class SituationFileTests
{
    private const string At = "at: 2026-06-09T09:00:00Z\n";

    private static Situation Read(string text) => SituationFile.Read("s.yaml", At + text);

    private static Instant Instant(string iso) => InstantPattern.ExtendedIso.Parse(iso).Value;

    [Fact]
    public void What_is_left_out_is_not_known()
    {
        var situation = Read("");
        Assert.Equal(new Situation { At = Instant("2026-06-09T09:00:00Z") }, situation);
        Assert.Equal(situation, Read("ask: null\ncontact: ~\nconsents:\nstatus: { emergency: null }\nregisters: null\nseller: {}\n"));
    }

    [Fact]
    public void An_empty_list_is_known_to_be_none()
    {
        var situation = Read("consents: []\nsuppressions: []\nhistory: []\nregisters: {}\nrightsRequests: []\nstatus: { emergency: false }\ncontact: { relation: [], notices: [], wishes: {} }\nseller: { is: [], registrations: [] }\nask: { campaign: { selectedBy: [] }, script: [] }\n");
        Assert.Empty(situation.Consents!);
        Assert.Empty(situation.Suppressions!);
        Assert.Empty(situation.History!);
        Assert.Empty(situation.Registers!);
        Assert.Empty(situation.RightsRequests!);
        Assert.Empty(situation.Emergency!);
        Assert.Empty(situation.Contact.Relations!);
        Assert.Equal(Notices.None, situation.Contact.NoticesGiven);
        Assert.Equal((0, null, null), (situation.Contact.Wishes!.Hours.Count, situation.Contact.Wishes.Most, situation.Contact.Wishes.PausedUntil));
        Assert.Equal(SellerKinds.None, situation.Seller.Is);
        Assert.Empty(situation.Seller.Registrations!);
        Assert.Equal(Selection.None, situation.Ask.Campaign!.SelectedBy);
        Assert.Equal(ContentBlocks.None, situation.Ask.Script);
    }

    [Theory]
    [InlineData("2026-06-09T09:00:00Z", "2026-06-09T09:00:00Z")]
    [InlineData("2026-06-09T09:00Z", "2026-06-09T09:00:00Z")]
    [InlineData("2026-06-09T09:00:00.25Z", "2026-06-09T09:00:00.25Z")]
    [InlineData("2026-06-09T11:00:00+02:00", "2026-06-09T09:00:00Z")]
    [InlineData("2026-06-09T05:30-03:30", "2026-06-09T09:00:00Z")]
    [InlineData("2026-06-09T11:00 Europe/Paris", "2026-06-09T09:00:00Z")]
    [InlineData("2026-06-09T11:00:30 Europe/Paris", "2026-06-09T09:00:30Z")]
    [InlineData("2026-06-09T03:00 UTC-06:00", "2026-06-09T09:00:00Z")]
    // The hour that Paris has twice on 25 October 2026 is the second one, the one it skips on 29 March as it would have been.
    [InlineData("2026-10-25T02:30 Europe/Paris", "2026-10-25T01:30:00Z")]
    [InlineData("2026-03-29T02:30 Europe/Paris", "2026-03-29T01:30:00Z")]
    public void An_instant_is_written_in_several_ways(string written, string instant) =>
        Assert.Equal(Instant(instant), SituationFile.Read("s.yaml", $"at: {written}\n").At);

    [Fact]
    public void All_that_is_asked_is_read()
    {
        var ask = Read(
            """
            ask:
              controller: Acme SAS
              brand: Acme
              channel: voice
              technique: predictive
              purpose: offers:solar
              class: marketing
              promotes: false
              subject: solar
              similar: true
              relatesToContract: false
              sector: renewable-energy
              callerId: { number: "+33123456789", shown: true, entitled: true, directory: false, answered: true, registered: false }
              script: [identity, purpose]
              template: { category: utility, status: paused, holds: complete, optOutLiveUntil: 2026-07-09, registered: true }
              agent: { id: a7, trained: true, registered: false }
              campaign: { id: c1, abandonedPercent: 2.5, selectedBy: [purchases, sex-life] }
              replyTo: 2026-06-09T08:58:00Z

            """).Ask;
        Assert.Equal(
            new Ask
            {
                Controller = "Acme SAS", Brand = "Acme", Channel = Channel.Voice, Technique = Technique.Predictive, Purpose = "offers:solar",
                Class = ContactClass.Marketing, Promotes = false, Subject = "solar", Similar = true, RelatesToContract = false, Sector = Sector.RenewableEnergy,
                CallerId = new CallerId { Number = "+33123456789", Shown = true, Entitled = true, Directory = false, Answered = true, Registered = false },
                Script = ContentBlocks.Identity | ContentBlocks.Purpose,
                Template = new MessageTemplate
                {
                    Category = TemplateCategory.Utility, Status = TemplateStatus.Paused, Holds = ContentBlocks.All, OptOutLiveUntil = new LocalDate(2026, 7, 9), Registered = true,
                },
                Agent = new Agent { Id = "a7", Trained = true, Registered = false },
                Campaign = new Campaign { Id = "c1", AbandonedPercent = 2.5m, SelectedBy = Selection.Purchases | Selection.SexLife },
                ReplyTo = Instant("2026-06-09T08:58:00Z"),
            },
            ask);
    }

    [Fact]
    public void All_that_is_known_of_the_person_is_read()
    {
        var person = Read(
            """
            contact:
              phone: +33612345678
              email: a@example.org
              otherPhones: ["+33612345679"]
              residence: { place: [US-FL, US-GA], basis: documented }
              zone: [America/New_York, America/Chicago]
              audience: sole
              relation:
                - { kind: contract, from: 2025-01-02, until: 2026-01-01T10:00 Europe/Paris, subject: gas, reference: K1, contactGiven: true, refusalOffered: false }
              source: { kind: referral, provenance: false }
              age: 17
              lineType: voip
              verified: true
              reassigned: { answer: no-data, askedAt: 2026-06-01 }
              notices: [art21, first-offer]
              wishes: { hours: [{ days: sat, from: "10:00", until: "12:00" }], pausedUntil: 2026-07-01, most: 2, within: P7D }
              quarantine: false
              unlisted: true

            """).Contact;
        Assert.Equal(("+33612345678", "a@example.org"), (person.Phone, person.Email));
        Assert.Equal(["+33612345679"], person.OtherPhones!);
        Assert.Equal(["US-FL", "US-GA"], person.Residence!);
        Assert.Equal(["America/New_York", "America/Chicago"], person.Zones!);
        Assert.Equal((ResidenceBasis.Documented, Audience.Sole, ContactSource.Referral, false), (person.ResidenceBasis, person.Audience, person.Source, person.Provenance));
        Assert.Equal(
            new Relation
            {
                Kind = RelationKind.Contract, From = Moment.On(new LocalDate(2025, 1, 2)), Until = Moment.At(Instant("2026-01-01T09:00:00Z")), Subject = "gas", Reference = "K1",
                ContactGiven = true, RefusalOffered = false,
            },
            Assert.Single(person.Relations!));
        Assert.Equal((new PersonAge(17, false), LineType.Voip, true, false, true), (person.Age, person.LineType, person.Verified, person.Quarantine, person.Unlisted));
        Assert.Equal((ReassignedAnswer.NoData, Moment.On(new LocalDate(2026, 6, 1))), (person.Reassigned, person.ReassignedAskedAt));
        Assert.Equal(Notices.Art21 | Notices.FirstOffer, person.NoticesGiven);
        Assert.Equal(new WeeklyWindow(0b0100000, 36000, 43200), Assert.Single(person.Wishes!.Hours));
        Assert.Equal((Moment.On(new LocalDate(2026, 7, 1)), new Promise(2, Period.FromDays(7), ChannelSet.All)), (person.Wishes.PausedUntil, person.Wishes.Most));
    }

    [Theory]
    [InlineData("FR", "FR")]
    [InlineData("[FR, BE]", "FR BE")]
    [InlineData("{ place: FR }", "FR")]
    public void A_residence_is_one_place_or_several(string written, string places)
    {
        var person = Read($"contact: {{ residence: {written} }}\n").Contact;
        Assert.Equal(places.Split(' '), person.Residence!);
        Assert.Equal(ResidenceBasis.Declared, person.ResidenceBasis);
    }

    [Theory]
    [InlineData("adult", null, true)]
    [InlineData("minor", null, false)]
    [InlineData("18", 18, true)]
    [InlineData("0", 0, false)]
    public void An_age_is_years_or_a_word(string written, int? years, bool isAdult) =>
        Assert.Equal(new PersonAge(years, isAdult), Read($"contact: {{ age: {written} }}\n").Contact.Age);

    [Fact]
    public void All_that_is_known_of_a_consent_is_read()
    {
        var consent = Assert.Single(Read(
            """
            consents:
              - controllers: [Acme, Acme Energy]
                channels: [voice, sms]
                techniques: [manual, ai-voice]
                purposes: [offers, news]
                subject: solar
                grantedAt: 2026-01-01
                renewedAt: 2026-02-01
                withdrawnAt: 2026-03-01
                lastActiveAt: 2026-04-01
                method: double-opt-in
                evidence: { holds: [record, wording, signature], lacks: [wording], flaws: [bundled, tied] }
                term: P1Y
                until: 2027-01-01
                timeScope:
                  - { days: mon-fri, from: "18:00", until: "20:00" }
                  - { slot: 2026-09-05T11:00, lasts: PT30M }
                  - { slot: 2026-09-06T11:00 }
                  - night
                promise: { most: 4, within: P30D }
                onRegister: true

            """).Consents!);
        Assert.Equal(["Acme", "Acme Energy"], consent.Controllers!);
        Assert.Equal([Technique.Manual, Technique.AiVoice], consent.Techniques!);
        Assert.Equal(["offers", "news"], consent.Purposes);
        Assert.Equal((ChannelSet.Voice | ChannelSet.Sms, "solar", ConsentMethod.DoubleOptIn, true), (consent.Channels, consent.Subject, consent.Method, consent.OnRegister));
        Assert.Equal([1, 2, 3, 4], new[] { consent.GrantedAt, consent.RenewedAt, consent.WithdrawnAt, consent.LastActiveAt }.Select(at => at!.Value.DayIn(DateTimeZone.Utc).Month));
        Assert.Equal((EvidenceItems.Record | EvidenceItems.Signature, ConsentFlaws.Bundled | ConsentFlaws.Tied), (consent.Holds, consent.Flaws));
        Assert.Equal((Period.FromYears(1), new LocalDate(2027, 1, 1)), (consent.Term, consent.Until));
        Assert.Equal(
            [
                new TimeScope(new WeeklyWindow(0b0011111, 64800, 72000), null, false),
                new TimeScope(null, (new LocalDateTime(2026, 9, 5, 11, 0), Duration.FromMinutes(30)), false),
                new TimeScope(null, (new LocalDateTime(2026, 9, 6, 11, 0), Duration.FromHours(1)), false),
                new TimeScope(null, null, true),
            ],
            consent.TimeScopes);
        Assert.Equal(new Promise(4, Period.FromDays(30), ChannelSet.Voice | ChannelSet.Sms), consent.Promise);
    }

    [Theory]
    [InlineData("", EvidenceItems.None)]
    [InlineData("evidence: complete", EvidenceItems.All)]
    [InlineData("evidence: [record]", EvidenceItems.Record)]
    [InlineData("evidence: { holds: complete, lacks: [record] }", EvidenceItems.All & ~EvidenceItems.Record)]
    [InlineData("evidence: { holds: complete }", EvidenceItems.All)]
    public void Evidence_is_complete_or_a_list(string written, EvidenceItems holds)
    {
        var consent = Assert.Single(Read($"consents: [{{ channels: [sms], {written} }}]\n").Consents!);
        Assert.Equal((holds, (IReadOnlyList<string>?)null, (IReadOnlyList<Technique>?)null), (consent.Holds, consent.Controllers, consent.Techniques));
        Assert.Empty(consent.Purposes);
    }

    [Fact]
    public void The_records_of_the_controller_are_read()
    {
        var situation = Read(
            """
            suppressions:
              - { scope: { channels: [sms], purposes: [offers], program: alerts }, controller: any, since: 2026-01-01, by: person, kind: objection }
              - { scope: all }
              - {}
            registers:
              fr-bloctel: { screenedAt: 2026-05-28, listed: true, listedAt: 2026-01-01, publishedAt: 2026-01-02, consentsWithdrawn: true, version: 12, digest: "sha256:00" }
              us-national: null
            history:
              - { at: 2026-06-01T10:00 Europe/Paris, channel: whatsapp, controller: Acme, subject: s, agent: a, campaign: c, purpose: p, outcome: opted-out, number: "+331" }
            seller:
              country: FR
              registrations: [{ place: US-FL, kind: telemarketer, from: 2026-01-01, until: 2026-12-31 }, { place: any, kind: any, exemption: "Act 1" }]
              balancingTest: true
              impactAssessment: false
              is: [charity, fca-authorised]
            status: { emergency: [US-FL, US] }
            rightsRequests: [{ kind: erasure, openedAt: 2026-06-01, closedAt: 2026-06-02T00:00:00Z }]

            """);
        Assert.Equal(3, situation.Suppressions!.Count);
        var first = situation.Suppressions[0];
        Assert.Equal((ChannelSet.Sms, "alerts", "any", SuppressedBy.Person, SuppressionKind.Objection), (first.Channels, first.Program, first.Controller, first.By, first.Kind));
        Assert.Equal(["offers"], first.Purposes!);
        Assert.Equal(new SuppressionEntry(), situation.Suppressions[1]);
        Assert.Equal(new SuppressionEntry(), situation.Suppressions[2]);
        Assert.Equal(
            new Screening
            {
                ScreenedAt = Moment.On(new LocalDate(2026, 5, 28)), Listed = true, ListedAt = Moment.On(new LocalDate(2026, 1, 1)), PublishedAt = Moment.On(new LocalDate(2026, 1, 2)), ConsentsWithdrawn = true, Version = 12, Digest = "sha256:00",
            },
            Assert.Single(situation.Registers!).Value);
        Assert.Equal(
            new PastEvent
            {
                At = Instant("2026-06-01T08:00:00Z"), Channel = Channel.Whatsapp, Controller = "Acme", Subject = "s", Agent = "a", Campaign = "c", Purpose = "p", Outcome = Outcome.OptedOut, Number = "+331",
            },
            Assert.Single(situation.History!));
        Assert.Equal(
            [new Registration("US-FL", "telemarketer", new LocalDate(2026, 1, 1), new LocalDate(2026, 12, 31), null), new Registration("any", "any", null, null, "Act 1")],
            situation.Seller.Registrations!);
        Assert.Equal(("FR", true, false, SellerKinds.Charity | SellerKinds.FcaAuthorised), (situation.Seller.Country, situation.Seller.BalancingTest, situation.Seller.ImpactAssessment, situation.Seller.Is));
        Assert.Equal(["US-FL", "US"], situation.Emergency!);
        Assert.Equal(new OpenRequest(RequestKind.Erasure, Moment.On(new LocalDate(2026, 6, 1)), Moment.At(Instant("2026-06-02T00:00:00Z"))), Assert.Single(situation.RightsRequests!));
    }

    [Fact]
    public void Json_says_the_same()
    {
        var yaml = Read("ask: { channel: sms, purpose: \"été \\\"1\\\"\" }\nconsents: []\n");
        var json = SituationFile.Read("s.json", "\ufeff{\n\t\"at\":\"2026-06-09T09:00:00Z\",\r\n\t\"ask\":{\"channel\":\"sms\",\"purpose\":\"\\u00e9t\\u00e9 \\\"1\\\"\",\"class\":null},\n\t\"consents\":[]\n}\n");
        Assert.Equal(yaml.Ask, json.Ask);
        Assert.Equal(yaml.At, json.At);
        Assert.Empty(json.Consents!);
        Assert.Equal("a/b", SituationFile.Read("s.json", """{"at":"2026-06-09T09:00:00Z","ask":{"purpose":"a\/b"}}""").Ask.Purpose);
        Assert.Equal("👍", SituationFile.Read("s.json", """{"at":"2026-06-09T09:00:00Z","ask":{"purpose":"\ud83d\udc4d"}}""").Ask.Purpose);
    }

    [Fact]
    public void Clean_facts_stand_in_nobody_s_way_and_what_is_stated_outweighs_them()
    {
        var clean = Read("given: clean\nask: { channel: voice }\n");
        Assert.Equal((Technique.Manual, Sector.Other, false, ContentBlocks.All), (clean.Ask.Technique, clean.Ask.Sector, clean.Ask.Promotes, clean.Ask.Script));
        Assert.Equal((true, ReassignedAnswer.No, new PersonAge(null, true), Audience.B2c), (clean.Contact.Verified, clean.Contact.Reassigned, clean.Contact.Age, clean.Contact.Audience));
        Assert.Equal(("US", "any"), (clean.Seller.Country, clean.Seller.Registrations![0].Place));
        Assert.Equal(Technique.Prerecorded, Read("given: clean\nask: { channel: voice-auto }\n").Ask.Technique);
        Assert.Equal(Technique.Bulk, Read("given: clean\nask: { channel: whatsapp }\n").Ask.Technique);
        Assert.Equal(Technique.AiVoice, Read("given: clean\nask: { channel: voice-auto, technique: ai-voice }\n").Ask.Technique);
        Assert.Null(Read("given: clean\nask: { channel: voice, technique: null }\n").Ask.Technique);
        Assert.Null(Read("given: clean\n").Ask.Technique);
        Assert.Null(Read("given: clean\nconsents: null\n").Consents);
        Assert.Equal((true, false), Read("given: clean\nask: { callerId: { shown: false } }\n").Ask.CallerId is { } id ? (id.Entitled!.Value, id.Shown!.Value) : default);
    }

    [Theory]
    [InlineData("asks: {}", 2, 1, "unknown key 'asks'; known are at, ask, contact,")]
    [InlineData("ask: [sms]", 2, 6, "a mapping is wanted here")]
    [InlineData("ask: { chanel: sms }", 2, 8, "was 'channel' meant?")]
    [InlineData("ask: { channel: text }", 2, 17, "'text' is none of voice, voice-auto, sms, whatsapp, email, fax")]
    [InlineData("ask: { script: [hello] }", 2, 17, "'hello' is none of identity, principal,")]
    [InlineData("ask: { promotes: maybe }", 2, 18, "'maybe' is none of true, false")]
    [InlineData("ask: { campaign: { abandonedPercent: 101 } }", 2, 38, "is more than all")]
    [InlineData("ask: { campaign: { selectedBy: [shoe-size] } }", 2, 33, "'shoe-size' is none of purchases,")]
    [InlineData("ask: { template: { optOutLiveUntil: 9999-12-31 } }", 2, 37, "'9999-12-31' is no day")]
    [InlineData("ask: { replyTo: 2026-06-09 }", 2, 17, "'2026-06-09' is no instant")]
    [InlineData("contact: { residence: UK }", 2, 23, "'UK' is no code of ISO 3166")]
    [InlineData("contact: { residence: [] }", 2, 23, "the list is empty")]
    [InlineData("contact: { residence: { place: FR, basis: sure } }", 2, 43, "'sure' is none of guessed, declared, billing, documented")]
    [InlineData("contact: { zone: Paris }", 2, 18, "'Paris' is no zone of the tz database")]
    [InlineData("contact: { age: -1 }", 2, 17, "'-1' is neither adult, nor minor")]
    [InlineData("contact: { reassigned: \"yes\" }", 2, 24, "a mapping is wanted here")]
    [InlineData("contact: { relation: { kind: contract } }", 2, 22, "'relation' has to be a list")]
    [InlineData("contact: { relation: [{ kind: contract }] }", 2, 23, "'from' is missing")]
    [InlineData("contact: { relation: [{ kind: contract, from: 2026-01-02, until: 2026-01-01 }] }", 2, 66, "the end is before the beginning")]
    [InlineData("contact: { wishes: { most: 2 } }", 2, 20, "'within' is missing")]
    [InlineData("contact: { wishes: { hours: [{ days: sat, from: \"12:00\", until: \"10:00\" }] } }", 2, 65, "the end is not after the beginning")]
    [InlineData("consents: [null]", 2, 12, "a mapping is wanted here")]
    [InlineData("consents: [{ channels: [sms], chanels: [sms] }]", 2, 31, "unknown key 'chanels'")]
    [InlineData("consents: [{ controller: a, controllers: [b] }]", 2, 42, "either 'controller' or 'controllers'")]
    [InlineData("consents: [{ evidence: { lacks: [record] } }]", 2, 24, "'holds' is missing")]
    [InlineData("consents: [{ evidence: [recrod] }]", 2, 25, "was 'record' meant?")]
    [InlineData("consents: [{ timeScope: [day] }]", 2, 26, "'day' is neither night, nor a window, nor a slot")]
    [InlineData("consents: [{ timeScope: [{ slot: 2026-09-05 }] }]", 2, 34, "'2026-09-05' is no local time")]
    [InlineData("consents: [{ term: PT5H }]", 2, 20, "'PT5H' has hours")]
    [InlineData("consents: [{ promise: { most: 1, within: soon } }]", 2, 42, "'soon' is no period")]
    [InlineData("suppressions: [{ scope: some }]", 2, 25, "'some' is none of all")]
    [InlineData("registers: { Bloctel: { listed: false } }", 2, 14, "'Bloctel' is no name")]
    [InlineData("registers: { fr-bloctel: clear }", 2, 26, "a mapping is wanted here")]
    [InlineData("history: [{ outcome: sent }]", 2, 11, "'at' is missing")]
    [InlineData("history: [{ at: 2026-06-09, outcome: sent }]", 2, 17, "'2026-06-09' is no instant")]
    [InlineData("history: [{ at: 2026-06-09T09:00:00Z, outcome: send }]", 2, 48, "was 'sent' meant?")]
    [InlineData("seller: { registrations: [{ place: everywhere, kind: any }] }", 2, 36, "'everywhere' is no code of ISO 3166")]
    [InlineData("seller: { is: [saint] }", 2, 16, "'saint' is none of charity,")]
    [InlineData("status: { emergency: true }", 2, 22, "'true' is no code of ISO 3166")]
    [InlineData("rightsRequests: [{ kind: cake }]", 2, 26, "'cake' is none of access,")]
    [InlineData("given: dirty", 2, 8, "'dirty' is none of clean")]
    [InlineData("at: 2026-06-09T09:00:00Z", 2, 1, "the key 'at' stands twice")]
    public void What_can_t_be_is_refused_where_it_stands(string text, int line, int column, string why)
    {
        var error = Assert.Throws<RuleFileException>(() => Read(text + "\n"));
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
        Assert.Equal((line, column), (error.Line, error.Column));
        Assert.StartsWith($"s.yaml:{line}:{column}: ", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "s.yaml:1:1: the file is empty")]
    [InlineData("ask: {}", "s.yaml:1:1: 'at' is missing")]
    [InlineData("at: today", "s.yaml:1:5: 'at': 'today' is no instant")]
    [InlineData("at: 2026-06-09T11:00", "s.yaml:1:5: 'at': '2026-06-09T11:00' is no instant")]
    [InlineData("at: 2026-06-09T11:00 Paris", "s.yaml:1:5: 'at': '2026-06-09T11:00 Paris' is no instant")]
    [InlineData("at: 2026-06-31T11:00:00Z", "s.yaml:1:5: 'at': '2026-06-31T11:00:00Z' is no instant")]
    [InlineData("at: 9999-06-09T11:00:00Z", "s.yaml:1:5: 'at': '9999-06-09T11:00:00Z' is no instant")]
    [InlineData("- at", "s.yaml:1:1: a mapping is wanted here")]
    [InlineData("at: 2026-06-09T09:00:00Z\n---\nat: 2026-06-09T09:00:00Z", "s.yaml:2:1: only one document is wanted")]
    public void A_file_that_is_no_situation_is_refused(string text, string why)
    {
        var error = Assert.Throws<RuleFileException>(() => SituationFile.Read("s.yaml", text));
        Assert.StartsWith(why, error.Message, StringComparison.Ordinal);
    }
}
