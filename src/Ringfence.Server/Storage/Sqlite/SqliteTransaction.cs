namespace Ringfence.Server.Storage.Sqlite;

/// <summary>What was begun on the one connection that writes, and the turn that goes with it.</summary>
internal sealed class SqliteTransaction(SqliteWriter writer, SqliteWriter.Turn turn, long ledger, HeadRow head) : ILedgerTransaction
{
    private bool over;

    public HeadRow Head { get; } = head;

    public Task<StoredRows> LoadAsync(RowsWanted wanted, CancellationToken cancel)
    {
        ObjectDisposedException.ThrowIf(over, this);
        return Task.FromResult(SqliteLoading.Load(writer.Session, ledger, wanted, cancel));
    }

    public Task CommitAsync(LedgerWrites writes, CancellationToken cancel)
    {
        ObjectDisposedException.ThrowIf(over, this);
        writes.Check(Head);
        try
        {
            writer.Try(session => SqliteWriting.Write(session, ledger, Head, writes, cancel));
        }
        catch
        {
            over = true;
            writer.RollBack();
            throw;
        }

        Commit();
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        if (!over)
            writer.RollBack();
        over = true;
        turn.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Commits what was written by other ways than <see cref="CommitAsync"/>.</summary>
    internal void Commit()
    {
        over = true;
        writer.Commit();
    }
}
