using NodaTime;

namespace Ringfence.Rules.Calendars;

/// <summary>What a holiday calendar says of one day: a value, closed.</summary>
public abstract record CalendarDay
{
    private CalendarDay() { }

    /// <summary>The calendar does not reach this day, so nobody knows: an answer that may not be taken for "no holiday".</summary>
    public static CalendarDay OutsideCoverage { get; } = new NotCovered();

    /// <summary>The calendar reaches this day and has no holiday on it. Saturdays and Sundays as such are none.</summary>
    public static CalendarDay Ordinary { get; } = new NoHoliday();

    /// <summary>A holiday.</summary>
    /// <param name="Day">The day itself.</param>
    /// <param name="Name">What is kept on it; several names where several holidays meet.</param>
    /// <param name="InLieuOf">The day for which it is kept, where that fell on a weekend or on another holiday; null where it is that day.</param>
    /// <param name="Certainty">
    /// <c>verified</c>, <c>secondary</c> or <c>to-verify</c>, as in rule files. A day of which we are not sure is kept, for a call less does
    /// no harm; where it would make a deadline later, <see cref="BusinessDays"/> leaves it out.
    /// </param>
    public sealed record Holiday(LocalDate Day, RuleText Name, LocalDate? InLieuOf, string Certainty) : CalendarDay;

    public sealed record NoHoliday : CalendarDay;

    public sealed record NotCovered : CalendarDay;

    /// <summary>Answers each case.</summary>
    public T Match<T>(Func<Holiday, T> holiday, Func<NoHoliday, T> noHoliday, Func<NotCovered, T> notCovered)
    {
        ArgumentNullException.ThrowIfNull(holiday);
        ArgumentNullException.ThrowIfNull(noHoliday);
        ArgumentNullException.ThrowIfNull(notCovered);
        return this switch
        {
            Holiday day => holiday(day),
            NoHoliday day => noHoliday(day),
            NotCovered day => notCovered(day),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }
}
