using System.Net;
using System.Text.RegularExpressions;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Server.Gate.Snapshot;
using Ringfence.Server.People;
using Ringfence.Server.Storage;
using Ringfence.Server.Tests.Gate;
using Ringfence.Server.Tests.Ledger;
using Ringfence.Server.Tests.Pages;
using Ringfence.Server.Tests.Staff;
using Ringfence.Server.Tests.Storage;
using Ringfence.Staff;
using Xunit;

namespace Ringfence.Server.Tests.People;

public sealed class SqliteContactRoomTests() : ContactRoomContract(isPostgres: false);

public sealed class PostgresContactRoomTests() : ContactRoomContract(isPostgres: true);

/// <summary>What stands around the list of contacts: kept views, what one may take out in a day, who is held back, and the figures that lead to it.</summary>
public abstract partial class ContactRoomContract(bool isPostgres) : StoreContract(isPostgres)
{
    private const string List = """
        name,phone,email,country,sms_consent,sms_consent_date
        Ann Smith,+447400123456,ann@example.org,GB,yes,2026-06-01
        Bea Smith,+447400123457,,GB,no,2026-06-01
        Cy Braun,+493023125123,,DE,,
        Di Braun,+493023125124,di@example.org,DE,,

        """;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_view_is_kept_shared_renamed_and_removed_by_whose_it_is()
    {
        await using var house = await StaffHouse.BuildAsync(Store);
        await ImportAsync(house.House, house.Served.Audiences.Of(house.House.Ledger));
        using var one = await house.SignedInAsync(Role.Marketer);
        using var two = await house.SignedInAsync(Role.Marketer);
        const string Views = "c/acme/contacts/views";
        Assert.Equal("/c/acme/contacts?may=allowed&where=GB", (await one.SendAsync("c/acme/contacts", Views, ("name", "British & open"), ("where", "GB"), ("may", "allowed"))).Location);
        Assert.Equal(HttpStatusCode.SeeOther, (await one.SendAsync("c/acme/contacts", Views, ("name", "Germans"), ("where", "DE"), ("team", "yes"))).Status);
        // What is no filter is no view, and what was looked for is kept nowhere.
        Assert.Equal(HttpStatusCode.BadRequest, (await one.SendAsync("c/acme/contacts", Views, ("name", "x"), ("where", "Germany"))).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await one.SendAsync("c/acme/contacts", Views, ("name", "x"), ("q", "Ann Smith"))).Status);

        var mine = await one.GetAsync("c/acme/contacts");
        Assert.Contains("href=\"/c/acme/contacts?may=allowed&amp;where=GB\">British &amp; open</a>", mine.Text, StringComparison.Ordinal);
        var theirs = await two.GetAsync("c/acme/contacts");
        Assert.Contains("href=\"/c/acme/contacts?where=DE\">Germans</a>", theirs.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("British", theirs.Text, StringComparison.Ordinal);

        var owner = By().Match(mine.Text).Groups[1].Value;
        Assert.Equal(HttpStatusCode.NotFound, (await two.PostAsync(Views + "/change", theirs.FormToken, ("by", owner), ("was", "Germans"), ("team", "yes"), ("do", "remove"))).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await two.PostAsync(Views + "/change", theirs.FormToken, ("by", owner), ("was", "British & open"), ("do", "remove"))).Status);
        Assert.Equal(HttpStatusCode.SeeOther, (await one.PostAsync(Views + "/change", mine.FormToken, ("by", owner), ("was", "Germans"), ("team", "yes"), ("do", "rename"), ("name", "Deutschland"))).Status);
        Assert.Equal(HttpStatusCode.Conflict, (await one.PostAsync(Views + "/change", mine.FormToken, ("by", owner), ("was", "Germans"), ("team", "yes"), ("do", "remove"))).Status);
        Assert.Contains(">Deutschland</a>", (await two.GetAsync("c/acme/contacts")).Text, StringComparison.Ordinal);
        // Removed, and by the notice that says so brought back as it was.
        var removed = await one.PostAsync(Views + "/change", mine.FormToken, ("by", owner), ("was", "Deutschland"), ("team", "yes"), ("do", "remove"));
        Assert.Contains("The view “Deutschland” is removed.", removed.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(">Deutschland</a>", removed.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(">Deutschland</a>", (await two.GetAsync("c/acme/contacts")).Text, StringComparison.Ordinal);
        var undo = removed.Text[removed.Text.IndexOf("notice-ok", StringComparison.Ordinal)..].Split("</form>")[0];
        Assert.Equal(HttpStatusCode.SeeOther, (await one.PostAsync(Views, removed.FormToken, [.. Field().Matches(undo).Select(static one => (one.Groups[1].Value, WebUtility.HtmlDecode(one.Groups[2].Value))).Where(static one => one.Item1 != "_t")])).Status);
        Assert.Contains("href=\"/c/acme/contacts?where=DE\">Deutschland</a>", (await two.GetAsync("c/acme/contacts")).Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await one.PostAsync(Views + "/change", mine.FormToken, ("by", owner), ("was", "Deutschland"), ("team", "yes"), ("do", "remove"))).Status);
        Assert.DoesNotContain(">Deutschland</a>", (await two.GetAsync("c/acme/contacts")).Text, StringComparison.Ordinal);
        var kept = await house.Entrance.Accounts.Rows.ReadAsync("select name, query from staff_view", static cells => cells.Text(0) + " " + cells.Text(1), Cancel);
        Assert.Equal(["British & open may=allowed&where=GB"], kept);
    }

