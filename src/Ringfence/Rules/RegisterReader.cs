using NodaTime;

namespace Ringfence.Rules;

/// <summary>Reads the body of a rule about a do-not-call register.</summary>
internal static class RegisterReader
{
    public static RegisterBody Read(RuleMap map)
    {
        var binds = map.OptionalMap("binds-after");
        var body = new RegisterBody(
            map.Name("name"),
            Screened(map),
            binds is null ? null : Counted(binds, "lasts"),
            binds is not null && binds.OneOf("from", "listed", "published") == "published",
            map.True("opt-in"),
            map.Has("supersedes") && map.OneOf("supersedes", "all", "flagged") is var which
                ? which == "all" ? Superseding.All : Superseding.Flagged
                : Superseding.None);
        binds?.Done();
        map.Done();
        return body;
    }

    private static ScreeningAge? Screened(RuleMap map)
    {
        if (map.Has("screened-in"))
        {
            if (map.Has("screened-within"))
                throw map.Wrong("screened-in", "either 'screened-in' or 'screened-within'");
            _ = map.OneOf("screened-in", "month");
        }
        else if (map.Has("screened-within"))
        {
            return new ScreeningAge(Counted(map, "screened-within"));
        }

        if (map.Has("counting") || map.Has("calendar"))
            throw map.Wrong(map.Has("counting") ? "counting" : "calendar", "belongs to 'screened-within'");
        return map.Has("screened-in") ? new ScreeningAge(null) : null;
    }

    /// <summary>A period with what is counted; days, months and years by the calendar where nothing is said.</summary>
    private static DayCount Counted(RuleMap map, string key)
    {
        var lasts = map.Days(key);
        var counting = map.Has("counting") ? map.OneOf("counting", "days", "working-days", "months") : null;
        var isDays = lasts is { Years: 0, Months: 0 };
        if (counting == "working-days" && lasts is not { Years: 0, Months: 0, Weeks: 0 })
            throw map.Wrong(key, "working days are counted in days, such as P10D");
        if (counting is "days" or "months" && isDays != (counting == "days"))
            throw map.Wrong(key, $"'{map.Text(key)}' does not go with counting: {counting}");
        return new DayCount(lasts, GroundConditions.WorkingDaysOf(map, counting ?? ""));
    }
}
