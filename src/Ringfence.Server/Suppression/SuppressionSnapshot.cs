using Ringfence.Ledger;
using Ringfence.Server.Ledger;
using Ringfence.Server.Sealing;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Suppression;

/// <summary>
/// Fixes in the ledger which suppressions stand, so that one that is deleted afterwards shows. Once a day, and when somebody asks; and when the tags are wrapped by a
/// new key, which no record of old could tell.
/// </summary>
internal static class SuppressionSnapshot
{
    private const int MostTries = 8;
    private const int RecordsAtOnce = 500;
    private const long FirstLook = 10_000;

    // What changes a suppression that was there before; what only adds one may come in between.
    private static readonly RecordType[] Changing = [RecordType.SuppressionLifted, RecordType.SuppressionRewrapped, RecordType.SuppressionSnapshot, RecordType.ErasureRequested];

    /// <summary>Takes one.</summary>
    /// <returns>The record that holds it, and how many it covers.</returns>
    /// <exception cref="CommandRefusedException"><c>suppressions-differ</c>: the one before does not fit any more. Taking another would cover that up.</exception>
    public static Task<(long Seq, long Count)> TakeAsync(Installation installation, LedgerRow ledger, Actor actor, CancellationToken cancel) =>
        TakeAsync(installation, ledger, static (size, rows, actor) => new SnapshotCommand(actor, size, rows), actor, cancel);

    /// <summary>Wraps every tag by the newest keys, and fixes that. All or nothing.</summary>
    /// <returns>The record that says so, and how many stand.</returns>
    /// <exception cref="CommandRefusedException"><c>suppressions-differ</c>.</exception>
    public static Task<(long Seq, long Count)> RewrapAsync(Installation installation, LedgerRow ledger, Actor actor, CancellationToken cancel)
    {
        var keys = installation.SuppressionKeys.Current;
        return TakeAsync(installation, ledger, (size, rows, actor) => new SnapshotCommand(actor, size, rows, keys), actor, cancel);
    }

    private static async Task<(long Seq, long Count)> TakeAsync(
        Installation installation, LedgerRow ledger, Func<long, List<SuppressionRow>, Actor, SnapshotCommand> commandOf, Actor actor, CancellationToken cancel)
    {
        var writer = await installation.WriterAsync(ledger, cancel);
        for (var tries = 1; ; tries++)
        {
            var size = (await installation.Store.HeadAsync(ledger.Ledger, cancel)).Size;
            var (rows, findings) = await ReadAsync(installation, ledger.Ledger, size, cancel);
            if (findings.Count > 0)
            {
                // A row may be newer than the records it was compared with.
                if (tries < MostTries && (await installation.Store.HeadAsync(ledger.Ledger, cancel)).Size > size)
                    continue;
                throw new CommandRefusedException("suppressions-differ");
            }

            var command = commandOf(size, rows, actor);
            try
            {
                return (CommandAnswer.Read(await writer.DoAsync(command, cancel)).Seq, command.Count);
            }
            catch (CommandRefusedException e) when (e.Code == "changed-meanwhile" && tries < MostTries)
            {
            }
        }
    }

    /// <summary>The suppressions as of a size, and what does not fit.</summary>
    private static async Task<(List<SuppressionRow> Rows, IReadOnlyList<SuppressionFinding> Findings)> ReadAsync(Installation installation, long ledger, long size, CancellationToken cancel)
    {
        var store = installation.Store;
        var audit = new SuppressionAudit { MostChain = installation.SuppressionChain };
        if (await NewestAsync(store, ledger, size, cancel) is { } before)
            audit.Add(before);
        await foreach (var row in store.RecordsAsync(ledger, audit.CoveredTo, size, cancel))
        {
            if (row.Seq != audit.Snapshot?.Seq)
                audit.Add(StoredRecord.Read(row));
        }

        var rows = new List<SuppressionRow>();
        await foreach (var some in WithRecordsAsync(store, ledger, cancel))
        {
            foreach (var (row, record) in some.Where(one => one.Row.Seq is null || one.Row.Seq < size))
            {
                audit.Add(row, record);
                rows.Add(row);
            }
        }

        return (rows, audit.End());
    }

