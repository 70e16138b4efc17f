using System.Security.Cryptography;
using Ringfence.Gate;
using Ringfence.Server.Sealing;

namespace Ringfence.Server.Gate.Snapshot;

/// <summary>How far the ledger is known, and of which reading of it what is known comes.</summary>
internal sealed partial class LedgerSnapshot
{
    // What this program knows how to work out: another build may know better. A build's own number changes with every line of it.
    private static readonly byte[] Program = SHA256.HashData([.. typeof(KnownPerson).Module.ModuleVersionId.ToByteArray(), .. typeof(LedgerSnapshot).Module.ModuleVersionId.ToByteArray()]);

    private readonly SortedDictionary<long, long> own = [];
    private bool isVoid = true;
    private long generation;

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

        Voided?.Invoke();
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
}
