using FsCheck.Fluent;
using NodaTime;
using NodaTime.Text;
using Ringfence.Rules.Calendars;
using Xunit;

namespace Ringfence.Tests.Rules.Calendars;

public sealed class DatePatternTests
{
    private static string[] In(string pattern, int year) =>
        [.. DatePatternText.Parse(pattern)!.In(year).Select(LocalDatePattern.Iso.Format)];

    [Theory]
    [InlineData("July 4", 2026, "2026-07-04")]
    [InlineData("first Monday of September", 2026, "2026-09-07")]
    [InlineData("fourth Thursday of November", 2029, "2029-11-22")]
    [InlineData("last Monday of May", 2021, "2021-05-31")]
    [InlineData("last Friday of February", 2024, "2024-02-23")]
    [InlineData("Tuesday on or after November 2", 2026, "2026-11-03")]
    [InlineData("Tuesday on or after November 2", 2027, "2027-11-02")]
    [InlineData("Monday on or before May 24", 2021, "2021-05-24")]
    [InlineData("Monday on or before May 24", 2022, "2022-05-23")]
    [InlineData("Easter", 2026, "2026-04-05")]
    [InlineData("1 day after Easter", 2026, "2026-04-06")]
    [InlineData("47 days before Easter", 2026, "2026-02-17")]
    [InlineData("Orthodox Easter", 2026, "2026-04-12")]
    [InlineData("1 day after fourth Thursday of November", 2024, "2024-11-29")]
    [InlineData("1 day before lunar month 1 day 1", 2025, "2025-01-28")]
    [InlineData("lunar month 5 day 5", 2025, "2025-05-31")]
    [InlineData("sun at 15 degrees UTC+8", 2026, "2026-04-05")]
    [InlineData("sun at 180 degrees UTC+9", 2026, "2026-09-23")]
    [InlineData("2025-05-03", 2025, "2025-05-03")]
    public void A_day_is_written_as_people_say_it(string pattern, int year, string day) => Assert.Equal([day], In(pattern, year));

    [Theory]
    [InlineData("")]
    [InlineData("july 4")]
    [InlineData("July 32")]
    [InlineData("July 04 ")]
    [InlineData("February 29")]
    [InlineData("fifth Monday of May")]
    [InlineData("Monday of May")]
    [InlineData("Tuesday after November 2")]
    [InlineData("0 days after Easter")]
    [InlineData("367 days after Easter")]
    [InlineData("-1 days after Easter")]
    [InlineData("Easter Monday")]
    [InlineData("lunar month 13 day 1")]
    [InlineData("lunar month 12 day 30")]
    [InlineData("sun at 360 degrees UTC+8")]
    [InlineData("sun at 15 degrees UTC-8")]
    [InlineData("2025-02-30")]
    public void What_is_no_day_is_not_taken_for_one(string pattern) => Assert.Null(DatePatternText.Parse(pattern));

    [Theory]
    [InlineData(1961, 4, 2)]
    [InlineData(2000, 4, 23)]
    [InlineData(2008, 3, 23)]
    [InlineData(2011, 4, 24)]
    [InlineData(2024, 3, 31)]
    [InlineData(2025, 4, 20)]
    [InlineData(2027, 3, 28)]
    [InlineData(2038, 4, 25)]
    [InlineData(2049, 4, 18)]
    [InlineData(2076, 4, 19)]
    public void Western_Easter_is_on_the_day_of_the_tables(int year, int month, int day) => Assert.Equal(new LocalDate(year, month, day), Easter.Western(year));

    [Theory]
    [InlineData(2015, 4, 12)]
    [InlineData(2021, 5, 2)]
    [InlineData(2024, 5, 5)]
    [InlineData(2025, 4, 20)]
    [InlineData(2027, 5, 2)]
    public void Orthodox_Easter_is_on_the_day_of_the_tables(int year, int month, int day) => Assert.Equal(new LocalDate(year, month, day), Easter.Orthodox(year));

    [Fact]
    public void Easter_is_always_a_Sunday_of_spring_and_the_eastern_one_never_earlier() =>
        FsCheck.Check.QuickThrowOnFailure(Prop.ForAll(Arb.From(Gen.Choose(1583, 2600)), year =>
        {
            var (west, east) = (Easter.Western(year), Easter.Orthodox(year));
            return west.DayOfWeek == IsoDayOfWeek.Sunday && east.DayOfWeek == IsoDayOfWeek.Sunday && east >= west &&
                new LocalDate(year, 3, 22) <= west && west <= new LocalDate(year, 4, 25);
        }));

