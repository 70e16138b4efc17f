using NodaTime;
using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Ledger;
using Xunit;
using static Ringfence.Tests.Consent.ConsentEvents;

namespace Ringfence.Tests.Consent;

public sealed class ConsentProofTests
{
    private static readonly WordingDocument Wording = WordingLintTests.Sample();

    /// <summary>A record with what is sealed in it, and the wording that is kept.</summary>
    private sealed record Kept(LedgerRecord Record, ConsentEvidence? Evidence, WordingDocument? Wording);

    private static Kept Shown(long seq, ConsentEvidence? evidence, WordingDocument? wording = null, RecordType type = RecordType.ConsentGiven) => new(
        Record(seq, type) with
        {
            Scope = new RecordScope(["sms", "voice"], ["offers"]),
            Notice = new Notice((wording ?? Wording).Digest, "en"),
            EventAt = Hour(seq),
            EventSource = EventSource.Server,
        },
        evidence,
        wording ?? Wording);

    private static Kept Confirming(long seq, long about, Channel via) => new(
        Record(seq, RecordType.ConsentConfirmed) with { About = [about], Method = new CollectionMethod("web_form", Ceremony.DoubleOptIn) },
        new ConsentEvidence { Method = ConsentMethod.DoubleOptIn, Confirmation = new Confirmation(Hour(seq), via, "m") },
        null);

    private static Kept Withdrawn(long seq) => new(Record(seq, RecordType.ConsentWithdrawn), null, null);

    private static LedgerRecord Record(long seq, RecordType type) => new()
    {
        Seq = seq,
        Id = new OpaqueId((UInt128)seq),
        Type = type,
        At = Hour(seq),
        Controller = TreeHash.Sha256("party"u8),
        Actor = new Actor(ActorKind.Person, "self"),
        Subject = new Subject(new OpaqueId(99), Mobile),
    };

    private static IReadOnlyList<GivenConsent> All(Instant at, string purpose, bool hasName, params Kept[] kept) => PersonFacts.ConsentsOf(
        ConsentState.Fold(kept.Select(one => one.Record)), Mobile, purpose, at,
        seq => kept.FirstOrDefault(one => one.Record.Seq == seq) is { } one ? ConsentProof.Shown(one.Record, one.Evidence, one.Wording is null ? null : WordingProof.Of(one.Wording, "en"), hasName) : null);

    private static GivenConsent Told(params Kept[] kept) => Assert.Single(All(Hour(100), "offers", hasName: true, kept));

    private static EvidenceItems Held(EvidenceItems among, params Kept[] kept) => Told(kept).Holds & among;

    private static ConsentEvidence Box => ConsentEvidenceTests.Full(ConsentMethod.Checkbox) with { Confirmation = null, Signature = null, Account = null, Guardian = null, Message = null };

    [Fact]
    public void A_box_that_was_ticked_is_told_with_all_that_it_shows()
    {
        var told = Told(Shown(1, Box));
        Assert.Equal((ChannelSet.Voice | ChannelSet.Sms, ConsentFlaws.None, ConsentMethod.Checkbox), (told.Channels, told.Flaws, told.Method));
        Assert.Equal(["offers"], told.Purposes);
        Assert.Equal(1, told.Seq);
        Assert.Equal(Moment.At(Hour(1)), told.GrantedAt);
        Assert.Equal(Period.FromYears(1), told.Term);
        Assert.Equal((4, Period.FromMonths(1)), (told.Promise!.Most, told.Promise.Within));
        Assert.Equal(
            EvidenceItems.Record | EvidenceItems.Wording | EvidenceItems.SellerNamed | EvidenceItems.CallersNamed | EvidenceItems.GoodsNamed | EvidenceItems.ChannelNamed
            | EvidenceItems.PersonNamed | EvidenceItems.NumberNamed | EvidenceItems.DocumentedAtGrant | EvidenceItems.TimeRecorded | EvidenceItems.MannerRecorded
            | EvidenceItems.RecipientRecorded | EvidenceItems.Writing | EvidenceItems.NotConditionTold | EvidenceItems.DisclosureSeparate | EvidenceItems.PeriodStated
            | EvidenceItems.WithdrawalTold | EvidenceItems.ProofAccessTold | EvidenceItems.Exportable,
            told.Holds);
    }

