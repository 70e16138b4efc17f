using NodaTime;

namespace Ringfence.Rules.Calendars;

/// <summary>Easter Sunday, by the tables of the churches and not by the moon in the sky.</summary>
internal static class Easter
{
    /// <summary>Of the western churches, in the Gregorian calendar, for years from 1583.</summary>
    /// <remarks>Source: the anonymous Gregorian algorithm as in J. Meeus, Astronomical Algorithms, chapter 8.</remarks>
    public static LocalDate Western(int year)
    {
        var golden = year % 19;
        var (century, ofCentury) = Math.DivRem(year, 100);
        var (leapCenturies, centuryRest) = Math.DivRem(century, 4);
        var moonShift = (century - ((century + 8) / 25) + 1) / 3;
        var epact = ((19 * golden) + century - leapCenturies - moonShift + 15) % 30;
        var (leapYears, yearRest) = Math.DivRem(ofCentury, 4);
        var toSunday = (32 + (2 * centuryRest) + (2 * leapYears) - epact - yearRest) % 7;
        var correction = (golden + (11 * epact) + (22 * toSunday)) / 451;
        var (month, day) = Math.DivRem(epact + toSunday - (7 * correction) + 114, 31);
        return new LocalDate(year, month, day + 1);
    }

    /// <summary>Of the eastern churches: by the Julian tables, given in the Gregorian calendar.</summary>
    /// <remarks>Source: J. Meeus, Astronomical Algorithms, chapter 8.</remarks>
    public static LocalDate Orthodox(int year)
    {
        var epact = ((19 * (year % 19)) + 15) % 30;
        var toSunday = ((2 * (year % 4)) + (4 * (year % 7)) - epact + 34) % 7;
        var (month, day) = Math.DivRem(epact + toSunday + 114, 31);
        return new LocalDate(year, month, day + 1, CalendarSystem.Julian).WithCalendar(CalendarSystem.Iso);
    }
}
