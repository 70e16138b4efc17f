using NodaTime;
using Ringfence.Consent;
using Ringfence.Ledger;
using Ringfence.People;

namespace Ringfence.Gate;

/// <summary>What can be shown of a consent: the sum of the evidence of the records it rests on.</summary>
/// <param name="Holds">What the proof holds.</param>
/// <param name="Flaws">What makes it none.</param>
/// <param name="Method">How it was given; null: not known.</param>
/// <param name="Wording">What the words prove that were shown; null: not known.</param>
public readonly record struct ShownEvidence(EvidenceItems Holds, ConsentFlaws Flaws, ConsentMethod? Method, WordingProof? Wording = null);

/// <summary>Puts what the ledger knows of a person beside what is stated of a contact. What neither knows stays unknown, and then the gate refuses.</summary>
public static class PersonFacts
{
    /// <summary>The situation of a contact.</summary>
    /// <param name="asked">What is stated from outside: the ask, the seller, registers, history elsewhere, and the number or address itself.</param>
    /// <param name="person">The person as the records before that moment make them; null: nobody known.</param>
    /// <param name="point">The number or address that would be contacted.</param>
    /// <param name="shown">The evidence that can be shown of a record; nothing can be, where it gives none.</param>
    /// <param name="suppressions">What is blocked of all their numbers and addresses, or of the one asked about where nobody is known.</param>
    public static Situation Of(Situation asked, Person? person, OpaqueId? point, Func<long, ShownEvidence?> shown, IReadOnlyList<SuppressionEntry> suppressions)
    {
        ArgumentNullException.ThrowIfNull(asked);
        ArgumentNullException.ThrowIfNull(shown);
        if (person is null || point is not { } contacted)
            return asked with { Consents = [], Suppressions = suppressions };
        var state = ConsentState.Fold(person.Records);
        return asked with
        {
            Contact = ContactOf(asked.Contact, person),
            Consents = ConsentsOf(state, contacted, asked.Ask.Purpose, asked.At, shown),
            Suppressions = suppressions,
            History = asked.History is { } elsewhere ? [.. elsewhere, .. RefusalsOf(state, asked.At)] : null,
            RightsRequests = RequestsOf(asked.RightsRequests, person),
        };
    }

    /// <summary>Each consent that was ever said to cover the point, with how it stands.</summary>
    /// <param name="state">What was recorded.</param>
    /// <param name="point">The number or address.</param>
    /// <param name="purpose">The purpose asked for: what covers it is told for it alone, because a part of what was given may have been closed since.</param>
    /// <param name="at">The instant that is judged.</param>
    /// <param name="shown">The evidence that can be shown of a record.</param>
    public static IReadOnlyList<GivenConsent> ConsentsOf(ConsentState state, OpaqueId point, string? purpose, Instant at, Func<long, ShownEvidence?> shown)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(shown);
        var consents = new List<GivenConsent>();
        var lines = state.Lines(at)
            .Where(line => (line.Point is null || line.Point == point) && line is { Channel: not null, Purpose: not null })
            .Select(line => (Purpose: purpose is not null && PurposeNames.Covers(line.Purpose!, purpose) ? purpose : line.Purpose!, Channel: line.Channel!.Value))
            .Select(line => (line.Purpose, line.Channel, Answer: state.At(point, line.Channel, line.Purpose, at)))
            .Where(static line => line.Answer.IsYes || line.Answer.Standing is ConsentStanding.Withdrawn or ConsentStanding.Expired)
            .Distinct();
        foreach (var same in lines.GroupBy(static line => (line.Purpose, line.Answer)))
        {
            var channels = same.Aggregate(ChannelSet.None, static (set, line) => set | line.Channel.Only());
            consents.Add(ConsentOf(same.Key.Answer, channels, same.Key.Purpose, at, shown));
        }

        return [.. consents.OrderBy(static consent => consent.Seq).ThenBy(static consent => consent.Purposes[0], StringComparer.Ordinal).ThenBy(static consent => consent.Channels)];
    }

    private static GivenConsent ConsentOf(ConsentAnswer answer, ChannelSet channels, string purpose, Instant at, Func<long, ShownEvidence?> shown)
    {
        var consent = new GivenConsent { Seq = answer.Seqs.Count > 0 ? answer.Seqs[^1] : null, Channels = channels, Purposes = [purpose] };
        if (answer.Standing == ConsentStanding.Withdrawn)
            return consent with { WithdrawnAt = answer.Since is { } since ? Moment.At(since) : null };
        var (holds, flaws, method, wording) = (EvidenceItems.None, ConsentFlaws.None, (ConsentMethod?)null, (WordingProof?)null);
        foreach (var seq in answer.Seqs)
        {
            if (shown(seq) is not { } evidence)
                continue;
            // What any of its records shows is shown; what any has against it stands.
            (holds, flaws, method, wording) = (holds | evidence.Holds, flaws | evidence.Flaws, evidence.Method ?? method, wording ?? evidence.Wording);
        }

        return consent with
        {
            Techniques = wording?.Techniques,
            GrantedAt = answer.Since is { } granted ? Moment.At(granted) : null,
            Holds = holds,
            Flaws = flaws,
            Method = method,
            Term = wording?.Term,
            // The last day: that before the one in which it ends; of what has ended one that is over on every clock on earth.
            Until = answer.IsYes ? answer.Until?.InUtc().Date.PlusDays(-1) : (answer.Until ?? at).InUtc().Date.PlusDays(-2),
            Promise = wording?.Frequency is { } most ? new Promise(most.Most, most.Within, most.Channels == ChannelSet.None ? channels : most.Channels) : null,
        };
    }

    private static ContactedPerson ContactOf(ContactedPerson asked, Person person) => asked with
    {
        Residence = person.Residence is { } residence ? [residence] : asked.Residence,
        ResidenceBasis = person.Residence is null ? asked.ResidenceBasis : person.ResidenceBasis,
        Source = person.Source ?? asked.Source,
        Provenance = person.Source is { } source ? IsShown(source, person) : asked.Provenance,
        Age = person.IsMinor ? new PersonAge(null, false) : asked.Age,
        Quarantine = person.Status == PersonStatus.Quarantined || asked.Quarantine == true,
    };

    // Who came by a way that wants a passport and is not in quarantine has one; of a number that nobody gave there is none.
    private static bool IsShown(ContactSource source, Person person) => person.Status != PersonStatus.Quarantined && !Provenance.IsBeyondPassport(source);

    // A no to a question is an answer: it is not asked again.
    private static IEnumerable<PastEvent> RefusalsOf(ConsentState state, Instant at) => state.Events
        .Where(said => said.Kind == ConsentEventKind.Refused && said.At <= at)
        .Select(static said => new PastEvent { At = Instant.Min(said.EventAt ?? said.At, said.At), Outcome = Outcome.ConsentRefused });

    private static IReadOnlyList<OpenRequest>? RequestsOf(IReadOnlyList<OpenRequest>? asked, Person person) => person.Status switch
    {
        PersonStatus.Held => [.. asked ?? [], new OpenRequest(RequestKind.Restriction, LastOf(person, RecordType.ProcessingHeld), null)],
        PersonStatus.Erased => [.. asked ?? [], new OpenRequest(RequestKind.Erasure, LastOf(person, RecordType.ErasureRequested), null)],
        _ => asked,
    };

    private static Moment? LastOf(Person person, RecordType type) =>
        person.Records.LastOrDefault(record => record.Type == type) is { } record ? Moment.At(record.At) : null;
}
