using FsCheck;
using FsCheck.Fluent;
using NodaTime;
using NodaTime.Text;
using Ringfence.Gate;
using Ringfence.Rights;
using Xunit;

namespace Ringfence.Tests.Rights;

public sealed class RightsDeadlineTests
{
    // regimes  kind  country of the controller  received  last day  last day when put off
    [Theory]
    // A month ends on the day of the same number, or on the last of a month that has none.
    [InlineData("eu", "access", null, "2026-03-03", "2026-04-03", "2026-06-03")]
    [InlineData("eu", "access", null, "2025-01-31", "2025-02-28", "2025-04-28")]
    [InlineData("eu", "erasure", null, "2028-01-31", "2028-02-29", "2028-04-29")]
    [InlineData("eu", "erasure", null, "2027-12-31", "2028-01-31", "2028-03-31")]
    // That an end on a Saturday, Sunday or holiday is that of the next working day is not verified: it stays where it is.
    [InlineData("eu", "access", null, "2026-02-28", "2026-03-28", "2026-05-28")]
    [InlineData("eu", "access", "FR", "2026-06-14", "2026-07-14", "2026-09-14")]
    // Days are days: they end on whatever day it is.
    [InlineData("ch", "access", null, "2026-02-05", "2026-03-07", "2026-03-07")]
    [InlineData("cn", "erasure", null, "2028-02-20", "2028-03-06", "2028-03-06")]
    [InlineData("tw", "access", null, "2026-03-03", "2026-03-18", "2026-03-18")]
    [InlineData("tw", "rectification", null, "2026-03-03", "2026-04-02", "2026-04-02")]
    [InlineData("mo", "objection", null, "2026-03-03", "2026-03-03", "2026-03-03")]
    [InlineData("uk", "complaint", "GB", "2026-07-02", "2026-08-01", "2026-08-01")]
    // California: 45 days, 90 in all; a no to advertising within 15 business days, of which every day but Sunday is one.
    [InlineData("us-ca", "access", "US", "2026-03-03", "2026-04-17", "2026-06-01")]
    [InlineData("us-ca", "copy", "US", "2026-11-22", "2027-01-06", "2027-02-20")]
    [InlineData("us-ca", "rectification", null, "2028-02-01", "2028-03-17", "2028-05-01")]
    [InlineData("us-ca", "erasure", null, "2026-03-03", "2026-04-17", "2026-06-01")]
    [InlineData("us-ca", "objection", "US", "2026-03-03", "2026-03-20", "2026-03-20")]
    [InlineData("us-ca", "withdrawal", "US", "2026-03-07", "2026-03-25", "2026-03-25")]
    [InlineData("us-ca", "restriction", "US", "2026-12-20", "2027-01-06", "2027-01-06")]
    [InlineData("us-ca", "complaint", "US", "2026-03-03", "2026-04-17", "2026-04-17")]
    [InlineData("eu,us-ca", "access", "DE", "2026-03-03", "2026-04-03", "2026-06-01")]
    [InlineData("unknown,us-ca", "access", "US", "2026-03-03", "2026-03-18", "2026-03-18")]
    [InlineData("mo,us-ca", "objection", null, "2026-03-03", "2026-03-03", "2026-03-03")]
    // Of several the first to run out; where nobody knows, of all.
    [InlineData("eu,tw", "access", null, "2026-03-03", "2026-03-18", "2026-03-18")]
    [InlineData("eu,ch", "access", null, "2026-03-03", "2026-04-02", "2026-04-02")]
    [InlineData("unknown", "access", null, "2026-03-03", "2026-03-18", "2026-03-18")]
    [InlineData("eu,unknown", "complaint", null, "2026-03-03", "2026-03-18", "2026-03-18")]
    [InlineData("", "objection", null, "2026-03-03", "2026-03-03", "2026-03-03")]
    public void The_last_day_is_that_of_the_law(string regimes, string kind, string? country, string received, string due, string extended)
    {
        var clocks = RightsClocks.Of(regimes.Split(',', StringSplitOptions.RemoveEmptyEntries), KindOf(kind));
        Assert.Equal((due, extended), (Iso(Of(false)), Iso(Of(true))));

        LocalDate Of(bool isExtended) => RightsDeadline.Of(clocks, Day(received), 0, isExtended, RightsDeadline.HolidaysOf(country));
    }

