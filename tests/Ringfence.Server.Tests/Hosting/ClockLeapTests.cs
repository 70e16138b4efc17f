using System.Diagnostics;
using System.Globalization;
using System.Net;
using Ringfence.Ledger;
using Ringfence.Server.Ledger;
using Ringfence.Server.Staff;
using Ringfence.Server.Tests.Ledger;
using Xunit;

namespace Ringfence.Server.Tests.Hosting;

/// <summary>The clock of a machine that serves is set wrong: nobody is contacted by it, whoever says no is heard, and the records still stand in rising time.</summary>
public sealed class ClockLeapTests
{
    private static readonly ApiScopes All = Enum.GetValues<ApiScopes>().Aggregate(static (set, one) => set | one);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(3600)]
    [InlineData(86_400)]
    [InlineData(-3600)]
    [InlineData(-86_400)]
    public async Task While_the_clock_is_wrong_nothing_is_permitted_and_every_no_is_written(int seconds)
    {
        var time = new MovedTime();
        await using var api = await ApiHouse.BuildAsync(time: time);
        var key = await api.KeyAsync(All);
        using var stop = new CancellationTokenSource();
        var watching = api.House.Installation.NotaryOf(api.House.Ledger).RunAsync(static _ => { }, stop.Token);
        await UntilAsync(HttpStatusCode.OK);
        // The watch has to have looked at the clock while it was right.
        await Task.Delay(1500, Cancel);

        time.Ahead = TimeSpan.FromSeconds(seconds);
        await UntilAsync(HttpStatusCode.ServiceUnavailable);
        for (var i = 0; i < 20; i++)
            Assert.Equal(HttpStatusCode.Created, (await api.PostAsync("withdrawals", key, $$"""{"to":"+4474001234{{i.ToString("00", CultureInfo.InvariantCulture)}}"}""")).Status);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await DecideAsync()).Status);

        time.Ahead = TimeSpan.Zero;
        // Records of a time to come can't be undone: the gate opens when that has come. A clock that was behind leaves nothing.
        if (seconds < 0)
            await UntilAsync(HttpStatusCode.OK);
        else
            Assert.Equal(HttpStatusCode.ServiceUnavailable, (await DecideAsync()).Status);
        Assert.Equal(HttpStatusCode.Created, (await api.PostAsync("withdrawals", key, """{"to":"+447400123499"}""")).Status);
        await stop.CancelAsync();
        await watching;

        var records = await api.House.RecordsAsync();
        Assert.Contains(records, static record => record.Type == RecordType.LedgerClockAnomaly);
        Assert.Equal(21, records.Count(static record => record.Type == RecordType.SuppressionAdded));
        Assert.All(records.Zip(records.Skip(1)), static pair => Assert.True(pair.First.At < pair.Second.At));
        var findings = await new Fsck(api.House.Installation, api.House.Ledger, full: true).RunAsync(Cancel);
        Assert.False(findings.HasFaults, string.Join(", ", findings.Counts.Keys));

        Task<Answered> DecideAsync() => api.PostAsync("decisions", key, """{"to":"+447400123456","channel":"sms","purpose":"offers"}""");

        async Task UntilAsync(HttpStatusCode wanted)
        {
            var began = Stopwatch.GetTimestamp();
            while (await DecideAsync() is var answered && answered.Status != wanted)
            {
                Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(20), answered.ToString());
                await Task.Delay(50, Cancel);
            }
        }
    }
}
