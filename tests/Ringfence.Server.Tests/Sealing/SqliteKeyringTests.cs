using Microsoft.Data.Sqlite;
using Ringfence.Server.Sealing;
using Xunit;

namespace Ringfence.Server.Tests.Sealing;

public sealed class SqliteKeyringTests : KeyringContract
{
    private string Place => Folder.In("keyring");

    private string Db => Folder.In("keyring", "keyring.db");

    [Fact]
    public async Task A_second_process_is_refused_while_the_first_has_the_keyring()
    {
        await using var first = await StoreAsync(create: true);
        await Keys.RefusedAsync("busy", () => StoreAsync(create: false));
        await first.DisposeAsync();
        await using var second = await StoreAsync(create: false);
    }

    [Fact]
    public async Task Every_file_of_the_keyring_is_its_owners_alone()
    {
        await using var store = await StoreAsync(create: true);
        await store.AddAsync([(Keys.NewSid(), new byte[KeyringStore.WrappedBytes])], new Kid(Keys.Day(0)), Keys.Cancel);
        Assert.Equal(["keyring.db", "keyring.db-shm", "keyring.db-wal", "keyring.lock"], Directory.GetFiles(Place).Select(Path.GetFileName).Order());
        Assert.All(Directory.GetFiles(Place), static file => Assert.Equal(DurableFile.OwnerOnly, Modes.Of(file)));
    }

    [Fact]
    public async Task A_keyring_that_others_may_read_is_refused()
    {
        await (await StoreAsync(create: true)).DisposeAsync();
        Modes.Set(Db, DurableFile.OwnerOnly | UnixFileMode.GroupRead);
        await Keys.RefusedAsync("too-open", () => StoreAsync(create: false));
    }

    [Theory]
    [InlineData("not a database, but long enough to be taken for one ............................................................................................................")]
    [InlineData("SQLite format 3\0 and then nothing of the kind ....................................................................................................................")]
    public async Task A_file_that_is_no_database_is_refused_and_left_as_it_is(string content)
    {
        DurableFile.MakeFolder(Place);
        DurableFile.Create(Db, System.Text.Encoding.UTF8.GetBytes(content));
        await Keys.RefusedAsync("not-ours", () => StoreAsync(create: true));
        Assert.Equal(content, await File.ReadAllTextAsync(Db, Keys.Cancel));
    }

    [Theory]
    [InlineData("PRAGMA application_id = 1")]
    [InlineData("PRAGMA user_version = 2")]
    public async Task A_database_of_something_else_or_of_a_later_version_is_refused(string change)
    {
        await (await StoreAsync(create: true)).DisposeAsync();
        await MeddleAsync(change);
        await Keys.RefusedAsync("not-ours", () => StoreAsync(create: true));
    }

    [Fact]
    public void A_store_that_does_not_keep_what_it_acknowledged_is_refused()
    {
        using var memory = new SqliteConnection("Data Source=:memory:");
        memory.Open();
        Assert.Equal(["journal_mode", "memory"], Keys.Refused("not-durable", () => SqliteKeyringStore.RequireDurable(memory)).Arguments);
    }

    [Fact]
    public async Task Keys_are_destroyed_though_another_program_reads_but_it_is_told_that_a_trace_is_left()
    {
        var sid = Keys.NewSid();
        await using var store = await StoreAsync(create: true);
        await store.AddAsync([(sid, new byte[KeyringStore.WrappedBytes])], new Kid(Keys.Day(0)), Keys.Cancel);
        using (var other = new SqliteConnection($"Data Source={Db};Mode=ReadOnly;Pooling=False"))
        {
            other.Open();
            using var reading = other.BeginTransaction(deferred: true);
            using var read = other.CreateCommand();
            read.CommandText = "SELECT count(*) FROM dek";
            read.ExecuteScalar();
            await Keys.RefusedAsync("not-truncated", async () => await store.DestroyAsync([sid], Keys.Cancel));
        }

        Assert.True((await store.FindAsync(sid, Keys.Cancel)).Destroyed);
        await store.DestroyAsync([sid], Keys.Cancel);
        Assert.Equal(0, new FileInfo(Db + "-wal").Length);
    }

    private protected override Task<KeyringStore> StoreAsync(bool create) => Task.FromResult<KeyringStore>(SqliteKeyringStore.Open(Place, create));

    protected override async Task MeddleAsync(string sql)
    {
        await using var connection = new SqliteConnection($"Data Source={Db};Pooling=False");
        await connection.OpenAsync(Keys.Cancel);
        await using var meddle = connection.CreateCommand();
#pragma warning disable CA2100 // statements of this test
        meddle.CommandText = sql;
#pragma warning restore CA2100
        await meddle.ExecuteNonQueryAsync(Keys.Cancel);
    }
}
