namespace Ringfence.Server.Storage;

/// <summary>Where ledgers are kept: embedded SQLite, or PostgreSQL. The seam between what is stored and how.</summary>
/// <remarks>
/// Every state-changing thing goes through <see cref="BeginAsync"/>, which takes the head of one ledger and so puts all writers in one order.
/// Reads beside it see what was committed when they began, never less than what was acknowledged before.
/// </remarks>
public interface ILedgerStore : IAsyncDisposable
{
    /// <summary>What it is, for people: <c>SQLite 3.50.4, /var/lib/ringfence/ringfence.db</c>. No password.</summary>
    string Description { get; }

    /// <summary>All ledgers, by id.</summary>
    Task<IReadOnlyList<LedgerRow>> LedgersAsync(CancellationToken cancel);

    /// <summary>Makes a new ledger of size 0.</summary>
    /// <exception cref="StoreException"><see cref="StoreFault.Taken"/>: the id, the origin, or the controller's word with this lane and epoch, is in use.</exception>
    Task CreateLedgerAsync(LedgerRow ledger, CancellationToken cancel);

    /// <summary>Opens the one write transaction of a ledger: waits for whoever holds its head. The head row is locked until commit or dispose.</summary>
    /// <exception cref="StoreException"><see cref="StoreFault.OutOfReach"/>, <see cref="StoreFault.NoLedger"/>.</exception>
    Task<ILedgerTransaction> BeginAsync(long ledger, CancellationToken cancel);

    /// <summary>The committed head.</summary>
    Task<HeadRow> HeadAsync(long ledger, CancellationToken cancel);

    /// <summary>What is committed of what is asked for.</summary>
    Task<StoredRows> LoadAsync(long ledger, RowsWanted wanted, CancellationToken cancel);

    /// <summary>Records of [from, until) in order of <c>seq</c>, streamed; fewer where they were pruned or the ledger ends.</summary>
    IAsyncEnumerable<RecordRow> RecordsAsync(long ledger, long from, long until, CancellationToken cancel);

    /// <summary>Leaf hashes of [from, until) in order: 32 bytes each, one after the other.</summary>
    Task<byte[]> LeavesAsync(long ledger, long from, long until, CancellationToken cancel);

    /// <summary>A full tile: 256 hashes, 8,192 bytes; null where there is none.</summary>
    Task<byte[]?> TileAsync(long ledger, int level, long n, CancellationToken cancel);

    /// <summary>Every tile there is, by level and number.</summary>
    IAsyncEnumerable<TileRow> TilesAsync(long ledger, CancellationToken cancel);

    /// <summary>Signed checkpoints, by size, rising; <paramref name="from"/> is the least size.</summary>
    IAsyncEnumerable<CheckpointRow> CheckpointsAsync(long ledger, long from, CancellationToken cancel);

    /// <summary>The newest signed checkpoint of at most this size; null where there is none.</summary>
    Task<CheckpointRow?> CheckpointAsync(long ledger, long atMost, CancellationToken cancel);

    /// <summary>Keeps a signed checkpoint and what proves it outside. Outside of the serial order: nothing else is changed by it.</summary>
    /// <exception cref="StoreException"><see cref="StoreFault.Taken"/>: another note of the same size and another root is kept. The same root again does nothing.</exception>
    Task AddCheckpointAsync(long ledger, CheckpointRow checkpoint, CancellationToken cancel);

    /// <summary>Sealed rows of these records, in order of <c>seq</c>.</summary>
    IAsyncEnumerable<SealedRow> SealedAsync(long ledger, long from, long until, CancellationToken cancel);

    /// <summary>Beside which records there is a scan, in order.</summary>
    IAsyncEnumerable<long> ScansAsync(long ledger, CancellationToken cancel);

    /// <summary>The scan beside a record; null where there is none.</summary>
    Task<ScanRow?> ScanAsync(long ledger, long seq, CancellationToken cancel);

