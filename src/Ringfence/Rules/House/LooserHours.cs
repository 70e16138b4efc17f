using System.Globalization;

namespace Ringfence.Rules.House;

/// <summary>Finds the minute that some hours open and others keep closed.</summary>
internal static class LooserHours
{
    private static readonly string[] Weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

    /// <summary>In what hours are looser; null where they are as strict in all.</summary>
    /// <param name="house">The hours.</param>
    /// <param name="law">Those they are compared with.</param>
    /// <param name="called">What the rule of those is called.</param>
    public static string? Than(HoursBody house, HoursBody law, string called)
    {
        if (law.OnPersonsClock && !house.OnPersonsClock)
            return $"does not keep to the person's clock, as {called} does";
        if (law.FixedClocks.FirstOrDefault(zone => !house.FixedClocks.Contains(zone)) is { } clock)
            return $"does not keep to the clock of {clock.Id}, as {called} does";
        for (var day = 0; day < Weekdays.Length; day++)
        {
            if (FirstOutside(OnDay(house, day), OnDay(law, day)) is var (from, until))
                return $"opens {Weekdays[day]} {Time(from)}-{Time(until)}, which {called} keeps closed";
        }

        var open = law.ClosedOn.Where(calendar => !house.ClosedOn.Contains(calendar)).ToArray();
        return open.Length == 0 ? null : $"stays open on the days of {string.Join(", ", open)}, on which {called} closes";
    }

    /// <summary>The windows of a day, in order, those that touch or overlap as one.</summary>
    private static List<(int From, int Until)> OnDay(HoursBody hours, int day)
    {
        var merged = new List<(int From, int Until)>();
        foreach (var window in hours.Open.Where(window => (window.Days >> day & 1) != 0).OrderBy(static window => window.From))
        {
            if (merged.Count > 0 && window.From <= merged[^1].Until)
                merged[^1] = (merged[^1].From, Math.Max(merged[^1].Until, window.Until));
            else
                merged.Add((window.From, window.Until));
        }

        return merged;
    }

    /// <summary>The first stretch that lies in one set of windows and in no window of another.</summary>
    private static (int From, int Until)? FirstOutside(List<(int From, int Until)> inside, List<(int From, int Until)> of)
    {
        foreach (var (from, until) in inside)
        {
            var at = from;
            foreach (var (opens, closes) in of)
            {
                if (closes <= at)
                    continue;
                if (opens > at)
                    return (at, Math.Min(opens, until));
                at = closes;
                if (at >= until)
                    break;
            }

            if (at < until)
                return (at, until);
        }

        return null;
    }

    private static string Time(int second) => second % 60 == 0
        ? string.Create(CultureInfo.InvariantCulture, $"{second / 3600:00}:{second / 60 % 60:00}")
        : string.Create(CultureInfo.InvariantCulture, $"{second / 3600:00}:{second / 60 % 60:00}:{second % 60:00}");
}