    [Fact]
    public void Erased_evidence_shows_nothing() => Assert.Equal(EvidenceItems.None, Told(Shown(1, null)).Holds);

    [Fact]
    public void Without_its_wording_nothing_of_the_words_is_claimed_and_there_is_no_record()
    {
        const EvidenceItems OfWords = EvidenceItems.Record | EvidenceItems.Wording | EvidenceItems.SellerNamed | EvidenceItems.Exportable;
        Assert.Equal(OfWords, Held(OfWords, Shown(1, Box)));
        Assert.Equal(EvidenceItems.None, Held(OfWords, Shown(1, Box) with { Wording = null }));
        // The record names none, another one, or none in a language.
        var kept = Shown(1, Box);
        foreach (var notice in new[] { null, new Notice(TreeHash.Sha256("other"u8), "en"), new Notice(Wording.Digest), new Notice(Wording.Digest, "de") })
            Assert.Equal(EvidenceItems.None, Held(OfWords, kept with { Record = kept.Record with { Notice = notice } }));
    }

    [Theory]
    [InlineData(ConsentMethod.Oral, EvidenceItems.None)]
    [InlineData(ConsentMethod.RecordedCall, EvidenceItems.DocumentedAtGrant)]
    public void Spoken_words_are_no_writing_and_only_a_recording_documents_them(ConsentMethod method, EvidenceItems documented)
    {
        var spoken = Wording with { Choice = Wording.Choice with { Kind = ChoiceKind.Spoken } };
        var evidence = ConsentEvidenceTests.Full(method) with { Shown = new ShownWording(spoken.Digest, "en"), Signature = null };
        Assert.Equal(EvidenceItems.Record | documented, Held(EvidenceItems.Record | EvidenceItems.DocumentedAtGrant | EvidenceItems.Writing | EvidenceItems.Signature, Shown(1, evidence, spoken)));
    }

    [Fact]
    public void What_staff_put_down_later_was_not_documented_when_it_was_given()
    {
        var kept = Shown(1, Box);
        EvidenceItems With(EventSource source, RecordType type = RecordType.ConsentGiven, double at = 1) =>
            Held(EvidenceItems.DocumentedAtGrant, kept with { Record = kept.Record with { Type = type, EventSource = source, EventAt = Hour(at) } });

        Assert.Equal(EvidenceItems.DocumentedAtGrant, With(EventSource.Server));
        Assert.Equal(EvidenceItems.DocumentedAtGrant, With(EventSource.Provider));
        Assert.Equal(EvidenceItems.None, With(EventSource.Provider, at: -24));
        Assert.Equal(EvidenceItems.None, With(EventSource.Staff));
        Assert.Equal(EvidenceItems.None, With(EventSource.Import, RecordType.ConsentImported));
    }

    [Fact]
    public void A_confirmation_verifies_the_number_it_came_from_and_nothing_else()
    {
        const EvidenceItems Verified = EvidenceItems.Record | EvidenceItems.Confirmed | EvidenceItems.NumberVerified | EvidenceItems.EmailVerified;
        var asked = Shown(1, Box, type: RecordType.ConsentRequested);
        Assert.Equal(ConsentMethod.DoubleOptIn, Told(asked, Confirming(2, 1, Channel.Sms)).Method);
        Assert.Equal(EvidenceItems.Record | EvidenceItems.Confirmed | EvidenceItems.NumberVerified, Held(Verified, asked, Confirming(2, 1, Channel.Sms)));
        Assert.Equal(EvidenceItems.Record | EvidenceItems.Confirmed | EvidenceItems.EmailVerified, Held(Verified, asked, Confirming(2, 1, Channel.Email)));
        // A confirmation that was never recorded as one.
        Assert.Equal(EvidenceItems.Record, Held(Verified, Shown(1, Box with { Confirmation = new Confirmation(Hour(2), Channel.Sms, "m") })));
    }

