using Ringfence.Gate;
using Ringfence.Server.Suppression;
using Ringfence.Server.Tests.Ledger;
using Xunit;

namespace Ringfence.Server.Tests.Suppression;

/// <summary>Several may say no to the same: each no stands by itself, and is taken back by its own.</summary>
public sealed class RefusingTests
{
    private const string Ann = "+442079460018";

    [Theory]
    [InlineData(SuppressedBy.Person, SuppressedBy.Complaint)]
    [InlineData(SuppressedBy.Complaint, SuppressedBy.Person)]
    [InlineData(SuppressedBy.Controller, SuppressedBy.Person)]
    [InlineData(SuppressedBy.Person, SuppressedBy.Regulator)]
    [InlineData(SuppressedBy.Platform, SuppressedBy.Person)]
    public async Task What_one_says_is_not_swallowed_by_what_another_said_before(SuppressedBy first, SuppressedBy second)
    {
        await using var house = await House.BuildAsync();
        _ = await house.SaysAsync(Ann);
        Assert.False((await SaysNoAsync(first)).Already);
        Assert.False((await SaysNoAsync(second)).Already);
        Assert.Equal(new[] { first, second }.Order(), (await house.SuppressionsAsync(Ann)).Select(static row => (SuppressedBy)row.By).Order());
        // Said once more by the same it is the same.
        Assert.True((await SaysNoAsync(first)).Already);
        Assert.True((await SaysNoAsync(second)).Already);
        Assert.Equal(2, (await house.SuppressionsAsync(Ann)).Count);

        Task<Ringfence.Server.Ledger.CommandAnswer> SaysNoAsync(SuppressedBy by) =>
            house.DoAsync(new WithdrawCommand(House.Person, [house.Tags(Ann)], SuppressionScope.Everything, new RefusalFacts(by, SuppressionKind.Suppression, "link")));
    }
}
