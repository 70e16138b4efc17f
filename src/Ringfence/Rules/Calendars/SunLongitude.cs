using NodaTime;

namespace Ringfence.Rules.Calendars;

/// <summary>When the sun stands at a longitude, on which the solar terms of East Asian calendars and the equinoxes hang.</summary>
/// <remarks>
/// Source: J. Meeus, Astronomical Algorithms, chapter 25, the method of low accuracy: to about 0.01 degrees, a quarter of an hour. The day is
/// therefore sure where the moment is further than that from midnight. For Qingming at UTC+8 the closest in the years we answer for is
/// 2042-04-04 at 23:40; in 2071 it is ten minutes past midnight, so we stop before.
/// </remarks>
internal static class SunLongitude
{
    public const int FirstYear = 1980;
    public const int LastYear = 2065;

    private const double DegreesPerDay = 360 / 365.2422;

    // J2000.0, 2000-01-01 12:00 in terrestrial time, which ran 64 to 90 seconds before universal time in these years.
    private static readonly Instant J2000 = Instant.FromUtc(2000, 1, 1, 12, 0) - Duration.FromSeconds(70);

    /// <summary>The day of a year on which the sun reaches a longitude, on clocks of an offset.</summary>
    public static LocalDate DayOf(int year, int degrees, Offset offset) => MomentOf(year, degrees).WithOffset(offset).Date;

    /// <summary>The moment of a year at which the sun reaches a longitude, to about a quarter of an hour.</summary>
    public static Instant MomentOf(int year, int degrees)
    {
        // The sun is at 280 degrees when a year begins.
        var day = (Instant.FromUtc(year, 1, 1, 0, 0) - J2000).TotalDays + (Turned(degrees - 280) / DegreesPerDay);
        for (var step = 0; step < 8; step++)
            day -= Nearest(At(day) - degrees) / DegreesPerDay;
        return J2000 + Duration.FromDays(day);
    }

    /// <summary>The apparent longitude, so many days after J2000.0.</summary>
    private static double At(double day)
    {
        var t = day / 36525;
        var mean = 280.46646 + (36000.76983 * t) + (0.0003032 * t * t);
        var anomaly = 357.52911 + (35999.05029 * t) - (0.0001537 * t * t);
        var centre =
            ((1.914602 - (0.004817 * t) - (0.000014 * t * t)) * Sin(anomaly)) +
            ((0.019993 - (0.000101 * t)) * Sin(2 * anomaly)) +
            (0.000289 * Sin(3 * anomaly));
        var node = 125.04 - (1934.136 * t);
        return Turned(mean + centre - 0.00569 - (0.00478 * Sin(node)));
    }

    private static double Sin(double degrees) => Math.Sin(degrees * Math.PI / 180);

    // Into [0, 360), and into [-180, 180).
    private static double Turned(double degrees) => degrees - (360 * Math.Floor(degrees / 360));

    private static double Nearest(double degrees) => Turned(degrees + 180) - 180;
}
