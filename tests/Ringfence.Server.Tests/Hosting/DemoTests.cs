using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Server.Consent.Forms;
using Ringfence.Server.Consent.Notices;
using Ringfence.Server.Gateways;
using Ringfence.Server.Hosting;
using Ringfence.Server.Ledger;
using Ringfence.Server.People;
using Ringfence.Server.Rights;
using Ringfence.Server.Staff;
using Ringfence.Server.Storage;
using Ringfence.Server.Tests.Ledger;
using Ringfence.Server.Webhooks;
using Ringfence.Webhooks;
using Xunit;

namespace Ringfence.Server.Tests.Hosting;

public sealed class DemoTests
{
    [Fact]
    public async Task The_demonstration_has_every_kind_of_record_and_is_in_order()
    {
        var folder = Directory.CreateTempSubdirectory("rf-demo-").FullName;
        await using var installation = await Installation.OpenAsync(House.In(folder), TimeProvider.System, TestContext.Current.CancellationToken);
        using var sender = new WebhookSender(WebhookReach.Internet, installation.Time);
        var served = new Served(installation, ContactGate.Shipped, Demo.Facts) { Webhooks = sender };
        await using var services = new ServiceCollection().AddLogging().BuildServiceProvider();
        await Demo.MakeAsync(served, services, TestContext.Current.CancellationToken);
        var ledger = Assert.Single(await installation.NewestLedgersAsync(TestContext.Current.CancellationToken));
        var size = (await installation.Store.HeadAsync(ledger.Ledger, TestContext.Current.CancellationToken)).Size;
        var types = (await installation.Store.RecordsAsync(ledger.Ledger, 0, size, TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken)).Select(StoredRecord.Read).GroupBy(static record => record.Type).ToDictionary(static group => group.Key, static group => group.Count());
        foreach (var type in new[] { RecordType.ConsentGiven, RecordType.ConsentWithdrawn, RecordType.SuppressionAdded, RecordType.PermitIssued, RecordType.PermitRedeemed, RecordType.DecisionDenied, RecordType.DecisionAllowed })
            Assert.True(types.GetValueOrDefault(type) > 0, $"{type}: none of {string.Join(", ", types)}");
        await RoomsAsync(served, ledger);
        Assert.DoesNotContain((await new Fsck(installation, ledger, full: true).RunAsync(TestContext.Current.CancellationToken)).All, static finding => finding.Weight != FsckWeight.Warning);

        // Made again it stays as it is.
        await Demo.MakeAsync(served, services, TestContext.Current.CancellationToken);
        Assert.Equal(size, (await installation.Store.HeadAsync(ledger.Ledger, TestContext.Current.CancellationToken)).Size);
    }

    // No room is empty: whoever looks around sees what each is for.
    private static async Task RoomsAsync(Served served, LedgerRow ledger)
    {
        var (installation, cancel) = (served.Installation, TestContext.Current.CancellationToken);
        Assert.Single(await PublishedForms.AllAsync(installation.Store, ledger, cancel));
        Assert.Single(await PublishedNotices.AllAsync(installation.Store, ledger, cancel));
        Assert.True((await RequestList.OpenAsync(installation, ledger, cancel)).Count >= 4);
        Assert.True((await RequestList.ClosedAsync(installation, ledger, cancel)).Count >= 3);
        Assert.Equal(2, (await InboundTasks.WaitingAsync(installation, ledger, cancel))!.Value.People);
        Assert.NotEmpty(await new Approvals(installation, served.Entrance.Accounts).OpenAsync(ledger, cancel));
        Assert.Single(await installation.Store.RuleChangesAsync(ledger.Ledger, cancel).ToListAsync(cancel), static row => row.AnsweredSeq is null);
        Assert.Equal(2, (await installation.Store.ApiKeysAsync(ledger.Ledger, cancel).ToListAsync(cancel)).Count);
        Assert.True(Assert.Single(await installation.Store.WebhooksAsync(ledger.Ledger, cancel).ToListAsync(cancel)).Off);
        Assert.Equal("gb-tps", Assert.Single(installation.Registers.Copies).Name);
        var mira = await served.Entrance.Accounts.FindByMailAsync("mira@demo.invalid", cancel);
        Assert.Equal(3, (await new SavedViews(installation.Store.Local, ledger.Controller).OfAsync(mira!.Id, cancel)).Count);
        Assert.Single(served.Lists.Shelf.ReadAll());
        // Who is seen to by two can be: another may agree.
        Assert.Equal(3, (await Demo.StaffAsync(served, cancel)).Count);
    }

    [Fact]
    public async Task The_demonstration_keeps_away_from_real_controllers()
    {
        await using var house = await House.BuildAsync();
        await using var services = new ServiceCollection().AddLogging().BuildServiceProvider();
        using var sender = new WebhookSender(WebhookReach.Internet, house.Installation.Time);
        var refused = await Assert.ThrowsAsync<CommandRefusedException>(() => Demo.MakeAsync(new Served(house.Installation, ContactGate.Shipped) { Webhooks = sender }, services, TestContext.Current.CancellationToken));
        Assert.Equal("not-a-demo", refused.Code);
    }
}
