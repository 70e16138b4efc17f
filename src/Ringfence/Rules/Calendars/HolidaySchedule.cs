using NodaTime;

namespace Ringfence.Rules.Calendars;

/// <summary>Works out the days of a calendar from its rules.</summary>
internal static class HolidaySchedule
{
    /// <summary>All holidays from the first to the last day, in order, one for each day.</summary>
    public static IEnumerable<CalendarDay.Holiday> Of(IEnumerable<HolidayRule> rules, LocalDate first, LocalDate last)
    {
        // A year more on either side: the holiday of one year may be kept in the one before or after.
        var named = rules
            .SelectMany((rule, order) => Enumerable
                .Range(first.Year - 1, last.Year - first.Year + 3)
                .SelectMany(rule.DaysOf)
                .Select(day => new Named(rule, order, day)))
            .OrderBy(n => n.Day)
            .ThenBy(n => n.Order)
            .ToArray();

        return Kept(named)
            .Where(kept => first <= kept.Day && kept.Day <= last)
            .GroupBy(kept => kept.Day)
            .OrderBy(day => day.Key)
            .Select(day => Joined(day.Key, [.. day]));
    }

    private static List<KeptDay> Kept(Named[] named)
    {
        var taken = named.Select(n => n.Day).ToHashSet();
        var kept = new List<KeptDay>(named.Length);
        LocalDate? previous = null;
        foreach (var (rule, _, day) in named)
        {
            var shift = rule.Observed?.OnWeekday.GetValueOrDefault(day.DayOfWeek) ?? (day == previous ? rule.Observed?.OnClash : null);
            previous = day;
            if (shift is null || rule.Observed!.DayItselfStays)
                kept.Add(new KeptDay(day, rule.Name, null, rule.Certainty));
            if (shift is null)
                continue;

            var instead = shift.From(day, taken);
            taken.Add(instead);
            kept.Add(new KeptDay(instead, rule.Name, day, rule.Observed!.Certainty));
        }

        return kept;
    }

    private static CalendarDay.Holiday Joined(LocalDate day, IReadOnlyList<KeptDay> kept)
    {
        var names = kept.Select(k => k.Name).Distinct().ToArray();
        var name = names.Length == 1
            ? names[0]
            : new RuleText(
                string.Join(", ", names.Select(n => n.En)),
                string.Join('、', names.Select(n => n.ZhHans)),
                string.Join('、', names.Select(n => n.ZhHant)));
        return new CalendarDay.Holiday(
            day, name,
            kept.Any(k => k.InLieuOf is null) ? null : kept[0].InLieuOf,
            // What makes the day a holiday at all is the surest of its grounds.
            RuleReader.Certainties.First(c => kept.Any(k => k.Certainty == c)));
    }

    private readonly record struct Named(HolidayRule Rule, int Order, LocalDate Day);

    private readonly record struct KeptDay(LocalDate Day, RuleText Name, LocalDate? InLieuOf, string Certainty);
}
