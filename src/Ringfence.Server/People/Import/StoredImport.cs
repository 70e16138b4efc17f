using NodaTime;
using NodaTime.Text;
using Ringfence.Ledger;
using Ringfence.Server.Pages;
using Ringfence.Server.Storage;

namespace Ringfence.Server.People.Import;

/// <summary>An import as the store has it.</summary>
/// <param name="Batch">What it is, and what it came to.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Done">Rows that are settled.</param>
internal sealed record StoredImport(ImportBatch Batch, ImportState State, long Done)
{
    /// <summary>When it began.</summary>
    public Instant At => InstantPattern.General.Parse(Batch.At).Value;

    /// <summary>Whether something of it goes on, or is about to.</summary>
    public bool IsUnderWay => State is ImportState.Waiting or ImportState.Running or ImportState.BeingUndone;

    /// <summary>Every import of a controller but dry runs.</summary>
    public static async Task<IReadOnlyList<StoredImport>> AllAsync(PageCall call)
    {
        var all = new List<StoredImport>();
        await foreach (var row in call.Installation.Store.BatchesAsync(call.Ledger.Ledger, call.Cancel))
        {
            // One that waits may turn out to be a dry run; of those nothing is told here.
            if (Of(row) is { State: not ImportState.Tried, Batch.Dry: null } one)
                all.Add(one);
        }

        return all;
    }

    /// <summary>An import of a controller; null: there is none of the name.</summary>
    public static async Task<StoredImport?> FindAsync(PageCall call, OpaqueId name, CancellationToken cancel)
    {
        var wanted = new RowsWanted { WithRecords = false };
        wanted.Batches.Add(name.ToArray());
        return (await call.Installation.Store.LoadAsync(call.Ledger.Ledger, wanted, cancel)).Batches.FirstOrDefault() is { } row ? Of(row) : null;
    }

    private static StoredImport Of(BatchRow row) => new(ImportBatch.Read(row.Facts), (ImportState)row.State, row.Done);
}
