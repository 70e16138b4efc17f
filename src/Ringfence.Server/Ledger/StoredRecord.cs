using Ringfence.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Ledger;

/// <summary>Records as they come from the store.</summary>
internal static class StoredRecord
{
    /// <summary>Reads one.</summary>
    /// <exception cref="StoreException"><see cref="StoreFault.Damaged"/>: these bytes are no record, or of another place.</exception>
    public static LedgerRecord Read(RecordRow row)
    {
        if (!RecordReader.TryRead(row.Body, out var record, out _) || record.Seq != row.Seq)
            throw new StoreException(StoreFault.Damaged, $"Record {row.Seq} of the ledger is damaged.");
        return record;
    }
}
