using System.Collections.Concurrent;
using System.Runtime;
using NodaTime;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Server.Gate.Snapshot;
using Ringfence.Server.Hosting;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.People;

/// <summary>How far an index is.</summary>
/// <param name="Part">From 0 to 1; 1: it is there.</param>
/// <param name="People">How many people are known by now.</param>
internal readonly record struct AudienceProgress(double Part, int People);

/// <summary>
/// All people of a ledger in the memory of this node: for lists, counts and shares in an instant. Made when it is first asked for, from the store; follows the ledger as the snapshot does. Safe for many threads.
/// </summary>
/// <remarks>
/// Names and numbers are opened once and held here alone, folded and as digits; they are never written anywhere, and go as soon as a person is erased.
/// Everything that is marked in the snapshot is read anew before the next answer, so that what this node acknowledged is in it.
/// </remarks>
internal sealed partial class AudienceIndex : IDisposable
{
    // People read in one go.
    private const int Together = 250;

    // So many are read while somebody waits for an answer; the rest beside.
    private const int MostWaitedFor = 2_000;

    // Beyond it reading everything is sooner done.
    private const int MostTouched = 200_000;

    // Where nobody asked for so long, nobody waits for it.
    private static readonly TimeSpan Forsaken = TimeSpan.FromSeconds(30);

    private readonly Served served;
    private readonly LedgerRow ledger;
    private readonly AudienceGate gate;
    private readonly ReaderWriterLockSlim access = new();
    private readonly SemaphoreSlim catching = new(1);
    private readonly Lock starting = new();
    private readonly CancellationTokenSource stop = new();
    private readonly ConcurrentDictionary<SnapshotKey, byte> touched = new();
    private readonly long[] parts = new long[Environment.ProcessorCount];
    private AudienceColumns columns = new();
    private NumberClasses classes = new();
    private Task? building;
    private LedgerSnapshot? followed;
    private volatile bool isWhole;
    private volatile bool isVoid;
    private uint endsSeen;
    private int read;
    private long asked;

    public AudienceIndex(Served served, LedgerRow ledger) => (this.served, this.ledger, gate) = (served, ledger, new AudienceGate(served, ledger));

    private Installation Installation => served.Installation;

    private Instant Now => Instant.FromDateTimeOffset(Installation.Time.GetUtcNow());

    /// <summary>How far it is.</summary>
    public AudienceProgress Progress => isWhole ? new(1, columns.People) : new(Math.Min(0.99, parts.Average(static part => Volatile.Read(ref part) / 65_536.0)), Volatile.Read(ref read));

    /// <summary>Bytes that it holds.</summary>
    public long Bytes => columns.Bytes + answers.Values.Sum(column => (long)columns.Count);

    /// <summary>How many people were written about and not read again yet.</summary>
    public int Behind => touched.Count;

    /// <summary>Begins to make it, if nobody did; ends when it is there.</summary>
    public Task StartAsync()
    {
        Volatile.Write(ref asked, Installation.Time.GetTimestamp());
        lock (starting)
        {
            if (building is null or { IsFaulted: true } or { IsCanceled: true } || (building.IsCompleted && isVoid))
            {
                (isVoid, isWhole) = (false, false);
                building = Task.Run(() => BuildAsync(stop.Token));
            }

            return building;
        }
    }