    [Fact]
    public async Task Many_small_pages_and_files_come_to_the_same_as_a_large_one_and_then_it_takes_two()
    {
        await using var house = await HouseAsync(new ExportQuota(6, 12));
        var (list, export) = (house.Controller + "contacts", house.Controller + "contacts/export");
        // Four rows on a page, and two in a file: whoever takes out little is not asked again.
        await house.GetAsync(list, Role.Marketer);
        Assert.Equal(HttpStatusCode.OK, (await house.PostAsync(export, Role.Marketer, ("where", "GB"))).Status);
        // The seventh row of the day is beyond it, on whatever way; somebody else's day is their own.
        Assert.StartsWith("/account/again", (await house.PostAsync(export, Role.Marketer, ("where", "DE"))).Location, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await house.PostAsync(export, Role.PrivacyOfficer, ("where", "DE"))).Status);
        Assert.Equal(HttpStatusCode.OK, (await house.PostAgainAsync(export, Role.Marketer, ("where", "DE"))).Status);
        var page = await house.GetAsync(list, Role.Marketer);
        var sids = Pick().Matches(page.Text).Select(static match => match.Groups[1].Value).ToArray();
        var size = await house.SizeAsync();
        // One at a time, from here on.
        foreach (var sid in sids)
        {
            var alone = await house.PostAgainAsync(export, Role.Marketer, ("pick", sid));
            Assert.True(alone.Status == HttpStatusCode.Forbidden, alone.ToString());
            Assert.Contains("Somebody else has to agree first", alone.Text, StringComparison.Ordinal);
        }