    /// <summary>All suppression rows, tombstones too, in order of tag.</summary>
    IAsyncEnumerable<SuppressionRow> SuppressionsAsync(long ledger, CancellationToken cancel);

    /// <summary>How many suppressions stand, by what they close, who said so and what kind they are; of all numbers and addresses.</summary>
    Task<IReadOnlyList<SuppressionCount>> SuppressionCountsAsync(long ledger, CancellationToken cancel);

    /// <summary>The suppressions that were written last and stand, the newest first; those that an erasure untied from their records are not among them.</summary>
    Task<IReadOnlyList<SuppressionRow>> NewestSuppressionsAsync(long ledger, int most, CancellationToken cancel);

    /// <summary>The least keys that tags of standing suppressions went through, and the most that any did; zeros where there is no suppression.</summary>
    Task<(short Least, short Most)> SuppressionChainsAsync(long ledger, CancellationToken cancel);

    /// <summary>All permits, in order of tag.</summary>
    IAsyncEnumerable<PermitRow> PermitsAsync(long ledger, CancellationToken cancel);

    /// <summary>All rows by which a number leads to a person, in order of tag.</summary>
    IAsyncEnumerable<LookupRow> LookupsAsync(long ledger, CancellationToken cancel);

    /// <summary>Projected subjects, in order of sid, after one (null: from the first), at most so many: the pages of a list.</summary>
    Task<IReadOnlyList<SubjectRow>> SubjectsAsync(long ledger, byte[]? after, int most, CancellationToken cancel);

    /// <summary>Projected: which records are about whom, in order of sid and seq.</summary>
    IAsyncEnumerable<SubjectRecordRow> SubjectRecordsAsync(long ledger, CancellationToken cancel);

    /// <summary>Projected consent states, in order of sid, point, channel and purpose.</summary>
    IAsyncEnumerable<ConsentRow> ConsentStatesAsync(long ledger, CancellationToken cancel);

    /// <summary>Digests of all documents, rising.</summary>
    IAsyncEnumerable<DocumentRow> DocumentsAsync(long ledger, CancellationToken cancel);

    /// <summary>Every import, by id, with how far it has come.</summary>
    IAsyncEnumerable<BatchRow> BatchesAsync(long ledger, CancellationToken cancel);

    /// <summary>Every API key, ended ones too, by id.</summary>
    IAsyncEnumerable<ApiKeyRow> ApiKeysAsync(long ledger, CancellationToken cancel);

    /// <summary>Every webhook, removed ones too, by id.</summary>
    IAsyncEnumerable<WebhookRow> WebhooksAsync(long ledger, CancellationToken cancel);

    /// <summary>Every request, closed ones too, by id.</summary>
    IAsyncEnumerable<RightsRequestRow> RightsRequestsAsync(long ledger, CancellationToken cancel);

    /// <summary>Every change of the controller's own rules, answered ones too, by id.</summary>
    IAsyncEnumerable<RuleChangeRow> RuleChangesAsync(long ledger, CancellationToken cancel);

    /// <summary>What other systems are to be told.</summary>
    IWebhookOutbox Outbox { get; }

    /// <summary>What is of no ledger.</summary>
    internal ILocalRows Local { get; }

    /// <summary>Counts something for all servers, in steps of the clock: adds to what was counted in a step, or begins it. Nothing of it is durable.</summary>
    /// <param name="bucket">What is counted.</param>
    /// <param name="period">The present step; where a later one has begun, that is counted in.</param>
    /// <param name="add">How many.</param>
    /// <returns>The step that is counted in, and how many there are in it with these.</returns>
    Task<(long Step, long Taken)> CountAsync(long ledger, string bucket, long period, long add, CancellationToken cancel);

    /// <summary>Drops the projections of a ledger and takes the given ones in their stead, in one transaction that holds the head.</summary>
    /// <param name="rows">Projections only: subjects, subject records, consent states, tiles.</param>
    Task ReplaceProjectionsAsync(long ledger, IAsyncEnumerable<ProjectionRows> rows, CancellationToken cancel);

