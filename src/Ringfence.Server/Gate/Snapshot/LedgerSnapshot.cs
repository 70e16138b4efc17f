using System.Collections.Concurrent;
using System.Security.Cryptography;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Server.Ledger;
using Ringfence.Server.Sealing;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Gate.Snapshot;

/// <summary>What a decision is made of.</summary>
/// <param name="Situation">Null: the store has to be asked.</param>
/// <param name="AsOf">How many records were known at least.</param>
internal readonly record struct Advice(Situation? Situation, long AsOf);

/// <summary>
/// What this node knows of a ledger, so that a decision reads nothing: entries in a mapped file, what came since in memory, and marks on whatever was written about and not worked out anew.
/// Safe for many threads.
/// </summary>
/// <remarks>
/// Whatever is marked, or not there to be told, is answered from the store. A commit of this node marks what it touches before anybody is told that it is done; what other nodes wrote is marked
/// by whoever <see cref="SnapshotFollower">follows</see> the ledger.
/// Invariant: what is not marked is as new as <see cref="Position"/>.
/// </remarks>
internal sealed class LedgerSnapshot
{
    /// <summary>How old the last look at the ledger may be.</summary>
    public static readonly TimeSpan MostBehind = TimeSpan.FromSeconds(1);

    // Nobody is merged in more steps; what does not end is for the store to tell.
    private const int MostMerges = 64;

    private static readonly byte[] Nothing = [];

    // What this program knows how to work out: another build may know better. A build's own number changes with every line of it.
    private static readonly byte[] Program = SHA256.HashData([.. typeof(KnownPerson).Module.ModuleVersionId.ToByteArray(), .. typeof(LedgerSnapshot).Module.ModuleVersionId.ToByteArray()]);

    private readonly Installation installation;
    private readonly ConcurrentDictionary<SnapshotKey, byte[]> newer = new();
    private readonly ConcurrentDictionary<SnapshotKey, Mark> marks = new();
    private readonly SortedDictionary<long, long> own = [];
    private readonly Lock order = new();
    private volatile SnapshotFile? file;
    private volatile SuppressionKeys? keys;
    private readonly ConcurrentQueue<(SnapshotKey Key, long Until)> forgotten = new();
    private volatile bool isWhole;
    private volatile bool isCatchingUp;
    private bool isVoid = true;
    private volatile Look? last;
    private long position;
    private long changes;
    private long generation;

    public LedgerSnapshot(Installation installation, LedgerRow ledger) => (this.installation, Ledger) = (installation, ledger);

    public LedgerRow Ledger { get; }

    /// <summary>How many records are known.</summary>
    public long Position => Volatile.Read(ref position);

    /// <summary>Whether what is not marked can be told without the store.</summary>
    public bool IsWhole => isWhole;

    /// <summary>The keys by which suppressions are found here; null: nothing was begun.</summary>
    public SuppressionKeys? Keys => keys;

    /// <summary>Whether there are newer keys than those.</summary>
    public bool NeedsKeys => keys is { } by && installation.SuppressionKeys.Current != by;

    /// <summary>How much is marked.</summary>
    public int Marked => marks.Count;

    /// <summary>How many entries came since the file was written.</summary>
    public int Newer => newer.Count;

    public SnapshotFile? File => file;

    /// <summary>Whether the last look at the ledger is too old for anybody to be told anything. Where nobody looked yet, the store is asked.</summary>
    public bool IsBehind => last is { } look && IsOld(look);

    /// <summary>What is known of a contact, beside what is stated.</summary>
    /// <returns>Null: the last look at the ledger was too old by the end of it.</returns>
    public Advice? Advise(Situation asked, PointTags tags)
    {
        var (look, asOf) = (last, Position);
        if (look is null || !isWhole || isCatchingUp || keys is not { } by || installation.SuppressionKeys.Current != by)
            return new Advice(null, asOf);
        try
        {
            var situation = SituationOf(asked, tags, by);
            // Checked at the end: a process that was stopped in between, and knew all by then, knows it no more.
            return IsOld(look) ? null : new Advice(situation, asOf);
        }
        catch (Exception e) when (e is SnapshotFileException or InvalidDataException)
        {
            Restart();
            return new Advice(null, asOf);
        }
    }

