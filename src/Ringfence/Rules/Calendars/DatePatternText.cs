using System.Globalization;
using NodaTime;
using NodaTime.Text;

namespace Ringfence.Rules.Calendars;

/// <summary>Reads how a calendar file writes a day: <c>July 4</c>, <c>last Monday of May</c>, <c>39 days after Easter</c>.</summary>
internal static class DatePatternText
{
    // By number: what is first here is 1.
    private static readonly string[] MonthNames =
        ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

    private static readonly string[] WeekdayNames = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
    private static readonly string[] Ordinals = ["last", "first", "second", "third", "fourth"];

    /// <summary>The pattern; null where the words make none.</summary>
    public static DatePattern? Parse(string text) => Parse(text.Split(' '));

    /// <summary>Days fixed one by one, <c>2026-02-15</c> or <c>2026-02-15 to 2026-02-23</c>; null where the words make none.</summary>
    public static DateInterval? ParseDays(string text)
    {
        var ends = text.Split(" to ");
        if (ends.Length > 2 || Day(ends[0]) is not { } first || Day(ends[^1]) is not { } last || first > last)
            return null;
        return new DateInterval(first, last);
    }

    /// <summary>A weekday, as written in English.</summary>
    public static IsoDayOfWeek? Weekday(string word) => Number(WeekdayNames, word) is { } number ? (IsoDayOfWeek)number : null;

    private static DatePattern? Parse(ReadOnlySpan<string> words) => words switch
    {
        ["Easter"] => new DatePattern.WesternEaster(),
        ["Orthodox", "Easter"] => new DatePattern.OrthodoxEaster(),
        [var month, var day] => Fixed(month, day),
        [var day] => Day(day) is { } once ? new DatePattern.Listed([new DateInterval(once, once)]) : null,
        ["lunar", "month", var month, "day", var day] => Lunar(month, day),
        ["sun", "at", var degrees, "degrees", var offset] => Sun(degrees, offset),
        [var ordinal, var weekday, "of", var month] => Nth(ordinal, weekday, month),
        [var weekday, "on", "or", "after", .. var of] => Beside(weekday, true, of),
        [var weekday, "on", "or", "before", .. var of] => Beside(weekday, false, of),
        [var days, "day" or "days", "after", .. var of] => Away(days, 1, of),
        [var days, "day" or "days", "before", .. var of] => Away(days, -1, of),
        _ => null,
    };

    // 29 February is no day of every year.
    private static DatePattern.Fixed? Fixed(string monthName, string dayText) =>
        Number(MonthNames, monthName) is { } month && Whole(dayText, 1, CalendarSystem.Iso.GetDaysInMonth(2001, month)) is { } day
            ? new DatePattern.Fixed(month, day)
            : null;

    private static DatePattern.NthWeekday? Nth(string ordinal, string weekdayName, string monthName) =>
        Number(Ordinals, ordinal) is { } nth && Weekday(weekdayName) is { } weekday && Number(MonthNames, monthName) is { } month
            ? new DatePattern.NthWeekday(nth - 1, weekday, month)
            : null;

    private static DatePattern.WeekdayBeside? Beside(string weekdayName, bool orAfter, ReadOnlySpan<string> of) =>
        Weekday(weekdayName) is { } weekday && Parse(of) is { } anchor ? new DatePattern.WeekdayBeside(weekday, orAfter, anchor) : null;

    private static DatePattern.DaysFrom? Away(string count, int sign, ReadOnlySpan<string> of) =>
        Whole(count, 1, 366) is { } days && Parse(of) is { } anchor ? new DatePattern.DaysFrom(sign * days, anchor) : null;

    // A lunar month has 29 days or 30: the eve of a month is written as the day before its first.
    private static DatePattern.Lunar? Lunar(string monthText, string dayText) =>
        Whole(monthText, 1, 12) is { } month && Whole(dayText, 1, 29) is { } day ? new DatePattern.Lunar(month, day) : null;

    private static DatePattern.SunAt? Sun(string degreesText, string offset) =>
        Whole(degreesText, 0, 359) is { } degrees && offset.StartsWith("UTC+", StringComparison.Ordinal) && Whole(offset[4..], 0, 14) is { } hours
            ? new DatePattern.SunAt(degrees, hours)
            : null;

    private static LocalDate? Day(string text) => LocalDatePattern.Iso.Parse(text).TryGetValue(default, out var day) ? day : null;

    private static int? Whole(string text, int least, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && least <= number && number <= most ? number : null;

    private static int? Number(string[] names, string name) => Array.IndexOf(names, name) is >= 0 and var index ? index + 1 : null;
}
