using System.Text;
using Npgsql;
using static Ringfence.Server.Storage.Postgres.PostgresValues;

namespace Ringfence.Server.Storage.Postgres;

/// <summary>Writes rows: few of a table as arrays, all tables in one round trip; many by COPY.</summary>
internal sealed class PostgresWriting(NpgsqlConnection connection, long ledger)
{
    // From here on a COPY is worth its round trip. It knows no conflicts, so it is for tables where there may be none.
    private const int CopiedFrom = 2000;

    // What one statement carries of a table that takes part in conflicts.
    private const int RowsPerStatement = 5000;

    private readonly List<(NpgsqlBatchCommand Command, int? Rows, string Table)> waiting = [];

    /// <summary>Writes everything of one transaction but its commit. First goes what goes away, then comes what comes.</summary>
    public async Task WriteAsync(HeadRow before, LedgerWrites writes, CancellationToken cancel)
    {
        foreach (var table in (string[])[Tables.Lookup.Name, Tables.Permit.Name, .. Tables.Projections])
            Delete(table, "sid", writes.LookupsGoneOf);
        Delete(Tables.ResultTask.Name, "sid", writes.LookupsGoneOf);
        Delete(Tables.ResultTask.Name, "tag", writes.ResultTasksGoneOf);
        Delete(Tables.Consent.Name, "sid", writes.ConsentsGoneOf);
        Delete(Tables.Sealed.Name, "seq", writes.SealedGone);
        Delete(Tables.Scan.Name, "seq", writes.SealedGone);
        if (writes.IdempotencyGoneBefore is { } at)
            Add("delete from idempotency where ledger = $1 and at < $2", null, Tables.Idempotency.Name, Of(at));

        await InsertAsync(Tables.Record, writes.Records, cancel);
        await InsertAsync(Tables.SubjectRecord, writes.SubjectRecords, cancel);
        await InsertAsync(Tables.Tile, writes.Tiles, cancel);
        await InsertAsync(Tables.Sealed, writes.Sealed, cancel);
        await InsertAsync(Tables.Scan, writes.Scans, cancel);
        // A document of this digest is this document.
        Add(Tables.Document, Tables.Document.PostgresInsert + " on conflict do nothing", writes.Documents, counted: false);
        await InsertAsync(Tables.Suppression, writes.Suppressions, cancel);
        Add(Tables.Suppression, Tables.Suppression.PostgresUpdate, Last(writes.SuppressionsChanged, static row => row.Id, ByteArrays.Equal));
        Delete(Tables.Suppression.Name, "id", writes.SuppressionsGone);
        Upsert(Tables.Lookup, Last(writes.Lookups, static row => row.Tag, ByteArrays.Equal));
        Upsert(Tables.Subject, Last(writes.Subjects, static row => row.Sid, ByteArrays.Equal));
        Upsert(Tables.Consent, Last(writes.Consents, static row => (byte[])[.. row.Sid, .. row.Point, .. BitConverter.GetBytes(row.Channel), .. Encoding.UTF8.GetBytes(row.Purpose)], ByteArrays.Equal));
        await InsertAsync(Tables.Idempotency, writes.Idempotency, cancel);
        Upsert(Tables.Batch, Last(writes.Batches, static row => row.Batch, ByteArrays.Equal));
        Upsert(Tables.Permit, Last([.. writes.Permits, .. writes.PermitsChanged], static row => row.Id, ByteArrays.Equal));
        Upsert(Tables.ApiKey, Last(writes.ApiKeys, static row => row.Id, StringComparer.Ordinal));
        Upsert(Tables.RuleChange, Last(writes.RuleChanges, static row => row.Id, StringComparer.Ordinal));
        Upsert(Tables.RightsRequest, Last(writes.RightsRequests, static row => row.Id, ByteArrays.Equal));
        await InsertAsync(Tables.ResultTask, writes.ResultTasks, cancel);
        Upsert(WebhookTables.Webhook, Last(writes.Webhooks, static row => row.Id, StringComparer.Ordinal));
        Add(
            "update ledger_head set size = $2, last_at = $3, frontier = $4 where ledger = $1 and size = $5", 1, "ledger_head",
            Of(writes.Head.Size), Of(writes.Head.LastAt), Of(writes.Head.Frontier), Of(before.Size));
        await SendAsync(cancel);
    }

    /// <summary>A ledger and its head.</summary>
    public Task CreateAsync(LedgerRow row, CancellationToken cancel)
    {
        Add(
            "insert into ledger(ledger, controller, origin, lane, lanes, epoch) values ($1, $2, $3, $4, $5, $6)", 1, "ledger",
            Of(row.Controller), Of(row.Origin), Of(row.Lane), Of(row.Lanes), Of(row.Epoch));
        Add("insert into ledger_head(ledger, size, last_at, frontier) values ($1, 0, 0, '')", 1, "ledger_head");
        return SendAsync(cancel);
    }

