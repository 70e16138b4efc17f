using NodaTime;
using Ringfence.Consent;
using Ringfence.Files;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.People;
using Xunit;

namespace Ringfence.Tests.Consent;

/// <summary>A separate consent proves what it names, and nothing else.</summary>
public sealed class SeparateMatterTests
{
    private static readonly OpaqueId Sid = new(1);
    private static readonly OpaqueId Point = new(2);
    private static readonly Instant Start = Instant.FromUtc(2026, 5, 4, 2, 0);

    private static readonly WordingDocument Calls = Box("calls", """
        channels: voice
        purposes: [offers]
        frequency: { most: 4, within: P1M }
        texts: { en: "I agree that Ringmuster Ltd may call me with offers for kitchen appliances, at most 4 times a month. I can withdraw this at any time at ringmuster.example/stop. It is not a condition of buying anything. See the privacy notice." }
        """);

    [Fact]
    public void A_box_that_stands_apart_for_calls_is_no_separate_consent_to_anything_else() =>
        Assert.Equal(["cn-export-consent", "cn-separate"], Refusing([Shown(1, Calls)]));

    // Each names what it is to, and who gets the data.
    private static readonly WordingDocument Provision = Box("provision", """
        kind: third-parties
        purposes: [offers]
        thirdParties: [Ringmuster Ltd]
        texts: { en: "I agree that Sonnenhaus GmbH may pass my number on to Ringmuster Ltd for offers for kitchen appliances. I can withdraw this at any time at ringmuster.example/stop. It is not a condition of buying anything. See the privacy notice." }
        """) with { Sender = "Sonnenhaus GmbH" };

    private static readonly WordingDocument Export = Box("export", """
        kind: export
        purposes: [offers]
        thirdParties: [Ringmuster Ltd]
        texts:
          en: "I agree that Ringmuster Ltd may transfer my number abroad, to Ringmuster Ltd in Singapore, for offers for kitchen appliances. I can withdraw this at any time at ringmuster.example/stop. It is not a condition of buying anything. See the privacy notice."
          zh-Hans: "我同意 Ringmuster Ltd 将我的电话号码提供给位于境外新加坡的 Ringmuster Ltd，用于厨房电器的优惠。我可以随时在 ringmuster.example/stop 撤回同意。是否同意不影响购买。详见隐私政策。"
        """);

    private static readonly WordingDocument Publication = Box("publication", """
        kind: publication
        purposes: [offers]
        publishedIn: the customer magazine
        texts: { en: "I agree that Ringmuster Ltd may publish my name in the customer magazine. I can withdraw this at any time at ringmuster.example/stop. It is not a condition of buying anything. See the privacy notice." }
        """);

    private static readonly WordingDocument Sensitive = Box("sensitive", """
        kind: sensitive-data
        purposes: [offers]
        texts: { en: "I agree that Ringmuster Ltd may use sensitive information about my health for offers for kitchen appliances. I can withdraw this at any time at ringmuster.example/stop. It is not a condition of buying anything. See the privacy notice." }
        """);

    [Fact]
    public void Each_proves_what_it_names_and_nothing_else()
    {
        Assert.Equal(["cn-export-consent", "cn-separate"], Refusing([Shown(1, Calls), Shown(2, Publication), Shown(3, Sensitive)]));
        Assert.Equal(["cn-export-consent"], Refusing([Shown(1, Calls), Shown(2, Provision)]));
        Assert.Equal(["cn-separate"], Refusing([Shown(1, Calls), Shown(2, Export)]));
        Assert.Empty(Refusing([Shown(1, Calls), Shown(2, Provision), Shown(3, Export)]));
    }

    public static TheoryData<string, string> OfWordings() => new()
    {
        { nameof(Calls), "separate" }, { nameof(Provision), "separate-provision" }, { nameof(Export), "separate-export" }, { nameof(Publication), "separate-publication" }, { nameof(Sensitive), "separate-sensitive" },
    };

