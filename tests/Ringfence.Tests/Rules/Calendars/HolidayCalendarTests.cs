using FsCheck.Fluent;
using NodaTime;
using NodaTime.Text;
using Ringfence.Files;
using Ringfence.Rules;
using Ringfence.Rules.Calendars;
using Xunit;

namespace Ringfence.Tests.Rules.Calendars;

public sealed class HolidayCalendarTests
{
    private static LocalDate Day(string iso) => LocalDatePattern.Iso.Parse(iso).Value;

    private static string Iso(LocalDate day) => LocalDatePattern.Iso.Format(day);

    private static HolidayCalendar Named(string name) => HolidayCalendars.Shipped.Named(name);

    public static TheoryData<string, int, string> PublishedYears =>
        [.. WordTable.Rows("calendar-days.tsv").Select(row => new TheoryDataRow<string, int, string>(row[0], int.Parse(row[1], null), row[2]))];

    public static TheoryData<string> Names => [.. HolidayCalendars.Shipped.Names];

    [Theory]
    [MemberData(nameof(PublishedYears))]
    public void The_days_of_a_year_are_those_that_were_published(string name, int year, string days)
    {
        var holidays = Named(name).Holidays;
        var replaced = holidays.Select(h => h.InLieuOf).OfType<LocalDate>().ToHashSet();
        Assert.Equal(
            days.Split(' ').Select(day => $"{year}-{day}"),
            holidays.Where(h => h.Day.Year == year && !replaced.Contains(h.Day)).Select(h => Iso(h.Day)));
    }

    [Theory]
    [InlineData("us-federal", "2021-12-31", "2022-01-01")]
    [InlineData("us-federal", "2026-07-03", "2026-07-04")]
    [InlineData("hk-general", "2026-04-07", "2026-04-05")]
    [InlineData("nz-public", "2022-01-04", "2022-01-02")]
    [InlineData("au-national", "2021-12-28", "2021-12-26")]
    [InlineData("us-ut", "2025-06-16", "2025-06-19")]
    public void A_day_in_lieu_says_for_which_it_stands(string name, string day, string standsFor)
    {
        var found = Assert.IsType<CalendarDay.Holiday>(Named(name).Find(Day(day)));
        Assert.Equal(Day(standsFor), found.InLieuOf);
    }

    [Theory]
    // What is kept in lieu may leave the day itself a holiday, or take its place.
    [InlineData("us-federal", "2022-01-01", true)]
    [InlineData("us-ut", "2026-07-04", false)]
    [InlineData("us-ut", "2025-06-19", false)]
    // On both sides of the day from which a rule holds.
    [InlineData("us-federal", "2020-06-19", false)]
    [InlineData("us-federal", "2021-06-19", true)]
    [InlineData("it-national", "2025-10-04", false)]
    [InlineData("it-national", "2026-10-04", true)]
    [InlineData("cn-statutory", "2024-05-02", false)]
    [InlineData("cn-statutory", "2025-05-02", true)]
    [InlineData("cn-statutory", "2024-02-09", false)]
    [InlineData("cn-statutory", "2025-01-28", true)]
    [InlineData("ca-bc", "2022-09-30", false)]
    [InlineData("ca-bc", "2023-09-30", true)]
    [InlineData("ca-federal", "2020-09-30", false)]
    [InlineData("ca-federal", "2021-09-30", true)]
    [InlineData("us-ut", "2026-04-03", false)]
    [InlineData("us-ut", "2027-03-26", true)]
    // Election days: every year, or every second.
    [InlineData("us-pa", "2025-11-04", true)]
    [InlineData("us-ri", "2025-11-04", false)]
    [InlineData("us-ri", "2026-11-03", true)]
    // Struck from the law, kept because lists differ.
    [InlineData("us-la", "2026-01-19", true)]
    [InlineData("us-la", "2026-06-03", true)]
    [InlineData("us-la", "2026-02-17", true)]
    [InlineData("us-la", "2026-06-20", true)]
    // Whatever Spanish region a person may live in.
    [InlineData("es-national", "2026-09-11", false)]
    [InlineData("es-any-region", "2026-09-11", true)]
    [InlineData("es-any-region", "2026-10-12", true)]
    [InlineData("es-any-region", "2027-03-01", true)]
    public void A_day_is_a_holiday_or_not(string name, string day, bool holiday) =>
        Assert.Equal(holiday, Named(name).IsHoliday(Day(day)));

