using NodaTime;
using Ringfence.Gate;
using Xunit;

namespace Ringfence.Tests.Gate;

/// <summary>Times are told on the person's clock with the zone named, whatever the machine's culture is.</summary>
public sealed class GateLanguageTests
{
    private static readonly Instant At = Instant.FromUtc(2026, 6, 15, 8, 0);

    private static DateTimeZone[] Zones(string names) => [.. names.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(name => DateTimeZoneProviders.Tzdb[name])];

    [Theory]
    [InlineData("en", "Europe/Paris", "Monday 15 June 2026, 10:00 their time (Europe/Paris)")]
    [InlineData("zh-Hans", "Europe/Paris", "对方当地时间 2026 年 6 月 15 日（星期一）10:00（Europe/Paris）")]
    [InlineData("zh-Hant", "Europe/Paris", "對方當地時間 2026 年 6 月 15 日（星期一）10:00（Europe/Paris）")]
    [InlineData("en", "Europe/Paris;Europe/Berlin", "Monday 15 June 2026, 10:00 their time (Europe/Paris, Europe/Berlin)")]
    [InlineData("en", "Europe/Paris;Europe/Berlin;Europe/Rome", "Monday 15 June 2026, 10:00 their time (Europe/Paris and 2 more)")]
    [InlineData("zh-Hant", "Europe/Paris;Europe/Berlin;Europe/Rome", "對方當地時間 2026 年 6 月 15 日（星期一）10:00（Europe/Paris，共 3 個）")]
    [InlineData("en", "America/New_York;America/Los_Angeles;America/Chicago", "Monday 15 June 2026, 01:00 (America/Los_Angeles) to 04:00 (America/New_York), depending on where they are")]
    [InlineData("en", "Pacific/Honolulu;America/New_York", "Sunday 14 June 2026, 22:00 (Pacific/Honolulu) to Monday 15 June 2026, 04:00 (America/New_York), depending on where they are")]
    [InlineData("en", "", "Monday 15 June 2026, 08:00 UTC (their zone is not known)")]
    public void A_time_is_told_in_every_zone_where_the_person_may_be(string language, string zones, string told) =>
        Assert.Equal(told, new GateLanguage(language).Time(At, Zones(zones)));

    [Fact]
    public void Nothing_begins_before_it_is_said_to()
    {
        var say = new GateLanguage("en");
        Assert.StartsWith("Monday 15 June 2026, 08:00:01 UTC", say.Time(At.PlusNanoseconds(1), []), StringComparison.Ordinal);
        Assert.StartsWith("Tuesday 16 June 2026, 00:00 UTC", say.Time(Instant.FromUtc(2026, 6, 15, 23, 59, 59).PlusNanoseconds(1), []), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("P1Y", "1 year", "1 年")]
    [InlineData("P18M", "18 months", "18 个月")]
    [InlineData("P2W", "2 weeks", "2 周")]
    [InlineData("P1DT1H", "1 day 1 hour", "1 天1 小时")]
    [InlineData("PT24H", "24 hours", "24 小时")]
    [InlineData("PT5M", "5 minutes", "5 分钟")]
    public void A_period_is_told_in_its_units(string iso, string english, string hans)
    {
        var period = NodaTime.Text.PeriodPattern.NormalizingIso.Parse(iso).Value;
        Assert.Equal((english, hans), (new GateLanguage("en").Period(period), new GateLanguage("zh-Hans").Period(period)));
    }

    [Fact]
    public void Days_and_places_have_their_names()
    {
        Assert.Equal(("3 March 2026", "2026 年 3 月 3 日"), (new GateLanguage("en").Date(new LocalDate(2026, 3, 3)), new GateLanguage("zh-TW").Date(new LocalDate(2026, 3, 3))));
        Assert.Equal(("France (FR)", "法國（FR）", "XX"), (new GateLanguage("en").Place("FR"), new GateLanguage("zh-TW").Place("FR"), new GateLanguage("en").Place("XX")));
    }
}