    [Theory]
    [MemberData(nameof(OfWordings))]
    public void A_wording_proves_one_matter_at_most_in_every_language_and_none_where_its_act_covers_more(string name, string matter)
    {
        var wording = Of(name);
        Assert.All(wording.Texts.Keys, language => Assert.Equal([matter], Matters(wording, language)));
        Assert.True(WordingLint.Passes(WordingLint.Check(wording)), string.Join("; ", WordingLint.Check(wording).Select(static finding => $"{finding.Code} {finding.Where} {finding.Detail}")));
        Assert.Empty(Matters(wording with { Choice = wording.Choice with { AlsoCovers = ["terms"] } }, "en"));
        Assert.Empty(Matters(wording with { Choice = wording.Choice with { Stands = ChoiceStands.AmongOthers } }, "en"));
        if (wording.Kind != WordingKind.Contact)
        {
            Assert.Empty(Matters(With(wording, wording.Texts["en"].Text + " It is published, too."), "en").Except(wording.Kind == WordingKind.Publication ? [matter] : []));
            Assert.Empty(Matters(With(wording, "I agree to everything that Ringmuster Ltd does."), "en"));
        }
    }

    [Fact]
    public void An_act_that_says_yes_to_two_matters_is_separate_for_neither()
    {
        var both = With(Provision, "I agree that Sonnenhaus GmbH may pass my number on to Ringmuster Ltd and transfer it abroad, to Ringmuster Ltd in Singapore. I can withdraw this at any time at ringmuster.example/stop.");
        Assert.Empty(Matters(both, "en"));
        Assert.Contains(WordingLint.Check(both), static finding => finding.Code == "separate-consent-missing");
        // Two channels are two consents.
        Assert.Empty(Matters(WordingLintTests.Sample(), "en"));
    }

    [Fact]
    public void It_is_agreed_to_for_those_who_are_named_and_for_no_other()
    {
        var other = With(Export with { ThirdParties = ["Sonnenhaus GmbH"] }, Export.Texts["en"].Text.Replace("to Ringmuster Ltd in", "to Sonnenhaus GmbH in", StringComparison.Ordinal));
        Assert.Equal(["separate-export"], Matters(other, "en"));
        Assert.Equal(["cn-export-consent"], Refusing([Shown(1, Calls), Shown(2, Provision), Shown(3, other)]));
        Assert.Equal(["cn-export-consent", "cn-separate"], Refusing([Shown(1, Calls), Shown(2, Provision), Shown(3, Export)], controller: null));
    }

    [Fact]
    public void It_counts_while_it_stands_and_where_it_was_said()
    {
        (LedgerRecord, WordingDocument?)[] all = [Shown(1, Calls), Shown(2, Provision), Shown(3, Export)];
        string[] both = ["cn-export-consent", "cn-separate"];
        Assert.Contains("cn-export-consent", Refusing([.. all, (Record(4, RecordType.ConsentWithdrawn, RecordState.Withdrawn), null), Shown(5, Calls)]));
        Assert.Equal(["cn-export-consent"], Refusing([.. all[..2], Ending(Shown(3, Export), "P1D")]));
        Assert.Equal(["cn-export-consent"], Refusing([.. all, (Record(4, RecordType.ConsentCorrected, RecordState.Given) with { About = [3], Scope = new RecordScope(null, ["offers"], "export") }, null)]));
        var elsewhere = Shown(3, Export);
        Assert.Equal(["cn-export-consent"], Refusing([.. all[..2], (elsewhere.Record with { Subject = new Subject(Sid, new OpaqueId(7)) }, elsewhere.Wording)]));
        var asked = Shown(3, Export);
        Assert.Equal(["cn-export-consent"], Refusing([.. all[..2], (asked.Record with { Type = RecordType.ConsentRequested, State = RecordState.Requested }, asked.Wording)]));
        Assert.Equal(both, Refusing([all[0]]));

        static (LedgerRecord, WordingDocument?) Ending((LedgerRecord Record, WordingDocument Wording) said, string after) => (said.Record with { ValidFor = after }, said.Wording);
    }