    /// <summary>Says that the ledger was looked at, and everything up to its head is known or marked.</summary>
    public void Looked(long timestamp, DateTimeOffset wall) => last = new Look(timestamp, wall);

    /// <summary>Whether so much was written that the store answers until all of it is marked.</summary>
    public bool IsCatchingUp { get => isCatchingUp; set => isCatchingUp = value; }

    /// <summary>Marks what a commit of this node touched.</summary>
    /// <param name="turn">What was done.</param>
    /// <param name="writes">What was written.</param>
    /// <param name="before">How many records there were before it.</param>
    public void Committed(LedgerTurn turn, LedgerWrites writes, long before)
    {
        // Whoever begins to read after this sees it.
        if (IsVoid)
            return;
        try
        {
            foreach (var row in writes.Suppressions.Concat(writes.SuppressionsChanged))
                MarkSuppressed(row);
            foreach (var row in writes.Lookups)
                MarkAll(SnapshotSubject.OfLookup(row));
            foreach (var row in writes.Permits)
                MarkOne(new SnapshotSubject(SnapshotKind.Permits, row.Tag));
            foreach (var sid in turn.Told)
                MarkOne(new SnapshotSubject(SnapshotKind.Person, sid.ToArray()));
            var until = before + writes.Records.Count;
            foreach (var sid in writes.LookupsGoneOf)
                MarkForgotten(new OpaqueId(sid), until);
            foreach (var tag in turn.WaysGone)
                MarkForgotten([new(SnapshotKind.Point, tag), new(SnapshotKind.Permits, tag)], until);
            Advance(before, until);
        }
#pragma warning disable CA1031 // what was committed is done, and whoever did it has to be told so
        catch (Exception)
#pragma warning restore CA1031
        {
            Restart();
        }
    }

    /// <summary>Marks a suppression's number.</summary>
    public void MarkSuppressed(SuppressionRow row)
    {
        // What is untied has no tag any more.
        if (Suppression.SuppressionLeaf.IsUntied(row))
            return;
        if (keys is not { } by)
            return;
        if (row.Chain > by.Versions)
            Restart();
        else
            MarkOne(new SnapshotSubject(SnapshotKind.Suppressed, row.Chain == by.Versions ? row.Tag : by.Renew(new ContactTag(row.Tag), row.Chain).ToArray()));
    }

    /// <summary>Marks all that was known of somebody who is erased, and has it wiped.</summary>
    /// <param name="sid">The person.</param>
    /// <param name="until">How many records there are at least, with the one that says so.</param>
    /// <returns>Whether they were known: else their numbers are not.</returns>
    public bool MarkForgotten(OpaqueId sid, long until)
    {
        var key = SnapshotKey.Person(sid);
        var (value, isMarked) = (Find(key), marks.ContainsKey(key));
        foreach (var tags in value is null ? [] : PersonValue.Read(value).Tags)
            MarkForgotten([new(SnapshotKind.Point, tags.Lookup), new(SnapshotKind.Permits, tags.Lookup), new(SnapshotKind.Suppressed, tags.Suppress)], until);
        MarkForgotten([new SnapshotSubject(SnapshotKind.Person, sid.ToArray())], until);
        return value is not null && !isMarked;
    }

    private void MarkForgotten(IEnumerable<SnapshotSubject> subjects, long until)
    {
        foreach (var one in subjects)
        {
            MarkOne(one);
            forgotten.Enqueue((one.Key, until));
        }
    }

    /// <summary>Overwrites in the file, and in one that is being written, what was known of those who were erased.</summary>
    /// <param name="written">The file that is being written; null: none is.</param>
    /// <param name="writtenAt">As of which position.</param>
    public void Wipe(SnapshotFileWriter? written, long writtenAt)
    {
        var all = new List<(SnapshotKey Key, long Until)>();
        while (forgotten.TryDequeue(out var one))
            all.Add(one);
        if (all.Count == 0)
            return;
        // Only of a file from before the erasure: whoever takes it up later comes upon the erasure and finds the person missing. What a later one holds was worked out anew.
        written?.Forget([.. all.Where(one => writtenAt < one.Until).Select(static one => one.Key)]);
        if (file is { } before)
            before.Wipe(all.Where(one => before.Stamp.Position < one.Until).Select(static one => one.Key));
    }

