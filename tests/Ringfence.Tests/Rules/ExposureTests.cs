using FsCheck.Fluent;
using NodaTime;
using Ringfence.Lists;
using Ringfence.Numbers;
using Ringfence.Rules;
using Xunit;

namespace Ringfence.Tests.Rules;

public sealed class ExposureTests
{
    private static readonly string[] Languages = ["en", "zh-Hans", "zh-Hant"];
    private static readonly LocalDate Autumn2026 = new(2026, 11, 21);

    private static Dictionary<ExposedGroup, long> List(params (string Place, ChannelSet Closed, long Count)[] groups) =>
        groups.ToDictionary(g => new ExposedGroup(Region.Of(g.Place.Split('-')[0]), g.Closed, g.Place.Contains('-') ? g.Place : null), g => g.Count);

    private static ExposureEstimate One(string regime, IReadOnlyDictionary<ExposedGroup, long> list, LocalDate? asOf = null, decimal? turnover = null) =>
        Exposure.Estimate(list, asOf ?? Autumn2026, turnover).Single(e => e.Regime == regime);

    [Fact]
    public void Three_hundred_texts_to_the_US_are_150_000_to_450_000_dollars()
    {
        var tcpa = One("us-tcpa", List(("US", ChannelSet.Sms, 300)));
        Assert.Equal((300, "per-contact", "USD"), (tcpa.Contacts, tcpa.Kind, tcpa.Currency));
        Assert.Equal((500, 1500, 150_000, 450_000), (tcpa.PerContactFrom, tcpa.PerContactTo, tcpa.From, tcpa.To));
    }

    [Fact]
    public void A_contact_closed_on_several_channels_counts_once_in_a_regime() =>
        Assert.Equal(10, One("us-tcpa", List(("US", ChannelSet.All, 10))).Contacts);

    [Fact]
    public void Live_calls_fall_under_the_do_not_call_claims_and_have_no_least_amount()
    {
        var estimates = Exposure.Estimate(List(("US", ChannelSet.Voice, 4)), Autumn2026, null);
        Assert.DoesNotContain(estimates, e => e.Regime == "us-tcpa");
        var live = estimates.Single(e => e.Regime == "us-tcpa-do-not-call");
        Assert.Equal((null, 6_000), (live.From, live.To));
        Assert.Contains("registers-not-checked", live.NotCounted);
        Assert.Contains("second-call", live.NotCounted);
    }

    [Theory]
    [InlineData(2025, 1, 16, 51_744)]
    [InlineData(2025, 1, 17, 53_088)]
    public void The_penalty_of_the_sales_rule_is_that_of_the_day(int year, int month, int day, int perCall) =>
        Assert.Equal(perCall, One("us-tsr", List(("US", ChannelSet.Voice, 1)), new LocalDate(year, month, day)).To);

    [Fact]
    public void A_state_adds_its_own_regime_only_for_people_known_to_be_there()
    {
        var list = List(("US-WA", ChannelSet.VoiceAuto, 2), ("US-OR", ChannelSet.VoiceAuto, 5), ("US", ChannelSet.VoiceAuto, 7));
        Assert.Equal(14, One("us-tcpa", list).Contacts);
        var washington = One("us-wa-recorded-calls", list);
        Assert.Equal((2, "US-WA", 2_000, 2_000), (washington.Contacts, washington.Jurisdiction, washington.From, washington.To));
        Assert.Contains("unknown-state", washington.NotCounted);
    }

    [Theory]
    [InlineData(null, 20_000_000, false)]
    [InlineData(400_000_000, 20_000_000, true)]
    [InlineData(500_000_000, 20_000_000, true)]
    [InlineData(600_000_000, 24_000_000, true)]
    public void In_the_EU_the_higher_of_20_million_and_4_percent_counts(int? turnover, int most, bool known)
    {
        var gdpr = One("eu-gdpr", List(("DE", ChannelSet.Email, 5), ("NO", ChannelSet.Voice, 1)), turnover: turnover);
        Assert.Equal((6, "cap", "EUR"), (gdpr.Contacts, gdpr.Kind, gdpr.Currency));
        Assert.Equal((null, most, 4, known), (gdpr.From, gdpr.To, gdpr.TurnoverPercent, gdpr.TurnoverKnown));
        Assert.Equal(turnover is null, gdpr.NotCounted.Contains("turnover-not-given"));
    }