    [Fact]
    public void Holidays_that_meet_are_named_together()
    {
        var norway = Assert.IsType<CalendarDay.Holiday>(Named("no-public").Find(new LocalDate(2027, 5, 17)));
        Assert.Equal("Constitution Day, Whit Monday", norway.Name.En);
        Assert.Equal("宪法日、圣灵降临节星期一", norway.Name.ZhHans);
        Assert.Equal("憲法日、聖靈降臨節星期一", norway.Name.ZhHant);
        Assert.Null(norway.InLieuOf);

        // Of one name in two calendars it is one.
        var island = Assert.IsType<CalendarDay.Holiday>(Named("us-ri").Find(new LocalDate(2026, 10, 12)));
        Assert.Equal("Columbus Day", island.Name.En);
    }

    [Fact]
    public void The_surest_ground_of_a_day_counts()
    {
        static string Certainty(string name, string day) => Assert.IsType<CalendarDay.Holiday>(Named(name).Find(Day(day))).Certainty;
        // What the file says of all its days, of one rule, and of what is kept in lieu.
        Assert.Equal("secondary", Certainty("nz-public", "2027-01-04"));
        Assert.Equal("verified", Certainty("fr-overseas-mf", "2026-05-27"));
        Assert.Equal("to-verify", Certainty("fr-overseas-mf", "2026-05-28"));
        Assert.Equal("to-verify", Certainty("ca-federal", "2022-01-03"));
        // Canada Day on a Saturday: which day is kept in lieu is for the employer to say; on a Sunday it is for the law.
        Assert.Equal("to-verify", Certainty("ca-federal", "2023-07-03"));
        Assert.Equal("secondary", Certainty("ca-federal", "2018-07-02"));
        // Christmas Eve, which courts alone keep, is also the day on which Christmas Day is kept when that is a Saturday.
        Assert.Equal("secondary", Certainty("us-la", "2021-12-24"));
        Assert.Equal("to-verify", Certainty("us-la", "2025-12-24"));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Outside_its_years_a_calendar_says_that_it_does_not_know(string name)
    {
        var calendar = Named(name);
        foreach (var inside in new[] { calendar.FirstDay, calendar.LastDay })
            Assert.IsNotType<CalendarDay.NotCovered>(calendar.Find(inside));
        foreach (var outside in new[] { calendar.FirstDay.PlusDays(-1), calendar.LastDay.PlusDays(1), LocalDate.MinIsoValue, LocalDate.MaxIsoValue })
        {
            Assert.IsType<CalendarDay.NotCovered>(calendar.Find(outside));
            Assert.Null(calendar.IsHoliday(outside));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_day_is_answered_as_the_list_of_holidays_has_it(string name)
    {
        var calendar = Named(name);
        var listed = calendar.Holidays.ToDictionary(h => h.Day);
        Assert.Equal(listed.Keys.Order(), calendar.Holidays.Select(h => h.Day));
        for (var day = calendar.FirstDay.PlusDays(-40); day <= calendar.LastDay.PlusDays(40); day = day.PlusDays(1))
        {
            CalendarDay expected = day < calendar.FirstDay || day > calendar.LastDay
                ? CalendarDay.OutsideCoverage
                : listed.TryGetValue(day, out var holiday) ? holiday : CalendarDay.Ordinary;
            Assert.Same(expected, calendar.Find(day));
        }
    }

    [Fact]
    public void A_day_may_be_given_in_any_calendar_system()
    {
        var christmas = new LocalDate(2026, 12, 25);
        foreach (var system in new[] { CalendarSystem.Julian, CalendarSystem.HebrewCivil, CalendarSystem.Coptic })
            Assert.True(Named("fr-national").IsHoliday(christmas.WithCalendar(system)));
        Assert.False(Named("fr-national").IsHoliday(new LocalDate(2026, 12, 25, CalendarSystem.Julian)));
    }

    [Fact]
    public void To_ask_costs_no_memory()
    {
        var calendar = Named("us-la");
        Assert.NotNull(calendar.IsHoliday(new LocalDate(2026, 1, 1)));
        var before = GC.GetAllocatedBytesForCurrentThread();
        var holidays = 0;
        for (var day = new LocalDate(2026, 1, 1); day.Year == 2026; day = day.PlusDays(1))
            holidays += calendar.Find(day) is CalendarDay.Holiday ? 1 : 0;
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.True(holidays > 15);
    }

    [Fact]
    public void Many_may_ask_at_once_for_what_nobody_asked_before()
    {
        var fresh = new HolidayCalendars(EmbeddedFiles.In(HolidayCalendars.Folder));
        var answers = new System.Collections.Concurrent.ConcurrentBag<HolidayCalendar>();
        Parallel.For(0, 64, _ => answers.Add(fresh.Named("us-ri")));
        Assert.Single(answers.Distinct());
    }

    [Theory]
    [InlineData("us-federal")]
    [InlineData("us-pa")]
    [InlineData("us-al")]
    [InlineData("us-ne")]
    [InlineData("us-ut")]
    [InlineData("ca-federal")]
    [InlineData("au-national")]
    [InlineData("nz-public")]
    public void What_is_kept_in_lieu_is_never_on_a_weekend(string name) =>
        Assert.All(Named(name).Holidays.Where(h => h.InLieuOf is not null), h => Assert.InRange(h.Day.DayOfWeek, IsoDayOfWeek.Monday, IsoDayOfWeek.Friday));

    [Theory]
    [InlineData("hk-general", 17)]
    [InlineData("sg-public", 11)]
    public void No_holiday_is_lost_to_a_Sunday_or_to_another_holiday(string name, int daysAYear)
    {
        var calendar = Named(name);
        foreach (var year in calendar.Holidays.Where(h => h.Day.DayOfWeek != IsoDayOfWeek.Sunday).GroupBy(h => h.Day.Year))
            Assert.InRange(year.Count(), daysAYear, daysAYear + 1);
    }

    [Fact]
    public void Each_of_the_three_answers_is_a_case_of_its_own()
    {
        static string Word(CalendarDay day) => day.Match(h => h.Name.En, _ => "no holiday", _ => "not covered");
        var calendar = Named("fr-national");
        Assert.Equal("National Day", Word(calendar.Find(new LocalDate(2026, 7, 14))));
        Assert.Equal("no holiday", Word(calendar.Find(new LocalDate(2026, 7, 15))));
        Assert.Equal("not covered", Word(calendar.Find(new LocalDate(1999, 7, 14))));
    }

    [Fact]
    public void Any_day_at_all_is_answered()
    {
        var calendars = HolidayCalendars.Shipped.Names.Select(Named).ToArray();
        var days = Gen.Choose((int)Period.DaysBetween(LocalDate.MinIsoValue, new LocalDate(1970, 1, 1)) * -1, (int)Period.DaysBetween(new LocalDate(1970, 1, 1), LocalDate.MaxIsoValue))
            .Select(d => new LocalDate(1970, 1, 1).PlusDays(d));
        FsCheck.Check.QuickThrowOnFailure(Prop.ForAll(Arb.From(days), day => calendars.All(c =>
            c.Find(day) is CalendarDay.NotCovered == (day < c.FirstDay || day > c.LastDay))));
    }
}
