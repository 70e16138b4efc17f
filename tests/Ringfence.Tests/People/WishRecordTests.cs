using FsCheck;
using FsCheck.Fluent;
using NodaTime;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Rules;
using Xunit;

namespace Ringfence.Tests.People;

public sealed class WishRecordTests
{
    private static readonly Arbitrary<Wishes> Some = (
        from count in Gen.Choose(0, 4)
        from hours in Gen.ArrayOf(
            from days in Gen.Choose(1, 127)
            from begin in Gen.Choose(0, 46)
            from length in Gen.Choose(1, 47)
            select new WeeklyWindow((byte)days, begin * 1800, Math.Min(86_400, (begin + length) * 1800)), count)
        from most in Gen.Choose(0, 5)
        from months in Gen.Choose(1, 6)
        from pause in Gen.Choose(-1, 500)
        select new Wishes
        {
            Hours = hours,
            Most = most == 0 ? null : new Promise(most, Period.FromMonths(months), ChannelSet.All),
            PausedUntil = pause < 0 ? null : Moment.On(new LocalDate(2026, 11, 1).PlusDays(pause)),
        }).ToArbitrary();

    [Fact]
    public void What_is_recorded_is_read_again_and_a_record_may_hold_it() => Check.One(Config.QuickThrowOnFailure, Prop.ForAll(Some, wishes =>
    {
        var members = WishRecord.Of(wishes);
        Assert.All(members.SelectMany(static one => one.Value is LeafValue.List list ? list.Items : [one.Value]), static value => Assert.True(value.AsText is null || LeafText.Allows(value.AsText)));
        Same(wishes, Read(members));
    }));

    [Fact]
    public void Nothing_narrows_what_is_open_in_an_hour_that_was_closed() => Check.One(Config.QuickThrowOnFailure, Prop.ForAll(Some, Some, (before, after) =>
    {
        if (!WishRecord.OnlyNarrows(before, after))
            return;
        for (var day = 0; day < 7; day++)
        {
            for (var second = 0; second < 86_400; second += 1800)
                Assert.True(IsOpen(before, day, second) || !IsOpen(after, day, second));
        }

        Assert.True(before.PausedUntil is null || !(after.PausedUntil < before.PausedUntil));
        Assert.True(before.Most is null || after.Most!.Most <= before.Most.Most);
    }));

    [Fact]
    public void Of_two_both_count() => Check.One(Config.QuickThrowOnFailure, Prop.ForAll(Some, Some, (one, other) =>
    {
        var both = WishRecord.Both(one, other)!;
        Assert.True(one.PausedUntil is null || !(both.PausedUntil < one.PausedUntil));
        Assert.True(other.Most is null || both.Most!.Most <= Math.Max(other.Most.Most, one.Most?.Most ?? 0));
        var shared = Enumerable.Range(0, 7).Any(day => Enumerable.Range(0, 48).Any(half => IsOpen(one, day, half * 1800) && IsOpen(other, day, half * 1800)));
        for (var day = 0; shared && day < 7; day++)
        {
            for (var second = 0; second < 86_400; second += 1800)
                Assert.Equal(IsOpen(one, day, second) && IsOpen(other, day, second), IsOpen(both, day, second));
        }
    }));

    [Theory]
    [InlineData("mon/25:00-26:00")]
    [InlineData("someday/09:00-10:00")]
    [InlineData("mon/10:00-09:00")]
    [InlineData("9to5")]
    public void Hours_that_can_not_be_read_open_nothing(string hours) =>
        Assert.Equal(new WeeklyWindow(0, 0, 1), Assert.Single(Read([("wish_told", "yes"), ("wish_hours", LeafValue.ListOf([hours]))]).Hours));

    private static bool IsOpen(Wishes wishes, int day, int second) => wishes.Hours.Count == 0 || wishes.Hours.Any(window => (window.Days >> day & 1) != 0 && window.Holds(second));

    private static Wishes Read(IReadOnlyList<(string Name, LeafValue Value)> members) => WishRecord.Read(Record(LeafValue.Map.Of([.. members])))!;

    private static void Same(Wishes one, Wishes other)
    {
        Assert.Equal(one.Hours, other.Hours);
        Assert.Equal(one.Most, other.Most);
        Assert.Equal(one.PausedUntil, other.PausedUntil);
    }

    private static LedgerRecord Record(LeafValue.Map detail) => Ringfence.Tests.Ledger.SampleRecords.Full with { Detail = detail };
}
