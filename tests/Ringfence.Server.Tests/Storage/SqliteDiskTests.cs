using Ringfence.Server.Storage;
using Xunit;

namespace Ringfence.Server.Tests.Storage;

/// <summary>The disk fails at every single writing, forcing and cutting that a short life of a store takes.</summary>
public sealed class SqliteDiskTests
{
    // More than the life below takes: the last rounds see no fault at all, and end the loop.
    private const int MostOperations = 2000;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(FaultyDisk.Full, false, false)]
    [InlineData(FaultyDisk.Full, true, true)]
    [InlineData(FaultyDisk.WriteFailed, false, false)]
    [InlineData(FaultyDisk.FsyncFailed, true, true)]
    public async Task Wherever_the_disk_fails_what_was_acknowledged_is_there_and_what_was_refused_is_not(int code, bool forGood, bool torn)
    {
        var rounds = 0;
        for (var failAt = 1; failAt < MostOperations; failAt++)
        {
            var disk = new FaultyDisk(code, failAt, forGood, torn);
            await using var home = new SqliteHome(inMemory: true);
            var life = await LiveAsync(home, disk);
            if (!disk.Failed)
                break;
            rounds++;
            Assert.True(life.Ended || !life.Opened || !disk.FailedToForce, $"operation {failAt}: the process goes on though the disk was not forced ({life.Why})");

            // What a start after a crash finds.
            await using var after = await LedgerStores.OpenAsync((await home.CrashAsync()) with { ReadEveryPage = true }, Cancel);
            var size = (await after.LedgersAsync(Cancel)).Count == 0 ? 0 : (await after.HeadAsync(1, Cancel)).Size;
            Assert.InRange(size, life.Acknowledged, life.Acknowledged + (life.Unknown ? life.InFlight : 0));
            Assert.Equal(size, (await after.RecordsAsync(1, 0, long.MaxValue, Cancel).ListAsync()).Count);
            Assert.DoesNotContain(await after.ExamineAsync(Cancel), finding => finding.Verdict == FindingVerdict.Refuse);
        }

        Assert.InRange(rounds, 30, MostOperations - 2);
    }

    private sealed record Life(long Acknowledged, long InFlight, bool Unknown, bool Ended, bool Opened, string Why);

    // Opens a store, makes a ledger, appends, erases, scrubs, makes a checkpoint due.
    private static async Task<Life> LiveAsync(SqliteHome home, FaultyDisk disk)
    {
        var (acknowledged, inFlight, unknown, ended) = (0L, 0L, false, false);
        var why = "no fault was told";
        var options = home.Options with { SqliteFileLayer = disk.Name, EndProcess = _ => ended = true };
        ILedgerStore? store = null;
        try
        {
            store = await LedgerStores.OpenAsync(options, Cancel);
            await store.CreateLedgerAsync(Sample.Ledger(), Cancel);
            foreach (var records in (int[])[1, 3, 40, 2])
            {
                inFlight = records;
                await store.AppendAsync(records, writes => writes.Sealed.Add(new SealedRow(writes.Head.Size - 1, 0, new byte[12], new byte[9000])));
                acknowledged += records;
            }

            inFlight = 0;
            await store.AppendAsync(0, writes => writes.SealedGone.Add(0));
            await store.ScrubFreedAsync(Cancel);
            inFlight = 5;
            await store.AppendAsync(5);
            acknowledged += 5;
        }
        catch (StoreException e)
        {
            unknown = e.Fault == StoreFault.OutcomeUnknown;
            why = $"{e.Fault}: {e.Message}";
        }
        finally
        {
            // Not closed where it was to end: nothing may be written any more.
            if (store is not null && !ended && !disk.Failed)
                await store.DisposeAsync();
        }

        return new Life(acknowledged, inFlight, unknown, ended, store is not null, why);
    }
}
