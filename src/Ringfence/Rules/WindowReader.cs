using System.Globalization;
using Ringfence.Files;

namespace Ringfence.Rules;

/// <summary>Reads hours of a week: <c>{ days: mon-fri, from: "10:00", until: "13:00" }</c>.</summary>
internal static class WindowReader
{
    private const int SecondsOfDay = 24 * 60 * 60;

    private static readonly string[] Weekdays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

    /// <summary>Reads one window and sees that nothing else is in its mapping.</summary>
    public static WeeklyWindow Read(RuleMap map)
    {
        var window = new WeeklyWindow(Days(map), TimeOfDay(map, "from"), TimeOfDay(map, "until"));
        map.Done();
        return window.From < window.Until ? window : throw map.Wrong("until", "the end is not after the beginning; hours over midnight are two windows");
    }

    private static byte Days(RuleMap map)
    {
        var items = map.Items("days");
        if (items.Count == 0)
            throw map.Has("days") ? map.Wrong("days", "no day is named") : map.Missing("days");
        return (byte)items.SelectMany(DaysOf).Aggregate(0, static (days, day) => days | (1 << day));
    }

    private static IEnumerable<int> DaysOf(FileText item)
    {
        if (item.Text == "daily")
            return Enumerable.Range(0, 7);
        var ends = item.Text.Split('-');
        var first = Array.IndexOf(Weekdays, ends[0]);
        var last = Array.IndexOf(Weekdays, ends[^1]);
        if (ends.Length > 2 || first < 0 || last < 0)
            throw RuleFileException.At(item.At, $"'{item.Text}' is none of {string.Join(", ", Weekdays)}, a range such as mon-fri, or daily");
        // sat-mon goes on over the end of the week.
        return Enumerable.Range(first, ((last - first + 7) % 7) + 1).Select(static day => day % 7);
    }

    private static int TimeOfDay(RuleMap map, string key)
    {
        var text = map.Text(key);
        var parts = text.Split(':');
        if (parts.Length is 2 or 3 && Array.TrueForAll(parts, part => part.Length == 2 && part.All(char.IsAsciiDigit)))
        {
            var numbers = Array.ConvertAll(parts, part => int.Parse(part, CultureInfo.InvariantCulture));
            var second = (numbers[0] * 3600) + (numbers[1] * 60) + (numbers.Length == 3 ? numbers[2] : 0);
            if (numbers[1..].All(n => n < 60) && (second < SecondsOfDay || (second == SecondsOfDay && key == "until")))
                return second;
        }

        throw map.Wrong(key, $"'{text}' is no time of day, such as \"08:00\"; the end of the day is \"24:00\"");
    }
}
