using Ringfence.Ledger;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Lists.Desk;

/// <summary>Somebody is about to see rows of a list, or to take a file of them away: written down before that. The people are in no ledger yet, so the list stands for them.</summary>
/// <param name="actor">Who.</param>
/// <param name="type"><see cref="RecordType.StaffRevealed"/> or <see cref="RecordType.StaffExport"/>.</param>
/// <param name="view">What they see: <c>list-rows</c>, <c>list-rejected</c>, or the name of the file.</param>
/// <param name="lists">SHA-256 of the lists, as hex digits.</param>
/// <param name="rows">How many rows of people it is of.</param>
/// <param name="agreedBy">Who agreed to it, where it takes two; null: it takes one.</param>
internal sealed class ListHandedOutCommand(Actor actor, RecordType type, string view, IReadOnlyList<string> lists, long rows, string? agreedBy = null) : LedgerCommand
{
    public override void Ask(RowsWanted wanted)
    {
    }

    public override byte[] Run(LedgerTurn turn) => new CommandAnswer(turn.Append(RecordDraft.Of(type, actor, record => record with
    {
        Detail = LeafValue.Map.Of([
            .. agreedBy is null ? [] : (ReadOnlySpan<(string, LeafValue)>)[("approved", LeafValue.ListOf([actor.Ref, agreedBy]))],
            ("count", rows), ("lists", LeafValue.ListOf(lists)), ("view", view)]),
    })).Seq, "").ToBytes();
}
