using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Gate.Snapshot;

/// <summary>The same as <see cref="LedgerFacts"/>, of somebody whom this node knows by heart and who is not blocked: nothing is read before the serial order, and there no record but how many there are.</summary>
/// <param name="asked">The number or address that would be contacted.</param>
/// <param name="chain">How many keys the suppression tags went through.</param>
/// <param name="points">All numbers and addresses of whoever it belongs to.</param>
/// <param name="standing">Whom it leads to, and how far what was told of them went; null: nobody known.</param>
/// <param name="known">What is known of them; null likewise.</param>
internal sealed class SnapshotFacts(PointTags asked, short chain, IReadOnlyList<KnownTags> points, StandingRow? standing, KnownPerson? known) : TurnFacts(asked)
{
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

    public override (Situation Situation, Subject? Subject) SituationIn(LedgerTurn turn, Situation asked)
    {
        var lookup = turn.Lookup(Asked.Lookup);
        var isSame = standing is null ? lookup is null : lookup is not null && lookup.Sid.AsSpan().SequenceEqual(standing.Sid) && turn.IsAsIn(standing);
        if (!isSame || turn.SuppressionChain != chain || !turn.IsAllUnderNewest || points.Any(tags => turn.AllSuppressions(tags.Suppress).Any(static row => row.LiftedSeq is null)))
            throw Changed;
        OpaqueId? point = lookup is null ? null : new OpaqueId(lookup.Point);
        var situation = PersonFacts.Of(LedgerFacts.Stated(asked, Asked, points.SelectMany(tags => turn.PermitsOf(tags.Lookup))), known, point, []);
        return (situation, standing is null ? null : new Subject(new OpaqueId(standing.Sid), point));
    }
}
