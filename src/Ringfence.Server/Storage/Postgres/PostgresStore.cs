using System.Data;
using System.Runtime.CompilerServices;
using Npgsql;
using static Ringfence.Server.Storage.Postgres.PostgresFaults;
using static Ringfence.Server.Storage.Postgres.PostgresValues;

namespace Ringfence.Server.Storage.Postgres;

/// <summary>Ledgers in PostgreSQL, for several programs at once. All reading is done where the writing is, never on a standby.</summary>
internal sealed class PostgresStore : ILedgerStore
{
    private readonly StoreOptions options;
    private readonly PostgresSource source;

    private PostgresStore(StoreOptions options, PostgresSource source, string description) =>
        (this.options, this.source, Description, Outbox, Local) = (options, source, description, new PostgresOutbox(source.Work), new PostgresLocalRows(source.Work));

    public string Description { get; }

    public static Task<ILedgerStore> OpenAsync(StoreOptions options, CancellationToken cancel) => TellAsync(async () =>
    {
        var source = await PostgresSource.OpenAsync(options, cancel);
        try
        {
            await using var connection = await source.Work.OpenConnectionAsync(cancel);
            var place = new NpgsqlConnectionStringBuilder(options.Connection);
            return (ILedgerStore)new PostgresStore(options, source, $"PostgreSQL {connection.PostgreSqlVersion}, {place.Database ?? place.Username} at {place.Host}");
        }
        catch
        {
            await source.DisposeAsync();
            throw;
        }
    });

    public Task<IReadOnlyList<LedgerRow>> LedgersAsync(CancellationToken cancel) => TellAsync(async () =>
    {
        var ledgers = new List<LedgerRow>();
        await using var command = source.Work.CreateCommand("select ledger, controller, origin, lane, lanes, epoch from ledger order by ledger");
        await using var rows = await command.ExecuteReaderAsync(cancel);
        while (await rows.ReadAsync(cancel))
            ledgers.Add(new LedgerRow(rows.GetInt64(0), rows.GetString(1), rows.GetString(2), rows.GetInt32(3), rows.GetInt32(4), rows.GetInt32(5)));
        return (IReadOnlyList<LedgerRow>)ledgers;
    });

