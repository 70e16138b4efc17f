namespace Ringfence.Server.Storage.Sqlite;

/// <summary>Writes rows, with statements that stay prepared.</summary>
internal static class SqliteWriting
{
    // How many rows go by between two looks at whether anybody still waits.
    private const int RowsBetweenLooks = 4096;

    /// <summary>Writes everything of one transaction but its commit. First goes what goes away, then comes what comes.</summary>
    public static void Write(SqliteSession session, long ledger, HeadRow before, LedgerWrites writes, CancellationToken cancel)
    {
        Delete(session, ledger, $"{Tables.Lookup.Name} indexed by subject_lookup_sid", "sid", writes.LookupsGoneOf);
        foreach (var table in Tables.Projections)
            Delete(session, ledger, table, "sid", writes.LookupsGoneOf);
        Delete(session, ledger, $"{Tables.Permit.Name} indexed by permit_sid", "sid", writes.LookupsGoneOf);
        Delete(session, ledger, $"{Tables.ResultTask.Name} indexed by result_task_sid", "sid", writes.LookupsGoneOf);
        Delete(session, ledger, $"{Tables.ResultTask.Name} indexed by result_task_tag", "tag", writes.ResultTasksGoneOf);
        Delete(session, ledger, Tables.Consent.Name, "sid", writes.ConsentsGoneOf);
        DeleteSealed(session, ledger, writes.SealedGone);
        DeleteAnswers(session, ledger, writes.IdempotencyGoneBefore);

        Insert(session, ledger, Tables.Record, writes.Records, cancel);
        Insert(session, ledger, Tables.SubjectRecord, writes.SubjectRecords, cancel);
        Insert(session, ledger, Tables.Tile, writes.Tiles, cancel);
        Insert(session, ledger, Tables.Sealed, writes.Sealed, cancel);
        Insert(session, ledger, Tables.Scan, writes.Scans, cancel);
        // A document of this digest is this document.
        Run(session, ledger, Tables.Document, Tables.Document.SqliteInsert + " on conflict do nothing", writes.Documents, cancel);
        Insert(session, ledger, Tables.Suppression, writes.Suppressions, cancel);
        Change(session, ledger, writes.SuppressionsChanged, cancel);
        Delete(session, ledger, Tables.Suppression.Name, "id", writes.SuppressionsGone);
        // Keyed hashes fall anywhere; in their order each page is met once.
        Run(session, ledger, Tables.Lookup, Tables.Lookup.SqliteUpsert, ByteArrays.Near(writes.Lookups, static row => row.Tag), cancel);
        Run(session, ledger, Tables.Subject, Tables.Subject.SqliteUpsert, writes.Subjects, cancel);
        Run(session, ledger, Tables.Consent, Tables.Consent.SqliteUpsert, writes.Consents, cancel);
        Insert(session, ledger, Tables.Idempotency, writes.Idempotency, cancel);
        Run(session, ledger, Tables.Batch, Tables.Batch.SqliteUpsert, writes.Batches, cancel);
        Run(session, ledger, Tables.ApiKey, Tables.ApiKey.SqliteUpsert, writes.ApiKeys, cancel);
        Run(session, ledger, Tables.RuleChange, Tables.RuleChange.SqliteUpsert, writes.RuleChanges, cancel);
        Run(session, ledger, Tables.RightsRequest, Tables.RightsRequest.SqliteUpsert, writes.RightsRequests, cancel);
        Insert(session, ledger, Tables.ResultTask, writes.ResultTasks, cancel);
        Run(session, ledger, WebhookTables.Webhook, WebhookTables.Webhook.SqliteUpsert, writes.Webhooks, cancel);
        // What may change a row under a trigger keeps the pages as they were beside, for the case that it fails: a plain insert need not.
        Insert(session, ledger, Tables.Permit, writes.Permits, cancel);
        Run(session, ledger, Tables.Permit, Tables.Permit.SqliteUpsert, writes.PermitsChanged, cancel);
        MoveHead(session, ledger, before, writes.Head);
        cancel.ThrowIfCancellationRequested();
    }

    /// <summary>A ledger and its head.</summary>
    public static void Create(SqliteSession session, LedgerRow ledger)
    {
        var row = session.Prepare("insert into ledger(ledger, controller, origin, lane, lanes, epoch) values (?1, ?2, ?3, ?4, ?5, ?6)");
        row.Bind(1, ledger.Ledger);
        row.Bind(2, ledger.Controller);
        row.Bind(3, ledger.Origin);
        row.Bind(4, ledger.Lane);
        row.Bind(5, ledger.Lanes);
        row.Bind(6, ledger.Epoch);
        _ = row.Run();
        Run(session, "insert into ledger_head(ledger, size, last_at, frontier) values (?1, 0, 0, x'')", ledger.Ledger);
    }

