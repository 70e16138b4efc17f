using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Ledger;

/// <summary>The people of a turn: who they are, what stands of them, and what that makes of the projections.</summary>
internal sealed partial class LedgerTurn
{
    private readonly Dictionary<byte[], LookupRow> lookups = new(ByteArrays.Equal);
    private readonly Dictionary<OpaqueId, SubjectRow> subjects = [];
    private readonly Dictionary<OpaqueId, SortedList<long, LedgerRecord>> histories = [];
    private readonly HashSet<OpaqueId> told = [];
    private readonly HashSet<OpaqueId> forgotten = [];
    private readonly List<byte[]> waysGone = [];
    private readonly Dictionary<OpaqueId, StandingRow> standings = [];

    /// <summary>Persons of whom something was written that tells whether they may be contacted, with whoever holds their records. Complete once <see cref="Writes"/> was asked for.</summary>
    public IReadOnlyCollection<OpaqueId> Told => told;

    /// <summary>Lookup tags that lead to nobody any more, because the person was forgotten.</summary>
    public IReadOnlyList<byte[]> WaysGone => waysGone;

    /// <summary>Which person a number or address leads to; null: none that is known. To be asked for before.</summary>
    public LookupRow? Lookup(byte[] tag) => lookups.GetValueOrDefault(tag);

    /// <summary>Whether what is told of a person, by just this name, goes no further than it went then. To be asked for before.</summary>
    public bool IsAsIn(StandingRow then) => new OpaqueId(then.Sid) is var sid && !told.Contains(sid) && standings.TryGetValue(sid, out var now) && (now.Count, now.Newest) == (then.Count, then.Newest) && now.Leaf.AsSpan().SequenceEqual(then.Leaf);

    /// <summary>The person as they stand, whoever they were merged into. To be asked for before, by sid or by a tag that leads there. Their idle records are there only where they were asked for.</summary>
    public Person Person(OpaqueId sid)
    {
        for (var step = 0; subjects.TryGetValue(sid, out var row) && row.MergedInto is { } into && step < subjects.Count; step++)
            sid = new OpaqueId(into);
        return PersonAlone(sid);
    }

    /// <summary>The person by just this name, merged or not.</summary>
    public Person PersonAlone(OpaqueId sid)
    {
        if (histories.TryGetValue(sid, out var own) && !HasMerges(own))
            return Ringfence.People.Person.Of(sid, own.Values);

        // Everybody merged with them, by whatever way: the person itself passes over what does not count.
        var all = new SortedList<long, LedgerRecord>();
        foreach (var one in MergedWith(sid).Where(histories.ContainsKey))
        {
            foreach (var (seq, record) in histories[one])
                all[seq] = record;
        }

        return Ringfence.People.Person.Of(sid, all.Values);
    }

    private static bool HasMerges(SortedList<long, LedgerRecord> history)
    {
        for (var i = 0; i < history.Count; i++)
        {
            if (history.GetValueAtIndex(i).Type is RecordType.ContactMerged or RecordType.ContactUnmerged)
                return true;
        }

        return false;
    }

    // Whoever was ever merged with somebody, over any number of steps, and they themselves.
    private HashSet<OpaqueId> MergedWith(OpaqueId sid)
    {
        var seen = new HashSet<OpaqueId>();
        var open = new Stack<OpaqueId>([sid]);
        while (open.TryPop(out var next))
        {
            if (!seen.Add(next) || !histories.TryGetValue(next, out var history))
                continue;
            foreach (var record in history.Values)
            {
                if (record.Type is not (RecordType.ContactMerged or RecordType.ContactUnmerged))
                    continue;
                open.Push(record.Subject!.Value.Sid);
                if (OpaqueId.TryParse(record.Detail?["merged"]?.AsText, out var other))
                    open.Push(other);
            }
        }

        return seen;
    }

    /// <summary>The records in which a person stands, in order, whoever they were merged with. To be asked for before.</summary>
    public IReadOnlyList<LedgerRecord> RecordsOf(OpaqueId sid) => histories.TryGetValue(sid, out var history) ? [.. history.Values] : [];

