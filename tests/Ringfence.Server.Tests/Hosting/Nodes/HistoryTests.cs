using Xunit;

namespace Ringfence.Server.Tests.Hosting.Nodes;

/// <summary>The checker of histories finds what must not be, and nothing else.</summary>
public sealed class HistoryTests
{
    [Theory]
    [InlineData(Asked.Redemption, 0, 101, 1)]
    [InlineData(Asked.Permit, 1, 101, 1)]
    [InlineData(Asked.Decision, 0, 101, 1)]
    // At the same time as the no: before or after it.
    [InlineData(Asked.Redemption, 1, 99, 0)]
    [InlineData(Asked.Permit, 1, 100, 0)]
    // Another node may advise as of a second ago.
    [InlineData(Asked.Decision, 1, 101, 0)]
    public void Whatever_begins_after_an_acknowledged_no_is_found(Asked asked, int node, long began, int faults)
    {
        var history = new History();
        history.Add(new Did(50, 100, 0, 7, Asked.Withdrawal, Told.Yes));
        history.Add(new Did(began, 2 * began, node, 7, asked, Told.Yes, "per_1"));
        history.Add(new Did(began, 2 * began, node, 8, asked, Told.Yes, "per_2"));
        Assert.Equal(faults, history.Faults().Count);
    }

    [Fact]
    public void Advice_of_another_node_that_is_older_than_a_second_is_found()
    {
        var history = new History();
        history.Add(new Did(50, 100, 0, 7, Asked.Withdrawal, Told.Yes));
        history.Add(new Did(101 + History.Behind, 102 + History.Behind, 1, 7, Asked.Decision, Told.Yes));
        Assert.Single(history.Faults());
    }

    [Fact]
    public void A_no_that_was_not_acknowledged_binds_nobody_yet()
    {
        var history = new History();
        history.Add(new Did(50, 100, 0, 7, Asked.Withdrawal, Told.Unknown));
        history.Add(new Did(101, 102, 0, 7, Asked.Redemption, Told.Yes, "per_1"));
        Assert.Empty(history.Faults());
    }

    [Fact]
    public void A_permit_that_is_redeemed_twice_is_found()
    {
        var history = new History();
        history.Add(new Did(1, 9, 0, 7, Asked.Redemption, Told.Yes, "per_1"));
        history.Add(new Did(2, 8, 1, 7, Asked.Redemption, Told.No, "per_1"));
        Assert.Empty(history.Faults());
        history.Add(new Did(3, 7, 1, 7, Asked.Redemption, Told.Yes, "per_1"));
        Assert.Single(history.Faults());
    }
}
