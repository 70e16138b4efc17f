using NodaTime;

namespace Ringfence.Rules.Calendars;

/// <summary>Reads calendar files, as strictly as rule files are read.</summary>
internal static class CalendarReader
{
    // So far apart that no law is known for both; it keeps a slip of the pen from making a table of a thousand years.
    private const int MostYears = 120;

    /// <summary>Reads one calendar; those that it includes are looked up when its days are worked out.</summary>
    /// <exception cref="RuleFileException">The file is not in order.</exception>
    public static CalendarFile Read(string file, TextReader text)
    {
        var map = RuleMap.Read(file, text);
        var covers = map.Map("covers");
        var first = covers.Day("first");
        var last = covers.Day("last");
        if (last < first || last.Year - first.Year >= MostYears)
            throw covers.Wrong("last", $"has to be after the first, by less than {MostYears} years");
        covers.Done();

        var certainty = map.OneOf("certainty", RuleReader.Certainties);
        var calendar = new CalendarFile
        {
            File = file,
            Name = map.Name("id"),
            Title = map.Texts("name"),
            Says = map.Texts("says"),
            Cites = map.Text("cites"),
            Sources = [.. map.Addresses("source"), .. map.Addresses("also")],
            Certainty = certainty,
            Reading = map.OptionalText("reading"),
            First = first,
            Last = last,
            Includes = map.Names("includes"),
            IncludesAt = map.PlaceOf("includes"),
            Rules = [.. map.Maps("holidays").Select(holiday => Holiday(holiday, certainty, first, last))],
        };
        map.Done();

        if (map.Items("source").Count != 1)
            throw map.Has("source") ? map.Wrong("source", "one address is wanted; the others stand in 'also'") : map.Missing("source");
        if (file != $"{HolidayCalendars.Folder}{calendar.Name}.yaml")
            throw map.Wrong("id", $"by its id the file should be {HolidayCalendars.Folder}{calendar.Name}.yaml");
        if (calendar.Rules.Count == 0 && calendar.Includes.Count == 0)
            throw map.Wrong("holidays", "there is none");
        return calendar;
    }

    private static HolidayRule Holiday(RuleMap map, string certainty, LocalDate first, LocalDate last)
    {
        var pattern = Pattern(map);
        certainty = map.Has("certainty") ? map.OneOf("certainty", RuleReader.Certainties) : certainty;
        var rule = new HolidayRule(
            map.Texts("name"),
            pattern,
            map.OptionalDay("from"),
            map.OptionalDay("until"),
            Every(map),
            map.OptionalMap("observed") is { } observed ? Observed(observed, certainty) : null,
            certainty);
        map.Done();

        if (rule.Until <= rule.From)
            throw map.Wrong("until", "the end is not after the beginning");
        if (rule.Every > 1 && rule.From is null)
            throw map.Wrong("every", "from which year on? 'from' is missing");
        AnswersForEachYear(map, rule, first, last);
        return rule;
    }

    /// <summary>A year that the calendar covers and the rule says nothing of would be a holiday that nobody knows.</summary>
    private static void AnswersForEachYear(RuleMap map, HolidayRule rule, LocalDate first, LocalDate last)
    {
        var (from, until) = (rule.From ?? LocalDate.MinIsoValue, rule.Until ?? LocalDate.MaxIsoValue);
        var listed = map.List("dates").Count > 0;
        for (var year = first.Year - 1; year <= last.Year + 1; year++)
        {
            if (new LocalDate(year, 12, 31) < from || new LocalDate(year, 1, 1) >= until)
                continue;
            if (year < rule.Pattern.Years.First || year > rule.Pattern.Years.Last)
                throw map.Wrong("on", $"can be worked out from {rule.Pattern.Years.First + 1} to {rule.Pattern.Years.Last - 1} only; the calendar covers more");
            if (listed && year >= first.Year && year <= last.Year && !rule.DaysOf(year).Any())
                throw map.Wrong("dates", $"none is given for {year}");
        }
    }

    private static DatePattern Pattern(RuleMap map)
    {
        var dates = map.List("dates");
        if (map.Has("on") == map.Has("dates"))
            throw map.Wrong("on", "a holiday has either 'on' or 'dates'");
        if (dates.Count == 0)
        {
            var text = map.Text("on");
            return DatePatternText.Parse(text) ?? throw map.Wrong("on", $"'{text}' is no day that can be worked out, such as 'last Monday of May'");
        }

        return new DatePattern.Listed(
        [
            .. dates.Select(text => DatePatternText.ParseDays(text) ?? throw map.Wrong("dates", $"'{text}' is no day, such as 2026-08-11, and no days, such as 2026-02-15 to 2026-02-23")),
        ]);
    }

    private static Observance Observed(RuleMap map, string certainty)
    {
        var onWeekday = new Dictionary<IsoDayOfWeek, Shift>();
        for (var weekday = IsoDayOfWeek.Monday; weekday <= IsoDayOfWeek.Sunday; weekday++)
        {
            if (ShiftOf(map, weekday.ToString()) is { } shift)
                onWeekday.Add(weekday, shift);
        }

        var observance = new Observance(
            onWeekday,
            ShiftOf(map, "another-holiday"),
            map.OneOf("day-itself", "stays", "moves") == "stays",
            map.Has("certainty") ? map.OneOf("certainty", RuleReader.Certainties) : certainty);
        map.Done();
        return onWeekday.Count > 0 || observance.OnClash is not null ? observance : throw map.Wrong("day-itself", "on which weekdays, and what is kept then?");
    }

    private static Shift? ShiftOf(RuleMap map, string key) => map.OptionalText(key) switch
    {
        null => null,
        "next free day" => new Shift.ToNextFree(Weekdays: false),
        "next free weekday" => new Shift.ToNextFree(Weekdays: true),
        var text when text.Split(' ') is [var name, "before" or "after"] && DatePatternText.Weekday(name) is { } weekday =>
            new Shift.ToWeekday(weekday, text.EndsWith("after", StringComparison.Ordinal)),
        var text => throw map.Wrong(key, $"'{text}' is none of 'Friday before', 'Monday after' and the like, 'next free day', 'next free weekday'"),
    };

    private static int Every(RuleMap map) => map.OptionalText("every") switch
    {
        null => 1,
        "2 years" => 2,
        "4 years" => 4,
        var text => throw map.Wrong("every", $"'{text}' is none of 2 years, 4 years"),
    };
}
