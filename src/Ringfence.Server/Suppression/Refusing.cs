using NodaTime;
using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Server.Rights;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Suppression;

/// <summary>How a no came in.</summary>
/// <param name="By">Who says it.</param>
/// <param name="Kind">What kind it is.</param>
/// <param name="Way">Word of the way: <c>link</c>, <c>keyword</c>, <c>preference-centre</c>, <c>call</c>, <c>agent</c>, <c>api</c>, <c>email</c>, <c>one-click</c>, <c>import</c>, ...</param>
/// <param name="EventAt">When it was said, where somebody else than this program says so.</param>
/// <param name="Source">Who says when.</param>
/// <param name="Evidence">What shows it: JSON, sealed; null: nothing.</param>
/// <param name="Batch">The import that brought it.</param>
/// <param name="Row">The row of its lists that says so, counted over all of them from 1.</param>
internal sealed record RefusalFacts(
    SuppressedBy By, SuppressionKind Kind, string Way, Instant? EventAt = null, EventSource? Source = null, byte[]? Evidence = null, OpaqueId? Batch = null, long? Row = null)
{
    /// <summary>As records call the way a list says it.</summary>
    public const string ImportWay = "import";

    /// <summary>How whoever said it can be answered; null: nobody has shown that the number or address is theirs.</summary>
    public AnswerTo? Answer { get; init; }

    /// <summary>Whether the person says it here and now, and no list, house, authority or provider in their stead.</summary>
    public bool IsStatement => By == SuppressedBy.Person && Batch is null && Way != ImportWay;
}

/// <summary>Writing down a no: of a known person or of a number nobody knows, once, with the scope that was meant.</summary>
internal static class Refusing
{
    /// <summary>Adds a suppression of one number or address. Whose it is, and what is suppressed of it, has to be asked for before.</summary>
    /// <returns>The record that says it, or the one that said at least as much before.</returns>
    public static (long Seq, bool Already) Add(LedgerTurn turn, Actor actor, PointTags tags, SuppressionScope scope, RefusalFacts facts, Subject? subject)
    {
        // A number is reached by telephone channels only, and an address by e-mail; a no to the others would say nothing.
        var reach = scope with { Channels = scope.Channels & tags.Point.Channels };
        if (reach.Channels == ChannelSet.None)
            reach = scope with { Channels = tags.Point.Channels };
        foreach (var row in turn.Suppressions(tags))
        {
            // Of a no that was opened again in part this one is new: it closes that too. And what one says stands beside what another said: each is taken back by its own.
            if (row.By == (short)facts.By && SuppressionScope.Of(row).Covers(reach) && row.Kind >= (short)facts.Kind && row.Seq is { } before && !IsOpenedInPart(turn, tags, before))
                return (before, true);
        }

        var tag = turn.TagOf(tags);
        var salt = new byte[Digest.Size];
        Fresh.Fill(salt);
        var detail = new List<(string, LeafValue)> { ("by", Words<SuppressedBy>.Of(facts.By)), ("kind", Words<SuppressionKind>.Of(facts.Kind)), ("way", facts.Way) };
        if (facts.Batch is { } batch)
            detail.Add(("batch", batch));
        if (facts.Row is { } place)
            detail.Add(("row", place));
        var draft = RecordDraft.Of(RecordType.SuppressionAdded, actor, record => record with
        {
            Subject = subject,
            Scope = reach.ToRecord(),
            EventAt = facts.EventAt,
            EventSource = facts.EventAt is null ? null : facts.Source,
            Commits = new Commitments(Tag: Commitment.Of(salt, tag)),
            Detail = LeafValue.Map.Of([.. detail]),
        });
        var written = turn.Append(draft);
        turn.Suppress(new SuppressionRow(
            Fresh.IdAt(written.Seq).ToArray(), tag, turn.SuppressionChain, salt, (int)reach.Channels, reach.PurposeColumn, written.Seq,
            Micros.Of(facts.EventAt ?? written.At), (short)facts.By, (short)facts.Kind, null, null));
        return (written.Seq, false);
    }

    private static bool IsOpenedInPart(LedgerTurn turn, PointTags tags, long suppression) =>
        turn.Lookup(tags.Lookup) is { } lookup && PartialLift.Exists(turn.Person(new OpaqueId(lookup.Sid)).Records, suppression);

    /// <summary>Closes consents of a person within the scope.</summary>
    public static LedgerRecord Withdraw(LedgerTurn turn, Actor actor, Person person, OpaqueId? point, SuppressionScope scope, RefusalFacts facts)
    {
        var closes = person.Records
            .Where(record => record.State is RecordState.Given or RecordState.Confirmed or RecordState.Requested && Touches(SuppressionScope.Of(record.Scope), scope)
                && (point is null || record.Subject?.Point is null || record.Subject?.Point == point))
            .Select(static record => record.Seq).Take(MostAbout).ToList();
        var draft = RecordDraft.Of(RecordType.ConsentWithdrawn, actor, record => record with
        {
            State = RecordState.Withdrawn,
            Subject = new Subject(person.Sid, point),
            Scope = scope.ToRecord(),
            EventAt = facts.EventAt,
            EventSource = facts.EventAt is null ? null : facts.Source,
            Method = new CollectionMethod(facts.Way, Ceremony.SingleOptIn),
            About = closes.Count == 0 ? null : [.. closes],
        });
        if (facts.Evidence is { } evidence)
            draft.Sealing(CommitGroup.Evidence, evidence);
        return turn.Append(draft);
    }

    /// <summary>Whether a person was asked, or said yes, since the last no that closed as much.</summary>
    public static bool IsLeftOpen(Person person, OpaqueId? point, SuppressionScope scope)
    {
        var closed = person.Records
            .Where(record => record is { Type: RecordType.ConsentWithdrawn } && (record.Subject?.Point is null || record.Subject?.Point == point) && SuppressionScope.Of(record.Scope).Covers(scope))
            .Select(static record => record.Seq).DefaultIfEmpty(-1).Max();
        return person.Records.Any(record => record.Seq > closed && record.State is (RecordState.Given or RecordState.Confirmed or RecordState.Requested)
            && record.Subject?.Point == point && Touches(SuppressionScope.Of(record.Scope), scope));
    }

    // A record has room for so many; what is closed is said by the scope, the list is for the reader.
    private const int MostAbout = 200;

    private static bool Touches(SuppressionScope one, SuppressionScope other) =>
        (one.Channels & other.Channels) != 0
        && (one.Purposes is null || other.Purposes is null || one.Purposes.Any(other.Purposes.Contains));
}
