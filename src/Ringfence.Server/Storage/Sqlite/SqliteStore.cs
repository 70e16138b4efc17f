namespace Ringfence.Server.Storage.Sqlite;

/// <summary>Ledgers in one file of this machine. One connection writes, and it alone moves the write-ahead file into the database; all others only read.</summary>
/// <remarks>Source: https://www.sqlite.org/wal.html: engines before 3.51.3 can damage a file when a second connection writes or checkpoints at the wrong moment.</remarks>
internal sealed class SqliteStore : ILedgerStore
{
    private readonly StoreOptions options;
    private readonly string path;
    private readonly SqliteLock folder;
    private readonly SqliteWriter writer;
    private readonly SqliteReaders readers;
    private readonly CountsInMemory counts = new();

    private SqliteStore(StoreOptions options, string path, SqliteLock folder, SqliteSession session)
    {
        (this.options, this.path, this.folder) = (options, path, folder);
        writer = new SqliteWriter(session, path, options);
        readers = new SqliteReaders(path, options.SqliteFileLayer);
        Outbox = new SqliteOutbox(writer, readers);
        Local = new SqliteLocalRows(writer, readers);
    }

    public string Description => $"SQLite {SqliteSession.EngineVersion}, {path}";

    public static Task<ILedgerStore> OpenAsync(StoreOptions options, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        var folder = Path.GetFullPath(options.Folder!);
        if (!options.Migrate && !File.Exists(Path.Combine(folder, StoreOptions.FileName)))
            throw new StoreException(StoreFault.OutOfReach, $"There is no store in {folder}.");
        try
        {
            Disk.MakeFolder(folder);
            if (FileSystems.Judge(folder, options.MountTable) is { Verdict: FindingVerdict.Refuse } refused)
                throw new StoreException(StoreFault.InUse, $"{folder} is on a file system ({refused.Value}) that other machines write to. Use {refused.Wanted}.") { Findings = [refused] };
            var taken = SqliteLock.Take(folder);
            try
            {
                return Task.FromResult<ILedgerStore>(Open(options, Path.Combine(folder, StoreOptions.FileName), taken));
            }
            catch
            {
                taken.Dispose();
                throw;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StoreException(StoreFault.OutOfReach, $"{folder} can't be used: {e.Message}", e);
        }
    }

    public Task<IReadOnlyList<LedgerRow>> LedgersAsync(CancellationToken cancel) => Task.FromResult(readers.Read(static session =>
    {
        var ledgers = new List<LedgerRow>();
        var rows = session.Prepare("select ledger, controller, origin, lane, lanes, epoch from ledger order by ledger");
        while (rows.Read())
            ledgers.Add(new LedgerRow(rows.Long(0), rows.Text(1), rows.Text(2), (int)rows.Long(3), (int)rows.Long(4), (int)rows.Long(5)));
        return (IReadOnlyList<LedgerRow>)ledgers;
    }));

    public async Task CreateLedgerAsync(LedgerRow ledger, CancellationToken cancel)
    {
        using var turn = await writer.TakeTurnAsync(cancel);
        try
        {
            writer.Write(session => SqliteWriting.Create(session, ledger));
        }
        catch (StoreException e) when (e.Fault == StoreFault.Conflict)
        {
            throw new StoreException(StoreFault.Taken, $"Ledger {ledger.Ledger}, its origin, or its controller with this lane and epoch is in use.", e);
        }
    }

    public async Task<ILedgerTransaction> BeginAsync(long ledger, CancellationToken cancel) => await TransactAsync(ledger, cancel);

    public Task<HeadRow> HeadAsync(long ledger, CancellationToken cancel) =>
        Task.FromResult(readers.Read(session => SqliteLoading.Head(session, ledger) ?? throw StoreException.NoSuchLedger(ledger)));

    public Task<(short Least, short Most)> SuppressionChainsAsync(long ledger, CancellationToken cancel) =>
        Task.FromResult(readers.Read(session => SqliteLoading.Chains(session, ledger)));

    public Task<IReadOnlyList<SuppressionCount>> SuppressionCountsAsync(long ledger, CancellationToken cancel) => Task.FromResult(readers.Read(session =>
    {
        var counts = new List<SuppressionCount>();
        var rows = session.Prepare(Tables.CountSuppressions("?1"));
        rows.Bind(1, ledger);
        while (rows.Read())
            counts.Add(new SuppressionCount((int)rows.Long(0), (short)rows.Long(1), (short)rows.Long(2), rows.Long(3)));
        return (IReadOnlyList<SuppressionCount>)counts;
    }));

    public Task<IReadOnlyList<SuppressionRow>> NewestSuppressionsAsync(long ledger, int most, CancellationToken cancel) => Task.FromResult(readers.Read(session =>
    {
        var newest = new List<SuppressionRow>();
        var rows = session.Prepare(Tables.NewestSuppressions("?1", "?2"));
        rows.Bind(1, ledger);
        rows.Bind(2, most);
        while (rows.Read())
            newest.Add(Tables.Suppression.Read(rows));
        return (IReadOnlyList<SuppressionRow>)newest;
    }));

    public Task<StoredRows> LoadAsync(long ledger, RowsWanted wanted, CancellationToken cancel) => Task.FromResult(readers.Read(session =>
    {
        // One view of the database for all the questions.
        session.Run("begin");
        try
        {
            return SqliteLoading.Load(session, ledger, wanted, cancel);
        }
        finally
        {
            session.Run("rollback");
        }
    }));

    public IAsyncEnumerable<RecordRow> RecordsAsync(long ledger, long from, long until, CancellationToken cancel) =>
        readers.StreamAsync(Tables.Record, "where ledger = ?1 and seq >= ?2 and seq < ?3 order by seq", cancel, ledger, from, until);

    public Task<byte[]> LeavesAsync(long ledger, long from, long until, CancellationToken cancel) =>
        Task.FromResult(readers.Read(session => SqliteLoading.Leaves(session, ledger, from, until, cancel)));

    public Task<byte[]?> TileAsync(long ledger, int level, long n, CancellationToken cancel) =>
        Task.FromResult(readers.Read(session => SqliteLoading.First(session, Tables.Tile, "where ledger = ?1 and level = ?2 and n = ?3", ledger, level, n)?.Bytes));

    public IAsyncEnumerable<TileRow> TilesAsync(long ledger, CancellationToken cancel) => readers.StreamAsync(Tables.Tile, "where ledger = ?1 order by level, n", cancel, ledger);

    public IAsyncEnumerable<CheckpointRow> CheckpointsAsync(long ledger, long from, CancellationToken cancel) =>
        readers.StreamAsync(Tables.Checkpoint, "where ledger = ?1 and size >= ?2 order by size", cancel, ledger, from);

    public Task<CheckpointRow?> CheckpointAsync(long ledger, long atMost, CancellationToken cancel) =>
        Task.FromResult(readers.Read(session => SqliteLoading.First(session, Tables.Checkpoint, "where ledger = ?1 and size <= ?2 order by size desc limit 1", ledger, atMost)));

    public async Task AddCheckpointAsync(long ledger, CheckpointRow checkpoint, CancellationToken cancel)
    {
        using var turn = await writer.TakeTurnAsync(cancel);
        writer.Write(session =>
        {
            if (SqliteLoading.Head(session, ledger) is null)
                throw StoreException.NoSuchLedger(ledger);
            if (SqliteLoading.First(session, Tables.Checkpoint, "where ledger = ?1 and size = ?2", ledger, checkpoint.Size) is not { } kept)
                SqliteWriting.Insert(session, ledger, Tables.Checkpoint, [checkpoint]);
            else if (!kept.Root.AsSpan().SequenceEqual(checkpoint.Root))
                throw new StoreException(StoreFault.Taken, $"Another root is signed for size {checkpoint.Size} of ledger {ledger}.");
        });
    }

    public IAsyncEnumerable<SealedRow> SealedAsync(long ledger, long from, long until, CancellationToken cancel) =>
        readers.StreamAsync(Tables.Sealed, "where ledger = ?1 and seq >= ?2 and seq < ?3 order by seq, grp", cancel, ledger, from, until);

    public IAsyncEnumerable<long> ScansAsync(long ledger, CancellationToken cancel) => readers.StreamAsync(Tables.ScanPlace, "where ledger = ?1 order by seq", cancel, ledger);

    public Task<ScanRow?> ScanAsync(long ledger, long seq, CancellationToken cancel) =>
        Task.FromResult(readers.Read(session => SqliteLoading.First(session, Tables.Scan, "where ledger = ?1 and seq = ?2", ledger, seq)));

    public IAsyncEnumerable<SuppressionRow> SuppressionsAsync(long ledger, CancellationToken cancel) =>
        readers.StreamAsync(Tables.Suppression, "indexed by suppression_tag where ledger = ?1 order by tag, id", cancel, ledger);

    public IAsyncEnumerable<PermitRow> PermitsAsync(long ledger, CancellationToken cancel) =>
        readers.StreamAsync(Tables.Permit, "indexed by permit_tag where ledger = ?1 order by tag", cancel, ledger);

    public IAsyncEnumerable<LookupRow> LookupsAsync(long ledger, CancellationToken cancel) => readers.StreamAsync(Tables.Lookup, "where ledger = ?1 order by tag", cancel, ledger);

    public Task<IReadOnlyList<SubjectRow>> SubjectsAsync(long ledger, byte[]? after, int most, CancellationToken cancel) => Task.FromResult(readers.Read(session =>
    {
        var subjects = new List<SubjectRow>();
        var rows = session.Prepare($"select {Tables.Subject.Names} from subject where ledger = ?1 and sid > ?2 order by sid limit ?3");
        rows.Bind(1, ledger);
        rows.Bind(2, after ?? []);
        rows.Bind(3, most);
        while (rows.Read())
            subjects.Add(Tables.Subject.Read(rows));
        return (IReadOnlyList<SubjectRow>)subjects;
    }));

    public IAsyncEnumerable<SubjectRecordRow> SubjectRecordsAsync(long ledger, CancellationToken cancel) =>
        readers.StreamAsync(Tables.SubjectRecord, "where ledger = ?1 order by sid, seq", cancel, ledger);

    public IAsyncEnumerable<ConsentRow> ConsentStatesAsync(long ledger, CancellationToken cancel) =>
        readers.StreamAsync(Tables.Consent, "where ledger = ?1 order by sid, point, channel, purpose", cancel, ledger);

    public IAsyncEnumerable<BatchRow> BatchesAsync(long ledger, CancellationToken cancel) => readers.StreamAsync(Tables.Batch, "where ledger = ?1 order by batch", cancel, ledger);

    public IAsyncEnumerable<ApiKeyRow> ApiKeysAsync(long ledger, CancellationToken cancel) => readers.StreamAsync(Tables.ApiKey, "where ledger = ?1 order by id", cancel, ledger);

    public IAsyncEnumerable<WebhookRow> WebhooksAsync(long ledger, CancellationToken cancel) => readers.StreamAsync(WebhookTables.Webhook, "where ledger = ?1 order by id", cancel, ledger);

    public IAsyncEnumerable<RightsRequestRow> RightsRequestsAsync(long ledger, CancellationToken cancel) => readers.StreamAsync(Tables.RightsRequest, "where ledger = ?1 order by id", cancel, ledger);

    public IAsyncEnumerable<RuleChangeRow> RuleChangesAsync(long ledger, CancellationToken cancel) => readers.StreamAsync(Tables.RuleChange, "where ledger = ?1 order by id", cancel, ledger);

    public IWebhookOutbox Outbox { get; }

    public ILocalRows Local { get; }

    public IAsyncEnumerable<DocumentRow> DocumentsAsync(long ledger, CancellationToken cancel) => readers.StreamAsync(Tables.Document, "where ledger = ?1 order by digest", cancel, ledger);

    public Task<(long Step, long Taken)> CountAsync(long ledger, string bucket, long period, long add, CancellationToken cancel) => Task.FromResult(counts.Add(ledger, bucket, period, add));

    public async Task ReplaceProjectionsAsync(long ledger, IAsyncEnumerable<ProjectionRows> rows, CancellationToken cancel)
    {
        await using var transaction = await TransactAsync(ledger, cancel);
        writer.Try(session => SqliteWriting.DropProjections(session, ledger));
        await foreach (var some in rows.WithCancellation(cancel))
            writer.Try(session => SqliteWriting.InsertProjections(session, ledger, some, cancel));
        writer.Try(session => SqliteWriting.EndProjections(session, ledger));
        transaction.Commit();
    }

    public Task BackUpAsync(string path, CancellationToken cancel)
    {
        SqliteBackup.Write(readers, path, cancel);
        return Task.CompletedTask;
    }

    public async Task ScrubFreedAsync(CancellationToken cancel)
    {
        using var turn = await writer.TakeTurnAsync(cancel);
        writer.Try(static session => session.Run("pragma incremental_vacuum"));
        if (!writer.Empty())
            throw new StoreException(StoreFault.InUse, "Somebody still reads what the write-ahead file holds. Try again.");
    }

    public async Task<IReadOnlyList<StoreFinding>> ExamineAsync(CancellationToken cancel)
    {
        using var turn = await writer.TakeTurnAsync(cancel);
        return [.. SqliteExamination.Of(writer.Session, path, options, cancel)];
    }

    public async ValueTask DisposeAsync()
    {
        readers.Dispose();
        // What closes last empties the write-ahead file, so the writer does. One that can't be closed keeps the folder until the process ends.
        await writer.DisposeAsync();
        if (writer.IsClosed)
            folder.Dispose();
    }

    private static SqliteStore Open(StoreOptions options, string path, SqliteLock taken)
    {
        var log = new FileInfo(path + "-wal");
        if (log is { Exists: true, Length: > 0 } && new FileInfo(path) is not { Exists: true, Length: > 0 })
            throw new StoreException(StoreFault.Damaged, $"{path} is missing or empty while its write-ahead file is there. Put back what was moved, or restore a backup.");
        if (!File.Exists(path))
            Disk.MakeFile(path);
        if (!IsDatabase(path))
            throw new StoreException(StoreFault.Foreign, $"{path} is no database.");
        var session = SqliteSession.Open(path, write: true, options.SqliteFileLayer);
        try
        {
            SqliteSettings.Apply(session);
            SqliteSchema.BringForward(session, options);
            List<StoreFinding> settings = [.. SqliteSettings.Findings(session)], tables = [.. SqliteSchema.Compare(session)];
            Refuse(StoreFault.NotDurable, path, settings);
            Refuse(StoreFault.Damaged, path, tables);
            return new SqliteStore(options, path, taken, session);
        }
        catch (StoreException e) when (SqliteFaults.EndsProcess(e.EngineCode, inCommit: true))
        {
            options.EndProcess(SqliteFaults.LastWords(path, e));
            throw;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    // The engine takes a file shorter than a page for an empty one, whatever it holds. Source: https://www.sqlite.org/fileformat.html, the header string.
    private static bool IsDatabase(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        Span<byte> begin = stackalloc byte[16];
        return "SQLite format 3\0"u8.StartsWith(begin[..file.ReadAtLeast(begin, begin.Length, throwOnEndOfStream: false)]);
    }

    private static void Refuse(StoreFault fault, string path, List<StoreFinding> findings)
    {
        if (findings.Find(static finding => finding.Verdict == FindingVerdict.Refuse) is { } refused)
            throw new StoreException(fault, $"{path}: {refused.Code} is {refused.Value}.") { Findings = findings };
    }

    private async Task<SqliteTransaction> TransactAsync(long ledger, CancellationToken cancel)
    {
        var turn = await writer.TakeTurnAsync(cancel);
        try
        {
            writer.Session.Run("begin immediate");
            return new SqliteTransaction(writer, turn, ledger, SqliteLoading.Head(writer.Session, ledger) ?? throw StoreException.NoSuchLedger(ledger));
        }
        catch
        {
            writer.RollBack();
            turn.Dispose();
            throw;
        }
    }
}