    [Theory]
    // An end on a Saturday or Sunday is the end of Monday; before a holiday, of the day after it where the calendar is known.
    [InlineData("eu", null, "2026-02-28", "2026-03-30", "2026-05-28")]
    [InlineData("eu", null, "2028-01-31", "2028-02-29", "2028-05-01")]
    [InlineData("eu", "FR", "2026-04-01", "2026-05-04", "2026-07-01")]
    [InlineData("eu", "FR", "2026-06-14", "2026-07-15", "2026-09-14")]
    [InlineData("eu", null, "2026-06-14", "2026-07-14", "2026-09-14")]
    [InlineData("eu", "IT", "2025-11-25", "2025-12-29", "2026-02-25")]
    [InlineData("tw", null, "2026-03-03", "2026-03-18", "2026-04-02")]
    public void Once_it_is_verified_what_puts_an_end_off_does(string regime, string? country, string received, string due, string extended)
    {
        var clocks = Verified(regime);
        Assert.Equal((due, extended), (Iso(Of(false)), Iso(Of(true))));

        LocalDate Of(bool isExtended) => RightsDeadline.Of(clocks, Day(received), 0, isExtended, RightsDeadline.HolidaysOf(country));
    }

    [Fact]
    public void Days_in_which_the_person_is_waited_for_count_for_nothing_where_the_law_surely_says_so_and_nowhere_else()
    {
        Assert.Equal(Day("2026-04-03"), Due(RightsClocks.Of(["uk"], RightsKind.Access), paused: 12));
        Assert.True(RightsDeadline.Pauses(RightsClocks.Of(["uk"], RightsKind.Access)));
        var uk = Verified("uk");
        Assert.Equal(Day("2026-04-15"), Due(uk, paused: 12));
        Assert.Equal(Day("2026-04-03"), Due(RightsClocks.Of(["eu"], RightsKind.Access), paused: 12));
        // One clock that goes on is enough.
        Assert.Equal(Day("2026-04-03"), Due([.. RightsClocks.Of(["eu"], RightsKind.Access), .. uk], paused: 12));
        Assert.False(RightsDeadline.Pauses(RightsClocks.Of(["cn"], RightsKind.Access)));

        static LocalDate Due(IReadOnlyList<RightsClock> clocks, int paused) => RightsDeadline.Of(clocks, Day("2026-03-03"), paused, false, RightsDeadline.HolidaysOf(null));
    }

    [Fact]
    public void It_is_put_off_within_the_first_period_only_and_only_where_that_moves_the_end()
    {
        Assert.True(May("eu", "2026-04-03"));
        Assert.False(May("eu", "2026-04-04"));
        Assert.False(May("eu,ch", "2026-03-04"));
        Assert.False(May("cn", "2026-03-04"));
        Assert.False(May("unknown", "2026-03-04"));
        Assert.False(May("tw", "2026-03-18"));
        Assert.True(May("us-ca", "2026-04-17"));
        Assert.False(May("us-ca", "2026-04-18"));
        Assert.False(May("cn,us-ca", "2026-03-04"));

        static bool May(string regimes, string today) => RightsDeadline.MayExtend(Day(today), RightsClocks.Of(regimes.Split(','), RightsKind.Access), Day("2026-03-03"), 0, static _ => false);
    }

    // Ten business days, of which every day but Sunday is one, where California may be theirs.
    [Theory]
    [InlineData("us-ca", "access", "2026-03-03", "2026-03-14")]
    [InlineData("us-ca", "erasure", "2026-03-07", "2026-03-19")]
    [InlineData("eu,us-ca", "copy", "2026-12-20", "2026-12-31")]
    [InlineData("unknown", "rectification", "2026-03-03", "2026-03-14")]
    [InlineData("us-ca", "objection", "2026-03-03", null)]
    [InlineData("eu,uk,ch,cn,tw,mo", "access", "2026-03-03", null)]
    public void Whoever_asks_is_told_in_time_that_it_was_received(string regimes, string kind, string received, string? by) =>
        Assert.Equal(by is null ? null : Day(by), RightsDeadline.ConfirmBy(RightsClocks.Of(regimes.Split(','), KindOf(kind)), Day(received)));

    [Fact]
    public void Every_regime_has_one_clock_for_every_kind_and_each_says_where_it_comes_from()
    {
        Assert.Equal(["eu", "uk", "ch", "cn", "tw", "mo", "us-ca"], RightsClocks.Regimes);
        Assert.All(RightsClocks.Regimes, static regime => Assert.All(Enum.GetValues<RightsKind>(), kind => Assert.Single(RightsClocks.Of([regime], kind))));
        Assert.All(RightsClocks.All, static clock => Assert.True(clock.Source.Length > 10 && clock.Certainty is "verified" or "secondary" or "to-verify" or "house", clock.Source));
        Assert.Equal(("eu", "uk", "ch", "cn", "tw", "mo"), (RightsClocks.RegimeOf("NO"), RightsClocks.RegimeOf("GB"), RightsClocks.RegimeOf("CH"), RightsClocks.RegimeOf("CN"), RightsClocks.RegimeOf("TW"), RightsClocks.RegimeOf("MO")));
        // Of a country that has one, each part has it; of one that has none, those parts that have one of their own.
        Assert.Equal(("us-ca", "eu"), (RightsClocks.RegimeOf("US-CA"), RightsClocks.RegimeOf("DE-BY")));
        Assert.Null(RightsClocks.RegimeOf("US-TX"));
        Assert.Null(RightsClocks.RegimeOf("CA"));
        Assert.Null(RightsClocks.RegimeOf("US"));
        Assert.Null(RightsClocks.RegimeOf(null));
    }

