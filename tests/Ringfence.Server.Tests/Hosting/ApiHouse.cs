using System.Net;
using System.Text;
using System.Text.Json;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Server.Hosting;
using Ringfence.Server.Ledger;
using Ringfence.Server.Staff;
using Ringfence.Server.Storage;
using Ringfence.Server.Tests.Ledger;
using Ringfence.Server.Webhooks;
using Ringfence.Webhooks;

namespace Ringfence.Server.Tests.Hosting;

/// <summary>An answer of the API.</summary>
internal sealed record Answered(HttpStatusCode Status, string Media, JsonElement Json, string Text, HttpResponseMessage Response)
{
    public string? Code => Json.ValueKind == JsonValueKind.Object && Json.TryGetProperty("code", out var code) ? code.GetString() : null;

    public (HttpStatusCode, string?) Said => (Status, Code);

    public override string ToString() => $"{(int)Status} {Text}";
}

/// <summary>An installation that is served on a port of its own.</summary>
internal sealed class ApiHouse : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly HttpClient client;

    private ApiHouse(House house, Served served, WebApplication app, HttpClient client) => (House, Served, this.app, this.client) = (house, served, app, client);

    public Served Served { get; }

    public House House { get; }

    public string Url => client.BaseAddress!.ToString();

    /// <summary>Ends it as a signal does: what is begun is answered.</summary>
    public Task StopAsync() => app.StopAsync();

    public static async Task<ApiHouse> BuildAsync(
        StoreOptions? store = null, TimeProvider? time = null, ContactGate? gate = null, TimeSpan? streamPatience = null, string limits = RateLimit.Default)
    {
        var house = await House.BuildAsync(time, store: store);
        var served = new Served(house.Installation, gate ?? ContactGate.Shipped)
        {
            Webhooks = new WebhookSender(WebhookReach.Internet, house.Installation.Time),
            StreamPatience = streamPatience ?? TimeSpan.FromSeconds(60),
            Limits = RateLimit.TryRead(limits, out var read) ? read : throw new ArgumentException(limits),
        };
        var app = ApiHost.Build(served, "http://127.0.0.1:0");
        await app.StartAsync();
        return new ApiHouse(house, served, app, new HttpClient { BaseAddress = new Uri(app.Urls.Single()) });
    }

    /// <summary>A key that is good for something.</summary>
    public async Task<ApiKey> KeyAsync(ApiScopes scopes, LedgerRow? ledger = null, NodaTime.Instant? expires = null)
    {
        ledger ??= House.Ledger;
        var key = ApiKey.New(ledger.Controller);
        await (await House.Installation.WriterAsync(ledger, CancellationToken.None)).DoAsync(new AddApiKeyCommand(House.Staff, key, "test", scopes, expires), CancellationToken.None);
        return key;
    }

    public Task<Answered> PostAsync(string path, ApiKey? key, string body, params ReadOnlySpan<(string Name, string Value)> headers) =>
        SendAsync(HttpMethod.Post, path, key?.Show(), new StringContent(body, Encoding.UTF8, "application/json"), headers);

    public Task<Answered> GetAsync(string path, ApiKey? key) => SendAsync(HttpMethod.Get, path, key?.Show(), null);

    public Task<Answered> SendAsync(HttpMethod method, string path, string? key, HttpContent? content, params ReadOnlySpan<(string Name, string Value)> headers)
    {
        var request = new HttpRequestMessage(method, "api/v1/" + path) { Content = content };
        if (key is not null)
            request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + key);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return SendAsync(request);
    }

    public async Task<long> SizeAsync() => (await House.Installation.Store.HeadAsync(House.Ledger.Ledger, CancellationToken.None)).Size;

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        await app.StopAsync();
        await app.DisposeAsync();
        Served.Webhooks.Dispose();
        await House.DisposeAsync();
    }

    private async Task<Answered> SendAsync(HttpRequestMessage request)
    {
        var response = await client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        var media = response.Content.Headers.ContentType?.MediaType ?? "";
        var json = media.EndsWith("json", StringComparison.Ordinal) && text.Length > 0 ? JsonDocument.Parse(text).RootElement : default;
        return new Answered(response.StatusCode, media, json, text, response);
    }
}
