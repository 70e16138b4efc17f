using System.Data;
using Npgsql;
using static Ringfence.Server.Storage.Postgres.PostgresValues;

namespace Ringfence.Server.Storage.Postgres;

/// <summary>A transaction that holds the head of one ledger.</summary>
internal sealed class PostgresTransaction : ILedgerTransaction
{
    // An UPDATE holds the head where a SELECT FOR UPDATE would be lost when a shard moves to another machine.
    private const string TakeHead = "update ledger_head set size = size where ledger = $1 returning size, last_at, frontier";

    // A program that stands still, or whose machine or line is gone without a word, holds everybody up for no longer than this: a server left to itself waits for hours.
    // What is done between two statements takes milliseconds.
    private const string Question = PostgresSettings.Question + ", set_config('idle_in_transaction_session_timeout', '5s', true)";

    private readonly NpgsqlConnection connection;
    private readonly NpgsqlTransaction transaction;
    private readonly long ledger;
    private readonly TimeSpan patience;
    private bool over;
    private bool warned;

    private PostgresTransaction(NpgsqlConnection connection, NpgsqlTransaction transaction, long ledger, TimeSpan patience, HeadRow head) =>
        (this.connection, this.transaction, this.ledger, this.patience, Head) = (connection, transaction, ledger, patience, head);

    public HeadRow Head { get; }

    /// <summary>Waits for the head, and looks once more at what the server is set to.</summary>
    public static async Task<PostgresTransaction> BeginAsync(NpgsqlDataSource source, long ledger, TimeSpan patience, CancellationToken cancel)
    {
        var connection = await source.OpenConnectionAsync(cancel);
        try
        {
            // Read committed: under any stricter level the view of the database would be older than the wait for the head.
            var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancel);
            await using var batch = new NpgsqlBatch(connection, transaction) { BatchCommands = { Command(TakeHead, Of(ledger)), Command(Question) } };
            await using var rows = await batch.ExecuteReaderAsync(cancel);
            if (!await rows.ReadAsync(cancel))
                throw StoreException.NoSuchLedger(ledger);
            var head = new HeadRow(rows.GetInt64(0), rows.GetInt64(1), rows.GetFieldValue<byte[]>(2));
            _ = await rows.NextResultAsync(cancel) && await rows.ReadAsync(cancel);
            PostgresSettings.Check(rows);
            return new PostgresTransaction(connection, transaction, ledger, patience, head);
        }
        catch
        {
            // The connection takes the transaction with it.
            await connection.DisposeAsync();
            throw;
        }
    }

    public Task<StoredRows> LoadAsync(RowsWanted wanted, CancellationToken cancel)
    {
        ObjectDisposedException.ThrowIf(over, this);
        return PostgresFaults.TellAsync(() => new PostgresLoading(connection, ledger).LoadAsync(wanted, cancel));
    }

    public async Task CommitAsync(LedgerWrites writes, CancellationToken cancel)
    {
        ObjectDisposedException.ThrowIf(over, this);
        writes.Check(Head);
        try
        {
            await PostgresFaults.TellAsync(() => new PostgresWriting(connection, ledger).WriteAsync(Head, writes, cancel));
        }
        catch
        {
            await RollBackAsync();
            throw;
        }

        await CommitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await RollBackAsync();
        await connection.DisposeAsync();
    }

    /// <summary>Does other work in the transaction than that of <see cref="CommitAsync(LedgerWrites, CancellationToken)"/>.</summary>
    internal Task WriteAsync(Func<PostgresWriting, Task> work) => PostgresFaults.TellAsync(() => work(new PostgresWriting(connection, ledger)));

    /// <summary>Commits; not to be stopped by anybody but the clock, since whoever stops a commit does not know whether it was done.</summary>
    internal async Task CommitAsync()
    {
        over = true;
        // A commit that stopped waiting for its standby succeeds with a warning, and may yet be lost with the machine.
        connection.Notice += Warned;
        try
        {
            using var clock = new CancellationTokenSource(patience);
            await transaction.CommitAsync(clock.Token);
        }
        catch (Exception e) when (PostgresFaults.OfCommit(e) is not null)
        {
            throw PostgresFaults.OfCommit(e)!;
        }
        finally
        {
            connection.Notice -= Warned;
        }

        if (warned)
            throw new StoreException(StoreFault.OutcomeUnknown, "PostgreSQL committed with a warning.");
    }

    private void Warned(object? sender, NpgsqlNoticeEventArgs e) => warned |= e.Notice.InvariantSeverity == "WARNING";

    private async Task RollBackAsync()
    {
        if (over)
            return;
        over = true;
        try
        {
            await transaction.RollbackAsync();
        }
        catch (Exception e) when (PostgresFaults.Of(e) is not null || e is ObjectDisposedException or InvalidOperationException)
        {
            // The connection is gone, and the transaction with it.
        }
    }
}
