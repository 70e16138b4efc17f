using Ringfence.Ledger;
using Ringfence.Server.Hosting;
using Ringfence.Server.Ledger;
using Ringfence.Server.Sealing;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Gate.Snapshot;

/// <summary>Keeps a snapshot with its ledger: looks for what other nodes wrote, works out anew what is marked, and writes the file.</summary>
internal sealed class SnapshotFollower(Installation installation, LedgerSnapshot snapshot, ILogger? log = null)
{
    /// <summary>How often the ledger is looked at: what another node wrote is known within a second, with time to spare.</summary>
    public static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);

    // Records marked at once; beyond it the store answers until all are.
    private const int MostRecords = 2_000;

    // Marks worked out at once.
    private const int MostMarks = 300;

    // Entries in memory before the file is written anew, and which part of the file they are at least.
    private const int LeastNewer = 20_000;
    private const long PartNewer = 20;

    // Whoever failed to read everything waits before the next try, and each time longer: it is a lot to read.
    private static readonly TimeSpan First = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    private readonly Lock wiping = new();
    private readonly string path = SnapshotPath.Of(installation.Options.Data, snapshot.Ledger);
    private readonly byte[] key = installation.SnapshotKey();
    private (SnapshotFileWriter Writer, long At)? writing;
    private Task beside = Task.CompletedTask;
    private (long At, TimeSpan Wait)? failed;

    /// <summary>Takes up the file that was written before, if it is of this ledger and this program.</summary>
    public async Task OpenAsync(CancellationToken cancel)
    {
        if (!File.Exists(path))
            return;
        SnapshotFile? file = null;
        try
        {
            var keys = installation.SuppressionKeys.Current;
            file = SnapshotFile.Open(path, key);
            var head = await installation.Store.HeadAsync(snapshot.Ledger.Ledger, cancel);
            var at = file.Stamp.Position;
            // Ahead of the ledger, or of another history: an older state of the ledger was put back.
            if (at > head.Size || at == 0 || !(await installation.Store.LeavesAsync(snapshot.Ledger.Ledger, at - 1, at, cancel)).AsSpan().SequenceEqual(file.Stamp.Leaf))
                throw new SnapshotFileException("of another history");
            var wanted = snapshot.StampOf(at, file.Stamp.Leaf, keys);
            if (file.Stamp.Origin != wanted.Origin || file.Stamp.Ledger != wanted.Ledger || file.Stamp.Chain != wanted.Chain || !file.Stamp.Program.AsSpan().SequenceEqual(wanted.Program))
                throw new SnapshotFileException("of another ledger or program");
            if (await new SnapshotReading(installation, snapshot.Ledger, keys).IsAllUnderNewestAsync(cancel))
                snapshot.Take(file, snapshot.Begin(keys, at));
            else
                file.Close();
        }
        catch (SnapshotFileException e)
        {
            log?.Warn($"{snapshot.Ledger.Origin}: snapshot thrown away: {e.Message}");
            file?.Close();
            File.Delete(path);
        }
    }

    /// <summary>Goes on until it is stopped; then writes what is known.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            while (!stop.IsCancellationRequested)
            {
                try
                {
                    await LookAsync(stop);
                    var until = installation.Time.GetTimestamp();
                    while (installation.Time.GetElapsedTime(until) < Look && await RefreshAsync(stop))
                    {
                    }

                    Wipe();
                    if (beside.IsCompleted)
                        beside = snapshot.IsVoid ? MayTry ? GuardAsync(() => BuildAsync(stop)) : Task.CompletedTask : IsDue ? GuardAsync(() => WriteAsync(stop)) : Task.CompletedTask;
                }
                catch (Exception e) when (IsOfStore(e))
                {
                    // The last look grows old, and then nobody is told anything.
                    log?.Warn($"{snapshot.Ledger.Origin}: {e.Message}");
                    if (e is SnapshotFileException)
                        snapshot.Restart();
                }

                if (snapshot.Marked == 0 || !snapshot.IsWhole)
                    await Task.Delay(Look, installation.Time, stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }

        await beside;
        if (snapshot.Newer > 0)
            await GuardAsync(() => WriteAsync(CancellationToken.None));
    }

    /// <summary>Looks at the ledger once: what was written is marked when this returns.</summary>
    public async Task LookAsync(CancellationToken cancel)
    {
        var (began, wall) = (installation.Time.GetTimestamp(), installation.Time.GetUtcNow());
        var head = (await installation.Store.HeadAsync(snapshot.Ledger.Ledger, cancel)).Size;
        if (snapshot.IsVoid)
        {
            // Nothing is known: the store answers.
            snapshot.Looked(began, wall);
            return;
        }

        if (head < snapshot.Position || snapshot.NeedsKeys)
            snapshot.Restart();
        if (head - snapshot.Position > MostRecords)
        {
            snapshot.IsCatchingUp = true;
            snapshot.Looked(began, wall);
        }

        while (!snapshot.IsVoid && snapshot.Gap(head) is var (from, until) && from < until)
        {
            until = Math.Min(until, from + MostRecords);
            await MarkAsync(from, until, cancel);
            snapshot.Advance(from, until);
            if (!snapshot.IsCatchingUp)
                continue;
            // The ledger goes on meanwhile; what is asked is answered by the store.
            (began, wall) = (installation.Time.GetTimestamp(), installation.Time.GetUtcNow());
            head = (await installation.Store.HeadAsync(snapshot.Ledger.Ledger, cancel)).Size;
            snapshot.Looked(began, wall);
        }

        snapshot.IsCatchingUp = false;
        snapshot.Looked(began, wall);
    }

    /// <summary>Works out some of what is marked.</summary>
    /// <returns>Whether there was any.</returns>
    public async Task<bool> RefreshAsync(CancellationToken cancel)
    {
        if (snapshot.Keys is not { } keys || snapshot.IsVoid)
            return false;
        var reading = snapshot.Reading;
        var some = snapshot.SomeMarks(MostMarks);
        if (some.Count == 0)
            return false;
        if (await new SnapshotReading(installation, snapshot.Ledger, keys).ReadAsync([.. some.Select(static one => one.Subject)], cancel) is { } found)
            snapshot.Put(found, some, reading);
        else
            snapshot.Restart();
        return true;
    }

    /// <summary>Reads everything, and writes the file.</summary>
    public async Task BuildAsync(CancellationToken cancel)
    {
        failed = (installation.Time.GetTimestamp(), failed is { } before ? TimeSpan.FromTicks(Math.Min(before.Wait.Ticks * 2, Longest.Ticks)) : First);
        var keys = installation.SuppressionKeys.Current;
        var reader = new SnapshotReading(installation, snapshot.Ledger, keys);
        var head = await installation.Store.HeadAsync(snapshot.Ledger.Ledger, cancel);
        if (head.Size == 0)
            return;
        var reading = snapshot.Begin(keys, head.Size);
        try
        {
            // Looked at after it was begun: whatever comes later is marked.
            if (!await reader.IsAllUnderNewestAsync(cancel))
                throw new StoreException(StoreFault.Conflict, "The tags of suppressions are being wrapped by a new key.");
            using var writer = Begin(head.Size);
            // Nobody wipes in the one before any more.
            File.Delete(path);
            await reader.ReadAllAsync((entry, value) => writer.Add(entry, value), cancel);
            await FinishAsync(writer, head.Size, keys, (file, without) => snapshot.Take(file, [], without, reading), cancel);
            failed = null;
        }
        catch
        {
            snapshot.Restart();
            throw;
        }
        finally
        {
            End();
        }
    }

    /// <summary>Writes the file anew with what came since; nothing, where something is marked.</summary>
    public async Task WriteAsync(CancellationToken cancel)
    {
        var reading = snapshot.Reading;
        // Before the entries: they may be newer than it, never older.
        if (snapshot.PositionOfAll is not { } at || snapshot.Keys is not { } keys || snapshot.File is not { } before || at == 0)
            return;
        using var writer = Begin(at);
        try
        {
            var newer = snapshot.NewerNow();
            var held = new Dictionary<SnapshotKey, byte[]>(newer);
            foreach (var (entry, value) in before.All())
            {
                cancel.ThrowIfCancellationRequested();
                if (!held.ContainsKey(entry))
                    writer.Add(entry, value);
            }

            foreach (var (entry, value) in newer.Where(static one => one.Value.Length > 0))
                writer.Add(entry, value);
            await FinishAsync(writer, at, keys, (file, without) => snapshot.Take(file, newer, without, reading), cancel);
        }
        finally
        {
            End();
        }
    }

    /// <summary>Overwrites what was known of those who were erased: nothing of it is in the file when this returns.</summary>
    public void Wipe()
    {
        lock (wiping)
            snapshot.Wipe(writing?.Writer, writing?.At ?? 0);
    }

    private SnapshotFileWriter Begin(long at)
    {
        lock (wiping)
        {
            var writer = new SnapshotFileWriter(path, key);
            writing = (writer, at);
            return writer;
        }
    }

    private void End()
    {
        lock (wiping)
            writing = null;
    }

    private bool MayTry => failed is not { } last || installation.Time.GetElapsedTime(last.At) > last.Wait;

    private bool IsDue => snapshot.Newer > LeastNewer && (snapshot.File is not { } file || snapshot.Newer * PartNewer * 100 > file.Length);

    private async Task FinishAsync(SnapshotFileWriter writer, long at, SuppressionKeys keys, Func<SnapshotFile, IReadOnlySet<SnapshotKey>, bool> take, CancellationToken cancel)
    {
        var leaf = await installation.Store.LeavesAsync(snapshot.Ledger.Ledger, at - 1, at, cancel);
        // What is wiped from here on is wiped in what it has become: whoever wipes waits until it has its place.
        lock (wiping)
        {
            var file = writer.Finish(snapshot.StampOf(at, leaf, keys));
            if (!take(file, writer.Gone))
                file.Close();
            writing = null;
        }
    }

    private async Task MarkAsync(long from, long until, CancellationToken cancel)
    {
        var wanted = new RowsWanted { WithRecords = false, WithPoints = true };
        var (people, erased, written) = (new HashSet<OpaqueId>(), new List<OpaqueId>(), new HashSet<OpaqueId>());
        var (added, lifts) = (new List<long>(), new List<IReadOnlyList<long>>());
        var (count, isTold) = (0, true);
        await foreach (var row in installation.Store.RecordsAsync(snapshot.Ledger.Ledger, from, until, cancel))
        {
            count++;
            var record = StoredRecord.Read(row);
            if (!Permits.IsIdle(record.Type))
                people.UnionWith(Projection.PeopleOf(record));
            if (record.Subject is { } about && !Permits.IsIdle(record.Type) && record.Type is not (RecordType.ErasureRequested or RecordType.ErasureCompleted or RecordType.KeyDestroyed))
                written.Add(about.Sid);
            switch (record.Type)
            {
                case RecordType.SuppressionAdded:
                    added.Add(record.Seq);
                    break;
                case RecordType.SuppressionLifted:
                    lifts.Add(record.About ?? []);
                    break;
                case RecordType.PermitIssued or RecordType.PermitRedeemed or RecordType.PermitRevoked or RecordType.ContactOutcome:
                    isTold &= OpaqueId.TryParse(record.Detail?["permit"]?.AsText, out var permit);
                    wanted.Permits.Add(permit.ToArray());
                    break;
                case RecordType.ErasureRequested when record.Subject is { } subject:
                    erased.Add(subject.Sid);
                    break;
                case RecordType.SuppressionRewrapped:
                    snapshot.Restart();
                    return;
            }
        }

        wanted.Subjects.UnionWith(people.Select(static sid => sid.ToArray()));
        wanted.SuppressionsBySeq.UnionWith(added);
        wanted.SuppressionsBySeq.UnionWith(lifts.SelectMany(static about => about));
        var rows = await installation.Store.LoadAsync(snapshot.Ledger.Ledger, wanted, cancel);
        var there = rows.Suppressions.Select(static row => row.Seq).ToHashSet();
        isTold &= count == until - from && lifts.TrueForAll(about => about.Any(seq => there.Contains(seq)));
        // Of a person's number the row loses its record when they are erased; all their numbers are marked then.
        isTold &= erased.Count > 0 || added.TrueForAll(seq => there.Contains(seq));
        // Whoever was written about and erased since the last look had numbers that nobody can tell any more.
        foreach (var sid in erased)
            isTold &= snapshot.MarkForgotten(sid, until) & !written.Contains(sid);
        if (!isTold)
        {
            snapshot.Restart();
            return;
        }

        foreach (var row in rows.Suppressions)
            snapshot.MarkSuppressed(row);
        foreach (var row in rows.Lookups)
            snapshot.MarkAll(SnapshotSubject.OfLookup(row));
        snapshot.MarkAll(people.Select(static sid => sid.ToArray()).Concat(rows.Subjects.Select(static row => row.Sid)).Select(static sid => new SnapshotSubject(SnapshotKind.Person, sid)));
        snapshot.MarkAll(rows.Permits.Select(static row => new SnapshotSubject(SnapshotKind.Permits, row.Tag)));
    }

    private async Task GuardAsync(Func<Task> work)
    {
        try
        {
            await Task.Run(work);
        }
        catch (Exception e) when (IsOfStore(e))
        {
            log?.Warn($"{snapshot.Ledger.Origin}: {e.Message}");
            if (e is SnapshotFileException)
                snapshot.Restart();
        }
        catch (OperationCanceledException)
        {
        }
    }

    private static bool IsOfStore(Exception e) => e is StoreException or KeysException or IOException or UnauthorizedAccessException or SnapshotFileException or LedgerAlarmException or SignerException;
}

/// <summary>Where the snapshot of a ledger lies.</summary>
internal static class SnapshotPath
{
    public static string Of(string data, LedgerRow ledger) => Path.Combine(data, "snapshot", FormattableString.Invariant($"ledger-{ledger.Ledger}.snapshot"));
}
