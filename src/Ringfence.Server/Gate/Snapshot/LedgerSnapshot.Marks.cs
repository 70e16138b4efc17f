using System.Collections.Concurrent;
using Ringfence.Ledger;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Gate.Snapshot;

/// <summary>What was written about and has to be read anew, from the mark to the new entry.</summary>
internal sealed partial class LedgerSnapshot
{
    private readonly ConcurrentDictionary<SnapshotKey, Mark> marks = new();
    private readonly ConcurrentQueue<(SnapshotKey Key, long Until)> forgotten = new();
    private long changes;

    /// <summary>How much is marked.</summary>
    public int Marked => marks.Count;

    /// <summary>Marks what a commit of this node touched.</summary>
    /// <param name="turn">What was done.</param>
    /// <param name="writes">What was written.</param>
    /// <param name="before">How many records there were before it.</param>
    public void Committed(LedgerTurn turn, LedgerWrites writes, long before)
    {
        // Whoever begins to read after this sees it.
        if (IsVoid)
            return;
        MarkOrRestart(() =>
        {
            MarkFound(writes.Suppressions.Concat(writes.SuppressionsChanged), writes.Lookups);
            foreach (var row in writes.Permits.Concat(writes.PermitsChanged))
                MarkOne(new SnapshotSubject(SnapshotKind.Permits, row.Tag));
            foreach (var sid in turn.Told)
                MarkOne(new SnapshotSubject(SnapshotKind.Person, sid.ToArray()));
            var until = before + writes.Records.Count;
            foreach (var sid in writes.LookupsGoneOf)
                MarkForgotten(new OpaqueId(sid), until);
            foreach (var tag in turn.WaysGone)
                MarkForgotten([new(SnapshotKind.Point, tag), new(SnapshotKind.Permits, tag)], until);
            Advance(before, until);
        });
    }

    /// <summary>Marks what commands of this node were judged by, where some of it may be another node's and is not known here yet: it may be all that was done, and whoever is told so is told by this node.</summary>
    /// <param name="asked">What the commands asked for.</param>
    /// <param name="found">What was there.</param>
    /// <param name="size">How many records there were.</param>
    public void Answering(RowsWanted asked, StoredRows found, long size)
    {
        if (asked.Suppressions.Count > 0)
            isUnderOldKeys = found.SuppressionLeast < found.SuppressionChain;
        if (IsVoid || size <= Position)
            return;
        MarkOrRestart(() =>
        {
            MarkFound(found.Suppressions, found.Lookups);
            MarkAll(asked.Points.Concat(asked.Ways).Select(static tag => new SnapshotSubject(SnapshotKind.Point, tag)));
            MarkAll(found.Subjects.Select(static row => row.Sid).Concat(asked.Subjects).Concat(asked.Standings).Select(static sid => new SnapshotSubject(SnapshotKind.Person, sid)));
        });
    }

    private void MarkFound(IEnumerable<SuppressionRow> suppressions, IEnumerable<LookupRow> lookups)
    {
        foreach (var row in suppressions)
            MarkSuppressed(row);
        foreach (var row in lookups)
            MarkAll(SnapshotSubject.OfLookup(row));
    }

    private void MarkOrRestart(Action mark)
    {
        try
        {
            mark();
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
        Forgotten?.Invoke(sid);
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

    private void MarkOne(SnapshotSubject subject)
    {
        marks[subject.Key] = new Mark(Interlocked.Increment(ref changes), subject);
        Touched?.Invoke(subject.Key);
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

    private readonly record struct Mark(long Version, SnapshotSubject Subject);
}