    /// <summary>All suppressions, some at a time, each with the record it names.</summary>
    public static async IAsyncEnumerable<IReadOnlyList<(SuppressionRow Row, LedgerRecord? Record)>> WithRecordsAsync(
        ILedgerStore store, long ledger, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        var some = new List<SuppressionRow>(RecordsAtOnce);
        await foreach (var row in store.SuppressionsAsync(ledger, cancel))
        {
            some.Add(row);
            if (some.Count < RecordsAtOnce)
                continue;
            yield return await FindAsync();
            some.Clear();
        }

        yield return await FindAsync();

        async Task<IReadOnlyList<(SuppressionRow, LedgerRecord?)>> FindAsync()
        {
            var wanted = new RowsWanted();
            wanted.Records.UnionWith(some.Where(static row => row.Seq is not null).Select(static row => row.Seq!.Value));
            var found = wanted.Records.Count == 0 ? [] : (await store.LoadAsync(ledger, wanted, cancel)).Records;
            return [.. some.Select(row => (row, row.Seq is { } seq && found.TryGetValue(seq, out var record) && RecordReader.TryRead(record.Body, out var read, out _) ? read : null))];
        }
    }

    /// <summary>The newest snapshot before a size; null: there is none.</summary>
    public static async Task<LedgerRecord?> NewestAsync(ILedgerStore store, long ledger, long size, CancellationToken cancel)
    {
        // It is a day old at most, as a rule; so it is looked for from the end.
        for (var (until, width) = (size, FirstLook); until > 0; (until, width) = (until - width, width * 2))
        {
            LedgerRecord? newest = null;
            await foreach (var row in store.RecordsAsync(ledger, Math.Max(0, until - width), until, cancel))
            {
                if (StoredRecord.Read(row) is { Type: RecordType.SuppressionSnapshot or RecordType.SuppressionRewrapped } record)
                    newest = record;
            }

            if (newest is not null)
                return newest;
        }

        return null;
    }

    private sealed class SnapshotCommand : LedgerCommand
    {
        private readonly Actor actor;
        private readonly long size;
        private readonly List<SuppressionRow> stamped;
        private readonly List<SuppressionRow> dropped;
        private readonly Digest root;
        private readonly short chain;

        /// <param name="actor">Who takes it.</param>
        /// <param name="size">Of how many records it tells.</param>
        /// <param name="rows">The suppressions as of that size.</param>
        /// <param name="keys">Keys by which every tag is wrapped; null: tags stay as they are.</param>
        public SnapshotCommand(Actor actor, long size, List<SuppressionRow> rows, SuppressionKeys? keys = null)
        {
            (this.actor, this.size, chain) = (actor, size, (short)(keys?.Versions ?? 0));
            var (standing, changed) = (new SuppressionRoot(), new List<SuppressionRow>());
            // Before its turn: nobody waits for the hashing.
            foreach (var row in rows.Where(static row => row.LiftedSeq is null))
            {
                var after = keys is null || row.Chain == chain ? row : row with { Tag = keys.Renew(new ContactTag(row.Tag), row.Chain).ToArray(), Chain = chain };
                standing.Add(after);
                if (after.Snapshot is null || after.Chain != row.Chain)
                    changed.Add(after);
            }

            (Count, root) = (standing.Count, standing.Root());
            stamped = changed;
            dropped = [.. rows.Where(static row => row.LiftedSeq is not null)];
        }

        public long Count { get; }

        public override void Ask(RowsWanted wanted)
        {
        }

        public override byte[] Run(LedgerTurn turn)
        {
            RequireUnchanged(turn);
            var written = turn.Append(RecordDraft.Of(chain == 0 ? RecordType.SuppressionSnapshot : RecordType.SuppressionRewrapped, actor, record => record with
            {
                Detail = chain == 0
                    ? LeafValue.Map.Of(("count", Count), ("root", root), ("size", size))
                    : LeafValue.Map.Of(("chain", chain), ("count", Count), ("root", root), ("size", size)),
            }));
            foreach (var row in stamped)
                turn.Change(row with { Snapshot = row.Snapshot ?? written.Seq });
            foreach (var row in dropped)
                turn.Drop(row);
            return new CommandAnswer(written.Seq, null).ToBytes();
        }

        private void RequireUnchanged(LedgerTurn turn)
        {
            var wanted = new RowsWanted();
            for (var seq = size; seq < turn.Size; seq++)
                wanted.Records.Add(seq);
            if (wanted.Records.Count == 0)
                return;
            if (chain > 0)
                wanted.SuppressionsBySeq.UnionWith(wanted.Records);
            turn.Load(wanted);
            for (var seq = size; seq < turn.Size; seq++)
            {
                // One that was added under an older key meanwhile would be left behind.
                if (turn.Record(seq) is not { } record || Changing.Contains(record.Type) || chain > 0 && turn.SuppressionOf(seq) is { } added && added.Chain < chain)
                    throw new CommandRefusedException("changed-meanwhile");
            }
        }
    }
}
