using Ringfence.Ledger;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.People;

/// <summary>Somebody is about to see a page of a list of people: written down, with all of them, before it is shown.</summary>
/// <param name="actor">Who looks.</param>
/// <param name="sids">At whom; as many as a page has at most.</param>
/// <param name="view">What they see: <c>contacts</c>, <c>approvals</c>.</param>
internal sealed class RevealListCommand(Actor actor, IReadOnlyList<OpaqueId> sids, string view = "contacts") : LedgerCommand
{
    public override void Ask(RowsWanted wanted)
    {
        // It stands in nobody's own history, and changes nothing of where they stand.
    }

    public override byte[] Run(LedgerTurn turn) => new CommandAnswer(turn.Append(RecordDraft.Of(RecordType.StaffRevealed, actor, record => record with
    {
        Detail = LeafValue.Map.Of(("people", LeafValue.ListOf(sids.Select(static sid => sid.ToString()))), ("view", view)),
    })).Seq, null).ToBytes();
}

/// <summary>A list of people is about to be handed out: written down first, with the digest of what it is and whom it was made of.</summary>
/// <param name="actor">Who takes it out.</param>
/// <param name="file">SHA-256 of the file.</param>
/// <param name="people">How many it is of.</param>
/// <param name="filter">Who was meant, a word and its value each, such as <c>where:GB</c>; none: everybody, or they were picked one by one or looked for by name.</param>
/// <param name="agreedBy">Who agreed to it, where it takes two; null: it takes one.</param>
internal sealed class ExportListCommand(Actor actor, Digest file, int people, IReadOnlyList<string> filter, string? agreedBy = null) : LedgerCommand
{
    public override void Ask(RowsWanted wanted)
    {
    }

    public override byte[] Run(LedgerTurn turn) => new CommandAnswer(turn.Append(RecordDraft.Of(RecordType.StaffExport, actor, record => record with
    {
        Detail = LeafValue.Map.Of([
            .. agreedBy is null ? [] : (ReadOnlySpan<(string, LeafValue)>)[("approved", LeafValue.ListOf([actor.Ref, agreedBy]))],
            ("count", people), ("digest", file),
            .. filter.Count == 0 ? [] : (ReadOnlySpan<(string, LeafValue)>)[("filter", LeafValue.ListOf(filter))],
            ("view", "contacts")]),
    })).Seq, null).ToBytes();
}