    /// <summary>Lets a number or address lead to a person.</summary>
    public void Link(LookupRow row)
    {
        changes++;
        writes.Lookups.Add(row);
        lookups[row.Tag] = row;
        told.Add(new OpaqueId(row.Sid));
    }

    /// <summary>Takes away everything of a person but what the tree holds: openings of these records, ways to them, projections.</summary>
    public void Forget(OpaqueId sid, IEnumerable<long> openings)
    {
        changes++;
        var bytes = sid.ToArray();
        var gone = openings.ToHashSet();
        writes.SealedGone.AddRange(gone.Where(seq => seq < transaction.Head.Size));
        writes.LookupsGoneOf.Add(bytes);
        foreach (var row in lookups.Values.Where(row => row.Sid.AsSpan().SequenceEqual(bytes)).ToList())
        {
            lookups.Remove(row.Tag);
            waysGone.Add(row.Tag);
            ForgetResults(row.Tag);
        }

        // What came in this very turn is not there yet to be taken away.
        writes.Sealed.RemoveAll(row => gone.Contains(row.Seq));
        writes.Scans.RemoveAll(row => gone.Contains(row.Seq));
        writes.Lookups.RemoveAll(row => row.Sid.AsSpan().SequenceEqual(bytes));
        foreach (var row in permits.Values.Where(row => row.Sid.AsSpan().SequenceEqual(bytes)).ToList())
        {
            permits.Remove(row.Id);
            writes.Permits.RemoveAll(other => other.Id.AsSpan().SequenceEqual(row.Id));
            writes.PermitsChanged.RemoveAll(other => other.Id.AsSpan().SequenceEqual(row.Id));
        }

        writes.ResultTasks.RemoveAll(row => row.Sid.AsSpan().SequenceEqual(bytes));
        // In which records they stand is no secret of theirs, the records say it; replay and a later export need it.
        foreach (var record in HistoryOf(sid).Values.Where(record => record.Seq < transaction.Head.Size))
            writes.SubjectRecords.Add(Projection.StandsIn(sid, record));
        forgotten.Add(sid);
        told.Add(sid);
    }

    private void StandsWith(OpaqueId sid, LedgerRecord record)
    {
        var stands = Projection.StandsIn(sid, record);
        // Permits and decisions are many, and change nothing of how somebody stands.
        if (!stands.Idle)
            told.Add(sid);
        writes.SubjectRecords.Add(stands);
        HistoryOf(sid)[record.Seq] = record;
        // A merge shows in who is found from now on in this turn.
        if (record.Type is RecordType.ContactMerged or RecordType.ContactUnmerged && OpaqueId.TryParse(record.Detail?["merged"]?.AsText, out var other) && other == sid
            && subjects.TryGetValue(sid, out var row))
        {
            subjects[sid] = row with { MergedInto = record.Type == RecordType.ContactMerged ? record.Subject!.Value.Sid.ToArray() : null };
        }
    }

    private SortedList<long, LedgerRecord> HistoryOf(OpaqueId sid)
    {
        if (!histories.TryGetValue(sid, out var history))
            histories.Add(sid, history = []);
        return history;
    }

    // Projections are the same sum that a rebuild makes.
    private void Project()
    {
        var open = new Queue<OpaqueId>(told);
        while (open.TryDequeue(out var sid))
        {
            var person = PersonAlone(sid);
            // What happens to somebody who was merged happens to whoever holds them.
            if (person.MergedInto is { } holder && told.Add(holder))
                open.Enqueue(holder);
            writes.Subjects.Add(Projection.SubjectOf(person));
            // Of somebody who came in this very turn nothing stands there yet.
            if (!IsOfThisTurn(sid))
                writes.ConsentsGoneOf.Add(sid.ToArray());
            if (!forgotten.Contains(sid))
                writes.Consents.AddRange(Projection.ConsentsOf(person));
        }
    }

    private bool IsOfThisTurn(OpaqueId sid) =>
        !subjects.ContainsKey(sid) && histories.TryGetValue(sid, out var history) && history.Count > 0 && history.GetKeyAtIndex(0) >= transaction.Head.Size;
}
