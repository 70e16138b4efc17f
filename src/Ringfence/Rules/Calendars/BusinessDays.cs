using NodaTime;

namespace Ringfence.Rules.Calendars;

/// <summary>Which way to lean where the law does not say.</summary>
public enum Lean
{
    /// <summary>A deadline ends earlier: doubtful days count. The strict side for whatever we have to do, or may do, until then.</summary>
    Earlier,

    /// <summary>A deadline ends later: doubtful days do not count. The strict side for a time we have to wait.</summary>
    Later,
}

/// <summary>Counts business days by a holiday calendar.</summary>
/// <param name="calendar">Its holidays are no business days. Sundays never are.</param>
/// <param name="saturdaysCount">Whether Saturdays are business days; null where the law does not say.</param>
/// <param name="lean">
/// Which way to go where the law does not say: on Saturdays if <paramref name="saturdaysCount"/> is null, on holidays whose certainty is
/// <c>to-verify</c>, and on where a day lands that is no business day.
/// </param>
public sealed class BusinessDays(HolidayCalendar calendar, bool? saturdaysCount, Lean lean = Lean.Earlier)
{
    private readonly bool saturdays = saturdaysCount ?? lean == Lean.Earlier;

    /// <summary>The calendar.</summary>
    public HolidayCalendar Calendar { get; } = calendar;

    /// <summary>Whether a day counts; null where the calendar does not reach it.</summary>
    public bool? IsBusinessDay(LocalDate day)
    {
        var found = Calendar.Find(day);
        if (found is CalendarDay.NotCovered)
            return null;
        if (found is CalendarDay.Holiday holiday && (lean == Lean.Later || holiday.Certainty != "to-verify"))
            return false;
        return day.DayOfWeek switch
        {
            IsoDayOfWeek.Sunday => false,
            IsoDayOfWeek.Saturday => saturdays,
            _ => true,
        };
    }

    /// <summary>The last of so many business days after a day, or the first of so many before it.</summary>
    /// <param name="from">The day it is counted from, which itself never counts.</param>
    /// <param name="days">
    /// How many; negative to count back; 0 for the day itself or, where that is no business day, the nearest one the way we lean.
    /// </param>
    /// <returns>Null where the calendar does not reach far enough: then nobody can say, and it may not be taken for "never".</returns>
    public LocalDate? Add(LocalDate from, int days)
    {
        if (Calendar.Find(from) is CalendarDay.NotCovered)
            return null;
        if (days == 0)
            return Land(from);

        var step = Math.Sign(days);
        var day = from;
        while (days != 0)
        {
            day = day.PlusDays(step);
            if (IsBusinessDay(day) is not { } counts)
                return null;
            if (counts)
                days -= step;
        }

        return day;
    }

    private LocalDate? Land(LocalDate day)
    {
        while (IsBusinessDay(day) is { } counts)
        {
            if (counts)
                return day;
            day = day.PlusDays(lean == Lean.Earlier ? -1 : 1);
        }

        return null;
    }
}
