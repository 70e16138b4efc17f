using System.Globalization;
using Ringfence.Ledger;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;
using Ringfence.Server.Tests.Ledger;
using Ringfence.Server.Webhooks;
using Ringfence.Webhooks;

namespace Ringfence.Server.Tests.Webhooks;

/// <summary>An installation that tells another system what happens, with a clock of its own.</summary>
internal sealed class WebhookHouse : IAsyncDisposable
{
    private WebhookHouse(House house, Receiver receiver, MovedTime time)
    {
        (House, Receiver, Time) = (house, receiver, time);
        Sender = new WebhookSender(Receiver.Reach, time);
        Post = NewPost();
    }

    public House House { get; }

    public Receiver Receiver { get; }

    public MovedTime Time { get; }

    public WebhookSender Sender { get; private set; }

    public WebhookPost Post { get; private set; }

    public List<string> Log { get; } = [];

    public ToldSystems Told => new(House.Installation, House.Ledger);

    public IWebhookOutbox Outbox => House.Installation.Store.Outbox;

    public long Now => Micros.Of(NodaTime.Instant.FromDateTimeOffset(Time.GetUtcNow()));

    public static async Task<WebhookHouse> BuildAsync(StoreOptions? store = null)
    {
        var time = new MovedTime();
        return new WebhookHouse(await House.BuildAsync(time, store: store), await Receiver.StartAsync(), time);
    }

    /// <summary>What sends, as a program does that was just started.</summary>
    public WebhookPost NewPost() => Post = new WebhookPost(House.Installation, Sender, Log.Add, static () => 0.5);

    /// <summary>Has the receiver told.</summary>
    public async Task<(WebhookRow Row, byte[] Secret)> AddAsync(string? events = null, string? deadline = null, string? url = null)
    {
        var (row, secret) = await Told.AddAsync(House.Staff, Receiver.Reach, url ?? Receiver.Url, events?.Split(','), deadline, null, CancellationToken.None);
        return (await Told.FindAsync(row.Id, CancellationToken.None), WebhookSecret.TryRead(secret, out var bytes) ? bytes : []);
    }

    /// <summary>Sends until nothing more is due now.</summary>
    public async Task<int> SendAsync()
    {
        var all = 0;
        while (await Post.OnceAsync(CancellationToken.None) is > 0 and var sent)
            all += sent;
        return all;
    }

    /// <summary>Lets time go by, and sends whenever something is due.</summary>
    public async Task<int> PassAsync(TimeSpan time, TimeSpan step)
    {
        var all = 0;
        for (var gone = TimeSpan.Zero; gone < time; gone += step)
        {
            Time.Ahead += step;
            all += await SendAsync();
        }

        return all;
    }

    public async Task<DeliveryRow> DeliveryAsync(string name) =>
        WebhookMessage.TryRead(name, out var id) && await Outbox.FindAsync(House.Ledger.Ledger, id, CancellationToken.None) is { } row ? row : throw new InvalidOperationException($"No delivery {name}.");

    public Task<IReadOnlyList<DeliveryRow>> ListAsync(DeliveryKind kind = DeliveryKind.All) => Told.DeliveriesAsync(null, kind, -1, 10_000, CancellationToken.None);

    /// <summary>Closes the installation and opens it again, as a program that is started anew.</summary>
    public async Task RestartAsync(StoreOptions? store = null)
    {
        await House.CloseAsync();
        await OpenAsync(store);
    }

    public async Task OpenAsync(StoreOptions? store = null)
    {
        var options = House.In(House.Folder);
        await House.ReopenAsync(options with { Store = store ?? options.Store }, Time);
        NewPost();
    }

    public async ValueTask DisposeAsync()
    {
        Sender.Dispose();
        await Receiver.DisposeAsync();
        await House.DisposeAsync();
    }

    public static string Number(int n) => string.Create(CultureInfo.InvariantCulture, $"+4420794601{n:00}");
}