    [Theory]
    [InlineData(2015, 2, 19)]
    [InlineData(2016, 2, 8)]
    [InlineData(2017, 1, 28)]
    [InlineData(2018, 2, 16)]
    [InlineData(2019, 2, 5)]
    [InlineData(2020, 1, 25)]
    [InlineData(2021, 2, 12)]
    [InlineData(2022, 2, 1)]
    [InlineData(2023, 1, 22)]
    [InlineData(2024, 2, 10)]
    [InlineData(2025, 1, 29)]
    [InlineData(2026, 2, 17)]
    [InlineData(2027, 2, 6)]
    [InlineData(2028, 1, 26)]
    [InlineData(2029, 2, 13)]
    [InlineData(2030, 2, 3)]
    [InlineData(2031, 1, 23)]
    [InlineData(2032, 2, 11)]
    [InlineData(2033, 1, 31)]
    [InlineData(2034, 2, 19)]
    [InlineData(2035, 2, 8)]
    public void The_lunar_year_begins_on_the_day_of_the_almanac(int year, int month, int day) =>
        Assert.Equal([new LocalDate(year, month, day)], new DatePattern.Lunar(1, 1).In(year));

    [Theory]
    // 2020 had a fourth month twice, 2023 a second, 2025 a sixth, 2028 a fifth, 2033 an eleventh: the day is in the first of the two.
    [InlineData(2020, 4, 8, "2020-04-30")]
    [InlineData(2020, 5, 5, "2020-06-25")]
    [InlineData(2020, 8, 15, "2020-10-01")]
    [InlineData(2023, 2, 1, "2023-02-20")]
    [InlineData(2023, 5, 5, "2023-06-22")]
    [InlineData(2025, 8, 15, "2025-10-06")]
    [InlineData(2025, 9, 9, "2025-10-29")]
    [InlineData(2028, 5, 5, "2028-05-28")]
    [InlineData(2028, 8, 15, "2028-10-03")]
    [InlineData(2033, 9, 9, "2033-10-01")]
    public void A_leap_month_is_not_the_month_that_is_meant(int year, int month, int day, string date) =>
        Assert.Equal([date], In($"lunar month {month} day {day}", year));

    [Theory]
    // Moments in universal time, to the minute, from almanacs.
    [InlineData(0, "2024-03-20T03:06:00Z")]
    [InlineData(0, "2025-03-20T09:01:00Z")]
    [InlineData(0, "2026-03-20T14:46:00Z")]
    [InlineData(15, "2024-04-04T07:02:00Z")]
    [InlineData(15, "2025-04-04T12:48:00Z")]
    [InlineData(15, "2026-04-04T18:40:00Z")]
    [InlineData(90, "2025-06-21T02:42:00Z")]
    [InlineData(180, "2025-09-22T18:19:00Z")]
    [InlineData(270, "2025-12-21T15:03:00Z")]
    public void The_sun_is_found_to_a_quarter_of_an_hour(int degrees, string moment)
    {
        var known = InstantPattern.General.Parse(moment).Value;
        var off = SunLongitude.MomentOf(known.InUtc().Year, degrees) - known;
        Assert.InRange(Math.Abs(off.TotalMinutes), 0, 15);
    }

    [Fact]
    public void Qingming_is_never_so_close_to_midnight_that_a_quarter_of_an_hour_could_move_it()
    {
        for (var year = SunLongitude.FirstYear; year <= SunLongitude.LastYear; year++)
        {
            var time = SunLongitude.MomentOf(year, 15).WithOffset(Offset.FromHours(8)).TimeOfDay;
            Assert.InRange(time, new LocalTime(0, 15), new LocalTime(23, 45));
        }
    }

    [Fact]
    public void Qingming_is_on_the_day_of_the_rule_of_thumb_for_this_century()
    {
        // The days in April of 2000 to 2099 as [Y x 0.2422 + 4.81] - [Y / 4], Y the last two digits of the year.
        for (var year = 2000; year <= SunLongitude.LastYear; year++)
        {
            var ofCentury = year - 2000;
            var day = (int)((ofCentury * 0.2422) + 4.81) - (ofCentury / 4);
            Assert.Equal(new LocalDate(year, 4, day), SunLongitude.DayOf(year, 15, Offset.FromHours(8)));
        }
    }
}
