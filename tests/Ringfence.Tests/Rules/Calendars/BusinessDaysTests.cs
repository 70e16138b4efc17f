using FsCheck.Fluent;
using NodaTime;
using NodaTime.Text;
using Ringfence.Rules.Calendars;
using Xunit;

namespace Ringfence.Tests.Rules.Calendars;

public sealed class BusinessDaysTests
{
    private static LocalDate Day(string iso) => LocalDatePattern.Iso.Parse(iso).Value;

    private static BusinessDays By(string calendar, bool? saturdays = false, Lean lean = Lean.Earlier) =>
        new(HolidayCalendars.Shipped.Named(calendar), saturdays, lean);

    [Theory]
    [InlineData("us-federal", "2026-07-02", false, 1, "2026-07-06")]
    [InlineData("us-federal", "2026-06-30", false, 10, "2026-07-15")]
    [InlineData("us-federal", "2021-12-30", false, 1, "2022-01-03")]
    // Five working days after Thursday 3 September 2026, with Saturdays and without.
    [InlineData("fr-national", "2026-09-03", true, 5, "2026-09-09")]
    [InlineData("fr-national", "2026-09-03", false, 5, "2026-09-10")]
    // Over a long weekend of Easter, and over Ascension Day.
    [InlineData("fr-national", "2026-04-02", true, 3, "2026-04-07")]
    [InlineData("fr-national", "2026-05-12", false, 3, "2026-05-18")]
    [InlineData("hk-general", "2026-04-02", true, 1, "2026-04-08")]
    [InlineData("be-public", "2026-12-23", true, 5, "2026-12-30")]
    // Back, and not at all.
    [InlineData("us-federal", "2026-07-06", false, -1, "2026-07-02")]
    [InlineData("us-federal", "2026-07-06", false, 0, "2026-07-06")]
    [InlineData("us-federal", "2026-07-05", false, 0, "2026-07-02")]
    public void Business_days_are_counted_from_the_next_day(string calendar, string from, bool saturdays, int days, string last) =>
        Assert.Equal(Day(last), By(calendar, saturdays).Add(Day(from), days));

    [Fact]
    public void Where_the_law_does_not_speak_of_Saturdays_the_way_we_lean_decides()
    {
        var thursday = new LocalDate(2026, 9, 3);
        Assert.Equal(By("fr-national", true).Add(thursday, 5), By("fr-national", null).Add(thursday, 5));
        Assert.Equal(By("fr-national", false).Add(thursday, 5), By("fr-national", null, Lean.Later).Add(thursday, 5));
    }

    [Fact]
    public void A_holiday_that_is_to_be_verified_puts_off_no_deadline_but_a_waiting_time()
    {
        // 19 January 2027, in Louisiana, is a Tuesday that only some lists name.
        var monday = new LocalDate(2027, 1, 18);
        Assert.Equal(new LocalDate(2027, 1, 19), By("us-la").Add(monday, 1));
        Assert.Equal(new LocalDate(2027, 1, 20), By("us-la", lean: Lean.Later).Add(monday, 1));
        Assert.True(HolidayCalendars.Shipped.Named("us-la").IsHoliday(monday.PlusDays(1)));
    }

    [Fact]
    public void A_day_off_lands_the_way_we_lean()
    {
        var sunday = new LocalDate(2026, 7, 5);
        Assert.Equal(new LocalDate(2026, 7, 2), By("us-federal").Add(sunday, 0));
        Assert.Equal(new LocalDate(2026, 7, 6), By("us-federal", lean: Lean.Later).Add(sunday, 0));
    }

    [Fact]
    public void Beyond_the_calendar_nobody_knows()
    {
        var days = By("cn-arranged");
        var last = HolidayCalendars.Shipped.Named("cn-arranged").LastDay;
        Assert.Equal(last, days.Add(last, 0));
        Assert.Null(days.Add(last, 1));
        Assert.Null(days.Add(last.PlusDays(1), 0));
        Assert.Null(days.Add(last.PlusDays(1), -1));
        Assert.Null(days.IsBusinessDay(last.PlusDays(1)));
        Assert.Null(days.Add(last, int.MaxValue));
        Assert.Null(days.Add(last, int.MinValue));
        Assert.Null(days.Add(LocalDate.MaxIsoValue, 1));
        Assert.Null(days.Add(LocalDate.MinIsoValue, -1));
    }

    [Fact]
    public void A_later_start_or_more_days_never_end_earlier_and_a_count_comes_back()
    {
        var calendars = HolidayCalendars.Shipped.Names.Where(n => n is not ("sg-public" or "cn-arranged")).ToArray();
        var cases =
            from calendar in Gen.Elements(calendars)
            from saturdays in Gen.Elements(new bool?[] { true, false, null })
            from lean in Gen.Elements(Lean.Earlier, Lean.Later)
            from after in Gen.Choose(0, 3_000)
            from days in Gen.Choose(-40, 40)
            select (Days: By(calendar, saturdays, lean), From: new LocalDate(2022, 1, 1).PlusDays(after), Count: days);

        FsCheck.Check.QuickThrowOnFailure(Prop.ForAll(Arb.From(cases), c =>
        {
            var end = c.Days.Add(c.From, c.Count)!.Value;
            Assert.True(c.Days.IsBusinessDay(end));
            Assert.True(end <= c.Days.Add(c.From, c.Count + 1));
            Assert.True(end <= c.Days.Add(c.From.PlusDays(1), c.Count));

            // As many business days lie between as were counted.
            var (first, last) = c.Count > 0 ? (c.From.PlusDays(1), end) : (end, c.From.PlusDays(-1));
            var between = 0;
            for (var day = first; c.Count != 0 && day <= last; day = day.PlusDays(1))
                between += c.Days.IsBusinessDay(day)!.Value ? 1 : 0;
            return between == Math.Abs(c.Count);
        }));
    }

    [Fact]
    public void To_lean_to_the_earlier_never_gives_the_later_day()
    {
        var cases =
            from calendar in Gen.Elements(HolidayCalendars.Shipped.Names.Where(n => n is not ("sg-public" or "cn-arranged")).ToArray())
            from after in Gen.Choose(0, 3_000)
            from days in Gen.Choose(0, 30)
            select (calendar, start: new LocalDate(2022, 1, 1).PlusDays(after), days);
        FsCheck.Check.QuickThrowOnFailure(Prop.ForAll(Arb.From(cases), c =>
            By(c.calendar, null).Add(c.start, c.days) <= By(c.calendar, null, Lean.Later).Add(c.start, c.days)));
    }
}
