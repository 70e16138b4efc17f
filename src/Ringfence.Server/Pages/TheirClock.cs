using System.Globalization;
using NodaTime;

namespace Ringfence.Server.Pages;

/// <summary>Times on the clock of the person, as short as they can be said.</summary>
internal static class TheirClock
{
    /// <summary>Their zone, the first of several; UTC where none is known.</summary>
    public static DateTimeZone ZoneOf(IReadOnlyList<string> zones) => (zones.Count > 0 ? DateTimeZoneProviders.Tzdb.GetZoneOrNull(zones[0]) : null) ?? DateTimeZone.Utc;

    /// <summary>Names the zone, where it has to be said: it is unsure, or not known.</summary>
    public static string? NameOf(PageCall call, IReadOnlyList<string> zones, Instant at) => zones.Count == 0 ? "UTC"
        : zones.Select(zone => ZoneOf([zone]).GetUtcOffset(at)).Distinct().Count() == 1 ? null : call.T("Clock.OneOf", zones[0], zones.Count);

    /// <summary><c>20:00</c>, <c>tomorrow, 09:00</c>, <c>3 March 2026, 09:00</c>; with the zone where they may be in several.</summary>
    public static string Say(PageCall call, Instant at, IReadOnlyList<string> zones)
    {
        var zone = ZoneOf(zones);
        var (then, today) = (at.InZone(zone).LocalDateTime, call.Now.InZone(zone).Date);
        // Nothing begins before it is said to.
        if (then.TimeOfDay.NanosecondOfDay % NodaConstants.NanosecondsPerMinute != 0)
            then = then.Date.At(new LocalTime(then.Hour, then.Minute)).PlusMinutes(1);
        var hour = then.TimeOfDay.ToString("HH:mm", CultureInfo.InvariantCulture);
        var said = then.Date == today ? hour
            : then.Date == today.PlusDays(1) ? call.T("Clock.Tomorrow", hour)
            : call.T("Clock.Day", call.Words.Date(then.Date), hour);
        return NameOf(call, zones, at) is { } name ? call.T("Clock.In", said, name) : said;
    }
}
