using System.Net;
using Ringfence.Gate;
using Ringfence.Rules.House;
using Ringfence.Server.Storage;
using Ringfence.Server.Tests.Storage;
using Xunit;

namespace Ringfence.Server.Tests.Hosting;

/// <summary>Caps of every kind that rules know, held by the store; several on one permit; on either store.</summary>
public abstract class CapContract : IAsyncLifetime
{
    private const string Ann = "+447400123456";
    private const string Other = "+447400123457";

    private PermitHouse? house;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public virtual async ValueTask DisposeAsync()
    {
        await (house?.DisposeAsync() ?? ValueTask.CompletedTask);
        GC.SuppressFinalize(this);
    }

    protected abstract ValueTask<StoreOptions?> StoreAsync();

    private static ContactGate GateOf(params string[] caps) => ContactGate.Shipped.With(HouseRules.Read("caps.yaml", "house: caps\nname: Caps\nrules:\n" + string.Concat(
        caps.Select(static (cap, i) => $"  - id: house-cap-{i}\n    says: At most so many.\n    cap: {cap}\n"))));

    private async Task<PermitHouse> BuildAsync(params string[] caps)
    {
        house = await PermitHouse.BuildAsync(await StoreAsync(), GateOf(caps));
        await house.YesAsync(Ann);
        await house.YesAsync(Other);
        await house.MergeAsync(Ann, Other);
        return house;
    }

    // One that is used, as the letters say: another channel, subject, agent, campaign, number.
    private async Task<string> AskAsync(string letters)
    {
        var (answer, word) = await TryAsync(letters);
        if (word == "yes")
            Assert.Equal(HttpStatusCode.OK, (await house!.Api.PostAsync($"permits/{answer.Json.GetProperty("permit").GetString()}/redeem", house.Key, "")).Status);
        return word;
    }

    private async Task<(Answered Answer, string Word)> TryAsync(string letters = "")
    {
        var answer = await house!.PermitAsync(PermitHouse.Ask(
            letters.Contains('n', StringComparison.Ordinal) ? Other : Ann, letters.Contains('c', StringComparison.Ordinal) ? "voice" : "sms", letters.Contains('s', StringComparison.Ordinal) ? "phones" : "solar",
            letters.Contains('a', StringComparison.Ordinal) ? "bob.jones" : "mary.smith", letters.Contains('k', StringComparison.Ordinal) ? "july" : "june"));
        return (answer, PermitHouse.Word(answer.Json));
    }

