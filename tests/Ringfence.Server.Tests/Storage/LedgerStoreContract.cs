using Ringfence.Server.Storage;
using Xunit;

namespace Ringfence.Server.Tests.Storage;

/// <summary>What every store has to do. One suite, run on each.</summary>
public abstract partial class LedgerStoreContract : IAsyncLifetime
{
    private StoreHome? home;
    private ILedgerStore? store;

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    protected StoreHome Home => home!;

    protected ILedgerStore Store => store!;

    public async ValueTask InitializeAsync()
    {
        home = await MakeHomeAsync();
        store = await LedgerStores.OpenAsync(home.Options, Cancel);
        await store.CreateLedgerAsync(Sample.Ledger(), Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        if (store is not null)
            await store.DisposeAsync();
        if (home is not null)
            await home.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_new_ledger_is_empty()
    {
        Sample.Same([new HeadRow(0, 0, [])], [await Store.HeadAsync(1, Cancel)]);
        Assert.Empty(await Store.RecordsAsync(1, 0, long.MaxValue, Cancel).ListAsync());
        Assert.Empty(await Store.LeavesAsync(1, 0, long.MaxValue, Cancel));
        Assert.Empty(await Store.TilesAsync(1, Cancel).ListAsync());
        Assert.Empty(await Store.CheckpointsAsync(1, 0, Cancel).ListAsync());
        Assert.Null(await Store.CheckpointAsync(1, long.MaxValue, Cancel));
        Assert.Null(await Store.TileAsync(1, 0, 0, Cancel));
    }

    [Fact]
    public async Task What_is_counted_begins_anew_with_each_period_and_never_goes_back()
    {
        Assert.Equal((5, 3), await Store.CountAsync(1, "a", 5, 3, Cancel));
        Assert.Equal((5, 7), await Store.CountAsync(1, "a", 5, 4, Cancel));
        Assert.Equal((5, 2), await Store.CountAsync(1, "b", 5, 2, Cancel));
        Assert.Equal((6, 1), await Store.CountAsync(1, "a", 6, 1, Cancel));
        // Whose clock is behind counts in the later one.
        Assert.Equal((6, 2), await Store.CountAsync(1, "a", 5, 1, Cancel));
    }

    [Fact]
    public async Task Ledgers_are_listed_by_number()
    {
        var other = new LedgerRow(-5, "brand-1", "ledger.example/brand-1/e2", 1, 4, 2);
        await Store.CreateLedgerAsync(other, Cancel);
        Sample.Same([other, Sample.Ledger()], await Store.LedgersAsync(Cancel));
    }

    [Theory]
    [InlineData(1, "other", "other/e1", 0, 1)]
    [InlineData(2, "brand-1", "other/e1", 0, 1)]
    [InlineData(2, "other", "ledger.example/brand-1/e1", 0, 1)]
    public async Task A_ledger_whose_number_place_or_origin_is_in_use_is_not_made(long id, string controller, string origin, int lane, int epoch)
    {
        Assert.Equal(StoreFault.Taken, await Sample.FaultAsync(() => Store.CreateLedgerAsync(new LedgerRow(id, controller, origin, lane, 1, epoch), Cancel)));
        Assert.Single(await Store.LedgersAsync(Cancel));
        await Store.AppendAsync();
    }

    [Fact]
    public async Task A_ledger_that_is_not_there_is_told_of()
    {
        Assert.Equal(StoreFault.NoLedger, await Sample.FaultAsync(() => Store.BeginAsync(7, Cancel)));
        Assert.Equal(StoreFault.NoLedger, await Sample.FaultAsync(() => Store.HeadAsync(7, Cancel)));
        Assert.Equal(StoreFault.NoLedger, await Sample.FaultAsync(() => Store.AddCheckpointAsync(7, new CheckpointRow(1, Sample.Tag(1), [1]), Cancel)));
        Assert.Equal(StoreFault.NoLedger, await Sample.FaultAsync(() => Store.ReplaceProjectionsAsync(7, AsyncEnumerable.Empty<ProjectionRows>(), Cancel)));
        await Store.AppendAsync();
    }

    [Fact]
    public async Task What_is_committed_is_there_after_opening_anew()
    {
        var head = await Store.AppendAsync(3, writes => writes.Tiles.Add(Sample.Tile(0, 0)));
        await Store.DisposeAsync();
        store = await LedgerStores.OpenAsync(Home.Options, Cancel);
        Sample.Same([head], [await Store.HeadAsync(1, Cancel)]);
        Sample.Same([Sample.Record(0), Sample.Record(1), Sample.Record(2)], await Store.RecordsAsync(1, 0, 100, Cancel).ListAsync());
        Sample.Same([Sample.Tile(0, 0)], await Store.TilesAsync(1, Cancel).ListAsync());
    }

    [Fact]
    public async Task After_a_crash_in_the_middle_of_a_transaction_all_before_it_is_there_and_nothing_of_it()
    {
        var head = await Store.AppendAsync(5);
        var transaction = await Store.BeginAsync(1, Cancel);
        await using var survivor = await LedgerStores.OpenAsync(await Home.CrashAsync(), Cancel);
        Sample.Same([head], [await survivor.HeadAsync(1, Cancel)]);
        Assert.Equal(5, (await survivor.RecordsAsync(1, 0, 100, Cancel).ListAsync()).Count);
        await survivor.AppendAsync();
        await transaction.DisposeAsync();
    }

    [Fact]
    public void A_store_says_what_it_is_without_a_password()
    {
        Assert.Matches("^(SQLite|PostgreSQL) [0-9]+[.][0-9]", Store.Description);
        Assert.DoesNotContain("password", Store.Description, StringComparison.OrdinalIgnoreCase);
    }

    protected abstract Task<StoreHome> MakeHomeAsync();
}

/// <summary>The embedded store.</summary>
public sealed class SqliteStoreTests : LedgerStoreContract
{
    protected override Task<StoreHome> MakeHomeAsync() => Task.FromResult<StoreHome>(new SqliteHome());
}

/// <summary>PostgreSQL.</summary>
public sealed class PostgresStoreTests : LedgerStoreContract
{
    protected override async Task<StoreHome> MakeHomeAsync() => await PostgresHome.MakeAsync();
}
