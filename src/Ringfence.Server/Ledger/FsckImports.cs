using System.Text.Json;
using Ringfence.Ledger;
using Ringfence.Server.People.Import;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Ledger;

/// <summary>Compares how far imports have come with the records that began and ended them: by these rows an import goes on, and is undone.</summary>
/// <remarks>While an import runs, its figures and how far it has come stand in its row alone.</remarks>
internal sealed class FsckImports
{
    private readonly Dictionary<OpaqueId, Told> told = [];

    private sealed record Told(long Seq, long Rows, string? Begun)
    {
        public bool IsFinished { get; set; }

        public bool IsUndone { get; set; }

        /// <summary>Whether some of what it said was taken back.</summary>
        public bool IsBeingUndone { get; set; }

        /// <summary>The digest of the row as it was finished or undone.</summary>
        public string? Ended { get; set; }
    }

    /// <summary>Takes the next record.</summary>
    public void Add(LedgerRecord record)
    {
        // A ledger that goes on after a restore goes on without them.
        if (record.Type == RecordType.LedgerRecovered)
            told.Clear();
        if (!OpaqueId.TryParse(record.Detail?["batch"]?.AsText, out var batch))
            return;
        if (record.Type == RecordType.ImportStarted)
            told[batch] = new Told(record.Seq, record.Detail!["rows"]?.AsNumber ?? -1, record.Detail["facts"]?.AsText);
        else if (!told.TryGetValue(batch, out var import))
            return;
        else if (record.Type == RecordType.ImportFinished)
            (import.IsFinished, import.Ended) = (true, record.Detail!["facts"]?.AsText);
        else if (record.Type == RecordType.ImportUndone)
            (import.IsUndone, import.Ended) = (true, record.Detail!["facts"]?.AsText);
        else if (record.Type is RecordType.ErasureRequested or RecordType.ConsentCorrected && record.Detail!["reason"]?.AsText == "import-undone")
            import.IsBeingUndone = true;
    }

    /// <summary>What does not fit.</summary>
    /// <param name="rows">The imports there are.</param>
    public IReadOnlyList<(string Code, long Seq)> Compare(IEnumerable<BatchRow> rows)
    {
        var faults = new List<(string, long)>();
        var missing = new Dictionary<OpaqueId, Told>(told);
        foreach (var row in rows)
        {
            if (row.Batch.Length != OpaqueId.Size || !missing.Remove(new OpaqueId(row.Batch), out var import))
            {
                // A list that a program sent and that was never begun wrote nothing, and nothing goes by its row.
                if (!WroteNothing(row))
                    faults.Add(("import-unknown", 0));
            }
            else if (!IsAsTold(row, import))
                faults.Add(("import-differs", import.Seq));
        }

        return [.. faults, .. missing.Values.Select(static import => ("import-missing", import.Seq))];
    }

    private static bool WroteNothing(BatchRow row)
    {
        try
        {
            return (ImportState)row.State is ImportState.Waiting or ImportState.Tried or ImportState.Failed or ImportState.Undone && row.Done == 0 && ImportBatch.Read(row.Facts) is { From: 0, Until: 0 };
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static bool IsAsTold(BatchRow row, Told import)
    {
        ImportBatch batch;
        try
        {
            batch = ImportBatch.Read(row.Facts);
            if (batch.Name != new OpaqueId(row.Batch))
                return false;
        }
        catch (JsonException)
        {
            return false;
        }

        var state = (ImportState)row.State;
        var fits = state switch
        {
            ImportState.Running => !import.IsFinished && !import.IsUndone && row.Done >= 0 && row.Done <= import.Rows,
            ImportState.Finished => import.IsFinished && !import.IsUndone && !import.IsBeingUndone,
            // One that was stopped can be undone, too; and one of which nothing is left to take back.
            ImportState.BeingUndone => !import.IsUndone,
            ImportState.Undone => import.IsUndone,
            ImportState.Failed => !import.IsFinished && !import.IsUndone,
            _ => false,
        };
        if (!fits || import.IsFinished && row.Done != import.Rows || row.Done < 0 || row.Done > import.Rows)
            return false;
        // What it was begun with never changes; its figures do not change any more once it is at its end. Older records do not say.
        return (import.Begun is null || import.Begun == batch.Begun().ToString())
            && (import.Ended is null || state == ImportState.BeingUndone || import.Ended == TreeHash.Sha256(row.Facts).ToString());
    }
}
