using System.Net;
using Ringfence.Gate;
using Ringfence.Server.Hosting;
using Ringfence.Server.Staff;
using Ringfence.Server.Storage;
using Ringfence.Server.Tests.Ledger;
using Ringfence.Server.Tests.Pages;
using Ringfence.Server.Webhooks;
using Ringfence.Staff;
using Ringfence.Webhooks;

namespace Ringfence.Server.Tests.Staff;

/// <summary>An installation whose pages are served to real accounts, which sign in as people do.</summary>
internal sealed class StaffHouse : IAsyncDisposable
{
    public const string Password = "seven grey herons wait";

    // Hashing takes a tenth of a second; the same password may have the same hash here.
    private static readonly Lazy<string> Hashed = new(static () => SignIn.Hash(Password));

    private readonly WebApplication app;
    private readonly bool isOwner;

    private StaffHouse(House house, Served served, WebApplication app, bool isOwner) => (House, Served, this.app, this.isOwner) = (house, served, app, isOwner);

    public House House { get; }

    public Served Served { get; }

    public Entrance Entrance => Served.Entrance;

    public string Url => app.Urls.Single() + "/";

    public static async Task<StaffHouse> BuildAsync(StoreOptions? store = null, TimeProvider? time = null, Uri? address = null, OutsideOptions? outside = null) =>
        await OnAsync(await House.BuildAsync(time, store: store), true, address, outside);

    /// <summary>Another server of the same installation.</summary>
    public Task<StaffHouse> SecondAsync() => OnAsync(House, false, null, null);

    /// <summary>Makes an account that may sign in with <see cref="Password"/>.</summary>
    public async Task<Account> AddAsync(string mail, params Role[] roles) => await AddAsync(mail, House.Ledger.Controller, roles);

    public async Task<Account> AddAsync(string mail, string controller, params Role[] roles) =>
        (await Entrance.Accounts.AddAsync(mail, "Mira Okonkwo", null, Hashed.Value, [.. roles.Select(role => (controller, role))], null, CancellationToken.None))!;

    /// <summary>A browser that nobody has used yet.</summary>
    public StaffBrowser Browse() => new(Url);

    /// <summary>A browser in which somebody is signed in, with roles of the house's controller.</summary>
    public async Task<StaffBrowser> SignedInAsync(params Role[] roles)
    {
        var mail = $"staff{Guid.NewGuid():N}@acme.example";
        await AddAsync(mail, roles);
        var browser = Browse();
        await browser.SignInAsync(mail);
        return browser;
    }

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync();
        await app.DisposeAsync();
        if (isOwner)
            await House.DisposeAsync();
    }

    private static async Task<StaffHouse> OnAsync(House house, bool isOwner, Uri? address, OutsideOptions? outside)
    {
        var served = new Served(house.Installation, ContactGate.Shipped) { Address = address, Outside = outside, Webhooks = new WebhookSender(WebhookReach.Internet, house.Installation.Time) };
        var app = ApiHost.Build(served, "http://127.0.0.1:0");
        await app.StartAsync();
        return new StaffHouse(house, served, app, isOwner);
    }
}

/// <summary>A browser with its own cookies, that follows nothing by itself.</summary>
internal sealed class StaffBrowser(string url) : IDisposable
{
    private readonly HttpClientHandler handler = new() { AllowAutoRedirect = false, CookieContainer = new CookieContainer() };
    private HttpClient? client;

    /// <summary>What it holds.</summary>
    public CookieContainer Cookies => handler.CookieContainer;

    private HttpClient Client => client ??= new HttpClient(handler) { BaseAddress = new Uri(url) };

    public async Task<Seen> GetAsync(string path, string lang = "en") => await SendAsync(new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "Accept", "text/html" }, { "Accept-Language", lang } } });

    /// <summary>Opens a page and sends a form that stands on it.</summary>
    public async Task<Seen> SendAsync(string page, string action, params (string Name, string Value)[] fields)
    {
        var token = (await GetAsync(page)).FormToken;
        return await PostAsync(action, token, fields);
    }

    /// <summary>Sends a form.</summary>
    public Task<Seen> PostAsync(string action, string token, params (string Name, string Value)[] fields) => SendAsync(new HttpRequestMessage(HttpMethod.Post, action)
    {
        Content = new FormUrlEncodedContent([KeyValuePair.Create("_t", token), .. fields.Select(static field => KeyValuePair.Create(field.Name, field.Value))]),
        Headers = { { "Accept", "text/html" }, { "User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0" } },
    });

    public Task<Seen> SignInAsync(string mail, string password = StaffHouse.Password) => SendAsync("sign-in", "sign-in", ("next", "/account"), ("email", mail), ("password", password));

    public void Dispose()
    {
        client?.Dispose();
        handler.Dispose();
    }

    private async Task<Seen> SendAsync(HttpRequestMessage request)
    {
        using (request)
        {
            var response = await Client.SendAsync(request);
            return new Seen(response.StatusCode, await response.Content.ReadAsStringAsync(), response);
        }
    }
}
