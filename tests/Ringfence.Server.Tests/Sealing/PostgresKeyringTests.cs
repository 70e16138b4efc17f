using Npgsql;
using Ringfence.Server.Sealing;
using Xunit;

namespace Ringfence.Server.Tests.Sealing;

/// <summary>On a server that the environment names: its connection string in <c>RINGFENCE_TEST_POSTGRES</c>. Each test has a database of its own.</summary>
public sealed class PostgresKeyringTests : KeyringContract
{
    private static readonly string? Server = Environment.GetEnvironmentVariable("RINGFENCE_TEST_POSTGRES");

    private readonly string database = "ringfence_keyring_" + Guid.NewGuid().ToString("n");

    public PostgresKeyringTests()
    {
        if (string.IsNullOrEmpty(Server))
        {
            Folder.Dispose(); // nobody disposes of what was never made whole
            Assert.Skip("no PostgreSQL: RINGFENCE_TEST_POSTGRES is not set");
        }

        OnServer("CREATE DATABASE " + database);
    }

    private string Connection => new NpgsqlConnectionStringBuilder(Server) { Database = database, Pooling = false }.ToString();

    public override void Dispose()
    {
        OnServer($"DROP DATABASE IF EXISTS {database} WITH (FORCE)");
        base.Dispose();
    }

    [Fact]
    public async Task A_server_that_acknowledges_before_it_wrote_is_refused() =>
        Assert.Equal(["synchronous_commit", "off"], (await Keys.RefusedAsync("not-durable", () => PostgresKeyringStore.OpenAsync(Connection + ";Options=-c synchronous_commit=off", create: true, Keys.Cancel))).Arguments);

    [Fact]
    public async Task The_database_of_the_ledger_is_refused()
    {
        await MeddleAsync("CREATE TABLE ledger_record (seq bigint)");
        await Keys.RefusedAsync("not-apart", () => StoreAsync(create: true));
    }

    [Fact]
    public async Task A_database_of_something_else_is_refused_and_left_as_it_is()
    {
        await MeddleAsync("CREATE TABLE dek (n bigint)");
        await Keys.RefusedAsync("not-ours", () => StoreAsync(create: true));
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_told_without_its_password()
    {
        var refusal = await Keys.RefusedAsync("failed", () => PostgresKeyringStore.OpenAsync("Host=127.0.0.1;Port=1;Username=u;Password=hunter2;Database=d", create: false, Keys.Cancel));
        Assert.DoesNotContain("hunter2", refusal.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nodes_that_start_at_once_make_one_keyring()
    {
        var stores = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => StoreAsync(create: true)));
        Assert.Single(stores.Select(static store => store.Id).Distinct());
        foreach (var store in stores)
            await store.DisposeAsync();
    }

    private protected override async Task<KeyringStore> StoreAsync(bool create) => await PostgresKeyringStore.OpenAsync(Connection, create, Keys.Cancel);

    protected override async Task MeddleAsync(string sql) => await Task.Run(() => Run(Connection, sql), Keys.Cancel);

    private static void OnServer(string sql)
    {
        if (!string.IsNullOrEmpty(Server))
            Run(Server, sql);
    }

    private static void Run(string connection, string sql)
    {
        using var source = NpgsqlDataSource.Create(connection);
        using var run = source.CreateCommand(sql);
        run.ExecuteNonQuery();
    }
}
