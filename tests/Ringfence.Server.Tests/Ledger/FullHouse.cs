using System.Text;
using Ringfence.Ledger;
using Ringfence.Server.Ledger;
using Ringfence.Server.People;
using Ringfence.Server.Rights;
using Ringfence.Server.Staff;
using Ringfence.Server.Storage;
using Ringfence.Server.Suppression;
using Ringfence.Server.Tests.Storage;
using Ringfence.Server.Webhooks;
using Ringfence.Webhooks;
using Xunit;

namespace Ringfence.Server.Tests.Ledger;

/// <summary>A house in which something of everything has happened, closed, for tests that look at it or lay hands on it.</summary>
public class FullHouse : IAsyncLifetime
{
    private const string Ann = "+442079460018";
    private const string Bea = "+442079460019";
    private const string Cat = "+442079460020";
    private const string Dan = "+442079460021";
    private const string Eve = "eve@example.org";

    internal House House { get; private set; } = null!;

    /// <summary>Where the ledger is kept; null: the embedded store.</summary>
    public virtual Task<StoreOptions?> StoreAsync() => Task.FromResult<StoreOptions?>(null);

    public virtual async ValueTask InitializeAsync()
    {
        using var authority = LocalTimestampAuthority.Start();
        House = await House.BuildAsync(authority: new TimestampAuthority(authority.Url, null), store: await StoreAsync());
        var notary = House.Installation.NotaryOf(House.Ledger);
        await notary.CheckpointAsync(anchor: true, CancellationToken.None);
        await House.DoAsync(new PublishCommand(House.Staff, "wording", "application/json", "{\"text\":\"Yes, write to me.\"}"u8.ToArray(), "en", "1"));

        foreach (var point in new[] { Ann, Bea, Cat, Dan, Eve })
            await House.SaysAsync(point);
        await House.SaysAsync(Ann, channels: "voice", purposes: "research");
        await House.SaysAsync(Ann, channels: "voice", purposes: "offers", scan: "%PDF-1.7 signed");
        await House.SaysAsync(Cat, channels: "voice", purposes: "offers", scan: "%PDF-1.4 signed as well");
        await House.FillAsync(600);
        await House.Installation.SignWrittenAsync(CancellationToken.None);

        var slip = await House.WithdrawAsync(Bea, "sms", "offers,research");
        await House.WithdrawAsync(Cat);
        await House.WithdrawAsync("+442079460022");
        await SuppressionSnapshot.TakeAsync(House.Installation, House.Ledger, House.Staff, CancellationToken.None);
        await House.DoAsync(LiftCommand.AsError(House.Staff, House.Tags(Bea), slip.Seq, "eve", """{"reason":"slip"}"""u8.ToArray()));
        await House.WithdrawAsync(Eve);

        var (kept, merged) = ((await House.FindAsync(Ann))!.Person.Sid, (await House.FindAsync(Bea))!.Person.Sid);
        await House.DoAsync(new MergeCommand(House.Staff, kept, merged));
        await new Erasure(House.Installation, House.Ledger, House.Staff).RunAsync((await House.FindAsync(Dan))!.Person.Sid, "request", CancellationToken.None);
        foreach (var (name, end) in new[] { ("shop", (NodaTime.Instant?)null), ("crm", NodaTime.Instant.FromUtc(2100, 1, 1, 0, 0)) })
        {
            var key = ApiKey.New("acme");
            await House.DoAsync(new AddApiKeyCommand(House.Staff, key, name, ApiScopes.Decide, end));
            if (end is not null)
                await House.DoAsync(new RevokeApiKeyCommand(House.Staff, key.Id));
        }

        var told = new ToldSystems(House.Installation, House.Ledger);
        foreach (var name in new[] { "crm", "mailer", "old" })
            _ = await told.AddAsync(House.Staff, WebhookReach.Internet, $"https://{name}.example.com/hooks", null, name == "mailer" ? "none" : "P3D", name, CancellationToken.None);
        foreach (var row in await told.ListAsync(CancellationToken.None))
        {
            if (row.Name != "mailer")
                _ = await told.RotateAsync(House.Staff, row.Id, "90d", CancellationToken.None);
            if (row.Name != "crm")
                _ = await told.TurnAsync(House.Staff, row.Id, WebhookTurn.Off, CancellationToken.None);
            if (row.Name == "old")
                _ = await told.TurnAsync(House.Staff, row.Id, WebhookTurn.Removed, CancellationToken.None);
        }

        await notary.AddKeyAsync(SignerUse.Log, House.Staff, CancellationToken.None);
        await notary.CheckpointAsync(anchor: true, CancellationToken.None);
    }

    public virtual async ValueTask DisposeAsync()
    {
        if (House is not null)
            await House.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}

/// <summary>The same on PostgreSQL.</summary>
public sealed class PostgresFullHouse : FullHouse
{
    internal PostgresHome Home { get; private set; } = null!;

    public override async Task<StoreOptions?> StoreAsync() => (Home = await PostgresHome.MakeAsync()).Options;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (Home is not null)
            await Home.DisposeAsync();
    }
}
