using System.Globalization;
using NodaTime;
using Ringfence.People;
using Ringfence.Rules;

namespace Ringfence.Gate;

/// <summary>A language in which verdicts are told: sentences, lists, dates on the person's clock, periods.</summary>
/// <remarks>Nothing here depends on the machine's culture data.</remarks>
/// <param name="tag">BCP 47, as <see cref="RuleText.In"/> takes it.</param>
public sealed class GateLanguage(string tag)
{
    /// <summary>BCP 47.</summary>
    public string Tag { get; } = tag;

    /// <summary>A day: <c>3 March 2026</c>, <c>2026 年 3 月 3 日</c>.</summary>
    public string Date(LocalDate day) => Say("time.date", day.Day, MonthOf(day), day.Year);

    /// <summary>A period: <c>18 months</c>, <c>24 小时</c>.</summary>
    public string Period(Period period)
    {
        ArgumentNullException.ThrowIfNull(period);
        (string Unit, long Count)[] parts =
        [
            ("year", period.Years), ("month", period.Months), ("week", period.Weeks), ("day", period.Days),
            ("hour", period.Hours), ("minute", period.Minutes), ("second", period.Seconds),
        ];
        return string.Join(Say("list.sentence"), parts.Where(static part => part.Count != 0).Select(part => Counted("unit." + part.Unit, part.Count)));
    }

    /// <summary>An instant on the clocks of all zones where the person may be, with the zones named; in UTC where none is known.</summary>
    /// <param name="at">The instant. What lies between two seconds becomes the later one: nothing begins before it is said to.</param>
    /// <param name="zones">The zones.</param>
    public string Time(Instant at, IReadOnlyCollection<DateTimeZone> zones)
    {
        ArgumentNullException.ThrowIfNull(zones);
        var clocks = zones.Select(zone => (Local: Whole(at.InZone(zone).LocalDateTime), Zone: zone.Id))
            .GroupBy(static clock => clock.Local, static clock => clock.Zone).OrderBy(static clock => clock.Key).ToArray();
        return clocks switch
        {
            [] => Say("time.unknown", DayAndHour(Whole(at.InUtc().LocalDateTime))),
            [var one] => Say("time.their", DayAndHour(one.Key), Some(one)),
            [var first, .., var last] => Say(
                "time.between", DayAndHour(first.Key), Some(first), first.Key.Date == last.Key.Date ? Hour(last.Key.TimeOfDay) : DayAndHour(last.Key), Some(last)),
        };
    }

    /// <summary>What a verdict is; in Chinese with the word that files and programs know.</summary>
    public string Verdict(Verdict verdict)
    {
        ArgumentNullException.ThrowIfNull(verdict);
        var text = Word("verdict", verdict.Word);
        return text == verdict.Word ? text : Beside(text, verdict.Word);
    }

    /// <summary>Things one after another: <c>a, b</c>, <c>a、b</c>.</summary>
    public string List(IEnumerable<string> things) => string.Join(Say("list.comma"), things);

    /// <summary>Some names: all of them where they are few, else the first and how many more.</summary>
    public string Some(IEnumerable<string> names)
    {
        var all = names.ToArray();
        return all.Length <= 2 ? List(all) : Say("list.more", all[0], all.Length - 1, all.Length);
    }

    /// <summary>Parts of a sentence that hold commas themselves: <c>a; b</c>, <c>a；b</c>.</summary>
    public string Parts(IEnumerable<string> parts) => string.Join(Say("list.semicolon"), parts);

    /// <summary>A name with more beside it: <c>France (FR)</c>, <c>法国（FR）</c>.</summary>
    public string Beside(string name, string more) => Say("detail", name, more);

    /// <summary>The name of a place with its code; the code alone where we know no name.</summary>
    public string Place(string code) => NameOf(code) is { } name ? Beside(name, code) : code;

    /// <summary>The name of a place; null where we know none.</summary>
    internal string? NameOf(string place) =>
        PlaceNames.Name(place, Tag.StartsWith("zh", StringComparison.OrdinalIgnoreCase) ? RuleText.IsTraditional(Tag) ? "zh-Hant" : "zh-Hans" : "en");

    /// <summary>A sentence with its arguments.</summary>
    internal string Say(string key, params object[] arguments)
    {
        var text = GateTexts.Sentence(key).In(Tag);
        return arguments.Length == 0 ? text : string.Format(CultureInfo.InvariantCulture, text, arguments);
    }

    /// <summary>The text of a code.</summary>
    internal string Word(string kind, string code) => GateTexts.Of(kind, code).In(Tag);

    /// <summary>A sentence that goes on with what it is about: <c>It is not known: their age.</c></summary>
    internal string With(string sentence, string? more) =>
        more is null ? sentence : sentence.TrimEnd(Say("stop")[0]) + Say("colon") + more + Say("stop");

    private string DayAndHour(LocalDateTime local) =>
        Say("time.day-and-hour", Say("time.day", Say($"day.{(int)local.DayOfWeek}"), local.Day, MonthOf(local.Date), local.Year), Hour(local.TimeOfDay));

    private string MonthOf(LocalDate day) => Say(string.Create(CultureInfo.InvariantCulture, $"month.{day.Month}"));

    private static string Hour(LocalTime time) => time.ToString(time.Second == 0 ? "HH':'mm" : "HH':'mm':'ss", CultureInfo.InvariantCulture);

    private static LocalDateTime Whole(LocalDateTime local) =>
        local.NanosecondOfSecond == 0 ? local : local.PlusNanoseconds(NodaConstants.NanosecondsPerSecond - local.NanosecondOfSecond);

    // One and many stand side by side where a language tells them apart.
    private string Counted(string key, long count)
    {
        var forms = GateTexts.Sentence(key).In(Tag).Split(';');
        return string.Format(CultureInfo.InvariantCulture, count == 1 ? forms[0] : forms[^1], count);
    }
}
