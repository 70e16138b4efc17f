using NodaTime;
using Ringfence.Ledger;
using Ringfence.Server.Ledger;

namespace Ringfence.Server.Storage;

/// <summary>Reads a ledger from its first record to its last, and sees that every hash, every place and every signed checkpoint agrees.</summary>
internal static class LogCheck
{
    /// <summary>Does it.</summary>
    /// <returns>Its head.</returns>
    /// <exception cref="StoreException"><see cref="StoreFault.Damaged"/>: the message says where.</exception>
    public static async Task<HeadRow> RunAsync(ILedgerStore store, LedgerRow ledger, CancellationToken cancel)
    {
        var head = await store.HeadAsync(ledger.Ledger, cancel);
        var frontier = new Frontier();
        Instant? last = null;
        await using var checkpoints = store.CheckpointsAsync(ledger.Ledger, 0, cancel).GetAsyncEnumerator(cancel);
        var next = await checkpoints.MoveNextAsync() ? checkpoints.Current : null;
        await foreach (var row in store.RecordsAsync(ledger.Ledger, 0, head.Size, cancel))
        {
            next = await PassAsync(checkpoints, next, frontier);
            var record = StoredRecord.Read(row);
            var leaf = TreeHash.Leaf(row.Body);
            if (row.Seq != frontier.Size || !leaf.Bytes.SequenceEqual(row.Leaf) || last >= record.At)
                throw new StoreException(StoreFault.Damaged, $"Record {row.Seq} of the ledger is not what its hash, its place or its time says.");
            frontier.Append(leaf);
            last = record.At;
        }

        next = await PassAsync(checkpoints, next, frontier);
        if (next is not null || frontier.Size != head.Size || !frontier.ToBytes().AsSpan().SequenceEqual(head.Frontier))
            throw new StoreException(StoreFault.Damaged, "The records of the ledger do not make the tree that its head, or a checkpoint, tells of.");
        return head;
    }

    private static async Task<CheckpointRow?> PassAsync(IAsyncEnumerator<CheckpointRow> checkpoints, CheckpointRow? next, Frontier frontier)
    {
        if (next is null || next.Size > frontier.Size)
            return next;
        if (next.Size < frontier.Size || !frontier.Root.Bytes.SequenceEqual(next.Root) || SignedCheckpoint.Of(next).Size != next.Size)
            throw new StoreException(StoreFault.Damaged, $"The checkpoint of {next.Size} records has another root than they.");
        return await checkpoints.MoveNextAsync() ? checkpoints.Current : null;
    }
}
