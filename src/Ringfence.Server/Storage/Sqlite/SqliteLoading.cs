namespace Ringfence.Server.Storage.Sqlite;

/// <summary>Looks rows up, key by key: in the same process a question costs less than thinking of how to ask many at once.</summary>
/// <remarks>
/// Indexes are named, because the planner takes any first column for a choice between ten rows, while a ledger's number chooses all of them: it then read the whole ledger.
/// Source: https://www.sqlite.org/lang_indexedby.html.
/// </remarks>
internal static class SqliteLoading
{
    private const int Hash = 32;

    /// <summary>The head of a ledger; null where there is no such ledger.</summary>
    public static HeadRow? Head(SqliteSession session, long ledger)
    {
        var rows = session.Prepare("select size, last_at, frontier from ledger_head where ledger = ?1");
        rows.Bind(1, ledger);
        if (!rows.Read())
            return null;
        var head = new HeadRow(rows.Long(0), rows.Long(1), rows.Bytes(2));
        rows.Reset();
        return head;
    }

    /// <summary>The least keys that tags of standing suppressions went through, and the most that any did.</summary>
    public static (short Least, short Most) Chains(SqliteSession session, long ledger) =>
        (Chain(session, ledger, "select chain from suppression indexed by suppression_chain where ledger = ?1 and lifted_seq is null order by chain limit 1"), Most(session, ledger));

    private static short Most(SqliteSession session, long ledger) =>
        Chain(session, ledger, "select chain from suppression indexed by suppression_chain where ledger = ?1 order by chain desc limit 1");

    private static short Chain(SqliteSession session, long ledger, string question)
    {
        var rows = session.Prepare(question);
        rows.Bind(1, ledger);
        var chain = rows.Read() ? (short)rows.Long(0) : (short)0;
        rows.Reset();
        return chain;
    }

    /// <summary>The first row that a condition gives; null for none.</summary>
    /// <param name="rest">From the name of the table on.</param>
    public static T? First<T>(SqliteSession session, Table<T> table, string rest, params ReadOnlySpan<long> values) where T : class
    {
        var rows = session.Prepare($"select {table.Names} from {table.Name} {rest}");
        for (var i = 0; i < values.Length; i++)
            rows.Bind(i + 1, values[i]);
        if (!rows.Read())
            return null;
        var row = table.Read(rows);
        rows.Reset();
        return row;
    }

