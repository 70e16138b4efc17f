using Ringfence.Ledger;
using Ringfence.Server.Ledger;

namespace Ringfence.Server.Storage;

/// <summary>Closes a ledger of which records are missing that were signed, and goes on with what is held of it under a new origin: the old one is never continued.</summary>
/// <remarks>
/// The new ledger begins with the very records that are held, so that each keeps its place; then it says which were held and which were known. The old one stays as a log,
/// with its checkpoints; what was sealed, looked up and blocked beside it moves over.
/// </remarks>
internal static class NewEpoch
{
    private const int RowsAtOnce = 2_000;

    /// <summary>Begins it.</summary>
    /// <param name="installation">The installation, used by nobody else.</param>
    /// <param name="old">The ledger that is closed.</param>
    /// <param name="held">Its head.</param>
    /// <param name="origin">The origin that is known furthest: its own, or that of a later epoch which is not here.</param>
    /// <param name="known">How many records of that are known to have been signed; 0: the signer does not know it.</param>
    /// <param name="actor">Who does it.</param>
    /// <param name="cancel">Gives up; the place is then to be emptied.</param>
    /// <returns>The ledger that goes on.</returns>
    public static async Task<LedgerRow> BeginAsync(Installation installation, LedgerRow old, HeadRow held, string origin, long known, Actor actor, CancellationToken cancel)
    {
        var store = installation.Store;
        var all = await store.LedgersAsync(cancel);
        var epoch = await Epochs.NextAsync(installation, old, cancel);
        var next = old with { Ledger = all.Max(static row => row.Ledger) + 1, Epoch = epoch, Origin = Epochs.NameOf(Epochs.Split(old.Origin).Base, epoch) };
        await store.CreateLedgerAsync(next, cancel);
        await CopyAsync(store, old, next, held, cancel);
        var knownRoot = new AnchorFolder(installation.Anchors.Folder, origin).Read(known) is { } kept ? kept.Checkpoint.Root.ToString() : null;
        var keys = await Notary.BeginAsync(installation.Signer, next.Origin, cancel);
        await (await installation.WriterAsync(next, cancel)).DoAsync(new RecoveredCommand(actor, old, held, origin, known, knownRoot, keys), cancel);
        await EmptyAsync(store, old, cancel);
        return next;
    }

    // Blocked numbers first: whatever stops the copying, nobody is left out who must not be contacted.
    private static async Task CopyAsync(ILedgerStore store, LedgerRow from, LedgerRow to, HeadRow held, CancellationToken cancel)
    {
        await foreach (var rows in store.SuppressionsAsync(from.Ledger, cancel).Chunked(RowsAtOnce, cancel))
            await WriteAsync(store, to, writes => writes.Suppressions.AddRange(rows), cancel);
        await foreach (var rows in store.DocumentsAsync(from.Ledger, cancel).Chunked(50, cancel))
            await WriteAsync(store, to, writes => writes.Documents.AddRange(rows), cancel);
        var frontier = new Frontier();
        await foreach (var rows in store.RecordsAsync(from.Ledger, 0, held.Size, cancel).Chunked(RowsAtOnce, cancel))
        {
            foreach (var row in rows)
                frontier.Append(new Digest(row.Leaf));
            var at = Micros.Of(StoredRecord.Read(rows[^1]).At);
            await WriteAsync(store, to, writes =>
            {
                writes.Records.AddRange(rows);
                writes.Head = new HeadRow(frontier.Size, at, frontier.ToBytes());
            }, cancel);
        }

        await foreach (var rows in store.SealedAsync(from.Ledger, 0, held.Size, cancel).Chunked(RowsAtOnce, cancel))
            await WriteAsync(store, to, writes => writes.Sealed.AddRange(rows), cancel);
        await foreach (var seq in store.ScansAsync(from.Ledger, cancel))
        {
            // One by one: each may be large.
            if (await store.ScanAsync(from.Ledger, seq, cancel) is { } scan && seq < held.Size)
                await WriteAsync(store, to, writes => writes.Scans.Add(scan), cancel);
        }

        await foreach (var rows in store.LookupsAsync(from.Ledger, cancel).Chunked(RowsAtOnce, cancel))
            await WriteAsync(store, to, writes => writes.Lookups.AddRange(rows), cancel);
        await foreach (var rows in store.ApiKeysAsync(from.Ledger, cancel).Chunked(RowsAtOnce, cancel))
            await WriteAsync(store, to, writes => writes.ApiKeys.AddRange(rows), cancel);
        await foreach (var rows in store.WebhooksAsync(from.Ledger, cancel).Chunked(RowsAtOnce, cancel))
            await WriteAsync(store, to, writes => writes.Webhooks.AddRange(rows), cancel);
        await foreach (var rows in store.RightsRequestsAsync(from.Ledger, cancel).Chunked(RowsAtOnce, cancel))
            await WriteAsync(store, to, writes => writes.RightsRequests.AddRange(rows), cancel);
        await foreach (var rows in store.RuleChangesAsync(from.Ledger, cancel).Chunked(RowsAtOnce, cancel))
            await WriteAsync(store, to, writes => writes.RuleChanges.AddRange(rows), cancel);
        // Who was told what is known on, so that nobody is told again what arrived.
        if (await store.Outbox.FedAsync(from.Ledger, cancel) is { } fed)
            _ = await store.Outbox.FeedAsync(to.Ledger, null, Math.Min(fed, held.Size), await store.Outbox.AllAsync(from.Ledger, cancel).ToListAsync(cancel), [], cancel);
        // Who has to be told something still has to be.
        await foreach (var rows in Rights.ResultTasks.AllAsync(store, from, cancel).Chunked(RowsAtOnce, cancel))
            await WriteAsync(store, to, writes => writes.ResultTasks.AddRange(rows.Where(row => row.Seq < held.Size)), cancel);
        // What was permitted before counts on: nobody is contacted more often for a restore.
        await foreach (var rows in store.PermitsAsync(from.Ledger, cancel).Chunked(RowsAtOnce, cancel))
            await WriteAsync(store, to, writes => writes.Permits.AddRange(rows), cancel);
        await Rebuild.RunAsync(store, to.Ledger, null, cancel);
    }

