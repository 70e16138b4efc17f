namespace Ringfence.Server.Storage.Sqlite;

/// <summary>The one connection that writes and checkpoints, and whose turn it is.</summary>
internal sealed class SqliteWriter(SqliteSession session, string path, StoreOptions options) : IAsyncDisposable
{
    // Some 130 MB of write-ahead file: seldom enough that a page which is written over and over is moved once for many times, often enough that a start has little to read.
    private const int PagesBetweenCheckpoints = 16_000;

    private readonly SemaphoreSlim turn = new(1, 1);
    private int pagesAtCheckpoint;

    // After a failure of the disk nothing is written to it any more, even where the process was left alive.
    private bool broken;

    public SqliteSession Session => session;

    public bool IsClosed { get; private set; }

    /// <summary>Waits until nobody else writes.</summary>
    public async Task<Turn> TakeTurnAsync(CancellationToken cancel)
    {
        await turn.WaitAsync(cancel);
        if (!broken && !IsClosed)
            return new Turn(this);
        turn.Release();
        ObjectDisposedException.ThrowIf(IsClosed, this);
        throw new StoreException(StoreFault.OutOfReach, "The disk failed; the program has to be started anew.");
    }

    /// <summary>Begins, does the work, commits; all or nothing. For whoever has the turn.</summary>
    public void Write(Action<SqliteSession> work)
    {
        session.Run("begin immediate");
        try
        {
            Try(work);
        }
        catch
        {
            RollBack();
            throw;
        }

        Commit();
    }

    /// <summary>Does something that may meet a failing disk.</summary>
    public void Try(Action<SqliteSession> work)
    {
        try
        {
            work(session);
        }
        catch (StoreException e) when (SqliteFaults.EndsProcess(e.EngineCode, inCommit: !session.InTransaction))
        {
            End(e);
            throw;
        }
    }

    public void Commit()
    {
        try
        {
            session.Run("commit");
        }
        catch (StoreException e) when (SqliteFaults.EndsProcess(e.EngineCode, inCommit: true))
        {
            End(e);
            throw new StoreException(StoreFault.OutcomeUnknown, "The disk did not confirm the commit.", e);
        }
        catch (StoreException e) when (e.Fault == StoreFault.Full)
        {
            RollBack();
            // The frame that commits may have been the last to find room: after a crash a start would take it for committed. An emptied file has no frame.
            if (Emptied())
                throw;
            throw new StoreException(StoreFault.OutcomeUnknown, "The disk is full, and what was written last could not be taken back.", e);
        }
        catch
        {
            RollBack();
            throw;
        }
    }

    /// <summary>Takes back what was begun, if anything.</summary>
    public void RollBack()
    {
        if (broken || !session.InTransaction)
            return;
        try
        {
            session.Run("rollback");
        }
        catch (StoreException) when (!session.InTransaction)
        {
            // It was taken back all the same.
        }
    }

    /// <summary>Moves all into the database and empties the write-ahead file; whether that was possible.</summary>
    public bool Empty()
    {
        var emptied = false;
        Try(writing => emptied = writing.Checkpoint(andEmpty: true));
        pagesAtCheckpoint = session.PagesWritten;
        return emptied;
    }

    /// <summary>Closes, after whoever has the turn. Where they don't end in time, all is left to the end of the process.</summary>
    public async ValueTask DisposeAsync()
    {
        if (IsClosed || !await turn.WaitAsync(options.Patience))
            return;
        if (!broken)
        {
            _ = Emptied();
            session.Dispose();
        }

        IsClosed = true;
        // Whoever still waits shall hear of it.
        turn.Release();
    }

    private bool Emptied()
    {
        try
        {
            return Empty();
        }
        catch (StoreException)
        {
            return false;
        }
    }

    private void End(StoreException e)
    {
        broken = true;
        options.EndProcess(SqliteFaults.LastWords(path, e));
    }

    // After the acknowledgement, so that nobody waits for it but the next one.
    private void CheckpointIfDue()
    {
        if (broken || session.PagesWritten - pagesAtCheckpoint < PagesBetweenCheckpoints)
            return;
        try
        {
            Try(static writing => writing.Checkpoint(andEmpty: false));
            pagesAtCheckpoint = session.PagesWritten;
        }
        catch (StoreException)
        {
            // No room in the database: what was acknowledged stays in the write-ahead file, and the next time will tell.
        }
    }

    /// <summary>The right to write.</summary>
    public sealed class Turn(SqliteWriter writer) : IDisposable
    {
        private bool over;

        public void Dispose()
        {
            if (over)
                return;
            over = true;
            try
            {
                writer.CheckpointIfDue();
            }
            finally
            {
                writer.turn.Release();
            }
        }
    }
}
