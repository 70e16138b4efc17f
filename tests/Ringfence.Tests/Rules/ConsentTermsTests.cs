using NodaTime;
using NodaTime.Text;
using Ringfence.Numbers;
using Ringfence.Rules;
using Xunit;

namespace Ringfence.Tests.Rules;

public sealed class ConsentTermsTests
{
    private static LocalDate Day(string iso) => LocalDatePattern.Iso.Parse(iso).Value;

    private static string? LastDay(string place, Channel channel, string given, string asOf, string? agreed = null) =>
        ConsentTerms.LastDay(Region.Of(place), channel, Day(given), agreed is null ? null : Day(agreed), Day(asOf)) is { } last
            ? LocalDatePattern.Iso.Format(last)
            : null;

    [Theory]
    // The Spanish term came into force on 28 December 2025.
    [InlineData("ES", Channel.Voice, "2023-10-10", "2025-12-27", null)]
    [InlineData("ES", Channel.Voice, "2023-10-10", "2025-12-28", "2025-10-09")]
    [InlineData("ES", Channel.VoiceAuto, "2024-11-21", "2026-11-20", "2026-11-20")]
    [InlineData("ES", Channel.Sms, "2020-01-01", "2026-11-21", null)]
    // The French one on 11 August 2026, for calls alone.
    [InlineData("FR", Channel.Voice, "2025-01-01", "2026-08-10", null)]
    [InlineData("FR", Channel.Voice, "2025-08-12", "2026-08-11", "2026-08-11")]
    [InlineData("FR", Channel.Voice, "2026-08-20", "2027-08-19", "2027-08-19")]
    [InlineData("RE", Channel.Voice, "2026-08-20", "2027-08-19", "2027-08-19")]
    [InlineData("FR", Channel.Email, "2020-01-01", "2026-11-21", null)]
    // Three months in Australia, where no period was stated.
    [InlineData("AU", Channel.Voice, "2026-08-21", "2026-11-21", "2026-11-20")]
    [InlineData("AU", Channel.Fax, "2026-08-21", "2026-11-21", "2026-11-20")]
    [InlineData("AU", Channel.Sms, "2020-01-01", "2026-11-21", null)]
    // Korea wants consent confirmed every two years, which does not end it.
    [InlineData("KR", Channel.Sms, "2020-01-01", "2026-11-21", null)]
    // No term by law.
    [InlineData("DE", Channel.Voice, "2010-01-01", "2026-11-21", null)]
    [InlineData("US", Channel.VoiceAuto, "2010-01-01", "2026-11-21", null)]
    [InlineData("", Channel.Voice, "2010-01-01", "2026-11-21", null)]
    public void The_last_day_is_that_of_the_law_in_force(string place, Channel channel, string given, string asOf, string? last) =>
        Assert.Equal(last, LastDay(place, channel, given, asOf));

    [Fact]
    public void A_leap_day_ends_with_February()
    {
        Assert.Equal("2026-02-27", LastDay("ES", Channel.Voice, "2024-02-29", "2026-11-21"));
        Assert.Equal("2025-02-27", LastDay("FR", Channel.Voice, "2024-02-29", "2026-11-21"));
    }

    [Fact]
    public void A_shorter_agreed_period_ends_the_consent_earlier() =>
        Assert.Equal("2026-12-01", LastDay("FR", Channel.Voice, "2026-08-20", "2026-11-21", agreed: "2026-12-01"));

    [Fact]
    public void A_longer_agreed_period_does_not_stretch_a_term_that_binds() =>
        Assert.Equal("2027-08-19", LastDay("FR", Channel.Voice, "2026-08-20", "2026-11-21", agreed: "2030-01-01"));

    [Fact]
    public void An_agreed_period_takes_the_place_of_a_term_that_only_fills_in() =>
        Assert.Equal("2030-01-01", LastDay("AU", Channel.Voice, "2026-08-20", "2026-11-21", agreed: "2030-01-01"));

    [Fact]
    public void Without_a_term_the_agreed_period_stands() =>
        Assert.Equal("2027-01-01", LastDay("DE", Channel.Voice, "2020-01-01", "2026-11-21", agreed: "2027-01-01"));

    [Fact]
    public void The_ends_of_the_calendar_do_no_harm()
    {
        foreach (var place in new[] { "ES", "FR", "AU" })
        {
            Assert.NotNull(ConsentTerms.LastDay(Region.Of(place), Channel.Voice, LocalDate.MaxIsoValue, Day("2026-11-21")));
            Assert.NotNull(ConsentTerms.LastDay(Region.Of(place), Channel.Voice, LocalDate.MinIsoValue, Day("2026-11-21")));
        }
    }
}
