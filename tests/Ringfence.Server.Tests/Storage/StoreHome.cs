using Microsoft.Data.Sqlite;
using Npgsql;
using Ringfence.Server.Storage;
using Xunit;

namespace Ringfence.Server.Tests.Storage;

/// <summary>A place for a store that nobody else uses, and ways to it that go past the store.</summary>
public abstract class StoreHome : IAsyncDisposable
{
    /// <summary>How a store is opened here.</summary>
    public abstract StoreOptions Options { get; }

    /// <summary>Runs statements as the owner of the database.</summary>
    public abstract Task RunAsync(string sql);

    /// <summary>Runs statements with everything that would refuse them turned off.</summary>
    public abstract Task TamperAsync(string sql);

    /// <summary>The first cell that a question gives.</summary>
    public abstract Task<object?> AskAsync(string sql);

    /// <summary>Whoever has the database open has lost it, as if the program or its machine had died; where it goes on.</summary>
    public abstract Task<StoreOptions> CrashAsync();

    public abstract ValueTask DisposeAsync();
}

/// <summary>A folder of its own.</summary>
/// <param name="inMemory">Where the system has a disk in memory, on that one: for tests that open hundreds of stores and do not need a disk to be slow.</param>
public sealed class SqliteHome(bool inMemory = false) : StoreHome
{
    private const string MemoryDisk = "/dev/shm";

    private readonly string folder = inMemory && Directory.Exists(MemoryDisk)
        ? Directory.CreateDirectory(Path.Combine(MemoryDisk, "ringfence-store-" + Guid.NewGuid().ToString("N"))).FullName
        : Directory.CreateTempSubdirectory("ringfence-store-").FullName;

    public override StoreOptions Options => new() { Folder = Folder, Patience = TimeSpan.FromSeconds(20) };

    public string Folder => Path.Combine(folder, "data");

    public string File => Path.Combine(Folder, StoreOptions.FileName);

    public override async Task RunAsync(string sql)
    {
        using var connection = Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // statements of tests
        command.CommandText = sql;
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    public override async Task TamperAsync(string sql)
    {
        using var connection = Open();
        using var command = connection.CreateCommand();
        command.CommandText = "select name, sql from sqlite_schema where type = 'trigger'";
        var triggers = new List<(string Name, string Sql)>();
        using (var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken))
        {
            while (reader.Read())
                triggers.Add((reader.GetString(0), reader.GetString(1)));
        }

#pragma warning disable CA2100 // statements of tests
        command.CommandText = string.Join(';', [.. triggers.Select(trigger => $"drop trigger {trigger.Name}"), sql, .. triggers.Select(trigger => trigger.Sql)]);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    public override async Task<object?> AskAsync(string sql)
    {
        using var connection = Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // statements of tests
        command.CommandText = sql;
#pragma warning restore CA2100
        return await command.ExecuteScalarAsync(TestContext.Current.CancellationToken);
    }

    public override Task<StoreOptions> CrashAsync()
    {
        var other = Directory.CreateDirectory(Path.Combine(folder, Guid.NewGuid().ToString("N"))).FullName;
        foreach (var name in (string[])["ringfence.db", "ringfence.db-wal", "ringfence.db-journal"])
        {
            if (!Path.Exists(Path.Combine(Folder, name)))
                continue;
            using var from = new FileStream(Path.Combine(Folder, name), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var to = System.IO.File.Create(Path.Combine(other, name));
            from.CopyTo(to);
        }

        return Task.FromResult(Options with { Folder = other });
    }

    public override ValueTask DisposeAsync()
    {
        Directory.Delete(folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = File, Pooling = false }.ToString());
        connection.Open();
        return connection;
    }
}

/// <summary>A database of its own in the cluster that <c>RINGFENCE_TEST_POSTGRES</c> names.</summary>
public sealed class PostgresHome : StoreHome
{
    public const string Variable = "RINGFENCE_TEST_POSTGRES";
    public const string Wanting = $"No PostgreSQL: ./check starts one of its own, or set {Variable} to the connection string of one in which databases may be made.";

    private readonly string name = "ringfence_test_" + Guid.NewGuid().ToString("N");

    private PostgresHome()
    {
    }

    public static string? Cluster => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } connection ? connection : null;

    public override StoreOptions Options => new() { Connection = Connection, Patience = TimeSpan.FromSeconds(20) };

    public string Name => name;

    public string Connection => new NpgsqlConnectionStringBuilder(Cluster!) { Database = name, Pooling = true, MaxPoolSize = 20 }.ToString();

    public static async Task<PostgresHome> MakeAsync()
    {
        Assert.SkipWhen(Cluster is null, Wanting);
        var home = new PostgresHome();
        await ExecuteAsync(Cluster!, $"create database {home.name}");
        return home;
    }

    public override Task RunAsync(string sql) => ExecuteAsync(Plain, sql);

    public override Task TamperAsync(string sql) => ExecuteAsync(Plain, $"set session_replication_role = replica; {sql}");

    public override async Task<object?> AskAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(Plain);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
#pragma warning disable CA2100 // statements of tests
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        return await command.ExecuteScalarAsync(TestContext.Current.CancellationToken);
    }

    public override async Task<StoreOptions> CrashAsync()
    {
        await ExecuteAsync(Cluster!, $"select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = '{name}'");
        return Options;
    }

    public override async ValueTask DisposeAsync()
    {
        await ExecuteAsync(Cluster!, $"drop database if exists {name} with (force)");
        await ExecuteAsync(Cluster!, $"drop role if exists ringfence_at_{name}");
    }

    private string Plain => new NpgsqlConnectionStringBuilder(Connection) { Pooling = false }.ToString();

    /// <summary>Runs a statement on a connection of its own.</summary>
    public static async Task ExecuteAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ToString());
        await connection.OpenAsync();
#pragma warning disable CA2100 // statements of tests
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync();
    }
}