    [Fact]
    public void What_is_known_of_a_person_says_the_same_as_bytes()
    {
        var said = Shown(3, Export);
        var known = KnownPerson.Of(Person.Of(Sid, [Shown(1, Calls).Record, said.Record with { ValidFor = "P3Y" }]), seq => ShownOf(seq == 3 ? said.Wording : Calls, (seq == 3 ? said : Shown(1, Calls)).Record, "Ringmuster Ltd"));
        var writer = new CompactWriter();
        known.Write(writer);
        var reader = new CompactReader(writer.Written);
        Assert.Equal(known.Separate, KnownPerson.Read(ref reader).Separate);
        Assert.Equal(EvidenceItems.SeparateExport, Assert.Single(known.Separate).Matter);
    }

    private static WordingDocument Of(string name) => name switch { nameof(Calls) => Calls, nameof(Provision) => Provision, nameof(Export) => Export, nameof(Publication) => Publication, _ => Sensitive };

    private static WordingDocument With(WordingDocument wording, string words) => wording with { Texts = new Dictionary<string, WordingWords> { ["en"] = new(words, null, null, null) } };

    private static string[] Matters(WordingDocument wording, string language) =>
        [.. Words<EvidenceItems>.All.Where(word => word.StartsWith("separate", StringComparison.Ordinal) && Words<EvidenceItems>.TryParse(word, out var item) && WordingProof.Of(wording, language)!.Items.HasFlag(item))];

    internal static WordingDocument Box(string id, string rest) => WordingDocument.Read("box.yaml", $$"""
        format: ringfence/wording/v1
        id: {{id}}
        version: "1"
        sender: Ringmuster Ltd
        stop: { page: "https://ringmuster.example/stop" }
        notice: { page: "https://ringmuster.example/privacy", version: "1" }
        choice: { kind: box, stands: apart }
        {{rest}}
        """);

    private static (LedgerRecord Record, WordingDocument Wording) Shown(long seq, WordingDocument wording) => (
        Record(seq, RecordType.ConsentGiven, RecordState.Given) with
        {
            Scope = new RecordScope(wording.Channels == ChannelSet.None ? null : ["voice"], ["offers"], SeparateConsent.ServiceOf(wording.Kind)),
            Notice = new Notice(wording.Digest, "en", "1"),
        },
        wording);

    // The rules by which a separate consent is missing, for a partner's lead that a firm in Singapore calls.
    private static string[] Refusing(IEnumerable<(LedgerRecord Record, WordingDocument? Wording)> said, string? controller = "Ringmuster Ltd")
    {
        var asked = SituationFile.Read("s", """
            given: clean
            at: 2026-06-01T10:00 Asia/Shanghai
            ask: { controller: acme, channel: voice, technique: manual, class: marketing, purpose: offers, subject: kitchen }
            contact: { phone: "+8613912345678", residence: CN, audience: b2c, source: { kind: partner, provenance: true } }
            seller: { country: SG, registrations: [{ place: CN, kind: data-export }] }
            """);
        var by = said.ToDictionary(static one => one.Record.Seq);
        var situation = PersonFacts.Of(
            asked, Person.Of(Sid, [.. by.Values.Select(static one => one.Record)]), Point,
            seq => by.TryGetValue(seq, out var one) && one.Wording is { } wording ? ShownOf(wording, one.Record, controller) : null,
            []);
        return [.. ContactGate.Shipped.Decide(situation).AllReasons.Select(static reason => reason.Rule?.Id ?? reason.Code.ToString()).Distinct().Order(StringComparer.Ordinal)];
    }

    private static ShownEvidence ShownOf(WordingDocument wording, LedgerRecord record, string? controller) => ConsentProof.Shown(
        record, new ConsentEvidence { Method = ConsentMethod.Checkbox, At = Start, Page = "https://ringmuster.example/offers", Ip = "192.0.2.7", Shown = new ShownWording(wording.Digest, "en") },
        WordingProof.Of(wording, "en"), hasName: true, controller);

    private static LedgerRecord Record(long seq, RecordType type, RecordState state) => new()
    {
        Seq = seq,
        Id = new OpaqueId((UInt128)seq + 100),
        Type = type,
        State = state,
        At = Start + Duration.FromHours(seq),
        Controller = TreeHash.Sha256("party"u8),
        Actor = new Actor(ActorKind.Person, "self"),
        Subject = new Subject(Sid, Point),
    };
}
