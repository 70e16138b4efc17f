using System.Net;
using System.Text.RegularExpressions;
using Ringfence.Gate;
using Ringfence.Server.Hosting;
using Ringfence.Server.Pages;
using Ringfence.Server.People;
using Ringfence.Server.Staff;
using Ringfence.Server.Storage;
using Ringfence.Server.Tests.Ledger;
using Ringfence.Server.Webhooks;
using Ringfence.Staff;
using Ringfence.Webhooks;

namespace Ringfence.Server.Tests.Pages;

/// <summary>A page as a browser got it.</summary>
internal sealed record Seen(HttpStatusCode Status, string Text, HttpResponseMessage Response)
{
    /// <summary>Where to go next.</summary>
    public string? Location => Response.Headers.Location?.OriginalString;

    /// <summary>What its forms carry.</summary>
    public string FormToken => Regex.Match(Text, "name=\"_t\" value=\"([^\"]+)\"").Groups[1].Value;

    public override string ToString() => $"{(int)Status} {Text}";
}

/// <summary>An installation whose pages are served, to staff that a test makes up: who is signed in is what the cookie <c>as</c> says, for the house's controller or the one that <c>at</c> names.</summary>
internal sealed partial class PageHouse : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly HttpClient client;

    private PageHouse(House house, Served served, WebApplication app, HttpClient client) => (House, Served, this.app, this.client) = (house, served, app, client);

    public Served Served { get; }

    public House House { get; }

    /// <summary>Which of several people of one role is signed in; empty: the first.</summary>
    public string Which { get; set; } = "";

    /// <summary>What the server says of itself.</summary>
    public ILoggerFactory Logs => app.Services.GetRequiredService<ILoggerFactory>();

    public string Url => client.BaseAddress!.ToString();

    /// <summary>The path before the pages of the house's controller.</summary>
    public string Controller => "c/" + House.Ledger.Controller + "/";

    public static async Task<PageHouse> BuildAsync(StoreOptions? store = null, TimeProvider? time = null, ContactGate? gate = null, StandingFacts? facts = null, int publicLimit = 0, IReadOnlyList<IPNetwork>? proxies = null, Ringfence.Server.Gateways.GatewaySet? gateways = null, ExportQuota? quota = null, Uri? address = null, Func<string, string?>? environment = null)
    {
        var house = await House.BuildAsync(time, store: store, environment: environment);
        var served = new Served(house.Installation, gate ?? ContactGate.Shipped, facts)
        {
            PublicLimit = publicLimit,
            Address = address,
            Proxies = proxies ?? [],
            Gateways = gateways ?? Ringfence.Server.Gateways.GatewaySet.None,
            Quota = quota ?? ExportQuota.Usual,
            Webhooks = new WebhookSender(WebhookReach.Internet, house.Installation.Time),
            Staff = http => ValueTask.FromResult(StaffOf(house, http)),
        };
        // However busy the machine is, what was written is on the page that is looked at next.
        served.Figures.Patience = TimeSpan.FromSeconds(30);
        var app = ApiHost.Build(served, "http://127.0.0.1:0");
        await app.StartAsync();
        return new PageHouse(house, served, app, new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = new Uri(app.Urls.Single()) });
    }

    /// <summary>Sees a page.</summary>
    public Task<Seen> GetAsync(string path, Role? role, string lang = "en") => SendAsync(HttpMethod.Get, path, role, null, ("Accept-Language", lang));

    /// <summary>Sends a form as its page would.</summary>
    public Task<Seen> PostAsync(string path, Role? role, params (string Name, string Value)[] fields) =>
        SendAsync(HttpMethod.Post, path, role, FormOf(role, fields));

    /// <summary>The same from somebody who has just shown again that it is them.</summary>
    public Task<Seen> PostAgainAsync(string path, Role role, params (string Name, string Value)[] fields) => SendAsync(HttpMethod.Post, path, null, FormOf(role, fields), ("Cookie", $"as={role.Word()}; again=yes"));

    public async Task<Seen> SendAsync(HttpMethod method, string path, Role? role, HttpContent? content, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        request.Headers.TryAddWithoutValidation("Accept", "text/html");
        if (role is { } known)
            request.Headers.TryAddWithoutValidation("Cookie", "as=" + known.Word() + Which);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        // What is told as it happens has no end.
        return new Seen(response.StatusCode, response.Content.Headers.ContentType?.MediaType == "text/event-stream" ? "" : await response.Content.ReadAsStringAsync(), response);
    }

    /// <summary>What forms of somebody carry.</summary>
    public static string TokenOf(Role? role) => PageHost.FormTokenOf(role?.Word() ?? "");

    private static FormUrlEncodedContent FormOf(Role? role, (string Name, string Value)[] fields) =>
        new([KeyValuePair.Create("_t", TokenOf(role)), .. fields.Select(static field => KeyValuePair.Create(field.Name, field.Value))]);

    public async Task<long> SizeAsync() => (await House.Installation.Store.HeadAsync(House.Ledger.Ledger, CancellationToken.None)).Size;

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        await app.StopAsync();
        await app.DisposeAsync();
        Served.Webhooks.Dispose();
        await House.DisposeAsync();
    }

    internal static SignedIn? StaffOf(House house, HttpContext http) => http.Request.Cookies["as"] is { } word && Roles.TryRead(word.Split('.')[0], out var role)
        ? new SignedIn("acc-" + word, "Mira Okonkwo", null, new Dictionary<string, Right> { [http.Request.Cookies["at"] ?? house.Ledger.Controller] = role.Rights() }, http.Request.Cookies["again"] is null ? null : NodaTime.Instant.FromDateTimeOffset(house.Installation.Time.GetUtcNow()), TokenOf(role))
        : null;
}