    public async Task CreateLedgerAsync(LedgerRow ledger, CancellationToken cancel)
    {
        try
        {
            await TellAsync(async () =>
            {
                await using var connection = await source.Work.OpenConnectionAsync(cancel);
                await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancel);
                await new PostgresWriting(connection, ledger.Ledger).CreateAsync(ledger, cancel);
                await transaction.CommitAsync(cancel);
            });
        }
        catch (StoreException e) when (e.Fault == StoreFault.Conflict)
        {
            throw new StoreException(StoreFault.Taken, $"Ledger {ledger.Ledger}, its origin, or its controller with this lane and epoch is in use.", e);
        }
    }

    public async Task<ILedgerTransaction> BeginAsync(long ledger, CancellationToken cancel) => await TransactAsync(ledger, cancel);

    public Task<(short Least, short Most)> SuppressionChainsAsync(long ledger, CancellationToken cancel) => TellAsync(async () =>
    {
        await using var command = Question("select coalesce(min(chain) filter (where lifted_seq is null), 0), coalesce(max(chain), 0) from suppression where ledger = $1", ledger);
        await using var rows = await command.ExecuteReaderAsync(cancel);
        _ = await rows.ReadAsync(cancel);
        return (Convert.ToInt16(rows.GetValue(0), System.Globalization.CultureInfo.InvariantCulture), Convert.ToInt16(rows.GetValue(1), System.Globalization.CultureInfo.InvariantCulture));
    });

    public Task<IReadOnlyList<SuppressionCount>> SuppressionCountsAsync(long ledger, CancellationToken cancel) => TellAsync(async () =>
    {
        var counts = new List<SuppressionCount>();
        await using var command = Question(Tables.CountSuppressions("$1"), ledger);
        await using var rows = await command.ExecuteReaderAsync(cancel);
        while (await rows.ReadAsync(cancel))
            counts.Add(new SuppressionCount(rows.GetInt32(0), rows.GetInt16(1), rows.GetInt16(2), rows.GetInt64(3)));
        return (IReadOnlyList<SuppressionCount>)counts;
    });

    public Task<IReadOnlyList<SuppressionRow>> NewestSuppressionsAsync(long ledger, int most, CancellationToken cancel) => TellAsync(async () =>
    {
        var newest = new List<SuppressionRow>();
        await using var command = source.Work.CreateCommand(Tables.NewestSuppressions("$1", "$2"));
        command.Parameters.AddRange((NpgsqlParameter[])[Of(ledger), Of((long)most)]);
        await using var rows = await command.ExecuteReaderAsync(cancel);
        var cells = new PostgresCells(rows);
        while (await rows.ReadAsync(cancel))
            newest.Add(Tables.Suppression.Read(cells));
        return (IReadOnlyList<SuppressionRow>)newest;
    });

    public Task<HeadRow> HeadAsync(long ledger, CancellationToken cancel) => TellAsync(async () =>
    {
        await using var command = Question("select size, last_at, frontier from ledger_head where ledger = $1", ledger);
        await using var rows = await command.ExecuteReaderAsync(cancel);
        return await rows.ReadAsync(cancel) ? new HeadRow(rows.GetInt64(0), rows.GetInt64(1), rows.GetFieldValue<byte[]>(2)) : throw StoreException.NoSuchLedger(ledger);
    });

    public Task<StoredRows> LoadAsync(long ledger, RowsWanted wanted, CancellationToken cancel) => TellAsync(async () =>
    {
        // One view of the database for all the questions.
        await using var connection = await source.Work.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancel);
        return await new PostgresLoading(connection, ledger).LoadAsync(wanted, cancel);
    });

    public IAsyncEnumerable<RecordRow> RecordsAsync(long ledger, long from, long until, CancellationToken cancel) =>
        StreamAsync(Tables.Record, "where ledger = $1 and seq >= $2 and seq < $3 order by seq", cancel, ledger, from, until);

    public Task<byte[]> LeavesAsync(long ledger, long from, long until, CancellationToken cancel) => TellAsync(async () =>
    {
        const int hash = 32;
        var size = Math.Max(0, Math.Min(until, (await HeadAsync(ledger, cancel)).Size) - from);
        var leaves = new byte[size * hash];
        await using var command = Question("select seq, leaf from ledger_record where ledger = $1 and seq >= $2 and seq < $3 order by seq", ledger, from, from + size);
        await using var rows = await command.ExecuteReaderAsync(cancel);
        for (var i = 0; i < size; i++)
        {
            if (!await rows.ReadAsync(cancel) || rows.GetInt64(0) != from + i)
                throw StoreException.RecordMissing(ledger, from + i);
            rows.GetFieldValue<byte[]>(1).CopyTo(leaves, i * hash);
        }

        return leaves;
    });

    public async Task<byte[]?> TileAsync(long ledger, int level, long n, CancellationToken cancel) =>
        (await FirstAsync(Tables.Tile, "where ledger = $1 and level = $2 and n = $3", cancel, ledger, level, n))?.Bytes;

    public IAsyncEnumerable<TileRow> TilesAsync(long ledger, CancellationToken cancel) => StreamAsync(Tables.Tile, "where ledger = $1 order by level, n", cancel, ledger);

    public IAsyncEnumerable<CheckpointRow> CheckpointsAsync(long ledger, long from, CancellationToken cancel) =>
        StreamAsync(Tables.Checkpoint, "where ledger = $1 and size >= $2 order by size", cancel, ledger, from);

    public Task<CheckpointRow?> CheckpointAsync(long ledger, long atMost, CancellationToken cancel) =>
        FirstAsync(Tables.Checkpoint, "where ledger = $1 and size <= $2 order by size desc limit 1", cancel, ledger, atMost);

    public async Task AddCheckpointAsync(long ledger, CheckpointRow checkpoint, CancellationToken cancel)
    {
        _ = await HeadAsync(ledger, cancel);
        await TellAsync(async () =>
        {
            await using var command = source.Work.CreateCommand(Tables.Checkpoint.PostgresInsert + " on conflict do nothing");
            command.Parameters.Add(Of(ledger));
            foreach (var column in Tables.Checkpoint.Columns)
                command.Parameters.Add(column.Array([checkpoint]));
            _ = await command.ExecuteNonQueryAsync(cancel);
        });
        var kept = await FirstAsync(Tables.Checkpoint, "where ledger = $1 and size = $2", cancel, ledger, checkpoint.Size);
        if (kept is null || !kept.Root.AsSpan().SequenceEqual(checkpoint.Root))
            throw new StoreException(StoreFault.Taken, $"Another root is signed for size {checkpoint.Size} of ledger {ledger}.");
    }

    public IAsyncEnumerable<SealedRow> SealedAsync(long ledger, long from, long until, CancellationToken cancel) =>
        StreamAsync(Tables.Sealed, "where ledger = $1 and seq >= $2 and seq < $3 order by seq, grp", cancel, ledger, from, until);

    public IAsyncEnumerable<long> ScansAsync(long ledger, CancellationToken cancel) => StreamAsync(Tables.ScanPlace, "where ledger = $1 order by seq", cancel, ledger);

    public Task<ScanRow?> ScanAsync(long ledger, long seq, CancellationToken cancel) => FirstAsync(Tables.Scan, "where ledger = $1 and seq = $2", cancel, ledger, seq);

    public IAsyncEnumerable<SuppressionRow> SuppressionsAsync(long ledger, CancellationToken cancel) =>
        StreamAsync(Tables.Suppression, "where ledger = $1 order by tag, id", cancel, ledger);

    public IAsyncEnumerable<PermitRow> PermitsAsync(long ledger, CancellationToken cancel) => StreamAsync(Tables.Permit, "where ledger = $1 order by tag", cancel, ledger);

    public IAsyncEnumerable<LookupRow> LookupsAsync(long ledger, CancellationToken cancel) => StreamAsync(Tables.Lookup, "where ledger = $1 order by tag", cancel, ledger);

    public Task<IReadOnlyList<SubjectRow>> SubjectsAsync(long ledger, byte[]? after, int most, CancellationToken cancel) => TellAsync(async () =>
    {
        var subjects = new List<SubjectRow>();
        await using var command = source.Work.CreateCommand($"select {Tables.Subject.Names} from subject where ledger = $1 and sid > $2 order by sid limit $3");
        command.Parameters.AddRange((NpgsqlParameter[])[Of(ledger), Of(after ?? []), Of((long)most)]);
        await using var rows = await command.ExecuteReaderAsync(cancel);
        var cells = new PostgresCells(rows);
        while (await rows.ReadAsync(cancel))
            subjects.Add(Tables.Subject.Read(cells));
        return (IReadOnlyList<SubjectRow>)subjects;
    });

    public IAsyncEnumerable<SubjectRecordRow> SubjectRecordsAsync(long ledger, CancellationToken cancel) =>
        StreamAsync(Tables.SubjectRecord, "where ledger = $1 order by sid, seq", cancel, ledger);

    public IAsyncEnumerable<ConsentRow> ConsentStatesAsync(long ledger, CancellationToken cancel) =>
        StreamAsync(Tables.Consent, "where ledger = $1 order by sid, point, channel, purpose", cancel, ledger);

    public IAsyncEnumerable<BatchRow> BatchesAsync(long ledger, CancellationToken cancel) => StreamAsync(Tables.Batch, "where ledger = $1 order by batch", cancel, ledger);

    public IAsyncEnumerable<ApiKeyRow> ApiKeysAsync(long ledger, CancellationToken cancel) => StreamAsync(Tables.ApiKey, "where ledger = $1 order by id", cancel, ledger);

    public IAsyncEnumerable<WebhookRow> WebhooksAsync(long ledger, CancellationToken cancel) => StreamAsync(WebhookTables.Webhook, "where ledger = $1 order by id", cancel, ledger);

    public IAsyncEnumerable<RightsRequestRow> RightsRequestsAsync(long ledger, CancellationToken cancel) => StreamAsync(Tables.RightsRequest, "where ledger = $1 order by id", cancel, ledger);

    public IAsyncEnumerable<RuleChangeRow> RuleChangesAsync(long ledger, CancellationToken cancel) => StreamAsync(Tables.RuleChange, "where ledger = $1 order by id", cancel, ledger);

    public IWebhookOutbox Outbox { get; }

    public ILocalRows Local { get; }

    public IAsyncEnumerable<DocumentRow> DocumentsAsync(long ledger, CancellationToken cancel) => StreamAsync(Tables.Document, "where ledger = $1 order by digest", cancel, ledger);

    public Task<(long Step, long Taken)> CountAsync(long ledger, string bucket, long period, long add, CancellationToken cancel) => TellAsync(async () =>
    {
        await using var command = source.Work.CreateCommand("""
            insert into rate(ledger, bucket, step, taken) values ($1, $2, $3, $4) on conflict (ledger, bucket) do update
            set taken = case when excluded.step > rate.step then excluded.taken else rate.taken + excluded.taken end, step = greatest(rate.step, excluded.step) returning step, taken
            """);
        command.Parameters.AddRange((NpgsqlParameter[])[Of(ledger), Of(bucket), Of(period), Of(add)]);
        await using var rows = await command.ExecuteReaderAsync(cancel);
        _ = await rows.ReadAsync(cancel);
        return (rows.GetInt64(0), rows.GetInt64(1));
    });

    public async Task ReplaceProjectionsAsync(long ledger, IAsyncEnumerable<ProjectionRows> rows, CancellationToken cancel)
    {
        await using var transaction = await TransactAsync(ledger, cancel);
        await transaction.WriteAsync(writing => writing.DropProjectionsAsync(cancel));
        await foreach (var some in rows.WithCancellation(cancel))
            await transaction.WriteAsync(writing => writing.InsertProjectionsAsync(some, cancel));
        await transaction.CommitAsync();
    }

    public Task BackUpAsync(string path, CancellationToken cancel) => PostgresBackup.WriteAsync(options.Connection!, path, cancel);

    public Task ScrubFreedAsync(CancellationToken cancel) => TellAsync(async () =>
    {
        // As the owner: others are passed over. Where the program connects as nobody's owner, the server's own vacuum comes in time.
        await using var connection = await source.Owner.OpenConnectionAsync(cancel);
        await using var command = new NpgsqlCommand("vacuum sealed, scan, subject_lookup, subject, subject_record, consent_state, suppression, idempotency", connection) { CommandTimeout = 0 };
        _ = await command.ExecuteNonQueryAsync(cancel);
    });

    public Task<IReadOnlyList<StoreFinding>> ExamineAsync(CancellationToken cancel) => TellAsync(async () =>
    {
        await using var connection = await source.Work.OpenConnectionAsync(cancel);
        var findings = await PostgresSettings.FindingsAsync(connection, options.Time, cancel);
        findings.AddRange(await PostgresSchema.CompareAsync(connection, cancel));
        findings.AddRange((await PostgresSchema.AppliedAsync(connection, cancel))
            .Select(static migration => new StoreFinding($"migration-{migration.Number}", FindingVerdict.Fine, Convert.ToHexStringLower(migration.Digest), null)));
        findings.Add(await PostgresRole.ExcessAsync(connection, cancel) is { Length: > 0 } excess
            ? new StoreFinding("role-rights", FindingVerdict.Warn, excess, "a role that may only add to what is append-only")
            : new StoreFinding("role-rights", FindingVerdict.Fine, source.Role ?? "those of the user", null));
        return (IReadOnlyList<StoreFinding>)findings;
    });

    public ValueTask DisposeAsync() => source.DisposeAsync();

    private Task<PostgresTransaction> TransactAsync(long ledger, CancellationToken cancel) => TellAsync(() => PostgresTransaction.BeginAsync(source.Work, ledger, options.Patience, cancel));

    private NpgsqlCommand Question(string sql, params ReadOnlySpan<long> values)
    {
        var command = source.Work.CreateCommand(sql);
        foreach (var value in values)
            command.Parameters.Add(Of(value));
        return command;
    }

    private async Task<T?> FirstAsync<T>(Table<T> table, string rest, CancellationToken cancel, params long[] values) where T : class
    {
        await foreach (var row in StreamAsync(table, rest, cancel, values))
            return row;
        return null;
    }

    // One statement is one view of the database, however long its rows are read.
    private async IAsyncEnumerable<T> StreamAsync<T>(Table<T> table, string rest, [EnumeratorCancellation] CancellationToken cancel, params long[] values)
    {
        await using var command = Question($"select {table.Names} from {table.Name} {rest}", values);
        await using var rows = await TellAsync(() => command.ExecuteReaderAsync(cancel));
        var cells = new PostgresCells(rows);
        while (await TellAsync(() => rows.ReadAsync(cancel)))
        {
            // What has arrived already is read without looking.
            cancel.ThrowIfCancellationRequested();
            yield return table.Read(cells);
        }
    }
}
