using NodaTime;

namespace Ringfence.Server.Lists;

/// <summary>Days as plain numbers from 1970-01-01.</summary>
internal static class Days
{
    /// <summary>Characters of a day as written.</summary>
    public const int Length = 10;

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

    /// <summary>Writes a day as <c>2026-03-01</c> in ASCII; years have four digits.</summary>
    public static void Write(int day, Span<byte> to)
    {
        // The reverse of the above: the year of the era takes back the leap days that were added.
        var days = day + 719468;
        var era = (days >= 0 ? days : days - 146096) / 146097;
        var dayOfEra = days - (era * 146097);
        var yearOfEra = (dayOfEra - (dayOfEra / 1460) + (dayOfEra / 36524) - (dayOfEra / 146096)) / 365;
        var dayOfYear = dayOfEra - ((365 * yearOfEra) + (yearOfEra / 4) - (yearOfEra / 100));
        var month = ((5 * dayOfYear) + 2) / 153;
        var date = dayOfYear - (((153 * month) + 2) / 5) + 1;
        month += month < 10 ? 3 : -9;
        var year = (era * 400) + yearOfEra + (month <= 2 ? 1 : 0);
        Two(year / 100, to);
        Two(year % 100, to[2..]);
        Two(month, to[5..]);
        Two(date, to[8..]);
        to[4] = to[7] = (byte)'-';
    }

    private static void Two(int number, Span<byte> to)
    {
        to[1] = (byte)('0' + (number % 10));
        to[0] = (byte)('0' + (number / 10));
    }

    /// <summary>The day of a number.</summary>
    public static LocalDate Date(int day) => Epoch.PlusDays(day);
}
