namespace Ringfence.Server.Storage.Sqlite;

/// <summary>Rows of no ledger, in the embedded store.</summary>
internal sealed class SqliteLocalRows(SqliteWriter writer, SqliteReaders readers) : ILocalRows
{
    public Task<IReadOnlyList<T>> ReadAsync<T>(string sql, Func<ICells, T> read, CancellationToken cancel, params object?[] values) =>
        Task.FromResult<IReadOnlyList<T>>(readers.Read(session => Rows(session, sql, read, values)));

    public async Task<T> WriteAsync<T>(Func<ILocalTurn, Task<T>> work, CancellationToken cancel)
    {
        using var turn = await writer.TakeTurnAsync(cancel);
        var done = default(T)!;
        // Everything in a turn is done at once here: nothing waits.
        writer.Write(session => done = work(new Turn(session)).GetAwaiter().GetResult());
        return done;
    }

    private static List<T> Rows<T>(SqliteSession session, string sql, Func<ICells, T> read, object?[] values)
    {
        var statement = Bound(session, sql, values);
        var rows = new List<T>();
        while (statement.Read())
            rows.Add(read(statement));
        return rows;
    }

    private static SqliteStatement Bound(SqliteSession session, string sql, object?[] values)
    {
        // Here $1 would be a name, and its place the order in which it is met.
        var statement = session.Prepare(sql.Replace('$', '?'));
        for (var i = 0; i < values.Length; i++)
        {
            switch (values[i])
            {
                case null:
                    statement.Bind(i + 1, (string?)null);
                    break;
                case long number:
                    statement.Bind(i + 1, number);
                    break;
                case string text:
                    statement.Bind(i + 1, text);
                    break;
                case byte[] bytes:
                    statement.Bind(i + 1, bytes);
                    break;
                default:
                    throw new ArgumentException($"A value is a {values[i]!.GetType().Name}.", nameof(values));
            }
        }

        return statement;
    }

    private sealed class Turn(SqliteSession session) : ILocalTurn
    {
        public Task<IReadOnlyList<T>> ReadAsync<T>(string sql, Func<ICells, T> read, params object?[] values) => Task.FromResult<IReadOnlyList<T>>(Rows(session, sql, read, values));

        public Task<int> RunAsync(string sql, params object?[] values) => Task.FromResult(Bound(session, sql, values).Run());
    }
}
