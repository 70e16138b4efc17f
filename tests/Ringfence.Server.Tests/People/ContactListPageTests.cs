using System.Net;
using System.Text.RegularExpressions;
using NodaTime;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Server.Gate.Snapshot;
using Ringfence.Server.Ledger;
using Ringfence.Server.People;
using Ringfence.Server.Storage;
using Ringfence.Server.Tests.Gate;
using Ringfence.Server.Tests.Ledger;
using Ringfence.Server.Tests.Pages;
using Ringfence.Server.Tests.Storage;
using Ringfence.Staff;
using Xunit;

namespace Ringfence.Server.Tests.People;

public sealed partial class ContactListPageTests
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
    public async Task A_name_typed_where_numbers_lead_to_people_is_looked_for_in_the_list_by_whoever_may_see_it()
    {
        await using var house = await HouseAsync();
        var size = await house.SizeAsync();
        var page = await house.PostAsync(house.Controller + "contacts/find", Role.Marketer, ("q", "smi"));
        Assert.True(page.Status == HttpStatusCode.OK, page.ToString());
        Assert.Contains(">Ann Smith</bdi>", page.Text, StringComparison.Ordinal);
        Assert.Equal(1, page.Text.Split("name=\"pick\"").Length - 1);
        Assert.Equal("contacts", Assert.Single((await house.House.RecordsAsync()).Skip((int)size)).Detail!["view"]!.AsText);
        var agent = await house.PostAsync(house.Controller + "contacts/find", Role.Agent, ("q", "smi"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, agent.Status);
        Assert.DoesNotContain("Ann Smith", agent.Text, StringComparison.Ordinal);
        Assert.Equal(size + 1, await house.SizeAsync());
    }

    [Fact]
    public async Task Where_nobody_is_yet_it_leads_to_what_brings_somebody()
    {
        await using var house = await HouseAsync(isEmpty: true);
        var page = await house.GetAsync(house.Controller + "contacts", Role.Marketer);
        foreach (var way in new[] { "imports", "forms" })
            Assert.Matches($"<main[^§]*<a class=\"btn[^\"]*\" href=\"/{house.Controller}{way}\"", page.Text);
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
    [InlineData("")]
    [InlineData("?order=contacted")]
    [InlineData("?order=changed&where=DE")]
    [InlineData("?where=GB&size=30")]
    public async Task A_file_holds_the_rows_of_the_pages_in_their_order_with_their_columns(string query)
    {
        await using var house = await HouseAsync();
        // The first who came was contacted last, and the last one never.
        foreach (var (number, days) in new[] { ("+493023125123", 2), ("+447400123456", 1) })
            await house.House.DoAsync(new ContactedCommand((await house.House.FindAsync(number))!.Person.Sid, house.House.Tags(number), Instant.FromDateTimeOffset(DateTimeOffset.UtcNow) - Duration.FromDays(days)));
        await house.Served.Audiences.Of(house.House.Ledger).LookAsync([.. AudienceAsk.Line.Select(static channel => new AudienceAsk(channel, null))], TimeSpan.FromMinutes(2), CancellationToken.None);
        var page = (await house.GetAsync(house.Controller + "contacts" + query, Role.PrivacyOfficer)).Text;
        var form = page[page.IndexOf($"action=\"/{house.Controller}contacts/export\"", StringComparison.Ordinal)..page.IndexOf("</thead>", StringComparison.Ordinal)];
        var fields = Hidden().Matches(form).Select(static match => (match.Groups[1].Value, WebUtility.HtmlDecode(match.Groups[2].Value))).Where(static field => field.Item1 != "_t").ToArray();
        var file = await house.PostAgainAsync(house.Controller + "contacts/export", Role.PrivacyOfficer, fields);
        Assert.True(file.Status == HttpStatusCode.OK, file.ToString());
        var (lines, rows) = (file.Text.Split("\r\n", StringSplitOptions.RemoveEmptyEntries), page[page.IndexOf("<tbody>", StringComparison.Ordinal)..].Split("</tbody>")[0].Split("<tr>")[1..]);
        var head = lines[0].Split(',');
        Assert.Equal(
            rows.Select(static row => (Row().Match(row).Groups[1].Value, string.Join('|', Moment().Matches(row).Select(static match => match.Groups[1].Value)))),
            lines[1..].Select(line => line.Split(',')).Select(cells => (Of(cells, "contact"), string.Join('|', new[] { Of(cells, "added"), Of(cells, "contacted") }.Where(static cell => cell.Length > 0)))));

        string Of(string[] cells, string column) => cells[Array.IndexOf(head, column)];
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

    private static async Task<PageHouse> HouseAsync(StoreOptions? store = null, bool isEmpty = false)
    {
        var house = await PageHouse.BuildAsync(store, facts: StandingFacts.Read("facts.json", CampaignFacts.Bulk));
        if (!isEmpty)
            await house.House.ImportAsync(List, ContactSource.Form);
        var follower = await new Snapshots(house.House.Installation).FollowAsync(house.House.Ledger, CancellationToken.None);
        await follower.BuildAsync(CancellationToken.None);
        await follower.LookAsync(CancellationToken.None);
        // So that no test waits for what a page does not wait for.
        await house.Served.Audiences.Of(house.House.Ledger).LookAsync([.. AudienceAsk.Line.Select(static channel => new AudienceAsk(channel, null))], TimeSpan.FromMinutes(2), CancellationToken.None);
        return house;
    }

    [GeneratedRegex("type=\"hidden\" name=\"([^\"]+)\" value=\"([^\"]*)\"")]
    private static partial Regex Hidden();

    [GeneratedRegex("name=\"pick\" value=\"([^\"]+)\"")]
    private static partial Regex Row();

    [GeneratedRegex("<time datetime=\"([^\"]+)\"")]
    private static partial Regex Moment();

    // Somebody was contacted, by a permit as the gate gives them.
    private sealed class ContactedCommand(OpaqueId sid, PointTags to, Instant at) : LedgerCommand
    {
        public override void Ask(RowsWanted wanted) => wanted.Subjects.Add(sid.ToArray());

        public override byte[] Run(LedgerTurn turn)
        {
            var id = Fresh.Id();
            var record = turn.Append(RecordDraft.Of(RecordType.PermitRedeemed, House.Staff, record => record with { Subject = new Subject(sid), Detail = LeafValue.Map.Of(("permit", id)) }));
            turn.Put(new PermitRow(
                id.ToArray(), to.Lookup, turn.TagOf(to), turn.SuppressionChain, sid.ToArray(), (short)Channel.Sms, "offers", null, null, null, record.Seq, Micros.Of(at), Micros.Of(at), Micros.Of(at), record.Seq, null, null, null));
            return new CommandAnswer(record.Seq, sid.ToString()).ToBytes();
        }
    }
}
