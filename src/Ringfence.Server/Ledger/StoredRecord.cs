using Ringfence.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Ledger;

/// <summary>Records as they come from the store.</summary>
internal static class StoredRecord
{
    // Whoever is asked about now is read for the advice, for the permit and for its use: some thousand records at a time, of a few thousand bytes.
    private const int PlaceBits = 12;

    // A prime share of 2^64: places of one person's records fall far apart.
    private const ulong Spread = 0x9E37_79B9_7F4A_7C15;

    // What was understood before, by all of its bytes: a record never says anything else. Each place holds the last that came to it.
    private static readonly Understood?[] Before = new Understood?[1 << PlaceBits];

    /// <summary>Reads one.</summary>
    /// <exception cref="StoreException"><see cref="StoreFault.Damaged"/>: these bytes are no record, or of another place.</exception>
    public static LedgerRecord Read(RecordRow row)
    {
        ref var place = ref Before[unchecked((int)((ulong)row.Seq * Spread >> (64 - PlaceBits)))];
        if (Volatile.Read(ref place) is { } known && known.Record.Seq == row.Seq && known.Body.AsSpan().SequenceEqual(row.Body))
            return known.Record;
        if (!RecordReader.TryRead(row.Body, out var record, out _) || record.Seq != row.Seq)
            throw new StoreException(StoreFault.Damaged, $"Record {row.Seq} of the ledger is damaged.");
        Volatile.Write(ref place, new Understood(row.Body, record));
        return record;
    }

    private sealed record Understood(byte[] Body, LedgerRecord Record);
}
