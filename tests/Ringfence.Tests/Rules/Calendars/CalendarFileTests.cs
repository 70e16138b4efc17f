using NodaTime;
using Ringfence.Rules;
using Ringfence.Rules.Calendars;
using Xunit;

namespace Ringfence.Tests.Rules.Calendars;

/// <summary>Every calendar that ships can be traced and read in three languages; one that is not in order is refused.</summary>
public sealed class CalendarFileTests
{
    private static readonly string[] Needed =
    [
        "us-federal", "us-pa", "us-la", "us-al", "us-ri", "us-ut", "us-ne", "ca-federal", "ca-bc", "au-national", "nz-public", "hk-general",
        "sg-public", "fr-national", "fr-alsace-moselle", "fr-overseas-re", "es-national", "es-any-region", "no-public", "it-national",
        "be-public", "cn-statutory", "cn-arranged", "in-national",
    ];

    public static TheoryData<string> Names => [.. HolidayCalendars.Shipped.Names];

    [Fact]
    public void Every_calendar_of_the_repository_is_in_the_library()
    {
        var onDisk = Directory.EnumerateFiles(Path.Combine(Repository.Root, "rules", "calendars"), "*.yaml").Select(f => Path.GetFileNameWithoutExtension(f)!);
        Assert.Equal(onDisk.Order(StringComparer.Ordinal), HolidayCalendars.Shipped.Names);
        Assert.Empty(Needed.Except(HolidayCalendars.Shipped.Names));
        Assert.DoesNotContain(Rulebook.Shipped.Rules, r => r.File.StartsWith(HolidayCalendars.Folder, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_calendar_that_ships_is_traced_dated_and_speaks_three_languages(string name)
    {
        var calendar = HolidayCalendars.Shipped.Named(name);
        Assert.Equal(name, calendar.Name);
        Assert.NotEmpty(calendar.Cites);
        Assert.All(calendar.Sources, s => Assert.Equal("https", s.Scheme));
        Assert.Contains(calendar.Certainty, RuleReader.Certainties);
        Assert.True(calendar.FirstDay <= new LocalDate(2024, 1, 1));
        Assert.True(calendar.LastDay >= new LocalDate(2026, 12, 31));
        Assert.All([calendar.Title, calendar.Says, .. calendar.Holidays.Select(h => h.Name)], text =>
        {
            Assert.DoesNotContain(text.En, IsHan);
            Assert.Contains(text.ZhHans, IsHan);
            Assert.Contains(text.ZhHant, IsHan);
        });
        Assert.NotEqual(calendar.Says.ZhHans, calendar.Says.ZhHant);
    }

    [Fact]
    public void The_reference_lists_every_calendar_with_its_years()
    {
        var reference = File.ReadAllText(Path.Combine(Repository.Root, "docs", "reference", "calendars.md"));
        foreach (var name in HolidayCalendars.Shipped.Names)
        {
            var calendar = HolidayCalendars.Shipped.Named(name);
            Assert.Contains($"| `{name}` | {calendar.FirstDay.Year} | {calendar.LastDay.Year} | {calendar.Certainty} |", reference, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void An_unknown_name_is_named()
    {
        var error = Assert.Throws<ArgumentException>(() => HolidayCalendars.Shipped.Named("us-atlantis"));
        Assert.Contains("'us-atlantis'", error.Message, StringComparison.Ordinal);
        Assert.Null(HolidayCalendars.Shipped.Find("US-FEDERAL"));
    }

    [Fact]
    public void A_calendar_in_order_is_read()
    {
        var calendar = Make(("xx-test", Good));
        Assert.Equal(
            ["2024-01-01", "2024-05-06", "2025-01-01", "2025-05-05"],
            calendar.Holidays.Select(h => NodaTime.Text.LocalDatePattern.Iso.Format(h.Day)));
        Assert.Equal("b", calendar.Holidays[0].Name.ZhHans);
    }

    [Theory]
    [InlineData("on: January 1", "on: January 32", 11, "is no day that can be worked out")]
    [InlineData("on: January 1", "dates: [2024-01-01]", 11, "none is given for 2025")]
    [InlineData("on: January 1", "dates: [2024-01-01, 2025-01-02 to 2025-01-01]", 11, "is no day, such as")]
    [InlineData("on: January 1", "on: January 1\n    dates: [2024-01-01, 2025-01-01]", 11, "either 'on' or 'dates'")]
    [InlineData("    on: January 1\n", "", 10, "either 'on' or 'dates'")]
    [InlineData("on: January 1", "on: January 1\n    until: 1999", 12, "is no day")]
    [InlineData("on: January 1", "on: January 1\n    from: 2024-01-01\n    until: 2024-01-01", 13, "not after the beginning")]
    [InlineData("on: January 1", "on: January 1\n    every: 2 years", 12, "'from' is missing")]
    [InlineData("on: January 1", "on: January 1\n    from: 2024-01-01\n    every: 3 years", 13, "is none of 2 years")]
    [InlineData("on: January 1", "on: January 1\n    certainty: sure", 12, "is none of verified")]
    [InlineData("on: January 1", "on: January 1\n    tip: x", 12, "unknown key 'tip'")]
    [InlineData("on: January 1", "on: January 1\n    observed: { Sunday: Monday after }", 12, "'day-itself' is missing")]
    [InlineData("on: January 1", "on: January 1\n    observed: { day-itself: stays }", 12, "on which weekdays")]
    [InlineData("on: January 1", "on: January 1\n    observed: { Sunday: some day, day-itself: stays }", 12, "'some day' is none of")]
    [InlineData("on: January 1", "on: January 1\n    observed: { sunday: Monday after, day-itself: stays }", 12, "unknown key 'sunday'")]
    [InlineData("last: 2025-12-31", "last: 2023-12-31", 7, "has to be after the first")]
    [InlineData("last: 2025-12-31", "last: 2150-12-31", 7, "has to be after the first")]
    [InlineData("zh-Hant: c }\ncites", "zh-Hant: '' }\ncites", 3, "has to be a text")]
    [InlineData("source: https", "source: http", 5, "is no https address")]
    [InlineData("cites: Act 1\n", "", 1, "'cites' is missing")]
    [InlineData("id: xx-test", "id: xx-other", 1, "the file should be rules/calendars/xx-other.yaml")]
    [InlineData("on: January 1", "on: January 1\n    on: January 2", 12, "the key 'on' stands twice")]
    public void A_wrong_value_is_refused_with_file_and_line(string right, string wrong, int line, string why)
    {
        Assert.Contains(right, Good, StringComparison.Ordinal);
        var error = Assert.Throws<RuleFileException>(() => Make(("xx-test", Good.Replace(right, wrong, StringComparison.Ordinal))));
        Assert.Contains(why, error.Message, StringComparison.OrdinalIgnoreCase);
        Assert.Equal((HolidayCalendars.Folder + "xx-test.yaml", line), (error.File, error.Line));
    }

    [Theory]
    [InlineData("lunar month 1 day 1", "2057-12-31")]
    [InlineData("sun at 15 degrees UTC+8", "2065-12-31")]
    [InlineData("1 day after lunar month 1 day 1", "2057-12-31")]
    public void No_calendar_covers_more_than_can_be_worked_out(string pattern, string last)
    {
        var text = Good.Replace("on: January 1", $"on: {pattern}", StringComparison.Ordinal).Replace("2025-12-31", last, StringComparison.Ordinal);
        Assert.Contains("can be worked out from", Assert.Throws<RuleFileException>(() => Make(("xx-test", text))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_calendar_may_include_others_and_then_keeps_their_days()
    {
        var own = Good.Replace("holidays:", "includes: [xx-test]\nholidays:", StringComparison.Ordinal)
            .Replace("xx-test\nname", "xx-own\nname", StringComparison.Ordinal).Replace("January 1", "January 2", StringComparison.Ordinal);
        Assert.Equal(6, Make(("xx-own", own), ("xx-test", Good)).Holidays.Count);
    }

    [Theory]
    [InlineData("xx-none", "there is no calendar 'xx-none'")]
    [InlineData("xx-test", "'xx-test' includes itself")]
    [InlineData("xx-short", "'xx-short' does not reach as far")]
    [InlineData("xx-loop", "'xx-test' includes itself")]
    public void What_can_not_be_included_is_refused_with_file_and_line(string included, string why)
    {
        var shorter = Good.Replace("xx-test", "xx-short", StringComparison.Ordinal).Replace("2025-12-31", "2024-12-31", StringComparison.Ordinal);
        var loop = Good.Replace("xx-test", "xx-loop", StringComparison.Ordinal).Replace("holidays:", "includes: [xx-test]\nholidays:", StringComparison.Ordinal);
        var error = Assert.Throws<RuleFileException>(() => Make(
            ("xx-test", Good.Replace("holidays:", $"includes: [{included}]\nholidays:", StringComparison.Ordinal)), ("xx-short", shorter), ("xx-loop", loop)));
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
        Assert.Equal(8, error.Line);
    }

    [Theory]
    // 1 June is a Saturday in 2024 and a Sunday in 2025; 1 May 2025 is a Thursday.
    [InlineData("June 1", "{ Saturday: Friday before, Sunday: Monday after, day-itself: moves }", "2024-05-31 2025-06-02")]
    [InlineData("June 1", "{ Saturday: Friday before, Sunday: Monday after, day-itself: stays }", "2024-05-31 2024-06-01 2025-06-01 2025-06-02")]
    [InlineData("June 1", "{ Saturday: next free day, day-itself: moves }", "2024-06-03 2025-06-01")]
    [InlineData("May 1", "{ Thursday: Monday before, day-itself: moves }", "2024-05-01 2025-04-28")]
    // The first Monday of May is taken: 4 May, the weekend before it, has to go one day further, and so has what is on the same day.
    [InlineData("May 4", "{ Saturday: next free weekday, Sunday: next free weekday, day-itself: moves }", "2024-05-07 2025-05-06")]
    [InlineData("first Monday of May", "{ another-holiday: next free day, day-itself: stays }", "2024-05-06 2024-05-07 2025-05-05 2025-05-06")]
    // 29 December is a Friday in 2023, a Sunday in 2024 and a Monday in 2025: days of one year are kept in the next.
    [InlineData("December 29", "{ Friday: Monday after, Monday: Thursday after, day-itself: moves }", "2024-01-01 2024-12-29")]
    public void A_day_that_falls_badly_is_kept_as_its_rule_says(string on, string observed, string days)
    {
        var text = Good.Replace("on: January 1", "on: first Monday of May", StringComparison.Ordinal) +
            $"  - name: {{ en: own, zh-Hans: b, zh-Hant: c }}\n    on: {on}\n    observed: {observed}\n";
        var own = Make(("xx-test", text)).Holidays.Where(h => h.Name.En.Contains("own", StringComparison.Ordinal));
        Assert.Equal(days.Split(' '), own.Select(h => NodaTime.Text.LocalDatePattern.Iso.Format(h.Day)));
    }

    private const string Good =
        """
        id: xx-test
        name: { en: a, zh-Hans: b, zh-Hant: c }
        says: { en: a, zh-Hans: b, zh-Hant: c }
        cites: Act 1
        source: https://example.org/act
        certainty: verified
        covers: { first: 2024-01-01, last: 2025-12-31 }
        holidays:
          # A remark.
          - name: { en: a, zh-Hans: b, zh-Hant: c }
            on: January 1
          - name: { en: a, zh-Hans: b, zh-Hant: c }
            on: first Monday of May

        """;

    private static HolidayCalendar Make(params (string Name, string Text)[] files) =>
        new HolidayCalendars(files.Select(f => ($"{HolidayCalendars.Folder}{f.Name}.yaml", f.Text))).Named(files[0].Name);

    private static bool IsHan(char c) => c is >= '\u4e00' and <= '\u9fff';
}
