using System.Net;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Server.Hosting;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;
using Ringfence.Server.Tests.Ledger;
using Ringfence.Server.Tests.Storage;
using Ringfence.Server.Webhooks;
using Ringfence.Webhooks;
using Xunit;

namespace Ringfence.Server.Tests.Staff;

public sealed class SqliteSetUpTests() : SetUpContract(isPostgres: false);

public sealed class PostgresSetUpTests() : SetUpContract(isPostgres: true);

/// <summary>The first account is made once, by whoever saw what the program printed.</summary>
public abstract class SetUpContract(bool isPostgres) : StoreContract(isPostgres)
{
    private static readonly (string, string)[] Filled =
    [
        ("legal", "Nordlicht Solar GmbH"), ("word", "Nordlicht"), ("address", "Hafenstraße 1, 20457 Hamburg"), ("country", "de"), ("contact", "datenschutz@nordlicht.example"),
        ("officer", "Jo Lindqvist"), ("officer-email", "jo@nordlicht.example"), ("name", "Ada Byron"), ("email", "ada@nordlicht.example"), ("language", "zh-Hant"), ("password", StaffHouse.Password),
    ];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_first_run_makes_controller_and_administrator_and_closes_for_ever()
    {
        await using var first = await FirstRun.BuildAsync(Store);
        var printedBefore = await first.Served.Entrance.SetUp.OfferAsync(Cancel);
        var token = await first.Served.Entrance.SetUp.OfferAsync(Cancel);
        using var browser = new StaffBrowser(first.Url);
        // Printed anew, the one before is void; what was guessed opens nothing.
        Assert.Equal(HttpStatusCode.Gone, (await browser.GetAsync("set-up/" + printedBefore)).Status);
        Assert.Equal(HttpStatusCode.Gone, (await browser.GetAsync("set-up/x")).Status);
        var wrong = await browser.SendAsync("set-up/" + token, "set-up/" + token, [.. Filled.Where(static field => field.Item1 is not ("password" or "country")), ("password", "Password2026Password2026"), ("country", "QQ")]);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, wrong.Status);
        Assert.Contains("Nordlicht Solar GmbH", wrong.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Password2026", wrong.Text, StringComparison.Ordinal);
        var nowhere = await browser.SendAsync("set-up/" + token, "set-up/" + token, [.. Filled.Where(static field => field.Item1 is not "country"), ("country", "UN")]);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, nowhere.Status);
        Assert.Empty(await first.Installation.LedgersAsync(Cancel));

        var done = await browser.SendAsync("set-up/" + token, "set-up/" + token, Filled);
        Assert.Equal((HttpStatusCode.SeeOther, "/"), (done.Status, done.Location));
        var home = await browser.GetAsync("");
        Assert.Equal("/c/nordlicht/overview", home.Location);
        var overview = await browser.GetAsync("c/nordlicht/overview");
        Assert.Contains("lang=\"zh-Hant\"", overview.Text, StringComparison.Ordinal);
        Assert.Contains("Nordlicht Solar GmbH", overview.Text, StringComparison.Ordinal);

        var ledger = Assert.Single(await first.Installation.LedgersAsync(Cancel));
        var records = await first.Installation.Store.RecordsAsync(ledger.Ledger, 0, long.MaxValue, Cancel).ToListAsync(Cancel);
        Assert.Single(records, static row => StoredRecord.Read(row).Type == RecordType.StaffRoleChanged);

