using System.Globalization;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using NodaTime.Text;
using Npgsql;
using Ringfence.Gate;
using Ringfence.Server.Gate.Snapshot;
using Ringfence.Server.Hosting;
using Ringfence.Server.Staff;
using Ringfence.Server.Webhooks;
using Ringfence.Webhooks;

namespace Ringfence.Benchmarks;

/// <summary>The HTTP API over made-up contacts at an hour at which they may be contacted, with one more endpoint, which does for each request what a program without a ledger would: one statement that counts and writes, committed by itself.</summary>
internal static class PermitHost
{
    private const int Cap = 4;

    public static async Task<int> Run(string folder, int contacts, string? connection)
    {
        var time = new ShiftedTime(InstantPattern.General.Parse(HttpHost.At).Value.ToDateTimeOffset() - DateTimeOffset.UtcNow);
        var (installation, key) = await HttpHost.FillAsync(folder, contacts, connection, time, ApiScopes.Decide | ApiScopes.Permit);
        await using (installation)
        {
            using var sender = new WebhookSender(WebhookReach.Internet, time);
            var served = new Served(installation, ContactGate.Shipped, StandingFacts.Read("facts.yaml", Repository.Sample("standing-facts.yaml"))) { Webhooks = sender };
            using var plain = connection is null ? (IPlain)new PlainSqlite(Path.Combine(folder, "plain.db")) : new PlainPostgres(connection);
            ApiRoute statement = new("POST", "plain", ApiScopes.Permit, async call =>
            {
                await plain.WriteAsync(NumberIn(call.Body.Span));
                return new ApiAnswer(201, "{}"u8.ToArray());
            });
            await using var app = ApiHost.Build(served, [.. ApiRoutes.All, statement], "http://127.0.0.1:0");
            using var stop = new CancellationTokenSource();
            var snapshots = Task.Run(() => new Snapshots(installation).RunAsync(stop.Token));
            await app.StartAsync();
            var ledger = (await installation.NewestLedgersAsync(default))[0];
            while (installation.Snapshots?.Of(ledger) is not { IsWhole: true, Marked: 0 })
                await Task.Delay(50);
            Console.WriteLine($"{app.Urls.Single()} {key}");
            // Until whoever started it has seen enough.
            while (await Console.In.ReadLineAsync() is { Length: > 0 })
                Console.WriteLine((await installation.Store.PermitsAsync(ledger.Ledger, default).CountAsync()).ToString(CultureInfo.InvariantCulture));
            await app.StopAsync();
            await stop.CancelAsync();
            await snapshots;
        }

        return 0;
    }

    private static string NumberIn(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body);
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("to"u8) && reader.Read())
                return reader.GetString()!;
        }

        throw new FormatException("It names nobody.");
    }

    private sealed class ShiftedTime(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + by;
    }

    private interface IPlain : IDisposable
    {
        Task WriteAsync(string number);
    }

    // SQLite has one writer, so whoever writes waits for it.
    private sealed class PlainSqlite : IPlain
    {
        private readonly SemaphoreSlim turn = new(1, 1);
        private readonly SqliteConnection connection;
        private readonly SqliteCommand insert;

        public PlainSqlite(string path)
        {
            connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
            connection.Open();
            foreach (var sql in (ReadOnlySpan<string>)["pragma journal_mode=wal", "pragma synchronous=extra", "create table plain_permit(id blob primary key, number text not null, at integer not null)", "create index plain_permit_number on plain_permit(number, at)"])
            {
                using var command = connection.CreateCommand();
                command.CommandText = sql;
                command.ExecuteNonQuery();
            }

            insert = connection.CreateCommand();
            insert.CommandText = $"insert into plain_permit(id, number, at) select $id, $number, $at where (select count(*) from plain_permit where number = $number) < {Cap}";
            foreach (var name in (ReadOnlySpan<string>)["$id", "$number", "$at"])
                insert.Parameters.AddWithValue(name, DBNull.Value);
        }

        public async Task WriteAsync(string number)
        {
            await turn.WaitAsync();
            try
            {
                (insert.Parameters[0].Value, insert.Parameters[1].Value, insert.Parameters[2].Value) = (Guid.NewGuid().ToByteArray(), number, Environment.TickCount64);
                insert.ExecuteNonQuery();
            }
            finally
            {
                turn.Release();
            }
        }

        public void Dispose()
        {
            insert.Dispose();
            connection.Dispose();
            turn.Dispose();
        }
    }

    private sealed class PlainPostgres : IPlain
    {
        private readonly NpgsqlDataSource source;

        public PlainPostgres(string connection)
        {
            source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connection) { MaxPoolSize = 64, MaxAutoPrepare = 4, AutoPrepareMinUsages = 1 }.ToString());
            using var create = source.CreateCommand("create table plain_permit(id bytea primary key, number text not null, at bigint not null); create index on plain_permit(number, at)");
            create.ExecuteNonQuery();
        }

        public async Task WriteAsync(string number)
        {
            await using var insert = source.CreateCommand($"insert into plain_permit(id, number, at) select $1, $2, $3 where (select count(*) from plain_permit where number = $2) < {Cap}");
            insert.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = Guid.NewGuid().ToByteArray() });
            insert.Parameters.Add(new NpgsqlParameter<string> { TypedValue = number });
            insert.Parameters.Add(new NpgsqlParameter<long> { TypedValue = Environment.TickCount64 });
            await insert.ExecuteNonQueryAsync();
        }

        public void Dispose() => source.Dispose();
    }
}
