using System.Text;
using Npgsql;
using Ringfence.Server.Storage;
using Ringfence.Server.Storage.Postgres;
using Xunit;

namespace Ringfence.Server.Tests.Storage;

/// <summary>What the program is told when the server, the line or another program gets in the way.</summary>
public sealed class PostgresFaultTests : IAsyncLifetime
{
    private PostgresHome? home;
    private ILedgerStore? store;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        home = await PostgresHome.MakeAsync();
        store = await LedgerStores.OpenAsync(home.Options with { Patience = TimeSpan.FromSeconds(3) }, Cancel);
        await store.CreateLedgerAsync(Sample.Ledger(), Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        if (store is not null)
            await store.DisposeAsync();
        if (home is not null)
            await home.DisposeAsync();
    }

    [Theory]
    [InlineData("40001", false, StoreFault.Conflict)]
    [InlineData("40P01", false, StoreFault.Conflict)]
    [InlineData("23505", false, StoreFault.Conflict)]
    [InlineData("XX000", false, StoreFault.Conflict)]
    [InlineData("57P01", false, StoreFault.OutOfReach)]
    [InlineData("08006", false, StoreFault.OutOfReach)]
    [InlineData("57014", false, StoreFault.OutOfReach)]
    [InlineData("53300", false, StoreFault.OutOfReach)]
    [InlineData("53100", false, StoreFault.Full)]
    [InlineData("25006", false, StoreFault.Full)]
    [InlineData("XX001", false, StoreFault.Damaged)]
    [InlineData("42P01", false, StoreFault.Foreign)]
    [InlineData("40001", true, StoreFault.Conflict)]
    [InlineData("40P01", true, StoreFault.Conflict)]
    [InlineData("23505", true, StoreFault.OutcomeUnknown)]
    [InlineData("XX000", true, StoreFault.OutcomeUnknown)]
    [InlineData("57P01", true, StoreFault.OutcomeUnknown)]
    [InlineData("08006", true, StoreFault.OutcomeUnknown)]
    [InlineData("53100", true, StoreFault.OutcomeUnknown)]
    public void A_code_of_the_server_has_its_fault(string state, bool inCommit, StoreFault fault)
    {
        var e = new PostgresException("a row (+442079460000) that nobody shall read", "ERROR", "ERROR", state);
        var told = Assert.IsType<StoreException>(inCommit ? PostgresFaults.OfCommit(e) : PostgresFaults.Of(e));
        Assert.Equal(fault, told.Fault);
        Assert.DoesNotContain("44207", told.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, 3)]
    public async Task A_line_cut_during_the_commit_leaves_open_whether_it_was_done(bool before, long size)
    {
        using var line = new CutLine(home!.Connection, sent => Says(sent, "COMMIT\0") ? (before ? CutLine.Cut.Before : CutLine.Cut.After) : CutLine.Cut.No);
        // A start that finds its tables commits nothing.
        await using var far = await LedgerStores.OpenAsync(home.Options with { Connection = new NpgsqlConnectionStringBuilder(line.Connection) { MaxPoolSize = 5 }.ToString() }, Cancel);
        Assert.Equal(StoreFault.OutcomeUnknown, await Sample.FaultAsync(() => far.AppendAsync(3)));
        Assert.True(line.Broken);
        Assert.Equal(size, (await store!.HeadAsync(1, Cancel)).Size);
        await store.AppendAsync();
    }

    [Fact]
    public async Task A_line_cut_before_the_commit_leaves_nothing()
    {
        using var line = new CutLine(home!.Connection, sent => Says(sent, "insert into ledger_record") ? CutLine.Cut.After : CutLine.Cut.No);
        await using var far = await LedgerStores.OpenAsync(home.Options with { Connection = line.Connection }, Cancel);
        Assert.Equal(StoreFault.OutOfReach, await Sample.FaultAsync(() => far.AppendAsync(3)));
        Assert.Equal(0, (await store!.HeadAsync(1, Cancel)).Size);
        await store.AppendAsync();
    }

