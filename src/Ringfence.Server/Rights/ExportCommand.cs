using Ringfence.Ledger;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Rights;

/// <summary>All that is held of a person is about to be handed out: written down first, with the digests of what it is.</summary>
/// <param name="actor">Who hands it out.</param>
/// <param name="sid">Whose it is.</param>
/// <param name="files">The digests of the files, in order.</param>
internal sealed class ExportCommand(Actor actor, OpaqueId sid, IReadOnlyList<Digest> files) : LedgerCommand
{
    public override void Ask(RowsWanted wanted) => wanted.Subjects.Add(sid.ToArray());

    public override byte[] Run(LedgerTurn turn)
    {
        if (turn.RecordsOf(sid).Count == 0)
            throw new CommandRefusedException("not-a-contact");
        return new CommandAnswer(turn.Append(RecordDraft.Of(RecordType.StaffExport, actor, record => record with
        {
            Subject = new Subject(sid),
            Detail = LeafValue.Map.Of(("view", "export"), ("digests", LeafValue.ListOf(files.Select(static digest => digest.ToString())))),
        })).Seq, sid.ToString()).ToBytes();
    }
}