    /// <summary>Everything that is asked for.</summary>
    public static StoredRows Load(SqliteSession session, long ledger, RowsWanted wanted, CancellationToken cancel)
    {
        var found = new StoredRows();
        var asking = new Asking(session, ledger);
        asking.AllOf(found.Lookups, Tables.Lookup, "where ledger = ?1 and tag = ?2", wanted.Points);
        asking.AllOf(found.Lookups, Tables.Lookup, "where ledger = ?1 and tag = ?2", wanted.Ways);
        asking.AllOf(found.Suppressions, Tables.Suppression, "indexed by suppression_tag where ledger = ?1 and tag = ?2", wanted.Suppressions);
        if (wanted.Suppressions.Count > 0)
            (found.SuppressionLeast, found.SuppressionChain) = (Chain(session, ledger, "select chain from suppression indexed by suppression_chain where ledger = ?1 order by chain limit 1"), Most(session, ledger));
        foreach (var seq in wanted.SuppressionsBySeq)
            asking.All(found.Suppressions, Tables.Suppression, "indexed by suppression_seq where ledger = ?1 and seq = ?2", seq);
        foreach (var (client, key) in wanted.Idempotency)
            asking.All(found.Idempotency, Tables.Idempotency, "where ledger = ?1 and client = ?2 and client_key = ?3", client, key);
        foreach (var digest in wanted.Documents)
            asking.All(found.Documents, Tables.Document, "where ledger = ?1 and digest = ?2", digest);
        foreach (var batch in wanted.Batches)
            asking.All(found.Batches, Tables.Batch, "where ledger = ?1 and batch = ?2", batch);
        foreach (var id in wanted.ApiKeys)
            asking.All(found.ApiKeys, Tables.ApiKey, "where ledger = ?1 and id = ?2", id);
        foreach (var id in wanted.Webhooks)
            asking.All(found.Webhooks, WebhookTables.Webhook, "where ledger = ?1 and id = ?2", id);
        if (wanted.WithRuleChanges)
            asking.All(found.RuleChanges, Tables.RuleChange, "where ledger = ?1 and id > ?2", "");
        foreach (var id in wanted.RightsRequests)
            asking.All(found.RightsRequests, Tables.RightsRequest, "where ledger = ?1 and id = ?2", id);
        asking.AllOf(found.RightsRequests, Tables.RightsRequest, "indexed by rights_request_tag where ledger = ?1 and tag = ?2", wanted.RightsRequestsOf);
        foreach (var id in wanted.Permits)
            asking.All(found.Permits, Tables.Permit, "where ledger = ?1 and id = ?2", id);
        asking.AllOf(found.Permits, Tables.Permit, "indexed by permit_tag where ledger = ?1 and tag = ?2", wanted.PermitsOf);
        foreach (var seq in wanted.Sealed)
            asking.All(found.Sealed, Tables.Sealed, "where ledger = ?1 and seq = ?2 order by grp", seq);
        var records = new List<RecordRow>();
        foreach (var seq in wanted.Records)
            asking.All(records, Tables.Record, "where ledger = ?1 and seq = ?2", seq);
        foreach (var record in records)
            found.Records[record.Seq] = record;

        foreach (var sid in wanted.Standings)
            asking.Standing(sid, found);
        var people = People(asking, wanted, found, cancel);
        foreach (var sid in wanted.WithRecords ? people : [])
        {
            cancel.ThrowIfCancellationRequested();
            asking.Records(sid, wanted.WithIdle, found);
        }

        foreach (var sid in wanted.WithPoints ? people : [])
            asking.All(found.Lookups, Tables.Lookup, "indexed by subject_lookup_sid where ledger = ?1 and sid = ?2 order by tag", sid);
        found.DropRepeated();
        return found;
    }

    /// <summary>Hashes of records, one after the other.</summary>
    public static byte[] Leaves(SqliteSession session, long ledger, long from, long until, CancellationToken cancel)
    {
        var most = Math.Max(0, Math.Min(until, Head(session, ledger)?.Size ?? 0) - from);
        var leaves = new byte[most * Hash];
        var rows = session.Prepare("select seq, leaf from ledger_record where ledger = ?1 and seq >= ?2 and seq < ?3 order by seq");
        try
        {
            rows.Bind(1, ledger);
            rows.Bind(2, from);
            rows.Bind(3, from + most);
            var read = 0;
            for (; rows.Read(); read++)
            {
                cancel.ThrowIfCancellationRequested();
                if (rows.Long(0) != from + read)
                    break;
                rows.CopyBytes(1, leaves.AsSpan(read * Hash, Hash));
            }

            return read == most ? leaves : throw StoreException.RecordMissing(ledger, from + read);
        }
        finally
        {
            rows.Reset();
        }
    }

    // Everybody that is asked for, and whoever is the same person: up and down the merges. Who was met is not gone to again, so that a ring ends.
    private static HashSet<byte[]> People(Asking asking, RowsWanted wanted, StoredRows found, CancellationToken cancel)
    {
        var subjects = new List<SubjectRow>();
        foreach (var batch in wanted.SubjectsOfBatches)
            asking.All(subjects, Tables.Subject, "indexed by subject_batch where ledger = ?1 and batch = ?2", batch);
        var people = new HashSet<byte[]>(ByteArrays.Equal);
        var open = new Queue<byte[]>([.. found.Lookups.Where(row => wanted.Points.Contains(row.Tag)).Select(static row => row.Sid), .. wanted.Subjects, .. subjects.Select(row => row.Sid)]);
        while (open.TryDequeue(out var sid))
        {
            if (!people.Add(sid))
                continue;
            cancel.ThrowIfCancellationRequested();
            subjects.Clear();
            asking.All(subjects, Tables.Subject, "where ledger = ?1 and sid = ?2", sid);
            found.Subjects.AddRange(subjects);
            asking.All(subjects, Tables.Subject, "indexed by subject_merged_into where ledger = ?1 and merged_into = ?2", sid);
            foreach (var subject in subjects)
            {
                open.Enqueue(subject.Sid);
                if (subject.MergedInto is { } other)
                    open.Enqueue(other);
            }
        }

        return people;
    }