    /// <summary>Writes a consistent copy of the whole store to a file or folder that does not exist yet (SQLite: <c>VACUUM INTO</c>; PostgreSQL: <c>pg_dump -Fc</c>). Keys are not in it.</summary>
    Task BackUpAsync(string path, CancellationToken cancel);

    /// <summary>After an erasure: makes sure that no free page, no write-ahead file keeps what was deleted, as far as the store can.</summary>
    Task ScrubFreedAsync(CancellationToken cancel);

    /// <summary>Everything about durability, versions and permissions that can be read off the store; each finding says whether it is in order.</summary>
    Task<IReadOnlyList<StoreFinding>> ExamineAsync(CancellationToken cancel);
}

/// <summary>The one write transaction of a ledger. Disposed without commit, nothing of it stays.</summary>
public interface ILedgerTransaction : IAsyncDisposable
{
    /// <summary>The head, as locked.</summary>
    HeadRow Head { get; }

    /// <summary>The current rows, in the serial order.</summary>
    Task<StoredRows> LoadAsync(RowsWanted wanted, CancellationToken cancel);

    /// <summary>Writes all rows and commits. Returns only when the commit is durable.</summary>
    /// <exception cref="StoreException">
    /// <see cref="StoreFault.OutcomeUnknown"/>: whether it was committed can't be told; settle by reading. <see cref="StoreFault.OutOfReach"/>, <see cref="StoreFault.Full"/>,
    /// <see cref="StoreFault.Conflict"/>: nothing was committed.
    /// </exception>
    Task CommitAsync(LedgerWrites writes, CancellationToken cancel);
}

/// <summary>What went wrong with a store.</summary>
public enum StoreFault
{
    /// <summary>It can't be reached, or does not answer.</summary>
    OutOfReach,

    /// <summary>The commit was sent and no answer came.</summary>
    OutcomeUnknown,

    /// <summary>No space is left, or it may only be read.</summary>
    Full,

    /// <summary>Somebody wrote what this would have written: nothing of it is committed, it may be tried again.</summary>
    Conflict,

    /// <summary>A name or place that is in use.</summary>
    Taken,

    /// <summary>There is no such ledger.</summary>
    NoLedger,

    /// <summary>Settings under which an acknowledged record could be lost.</summary>
    NotDurable,

    /// <summary>Another process has it open, or the file system does not keep locks.</summary>
    InUse,

    /// <summary>It holds something that is not ours, or a newer version.</summary>
    Foreign,

    /// <summary>It is damaged.</summary>
    Damaged,
}

/// <summary>A failure of the store, with a code that does not change. The message holds no personal data.</summary>
public sealed class StoreException(StoreFault fault, string message, Exception? inner = null) : Exception(message, inner)
{
    public StoreFault Fault { get; } = fault;

    /// <summary>All that was found, where the store does not open because of what was found.</summary>
    public IReadOnlyList<StoreFinding> Findings { get; init; } = [];

    /// <summary>The engine's own code; 0: it has none.</summary>
    internal int EngineCode { get; init; }

    internal static StoreException NoSuchLedger(long ledger) => new(StoreFault.NoLedger, $"There is no ledger {ledger}.");

    internal static StoreException RecordMissing(long ledger, long seq) => new(StoreFault.Damaged, $"Record {seq} of ledger {ledger} is missing.");
}

/// <summary>One thing looked at by <see cref="ILedgerStore.ExamineAsync"/>.</summary>
/// <param name="Code">Such as <c>synchronous</c>, <c>fsync</c>, <c>server-version</c>.</param>
/// <param name="Verdict">In order, to be looked at, or refused: with a refused one the store does not open.</param>
/// <param name="Value">What was read.</param>
/// <param name="Wanted">What it has to be, where it is not in order.</param>
public sealed record StoreFinding(string Code, FindingVerdict Verdict, string Value, string? Wanted);

/// <summary>How a finding is judged.</summary>
public enum FindingVerdict
{
    Fine,
    Warn,
    Refuse,
}