    // A closed log keeps its records, its tiles, its checkpoints and its documents, and nothing that could name anybody.
    private static async Task EmptyAsync(ILedgerStore store, LedgerRow old, CancellationToken cancel)
    {
        var lifted = (await store.HeadAsync(old.Ledger, cancel)).Size;
        await foreach (var rows in store.SuppressionsAsync(old.Ledger, cancel).Chunked(RowsAtOnce, cancel))
        {
            await WriteAsync(store, old, writes => writes.SuppressionsChanged.AddRange(rows.Select(row => row with { LiftedSeq = row.LiftedSeq ?? lifted })), cancel);
            await WriteAsync(store, old, writes => writes.SuppressionsGone.AddRange(rows.Select(static row => row.Id)), cancel);
        }

        await foreach (var rows in store.SealedAsync(old.Ledger, 0, long.MaxValue, cancel).Chunked(RowsAtOnce, cancel))
            await WriteAsync(store, old, writes => writes.SealedGone.AddRange(rows.Select(static row => row.Seq).Distinct()), cancel);
        await foreach (var rows in store.ScansAsync(old.Ledger, cancel).Chunked(RowsAtOnce, cancel))
            await WriteAsync(store, old, writes => writes.SealedGone.AddRange(rows), cancel);
        await foreach (var rows in store.LookupsAsync(old.Ledger, cancel).Chunked(RowsAtOnce, cancel))
            await WriteAsync(store, old, writes => writes.LookupsGoneOf.AddRange(rows.Select(static row => row.Sid).Distinct(ByteArrays.Equal)), cancel);
        await foreach (var rows in store.RightsRequestsAsync(old.Ledger, cancel).Chunked(RowsAtOnce, cancel))
            await WriteAsync(store, old, writes => writes.RightsRequests.AddRange(rows.Select(static row => row with { Tag = null, Nonce = null, Words = null })), cancel);
        await Rights.ResultTasks.ClearAsync(store, old, cancel);
        await store.Outbox.ClearAsync(old.Ledger, cancel);
        await store.ReplaceProjectionsAsync(old.Ledger, TilesAsync(store, old, cancel), cancel);
    }

    private static async IAsyncEnumerable<ProjectionRows> TilesAsync(ILedgerStore store, LedgerRow old, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (var tile in store.TilesAsync(old.Ledger, cancel))
        {
            var rows = new ProjectionRows();
            rows.Tiles.Add(tile);
            yield return rows;
        }
    }

    private static async Task WriteAsync(ILedgerStore store, LedgerRow ledger, Action<LedgerWrites> fill, CancellationToken cancel)
    {
        await using var transaction = await store.BeginAsync(ledger.Ledger, cancel);
        var writes = new LedgerWrites { Head = transaction.Head };
        fill(writes);
        await transaction.CommitAsync(writes, cancel);
    }

    private static async IAsyncEnumerable<List<T>> Chunked<T>(this IAsyncEnumerable<T> rows, int size, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        // Whoever reads sees what was there when the reading began, whatever is written meanwhile.
        var all = new List<T>();
        await foreach (var row in rows.WithCancellation(cancel))
        {
            all.Add(row);
            if (all.Count < size)
                continue;
            yield return all;
            all = [];
        }

        if (all.Count > 0)
            yield return all;
    }
}

/// <summary>Says, as the first own record of a new epoch, what was held of the ledger before and what was known of it; and which keys sign from now on.</summary>
internal sealed class RecoveredCommand(Actor actor, LedgerRow old, HeadRow held, string origin, long known, string? knownRoot, IReadOnlyList<SignerKey> keys) : LedgerCommand
{
    public override void Ask(RowsWanted wanted)
    {
    }

    public override byte[] Run(LedgerTurn turn)
    {
        var detail = new List<(string, LeafValue)>
        {
            ("held_size", held.Size), ("held_root", new Frontier(held.Size, held.Frontier).Root), ("known_size", known), ("origin", old.Origin),
        };
        if (origin != old.Origin)
            detail.Add(("known_origin", origin));
        if (knownRoot is not null)
            detail.Add(("known_root", knownRoot));
        var written = turn.Append(RecordDraft.Of(RecordType.LedgerRecovered, actor, record => record with { Detail = LeafValue.Map.Of([.. detail]) }));
        foreach (var key in keys)
            new KeyChangedCommand(RecordType.LedgerKeyAdded, LedgerActors.Program, key).Append(turn);
        return new CommandAnswer(written.Seq, null).ToBytes();
    }
}
