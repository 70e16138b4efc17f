using System.Net;
using System.Text;
using System.Text.Json;
using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Server.Gateways;
using Ringfence.Server.Hosting;
using Ringfence.Server.Ledger;
using Ringfence.Server.Staff;
using Ringfence.Server.Storage;
using Ringfence.Server.Tests.Gate;
using Ringfence.Server.Tests.Ledger;
using Ringfence.Server.Webhooks;
using Ringfence.Webhooks;

namespace Ringfence.Server.Tests.Bridges;

/// <summary>An installation served on a port of its own, whose standing facts leave open nothing but what people said.</summary>
internal sealed class BridgeHouse : IAsyncDisposable
{
    public const string Ann = "+447400123456";

    public static readonly ApiScopes All = Enum.GetValues<ApiScopes>().Aggregate(static (set, one) => set | one);

    // What the ledger can't know: how it is asked, the seller, and what happened elsewhere.
    private static readonly WordingDocument Calls = House.WordingOf("calls", "sms, voice, voice-auto",
        "Yes, Acme Ltd may call me and send me text messages, also by an automatic dialling system and with an artificial or prerecorded voice, at the number I entered above with offers for solar panels, at most 4 a month. I can stop this at any time by replying STOP or telling the caller. My consent is not a condition of any purchase. Message and data rates may apply. See the privacy notice.");

    /// <summary>The wording that calls and messages go by.</summary>
    public static Digest Wording => Calls.Digest;

    private readonly WebApplication app;

    private BridgeHouse(House house, MovedTime time, Served served, WebApplication app)
    {
        (House, Time, Served, this.app) = (house, time, served, app);
        Client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
    }

    public House House { get; }

    public MovedTime Time { get; }

    public Served Served { get; }

    public HttpClient Client { get; }

    public IServiceProvider Services => app.Services;

    public static async Task<BridgeHouse> BuildAsync(StoreOptions? store = null, Action<WebApplication, Served>? also = null, string limits = RateLimit.Default, GatewaySet? gateways = null, Func<House, HttpContext, SignedIn?>? staff = null, int port = 0, string? keyring = null)
    {
        // Eleven in the morning in London, on a Wednesday.
        var time = new MovedTime();
        time.Ahead = new DateTimeOffset(2027, 6, 9, 10, 0, 0, TimeSpan.Zero) - time.GetUtcNow();
        var house = await House.BuildAsync(time, store: store, keyring: keyring);
        await house.DoAsync(new PublishCommand(House.Staff, "wording", "application/json", Calls.ToBytes(), "en", Calls.Version));
        var served = new Served(house.Installation, ContactGate.Shipped, StandingFacts.Read("facts.json", CampaignFacts.Of(technique: null)))
        {
            Webhooks = new WebhookSender(WebhookReach.Internet, house.Installation.Time),
            Gateways = gateways ?? GatewaySet.None,
            Staff = http => ValueTask.FromResult(staff?.Invoke(house, http)),
            Limits = RateLimit.TryRead(limits, out var read) ? read : throw new ArgumentException(limits),
        };
        var app = ApiHost.Build(served, $"http://127.0.0.1:{port}");
        also?.Invoke(app, served);
        await app.StartAsync();
        return new BridgeHouse(house, time, served, app);
    }

    /// <summary>A key that is good for something.</summary>
    public async Task<ApiKey> KeyAsync(ApiScopes scopes, LedgerRow? ledger = null)
    {
        var key = ApiKey.New((ledger ?? House.Ledger).Controller);
        await (await House.Installation.WriterAsync(ledger ?? House.Ledger, CancellationToken.None)).DoAsync(new AddApiKeyCommand(House.Staff, key, "test", scopes, null), CancellationToken.None);
        return key;
    }

    /// <summary>Somebody agrees to calls and messages with offers.</summary>
    public Task YesAsync(string number = Ann) => YesAsync(number, Calls, [Channel.Sms, Channel.Voice, Channel.VoiceAuto]);

    /// <summary>Somebody agrees to what a wording says.</summary>
    public async Task YesAsync(string to, WordingDocument wording, IReadOnlyList<Channel> channels, string residence = "GB")
    {
        var answer = await PostAsync("consents", $$"""
            { "to": "{{to}}", "wording": "{{wording.Digest}}", "language": "en", {{(residence == "GB" ? "" : $"\"residence\": \"{residence}\",")}} "channels": [{{string.Join(", ", channels.Select(static channel => $"\"{channel.Word()}\""))}}], "purposes": ["offers"],
              "evidence": { "format": "ringfence/consent-evidence/v1", "method": "checkbox", "page": "https://acme.example/offers", "ip": "192.0.2.7", "device": "x",
                "recorder": { "kind": "client", "ref": "form-offers" } } }
            """);
        if (answer.Status != HttpStatusCode.Created)
            throw new InvalidOperationException(answer.Json.GetRawText());
    }

    /// <summary>Calls the API with a key that is good for all.</summary>
    public async Task<(HttpStatusCode Status, JsonElement Json)> PostAsync(string path, string body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "api/v1/" + path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + (await KeyAsync(All)).Show());
        using var response = await Client.SendAsync(request);
        return (response.StatusCode, JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement);
    }

    /// <summary>Has something be done as soon as a permit was issued, before whoever asked for it can use it.</summary>
    /// <param name="between">Queues what comes next in the serial order, or moves the clock.</param>
    public void AfterEachPermit(Action between)
    {
        var committed = House.Writer.Committed;
        House.Writer.Committed = (turn, writes, size) =>
        {
            committed?.Invoke(turn, writes, size);
            if (writes.Records.Any(static row => StoredRecord.Read(row).Type == RecordType.PermitIssued))
                between();
        };
    }

    public async Task<string?> VerdictAsync(string channel, string number = Ann) =>
        (await PostAsync("decisions", $$"""{"to":"{{number}}","channel":"{{channel}}","purpose":"offers","technique":"{{(channel == "voice" ? "manual" : "bulk")}}"}""")).Json.GetProperty("verdict").GetString();

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await app.StopAsync();
        await app.DisposeAsync();
        Served.Webhooks.Dispose();
        await House.DisposeAsync();
    }
}
