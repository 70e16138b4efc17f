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

    private static ConsentPapers Papers(ConsentEvidence? evidence, bool hasName = true, WordingDocument? wording = null, params ConsentEvidence?[] more) => new()
    {
        Evidence = seq => seq == 1 ? evidence : seq - 2 < more.Length ? more[seq - 2] : null,
        Wording = notice => notice.Doc == (wording ?? Wording).Digest ? WordingProof.Of(wording ?? Wording, notice.Lang ?? "en") : null,
        HasName = hasName,
    };

    private static ConsentEvent Shown(long seq, WordingDocument? wording = null) => Yes(seq) with { Notice = new Notice((wording ?? Wording).Digest, "en"), EventAt = Hour(seq), Source = EventSource.Server };

    private static GivenConsent Told(ConsentPapers papers, params ConsentEvent[] events) =>
        Assert.Single(ConsentProof.Of(ConsentState.Fold(events), Mobile, ChannelSet.Sms, "offers", Hour(100), papers));

    [Fact]
    public void A_box_that_was_ticked_is_told_with_all_that_it_shows()
    {
        var told = Told(Papers(ConsentEvidenceTests.Full(ConsentMethod.Checkbox) with { Confirmation = null, Signature = null, Account = null, Guardian = null, Message = null }), Shown(1));
        Assert.Equal((ChannelSet.Sms, ConsentFlaws.None, ConsentMethod.Checkbox), (told.Channels, told.Flaws, told.Method));
        Assert.Equal(["offers"], told.Purposes);
        Assert.Equal(1, told.Seq);
        Assert.Equal(Moment.At(Hour(1)), told.GrantedAt);
        Assert.Equal(Period.FromYears(1), told.Term);
        Assert.Equal((4, Period.FromMonths(1)), (told.Promise!.Most, told.Promise.Within));
        Assert.Equal(
            EvidenceItems.Record | EvidenceItems.Wording | EvidenceItems.SellerNamed | EvidenceItems.CallersNamed | EvidenceItems.GoodsNamed | EvidenceItems.ChannelNamed
            | EvidenceItems.PersonNamed | EvidenceItems.NumberNamed | EvidenceItems.DocumentedAtGrant | EvidenceItems.TimeRecorded | EvidenceItems.MannerRecorded
            | EvidenceItems.RecipientRecorded | EvidenceItems.Writing | EvidenceItems.NotConditionTold | EvidenceItems.DisclosureSeparate | EvidenceItems.PeriodStated
            | EvidenceItems.WithdrawalTold | EvidenceItems.ProofAccessTold | EvidenceItems.Exportable | EvidenceItems.Separate,
            told.Holds);
    }

    [Fact]
    public void Erased_evidence_shows_nothing() => Assert.Equal(EvidenceItems.None, Told(Papers(null), Shown(1)).Holds);

    [Fact]
    public void Without_its_wording_nothing_of_the_words_is_claimed_and_there_is_no_record()
    {
        var told = Told(Papers(ConsentEvidenceTests.Full(ConsentMethod.Checkbox)) with { Wording = _ => null }, Shown(1));
        Assert.Equal(EvidenceItems.None, told.Holds & (EvidenceItems.Record | EvidenceItems.Wording | EvidenceItems.SellerNamed | EvidenceItems.Exportable));
        Assert.Equal(told.Holds & (EvidenceItems.Record | EvidenceItems.Wording), Told(Papers(ConsentEvidenceTests.Full(ConsentMethod.Checkbox)), Shown(1) with { Notice = null }).Holds & (EvidenceItems.Record | EvidenceItems.Wording));
    }

    [Theory]
    [InlineData(ConsentMethod.Oral, EvidenceItems.None)]
    [InlineData(ConsentMethod.RecordedCall, EvidenceItems.DocumentedAtGrant)]
    public void Spoken_words_are_no_writing_and_only_a_recording_documents_them(ConsentMethod method, EvidenceItems documented)
    {
        var spoken = Wording with { Choice = Wording.Choice with { Kind = ChoiceKind.Spoken } };
        var told = Told(Papers(ConsentEvidenceTests.Full(method) with { Shown = new ShownWording(spoken.Digest, "en"), Signature = null }, wording: spoken), Shown(1, spoken));
        Assert.Equal(EvidenceItems.Record | documented, told.Holds & (EvidenceItems.Record | EvidenceItems.DocumentedAtGrant | EvidenceItems.Writing | EvidenceItems.Signature));
    }

    [Fact]
    public void What_staff_put_down_later_was_not_documented_when_it_was_given()
    {
        var evidence = ConsentEvidenceTests.Full(ConsentMethod.Checkbox);
        Assert.True(Told(Papers(evidence), Shown(1)).Holds.HasFlag(EvidenceItems.DocumentedAtGrant));
        Assert.False(Told(Papers(evidence), Shown(1) with { Source = EventSource.Staff }).Holds.HasFlag(EvidenceItems.DocumentedAtGrant));
        Assert.False(Told(Papers(evidence), Shown(1) with { IsImport = true, Source = EventSource.Import }).Holds.HasFlag(EvidenceItems.DocumentedAtGrant));
        Assert.True(Told(Papers(evidence), Shown(1) with { Source = EventSource.Provider }).Holds.HasFlag(EvidenceItems.DocumentedAtGrant));
        Assert.False(Told(Papers(evidence), Shown(1) with { Source = EventSource.Provider, EventAt = Hour(-24) }).Holds.HasFlag(EvidenceItems.DocumentedAtGrant));
    }

    [Fact]
    public void A_confirmation_verifies_the_number_it_came_from_and_nothing_else()
    {
        var asked = Event(1, ConsentEventKind.Requested, "voice+sms", "offers", Mobile) with { Notice = new Notice(Wording.Digest, "en") };
        var form = ConsentEvidenceTests.Full(ConsentMethod.Checkbox) with { Confirmation = null, Message = null };
        var bySms = new ConsentEvidence { Method = ConsentMethod.DoubleOptIn, Confirmation = new Confirmation(Hour(2), Channel.Sms, "m") };
        var told = Told(Papers(form, wording: Wording, more: bySms), asked, Confirmed(2, 1));
        Assert.Equal(ConsentMethod.DoubleOptIn, told.Method);
        Assert.Equal(EvidenceItems.Record | EvidenceItems.Confirmed | EvidenceItems.NumberVerified, told.Holds & (EvidenceItems.Record | EvidenceItems.Confirmed | EvidenceItems.NumberVerified | EvidenceItems.EmailVerified));
        var byMail = bySms with { Confirmation = bySms.Confirmation! with { Via = Channel.Email } };
        Assert.Equal(EvidenceItems.EmailVerified, Told(Papers(form, wording: Wording, more: byMail), asked, Confirmed(2, 1)).Holds & (EvidenceItems.NumberVerified | EvidenceItems.EmailVerified));
        // A confirmation that was never recorded as one.
        Assert.Equal(EvidenceItems.None, Told(Papers(form with { Confirmation = bySms.Confirmation }), Shown(1)).Holds & (EvidenceItems.Confirmed | EvidenceItems.NumberVerified));
    }

    [Fact]
    public void A_record_that_names_more_than_the_words_gives_only_what_the_words_name()
    {
        var papers = Papers(ConsentEvidenceTests.Full(ConsentMethod.Checkbox));
        var yes = Shown(1) with { Channels = ChannelSet.All, Purposes = ["offers", "research"] };
        var state = ConsentState.Fold([yes]);
        Assert.Equal(ChannelSet.Voice | ChannelSet.Sms, ConsentProof.Of(state, Mobile, ChannelSet.Phone, "offers", Hour(9), papers).Aggregate(ChannelSet.None, (set, one) => set | one.Channels));
        Assert.Empty(Assert.Single(ConsentProof.Of(state, Mobile, ChannelSet.Sms, "research", Hour(9), papers)).Purposes);
    }

    [Fact]
    public void What_was_closed_in_part_is_told_only_for_what_is_open()
    {
        var papers = Papers(ConsentEvidenceTests.Full(ConsentMethod.Checkbox));
        var state = ConsentState.Fold([Shown(1), No(2, "sms", "offers:solar")]);
        Assert.Null(Assert.Single(ConsentProof.Of(state, Mobile, ChannelSet.Sms, "offers:wind", Hour(9), papers)).WithdrawnAt);
        Assert.Equal(["offers:wind"], Assert.Single(ConsentProof.Of(state, Mobile, ChannelSet.Sms, "offers:wind", Hour(9), papers)).Purposes);
        Assert.Equal(Moment.At(Hour(2)), Assert.Single(ConsentProof.Of(state, Mobile, ChannelSet.Sms, "offers:solar", Hour(9), papers)).WithdrawnAt);
    }

    [Fact]
    public void Questions_and_nothing_are_not_told()
    {
        var papers = Papers(null);
        Assert.Empty(ConsentProof.Of(ConsentState.Empty, Mobile, ChannelSet.All, "offers", Hour(9), papers));
        Assert.Empty(ConsentProof.Of(ConsentState.Fold([Event(1, ConsentEventKind.Requested, "sms", "offers", Mobile)]), Mobile, ChannelSet.All, "offers", Hour(9), papers));
    }

    [Fact]
    public void The_gate_allows_by_a_stored_consent_and_refuses_by_what_it_lacks()
    {
        // Germany: calls want a consent that names the caller and was documented when it was given; by e-mail alone no number is verified.
        var asked = Event(1, ConsentEventKind.Requested, "voice+sms", "offers", Mobile) with { Notice = new Notice(Wording.Digest, "en") };
        var form = ConsentEvidenceTests.Full(ConsentMethod.Checkbox) with { Confirmation = null, Message = null };
        var confirmed = new ConsentEvidence { Method = ConsentMethod.DoubleOptIn, Confirmation = new Confirmation(Hour(2), Channel.Sms, "m") };

        Assert.Equal("allowed", Decide(Papers(form, wording: Wording, more: confirmed), asked, Confirmed(2, 1)).Word);
        Assert.Equal("refused: consent-unverified", Said(Decide(Papers(form), Shown(1))));
        Assert.Equal("refused: consent-defective", Said(Decide(Papers(null), Shown(1))));
        Assert.Equal("refused: withdrawn", Said(Decide(Papers(form, wording: Wording, more: confirmed), asked, Confirmed(2, 1), No(3))));
        Assert.Equal("refused: no-consent", Said(Decide(Papers(form), asked)));
        Assert.Equal("refused: consent-expired", Said(Decide(Papers(form, wording: Wording, more: confirmed), asked with { ValidFor = Period.FromDays(2) }, Confirmed(2, 1))));
    }

    private static string Said(Verdict verdict) => $"{verdict.Word}: {Words<ReasonCode>.Of(verdict.AllReasons.First().Code)}";

    private static Verdict Decide(ConsentPapers papers, params ConsentEvent[] events)
    {
        // A Tuesday at eleven in Berlin, in the month after.
        var at = Instant.FromUtc(2026, 4, 14, 9, 0);
        var situation = SituationFile.Read("s", """
            given: clean
            at: 2026-04-14T11:00 Europe/Berlin
            ask: { controller: Ringmuster Ltd, channel: voice, class: marketing, purpose: offers }
            contact: { phone: "+493023125000", residence: DE, audience: b2c }
            seller: { country: DE }
            """);
        return ContactGate.Shipped.Decide(situation with { Consents = ConsentProof.Of(ConsentState.Fold(events), Mobile, ChannelSet.Phone, "offers", at, papers) });
    }
}
