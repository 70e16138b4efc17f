using NodaTime;
using Ringfence.Server.Ledger;
using Xunit;

namespace Ringfence.Server.Tests.Ledger;

public sealed class ClockWatchTests
{
    private readonly HandTime time = new();

    private readonly Instant before = Instant.FromUtc(2026, 3, 1, 11, 59);

    [Fact]
    public void A_clock_that_goes_with_the_time_is_trusted()
    {
        var watch = new ClockWatch(time);
        for (var i = 0; i < 100; i++)
        {
            time.Pass(TimeSpan.FromSeconds(30));
            Assert.Null(watch.Look(before));
            Assert.Null(watch.Anomaly);
        }
    }

    [Theory]
    [InlineData(3, ClockAnomalyKind.Leap)]
    [InlineData(3600, ClockAnomalyKind.Leap)]
    [InlineData(86400, ClockAnomalyKind.Leap)]
    [InlineData(-3, ClockAnomalyKind.Back)]
    [InlineData(-3600, ClockAnomalyKind.Back)]
    [InlineData(-86400, ClockAnomalyKind.Back)]
    public void A_clock_that_is_set_is_told_of_once_and_held_against_it_until_it_is_set_right(int seconds, object kind)
    {
        var watch = new ClockWatch(time);
        time.Pass(TimeSpan.FromSeconds(1));
        Assert.Null(watch.Look(before));
        time.Set(TimeSpan.FromSeconds(seconds));
        time.Pass(TimeSpan.FromSeconds(1));
        var told = watch.Look(before);
        Assert.Equal((ClockAnomalyKind)kind, told?.Kind);
        Assert.Equal(Math.Abs(seconds), told!.By.TotalSeconds, 0.2);
        time.Pass(TimeSpan.FromSeconds(1));
        Assert.Null(watch.Look(before));
        Assert.NotNull(watch.Anomaly);
        time.Set(TimeSpan.FromSeconds(-seconds));
        time.Pass(TimeSpan.FromSeconds(1));
        Assert.Null(watch.Look(before));
        Assert.Null(watch.Anomaly);
    }

    [Fact]
    public void Small_corrections_are_followed_however_many_they_are()
    {
        var watch = new ClockWatch(time);
        for (var i = 0; i < 1000; i++)
        {
            time.Pass(TimeSpan.FromSeconds(1));
            time.Set(TimeSpan.FromMilliseconds(50));
            Assert.Null(watch.Look(before));
        }
    }

    [Fact]
    public void Many_steps_that_are_no_corrections_add_up()
    {
        var watch = new ClockWatch(time);
        for (var i = 0; i < 4; i++)
        {
            time.Pass(TimeSpan.FromSeconds(1));
            time.Set(TimeSpan.FromMilliseconds(600));
            watch.Look(before);
        }

        Assert.Equal(ClockAnomalyKind.Leap, watch.Anomaly?.Kind);
    }

    [Fact]
    public void A_clock_that_stands_still_is_told_of()
    {
        var watch = new ClockWatch(time);
        for (var i = 0; i < 3; i++)
        {
            time.Pass(TimeSpan.FromSeconds(1));
            time.Set(TimeSpan.FromSeconds(-1));
            watch.Look(before);
        }

        Assert.Equal(ClockAnomalyKind.Back, watch.Anomaly?.Kind);
    }

    [Fact]
    public void A_clock_behind_the_last_record_is_told_of_from_the_first_look()
    {
        var watch = new ClockWatch(time);
        var told = watch.Look(Instant.FromDateTimeOffset(time.GetUtcNow()).Plus(Duration.FromHours(1)));
        Assert.Equal((ClockAnomalyKind.Back, TimeSpan.FromHours(1)), (told!.Kind, told.By));
    }

    [Fact]
    public void Another_clock_that_differs_is_told_of_and_one_that_agrees_clears_everything()
    {
        var watch = new ClockWatch(time);
        var now = Instant.FromDateTimeOffset(time.GetUtcNow());
        Assert.Null(watch.Compare(now.Plus(Duration.FromMinutes(4))));
        Assert.Equal(ClockAnomalyKind.Anchor, watch.Compare(now.Plus(Duration.FromMinutes(6)))?.Kind);
        time.Pass(TimeSpan.FromSeconds(1));
        Assert.Null(watch.Look(before));
        Assert.Equal(ClockAnomalyKind.Anchor, watch.Anomaly?.Kind);

        time.Set(TimeSpan.FromHours(2));
        time.Pass(TimeSpan.FromSeconds(1));
        Assert.Equal(ClockAnomalyKind.Leap, watch.Look(before)?.Kind);
        // The machine slept, and its clock was right: somebody else says so.
        Assert.Null(watch.Compare(Instant.FromDateTimeOffset(time.GetUtcNow())));
        Assert.Null(watch.Anomaly);
        time.Pass(TimeSpan.FromSeconds(1));
        Assert.Null(watch.Look(before));
    }

    /// <summary>A clock and a time that passes, each moved by hand.</summary>
    private sealed class HandTime : TimeProvider
    {
        private DateTimeOffset now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
        private long stamp;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public void Pass(TimeSpan by)
        {
            now += by;
            stamp += by.Ticks;
        }

        public void Set(TimeSpan by) => now += by;

        public override DateTimeOffset GetUtcNow() => now;

        public override long GetTimestamp() => stamp;
    }
}