    [Theory]
    [InlineData("GB", "gb-pecr", "GBP", 17_500_000, 4)]
    [InlineData("CN", "cn-pipl", "CNY", 50_000_000, 5)]
    public void Turnover_in_euros_is_not_set_against_another_currency(string place, string regime, string currency, int most, int percent)
    {
        var estimate = One(regime, List((place, ChannelSet.Sms, 1)), turnover: 100_000_000_000m);
        Assert.Equal((currency, most, percent, false), (estimate.Currency, estimate.To, estimate.TurnoverPercent, estimate.TurnoverKnown));
        Assert.Contains("currency", estimate.NotCounted);
    }

    [Theory]
    [InlineData(2026, 2, 4, 500_000)]
    [InlineData(2026, 2, 5, 17_500_000)]
    public void The_British_maximum_rose_on_5_February_2026(int year, int month, int day, int most) =>
        Assert.Equal(most, One("gb-pecr", List(("GB", ChannelSet.Sms, 9)), new LocalDate(year, month, day)).To);

    [Theory]
    [InlineData(2026, 8, 10, true)]
    [InlineData(2026, 8, 11, false)]
    public void In_France_calls_are_a_matter_of_the_register_until_10_August_2026(int year, int month, int day, bool register)
    {
        var calls = One("fr-calls", List(("FR", ChannelSet.Voice, 9)), new LocalDate(year, month, day));
        Assert.Equal(375_000, calls.To);
        Assert.Equal(register, calls.NotCounted.Contains("registers-not-checked"));
    }

    [Theory]
    [InlineData(2026, 4, 30, true)]
    [InlineData(2026, 5, 1, false)]
    public void The_Chinese_order_on_texts_ended_on_30_April_2026(int year, int month, int day, bool holds) =>
        Assert.Equal(holds, Exposure.Estimate(List(("CN", ChannelSet.Sms, 1)), new LocalDate(year, month, day), null).Any(e => e.Regime == "cn-sms"));

    [Fact]
    public void A_German_call_counts_under_both_laws_and_a_German_email_under_one()
    {
        Assert.Equal(["eu-gdpr", "de-calls"], Exposure.Estimate(List(("DE", ChannelSet.Voice, 1)), Autumn2026, null).Select(e => e.Regime));
        Assert.Equal(["eu-gdpr"], Exposure.Estimate(List(("DE", ChannelSet.Email, 1)), Autumn2026, null).Select(e => e.Regime));
    }

    [Fact]
    public void The_currency_that_reaches_most_contacts_comes_first_and_a_price_per_contact_before_a_ceiling()
    {
        var list = List(("US", ChannelSet.All, 40), ("DE", ChannelSet.All, 30), ("ES", ChannelSet.Sms, 30), ("CN", ChannelSet.All, 50));
        Assert.Equal(
            ["eu-gdpr", "de-calls", "es-messages", "cn-pipl", "cn-advertising", "us-tcpa", "us-tsr", "us-tcpa-do-not-call"],
            Exposure.Estimate(list, Autumn2026, null).Select(e => e.Regime));
    }

    [Fact]
    public void Unknown_residence_is_counted_nowhere_and_said_everywhere()
    {
        var list = List(("", ChannelSet.All, 1_000), ("001", ChannelSet.All, 5), ("US", ChannelSet.Sms, 1), ("DE", ChannelSet.Sms, 1));
        Assert.All(Exposure.Estimate(list, Autumn2026, null), e =>
        {
            Assert.Equal(1, e.Contacts);
            Assert.Contains("unknown-residence", e.NotCounted);
        });
        Assert.Equal([new UncountedContacts(null, 1_005, "unknown-residence")], Exposure.Uncounted(list, Autumn2026));
    }