        // The same link again, a start after, and one who held the page open all the while.
        Assert.Equal(HttpStatusCode.Gone, (await browser.GetAsync("set-up/" + token)).Status);
        Assert.Equal(HttpStatusCode.Gone, (await browser.PostAsync("set-up/" + token, home.FormToken is { Length: > 0 } form ? form : overview.FormToken, Filled)).Status);
        Assert.Null(await first.Served.Entrance.SetUp.OfferAsync(Cancel));
    }

    [Fact]
    public async Task Of_two_who_set_up_at_once_one_does()
    {
        await using var first = await FirstRun.BuildAsync(Store);
        var token = await first.Served.Entrance.SetUp.OfferAsync(Cancel);
        var browsers = Enumerable.Range(0, 4).Select(_ => new StaffBrowser(first.Url)).ToList();
        var forms = await Task.WhenAll(browsers.Select(async browser => (await browser.GetAsync("set-up/" + token)).FormToken));
        var answers = await Task.WhenAll(browsers.Select((browser, i) => browser.PostAsync(
            "set-up/" + token, forms[i],
            [.. Filled.Where(static field => field.Item1 is not ("email" or "word")), ("email", $"ada{i}@nordlicht.example"), ("word", $"nordlicht{i}")])));
        Assert.Single(answers, static answer => answer.Status == HttpStatusCode.SeeOther);
        Assert.Equal(3, answers.Count(static answer => answer.Status == HttpStatusCode.Gone));
        Assert.Single(await first.Served.Entrance.Accounts.AllAsync(Cancel));
        Assert.Single(await first.Installation.LedgersAsync(Cancel));
        browsers.ForEach(static browser => browser.Dispose());
    }

    [Fact]
    public async Task A_page_that_was_shown_before_the_controller_was_founded_makes_the_account_all_the_same()
    {
        await using var first = await FirstRun.BuildAsync(Store);
        var token = await first.Served.Entrance.SetUp.OfferAsync(Cancel);
        using var browser = new StaffBrowser(first.Url);
        var form = (await browser.GetAsync("set-up/" + token)).FormToken;
        await first.Installation.AddControllerAsync("sonne", "sonne.example/log", House.Acme, Cancel);
        Assert.Equal(HttpStatusCode.SeeOther, (await browser.PostAsync("set-up/" + token, form, Filled)).Status);
        Assert.Equal("sonne", Assert.Single(await first.Installation.LedgersAsync(Cancel)).Controller);
        Assert.Single(await first.Served.Entrance.Accounts.AllAsync(Cancel));
    }

    [Fact]
    public async Task Where_there_are_controllers_already_the_first_account_looks_after_them()
    {
        await using var house = await StaffHouse.BuildAsync(Store);
        var token = await house.Entrance.SetUp.OfferAsync(Cancel);
        using var browser = house.Browse();
        Assert.Contains("acme", (await browser.GetAsync("set-up/" + token)).Text, StringComparison.Ordinal);
        var done = await browser.SendAsync("set-up/" + token, "set-up/" + token, [.. Filled.Where(static field => field.Item1 is "name" or "email" or "language" or "password")]);
        Assert.Equal(HttpStatusCode.SeeOther, done.Status);
        Assert.Equal("/c/acme/overview", (await browser.GetAsync("")).Location);
    }

    // An installation without any controller.
    private sealed class FirstRun : IAsyncDisposable
    {
        private readonly string folder;
        private readonly WebApplication app;

        private FirstRun(string folder, Served served, WebApplication app) => (this.folder, Served, this.app) = (folder, served, app);

        public Served Served { get; }

        public Installation Installation => Served.Installation;

        public string Url => app.Urls.Single() + "/";

        public static async Task<FirstRun> BuildAsync(StoreOptions? store)
        {
            var folder = Directory.CreateTempSubdirectory("rf-first-").FullName;
            var options = House.In(folder);
            var served = new Served(await Installation.OpenAsync(options with { Store = store ?? options.Store }, TimeProvider.System, CancellationToken.None), ContactGate.Shipped)
            {
                Webhooks = new WebhookSender(WebhookReach.Internet, TimeProvider.System),
            };
            var app = ApiHost.Build(served, "http://127.0.0.1:0");
            await app.StartAsync();
            return new FirstRun(folder, served, app);
        }

        public async ValueTask DisposeAsync()
        {
            await app.StopAsync();
            await app.DisposeAsync();
            await Installation.DisposeAsync();
            Directory.Delete(folder, recursive: true);
        }
    }
}
