using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;
using Ringfence.Server.Suppression;

namespace Ringfence.Server.People;

/// <summary>Two contacts turn out to be one person: both histories stay, and of every difference the stricter counts.</summary>
internal sealed class MergeCommand(Actor actor, OpaqueId kept, OpaqueId merged) : LedgerCommand
{
    public override void Ask(RowsWanted wanted)
    {
        wanted.Subjects.Add(kept.ToArray());
        wanted.Subjects.Add(merged.ToArray());
    }

    public override byte[] Run(LedgerTurn turn)
    {
        var (stays, goes) = (turn.Person(kept), turn.Person(merged));
        if (stays.Records.Count == 0 || goes.Records.Count == 0)
            throw new CommandRefusedException("not-a-contact");
        if (stays.Sid == goes.Sid)
            return new CommandAnswer(goes.Records[^1].Seq, stays.Sid.ToString(), Already: true).ToBytes();
        if (stays.Status == PersonStatus.Erased || goes.Status == PersonStatus.Erased)
            throw new CommandRefusedException("erased");
        var written = turn.Append(RecordDraft.Of(RecordType.ContactMerged, actor, record => record with
        {
            Subject = new Subject(stays.Sid),
            Detail = LeafValue.Map.Of(("merged", goes.Sid)),
        }).Also(goes.Sid));
        return new CommandAnswer(written.Seq, stays.Sid.ToString()).ToBytes();
    }
}

/// <summary>They were two after all: each has their own records again. What was refused while they were one stays closed for both.</summary>
internal sealed class UnmergeCommand(Actor actor, OpaqueId kept, OpaqueId merged) : LedgerCommand
{
    public override void Ask(RowsWanted wanted)
    {
        wanted.Subjects.Add(kept.ToArray());
        wanted.Subjects.Add(merged.ToArray());
    }

    public override byte[] Run(LedgerTurn turn)
    {
        var one = turn.PersonAlone(kept);
        var merge = one.Records.LastOrDefault(record =>
            record.Type == RecordType.ContactMerged && record.Subject?.Sid == kept && record.Detail?["merged"]?.AsText == merged.ToString());
        if (merge is null || !one.Merged.Contains(merged))
            throw new CommandRefusedException("not-merged");
        var whileOne = one.Records.Where(record => record.Seq > merge.Seq && record.State is RecordState.Withdrawn or RecordState.Refused && record.Seq > merge.Seq).ToList();
        var written = turn.Append(RecordDraft.Of(RecordType.ContactUnmerged, actor, record => record with
        {
            Subject = new Subject(kept),
            About = [merge.Seq],
            Detail = LeafValue.Map.Of(("merged", merged)),
        }).Also(merged));
        var also = new List<long>();
        foreach (var refusal in whileOne)
        {
            foreach (var sid in (ReadOnlySpan<OpaqueId>)[kept, merged])
            {
                if (refusal.Subject?.Sid == sid)
                    continue;
                also.Add(turn.Append(RecordDraft.Of(RecordType.ConsentWithdrawn, actor, record => record with
                {
                    State = RecordState.Withdrawn,
                    Subject = new Subject(sid),
                    Scope = refusal.Scope,
                    About = [refusal.Seq],
                    Method = new CollectionMethod("unmerge", Ceremony.SingleOptIn),
                })).Seq);
            }
        }

        return new CommandAnswer(written.Seq, kept.ToString(), Also: also).ToBytes();
    }
}
