using Ringfence.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Ledger;

/// <summary>Somebody is about to see what is personal: written down before it is shown.</summary>
/// <param name="actor">Who looks.</param>
/// <param name="sid">At whom.</param>
/// <param name="view">What they see: <c>contact</c>, <c>bundle</c>, <c>receipt</c>.</param>
/// <param name="handedOut">SHA-256 of what is handed out; null: it is only looked at.</param>
internal sealed class RevealCommand(Actor actor, OpaqueId sid, string view, Digest? handedOut = null) : LedgerCommand
{
    public override void Ask(RowsWanted wanted)
    {
        // The subject's projection is written anew with the record, so all of it has to be known.
        wanted.Subjects.Add(sid.ToArray());
    }

    public override byte[] Run(LedgerTurn turn) => new CommandAnswer(turn.Append(RecordDraft.Of(RecordType.StaffRevealed, actor, record => record with
    {
        Subject = new Subject(sid),
        Detail = handedOut is { } digest ? LeafValue.Map.Of(("view", view), ("digest", digest)) : LeafValue.Map.Of(("view", view)),
    })).Seq, sid.ToString()).ToBytes();
}