    /// <summary>Looks at everybody as they stand now.</summary>
    /// <param name="asks">The answers that are wanted.</param>
    /// <param name="patience">How long to wait for what is not there yet.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>Null: it is not there yet; <see cref="Progress"/> says how far it is.</returns>
    /// <exception cref="StoreException">The store is away.</exception>
    public async Task<AudienceLook?> LookAsync(IReadOnlyCollection<AudienceAsk> asks, TimeSpan patience, CancellationToken cancel)
    {
        var began = Installation.Time.GetTimestamp();
        if (followed is { } before && Installation.Snapshots?.Of(ledger) != before)
            Void();
        if (!isWhole || isVoid)
        {
            var start = StartAsync();
            if (!await WaitAsync(start, Left(), cancel) || isVoid)
                return null;
        }

        var wanted = new List<AnswerColumn>();
        foreach (var ask in asks.Distinct())
        {
            if (await ColumnAsync(ask, Left, cancel) is not { } column)
                return null;
            wanted.Add(column);
        }

        await CatchUpAsync(cancel);
        return new AudienceLook(this, [.. wanted], Now);

        TimeSpan Left() => patience - Installation.Time.GetElapsedTime(began) is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    /// <summary>Does something with everybody while nobody changes them.</summary>
    public T With<T>(Func<AudienceColumns, NumberClasses, T> look)
    {
        access.EnterReadLock();
        try
        {
            return look(columns, classes);
        }
        finally
        {
            access.ExitReadLock();
        }
    }

    /// <summary>Reads what was written about since, some of it while the caller waits.</summary>
    public async Task CatchUpAsync(CancellationToken cancel)
    {
        if (touched.Count > MostTouched)
        {
            Void();
            return;
        }

        await catching.WaitAsync(cancel);
        try
        {
            MarkEnded();
            for (var done = 0; done < MostWaitedFor && !touched.IsEmpty && !isVoid;)
                done += await CatchSomeAsync(cancel);
        }
        finally
        {
            catching.Release();
        }
    }

    public void Dispose()
    {
        Unfollow();
        stop.Cancel();
        stop.Dispose();
        access.Dispose();
        catching.Dispose();
        makers.Dispose();
    }

    private async Task BuildAsync(CancellationToken cancel)
    {
        // Whoever marks from now on marks it here too.
        while (Installation.Snapshots?.Of(ledger) is not { IsWhole: true })
        {
            // Begun again by who asks next.
            if (Installation.Time.GetElapsedTime(Volatile.Read(ref asked)) > Forsaken)
                throw new OperationCanceledException();
            await Task.Delay(TimeSpan.FromMilliseconds(100), cancel);
        }

        Follow(Installation.Snapshots.Of(ledger)!);
        var (all, kinds) = (new AudienceColumns(), new NumberClasses());
        read = 0;
        parts.AsSpan().Clear();
        touched.Clear();
        endsSeen = Clock.Seconds(Now);
        var adding = new Lock();
        await Task.WhenAll(Enumerable.Range(0, parts.Length).Select(part => Task.Run(() => ReadPartAsync(part, kinds, Add, cancel), cancel)));
        all.Sort();
        all.Trim();
        access.EnterWriteLock();
        try
        {
            (columns, classes) = (all, kinds);
            answers.Clear();
            Change();
        }
        finally
        {
            access.ExitWriteLock();
        }

        isWhole = true;
        // What building took is many times what is left, and nobody would ask for it again: it goes back to the machine at once.
        GCSettings.LargeObjectHeapCompactionMode = GCLargeObjectHeapCompactionMode.CompactOnce;
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);

        void Add(IReadOnlyList<ReadPerson> people)
        {
            lock (adding)
            {
                foreach (var person in people)
                {
                    if (person.Listed is { } listed)
                        all.Put(listed);
                }

                Volatile.Write(ref read, all.People);
            }
        }
    }

    // Names are random and come in their order: how far one is in a part of them is how much of the part is read.
    private async Task ReadPartAsync(int part, NumberClasses kinds, Action<IReadOnlyList<ReadPerson>> add, CancellationToken cancel)
    {
        var (from, until) = (65_536 * part / parts.Length, 65_536 * (part + 1) / parts.Length);
        var after = new byte[OpaqueId.Size];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(after, (ushort)from);
        var reading = new AudienceReading(Installation, ledger, kinds, served.GateOf(ledger).Rules);
        while (await Installation.Store.SubjectsAsync(ledger.Ledger, after, Together, cancel) is { Count: > 0 } rows)
        {
            OpaqueId[] sids = [.. rows.Select(static row => new OpaqueId(row.Sid)).TakeWhile(sid => sid.Value >> 112 < (uint)until)];
            if (sids.Length > 0)
                add(await reading.ReadAsync(sids, sid => followed?.Find(sid), cancel));
            if (sids.Length < rows.Count)
                break;
            after = rows[^1].Sid;
            Volatile.Write(ref parts[part], ((long)(sids[^1].Value >> 112) - from) * parts.Length);
        }

        Volatile.Write(ref parts[part], 65_536);
    }

