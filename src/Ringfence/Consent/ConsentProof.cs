using NodaTime;
using Ringfence.Gate;
using Ringfence.Ledger;

namespace Ringfence.Consent;

/// <summary>What is kept of a person beside the records: what can be shown of their consents now.</summary>
public sealed record ConsentPapers
{
    /// <summary>The opened evidence of a record; null where there is none, or it was erased.</summary>
    public required Func<long, ConsentEvidence?> Evidence { get; init; }

    /// <summary>What a wording proves, by what a record says of it; null where nobody has it.</summary>
    public required Func<Notice, WordingProof?> Wording { get; init; }

    /// <summary>Whether the person's name is known.</summary>
    public bool HasName { get; init; }
}

/// <summary>Turns recorded consents into those that the gate relies on. What can't be shown is not claimed.</summary>
public static class ConsentProof
{
    // Source: UWG § 7a(1) wants a consent to calls documented when it is given. Our reading: what a provider passes on within a day is.
    private static readonly Duration PassedOnAtOnce = Duration.FromHours(24);

    /// <summary>The consents of a person at one point, as the gate is told them for one purpose.</summary>
    /// <param name="state">What was recorded.</param>
    /// <param name="point">The number or address.</param>
    /// <param name="channels">The channels that reach it and are asked about.</param>
    /// <param name="purpose">The purpose; each consent is told for it alone, because a part of what was given may have been closed since.</param>
    /// <param name="at">The instant that is judged.</param>
    /// <param name="papers">What can be shown.</param>
    /// <remarks>What was refused or taken back is told as withdrawn, what has ended as ended, and a question not at all.</remarks>
    public static IReadOnlyList<GivenConsent> Of(ConsentState state, OpaqueId point, ChannelSet channels, string purpose, Instant at, ConsentPapers papers)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(papers);
        var consents = new List<GivenConsent>();
        var answers = Channels.All.Where(channel => channels.Has(channel)).GroupBy(channel => state.At(point, channel, purpose, at), static channel => channel.Only());
        foreach (var same in answers)
        {
            var (answer, ofAnswer) = (same.Key, same.Aggregate(ChannelSet.None, static (set, one) => set | one));
            switch (answer.Standing)
            {
                case ConsentStanding.Given or ConsentStanding.Confirmed:
                    consents.Add(Shown(state, answer, papers, ofAnswer, purpose));
                    break;
                case ConsentStanding.Expired:
                    // Ended for every clock on earth, however far behind UTC it is.
                    var end = answer.Until ?? answer.Since ?? at;
                    consents.Add(Shown(state, answer, papers, ofAnswer, purpose) with { Until = end.InUtc().Date.PlusDays(-2) });
                    break;
                case ConsentStanding.Withdrawn or ConsentStanding.Refused:
                    consents.Add(new GivenConsent { Seq = answer.Seqs[0], Channels = ofAnswer, Purposes = [purpose], WithdrawnAt = Moment.At(answer.Since ?? at) });
                    break;
                case ConsentStanding.NotAsked or ConsentStanding.Pending or ConsentStanding.Invalidated:
                    break;
            }
        }

