using System.Globalization;
using NodaTime;

namespace Ringfence.Rules.Calendars;

/// <summary>Which day of each year: a value, closed.</summary>
internal abstract record DatePattern
{
    private DatePattern() { }

    /// <summary>The years for which it can be worked out, both included.</summary>
    public virtual (int First, int Last) Years => (1600, 2400);

    /// <summary>
    /// The day or days of a year. What is counted from another day may fall into a neighbouring year and counts for the year of that day;
    /// a lunar year counts for the year in which it begins.
    /// </summary>
    public abstract IEnumerable<LocalDate> In(int year);

    /// <summary>The same day of a month.</summary>
    public sealed record Fixed(int Month, int Day) : DatePattern
    {
        public override IEnumerable<LocalDate> In(int year) => [new LocalDate(year, Month, Day)];
    }

    /// <summary>The first to fourth of a weekday in a month; the last where <paramref name="Ordinal"/> is 0.</summary>
    public sealed record NthWeekday(int Ordinal, IsoDayOfWeek Weekday, int Month) : DatePattern
    {
        public override IEnumerable<LocalDate> In(int year) =>
        [
            Ordinal == 0
                ? DateAdjusters.EndOfMonth(new LocalDate(year, Month, 1)).With(DateAdjusters.PreviousOrSame(Weekday))
                : new LocalDate(year, Month, 1).With(DateAdjusters.NextOrSame(Weekday)).PlusWeeks(Ordinal - 1),
        ];
    }

    /// <summary>The nearest such weekday on another day or after (or before) it.</summary>
    public sealed record WeekdayBeside(IsoDayOfWeek Weekday, bool OrAfter, DatePattern Of) : DatePattern
    {
        public override (int First, int Last) Years => Of.Years;

        public override IEnumerable<LocalDate> In(int year) =>
            Of.In(year).Select(day => day.With(OrAfter ? DateAdjusters.NextOrSame(Weekday) : DateAdjusters.PreviousOrSame(Weekday)));
    }

    /// <summary>So many days after another day; before it where negative.</summary>
    public sealed record DaysFrom(int Days, DatePattern Of) : DatePattern
    {
        public override (int First, int Last) Years => Of.Years;

        public override IEnumerable<LocalDate> In(int year) => Of.In(year).Select(day => day.PlusDays(Days));
    }

    /// <summary>Easter Sunday of the western churches.</summary>
    public sealed record WesternEaster : DatePattern
    {
        public override IEnumerable<LocalDate> In(int year) => [Easter.Western(year)];
    }

    /// <summary>Easter Sunday of the eastern churches.</summary>
    public sealed record OrthodoxEaster : DatePattern
    {
        public override IEnumerable<LocalDate> In(int year) => [Easter.Orthodox(year)];
    }

    /// <summary>A day of the Chinese lunisolar calendar, never in a leap month.</summary>
    public sealed record Lunar(int Month, int Day) : DatePattern
    {
        // The table of .NET reaches from the lunar year 1901 to that of 2100. The new moon of 28 September 2057 is so close to midnight
        // that almanacs differ, so we stop before.
        private static readonly ChineseLunisolarCalendar Calendar = new();

        public override (int First, int Last) Years => (1902, 2056);

        public override IEnumerable<LocalDate> In(int year)
        {
            // Months are numbered straight through, the leap month included; the leap month itself is number 'leap'.
            var leap = Calendar.GetLeapMonth(year);
            var month = leap > 0 && Month >= leap ? Month + 1 : Month;
            return [LocalDate.FromDateTime(Calendar.ToDateTime(year, month, Day, 0, 0, 0, 0))];
        }
    }

    /// <summary>The day, on clocks of a fixed offset, on which the sun reaches a longitude: 15 degrees at UTC+8 is Qingming.</summary>
    public sealed record SunAt(int Degrees, int HoursFromUtc) : DatePattern
    {
        public override (int First, int Last) Years => (SunLongitude.FirstYear, SunLongitude.LastYear);

        public override IEnumerable<LocalDate> In(int year) => [SunLongitude.DayOf(year, Degrees, Offset.FromHours(HoursFromUtc))];
    }

    /// <summary>Days that were fixed one by one; in years without any there is none.</summary>
    public sealed record Listed(IReadOnlyList<DateInterval> Days) : DatePattern
    {
        public override IEnumerable<LocalDate> In(int year) => Days.SelectMany(days => days).Where(day => day.Year == year);
    }
}
