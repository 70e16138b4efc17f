using NodaTime;
using NodaTime.TimeZones;

namespace Ringfence.Gate;

/// <summary>What the clock on the wall shows in one zone at one instant.</summary>
internal readonly struct LocalClock
{
    private readonly ZoneInterval interval;

    public LocalClock(DateTimeZone zone, Instant at)
    {
        Zone = zone;
        At = at;
        interval = zone.GetZoneInterval(at);
        var local = at.WithOffset(interval.WallOffset);
        Date = local.Date;
        Second = (int)(local.TickOfDay / NodaConstants.TicksPerSecond);
    }

    public DateTimeZone Zone { get; }

    /// <summary>The instant that it is read at.</summary>
    public Instant At { get; }

    public LocalDate Date { get; }

    /// <summary>Whole seconds since midnight, by the clock.</summary>
    public int Second { get; }

    /// <summary>The first instant after now at which the clock shows at least a time of a day: 86400 is the end of the day.</summary>
    public Instant FirstAt(LocalDate day, int second)
    {
        // Until the clock is next set, it simply runs on.
        var then = day.AtMidnight().WithOffset(interval.WallOffset).ToInstant() + Duration.FromSeconds(second);
        return then > At && (!interval.HasEnd || then < interval.End) ? then : LocalClocks.FirstAt(Zone, day, second, At);
    }
}

/// <summary>Finds when clocks show something.</summary>
internal static class LocalClocks
{
    // An hour that the clock leaves out begins when it jumps; one that it shows twice begins with the first.
    private static readonly ZoneLocalMappingResolver First = Resolvers.CreateMappingResolver(Resolvers.ReturnEarlier, Resolvers.ReturnStartOfIntervalAfter);

    /// <summary>The first instant after another at which the clock shows at least a time of a day: 86400 is the end of the day.</summary>
    public static Instant FirstAt(DateTimeZone zone, LocalDate day, int second, Instant after)
    {
        var local = second == NodaConstants.SecondsPerDay ? day.PlusDays(1).AtMidnight() : day.AtMidnight().PlusSeconds(second);
        var first = local.InZone(zone, First).ToInstant();
        if (first > after)
            return first;
        // The clock was set back over it: it comes a second time.
        var map = zone.MapLocal(local);
        return map.Count == 2 && map.Last().ToInstant() is var second_ && second_ > after ? second_ : first;
    }

    /// <summary>The first instant of a day.</summary>
    public static Instant StartOf(DateTimeZone zone, LocalDate day) => day.AtStartOfDayInZone(zone).ToInstant();
}