    /// <summary>Drops what can be made anew from the records, and lets tiles be dropped for the rest of the transaction.</summary>
    public Task DropProjectionsAsync(CancellationToken cancel)
    {
        // What comes in their place is worked out between the statements, and takes its time.
        Add("select set_config('ringfence.tiles_made_anew', $1::bigint::text, true), set_config('idle_in_transaction_session_timeout', '0', true)", null, Tables.Tile.Name);
        foreach (var table in (string[])[Tables.Tile.Name, .. Tables.Projections])
            Add($"delete from {table} where ledger = $1", null, table);
        // As long as it takes: of a large ledger these are a hundred million rows.
        return SendAsync(cancel, timeout: 0);
    }

    /// <summary>Some of what takes the place of the dropped.</summary>
    public async Task InsertProjectionsAsync(ProjectionRows rows, CancellationToken cancel)
    {
        await InsertAsync(Tables.Tile, rows.Tiles, cancel);
        await InsertAsync(Tables.Subject, rows.Subjects, cancel);
        await InsertAsync(Tables.SubjectRecord, rows.SubjectRecords, cancel);
        await InsertAsync(Tables.Consent, rows.Consents, cancel);
        await SendAsync(cancel);
    }

    // New rows; one that is there already is a conflict.
    private async Task InsertAsync<T>(Table<T> table, List<T> rows, CancellationToken cancel)
    {
        if (rows.Count < CopiedFrom)
        {
            Add(table, table.PostgresInsert, rows);
            return;
        }

        await SendAsync(cancel);
        await using var copy = await connection.BeginBinaryImportAsync(table.PostgresCopy, cancel);
        foreach (var row in rows)
        {
            await copy.StartRowAsync(cancel);
            await copy.WriteAsync(ledger, NpgsqlTypes.NpgsqlDbType.Bigint, cancel);
            foreach (var column in table.Columns)
                await column.CopyAsync(copy, row, cancel);
        }

        Expect((long)await copy.CompleteAsync(cancel), rows.Count, table.Name);
    }

    private void Upsert<T>(Table<T> table, IReadOnlyList<T> rows) => Add(table, table.PostgresUpsert, rows);

    private void Add<T>(Table<T> table, string sql, IReadOnlyList<T> rows, bool counted = true)
    {
        for (var from = 0; from < rows.Count; from += RowsPerStatement)
        {
            var some = rows.Count <= RowsPerStatement ? rows : [.. rows.Skip(from).Take(RowsPerStatement)];
            Add(sql, counted ? some.Count : null, table.Name, [.. table.Columns.Select(column => column.Array(some))]);
        }
    }

    private void Delete<TKey>(string table, string column, List<TKey> keys)
    {
        if (keys.Count > 0)
            Add($"delete from {table} where ledger = $1 and {column} = any($2)", null, table, Of(keys.ToArray()));
    }

    private void Add(string sql, int? rows, string table, params ReadOnlySpan<NpgsqlParameter> values) => waiting.Add((Command(sql, [Of(ledger), .. values]), rows, table));

    private async Task SendAsync(CancellationToken cancel, int? timeout = null)
    {
        if (waiting.Count == 0)
            return;
        await using var batch = new NpgsqlBatch(connection);
        batch.Timeout = timeout ?? connection.CommandTimeout;
        foreach (var (command, _, _) in waiting)
            batch.BatchCommands.Add(command);
        _ = await batch.ExecuteNonQueryAsync(cancel);
        foreach (var (command, rows, table) in waiting)
        {
            if (rows is { } wanted)
                Expect((long)command.Rows, wanted, table);
        }

        waiting.Clear();
    }

    // An insert that joins the head writes nothing where the head is missing, and an update nothing where the row is.
    private static void Expect(long rows, int wanted, string table)
    {
        if (rows != wanted)
            throw new StoreException(StoreFault.Conflict, $"Of {wanted} rows of {table} {rows} were written.");
    }

    // One statement may touch a row once: the last word stands.
    private static List<T> Last<T, TKey>(List<T> rows, Func<T, TKey> key, IEqualityComparer<TKey> equal) where TKey : notnull
    {
        if (rows.Count < 2)
            return rows;
        var last = new Dictionary<TKey, T>(rows.Count, equal);
        foreach (var row in rows)
            last[key(row)] = row;
        return last.Count == rows.Count ? rows : [.. last.Values];
    }
}
