using System.Data;
using Npgsql;
using NpgsqlTypes;
using static Ringfence.Server.Storage.Postgres.PostgresFaults;
using static Ringfence.Server.Storage.Postgres.PostgresValues;

namespace Ringfence.Server.Storage.Postgres;

/// <summary>Rows of no ledger, in PostgreSQL: on one machine, where ledgers are spread over several.</summary>
internal sealed class PostgresLocalRows(NpgsqlDataSource source) : ILocalRows
{
    public Task<IReadOnlyList<T>> ReadAsync<T>(string sql, Func<ICells, T> read, CancellationToken cancel, params object?[] values) => TellAsync(async () =>
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        return await new Turn(connection, cancel).ReadAsync(sql, read, values);
    });

    public Task<T> WriteAsync<T>(Func<ILocalTurn, Task<T>> work, CancellationToken cancel) => TellAsync(async () =>
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancel);
        var done = await work(new Turn(connection, cancel));
        try
        {
            await transaction.CommitAsync(CancellationToken.None);
        }
        catch (Exception e) when (OfCommit(e) is not null)
        {
            throw OfCommit(e)!;
        }

        return done;
    });

    private sealed class Turn(NpgsqlConnection connection, CancellationToken cancel) : ILocalTurn
    {
        public async Task<IReadOnlyList<T>> ReadAsync<T>(string sql, Func<ICells, T> read, params object?[] values)
        {
            await using var command = Bound(sql, values);
            await using var rows = await command.ExecuteReaderAsync(cancel);
            var cells = new PostgresCells(rows);
            var found = new List<T>();
            while (await rows.ReadAsync(cancel))
                found.Add(read(cells));
            return found;
        }

        public async Task<int> RunAsync(string sql, params object?[] values)
        {
            await using var command = Bound(sql, values);
            return await command.ExecuteNonQueryAsync(cancel);
        }

        private NpgsqlCommand Bound(string sql, object?[] values)
        {
#pragma warning disable CA2100 // texts of this program
            var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
            foreach (var value in values)
            {
                command.Parameters.Add(value switch
                {
                    // Of what kind it is, the statement says.
                    null => new NpgsqlParameter { Value = DBNull.Value, NpgsqlDbType = NpgsqlDbType.Unknown },
                    long number => Of(number),
                    string text => Of(text),
                    byte[] bytes => Of(bytes),
                    _ => throw new ArgumentException($"A value is a {value.GetType().Name}.", nameof(values)),
                });
            }

            return command;
        }
    }
}