    /// <summary>Marks what has to be read anew.</summary>
    public void MarkAll(IEnumerable<SnapshotSubject> subjects)
    {
        foreach (var one in subjects)
            MarkOne(one);
    }

    private void MarkOne(SnapshotSubject subject) => marks[subject.Key] = new Mark(Interlocked.Increment(ref changes), subject);

    /// <summary>Says that everything of [from, until) is known or marked. What comes before what is known so far is kept until that is known too.</summary>
    public void Advance(long from, long until)
    {
        lock (order)
        {
            if (until <= position)
                return;
            own[from] = Math.Max(until, own.GetValueOrDefault(from));
            while (own.Count > 0 && own.First() is var (first, end) && first <= position)
            {
                own.Remove(first);
                Volatile.Write(ref position, Math.Max(position, end));
            }
        }
    }

    /// <summary>The first record that is not known, of those before <paramref name="until"/>, and the first after it that is; both <paramref name="until"/> where all are.</summary>
    public (long From, long Until) Gap(long until)
    {
        lock (order)
            return position >= until ? (until, until) : (position, own.Count > 0 ? Math.Min(until, own.First().Key) : until);
    }

    /// <summary>Throws away what is known: it has to be read from the beginning, and until then the store is asked.</summary>
    public void Restart()
    {
        lock (order)
        {
            (isWhole, isVoid) = (false, true);
            generation++;
        }
    }

    /// <summary>Whether there is nothing to go by, and nobody reads it.</summary>
    public bool IsVoid
    {
        get
        {
            lock (order)
                return isVoid;
        }
    }

    /// <summary>Begins to read everything, or to take up what was read before.</summary>
    /// <param name="by">The keys of suppressions.</param>
    /// <param name="from">How many records there are: what is read is as new, or newer.</param>
    /// <returns>Which reading it is.</returns>
    public long Begin(SuppressionKeys by, long from)
    {
        lock (order)
        {
            (isWhole, isVoid, keys, file) = (false, false, by, null);
            newer.Clear();
            marks.Clear();
            own.Clear();
            Volatile.Write(ref position, from);
            return ++generation;
        }
    }

    /// <summary>Takes a file up, made of what was read, or of what was known.</summary>
    /// <param name="read">Entries.</param>
    /// <param name="reading">Which reading they are of.</param>
    /// <returns>Whether it is taken: it is not, where the reading was thrown away meanwhile.</returns>
    public bool Take(SnapshotFile read, long reading)
    {
        lock (order)
        {
            if (reading != generation)
                return false;
            file = read;
            isWhole = true;
            return true;
        }
    }

    /// <summary>The reading in force; for whoever writes what is known.</summary>
    public long Reading
    {
        get
        {
            lock (order)
                return generation;
        }
    }

    /// <summary>Marks that stand, some of them.</summary>
    public List<(SnapshotSubject Subject, long Version)> SomeMarks(int most) => [.. marks.Values.Take(most).Select(static mark => (mark.Subject, mark.Version))];

    /// <summary>Puts what was worked out in place, and takes away the marks, but where one was set again meanwhile.</summary>
    public void Put(IReadOnlyDictionary<SnapshotKey, byte[]> found, IEnumerable<(SnapshotSubject Subject, long Version)> marked, long reading)
    {
        foreach (var (subject, version) in marked)
        {
            var key = subject.Key;
            lock (order)
            {
                if (reading != generation)
                    return;
                newer[key] = found.GetValueOrDefault(key, Nothing);
                marks.TryRemove(new KeyValuePair<SnapshotKey, Mark>(key, new Mark(version, subject)));
            }
        }
    }

    /// <summary>The position up to which nothing is marked; null: something is.</summary>
    public long? PositionOfAll
    {
        get
        {
            lock (order)
                return isWhole && marks.IsEmpty ? position : null;
        }
    }

