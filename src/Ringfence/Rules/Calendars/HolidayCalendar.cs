using System.Numerics;
using NodaTime;

namespace Ringfence.Rules.Calendars;

/// <summary>The holidays of one place or authority, day by day, within the years that its file covers.</summary>
/// <remarks>All days are worked out once, when the calendar is made; afterwards it never changes, and any number of threads may ask it.</remarks>
public sealed class HolidayCalendar
{
    private readonly Month[] months;
    private readonly CalendarDay.Holiday[] holidays;
    private readonly int firstMonth;

    internal HolidayCalendar(CalendarFile file, IEnumerable<CalendarDay.Holiday> days)
    {
        (Name, Title, Says, Cites) = (file.Name, file.Title, file.Says, file.Cites);
        (Sources, Certainty, Reading) = (file.Sources, file.Certainty, file.Reading);
        (FirstDay, LastDay) = (file.First, file.Last);
        holidays = [.. days];
        firstMonth = NumberOf(FirstDay);
        months = Months();
    }

    /// <summary>The name by which rules ask for it, such as <c>us-federal</c>.</summary>
    public string Name { get; }

    /// <summary>What it is called.</summary>
    public RuleText Title { get; }

    /// <summary>What it holds, and what it leaves out, in plain words.</summary>
    public RuleText Says { get; }

    /// <summary>The provision.</summary>
    public string Cites { get; }

    /// <summary>Where it was read: public addresses, the weightiest first.</summary>
    public IReadOnlyList<Uri> Sources { get; }

    /// <summary><c>verified</c>, <c>secondary</c> or <c>to-verify</c>, for all days that do not say otherwise.</summary>
    public string Certainty { get; }

    /// <summary>How the law was read where its words leave a choice; null where they leave none.</summary>
    public string? Reading { get; }

    /// <summary>The first day it can tell anything of.</summary>
    public LocalDate FirstDay { get; }

    /// <summary>The last day it can tell anything of, that day included.</summary>
    public LocalDate LastDay { get; }

    /// <summary>All its holidays, in order.</summary>
    public IReadOnlyList<CalendarDay.Holiday> Holidays => holidays;

    /// <summary>What it says of a day, given in any calendar system. Neither allocates nor searches.</summary>
    public CalendarDay Find(LocalDate day)
    {
        if (day.Calendar != CalendarSystem.Iso)
            day = day.WithCalendar(CalendarSystem.Iso);
        var number = NumberOf(day) - firstMonth;
        if (number < 0 || number >= months.Length)
            return CalendarDay.OutsideCoverage;

        ref readonly var month = ref months[number];
        var bit = 1u << day.Day;
        if ((month.Covered & bit) == 0)
            return CalendarDay.OutsideCoverage;
        if ((month.Holidays & bit) == 0)
            return CalendarDay.Ordinary;
        // The holidays of a month stand one after the other, so how many came before is where this one stands.
        return holidays[month.Start + BitOperations.PopCount(month.Holidays & (bit - 1))];
    }

    /// <summary>Whether a day is a holiday; null where the calendar does not reach it, which is no "no".</summary>
    public bool? IsHoliday(LocalDate day) => Find(day) switch
    {
        CalendarDay.Holiday => true,
        CalendarDay.NoHoliday => false,
        _ => null,
    };

    private Month[] Months()
    {
        var table = new Month[NumberOf(LastDay) - firstMonth + 1];
        for (var day = FirstDay; day <= LastDay; day = day.PlusDays(1))
            table[NumberOf(day) - firstMonth].Covered |= 1u << day.Day;

        foreach (var holiday in holidays)
            table[NumberOf(holiday.Day) - firstMonth].Holidays |= 1u << holiday.Day.Day;

        for (var i = 1; i < table.Length; i++)
            table[i].Start = table[i - 1].Start + BitOperations.PopCount(table[i - 1].Holidays);
        return table;
    }

    // Months since the year 0.
    private static int NumberOf(LocalDate day) => (day.Year * 12) + day.Month - 1;

    // Bit n stands for day n; bit 0 is never set. Start: the place of the month's first holiday among all.
    private struct Month
    {
        public uint Covered;
        public uint Holidays;
        public int Start;
    }
}