    /// <summary>New rows; one that is there already is a conflict.</summary>
    public static void Insert<T>(SqliteSession session, long ledger, Table<T> table, IReadOnlyList<T> rows, CancellationToken cancel = default) =>
        Run(session, ledger, table, table.SqliteInsert, rows, cancel);

    /// <summary>Drops what can be made anew from the records, and lets tiles be dropped until <see cref="EndProjections"/>.</summary>
    public static void DropProjections(SqliteSession session, long ledger)
    {
        Run(session, "insert into tile_rebuild(ledger) values (?1)", ledger);
        foreach (var table in (ReadOnlySpan<string>)[Tables.Tile.Name, .. Tables.Projections])
            Run(session, $"delete from {table} where ledger = ?1", ledger);
    }

    /// <summary>Some of what takes the place of the dropped.</summary>
    public static void InsertProjections(SqliteSession session, long ledger, ProjectionRows rows, CancellationToken cancel)
    {
        Insert(session, ledger, Tables.Tile, rows.Tiles, cancel);
        Insert(session, ledger, Tables.Subject, rows.Subjects, cancel);
        Insert(session, ledger, Tables.SubjectRecord, rows.SubjectRecords, cancel);
        Insert(session, ledger, Tables.Consent, rows.Consents, cancel);
    }

    public static void EndProjections(SqliteSession session, long ledger) => Run(session, "delete from tile_rebuild where ledger = ?1", ledger);

    private static void Run<T>(SqliteSession session, long ledger, Table<T> table, string sql, IReadOnlyList<T> rows, CancellationToken cancel)
    {
        if (rows.Count == 0)
            return;
        var statement = session.Prepare(sql);
        statement.Bind(1, ledger);
        var columns = table.Columns;
        for (var i = 0; i < rows.Count; i++)
        {
            if (i % RowsBetweenLooks == 0)
                cancel.ThrowIfCancellationRequested();
            for (var column = 0; column < columns.Count; column++)
                columns[column].Bind(statement, column + 2, rows[i]);
            _ = statement.Run();
        }
    }

    private static void Change(SqliteSession session, long ledger, List<SuppressionRow> rows, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        var table = Tables.Suppression;
        foreach (var row in rows)
        {
            var statement = session.Prepare(table.SqliteUpdate);
            statement.Bind(1, ledger);
            for (var column = 0; column < table.Columns.Count; column++)
                table.Columns[column].Bind(statement, column + 2, row);
            if (statement.Run() != 1)
                throw new StoreException(StoreFault.Conflict, "A suppression that was to be changed is not there.");
        }
    }

    private static void Delete(SqliteSession session, long ledger, string table, string column, List<byte[]> keys)
    {
        foreach (var key in keys)
        {
            var statement = session.Prepare($"delete from {table} where ledger = ?1 and {column} = ?2");
            statement.Bind(1, ledger);
            statement.Bind(2, key);
            _ = statement.Run();
        }
    }

    private static void DeleteSealed(SqliteSession session, long ledger, List<long> records)
    {
        foreach (var seq in records)
        {
            Run(session, "delete from sealed where ledger = ?1 and seq = ?2", ledger, seq);
            Run(session, "delete from scan where ledger = ?1 and seq = ?2", ledger, seq);
        }
    }

    private static void DeleteAnswers(SqliteSession session, long ledger, long? before)
    {
        if (before is { } at)
            Run(session, "delete from idempotency indexed by idempotency_at where ledger = ?1 and at < ?2", ledger, at);
    }

    private static void MoveHead(SqliteSession session, long ledger, HeadRow before, HeadRow after)
    {
        var statement = session.Prepare("update ledger_head set size = ?2, last_at = ?3, frontier = ?4 where ledger = ?1 and size = ?5");
        statement.Bind(1, ledger);
        statement.Bind(2, after.Size);
        statement.Bind(3, after.LastAt);
        statement.Bind(4, after.Frontier);
        statement.Bind(5, before.Size);
        if (statement.Run() != 1)
            throw new StoreException(StoreFault.Conflict, $"The head of ledger {ledger} is not where it was.");
    }

    private static void Run(SqliteSession session, string sql, params ReadOnlySpan<long> values)
    {
        var statement = session.Prepare(sql);
        for (var i = 0; i < values.Length; i++)
            statement.Bind(i + 1, values[i]);
        _ = statement.Run();
    }
}
