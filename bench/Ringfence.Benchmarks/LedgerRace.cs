using System.Diagnostics;
using System.Globalization;
using Microsoft.Data.Sqlite;
using Npgsql;
using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Numbers;
using Ringfence.People;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;
using Ringfence.Server.Suppression;

namespace Ringfence.Benchmarks;

/// <summary>Withdrawals that are acknowledged once they are durable, with many clients at once, beside the same store doing one plain insert for each commit.</summary>
internal static class LedgerRace
{
    private const int Clients = 64;
    private const int Rounds = 3;
    private static readonly TimeSpan Lasts = TimeSpan.FromSeconds(5);

    /// <param name="folder">On the disk that is to be tried; null: the system's temporary one.</param>
    /// <param name="least">How long SQLite is to wait for its disk at least, in milliseconds; null: as long as that takes.</param>
    public static int Run(string? folder, double? least)
    {
        RunAsync(folder ?? Path.GetTempPath(), least).GetAwaiter().GetResult();
        return 0;
    }

    private static async Task RunAsync(string within, double? least)
    {
        if (least is { } milliseconds)
            SlowDisk.Register(TimeSpan.FromMilliseconds(milliseconds));
        var layer = least is null ? null : SlowDisk.Name;
        var folder = Directory.CreateDirectory(Path.Combine(within, "ringfence-bench-" + Guid.NewGuid().ToString("N"))).FullName;
        try
        {
            Console.WriteLine($"fsync of 4 KiB: {Fsync(folder):0.000} ms{(least is null ? "" : $"; SQLite waits {least:0.###} ms at least")}; {Load()}");
            await RaceAsync("SQLite", new StoreOptions { Folder = Path.Combine(folder, "data"), SqliteFileLayer = layer }, folder, () => PlainSqlite(folder, layer));
            if (Environment.GetEnvironmentVariable("RINGFENCE_TEST_POSTGRES") is { Length: > 0 } connection)
            {
                var own = await NewDatabaseAsync(connection);
                await RaceAsync("PostgreSQL", new StoreOptions { Connection = own }, Path.Combine(folder, "pg"), () => PlainPostgres(own));
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task RaceAsync(string name, StoreOptions store, string folder, Func<double> plain)
    {
        Directory.CreateDirectory(folder);
        var options = new InstallationOptions(store, Path.Combine(folder, "data"), Path.Combine(folder, "keys")) { Environment = static _ => null };
        await using var installation = await Installation.OpenAsync(options, TimeProvider.System, CancellationToken.None);
        var ledger = await installation.AddControllerAsync("bench", "ledger.example/bench", Party, CancellationToken.None);
        var writer = await installation.WriterAsync(ledger, CancellationToken.None);
        var next = 0;
        for (var round = 1; round <= Rounds; round++)
        {
            var one = plain();
            var watch = Stopwatch.StartNew();
            var busy = Environment.CpuUsage.TotalTime;
            var done = 0L;
            await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => Task.Run(async () =>
            {
                while (watch.Elapsed < Lasts)
                {
                    // Fictitious and real ranges alike: only the spelling matters here.
                    var number = "+1212" + Interlocked.Increment(ref next).ToString("2000000", CultureInfo.InvariantCulture);
                    if (!ContactPoint.TryRead(number, Region.None, out var point))
                        continue;
                    await writer.DoAsync(
                        new WithdrawCommand(
                            new Actor(ActorKind.Client, "bench"), [installation.TagsOf(point)], SuppressionScope.Everything,
                            new RefusalFacts(SuppressedBy.Person, SuppressionKind.Suppression, "api")),
                        CancellationToken.None);
                    Interlocked.Increment(ref done);
                }
            })));
            var rate = done / watch.Elapsed.TotalSeconds;
            var each = (Environment.CpuUsage.TotalTime - busy).TotalMicroseconds / done;
            Console.WriteLine(
                $"{name} round {round}: {rate:N0} acknowledged withdrawals/s with {Clients} clients; one plain insert per commit {one:N0}/s; {rate / one:0.0} times; {each:0} us of processor time each; {Load()}");
        }
    }

    // The disk's own limit, so that figures of different machines can be told apart.
    private static double Fsync(string folder)
    {
        const int times = 200;
        using var file = new FileStream(Path.Combine(folder, "fsync"), FileMode.Create, FileAccess.Write);
        var page = new byte[4096];
        var watch = Stopwatch.StartNew();
        for (var i = 0; i < times; i++)
        {
            file.Write(page);
            file.Flush(flushToDisk: true);
        }

        return watch.Elapsed.TotalMilliseconds / times;
    }

    // How many want a processor, so that a figure of a busy machine is not taken for one of a quiet one.
    private static string Load() => "load " + (File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "unknown");

    private static double PlainSqlite(string folder, string? layer)
    {
        var path = Path.Combine(folder, "plain.db");
        foreach (var file in (string[])[path, path + "-wal", path + "-shm"])
            File.Delete(file);
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = $"file:{path}{(layer is null ? "" : "?vfs=" + layer)}", Pooling = false }.ToString());
        connection.Open();
        Execute("pragma journal_mode=wal");
        Execute("pragma synchronous=extra");
        Execute("create table t(id integer primary key, body blob)");
        using var insert = connection.CreateCommand();
        insert.CommandText = "insert into t(body) values($b)";
        insert.Parameters.AddWithValue("$b", new byte[300]);
        return Rate(() => insert.ExecuteNonQuery());

        void Execute(string sql)
        {
            using var command = connection.CreateCommand();
            command.CommandText = sql;
            command.ExecuteNonQuery();
        }
    }

    private static double PlainPostgres(string connectionString)
    {
        using var source = NpgsqlDataSource.Create(connectionString);
        using var connection = source.OpenConnection();
        using (var create = new NpgsqlCommand("create table if not exists plain_insert(id bigserial primary key, body bytea)", connection))
            create.ExecuteNonQuery();
        using var insert = new NpgsqlCommand("insert into plain_insert(body) values($1)", connection);
        insert.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = new byte[300] });
        insert.Prepare();
        return Rate(() => insert.ExecuteNonQuery());
    }

    private static double Rate(Func<int> once)
    {
        var watch = Stopwatch.StartNew();
        var done = 0;
        while (watch.Elapsed < Lasts / 2)
            done += once();
        return done / watch.Elapsed.TotalSeconds;
    }

    private static async Task<string> NewDatabaseAsync(string connection)
    {
        var name = "ringfence_bench_" + Guid.NewGuid().ToString("N");
        await using var source = NpgsqlDataSource.Create(connection);
        await using var create = source.CreateCommand($"create database {name}");
        await create.ExecuteNonQueryAsync();
        return new NpgsqlConnectionStringBuilder(connection) { Database = name }.ToString();
    }

    private static PartyDocument Party => PartyDocument.Read("party.yaml", """
        format: ringfence/party/v1
        id: bench
        kind: controller
        name: Bench Ltd
        address: 1 Example Street, London
        country: GB
        contact: { email: privacy@bench.example }
        """);
}