    [Fact]
    public async Task A_server_that_ends_the_session_leaves_nothing()
    {
        var transaction = await store!.BeginAsync(1, Cancel);
        await home!.CrashAsync();
        Assert.Equal(StoreFault.OutOfReach, await Sample.FaultAsync(() => transaction.CommitAsync(Sample.Writes(transaction.Head), Cancel)));
        await transaction.DisposeAsync();
        // Connections that the pool still holds are gone too; soon it has new ones.
        for (var i = 0; i < 20; i++)
        {
            try
            {
                Assert.Equal(0, (await store.HeadAsync(1, Cancel)).Size);
                break;
            }
            catch (StoreException e)
            {
                Assert.Equal(StoreFault.OutOfReach, e.Fault);
            }
        }

        await store.AppendAsync();
    }

    [Theory]
    [InlineData("raise exception 'no'", StoreFault.OutcomeUnknown)]
    [InlineData("raise exception 'no' using errcode = '40001'", StoreFault.Conflict)]
    [InlineData("raise warning 'a standby is not waited for'", StoreFault.OutcomeUnknown)]
    [InlineData("perform pg_sleep(60)", StoreFault.OutcomeUnknown)]
    public async Task A_commit_that_does_not_simply_succeed_is_not_acknowledged(string atCommit, StoreFault fault)
    {
        await home!.RunAsync(
            $"create function late() returns trigger language plpgsql as $$ begin {atCommit}; return null; end $$; " +
            "create constraint trigger late after insert on ledger_record deferrable initially deferred for each row execute function late()");
        Assert.Equal(fault, await Sample.FaultAsync(() => store!.AppendAsync()));
    }

    [Fact]
    public async Task Settings_are_looked_at_in_every_transaction()
    {
        await store!.AppendAsync();
        await home!.RunAsync(
            "create function weaken() returns trigger language plpgsql as $$ begin perform set_config('synchronous_commit', 'off', true); return new; end $$; " +
            "create trigger weaken before update on ledger_head for each row execute function weaken()");
        Assert.Equal(StoreFault.NotDurable, await Sample.FaultAsync(() => store!.BeginAsync(1, Cancel)));
    }

    [Fact]
    public async Task A_program_that_is_not_heard_of_again_holds_nobody_up_for_long()
    {
        await using var patient = await LedgerStores.OpenAsync(home!.Options, Cancel);
        await using var silent = await store!.BeginAsync(1, Cancel);
        Assert.Equal(1, (await patient.AppendAsync()).Size);
        // It finds out when it comes back.
        Assert.Equal(StoreFault.OutOfReach, await Sample.FaultAsync(() => silent.CommitAsync(Sample.Writes(silent.Head), Cancel)));
        Assert.Equal(1, (await patient.HeadAsync(1, Cancel)).Size);
    }

    [Fact]
    public async Task Whoever_waits_too_long_for_the_head_is_told()
    {
        await using var other = await LedgerStores.OpenAsync(home!.Options, Cancel);
        await using var holder = await other.BeginAsync(1, Cancel);
        Assert.Equal(StoreFault.OutOfReach, await Sample.FaultAsync(() => store!.BeginAsync(1, Cancel)));
        await holder.CommitAsync(Sample.Writes(holder.Head), Cancel);
        await holder.DisposeAsync();
        Assert.Equal(2, (await store!.AppendAsync()).Size);
    }

    [Fact]
    public async Task Two_programs_make_one_order_without_gaps()
    {
        await using var other = await LedgerStores.OpenAsync(home!.Options, Cancel);
        ILedgerStore[] stores = [store!, other];
        await Task.WhenAll(Enumerable.Range(0, 8).Select(writer => Task.Run(async () =>
        {
            for (var i = 0; i < 12; i++)
                await stores[writer % 2].AppendAsync(1 + ((writer + i) % 3));
        }, Cancel)));
        Assert.Equal(Enumerable.Range(0, 192).Select(seq => (long)seq), (await other.RecordsAsync(1, 0, long.MaxValue, Cancel).ListAsync()).Select(row => row.Seq));
        Assert.Equal(192, (await store!.HeadAsync(1, Cancel)).Size);
    }

    [Fact]
    public async Task Two_ledgers_are_written_at_the_same_time()
    {
        await store!.CreateLedgerAsync(Sample.Ledger(2), Cancel);
        await using var one = await store.BeginAsync(1, Cancel);
        await using var two = await store.BeginAsync(2, Cancel);
        await two.CommitAsync(Sample.Writes(two.Head), Cancel);
        await one.CommitAsync(Sample.Writes(one.Head), Cancel);
    }

    private static bool Says(byte[] sent, string words) => sent.AsSpan().IndexOf(Encoding.ASCII.GetBytes(words)) >= 0;
}