    private void Follow(LedgerSnapshot snapshot)
    {
        Unfollow();
        followed = snapshot;
        snapshot.Touched += Touch;
        snapshot.Forgotten += Forget;
        snapshot.Voided += Void;
    }

    private void Unfollow()
    {
        if (followed is not { } before)
            return;
        before.Touched -= Touch;
        before.Forgotten -= Forget;
        before.Voided -= Void;
        followed = null;
    }

    private void Touch(SnapshotKey key) => touched[key] = 0;

    // At once, though nobody asks; beside whoever erases, who waits for nobody that looks. They are marked too: while everything is read anew there may be nothing to take them out of yet.
    private void Forget(OpaqueId sid) => _ = Task.Run(() =>
    {
        access.EnterWriteLock();
        try
        {
            columns.Remove(sid);
            Change();
        }
        finally
        {
            access.ExitWriteLock();
        }
    });

    // What was marked is not known any more: everything has to be read again.
    private void Void() => isVoid = true;

    private async Task<int> CatchSomeAsync(CancellationToken cancel)
    {
        // Taken off before it is read: what is written meanwhile is marked again.
        SnapshotKey[] some = [.. touched.Keys.Take(Together)];
        var (people, tags) = (new HashSet<OpaqueId>(), new HashSet<ulong>());
        foreach (var key in some)
        {
            touched.TryRemove(key, out _);
            if (key.Kind == SnapshotKind.Person)
                people.Add(new OpaqueId(key.Id));
            else
                tags.Add((ulong)(key.Id >> 64));
        }

        try
        {
            if (tags.Count > 0)
                people.UnionWith(With((all, _) => all.Having(tags)));
            foreach (var together in people.Chunk(Together))
                await PutAsync(await new AudienceReading(Installation, ledger, classes, served.GateOf(ledger).Rules).ReadAsync(together, cancel), cancel);
            return some.Length;
        }
        catch
        {
            foreach (var key in some)
                touched[key] = 0;
            throw;
        }
    }

    private async Task PutAsync(IReadOnlyList<ReadPerson> people, CancellationToken cancel)
    {
        var asked = Columns();
        var cells = new AudienceCell[people.Count, asked.Length];
        for (var i = 0; i < people.Count; i++)
        {
            for (var j = 0; people[i].Listed is not null && j < asked.Length; j++)
                cells[i, j] = await AnswerAsync(people[i], asked[j], cancel);
        }

        access.EnterWriteLock();
        try
        {
            for (var i = 0; i < people.Count; i++)
            {
                if (people[i].Listed is not { } listed)
                {
                    columns.Remove(people[i].Sid);
                    continue;
                }

                var row = columns.Put(listed);
                for (var j = 0; j < asked.Length; j++)
                    asked[j].Put(row, cells[i, j].Pack());
                // One that was begun meanwhile may have gone by what was known before.
                if (Columns().Any(column => !asked.Contains(column)))
                    Touch(SnapshotKey.Person(listed.Sid));
            }

            Change();
        }
        finally
        {
            access.ExitWriteLock();
        }
    }

    private AnswerColumn[] Columns() => working is { } column ? [.. answers.Values, column] : [.. answers.Values];

    // A yes that has ended is none any more, and nobody wrote that down.
    private void MarkEnded()
    {
        var now = Clock.Seconds(Now);
        if (now <= endsSeen)
            return;
        foreach (var sid in With((all, _) => all.EndedBetween(endsSeen, now)))
            touched[SnapshotKey.Person(sid)] = 0;
        endsSeen = now;
    }

    private async Task<bool> WaitAsync(Task task, TimeSpan patience, CancellationToken cancel)
    {
        try
        {
            await task.WaitAsync(patience, Installation.Time, cancel);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }
}
