using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.People;

/// <summary>Somebody says when and how often they want to be contacted. What they said before counts no more.</summary>
/// <param name="actor">Who writes it down.</param>
/// <param name="sid">The person.</param>
/// <param name="wishes">All they wish; empty: nothing any more.</param>
/// <param name="narrow">Whether it may only keep more contacts away than what they wished before.</param>
internal sealed class WishCommand(Actor actor, OpaqueId sid, Wishes wishes, bool narrow) : LedgerCommand
{
    public override void Ask(RowsWanted wanted) => wanted.Subjects.Add(sid.ToArray());

    public override byte[] Run(LedgerTurn turn)
    {
        var person = turn.Person(sid);
        if (person.Records.Count == 0 || person.Status == PersonStatus.Erased)
            throw new CommandRefusedException("not-a-contact");
        if (narrow && !WishRecord.OnlyNarrows(person.Wishes, wishes))
            throw new CommandRefusedException("wish-widens");
        if (Same(person.Wishes, wishes) && person.Records.LastOrDefault(static record => WishRecord.Read(record) is not null) is { } last)
            return new CommandAnswer(last.Seq, person.Sid.ToString(), Already: true).ToBytes();
        var written = turn.Append(RecordDraft.Of(RecordType.ContactChanged, actor, record => record with
        {
            Subject = new Subject(person.Sid),
            Detail = LeafValue.Map.Of([.. WishRecord.Of(wishes)]),
        }));
        return new CommandAnswer(written.Seq, person.Sid.ToString()).ToBytes();
    }

    private static bool Same(Wishes? one, Wishes other) => one is not null && one.Hours.SequenceEqual(other.Hours) && one.Most == other.Most && one.PausedUntil == other.PausedUntil;
}
