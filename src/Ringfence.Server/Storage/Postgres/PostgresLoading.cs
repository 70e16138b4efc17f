using Npgsql;
using static Ringfence.Server.Storage.Postgres.PostgresValues;

namespace Ringfence.Server.Storage.Postgres;

/// <summary>Looks rows up: all questions in one round trip, and a second one for the records of the persons found.</summary>
internal sealed class PostgresLoading(NpgsqlConnection connection, long ledger)
{
    // Up and down the merges. Who was met is not gone to again, so that a ring ends.
    private static readonly string People = $"""
        with recursive person(sid) as (
            select seed.sid from (
                select q.sid from unnest($2) q(sid)
                union all select l.sid from unnest($3) q(tag) cross join lateral (select sid from subject_lookup where ledger = $1 and tag = q.tag offset 0) l
                union all select b.sid from unnest($4) q(batch) cross join lateral (select sid from subject where ledger = $1 and batch = q.batch offset 0) b) seed
            union
            select m.sid from person p cross join lateral (
                select merged_into as sid from subject where ledger = $1 and sid = p.sid and merged_into is not null
                union all select sid from subject where ledger = $1 and merged_into = p.sid offset 0) m)
        select {Tables.Subject.NamesOfT}, p.sid from person p left join lateral (select {Tables.Subject.Names} from subject where ledger = $1 and sid = p.sid offset 0) t on true
        """;

    private const string Records = """
        select q.sid, s.seq, s.idle, r.leaf, r.body from unnest($2) q(sid)
        cross join lateral (select seq, idle from subject_record where ledger = $1 and sid = q.sid and idle <= $3 offset 0) s
        left join lateral (select leaf, body from ledger_record where ledger = $1 and seq = s.seq offset 0) r on true
        order by q.sid, s.seq
        """;

    private const string Standings = """
        select q.sid, s.told, s.newest, r.leaf from unnest($2) q(sid)
        cross join lateral (select count(*) as told, max(seq) as newest from subject_record where ledger = $1 and sid = q.sid and idle = 0 offset 0) s
        left join lateral (select leaf from ledger_record where ledger = $1 and seq = s.newest offset 0) r on true
        where s.told > 0
        """;

    private readonly List<(NpgsqlBatchCommand Command, Action<PostgresCells> Take)> questions = [];

    /// <summary>Everything that is asked for.</summary>
    public async Task<StoredRows> LoadAsync(RowsWanted wanted, CancellationToken cancel)
    {
        var found = new StoredRows();
        var people = new List<byte[]>();
        Ask(found.Lookups, Tables.Lookup, "tag", wanted.Points);
        Ask(found.Lookups, Tables.Lookup, "tag", wanted.Ways);
        Ask(found.Suppressions, Tables.Suppression, "tag", wanted.Suppressions);
        if (wanted.Suppressions.Count > 0)
        {
            Ask("select chain from suppression where ledger = $1 order by chain limit 1", cells => found.SuppressionLeast = (short)cells.Long(0));
            Ask("select chain from suppression where ledger = $1 order by chain desc limit 1", cells => found.SuppressionChain = (short)cells.Long(0));
        }

        if (wanted.Standings.Count > 0)
            Ask(Standings, cells => found.Standings.Add(new StandingRow(cells.Bytes(0), cells.Long(1), cells.Long(2), cells.BytesOrNull(3) ?? throw StoreException.RecordMissing(ledger, cells.Long(2)))), Of(wanted.Standings.ToArray()));
        Ask(found.Suppressions, Tables.Suppression, "seq", wanted.SuppressionsBySeq);
        Ask(found.Documents, Tables.Document, "digest", wanted.Documents);
        Ask(found.Batches, Tables.Batch, "batch", wanted.Batches);
        Ask(found.Permits, Tables.Permit, "id", wanted.Permits);
        Ask(found.Permits, Tables.Permit, "tag", wanted.PermitsOf);
        Ask(found.ApiKeys, Tables.ApiKey, "id", wanted.ApiKeys);
        Ask(found.Webhooks, WebhookTables.Webhook, "id", wanted.Webhooks);
        if (wanted.WithRuleChanges)
            Ask($"select {Tables.RuleChange.Names} from {Tables.RuleChange.Name} where ledger = $1", cells => found.RuleChanges.Add(Tables.RuleChange.Read(cells)));
        Ask(found.RightsRequests, Tables.RightsRequest, "id", wanted.RightsRequests);
        Ask(found.RightsRequests, Tables.RightsRequest, "tag", wanted.RightsRequestsOf);
        Ask(found.Sealed, Tables.Sealed, "seq", wanted.Sealed, "order by t.seq, t.grp");
        AskRecords(found, wanted.Records);
        AskAnswers(found, wanted.Idempotency);
        if (wanted is not { Points.Count: 0, Subjects.Count: 0, SubjectsOfBatches.Count: 0 })
        {
            Ask(People, cells =>
            {
                people.Add(cells.Bytes(Tables.Subject.Columns.Count));
                if (cells.BytesOrNull(0) is not null)
                    found.Subjects.Add(Tables.Subject.Read(cells));
            }, Of(wanted.Subjects.ToArray()), Of(wanted.Points.ToArray()), Of(wanted.SubjectsOfBatches.ToArray()));
        }

        await AnswerAsync(cancel);
        if (people.Count > 0 && wanted.WithRecords)
        {
            Ask(Records, cells =>
            {
                var record = new SubjectRecordRow(cells.Bytes(0), cells.Long(1), cells.Long(2) != 0);
                found.SubjectRecords.Add(record);
                if (!found.Records.ContainsKey(record.Seq))
                    found.Records.Add(record.Seq, new RecordRow(record.Seq, cells.BytesOrNull(3) ?? throw StoreException.RecordMissing(ledger, record.Seq), cells.Bytes(4)));
            }, Of(people.ToArray()), Of(wanted.WithIdle ? 1L : 0L));
        }

        if (wanted.WithPoints)
            Ask(found.Lookups, Tables.Lookup, "sid", people);
        await AnswerAsync(cancel);
        found.DropRepeated();
        return found;
    }

