using Ringfence.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Ledger;

/// <summary>Has one ledger signed as it grows, beside the work and never in a transaction of it.</summary>
/// <remarks>Whether it is called every second or once a day, on one node or on several: what is signed is the committed head, and it is signed once.</remarks>
internal sealed class Checkpointer(ILedgerStore store, LedgerRow ledger, SignerClient signer) : IDisposable
{
    // Another node may have signed further between a look at the head and the question; more often than this it is no coincidence.
    private const int MostTries = 5;

    private readonly TileStore tiles = new(store, ledger.Ledger);
    private readonly SemaphoreSlim one = new(1);

    /// <summary>The hashes of the tree.</summary>
    public TileStore Tiles => tiles;

    /// <summary>Whether the signer took the ledger on though it was not empty; its keys are then not told of yet.</summary>
    public bool Adopted { get; set; }

    /// <summary>The newest signed checkpoint: of what is committed now. Signs it where that was not done yet.</summary>
    /// <param name="put">Writes tiles that became full, through the writer of the ledger.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>Null: the ledger is empty.</returns>
    /// <exception cref="LedgerAlarmException">The ledger is not what was signed before.</exception>
    /// <exception cref="SignerException">The signer does not answer, does not know the ledger, or its state can't be used.</exception>
    public async Task<SignedCheckpoint?> SignAsync(Func<IReadOnlyList<TileRow>, CancellationToken, Task> put, CancellationToken cancel)
    {
        await one.WaitAsync(cancel);
        try
        {
            for (var tries = 1; ; tries++)
            {
                var head = await store.HeadAsync(ledger.Ledger, cancel);
                if (head.Size == 0)
                    return null;
                try
                {
                    return await NewestAsync(head, cancel) ?? await SignAsync(head, put, cancel);
                }
                catch (SignerException e) when (e.IsAlarm)
                {
                    var known = (await signer.StateAsync(ledger.Origin, cancel))?.Size ?? 0;
                    if (e.Code != "behind" || tries == MostTries || (await store.HeadAsync(ledger.Ledger, cancel)).Size < known)
                        throw new LedgerAlarmException(e.Code == "behind" ? "rolled-back" : "fork", head.Size, known);
                }
            }
        }
        finally
        {
            one.Release();
        }
    }

    public void Dispose() => one.Dispose();

    private async Task<SignedCheckpoint?> NewestAsync(HeadRow head, CancellationToken cancel)
    {
        var kept = await store.CheckpointAsync(ledger.Ledger, head.Size, cancel);
        if (kept is null || kept.Size != head.Size)
            return null;
        if (!kept.Root.AsSpan().SequenceEqual(new Frontier(head.Size, head.Frontier).Root.Bytes))
            throw new LedgerAlarmException("fork", head.Size, kept.Size);
        return SignedCheckpoint.Of(kept);
    }

    private async Task<SignedCheckpoint> SignAsync(HeadRow head, Func<IReadOnlyList<TileRow>, CancellationToken, Task> put, CancellationToken cancel)
    {
        var last = await signer.StateAsync(ledger.Origin, cancel);
        var from = last?.Size ?? 0;
        if (from > head.Size)
            throw new SignerException("behind", "");
        await PutTilesAsync(head.Size, put, cancel);
        var checkpoint = new Checkpoint(ledger.Origin, head.Size, new Frontier(head.Size, head.Frontier).Root);
        var note = await signer.SignAsync(checkpoint, head.Frontier, tiles.Consistency(from, head.Size), cancel);
        if (!note.Text.Span.SequenceEqual(checkpoint.Text()))
            throw new SignerException("malformed", "The signer signed something else than it was asked to.");
        Adopted |= last is null;
        var row = new CheckpointRow(head.Size, checkpoint.Root.Bytes.ToArray(), note.Bytes.ToArray());
        try
        {
            await store.AddCheckpointAsync(ledger.Ledger, row, cancel);
        }
        catch (StoreException e) when (e.Fault == StoreFault.Taken)
        {
            throw new LedgerAlarmException("fork", head.Size, head.Size);
        }

        return new SignedCheckpoint(checkpoint, note);
    }

    // Invariant: the full tiles of a checkpoint that is kept are kept. So those that are missing lie after the newest.
    private async Task PutTilesAsync(long size, Func<IReadOnlyList<TileRow>, CancellationToken, Task> put, CancellationToken cancel)
    {
        var from = (await store.CheckpointAsync(ledger.Ledger, size, cancel))?.Size ?? 0;
        var full = new List<TileRow>();
        var growth = new TileGrowth(from - from % Tile.FullWidth, tiles.NodesAt(from));
        while (growth.Size + Tile.FullWidth <= size)
        {
            var leaves = await store.LeavesAsync(ledger.Ledger, growth.Size, growth.Size + Tile.FullWidth, cancel);
            if (leaves.Length != Tile.FullWidth * Digest.Size)
                throw new StoreException(StoreFault.Damaged, $"Records from {growth.Size} on are missing.");
            for (var at = 0; at < leaves.Length; at += Digest.Size)
                growth.Append(new Digest(leaves.AsSpan(at, Digest.Size)), (tile, hashes) => full.Add(RowOf(tile, hashes)));
            if (full.Count >= MostTiles)
                await PutAsync();
        }

        await PutAsync();

        async Task PutAsync()
        {
            // One that was cut off, or another node, may have put some of them.
            var missing = new List<TileRow>();
            foreach (var tile in full)
            {
                if (await store.TileAsync(ledger.Ledger, tile.Level, tile.N, cancel) is null)
                    missing.Add(tile);
            }

            full.Clear();
            if (missing.Count > 0)
                await put(missing, cancel);
        }
    }

    // A megabyte at a time, so that nobody waits long for the head of the ledger.
    private const int MostTiles = 128;

    private static TileRow RowOf(Tile tile, ReadOnlySpan<Digest> hashes) =>
        new(tile.Level, tile.Index, System.Runtime.InteropServices.MemoryMarshal.AsBytes(hashes).ToArray());
}

/// <summary>A checkpoint with its signatures.</summary>
internal sealed record SignedCheckpoint(Checkpoint Checkpoint, SignedNote Note)
{
    public long Size => Checkpoint.Size;

    /// <summary>SHA-256 of the whole note, as records name it.</summary>
    public Digest Digest => TreeHash.Sha256(Note.Bytes.Span);

    /// <summary>One that is kept.</summary>
    /// <exception cref="StoreException"><see cref="StoreFault.Damaged"/>.</exception>
    public static SignedCheckpoint Of(CheckpointRow row) =>
        SignedNote.TryParse(row.Note, out var note) && Checkpoint.TryParse(note.Text.Span, out var checkpoint) && checkpoint.Size == row.Size && checkpoint.Root.Bytes.SequenceEqual(row.Root)
            ? new SignedCheckpoint(checkpoint, note)
            : throw new StoreException(StoreFault.Damaged, $"The checkpoint of {row.Size} records is damaged.");
}

/// <summary>Puts tiles that became full beside the records. Writes no record.</summary>
internal sealed class PutTilesCommand(IReadOnlyList<TileRow> tiles) : LedgerCommand
{
    public override void Ask(RowsWanted wanted)
    {
    }

    public override byte[] Run(LedgerTurn turn)
    {
        foreach (var tile in tiles)
            turn.Put(tile);
        return [];
    }
}
