using NodaTime;
using Ringfence.Rules.Calendars;

namespace Ringfence.Rights;

/// <summary>Until when a request has to be answered: of several regimes the first to run out.</summary>
/// <remarks>
/// Source: Regulation (EEC, Euratom) No 1182/71, Art. 3(1), (2)(c), (4): the day of the event is not counted; a month ends on the day of the same number, or on the last of a month that has none;
/// an end on a Saturday, Sunday or public holiday is the end of the next working day.
/// What moves an end back and is not verified moves nothing: an answer is early rather than late.
/// Our reading: days are those of UTC. A calendar that we do not have knows no holiday, so that a day which may be one moves nothing.
/// </remarks>
public static class RightsDeadline
{
    /// <summary>The last day on which an answer is in time.</summary>
    /// <param name="clocks">Those that hold; at least one.</param>
    /// <param name="received">The day of receipt.</param>
    /// <param name="paused">On how many days something was awaited that only the person can give.</param>
    /// <param name="isExtended">Whether they were told in time that it takes longer.</param>
    /// <param name="isHoliday">Whether a day is a public holiday where the controller is.</param>
    public static LocalDate Of(IReadOnlyCollection<RightsClock> clocks, LocalDate received, int paused, bool isExtended, Func<LocalDate, bool> isHoliday)
    {
        ArgumentNullException.ThrowIfNull(clocks);
        ArgumentNullException.ThrowIfNull(isHoliday);
        ArgumentOutOfRangeException.ThrowIfZero(clocks.Count);
        ArgumentOutOfRangeException.ThrowIfNegative(paused);
        return clocks.Min(clock => One(clock, received, paused, isExtended, isHoliday));
    }

    /// <summary>The last day on which they have to be told that it was received; null: none of the laws fixes one.</summary>
    public static LocalDate? ConfirmBy(IReadOnlyCollection<RightsClock> clocks, LocalDate received)
    {
        ArgumentNullException.ThrowIfNull(clocks);
        return clocks.Where(static clock => clock.Confirm is not null).Select(clock => (LocalDate?)clock.Confirm!.After(received)).Min();
    }

    /// <summary>Whether it may be put off now: the first period still runs, and being put off moves the end.</summary>
    /// <param name="today">The day of the question.</param>
    /// <param name="clocks">As above.</param>
    /// <param name="received">As above.</param>
    /// <param name="paused">As above.</param>
    /// <param name="isHoliday">As above.</param>
    public static bool MayExtend(LocalDate today, IReadOnlyCollection<RightsClock> clocks, LocalDate received, int paused, Func<LocalDate, bool> isHoliday)
    {
        var first = Of(clocks, received, paused, isExtended: false, isHoliday);
        return today <= first && Of(clocks, received, paused, isExtended: true, isHoliday) > first;
    }

    /// <summary>Whether any of the clocks may stand still while something is awaited from the person.</summary>
    public static bool Pauses(IReadOnlyCollection<RightsClock> clocks) => clocks.Any(static clock => clock.Pauses);

    /// <summary>The public holidays of a country, so far as there is a calendar of the whole of it.</summary>
    /// <param name="country">ISO 3166-1; null: not known.</param>
    public static Func<LocalDate, bool> HolidaysOf(string? country)
    {
        var calendar = country is { Length: 2 } code
            ? HolidayCalendars.Shipped.Find(code.ToLowerInvariant() + "-national") ?? HolidayCalendars.Shipped.Find(code.ToLowerInvariant() + "-public") : null;
        return calendar is null ? static _ => false : day => calendar.Find(day) is CalendarDay.Holiday;
    }

    private static LocalDate One(RightsClock clock, LocalDate received, int paused, bool isExtended, Func<LocalDate, bool> isHoliday)
    {
        var end = clock.First.After(received);
        if (isExtended && clock.IsSure(RightsDelay.Extension) && clock.Extension is { } more)
            end += more;
        if (clock.Pauses && clock.IsSure(RightsDelay.Pause))
            end = end.PlusDays(paused);
        while (clock.EndsOnWorkingDay && clock.IsSure(RightsDelay.WorkingDay) && (end.DayOfWeek is IsoDayOfWeek.Saturday or IsoDayOfWeek.Sunday || isHoliday(end)))
            end = end.PlusDays(1);
        return end;
    }
}
