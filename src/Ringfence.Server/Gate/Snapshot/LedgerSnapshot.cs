using System.Collections.Concurrent;
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
internal sealed partial class LedgerSnapshot
{
    /// <summary>How old the last look at the ledger may be.</summary>
    public static readonly TimeSpan MostBehind = TimeSpan.FromSeconds(1);

    // Nobody is merged in more steps; what does not end is for the store to tell.
    private const int MostMerges = 64;

    private static readonly byte[] Nothing = [];

    private readonly Installation installation;
    private readonly ConcurrentDictionary<SnapshotKey, byte[]> newer = new();
    private readonly Lock order = new();
    private volatile SnapshotFile? file;
    private volatile SuppressionKeys? keys;
    private volatile bool isWhole;
    private volatile bool isCatchingUp;
    private volatile bool isUnderOldKeys;
    private volatile Look? last;
    private long position;

    public LedgerSnapshot(Installation installation, LedgerRow ledger) => (this.installation, Ledger) = (installation, ledger);

    public LedgerRow Ledger { get; }

    /// <summary>Told of everything that is marked, before whoever wrote it is told that it is done. Must be quick, and may not fail; null: nobody has to know.</summary>
    public Action<SnapshotKey>? Touched { get; set; }

    /// <summary>Told of whoever is erased, as soon as that is known. Must be quick, and may not fail.</summary>
    public Action<OpaqueId>? Forgotten { get; set; }

    /// <summary>Told when all that is known is thrown away, and what was marked with it.</summary>
    public Action? Voided { get; set; }

    /// <summary>How many records are known.</summary>
    public long Position => Volatile.Read(ref position);

    /// <summary>Whether what is not marked can be told without the store.</summary>
    public bool IsWhole => isWhole;

    /// <summary>The keys by which suppressions are found here; null: nothing was begun.</summary>
    public SuppressionKeys? Keys => keys;

    /// <summary>Whether there are newer keys than those.</summary>
    public bool NeedsKeys => keys is { } by && installation.SuppressionKeys.Current != by;

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

    /// <summary>All that is known of a person who stands for themselves, whichever of their numbers is asked about; null: something of it is marked, or only the store can tell.</summary>
    public KnownContact? Find(OpaqueId sid)
    {
        if (!isWhole || isCatchingUp)
            return null;
        try
        {
            return TryFind(SnapshotKey.Person(sid), out var found) && found is not null && PersonValue.Read(found) is { Into: null, Known: { } known } person ? ContactOf(sid, person.Tags, known) : null;
        }
        catch (Exception e) when (e is SnapshotFileException or InvalidDataException)
        {
            Restart();
            return null;
        }
    }

    /// <summary>Whom a number or address leads to, for whoever looks in the serial order whether that is still so; null: something of it is marked, or blocked, or can't be told without their records.</summary>
    public SnapshotFacts? FactsOf(PointTags asked)
    {
        var reading = Reading;
        if (!isWhole || isCatchingUp || isUnderOldKeys || keys is not { } by || installation.SuppressionKeys.Current != by)
            return null;
        try
        {
            var own = new KnownTags(asked.Lookup, asked.Under(by)[^1]);
            if (!TryFind(new SnapshotKey(SnapshotKind.Point, own.Lookup), out var lead) || !IsOpen(own))
                return null;
            if (lead is null)
                return new SnapshotFacts(asked, (short)by.Versions, [own], null, null);
            var sid = PointValue.Read(lead).Sid;
            if (!TryFind(SnapshotKey.Person(sid), out var found) || found is null || PersonValue.Read(found) is not { Into: null, Known: { } known, Standing: { } standing } person || new OpaqueId(standing.Sid) != sid)
                return null;
            KnownTags[] all = [.. person.Tags.Where(theirs => !theirs.Lookup.AsSpan().SequenceEqual(own.Lookup)), own];
            // Thrown away meanwhile, it may have been of other keys.
            return Array.TrueForAll(all, IsOpen) && reading == Reading ? new SnapshotFacts(asked, (short)by.Versions, all, standing, known) : null;
        }
        catch (Exception e) when (e is SnapshotFileException or InvalidDataException)
        {
            Restart();
            return null;
        }
    }

    private bool IsOpen(KnownTags tags) => TryFind(new SnapshotKey(SnapshotKind.Suppressed, tags.Suppress), out var entries) && entries is null;

    private KnownContact? ContactOf(OpaqueId sid, IReadOnlyList<KnownTags> theirs, KnownPerson known)
    {
        var (blocked, permits, points) = (new List<SuppressionEntry>(), new List<PermitRow>(), new List<KnownPoint>(theirs.Count));
        foreach (var tags in theirs)
        {
            if (!TryAdd(tags.Lookup, tags.Suppress, blocked, permits) || !TryFind(new SnapshotKey(SnapshotKind.Point, tags.Lookup), out var lead))
                return null;
            // It may lead to somebody else by now, and then nobody who asks about it asks about them.
            if (lead is not null && PointValue.Read(lead) is var point && IsOf(point.Sid, sid))
                points.Add(new KnownPoint(tags.Lookup, point.Point));
        }

        return new KnownContact(known, points, blocked, permits);
    }

    private bool IsOf(OpaqueId whose, OpaqueId holder)
    {
        for (var step = 0; step < MostMerges && whose != holder; step++)
        {
            if (!TryFind(SnapshotKey.Person(whose), out var found) || found is null || PersonValue.Read(found).Into is not { } into)
                return false;
            whose = into;
        }

        return whose == holder;
    }

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
}
