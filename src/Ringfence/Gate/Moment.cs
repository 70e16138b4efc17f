using NodaTime;

namespace Ringfence.Gate;

/// <summary>When something was: an instant, or a whole day wherever the person is.</summary>
public readonly record struct Moment : IComparable<Moment>
{
    private readonly Instant instant;
    private readonly LocalDate day;

    private Moment(Instant instant, LocalDate day, bool isDay) => (this.instant, this.day, IsDay) = (instant, day, isDay);

    /// <summary>Whether only the day is known.</summary>
    public bool IsDay { get; }

    /// <summary>One instant.</summary>
    public static Moment At(Instant instant) => new(instant, default, false);

    /// <summary>A whole day.</summary>
    public static Moment On(LocalDate day) => new(default, day, true);

    /// <summary>The day it was, on the clock of a zone.</summary>
    public LocalDate DayIn(DateTimeZone zone)
    {
        ArgumentNullException.ThrowIfNull(zone);
        return IsDay ? day : instant.InZone(zone).Date;
    }

    /// <summary>The instant; of a day its first one in a zone.</summary>
    public Instant StartIn(DateTimeZone zone)
    {
        ArgumentNullException.ThrowIfNull(zone);
        return IsDay ? StartOf(day, zone) : instant;
    }

    /// <summary>The instant; of a day the first one of the next day in a zone: by then it was surely over.</summary>
    public Instant EndIn(DateTimeZone zone)
    {
        ArgumentNullException.ThrowIfNull(zone);
        return IsDay ? StartOf(day.PlusDays(1), zone) : instant;
    }

    // Where the clock was not set within a day of it, midnight is what its offset says; else it is looked up, which costs more.
    private static Instant StartOf(LocalDate day, DateTimeZone zone)
    {
        var utc = day.AtMidnight().WithOffset(Offset.Zero).ToInstant();
        var interval = zone.GetZoneInterval(utc);
        var midnight = day.AtMidnight().WithOffset(interval.WallOffset).ToInstant();
        return (!interval.HasStart || utc - interval.Start > Margin) && (!interval.HasEnd || interval.End - utc > Margin)
            ? midnight
            : day.AtStartOfDayInZone(zone).ToInstant();
    }

    private static readonly Duration Margin = Duration.FromDays(2);

    /// <inheritdoc/>
    public int CompareTo(Moment other) => StartIn(DateTimeZone.Utc).CompareTo(other.StartIn(DateTimeZone.Utc));

    public static bool operator <(Moment left, Moment right) => left.CompareTo(right) < 0;

    public static bool operator >(Moment left, Moment right) => left.CompareTo(right) > 0;

    public static bool operator <=(Moment left, Moment right) => left.CompareTo(right) <= 0;

    public static bool operator >=(Moment left, Moment right) => left.CompareTo(right) >= 0;
}
