using NodaTime;
using Ringfence.Ledger;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Suppression;

/// <summary>Somebody says no: every consent in the scope is closed, and the number or address is suppressed in it. Said twice it is written once.</summary>
/// <param name="actor">Who does it.</param>
/// <param name="points">The numbers and addresses named; more than one where it was unclear which was meant.</param>
/// <param name="scope">What is closed.</param>
/// <param name="facts">How it came in.</param>
/// <param name="everyPoint">Whether all numbers and addresses of the person are meant: so it is when somebody wants to be left alone altogether.</param>
internal sealed class WithdrawCommand(Actor actor, IReadOnlyList<PointTags> points, SuppressionScope scope, RefusalFacts facts, IReadOnlyList<PointTags>? everyPoint = null) : LedgerCommand
{
    public override bool IsWithdrawal => true;

    public override bool IsStatement => facts.IsStatement;

    /// <inheritdoc/>
    public override void MakeReady()
    {
        foreach (var tags in Named())
            _ = tags.Suppress;
    }

    public override bool ReadsIdle => false;

    public override void Ask(RowsWanted wanted)
    {
        foreach (var tags in Named())
        {
            wanted.Points.Add(tags.Lookup);
            wanted.Suppressions.UnionWith(tags.Suppress);
            wanted.PermitsOf.Add(tags.Lookup);
        }
    }

    public override byte[] Run(LedgerTurn turn)
    {
        var seqs = new List<long>();
        var first = -1L;
        var nothingNew = true;
        OpaqueId? sid = null;
        var due = facts.IsStatement ? turn.Results?.Find(turn, Named().First(), Named(), scope, isNo: true, At(turn.Now)) : null;
        foreach (var tags in Named())
        {
            var lookup = turn.Lookup(tags.Lookup);
            Subject? subject = null;
            if (lookup is not null)
            {
                var person = turn.Person(new OpaqueId(lookup.Sid));
                subject = new Subject(person.Sid, new OpaqueId(lookup.Point));
                sid ??= person.Sid;
            }

            var (seq, already) = Refusing.Add(turn, actor, tags, scope, facts, subject);
            first = first < 0 ? seq : first;
            // They may have said yes once more in between: that no yes takes them off the list does not make it none.
            if (already && (subject is not { } again || !Refusing.IsLeftOpen(turn.Person(again.Sid), again.Point, scope)))
                continue;
            nothingNew = false;
            if (!already)
                seqs.Add(seq);
            seqs.AddRange(Gate.Permits.EndAll(turn, actor, tags.Lookup, scope));
            if (subject is { } known)
                seqs.Add(Refusing.Withdraw(turn, actor, turn.Person(known.Sid), scope.Channels == ChannelSet.All && everyPoint is not null ? null : known.Point, scope, facts).Seq);
        }

        if (due is not null && seqs.Select(turn.Record).FirstOrDefault(static record => record?.Type is RecordType.SuppressionAdded or RecordType.ConsentWithdrawn) is { } written)
            turn.Results!.Note(turn, due, written, At(written.At), facts.Answer);
        return new CommandAnswer(first, sid?.ToString(), nothingNew, nothingNew ? null : seqs).ToBytes();
    }

    private Instant At(Instant now) => facts.EventAt is { } stated && stated < now ? stated : now;

    private IEnumerable<PointTags> Named() => everyPoint is null && points.Count == 1 ? points : points.Concat(everyPoint ?? []).DistinctBy(static t => t.Point);
}
