using System.Diagnostics;
using System.Net;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;
using Ringfence.Server.Suppression;
using Ringfence.Server.Tests.Ledger;
using Xunit;

namespace Ringfence.Server.Tests.Storage;

/// <summary>The database dies under the program, or is not there: what was acknowledged stays, the rest is said to be not, and when it is back all goes on.</summary>
public sealed class StoreAwayTests : IDisposable
{
    private const int CountsOfARound = 1 << 16;

    private readonly string folder = Directory.CreateTempSubdirectory("rf-away-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_database_that_is_killed_under_load_loses_nothing_that_was_acknowledged_and_the_same_program_goes_on_with_it()
    {
        await using var own = await OwnPostgres.StartNewAsync();
        var aftermath = new Aftermath(folder, own.Connection);
        var random = new Random(7);
        var (kills, acknowledged, told) = (0, 0, 0);
        for (var round = 0; round < KilledProcessTests.Rounds; round++)
        {
            using var process = KilledProcessTests.Start(folder, own.Connection, round * CountsOfARound);
            var said = new Acknowledged();
            aftermath.Said.Add(said);
            Assert.Equal(AcknowledgingProcess.Begun, await process.StandardOutput.ReadLineAsync(Cancel));
            var reading = Task.Run(async () =>
            {
                while (await process.StandardOutput.ReadLineAsync(Cancel) is { } line)
                {
                    lock (said)
                        said.Take(line);
                }
            }, Cancel);
            await Task.Delay(random.Next(1200), Cancel);
            await own.KillAsync();
            kills++;
            await Task.Delay(random.Next(100), Cancel);
            await own.StartAsync();
            // It goes on by itself.
            var before = Count(said);
            for (var began = Stopwatch.GetTimestamp(); Count(said) < before + 20; await Task.Delay(20, Cancel))
                Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(30) && !process.HasExited, $"Nothing was acknowledged any more. {string.Join("; ", said.Other)}");
            process.Kill();
            await process.WaitForExitAsync(Cancel);
            await reading;
            Assert.True(said.Other.Count == 0, string.Join("; ", said.Other));
            Npgsql.NpgsqlConnection.ClearAllPools();
            await aftermath.CheckAsync();
            (acknowledged, told) = (acknowledged + said.Count, told + said.Not.Count);
        }

        Assert.NotEqual(0, told);
        TestContext.Current.SendDiagnosticMessage($"PostgreSQL killed {kills} times under load: {acknowledged} acknowledged, {told} told as not; {aftermath.Size} records.");
    }

    [Fact]
    public async Task While_the_database_is_away_withdrawals_are_kept_and_nobody_is_contacted_and_when_it_is_back_they_come_first()
    {
        await using var own = await OwnPostgres.StartNewAsync();
        var options = House.In(folder) with { Store = new StoreOptions { Connection = own.Connection } };
        var key = await ServedProcess.FoundAsync(options);
        await using var served = await ServedProcess.StartAsync(options, key);
        var (acknowledged, _) = await served.WithdrawManyAsync(0, 100);
        Assert.Equal(100, acknowledged.Count);
        Assert.Equal(HttpStatusCode.OK, (await served.DecideAsync(500)).Status);

        await own.KillAsync();
        // Past the time for which a caller's key is believed.
        await Task.Delay(2000, Cancel);
        var (none, kept) = await served.WithdrawManyAsync(100, 100);
        Assert.Empty(none);
        Assert.All(kept.Values, static told => Assert.Equal("503 withdrawal-kept", told));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await served.DecideAsync(500)).Status);

        await own.StartAsync();
        for (var began = Stopwatch.GetTimestamp(); !WithdrawalSpool.IsEmpty(options.Data); await Task.Delay(20, Cancel))
        {
            // The gate stays shut as long as one of them waits.
            var decided = (await served.DecideAsync(500)).Status;
            Assert.True(decided == HttpStatusCode.ServiceUnavailable || WithdrawalSpool.IsEmpty(options.Data));
            Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(30), served.Complained);
        }

        Assert.Equal(HttpStatusCode.OK, (await served.DecideAsync(500)).Status);
        // Said again, as they were told to do, it is acknowledged and nothing new.
        var (status, again) = await served.WithdrawAsync(150);
        Assert.Equal((HttpStatusCode.OK, true), (status, again.GetProperty("already").GetBoolean()));
        Assert.Equal(100, (await served.WithdrawManyAsync(200, 100)).Acknowledged.Count);
        Assert.Equal(0, await served.StopAsync());
        Assert.Equal(Enumerable.Range(0, 300), (await ServedProcess.BlockedAsync(options, Enumerable.Range(0, 310))).Order());
    }

    private static int Count(Acknowledged said)
    {
        lock (said)
            return said.Count;
    }
}