    [Theory]
    // The cap; what is asked that it counts together with the plain one; what it counts apart.
    [InlineData("{ most: 2, within: PT24H }", "c s a k n", "")]
    [InlineData("{ most: 2, within: PT24H, channels: [sms] }", "c s a k n", "")]
    [InlineData("{ most: 2, within: PT24H, key: [channel] }", "s a k n", "c")]
    [InlineData("{ most: 2, within: PT24H, key: [subject] }", "c a k n", "s")]
    [InlineData("{ most: 2, within: PT24H, key: [agent] }", "c s k n", "a")]
    [InlineData("{ most: 2, within: PT24H, key: [campaign] }", "c s a n", "k")]
    [InlineData("{ most: 2, within: PT24H, key: [number] }", "c s a k", "n")]
    [InlineData("{ most: 2, within: PT24H, key: [number, agent, channel] }", "s k sk", "n a c nac")]
    public async Task A_cap_counts_what_has_the_same_key_and_nothing_else(string cap, string together, string apart)
    {
        await BuildAsync(cap);
        Assert.Equal("yes", await AskAsync(""));
        // The second place is taken by one that differs in something the cap does not look at.
        Assert.Equal("yes", await AskAsync(together.Split(' ')[^1]));
        foreach (var letters in together.Split(' ').Prepend(""))
            Assert.Equal("deferred cap house-cap-0", await AskAsync(letters));
        foreach (var letters in apart.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            Assert.Equal("yes", await AskAsync(letters));
    }

    [Theory]
    // On a Wednesday at eleven; how long until there is room.
    [InlineData("{ most: 1, within: PT2H }", 2)]
    [InlineData("{ most: 1, per: day }", 13)]
    [InlineData("{ most: 1, per: week }", 4 * 24 + 13)]
    [InlineData("{ most: 1, per: month }", 21 * 24 + 13)]
    [InlineData("{ most: 1, within: P3D, counting: days }", 2 * 24 + 13)]
    [InlineData("{ most: 1, within: P3D, counting: elapsed }", 3 * 24)]
    public async Task A_cap_frees_its_place_when_its_window_has_passed_and_not_before(string cap, int hours)
    {
        var house = await BuildAsync(cap);
        Assert.Equal("yes", await AskAsync(""));
        var (full, _) = await TryAsync();
        var until = DateTimeOffset.Parse(full.Json.GetProperty("until").GetString()!, System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(until, house.Time.GetUtcNow().AddHours(hours).AddMinutes(-2), house.Time.GetUtcNow().AddHours(hours).AddMinutes(2));
        house.Time.Ahead += until - house.Time.GetUtcNow() - TimeSpan.FromSeconds(20);
        Assert.Equal("deferred cap house-cap-0", await AskAsync(""));
        house.Time.Ahead += TimeSpan.FromSeconds(25);
        Assert.Equal("yes", await AskAsync(""));
    }

    [Fact]
    public async Task Of_several_caps_on_one_permit_each_is_held()
    {
        await BuildAsync("{ most: 5, per: week }", "{ most: 3, within: PT24H }", "{ most: 2, within: PT24H, key: [agent] }", "{ most: 1, within: PT24H, key: [subject, channel] }");
        Assert.Equal("yes", await AskAsync(""));
        Assert.Equal("deferred cap house-cap-3", await AskAsync(""));
        Assert.Equal("yes", await AskAsync("s"));
        // The agent has had two, and whoever else asks has one more of the day.
        Assert.Equal("deferred cap house-cap-2", await AskAsync("c"));
        Assert.Equal("yes", await AskAsync("ca"));
        Assert.Equal("deferred cap house-cap-1", await AskAsync("csa"));
        house!.Time.Ahead += TimeSpan.FromHours(24.1);
        Assert.Equal(["yes", "yes"], [await AskAsync(""), await AskAsync("s")]);
        Assert.Equal("deferred cap house-cap-0", await AskAsync("ca"));
    }

    [Fact]
    public async Task A_place_is_given_back_by_every_cap_when_a_permit_lapses_or_is_cancelled_and_not_when_it_was_used()
    {
        var house = await BuildAsync("{ most: 1, within: PT24H }", "{ most: 1, per: month, key: [agent] }");
        var (first, _) = await TryAsync();
        Assert.Equal("deferred", (await TryAsync()).Answer.Json.GetProperty("verdict").GetString());
        await house.Api.PostAsync($"permits/{first.Json.GetProperty("permit").GetString()}/cancel", house.Key, "");
        Assert.Equal("yes", (await TryAsync()).Word);
        Assert.Equal("deferred", (await TryAsync()).Answer.Json.GetProperty("verdict").GetString());
        house.Time.Ahead += TimeSpan.FromSeconds(61);
        Assert.Equal("yes", await AskAsync(""));
        house.Time.Ahead += TimeSpan.FromSeconds(61);
        Assert.Equal("deferred", (await TryAsync()).Answer.Json.GetProperty("verdict").GetString());
    }
}

public sealed class SqliteCapTests : CapContract
{
    protected override ValueTask<StoreOptions?> StoreAsync() => ValueTask.FromResult<StoreOptions?>(null);
}

public sealed class PostgresCapTests : CapContract
{
    private PostgresHome? home;

    protected override async ValueTask<StoreOptions?> StoreAsync() => (home = await PostgresHome.MakeAsync()).Options;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await (home?.DisposeAsync() ?? ValueTask.CompletedTask);
    }
}
