using NodaTime;

namespace Ringfence.Server.Lists;

/// <summary>Days as plain numbers from 1970-01-01.</summary>
internal static class Days
{
    private static readonly LocalDate Epoch = new(1970, 1, 1);

    /// <summary>The number of a day.</summary>
    public static int Of(LocalDate date)
    {
        // Days since 0000-03-01 of the proleptic Gregorian calendar: cheaper than NodaTime's period arithmetic, and equal to it (tested).
        var (year, month, day) = date;
        if (month <= 2)
            year--;
        var era = (year >= 0 ? year : year - 399) / 400;
        var yearOfEra = year - (era * 400);
        var dayOfYear = (((153 * (month + (month > 2 ? -3 : 9))) + 2) / 5) + day - 1;
        return (era * 146097) + (yearOfEra * 365) + (yearOfEra / 4) - (yearOfEra / 100) + dayOfYear - 719468;
    }

    /// <summary>The day of a number.</summary>
    public static LocalDate Date(int day) => Epoch.PlusDays(day);
}
