using NodaTime;
using Ringfence.Files;

namespace Ringfence.Rules.Calendars;

/// <summary>A holiday calendar as its file in <c>rules/calendars/</c> states it.</summary>
internal sealed record CalendarFile
{
    public required string File { get; init; }

    public required string Name { get; init; }

    public required RuleText Title { get; init; }

    public required RuleText Says { get; init; }

    public required string Cites { get; init; }

    public required IReadOnlyList<Uri> Sources { get; init; }

    public required string Certainty { get; init; }

    public string? Reading { get; init; }

    /// <summary>The first day covered.</summary>
    public required LocalDate First { get; init; }

    /// <summary>The last day covered.</summary>
    public required LocalDate Last { get; init; }

    /// <summary>Calendars whose days are kept here too.</summary>
    public required IReadOnlyList<string> Includes { get; init; }

    /// <summary>Where it names them.</summary>
    public required FilePlace IncludesAt { get; init; }

    public required IReadOnlyList<HolidayRule> Rules { get; init; }

    public RuleFileException WrongInclude(string what) => RuleFileException.At(IncludesAt, $"'includes': {what}");
}

/// <summary>One holiday through the years.</summary>
/// <param name="Name">What is kept.</param>
/// <param name="Pattern">Which day of each year it is.</param>
/// <param name="From">The first day on which the rule holds; null where it always did.</param>
/// <param name="Until">The first day on which it no longer does; null while no end is known.</param>
/// <param name="Every">How many years lie from one time to the next, counted from the year of <paramref name="From"/>.</param>
/// <param name="Observed">What is kept besides or instead when the day falls badly; null where nothing is.</param>
/// <param name="Certainty">As in rule files.</param>
internal sealed record HolidayRule(
    RuleText Name, DatePattern Pattern, LocalDate? From, LocalDate? Until, int Every, Observance? Observed, string Certainty)
{
    /// <summary>Its days in a year, as the law names them, before any is moved.</summary>
    public IEnumerable<LocalDate> DaysOf(int year) =>
        Every > 1 && (year - From!.Value.Year) % Every != 0
            ? []
            : Pattern.In(year).Where(day => !(day < From) && !(day >= Until));
}

/// <summary>What is kept when a holiday falls on certain weekdays, or on another holiday.</summary>
/// <param name="OnWeekday">By weekday, which other day is kept.</param>
/// <param name="OnClash">Which other day is kept when a holiday of an earlier rule is on the same day; null where none is.</param>
/// <param name="DayItselfStays">Whether the day itself is a holiday all the same.</param>
/// <param name="Certainty">How sure the other day is.</param>
internal sealed record Observance(
    IReadOnlyDictionary<IsoDayOfWeek, Shift> OnWeekday, Shift? OnClash, bool DayItselfStays, string Certainty);

/// <summary>From a day to the one that is kept for it.</summary>
internal abstract record Shift
{
    private Shift() { }

    /// <summary>The nearest such weekday before or after.</summary>
    public sealed record ToWeekday(IsoDayOfWeek Weekday, bool After) : Shift;

    /// <summary>The next day that is no Sunday and no other holiday; where <paramref name="Weekdays"/>, no Saturday either.</summary>
    public sealed record ToNextFree(bool Weekdays) : Shift;

    public LocalDate From(LocalDate day, IReadOnlySet<LocalDate> taken)
    {
        switch (this)
        {
            case ToWeekday { After: true } shift:
                return day.Next(shift.Weekday);
            case ToWeekday shift:
                return day.Previous(shift.Weekday);
            case ToNextFree shift:
                do
                    day = day.PlusDays(1);
                while (taken.Contains(day) || day.DayOfWeek == IsoDayOfWeek.Sunday || (shift.Weekdays && day.DayOfWeek == IsoDayOfWeek.Saturday));
                return day;
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }
}