        return consents;
    }

    /// <summary>What is held in proof of a yes, and what makes it none.</summary>
    /// <param name="given">The event of the yes, or of the question that was confirmed.</param>
    /// <param name="isConfirmed">Whether a confirmation counts.</param>
    /// <param name="evidence">What was sealed with it; null where that can't be opened.</param>
    /// <param name="wording">What the wording proves; null where nobody has it.</param>
    /// <param name="hasName">Whether the person's name is known.</param>
    public static (EvidenceItems Holds, ConsentFlaws Flaws) Of(ConsentEvent given, bool isConfirmed, ConsentEvidence? evidence, WordingProof? wording, bool hasName)
    {
        ArgumentNullException.ThrowIfNull(given);
        if (evidence is null)
            return (EvidenceItems.None, ConsentFlaws.None);
        var check = EvidenceProfile.Check(evidence, wording);
        var held = EvidenceProfile.Held(evidence);
        var holds = EvidenceItems.None;
        void Has(bool it, EvidenceItems items) => holds |= it ? items : EvidenceItems.None;

        // A declaration is on record where all is there that the method needs; the network address only helps to show who it was.
        var isRecorded = (check.Missing & ~EvidenceParts.Ip) == EvidenceParts.None;
        var hasWording = (check.Missing & EvidenceParts.Wording) == EvidenceParts.None;
        var isOnPaper = evidence.Method == ConsentMethod.Paper && evidence.Scan is not null;
        var isOnTape = evidence.Method == ConsentMethod.RecordedCall && evidence.Recording is not null;
        var confirmed = isConfirmed ? evidence.Confirmation : null;
        var answeredVia = (held & EvidenceParts.Answer) != 0 ? evidence.Message?.Via : null;
        Has(isRecorded, EvidenceItems.Record);
        Has(hasWording, wording?.Items ?? EvidenceItems.None);
        Has(isRecorded && hasWording, EvidenceItems.Exportable);
        Has(evidence.At is not null, EvidenceItems.TimeRecorded);
        Has(isRecorded, EvidenceItems.MannerRecorded);
        Has(evidence.Recorder is not null, EvidenceItems.RecipientRecorded);
        Has(isRecorded && (isOnPaper || isOnTape || IsDocumentedAtOnce(given, evidence)), EvidenceItems.DocumentedAtGrant);
        Has(isOnPaper || evidence.Signature is not null, EvidenceItems.Signature);
        Has(isRecorded && evidence.Method is not (ConsentMethod.Oral or ConsentMethod.RecordedCall), EvidenceItems.Writing);
        Has(confirmed is not null, EvidenceItems.Confirmed);
        Has(confirmed?.Via is Channel.Sms or Channel.Whatsapp or Channel.Voice || answeredVia is Channel.Sms or Channel.Whatsapp, EvidenceItems.NumberVerified);
        Has(confirmed?.Via is Channel.Email || answeredVia is Channel.Email, EvidenceItems.EmailVerified);
        Has(hasName, EvidenceItems.PersonNamed);
        Has(evidence.Account is not null || (hasName && (confirmed is not null || isOnPaper || isOnTape)), EvidenceItems.PersonLinked);
        Has(evidence.Guardian is not null, EvidenceItems.Parent);
        return (holds, check.Flaws);
    }

    private static GivenConsent Shown(ConsentState state, ConsentAnswer answer, ConsentPapers papers, ChannelSet channels, string purpose)
    {
        var events = state.Events.Where(one => answer.Seqs.Contains(one.Seq)).ToArray();
        var given = Array.Find(events, static one => !one.IsCorrection) ?? events[0];
        var confirmation = Array.Find(events, static one => one is { Kind: ConsentEventKind.Confirmed, IsCorrection: false, IsImport: false });
        var evidence = papers.Evidence(given.Seq);
        if (confirmation is not null && papers.Evidence(confirmation.Seq) is { } later)
            evidence = evidence is null ? later : Both(evidence, later);
        var wording = given.Notice is { } notice ? papers.Wording(notice) : null;
        var (holds, flaws) = Of(given, answer.Standing == ConsentStanding.Confirmed, evidence, wording, papers.HasName);
        var named = wording is null ? channels : channels & wording.Channels;
        return new GivenConsent
        {
            Seq = given.Seq,
            Channels = named,
            Techniques = wording?.Techniques,
            // What the words did not ask for was not agreed to, whatever the record says.
            Purposes = wording is null || PurposeNames.Cover(wording.Purposes, purpose) ? [purpose] : [],
            GrantedAt = answer.Standing == ConsentStanding.Expired || answer.Since is null ? Moment.At(given.At) : Moment.At(answer.Since.Value),
            Method = evidence?.Method,
            Holds = holds,
            Flaws = flaws,
            Term = wording?.Term,
            // As with terms of law, the day on which the time has passed is outside.
            Until = answer.Until?.InUtc().Date.PlusDays(-1),
            Promise = wording?.Frequency is { } most ? new Promise(most.Most, most.Within, most.Channels == ChannelSet.None ? named : most.Channels) : null,
        };
    }

    // What was shown and done first, with the confirmation.
    private static ConsentEvidence Both(ConsentEvidence first, ConsentEvidence later) => first with
    {
        Method = later.Confirmation is null ? first.Method : ConsentMethod.DoubleOptIn,
        Confirmation = later.Confirmation ?? first.Confirmation,
        Flaws = first.Flaws | later.Flaws,
    };

    private static bool IsDocumentedAtOnce(ConsentEvent given, ConsentEvidence evidence) =>
        !given.IsImport && evidence.Method != ConsentMethod.Oral && (given.Source ?? EventSource.Server) switch
        {
            EventSource.Server => true,
            EventSource.Provider => given.EventAt is { } at && given.At - at <= PassedOnAtOnce,
            EventSource.Import or EventSource.Staff => false,
        };
}
