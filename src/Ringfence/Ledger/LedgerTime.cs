using NodaTime;
using NodaTime.Text;

namespace Ringfence.Ledger;

/// <summary>Time as a ledger keeps it: UTC, whole microseconds, years 0001 to 9999.</summary>
public static class LedgerTime
{
    private const long TicksPerMicrosecond = NodaConstants.TicksPerMillisecond / 1000;

    /// <summary>The first instant that can be written.</summary>
    public static Instant First { get; } = Instant.FromDateTimeUtc(DateTime.SpecifyKind(DateTime.MinValue, DateTimeKind.Utc));

    /// <summary>The last instant that can be written.</summary>
    public static Instant Last { get; } = Cut(Instant.FromDateTimeUtc(DateTime.SpecifyKind(DateTime.MaxValue, DateTimeKind.Utc)));

    /// <summary>As texts have it, each as long as any other: <c>2026-11-23T08:46:49.000000Z</c>.</summary>
    public static InstantPattern Pattern { get; } = InstantPattern.CreateWithInvariantCulture("uuuu'-'MM'-'dd'T'HH':'mm':'ss'.'ffffff'Z'");

    /// <summary>One microsecond.</summary>
    public static Duration Step { get; } = Duration.FromTicks(TicksPerMicrosecond);

    /// <summary>The microsecond that has begun.</summary>
    public static Instant Cut(Instant at)
    {
        var ticks = at.ToUnixTimeTicks();
        // Towards the past on both sides of 1970.
        return Instant.FromUnixTimeTicks(ticks - (ticks % TicksPerMicrosecond + TicksPerMicrosecond) % TicksPerMicrosecond);
    }

    /// <summary>Microseconds since 1970 in UTC, as stores keep time: of the microsecond that has begun.</summary>
    public static long ToMicroseconds(Instant at) => Cut(at).ToUnixTimeTicks() / TicksPerMicrosecond;

    /// <summary>The instant that so many microseconds since 1970 are.</summary>
    public static Instant FromMicroseconds(long microseconds) => Instant.FromUnixTimeTicks(microseconds * TicksPerMicrosecond);

    /// <summary>Whether a record can hold it.</summary>
    public static bool IsWhole(Instant at) => at >= First && at <= Last && at == Cut(at);

    /// <summary>The time of the next record: now, or one microsecond after the last record where the clock has not got that far.</summary>
    public static Instant Next(Instant now, Instant last)
    {
        var cut = Cut(now);
        var after = last + Step;
        return cut > after ? cut : after;
    }
}