    // Sideways, key by key by index: a plain join may read the whole of a small ledger instead.
    private static string Select<T>(Table<T> table, string column, string order = "") =>
        $"select {table.NamesOfT} from unnest($2) q(k) cross join lateral (select {table.Names} from {table.Name} where ledger = $1 and {column} = q.k offset 0) t {order}";

    private void Ask<T, TKey>(List<T> into, Table<T> table, string column, IReadOnlyCollection<TKey> keys, string order = "")
    {
        if (keys.Count > 0)
            Ask(Select(table, column, order), cells => into.Add(table.Read(cells)), Of(keys.ToArray()));
    }

    private void AskRecords(StoredRows found, HashSet<long> places)
    {
        if (places.Count == 0)
            return;
        Ask(Select(Tables.Record, "seq"), cells =>
        {
            var record = Tables.Record.Read(cells);
            found.Records[record.Seq] = record;
        }, Of(places.ToArray()));
    }

    private void AskAnswers(StoredRows found, HashSet<(string Client, string Key)> keys)
    {
        if (keys.Count == 0)
            return;
        var table = Tables.Idempotency;
        var sql = $"select {table.NamesOfT} from unnest($2, $3) q(c, k) " +
            $"cross join lateral (select {table.Names} from {table.Name} where ledger = $1 and client = q.c and client_key = q.k offset 0) t";
        Ask(sql, cells => found.Idempotency.Add(table.Read(cells)), Of(keys.Select(static key => key.Client).ToArray()), Of(keys.Select(static key => key.Key).ToArray()));
    }

    private void Ask(string sql, Action<PostgresCells> take, params ReadOnlySpan<NpgsqlParameter> values) => questions.Add((Command(sql, [Of(ledger), .. values]), take));

    private async Task AnswerAsync(CancellationToken cancel)
    {
        if (questions.Count == 0)
            return;
        await using var batch = new NpgsqlBatch(connection);
        foreach (var (command, _) in questions)
            batch.BatchCommands.Add(command);
        await using (var rows = await batch.ExecuteReaderAsync(cancel))
        {
            var cells = new PostgresCells(rows);
            foreach (var (_, take) in questions)
            {
                while (await rows.ReadAsync(cancel))
                    take(cells);
                _ = await rows.NextResultAsync(cancel);
            }
        }

        questions.Clear();
    }
}