    /// <summary>What came since the file was written, as of now; what is nothing any more too.</summary>
    public KeyValuePair<SnapshotKey, byte[]>[] NewerNow() => newer.ToArray();

    /// <summary>Takes up a file that holds these too.</summary>
    public bool Take(SnapshotFile written, IEnumerable<KeyValuePair<SnapshotKey, byte[]>> held, IReadOnlySet<SnapshotKey> without, long reading)
    {
        if (!Take(written, reading))
            return false;
        // The file first: who does not find it here any more has to find it there. What was left out of it stays here.
        foreach (var one in held.Where(one => !without.Contains(one.Key)))
            newer.TryRemove(one);
        return true;
    }

    /// <summary>The stamp of a file as of a position.</summary>
    public SnapshotStamp StampOf(long at, byte[] leaf, SuppressionKeys by) => new(Ledger.Origin, Ledger.Ledger, at, leaf, (short)by.Versions, Program);

    // Null: something of it is marked, or only the store can tell.
    private Situation? SituationOf(Situation asked, PointTags tags, SuppressionKeys by)
    {
        if (!TryFind(new SnapshotKey(SnapshotKind.Point, tags.Lookup), out var found))
            return null;
        PersonValue? person = null;
        OpaqueId? point = null;
        if (found is not null)
        {
            var lead = PointValue.Read(found);
            point = lead.Point;
            if ((person = PersonOf(lead.Sid)) is null)
                return null;
        }

        var (blocked, permits) = (new List<SuppressionEntry>(), new List<PermitRow>());
        var isAmongThem = false;
        foreach (var theirs in person?.Tags ?? [])
        {
            isAmongThem |= theirs.Lookup.AsSpan().SequenceEqual(tags.Lookup);
            if (!TryAdd(theirs.Lookup, theirs.Suppress, blocked, permits))
                return null;
        }

        // Their numbers may not have been there to be opened; the one asked about is theirs all the same.
        if (!isAmongThem && !TryAdd(tags.Lookup, tags.Under(by)[^1], blocked, permits))
            return null;
        return PersonFacts.Of(LedgerFacts.Stated(asked, tags, permits), person?.Known, point, blocked);
    }

    private bool TryAdd(byte[] lookup, byte[] suppress, List<SuppressionEntry> blocked, List<PermitRow> permits)
    {
        if (!TryFind(new SnapshotKey(SnapshotKind.Suppressed, suppress), out var entries) || !TryFind(new SnapshotKey(SnapshotKind.Permits, lookup), out var past))
            return false;
        if (entries is not null)
            SuppressedValue.Read(entries, blocked);
        if (past is not null)
            PermitsValue.Read(past, lookup, permits);
        return true;
    }

    // Whoever holds their records; null: the store has to be asked.
    private PersonValue? PersonOf(OpaqueId sid)
    {
        for (var step = 0; step < MostMerges; step++)
        {
            if (!TryFind(SnapshotKey.Person(sid), out var found) || found is null)
                return null;
            var person = PersonValue.Read(found);
            if (person.Into is not { } holder)
                return person.Known is null ? null : person;
            sid = holder;
        }

        return null;
    }

    /// <summary>An entry, marked or not; null: there is none.</summary>
    public byte[]? Find(SnapshotKey key)
    {
        if (newer.TryGetValue(key, out var value))
            return value.Length == 0 ? null : value;
        var found = file?.Find(key);
        // What was wiped in the file while it was looked at stands here by then.
        return newer.TryGetValue(key, out value) ? value.Length == 0 ? null : value : found;
    }

    private bool TryFind(SnapshotKey key, out byte[]? value)
    {
        value = null;
        // The mark first: it goes away after what it stood for was put in place.
        if (marks.ContainsKey(key))
            return false;
        value = Find(key);
        return true;
    }

    // The clock that no one sets goes on while the process is stopped, and the one on the wall while the machine is.
    private bool IsOld(Look look) =>
        installation.Time.GetElapsedTime(look.Timestamp) > MostBehind || installation.Time.GetUtcNow() - look.Wall > MostBehind;

    private sealed record Look(long Timestamp, DateTimeOffset Wall);

    private readonly record struct Mark(long Version, SnapshotSubject Subject);
}
