using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace Ringfence.Server.Storage.Sqlite;

/// <summary>The connections that only read: each used by one at a time, opened when all others are busy.</summary>
internal sealed class SqliteReaders(string path, string? layer) : IDisposable
{
    // Beyond these, connections that nobody uses are closed.
    private const int Idle = 8;

    private readonly ConcurrentBag<SqliteSession> idle = [];
    private volatile bool closed;

    /// <summary>Reads with a connection that nobody else has meanwhile.</summary>
    public T Read<T>(Func<SqliteSession, T> read)
    {
        var session = Rent();
        T result;
        try
        {
            result = read(session);
        }
        catch
        {
            // Stopped between two rows, a statement holds its view of the database for as long as the connection lives: whoever had it next would read the past.
            session.Dispose();
            throw;
        }

        Return(session);
        return result;
    }

    /// <summary>Rows of a table, one after the other, all as of the moment at which the first was read.</summary>
    /// <param name="rest">From the name of the table on: condition and order; <c>?1</c> is the first of the values.</param>
    public async IAsyncEnumerable<T> StreamAsync<T>(Table<T> table, string rest, [EnumeratorCancellation] CancellationToken cancel, params long[] values)
    {
        // Nothing here waits for anything; whoever reads may want to be another than who began.
        await Task.CompletedTask;
        var session = Rent();
        try
        {
            var rows = session.Prepare($"select {table.Names} from {table.Name} {rest}");
            try
            {
                for (var i = 0; i < values.Length; i++)
                    rows.Bind(i + 1, values[i]);
                while (rows.Read())
                {
                    cancel.ThrowIfCancellationRequested();
                    yield return table.Read(rows);
                }
            }
            finally
            {
                rows.Reset();
            }
        }
        finally
        {
            Return(session);
        }
    }

    public void Dispose()
    {
        closed = true;
        while (idle.TryTake(out var session))
            session.Dispose();
    }

    private SqliteSession Rent()
    {
        ObjectDisposedException.ThrowIf(closed, this);
        return idle.TryTake(out var session) ? session : SqliteSession.Open(path, write: false, layer);
    }

    private void Return(SqliteSession session)
    {
        if (closed || idle.Count >= Idle)
            session.Dispose();
        else
            idle.Add(session);
    }
}
