using Ringfence.Ledger;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.People.Import;

/// <summary>Says that a list was taken from a program and waits; once, however often it was sent under one key. The answer is the import's name.</summary>
internal sealed class TakeImportCommand(ImportBatch batch) : LedgerCommand
{
    public override void Ask(RowsWanted wanted) => wanted.Batches.Add(batch.Name.ToArray());

    public override byte[] Run(LedgerTurn turn)
    {
        if (turn.Batch(batch.Name.ToArray()) is null)
            turn.Put(new BatchRow(batch.Name.ToArray(), 0, (short)ImportState.Waiting, batch.ToBytes()));
        return batch.Name.ToArray();
    }
}

/// <summary>Says that an import came to an end without one: a dry run that is done, or a list that can't be read.</summary>
/// <param name="import">The import.</param>
/// <param name="state">How it ended.</param>
/// <param name="end">What is kept of it then.</param>
internal sealed class EndImportCommand(OpaqueId import, ImportState state, Func<ImportBatch, ImportBatch> end) : LedgerCommand
{
    public override void Ask(RowsWanted wanted) => wanted.Batches.Add(import.ToArray());

    public override byte[] Run(LedgerTurn turn)
    {
        if (turn.Batch(import.ToArray()) is { State: (short)ImportState.Waiting or (short)ImportState.Running } row)
            turn.Put(row with { State = (short)state, Facts = end(ImportBatch.Read(row.Facts)).ToBytes() });
        return [];
    }
}

/// <summary>Lets nothing more of an import in, so that it can be undone as a whole. The answer says whether there is anything to undo: one byte.</summary>
internal sealed class StopImportCommand(OpaqueId import) : LedgerCommand
{
    public override void Ask(RowsWanted wanted) => wanted.Batches.Add(import.ToArray());

    public override byte[] Run(LedgerTurn turn)
    {
        var row = turn.Batch(import.ToArray()) ?? throw new CommandRefusedException("no-such-import", import.ToString());
        var state = (ImportState)row.State;
        if (state == ImportState.Tried)
            throw new CommandRefusedException("import-dry");
        // Of one that has written nothing there is nothing to undo.
        var after = state is ImportState.Undone || ImportBatch.Read(row.Facts).Until == 0 ? ImportState.Undone : ImportState.BeingUndone;
        if (after != state)
            turn.Put(row with { State = (short)after });
        return [(byte)(after == ImportState.BeingUndone ? 1 : 0)];
    }
}