    private readonly struct Asking(SqliteSession session, long ledger)
    {
        public void All<T>(List<T> into, Table<T> table, string rest, byte[] key)
        {
            var rows = Rows(table, rest);
            rows.Bind(2, key);
            Take(rows, into, table);
        }

        public void All<T>(List<T> into, Table<T> table, string rest, long key)
        {
            var rows = Rows(table, rest);
            rows.Bind(2, key);
            Take(rows, into, table);
        }

        /// <summary>The same for many keys, in their order: keys that are hashes fall anywhere, and so each page is met once.</summary>
        public void AllOf<T>(List<T> into, Table<T> table, string rest, HashSet<byte[]> keys)
        {
            if (keys.Count == 0)
                return;
            var rows = Rows(table, rest);
            foreach (var key in ByteArrays.Near(keys, static key => key))
            {
                rows.Bind(2, key);
                Take(rows, into, table);
            }
        }

        public void All<T>(List<T> into, Table<T> table, string rest, string key)
        {
            var rows = Rows(table, rest);
            rows.Bind(2, key);
            Take(rows, into, table);
        }

        public void All<T>(List<T> into, Table<T> table, string rest, string key, string second)
        {
            var rows = Rows(table, rest);
            rows.Bind(2, key);
            rows.Bind(3, second);
            Take(rows, into, table);
        }

        public void Records(byte[] sid, bool withIdle, StoredRows found)
        {
            var rows = session.Prepare(
                "select s.seq, s.idle, r.leaf, r.body from subject_record s left join ledger_record r on r.ledger = s.ledger and r.seq = s.seq "
                + "where s.ledger = ?1 and s.sid = ?2 and s.idle <= ?3 order by s.seq");
            rows.Bind(1, ledger);
            rows.Bind(2, sid);
            rows.Bind(3, withIdle ? 1 : 0);
            while (rows.Read())
            {
                var seq = rows.Long(0);
                found.SubjectRecords.Add(new SubjectRecordRow(sid, seq, rows.Long(1) != 0));
                if (!found.Records.ContainsKey(seq))
                    found.Records.Add(seq, new RecordRow(seq, rows.BytesOrNull(2) ?? throw StoreException.RecordMissing(ledger, seq), rows.Bytes(3)));
            }
        }

        public void Standing(byte[] sid, StoredRows found)
        {
            var rows = session.Prepare("select count(*), max(seq) from subject_record where ledger = ?1 and sid = ?2 and idle = 0");
            rows.Bind(1, ledger);
            rows.Bind(2, sid);
            var (count, newest) = rows.Read() && rows.Long(0) > 0 ? (rows.Long(0), rows.Long(1)) : default;
            rows.Reset();
            if (count > 0)
                found.Standings.Add(new StandingRow(sid, count, newest, First(session, Tables.Record, "where ledger = ?1 and seq = ?2", ledger, newest)?.Leaf ?? throw StoreException.RecordMissing(ledger, newest)));
        }

        private static void Take<T>(SqliteStatement rows, List<T> into, Table<T> table)
        {
            while (rows.Read())
                into.Add(table.Read(rows));
        }

        private SqliteStatement Rows<T>(Table<T> table, string rest)
        {
            var rows = session.Prepare($"select {table.Names} from {table.Name} {rest}");
            rows.Bind(1, ledger);
            return rows;
        }
    }
}
