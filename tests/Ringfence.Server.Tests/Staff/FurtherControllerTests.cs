using System.Net;
using Ringfence.Consent;
using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Server.Staff;
using Ringfence.Server.Tests.Ledger;
using Ringfence.Server.Tests.Storage;
using Ringfence.Staff;
using Xunit;

namespace Ringfence.Server.Tests.Staff;

public sealed class SqliteFurtherControllerTests() : FurtherControllerContract(isPostgres: false);

public sealed class PostgresFurtherControllerTests() : FurtherControllerContract(isPostgres: true);

/// <summary>A further company in whose name contact is made, founded in the browser.</summary>
public abstract class FurtherControllerContract(bool isPostgres) : StoreContract(isPostgres)
{
    private const string Page = "c/acme/settings/controllers";

    private static readonly (string, string)[] Bolt =
        [("legal", "Bolt <b>& Sons Ltd"), ("word", "Bolt"), ("address", "1 High Street, Leeds"), ("country", "gb"), ("contact", "privacy@bolt.example"), ("officer", ""), ("officer-email", "")];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whoever_looks_after_everything_founds_one_and_works_for_it_at_once()
    {
        await using var house = await StaffHouse.BuildAsync(Store);
        var account = await house.AddAsync("ada@acme.example", GivenRole.Everywhere, Role.Administrator);
        using var browser = house.Browse();
        await browser.SignInAsync("ada@acme.example");
        Assert.DoesNotContain("/c/bolt/", (await browser.GetAsync(Page)).Text, StringComparison.Ordinal);
        var made = await browser.SendAsync(Page, Page, Bolt);
        Assert.Equal("/c/bolt/settings/controllers", made.Location);
        var page = await browser.GetAsync("c/bolt/settings/controllers");
        Assert.Equal(HttpStatusCode.OK, page.Status);
        Assert.Contains("Bolt &lt;b&gt;&amp; Sons Ltd", page.Text, StringComparison.Ordinal);
        Assert.Contains("ringfence.local/bolt/e1", page.Text, StringComparison.Ordinal);

        // Its ledger says who founded it, and is as sound as one that the command line made.
        var ledger = await house.House.Installation.LedgerAsync("bolt", Cancel);
        var records = await house.House.Installation.Store.RecordsAsync(ledger.Ledger, 0, 100, Cancel).Select(Ringfence.Server.Ledger.StoredRecord.Read).ToListAsync(Cancel);
        Assert.Equal(RecordType.LedgerGenesis, records[0].Type);
        Assert.Contains(records, record => record.Actor == new Actor(ActorKind.Staff, account.Id));

        // The word is taken, whoever types it, and nothing is written.
        Assert.Equal(HttpStatusCode.Conflict, (await browser.SendAsync(Page, Page, Bolt)).Status);
        foreach (var (name, value) in new[] { ("legal", ""), ("word", "9 lives"), ("address", "\u0001"), ("country", "XX"), ("contact", "nobody"), ("officer", "Bea") })
        {
            var refused = await browser.SendAsync(Page, Page, [.. Bolt.Select(field => field.Item1 == name ? (name, value) : field.Item1 == "word" ? ("word", "other") : field)]);
            Assert.Equal((name, HttpStatusCode.UnprocessableEntity), (name, refused.Status));
        }

        Assert.Equal(2, (await house.House.Installation.NewestLedgersAsync(Cancel)).Count);
        Assert.Equal(records.Count, (await house.House.Installation.Store.HeadAsync(ledger.Ledger, Cancel)).Size);
    }

    [Fact]
    public async Task Whoever_looks_after_one_controller_only_founds_none()
    {
        await using var house = await StaffHouse.BuildAsync(Store);
        using var browser = await house.SignedInAsync(Role.Administrator);
        Assert.DoesNotContain("name=\"word\"", (await browser.GetAsync(Page)).Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Forbidden, (await browser.SendAsync("c/acme/settings/controller", Page, Bolt)).Status);
        Assert.Single(await house.House.Installation.NewestLedgersAsync(Cancel));
    }

    [Fact]
    public async Task Whoever_came_in_long_ago_shows_again_that_it_is_them()
    {
        var time = new Ringfence.Server.Tests.Gate.StandingTime();
        await using var house = await StaffHouse.BuildAsync(Store, time);
        await house.AddAsync("ada@acme.example", GivenRole.Everywhere, Role.Administrator);
        using var browser = house.Browse();
        await browser.SignInAsync("ada@acme.example");
        time.Moved = TimeSpan.FromMinutes(11);
        Assert.StartsWith("/account/again", (await browser.SendAsync(Page, Page, Bolt)).Location, StringComparison.Ordinal);
        Assert.Single(await house.House.Installation.NewestLedgersAsync(Cancel));
    }

    [Fact]
    public async Task Those_founded_in_the_same_moment_have_a_ledger_each()
    {
        await using var house = await StaffHouse.BuildAsync(Store);
        var installation = house.House.Installation;
        var founded = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => Task.Run(() => installation.AddControllerAsync($"firm-{i}", $"ringfence.local/firm-{i}", Party($"firm-{i}"), Cancel))));
        Assert.Equal(6, founded.Select(static row => row.Ledger).Distinct().Count());
        foreach (var row in founded)
            Assert.Equal(row.Ledger, (await installation.LedgerAsync(row.Controller, Cancel)).Ledger);
        static PartyDocument Party(string word) => new() { Id = word, Kind = PartyKind.Controller, Name = word, Address = "1 High Street", Country = "GB", Contact = new PartyContact(null, "privacy@firm.example", null, null) };
    }
}
