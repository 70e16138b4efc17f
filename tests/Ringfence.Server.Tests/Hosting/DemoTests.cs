using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Server.Hosting;
using Ringfence.Server.Ledger;
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
        Assert.DoesNotContain((await new Fsck(installation, ledger, full: true).RunAsync(TestContext.Current.CancellationToken)).All, static finding => finding.Weight != FsckWeight.Warning);

        // Made again it stays as it is.
        await Demo.MakeAsync(served, services, TestContext.Current.CancellationToken);
        Assert.Equal(size, (await installation.Store.HeadAsync(ledger.Ledger, TestContext.Current.CancellationToken)).Size);
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