    [Fact]
    public void Who_claims_to_be_a_parent_is_none_until_it_shows_who_said_so()
    {
        var claimed = Box with { Guardian = "Erika Muster" };
        Assert.Equal(EvidenceItems.None, Held(EvidenceItems.Parent, Shown(1, claimed)));
        // What was seen when they were asked is written once more with the confirmation.
        var confirmed = Confirming(2, 1, Channel.Sms);
        Assert.Equal(EvidenceItems.Parent, Held(EvidenceItems.Parent, Shown(1, claimed, type: RecordType.ConsentRequested), confirmed with { Evidence = confirmed.Evidence! with { Guardian = "Erika Muster" } }));
        var paper = Wording with { Choice = Wording.Choice with { Kind = ChoiceKind.Signature } };
        Assert.Equal(EvidenceItems.Parent, Held(EvidenceItems.Parent, Shown(1, ConsentEvidenceTests.Full(ConsentMethod.Paper) with { Shown = new ShownWording(paper.Digest, "en") }, paper)));
        Assert.Equal(EvidenceItems.None, Held(EvidenceItems.Parent, Shown(1, Box, type: RecordType.ConsentRequested), confirmed));
    }

    [Fact]
    public void A_record_that_names_more_than_the_words_is_void()
    {
        var kept = Shown(1, Box);
        var more = kept with { Record = kept.Record with { Scope = new RecordScope(["email", "sms", "voice"], ["offers"]) } };
        Assert.Equal(ConsentFlaws.Misleading, Told(more).Flaws);
        Assert.All(All(Hour(9), "research", hasName: true, kept with { Record = kept.Record with { Scope = new RecordScope(["sms"], ["offers", "research"]) } }), told => Assert.Equal(ConsentFlaws.Misleading, told.Flaws));
        Assert.Equal(ConsentFlaws.None, Told(kept with { Record = kept.Record with { Scope = new RecordScope(["sms"], ["offers"]) } }).Flaws);
    }

    [Fact]
    public void A_correction_shows_nothing_of_its_own()
    {
        var correction = new Kept(Shown(2, Box, type: RecordType.ConsentCorrected).Record with { About = [1] }, Box, Wording);
        Assert.Equal(EvidenceItems.None, Told(Shown(1, null), correction).Holds);
    }

    [Fact]
    public void The_gate_allows_by_a_stored_consent_and_refuses_by_what_it_lacks()
    {
        // Germany: calls want a consent that names the caller and was documented when it was given, and a number that was verified.
        var asked = Shown(1, Box, type: RecordType.ConsentRequested);
        Assert.Equal("allowed", Decide(asked, Confirming(2, 1, Channel.Sms)).Word);
        Assert.Equal("refused: consent-unverified", Said(Decide(asked, Confirming(2, 1, Channel.Email))));
        Assert.Equal("refused: consent-unverified", Said(Decide(Shown(1, Box))));
        Assert.Equal("refused: consent-defective", Said(Decide(Shown(1, null))));
        Assert.Equal("refused: withdrawn", Said(Decide(asked, Confirming(2, 1, Channel.Sms), Withdrawn(3))));
        Assert.Equal("refused: no-consent", Said(Decide(asked)));
        Assert.Equal("refused: consent-expired", Said(Decide(asked with { Record = asked.Record with { ValidFor = "P2D" } }, Confirming(2, 1, Channel.Sms))));
        // The words said one year.
        Assert.Equal("refused: consent-expired", Said(Decide("2027-04-13T11:00 Europe/Berlin", asked, Confirming(2, 1, Channel.Sms))));
    }

    private static string Said(Verdict verdict) => $"{verdict.Word}: {Words<ReasonCode>.Of(verdict.AllReasons.First().Code)}";

    private static Verdict Decide(params Kept[] kept) => Decide("2026-04-14T11:00 Europe/Berlin", kept);

    private static Verdict Decide(string at, params Kept[] kept)
    {
        var situation = SituationFile.Read("s", $$"""
            given: clean
            at: {{at}}
            ask: { controller: Ringmuster Ltd, channel: voice, class: marketing, purpose: offers }
            contact: { phone: "+493023125000", residence: DE, audience: b2c }
            seller: { country: DE }
            """);
        return ContactGate.Shipped.Decide(situation with { Consents = All(situation.At, "offers", hasName: true, kept) });
    }
}
