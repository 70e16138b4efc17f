using Ringfence.Ledger;
using Ringfence.Server.Consent;
using Ringfence.Server.Ledger;
using Ringfence.Server.People;
using Ringfence.Server.Suppression;
using Ringfence.Server.Tests.Ledger;
using Ringfence.Server.Tests.Rights;
using Ringfence.Server.Tests.Storage;
using Xunit;

namespace Ringfence.Server.Tests.Suppression;

/// <summary>A no that was kept by a link alone: whose it is, is looked up once it is written.</summary>
public abstract class KeptByLinkContract(bool isPostgres) : StoreContract(isPostgres)
{
    private const string Ann = "+442079460018";
    private const string Home = "+442079460019";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_is_of_every_number_of_whoever_the_link_leads_to_by_then()
    {
        await using var house = await House.BuildAsync(store: Store);
        await house.SaysAsync(Ann);
        var link = await LinkAsync(house, Ann);
        await house.SaysAsync(Home);
        var other = (await house.FindAsync(Home))!.Person.Sid;
        _ = await house.DoAsync(new MergeCommand(House.Staff, link.Subject, other));
        Keep(house, link, SuppressionScope.Everything);
        Assert.Equal(1, await house.Installation.ApplySpoolAsync(Cancel));
        foreach (var to in new[] { Ann, Home })
            Assert.Single(await house.SuppressionsAsync(to));
        Assert.Equal(PreferencePages.Person, (await house.RecordsAsync()).Last(static record => record.Type == RecordType.SuppressionAdded).Actor);
        Assert.True(WithdrawalSpool.IsEmpty(house.Installation.Options.Data));
    }

    [Fact]
    public async Task A_narrower_one_is_of_the_number_that_the_link_was_sent_to_or_of_all_where_that_is_theirs_no_longer()
    {
        await using var house = await House.BuildAsync(store: Store);
        await house.SaysAsync(Ann);
        await house.SaysAsync(Home);
        var (ann, home) = (await LinkAsync(house, Ann), await LinkAsync(house, Home));
        _ = await house.DoAsync(new MergeCommand(House.Staff, ann.Subject, home.Subject));
        Keep(house, ann, new SuppressionScope(ChannelSet.Sms, ["offers"]));
        Assert.Equal(1, await house.Installation.ApplySpoolAsync(Cancel));
        Assert.Equal((ChannelSet.Sms, "offers"), ((ChannelSet)Assert.Single(await house.SuppressionsAsync(Ann)).Channels, (await house.SuppressionsAsync(Ann))[0].Purposes));
        Assert.Empty(await house.SuppressionsAsync(Home));
        Keep(house, ann with { Point = Fresh.Id() }, new SuppressionScope(ChannelSet.Sms, ["news"]));
        Assert.Equal(1, await house.Installation.ApplySpoolAsync(Cancel));
        Assert.Equal((2, 1), ((await house.SuppressionsAsync(Ann)).Count, (await house.SuppressionsAsync(Home)).Count));
    }

    [Fact]
    public async Task Whoever_is_erased_by_then_or_never_was_holds_nobody_up()
    {
        await using var house = await House.BuildAsync(store: Store);
        await house.SaysAsync(Ann);
        await house.SaysAsync(Home);
        var (ann, home) = (await LinkAsync(house, Ann), await LinkAsync(house, Home));
        await house.EraseAsync(ann.Subject);
        Keep(house, ann, SuppressionScope.Everything);
        Keep(house, new PersonLink(Fresh.Id(), Fresh.Id()), SuppressionScope.Everything);
        Keep(house, home, SuppressionScope.Everything);
        Assert.Equal(3, await house.Installation.ApplySpoolAsync(Cancel));
        Assert.True(WithdrawalSpool.IsEmpty(house.Installation.Options.Data));
        Assert.Single(await house.SuppressionsAsync(Home));
        // Whoever was erased stays closed.
        Assert.NotEmpty(await house.SuppressionsAsync(Ann));
    }

    private static void Keep(House house, PersonLink link, SuppressionScope scope) => Assert.Equal(SayingNo.Kept, SayingNo.Keep(
        house.Installation, house.Ledger.Controller, link, PreferencePages.Person, [scope], new RefusalFacts(Ringfence.Gate.SuppressedBy.Person, Ringfence.Gate.SuppressionKind.Suppression, "one-click")).Code);

    private static async Task<PersonLink> LinkAsync(House house, string to)
    {
        var found = (await house.FindAsync(to))!;
        return new PersonLink(found.Person.Sid, found.Points().First().Id);
    }
}

/// <summary>On SQLite.</summary>
public sealed class KeptByLinkTests() : KeptByLinkContract(isPostgres: false);

/// <summary>On PostgreSQL.</summary>
public sealed class KeptByLinkOnPostgresTests() : KeptByLinkContract(isPostgres: true);