    [Fact]
    public void A_country_without_a_figure_is_named_as_such()
    {
        var list = List(("JO", ChannelSet.Voice, 3), ("BR", ChannelSet.Sms, 8), ("US", ChannelSet.Email, 2), ("DE", ChannelSet.Email, 2));
        Assert.Equal(
            [new("BR", 8, "no-figure"), new("JO", 3, "no-figure"), new("US", 2, "no-figure")],
            Exposure.Uncounted(list, Autumn2026));
    }

    [Fact]
    public void Every_contact_is_in_some_estimate_or_named_as_uncounted_and_more_contacts_never_cost_less()
    {
        string[] places = ["", "001", "US", "US-OK", "US-TX", "PR", "DE", "FR", "RE", "GB", "CN", "HK", "CA", "JO", "AU", "KR"];
        var groups = Gen.ListOf(
            from place in Gen.Elements(places)
            from closed in Gen.Choose(0, (int)ChannelSet.All)
            from count in Gen.Choose(0, 1_000)
            select (place, closed: (ChannelSet)closed, count: (long)count));
        var days = Gen.Choose(0, 3650).Select(d => new LocalDate(2020, 1, 1).PlusDays(d));

        FsCheck.Check.QuickThrowOnFailure(Prop.ForAll(
            Arb.From(groups), Arb.From(days),
            (list, day) =>
            {
                var distinct = list.GroupBy(g => (g.place, g.closed)).Select(g => g.First()).ToArray();
                var all = List([.. distinct.Select(g => (g.place, g.closed, g.count))]);
                var alone = distinct.Where(g => g.closed != ChannelSet.None && g.count > 0).ToArray();
                var uncounted = alone.Where(g => Exposure.Estimate(List((g.place, g.closed, g.count)), day, null).Count == 0).Sum(g => g.count);
                Assert.Equal(uncounted, Exposure.Uncounted(all, day).Sum(c => c.Contacts));

                var more = all.ToDictionary(g => g.Key, g => g.Value + 1);
                var then = Exposure.Estimate(more, day, null).ToDictionary(e => e.Regime);
                return Exposure.Estimate(all, day, null).All(e => then[e.Regime].To is not { } to || to >= e.To);
            }));
    }

    [Fact]
    public void Who_may_be_contacted_costs_nothing()
    {
        var list = List(("US", ChannelSet.None, 100), ("DE", ChannelSet.None, 100));
        Assert.Empty(Exposure.Estimate(list, Autumn2026, 1m));
        Assert.Empty(Exposure.Uncounted(list, Autumn2026));
        Assert.Empty(Exposure.Estimate(List(), Autumn2026, null));
    }

    [Fact]
    public void A_turnover_beyond_all_measure_is_still_worked_out() =>
        Assert.Equal(decimal.MaxValue / 100 * 4, One("eu-gdpr", List(("FR", ChannelSet.Sms, 1)), turnover: decimal.MaxValue).To);

    [Fact]
    public void Every_estimate_names_its_source_and_all_its_codes_have_sentences()
    {
        var everywhere = Rulebook.Shipped.Rules.SelectMany(r => r.Exposure?.Where ?? new HashSet<string>()).Distinct()
            .Select(p => (p, ChannelSet.All, 2L)).Append(("", ChannelSet.All, 2L)).ToArray();
        Assert.All(Exposure.Estimate(List(everywhere), Autumn2026, null), e =>
        {
            Assert.NotEmpty(e.Citation);
            Assert.StartsWith("https://", e.Source, StringComparison.Ordinal);
            foreach (var language in Languages)
            {
                Assert.NotEqual(e.Regime, Exposure.Name(e.Regime, language));
                Assert.NotNull(Exposure.Says(e.Regime, Autumn2026, language));
                Assert.All(e.NotCounted, code => Assert.NotEqual(code, Exposure.LeftOut(code, language)));
            }
        });
    }
}
