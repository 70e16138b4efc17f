using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Gate.Snapshot;

/// <summary>The same as <see cref="LedgerFacts"/>, of somebody whom this node knows by heart and who is not blocked: nothing is read before the serial order, and there no record but how many there are.</summary>
/// <param name="asked">The number or address that would be contacted.</param>
/// <param name="chain">How many keys the suppression tags went through.</param>
/// <param name="points">All numbers and addresses of whoever it belongs to.</param>
/// <param name="standing">Whom it leads to, and how far what was told of them went; null: nobody known.</param>
internal sealed class SnapshotFacts(PointTags asked, short chain, IReadOnlyList<KnownTags> points, StandingRow? standing) : TurnFacts(asked)
{
    /// <summary>What is known of them; null: nobody known.</summary>
    public KnownPerson? Known { get; init; }

    /// <summary>The number or address asked about, by name only; null likewise.</summary>
    public OpaqueId? Point { get; init; }

    /// <summary>What was permitted of each of <paramref name="points"/>, as <see cref="PermitsValue"/>; null: something of it is marked.</summary>
    public IReadOnlyList<byte[]?>? Permits { get; init; }

    public override void Ask(RowsWanted wanted)
    {
        wanted.Ways.Add(Asked.Lookup);
        if (standing is not null)
            wanted.Standings.Add(standing.Sid);
        foreach (var tags in points)
        {
            wanted.Suppressions.Add(tags.Suppress);
            wanted.PermitsOf.Add(tags.Lookup);
        }
    }

    public override Situation? Foresee(Situation asked)
    {
        if (Permits is null)
            return null;
        var permits = new List<PermitRow>();
        for (var i = 0; i < points.Count; i++)
        {
            if (Permits[i] is { } past)
                PermitsValue.Read(past, points[i].Lookup, permits);
        }

        return SituationOf(asked, permits);
    }

    public override bool IsAsForeseen(LedgerTurn turn, out Subject? subject)
    {
        subject = SubjectIn(turn);
        if (Permits is null)
            return false;
        CompactWriter? writer = null;
        for (var i = 0; i < points.Count; i++)
        {
            var now = turn.PermitsOf(points[i].Lookup);
            if (now.Count > 0 ? !(PermitsValue.Of(now, writer ??= new CompactWriter()) ?? []).AsSpan().SequenceEqual(Permits[i]) : Permits[i] is not null)
                return false;
        }

        return true;
    }

    public override (Situation Situation, Subject? Subject) SituationIn(LedgerTurn turn, Situation asked)
    {
        var subject = SubjectIn(turn);
        return (SituationOf(asked, points.SelectMany(tags => turn.PermitsOf(tags.Lookup))), subject);
    }

    private Situation SituationOf(Situation asked, IEnumerable<PermitRow> permits) => PersonFacts.Of(LedgerFacts.Stated(asked, Asked, permits), Known, Point, []);

    private Subject? SubjectIn(LedgerTurn turn)
    {
        var lookup = turn.Lookup(Asked.Lookup);
        var isSame = standing is null ? lookup is null : lookup is not null && lookup.Sid.AsSpan().SequenceEqual(standing.Sid) && new OpaqueId(lookup.Point) == Point && turn.IsAsIn(standing);
        if (!isSame || turn.SuppressionChain != chain || !turn.IsAllUnderNewest || points.Any(tags => turn.AllSuppressions(tags.Suppress).Any(static row => row.LiftedSeq is null)))
            throw Changed;
        return standing is null ? null : new Subject(new OpaqueId(standing.Sid), Point);
    }
}