    [Theory]
    [InlineData("a\tb\n")]
    [InlineData("eu\tDE\tnothing\t-\tP1M\t-\tno\tno\thouse\tx\n")]
    [InlineData("eu\tDE\taccess\t-\tP1M\t-\tmaybe\tno\thouse\tx\n")]
    [InlineData("eu\tDE\taccess\t-\tP1M\t-\tno\tno\thouse\tx\nuk\tDE\taccess\t-\tP1M\t-\tno\tno\thouse\tx\n")]
    [InlineData("eu\tDE\taccess,access\t-\tP1M\t-\tno\tno\thouse\tx\n")]
    public void A_table_of_clocks_that_is_not_in_order_is_refused(string lines) => Assert.Throws<FormatException>(() => RightsClocks.Parse("head\n" + lines));

    private static RightsClock[] Verified(string regime) => [.. RightsClocks.Of([regime], RightsKind.Access).Select(static clock => clock with { Unverified = RightsDelay.None })];

    [Fact]
    public void What_can_only_lessen_contact_asks_nobody_who_they_are_and_what_hands_out_data_does()
    {
        foreach (var kind in Enum.GetValues<RightsKind>())
            Assert.True(kind.NeedsIdentity() || kind.Stops() == RightsStop.Everything, kind.ToString());
        Assert.All([RightsKind.Objection, RightsKind.Withdrawal, RightsKind.Complaint], static kind => Assert.False(kind.NeedsIdentity()));
        Assert.All([RightsKind.Erasure, RightsKind.Restriction], static kind => Assert.Equal((true, RightsStop.Everything), (kind.NeedsIdentity(), kind.Stops())));
        Assert.Equal((RightsStop.None, RightsStop.ThisPoint), (RightsKind.Rectification.Stops(), RightsKind.Rectification.Stops(isWrongNumber: true)));
        Assert.Equal(RightsStop.None, RightsKind.Access.Stops(isWrongNumber: true));
        Assert.Equal(Enum.GetValues<RightsKind>().Order(), RightsKinds.All.Order());
    }

    [Fact]
    public void The_more_laws_may_apply_the_earlier_the_answer_and_being_put_off_or_waiting_never_hastens_it() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(2_000), Prop.ForAll(
            ArbMap.Default.ArbFor<(ushort Day, byte Waited, byte Which)>(), ArbMap.Default.ArbFor<(byte More, byte Kind)>(), static (one, two) => Holds(one.Day, one.Waited, one.Which, two.More, two.Kind)));

    private static void Holds(ushort day, byte waited, byte which, byte more, byte kind)
    {
        var received = new LocalDate(2020, 1, 1).PlusDays(day % 6_000);
        var asked = (RightsKind)(kind % 10);
        var some = RightsClocks.Regimes.Where((_, at) => (which >> at & 1) != 0).DefaultIfEmpty("eu").ToList();
        var most = some.Union(RightsClocks.Regimes.Where((_, at) => (more >> at & 1) != 0)).ToList();
        var due = Due(some, 0, false);
        Assert.True(Due(most, 0, false) <= due);
        Assert.True(Due([.. some, "unknown"], 0, false) <= due);
        Assert.True(Due(some, waited, false) >= due);
        Assert.True(Due(some, 0, true) >= due);
        Assert.True(due >= received);
        // The longest first period.
        Assert.InRange(Period.DaysBetween(received, due), 0, 45);

        LocalDate Due(IReadOnlyCollection<string> regimes, int paused, bool isExtended) => RightsDeadline.Of(RightsClocks.Of(regimes, asked), received, paused, isExtended, static _ => false);
    }

    internal static RightsKind KindOf(string word) => Words<RightsKind>.TryParse(word, out var kind) ? kind : throw new ArgumentException(word);

    private static LocalDate Day(string text) => LocalDatePattern.Iso.Parse(text).Value;

    private static string Iso(LocalDate day) => LocalDatePattern.Iso.Format(day);
}
