using NodaTime;
using Ringfence.Consent;
using Ringfence.Ledger;
using Ringfence.People;

namespace Ringfence.Gate;

/// <summary>What can be shown of a consent: the sum of the evidence of the records it rests on.</summary>
/// <param name="Holds">What the proof holds.</param>
/// <param name="Flaws">What makes it none.</param>
/// <param name="Method">How it was given; null: not known.</param>
/// <param name="Wording">What the words say that were shown; null: not known.</param>
public readonly record struct ShownEvidence(EvidenceItems Holds, ConsentFlaws Flaws, ConsentMethod? Method, WordingTerms? Wording = null);

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
        ArgumentNullException.ThrowIfNull(shown);
        return Of(asked, person is null || point is null ? null : KnownPerson.Of(person, shown), point, suppressions);
    }

    /// <summary>The same of a person as they were known.</summary>
    public static Situation Of(Situation asked, KnownPerson? person, OpaqueId? point, IReadOnlyList<SuppressionEntry> suppressions)
    {
        ArgumentNullException.ThrowIfNull(asked);
        if (person is null || point is not { } contacted)
            return asked with { Consents = [], Suppressions = suppressions };
        return asked with
        {
            Contact = ContactOf(asked.Contact, person),
            Consents = WithSeparate(
                ConsentsOf(person.Consents, contacted, asked.Ask.Purpose, asked.At, seq => person.Shown.TryGetValue(seq, out var evidence) ? evidence : null), person.Separate, contacted, asked.At),
            Suppressions = suppressions,
            History = asked.History is { } elsewhere ? person.Refusals.Count == 0 ? elsewhere : [.. elsewhere, .. RefusalsOf(person, asked.At)] : null,
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
        return ConsentsOf(state.Standing, point, purpose, at, shown);
    }

    /// <summary>What was agreed to by acts of its own stands beside a yes to contact: each matter by itself, and no longer than it lasts.</summary>
    private static IReadOnlyList<GivenConsent> WithSeparate(IReadOnlyList<GivenConsent> consents, IReadOnlyList<SeparateYes> separate, OpaqueId point, Instant at)
    {
        var matters = EvidenceItems.None;
        for (var i = 0; i < separate.Count; i++)
        {
            var yes = separate[i];
            if ((yes.Point is not { } said || said == point) && (yes.Until is not { } until || at < until))
                matters |= yes.Matter;
        }

        return matters == EvidenceItems.None ? consents : [.. consents.Select(consent => consent.WithdrawnAt is null ? consent with { Holds = consent.Holds | matters } : consent)];
    }

    private static IReadOnlyList<GivenConsent> ConsentsOf(StandingConsents state, OpaqueId point, string? purpose, Instant at, Func<long, ShownEvidence?> shown)
    {
        var same = new List<(string Purpose, ConsentAnswer Answer, ChannelSet Channels)>();
        foreach (var (named, channel) in state.NamedOf(point, purpose))
        {
            var answer = state.At(point, channel, named, at);
            if (!answer.IsYes && answer.Standing is not (ConsentStanding.Withdrawn or ConsentStanding.Expired))
                continue;
            var known = same.FindIndex(one => one.Purpose == named && one.Answer == answer);
            if (known < 0)
                same.Add((named, answer, channel.Only()));
            else
                same[known] = same[known] with { Channels = same[known].Channels | channel.Only() };
        }

        return same.Count switch
        {
            0 => [],
            1 => [ConsentOf(same[0].Answer, same[0].Channels, same[0].Purpose, at, shown)],
            _ =>
            [
                .. same.Select(one => ConsentOf(one.Answer, one.Channels, one.Purpose, at, shown))
                    .OrderBy(static consent => consent.Seq).ThenBy(static consent => consent.Purposes[0], StringComparer.Ordinal).ThenBy(static consent => consent.Channels),
            ],
        };
    }

    private static GivenConsent ConsentOf(ConsentAnswer answer, ChannelSet channels, string purpose, Instant at, Func<long, ShownEvidence?> shown)
    {
        var consent = new GivenConsent { Seq = answer.Seqs.Count > 0 ? answer.Seqs[^1] : null, Channels = channels, Purposes = [purpose] };
        if (answer.Standing == ConsentStanding.Withdrawn)
            return consent with { WithdrawnAt = answer.Since is { } since ? Moment.At(since) : null };
        var (holds, flaws, method, wording) = (EvidenceItems.None, ConsentFlaws.None, (ConsentMethod?)null, (WordingTerms?)null);
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

    private static ContactedPerson ContactOf(ContactedPerson asked, KnownPerson person) => asked with
    {
        Residence = person.Residence is { } residence ? [residence] : asked.Residence,
        ResidenceBasis = person.Residence is null ? asked.ResidenceBasis : person.ResidenceBasis,
        Source = person.Source ?? asked.Source,
        Provenance = person.Source is { } source ? IsShown(source, person) : asked.Provenance,
        Age = person.IsMinor ? new PersonAge(null, false) : asked.Age,
        Quarantine = person.Status == PersonStatus.Quarantined || asked.Quarantine == true,
        Wishes = WishRecord.Both(asked.Wishes, person.Wishes),
    };

    // Who came by a way that wants a passport and is not in quarantine has one; of a number that nobody gave there is none.
    private static bool IsShown(ContactSource source, KnownPerson person) => person.Status != PersonStatus.Quarantined && !Provenance.IsBeyondPassport(source);

    // A no to a question is an answer: it is not asked again.
    private static IEnumerable<PastEvent> RefusalsOf(KnownPerson person, Instant at) => person.Refusals
        .Where(said => said.Learned <= at)
        .Select(static said => new PastEvent { At = said.Happened, Outcome = Outcome.ConsentRefused });

    private static IReadOnlyList<OpenRequest>? RequestsOf(IReadOnlyList<OpenRequest>? asked, KnownPerson person) => person.Status switch
    {
        PersonStatus.Held => [.. asked ?? [], new OpenRequest(RequestKind.Restriction, person.BlockedSince is { } since ? Moment.At(since) : null, null)],
        PersonStatus.Erased => [.. asked ?? [], new OpenRequest(RequestKind.Erasure, person.BlockedSince is { } since ? Moment.At(since) : null, null)],
        _ => asked,
    };
}
