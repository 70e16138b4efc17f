using System.Net;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Server.Gate.Snapshot;
using Ringfence.Server.People;
using Ringfence.Server.Tests.Gate;
using Ringfence.Server.Tests.Ledger;
using Ringfence.Server.Tests.Pages;
using Ringfence.Server.Tests.Storage;
using Ringfence.Staff;
using Xunit;

namespace Ringfence.Server.Tests.People;

public sealed class ContactListPageTests
{
    private const string List = """
        name,phone,email,country,sms_consent,sms_consent_date
        Ann Smith,+447400123456,ann@example.org,GB,yes,2026-06-01
        =cmd|'/c calc'!A1,+447400123457,,GB,no,2026-06-01
        <script>alert(1)</script>,+493023125123,,DE,,
        欧阳静怡,+493023125124,ouyang@example.org,DE,,

        """;

    [Fact]
    public async Task It_answers_with_counts_and_each_page_of_people_is_a_record_before_it_is_shown()
    {
        await using var house = await HouseAsync();
        var size = await house.SizeAsync();
        var page = await house.GetAsync(house.Controller + "contacts", Role.Marketer);
        Assert.True(page.Status == HttpStatusCode.OK, page.ToString());
        Assert.Contains(">Ann Smith</bdi>", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("<script>alert", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("7400123456", page.Text, StringComparison.Ordinal);
        Assert.True(page.Response.Headers.CacheControl!.NoStore);
        Assert.InRange(page.Text.Length, 1, 150_000);
        var record = Assert.Single((await house.House.RecordsAsync()).Skip((int)size));
        Assert.Equal((RecordType.StaffRevealed, "contacts", (Subject?)null, "acc-marketer"), (record.Type, record.Detail!["view"]!.AsText, record.Subject, record.Actor.Ref));
        Assert.Equal(4, Assert.IsType<LeafValue.List>(record.Detail["people"]).Items.Count);
        // Who sees nobody leaves no trace of it.
        var none = await house.GetAsync(house.Controller + "contacts?where=US", Role.Marketer);
        Assert.Contains("Nobody fits these filters", none.Text, StringComparison.Ordinal);
        Assert.Equal(size + 1, await house.SizeAsync());
    }

    [Theory]
    [InlineData("?where=DE", 2)]
    [InlineData("?where=DE&source=form", 2)]
    [InlineData("?number=DE&size=15&order=changed", 2)]
    [InlineData("?where=none", 0)]
    [InlineData("?from=3", 1)]
    public async Task Filters_stand_in_the_address(string query, int people)
    {
        await using var house = await HouseAsync();
        var page = await house.GetAsync(house.Controller + "contacts" + query, Role.Marketer);
        Assert.True(page.Status == HttpStatusCode.OK, page.ToString());
        Assert.Equal(people, page.Text.Split("name=\"pick\"").Length - 1);
    }

    [Theory]
    [InlineData("?may=perhaps")]
    [InlineData("?size=100000")]
    [InlineData("?order=name")]
    [InlineData("?from=-1")]
    public async Task What_is_no_filter_is_refused(string query)
    {
        await using var house = await HouseAsync();
        Assert.Equal(HttpStatusCode.BadRequest, (await house.GetAsync(house.Controller + "contacts" + query, Role.Marketer)).Status);
    }

    [Theory]
    [InlineData("smi", "Ann Smith")]
    [InlineData("+44 7400 123456", "Ann Smith")]
    [InlineData("07400 123456", "Ann Smith")]
    [InlineData("ANN@example.org", "Ann Smith")]
    [InlineData("欧阳", "欧阳静怡")]
    public async Task Who_is_looked_for_by_name_number_or_address_is_found_in_the_answer_to_a_form(string text, string name)
    {
        await using var house = await HouseAsync();
        var page = await house.PostAsync(house.Controller + "contacts", Role.Marketer, ("q", text));
        Assert.True(page.Status == HttpStatusCode.OK, page.ToString());
        Assert.Contains($">{name}</bdi>", page.Text, StringComparison.Ordinal);
        Assert.Equal(1, page.Text.Split("name=\"pick\"").Length - 1);
    }

    [Fact]
    public async Task A_file_is_in_the_ledger_with_its_digest_and_holds_no_formula()
    {
        await using var house = await HouseAsync();
        Assert.StartsWith("/account/again?next=", (await house.PostAsync(house.Controller + "contacts/export", Role.PrivacyOfficer, ("where", "GB"))).Location ?? "", StringComparison.Ordinal);
        var file = await house.PostAgainAsync(house.Controller + "contacts/export", Role.PrivacyOfficer, ("where", "GB"));
        Assert.True(file.Status == HttpStatusCode.OK, file.ToString());
        var lines = file.Text.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(3, lines.Length);
        Assert.All(lines.SelectMany(static line => line.Split(',')), static cell => Assert.False(cell.TrimStart('"').StartsWith('='), cell));
        Assert.Contains(lines, static line => line.Contains("+447400123456", StringComparison.Ordinal));
        var record = (await house.House.RecordsAsync())[^1];
        Assert.Equal((RecordType.StaffExport, TreeHash.Sha256(await file.Response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken)).ToString()), (record.Type, record.Detail!["digest"]!.AsText));
        Assert.Equal((2L, "where:GB"), (record.Detail["count"]!.AsNumber, Assert.Single(Assert.IsType<LeafValue.List>(record.Detail["filter"]).Items).AsText));
        // Who may only look takes nothing out.
        Assert.Equal(HttpStatusCode.Forbidden, (await house.PostAsync(house.Controller + "contacts/export", Role.Agent)).Status);
    }

    [Theory]
    [InlineData("en")]
    [InlineData("zh-Hans")]
    [InlineData("zh-Hant")]
    public async Task It_speaks_each_language(string language)
    {
        await using var house = await HouseAsync();
        var page = await house.GetAsync(house.Controller + "contacts", Role.Marketer, language);
        Assert.True(page.Status == HttpStatusCode.OK, page.ToString());
        Assert.Contains(language switch { "en" => "4 people fit", "zh-Hans" => "符合条件的有", _ => "符合條件的有" }, page.Text.Replace("<b>", "", StringComparison.Ordinal).Replace("</b>", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task On_PostgreSQL_it_shows_the_same()
    {
        await using var home = await PostgresHome.MakeAsync();
        await using var house = await HouseAsync(home.Options);
        var page = await house.GetAsync(house.Controller + "contacts?where=DE", Role.Marketer);
        Assert.Equal(2, page.Text.Split("name=\"pick\"").Length - 1);
    }

    private static async Task<PageHouse> HouseAsync(Server.Storage.StoreOptions? store = null)
    {
        var house = await PageHouse.BuildAsync(store, facts: StandingFacts.Read("facts.json", CampaignFacts.Bulk));
        await house.House.ImportAsync(List, ContactSource.Form);
        var follower = await new Snapshots(house.House.Installation).FollowAsync(house.House.Ledger, CancellationToken.None);
        await follower.BuildAsync(CancellationToken.None);
        await follower.LookAsync(CancellationToken.None);
        // So that no test waits for what a page does not wait for.
        await house.Served.Audiences.Of(house.House.Ledger).LookAsync([.. AudienceAsk.Line.Select(static channel => new AudienceAsk(channel, null))], TimeSpan.FromMinutes(2), CancellationToken.None);
        return house;
    }
}