        // A file that nobody got is in no record.
        Assert.Equal(size, await house.SizeAsync());
        Assert.Equal(12, await house.Served.Reach.Of(house.House.Ledger).OfAsync("acc-marketer", null, Cancel));
        // Another server, or the same one started anew, knows the same.
        using var fresh = new StaffReach(house.House.Installation, house.House.Ledger);
        Assert.Equal(12, await fresh.OfAsync("acc-marketer", null, Cancel));
    }

    [Fact]
    public async Task What_somebody_else_agreed_to_is_taken_out_once_by_whom_it_was_asked_for()
    {
        await using var house = await HouseAsync(new ExportQuota(0, 1));
        var (export, approvals) = (house.Controller + "contacts/export", house.Controller + "approvals");
        Assert.Equal(HttpStatusCode.Forbidden, (await house.PostAgainAsync(export, Role.PrivacyOfficer, ("where", "GB"))).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await house.PostAgainAsync(export, Role.PrivacyOfficer, ("where", "GB"))).Status);
        var page = await house.GetAsync(approvals, Role.PrivacyOfficer);
        var answer = Assert.Single(Answer().Matches(page.Text).Select(static match => match.Groups[1].Value).Distinct());
        Assert.DoesNotContain("value=\"yes\"", page.Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Conflict, (await house.PostAgainAsync(answer, Role.PrivacyOfficer, ("answer", "yes"))).Status);
        Assert.Contains("1 request waits for a second person", (await house.GetAsync(house.Controller + "overview", Role.PrivacyOfficer)).Text, StringComparison.Ordinal);

        var agreed = await house.SendAsync(HttpMethod.Post, answer, null, new FormUrlEncodedContent([new("_t", PageHouse.TokenOf(Role.PrivacyOfficer)), new("answer", "yes")]), ("Cookie", "as=privacy-officer.2; again=yes"));
        Assert.True(agreed.Status == HttpStatusCode.SeeOther, agreed.ToString());
        // To those people and nobody else, once.
        Assert.Equal(HttpStatusCode.Forbidden, (await house.PostAgainAsync(export, Role.PrivacyOfficer, ("where", "DE"))).Status);
        var file = await house.PostAgainAsync(export, Role.PrivacyOfficer, ("where", "GB"));
        Assert.True(file.Status == HttpStatusCode.OK, file.ToString());
        Assert.Equal(HttpStatusCode.Forbidden, (await house.PostAgainAsync(export, Role.PrivacyOfficer, ("where", "GB"))).Status);
        var record = (await house.House.RecordsAsync())[^1];
        Assert.Equal((RecordType.StaffExport, 2L), (record.Type, record.Detail!["count"]!.AsNumber));
        Assert.Equal(["acc-privacy-officer", "acc-privacy-officer.2"], Assert.IsType<LeafValue.List>(record.Detail["approved"]).Items.Select(static item => item.AsText!));
    }

    [Fact]
    public async Task Of_several_causes_of_an_import_somebody_has_the_one_that_fits_where_they_come_from()
    {
        await using var house = await PageHouse.BuildAsync(Store, facts: StandingFacts.Read("facts.json", CampaignFacts.Bulk));
        await house.House.ImportAsync("name,phone,source\nBought Person,+447400100000,purchased list\nScraped Person,+447400100001,scraped from the web\n", ContactSource.Purchased, name: "mixed.csv");
        await ImportAsync(house.House, house.Served.Audiences.Of(house.House.Ledger));
        var page = WebUtility.HtmlDecode((await house.GetAsync(house.Controller + "quarantine", Role.Marketer)).Text);
        var people = page[page.IndexOf("id=\"held\"", StringComparison.Ordinal)..];
        Assert.Contains("had from others, and no passport given", people, StringComparison.Ordinal);
        Assert.Contains("scraped or made up", people, StringComparison.Ordinal);
        Assert.DoesNotContain("one of:", people, StringComparison.Ordinal);
        // No column names the channels: each is named beside its answer.
        Assert.Contains("SMS: </span>", people, StringComparison.Ordinal);
        Assert.DoesNotContain("class=\"vh\">SMS", people, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_is_held_back_is_listed_with_why_and_what_lets_them_out()
    {
        await using var house = await PageHouse.BuildAsync(Store, facts: StandingFacts.Read("facts.json", CampaignFacts.Bulk));
        var rows = string.Concat(Enumerable.Range(0, QuarantinePages.PageRows + 2).Select(static i => $"Bought Person {i},+4474001{i:00000},,\n"));
        var import = await house.House.ImportAsync("name,phone,call_consent,call_consent_date\n" + rows, ContactSource.Purchased, name: "bought.csv");
        await ImportAsync(house.House, house.Served.Audiences.Of(house.House.Ledger));
        var size = await house.SizeAsync();
        var page = await house.GetAsync(house.Controller + "quarantine", Role.Marketer);
        Assert.True(page.Status == HttpStatusCode.OK, page.ToString());
        Assert.Contains($"<b>{QuarantinePages.PageRows + 2}</b> people are held back", page.Text, StringComparison.Ordinal);
        Assert.Contains("had from others, and no passport given", page.Text, StringComparison.Ordinal);
        Assert.Contains("import the very same list again", page.Text, StringComparison.Ordinal);
        Assert.Contains($"/imports/{import.Batch.Id}", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("74001000", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Ann Smith", page.Text, StringComparison.Ordinal);
        var record = Assert.Single((await house.House.RecordsAsync()).Skip((int)size));
        Assert.Equal((RecordType.StaffRevealed, QuarantinePages.PageRows), (record.Type, Assert.IsType<LeafValue.List>(record.Detail!["people"]).Items.Count));
        var rest = await house.GetAsync(house.Controller + $"quarantine?batch={import.Batch.Id}&from={QuarantinePages.PageRows}", Role.Marketer);
        Assert.Equal(2, Assert.IsType<LeafValue.List>((await house.House.RecordsAsync())[^1].Detail!["people"]).Items.Count);
        Assert.Contains("rel=\"prev\"", rest.Text, StringComparison.Ordinal);
        Assert.Contains("people are held back by imports", (await house.GetAsync(house.Controller + "overview", Role.Marketer)).Text, StringComparison.Ordinal);
        Assert.Contains("/quarantine\"", (await house.GetAsync(house.Controller + "imports", Role.Marketer)).Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Forbidden, (await house.GetAsync(house.Controller + "quarantine", Role.Agent)).Status);
    }

    [Fact]
    public async Task Each_figure_of_who_may_be_contacted_is_as_long_as_the_list_it_leads_to()
    {
        await using var house = await HouseAsync(ExportQuota.Usual);
        // One said yes and one confirmed it.
        var asked = await house.House.SaysAsync("+493023125124", RecordType.ConsentRequested, RecordState.Requested);
        await house.House.SaysAsync("+493023125124", RecordType.ConsentConfirmed, RecordState.Confirmed, about: asked.Seq, ceremony: Ceremony.DoubleOptIn);
        var index = house.Served.Audiences.Of(house.House.Ledger);
        await index.LookAsync([.. AudienceAsk.Line.SelectMany(channel => index.Purposes.Select(purpose => new AudienceAsk(channel, purpose)))], TimeSpan.FromMinutes(1), Cancel);
        var page = await house.GetAsync(house.Controller + "overview", Role.Marketer);
        Assert.True(page.Status == HttpStatusCode.OK, page.ToString());
        Assert.InRange(page.Text.Length, 1, 150_000);
        var figures = Figure().Matches(page.Text).Select(static match => (Query: WebUtility.HtmlDecode(match.Groups["query"].Value), Count: match.Groups["count"].Value)).ToList();
        // Consents that stand, with whose they are: confirmed ones among them.
        var standing = Standing().Match(page.Text);
        Assert.True(standing.Success, page.Text);
        figures.Add((WebUtility.HtmlDecode(standing.Groups["query"].Value), standing.Groups["count"].Value));
        Assert.Equal("2", standing.Groups["count"].Value);
        // Four channels, two countries, and reasons of each channel.
        Assert.True(figures.Count >= 8, string.Join('\n', figures));
        Assert.Contains(figures, static figure => figure.Query.Contains("why=", StringComparison.Ordinal));
        foreach (var (query, count) in figures)
        {
            var list = await house.GetAsync(house.Controller + "contacts?" + query, Role.Marketer);
            Assert.True(list.Text.Split("name=\"pick\"").Length - 1 == int.Parse(count, System.Globalization.CultureInfo.InvariantCulture), $"{query} is not {count}");
        }
    }

    [Fact]
    public async Task Who_is_looked_for_by_name_is_listed_page_by_page_and_the_name_stands_in_no_address()
    {
        await using var house = await PageHouse.BuildAsync(Store, facts: StandingFacts.Read("facts.json", CampaignFacts.Bulk));
        await house.House.ImportAsync("name,phone\n" + string.Concat(Enumerable.Range(0, 20).Select(static i => $"Same Name,+4474001{i:00000}\n")), ContactSource.Form, name: "same.csv");
        await ImportAsync(house.House, house.Served.Audiences.Of(house.House.Ledger));
        var first = await house.PostAsync(house.Controller + "contacts", Role.Marketer, ("q", "same name"));
        Assert.Equal(15, first.Text.Split("name=\"pick\"").Length - 1);
        Assert.Contains("name=\"from\" value=\"15\"", first.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("q=same", first.Text, StringComparison.OrdinalIgnoreCase);
        var second = await house.PostAsync(house.Controller + "contacts", Role.Marketer, ("q", "same name"), ("from", "15"));
        Assert.Equal(5, second.Text.Split("name=\"pick\"").Length - 1);
    }

    private async Task<PageHouse> HouseAsync(ExportQuota quota)
    {
        var house = await PageHouse.BuildAsync(Store, facts: StandingFacts.Read("facts.json", CampaignFacts.Bulk), quota: quota);
        await ImportAsync(house.House, house.Served.Audiences.Of(house.House.Ledger));
        return house;
    }

    // With everybody in the index, so that no page has to wait for it.
    private static async Task ImportAsync(House house, AudienceIndex index)
    {
        await house.ImportAsync(List, ContactSource.Form);
        var follower = await new Snapshots(house.Installation).FollowAsync(house.Ledger, Cancel);
        await follower.BuildAsync(Cancel);
        await follower.LookAsync(Cancel);
        await index.LookAsync([.. AudienceAsk.Line.Select(static channel => new AudienceAsk(channel, null))], TimeSpan.FromMinutes(2), Cancel);
    }

    [GeneratedRegex("<a class=\"kpi\" href=\"[^\"]*/contacts\\?(?<query>[^\"]*consent=[^\"]*)\">.*?<small>of (?<count>[0-9]+) ", RegexOptions.Singleline)]
    private static partial Regex Standing();

    [GeneratedRegex("type=\"hidden\" name=\"([^\"]+)\" value=\"([^\"]*)\"")]
    private static partial Regex Field();

    [GeneratedRegex("name=\"by\" value=\"([^\"]+)\"")]
    private static partial Regex By();

    [GeneratedRegex("name=\"pick\" value=\"([^\"]+)\"")]
    private static partial Regex Pick();

    [GeneratedRegex("action=\"/(c/[^\"]+/approvals/[^\"]+)\"")]
    private static partial Regex Answer();

    [GeneratedRegex("<a href=\"[^\"]*/contacts\\?(?<query>[^\"]*(?:may=allowed|why=)[^\"]*)\">(?:[^<]*</a>\\s*</span>\\s*<span class=\"hb-n\"><b>)?(?<count>[0-9]+)<")]
    private static partial Regex Figure();
}
