using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Ringfence.Ledger;
using Ringfence.Server.Ledger;
using Ringfence.Server.Lists.Desk;
using Ringfence.Server.People;
using Ringfence.Server.Tests.Ledger;
using Ringfence.Server.Tests.Pages;
using Ringfence.Staff;
using Xunit;

namespace Ringfence.Server.Tests.Lists.Desk;

/// <summary>A list brought in the browser: read beside, its columns put right, its audit with the rows behind each figure, and nothing of it left when it is taken away.</summary>
public sealed class ListPagesTests
{
    private const string Leads = "name,phone,email,notes\nZebediah Quux,+442079460101,zeb@example.org,never call me again\nAnn Smith,+442079460100,,\nBo Li,12,,\n";

    [Fact]
    public async Task Every_list_is_on_one_page_of_the_index_and_on_one_only()
    {
        await using var house = await ListHouse.BuildAsync(isAtWork: false);
        var shelf = house.Pages.Served.Lists.Shelf;
        var brought = new List<string>();
        // Several of them in one second.
        for (var i = 0; i < 230; i++)
        {
            var id = Fresh.Id().ToString();
            brought.Add(id);
            shelf.Keep(new ListCase { Id = id, Ledger = house.House.Ledger.Ledger, By = "acc-marketer", ByName = "Mira Okonkwo", At = $"2026-03-03T05:{i / 60:00}:{i % 60 / 7:00}Z", Files = [new KeptList("a.csv", $"list {i}.csv", new string('0', 64), false)] });
        }

        var (seen, address, pages) = (new List<string>(), house.Pages.Controller + "imports", 0);
        while (true)
        {
            var page = await house.GetAsync(address);
            Assert.Equal(HttpStatusCode.OK, page.Status);
            Assert.InRange(page.Text.Length, 1, 150_000);
            Assert.Contains(pages == 0 ? ">230<" : ">231<", page.Text, StringComparison.Ordinal);
            seen.AddRange(Regex.Matches(page.Text, "<th scope=\"row\"><a href=\"[^\"]*/imports/([0-9a-f]+)\"").Select(static match => match.Groups[1].Value));
            // What is brought meanwhile moves nothing.
            if (pages++ == 0)
                shelf.Keep(new ListCase { Id = Fresh.Id().ToString(), Ledger = house.House.Ledger.Ledger, By = "x", ByName = "x", At = "2026-03-04T05:00:00Z", Files = [] });
            if (Regex.Match(page.Text, "href=\"/([^\"]*imports\\?before=[^\"#]*)#all\"") is not { Success: true } next)
                break;
            address = WebUtility.HtmlDecode(next.Groups[1].Value);
        }

        Assert.Equal(3, pages);
        Assert.Equal(brought.Order(), seen.Order());
        Assert.Equal(HttpStatusCode.BadRequest, (await house.GetAsync(house.Pages.Controller + "imports?before=yesterday")).Status);
    }

    [Fact]
    public async Task A_list_is_brought_read_and_leads_to_its_columns_and_on_to_its_audit()
    {
        await using var house = await ListHouse.BuildAsync();
        var at = await house.BringAsync(Leads, "../../Kunden 客户.csv");
        Assert.EndsWith("/columns", await house.ReadAsync(at), StringComparison.Ordinal);
        var columns = await house.GetAsync(at + "/columns");
        Assert.Contains("Kunden 客户.csv", columns.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Quux", columns.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("7946", columns.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("example.org", columns.Text, StringComparison.Ordinal);
        Assert.Contains("<span class=\"sample\">Z••••••• Q•••</span>", columns.Text, StringComparison.Ordinal);

        var on = await house.PostAsync(at + "/columns", ListHouse.FieldsOf(columns.Text));
        Assert.EndsWith("/audit", on.Location, StringComparison.Ordinal);
        var audit = await house.GetAsync(on.Location![1..]);
        Assert.Equal(HttpStatusCode.OK, audit.Status);
        Assert.True(audit.Text.Length < 150_000, $"{audit.Text.Length}");
        Assert.DoesNotContain("style=\"", audit.Text, StringComparison.Ordinal);
        Assert.Single(Regex.Matches(audit.Text, "<h1"));
        Assert.EndsWith("/audit", (await house.GetAsync(at)).Location, StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
            Assert.All(Directory.GetFiles(house.Shelf, "*", SearchOption.AllDirectories), static file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, new FileInfo(file).UnixFileMode));

        Assert.EndsWith("/imports", (await house.PostAsync(at + "/drop")).Location, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(house.Shelf));
        Assert.Equal(HttpStatusCode.NotFound, (await house.GetAsync(at + "/audit")).Status);
    }

    [Fact]
    public async Task A_column_that_was_understood_wrongly_is_put_right_and_the_list_read_again()
    {
        await using var house = await ListHouse.BuildAsync();
        var at = await house.BringAsync("who,a,b\nAnn Smith,yes,+442079460100\nBo Li,no,+442079460101\n");
        await house.ReadAsync(at);
        var fields = ListHouse.FieldsOf((await house.GetAsync(at + "/columns")).Text);
        Assert.Contains(fields, static field => field is { Name: "c0.1", Value: not "consent.voice" });
        var asked = fields.Select(static field => field.Name == "c0.1" ? ("c0.1", "consent.voice") : field).ToArray();
        Assert.EndsWith("/reading", (await house.PostAsync(at + "/columns", asked)).Location, StringComparison.Ordinal);
        Assert.EndsWith("/columns", await house.ReadAsync(at), StringComparison.Ordinal);
        var again = await house.GetAsync(at + "/columns");
        Assert.Contains("you said so", again.Text, StringComparison.Ordinal);
        // What was said stays said, and to go on changes nothing.
        Assert.EndsWith("/audit", (await house.PostAsync(at + "/columns", ListHouse.FieldsOf(again.Text))).Location, StringComparison.Ordinal);
        Assert.Contains("<b>1</b> of <b>2</b> rows", (await house.GetAsync(at + "/rows?channel=voice&grade=never")).Text, StringComparison.Ordinal);

        var wrong = fields.Select(static field => field.Name == "c0.1" ? ("c0.1", "nonsense") : field).ToArray();
        Assert.Equal(HttpStatusCode.BadRequest, (await house.PostAsync(at + "/columns", wrong)).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await house.PostAsync(at + "/columns", [.. fields, ("c9.9", "name")])).Status);
    }

    [Fact]
    public async Task Every_figure_of_the_audit_leads_to_as_many_rows()
    {
        await using var house = await ListHouse.BuildAsync();
        var at = await house.BringAsync(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "samples", "leads-2000.csv"), TestContext.Current.CancellationToken));
        await house.ReadAsync(at);
        var audit = (await house.GetAsync(at + "/audit")).Text;
        Assert.True(audit.Length < 150_000, $"{audit.Length}");
        var links = Regex.Matches(audit, "<a class=\"fig\" href=\"([^\"]+/rows[^\"]*)\"><b>([0-9,]+)</b></a>").Select(static match => (Address: WebUtility.HtmlDecode(match.Groups[1].Value), Count: match.Groups[2].Value))
            .Concat(Regex.Matches(audit, "<a href=\"([^\"]+/rows[^\"]*)\">[^<]*</a></span>\\s*<span class=\"hb-n\"><b>([0-9,]+)</b>").Select(static match => (Address: WebUtility.HtmlDecode(match.Groups[1].Value), Count: match.Groups[2].Value)))
            .Where(static link => link.Count != "0").Distinct().ToList();
        Assert.True(links.Count > 60, $"{links.Count}");
        var wrong = new List<string>();
        foreach (var (address, count) in links)
        {
            var rows = await house.GetAsync(address[1..]);
            if (!rows.Text.Contains($"><b>{count}</b> of ", StringComparison.Ordinal))
                wrong.Add($"{address}: {count}, and there {Regex.Match(rows.Text, "role=\"status\">([^/]*)").Groups[1].Value}");
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public async Task Rows_are_masked_and_looking_at_them_and_taking_a_file_is_written_down()
    {
        await using var house = await ListHouse.BuildAsync();
        var at = await house.BringAsync(Leads);
        await house.ReadAsync(at);
        var size = await house.Pages.SizeAsync();
        var rows = await house.GetAsync(at + "/rows?channel=voice&grade=never");
        Assert.Contains("<b>1</b> of <b>3</b> rows", rows.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("79460101", rows.Text, StringComparison.Ordinal);
        Assert.Equal(size + 1, await house.Pages.SizeAsync());
        var rejected = await house.GetAsync(at + "/rejected");
        Assert.Contains("••", rejected.Text, StringComparison.Ordinal);
        Assert.Equal(size + 2, await house.Pages.SizeAsync());

        Assert.StartsWith("/account/again?next=", (await house.PostAsync(at + "/files", ("name", "never-voice.csv"))).Location, StringComparison.Ordinal);
        Assert.Equal(size + 2, await house.Pages.SizeAsync());
        var file = await house.PostAgainAsync(at + "/files", ("name", "never-voice.csv"));
        Assert.Contains("442079460101", file.Text, StringComparison.Ordinal);
        Assert.Equal("text/csv", file.Response.Content.Headers.ContentType!.MediaType);
        Assert.Equal(size + 3, await house.Pages.SizeAsync());
        var last = (await house.House.RecordsAsync())[^1];
        Assert.Equal((RecordType.StaffExport, "never-voice.csv", 1L), (last.Type, last.Detail!["view"]!.AsText, last.Detail["count"]!.AsNumber));
        // The report is of nobody, and waits for nothing.
        Assert.Equal(HttpStatusCode.OK, (await house.PostAsync(at + "/files", ("name", "report.html"))).Status);
        foreach (var name in new[] { "case.json", "../case.json", "leads.csv", "/etc/passwd" })
            Assert.Equal(HttpStatusCode.NotFound, (await house.PostAsync(at + "/files", ("name", name))).Status);
    }

    [Fact]
    public async Task A_file_of_many_rows_takes_somebody_else_who_agrees_to_that_file()
    {
        await using var house = await ListHouse.BuildAsync(quota: new ExportQuota(0, 2));
        var at = await house.BringAsync(Leads);
        await house.ReadAsync(at);
        var held = await house.PostAgainAsync(at + "/files", ("name", "contacts.csv"));
        Assert.Equal(HttpStatusCode.Forbidden, held.Status);
        Assert.DoesNotContain("442079460101", held.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(await house.House.RecordsAsync(), static record => record.Type == RecordType.StaffExport);
        var asked = Regex.Match((await house.GetAsync(house.Pages.Controller + "approvals", Role.PrivacyOfficer)).Text, "action=\"/(c/[^\"]+/approvals/[^\"]+)\"").Groups[1].Value;
        Assert.Equal(HttpStatusCode.SeeOther, (await house.Pages.PostAgainAsync(asked, Role.PrivacyOfficer, ("answer", "yes"))).Status);
        Assert.Equal(HttpStatusCode.OK, (await house.PostAgainAsync(at + "/files", ("name", "contacts.csv"))).Status);
        Assert.Equal(["acc-marketer", "acc-privacy-officer"], Assert.IsType<LeafValue.List>((await house.House.RecordsAsync())[^1].Detail!["approved"]).Items.Select(static item => item.AsText!));
        // Once; and what comes on top of it takes two as well.
        foreach (var name in new[] { "contacts.csv", "rejected.csv" })
            Assert.Equal(HttpStatusCode.Forbidden, (await house.PostAgainAsync(at + "/files", ("name", name))).Status);
    }

    [Fact]
    public async Task A_list_that_waits_is_read_when_the_server_starts_and_what_is_on_its_way_meanwhile_is_let_be()
    {
        await using var house = await ListHouse.BuildAsync(isAtWork: false);
        var at = await house.BringAsync(Leads);
        Assert.Contains("Waits for its turn", (await house.GetAsync(at + "/reading")).Text, StringComparison.Ordinal);
        Assert.EndsWith("/reading", (await house.GetAsync(at + "/audit")).Location, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Conflict, (await house.PostAsync(at + "/drop")).Status);
        var underWay = Path.Combine(house.Shelf, Fresh.Id().ToString());
        Directory.CreateDirectory(underWay);
        house.Begin();
        await house.ReadAsync(at);
        Assert.Equal(2, Directory.GetDirectories(house.Shelf).Length);
        // At the next start it is known to be torn.
        new ListShelf(house.House.Installation.Options.Data).DropTorn();
        Assert.False(Directory.Exists(underWay));
        Assert.Single(Directory.GetDirectories(house.Shelf));
    }

    [Fact]
    public async Task A_form_without_its_token_or_with_what_nobody_asked_for_leaves_nothing()
    {
        await using var house = await ListHouse.BuildAsync();
        using var none = new MultipartFormDataContent { { new ByteArrayContent("a,b\n1,2\n"u8.ToArray()), "list", "a.csv" } };
        Assert.Equal(HttpStatusCode.Forbidden, (await house.SendAsync(none, Role.Marketer)).Status);
        using var late = new MultipartFormDataContent { { new ByteArrayContent("a,b\n1,2\n"u8.ToArray()), "list", "a.csv" }, { new StringContent(PageHouse.TokenOf(Role.Marketer)), "_t" } };
        Assert.Equal(HttpStatusCode.Forbidden, (await house.SendAsync(late, Role.Marketer)).Status);
        using var more = ListHouse.Form(Role.Marketer, ("list", "a.csv", "a,b\n1,2\n"u8.ToArray()));
        more.Add(new StringContent("x"), "purposes");
        Assert.Equal(HttpStatusCode.BadRequest, (await house.SendAsync(more, Role.Marketer)).Status);
        using var plain = new StringContent("a,b\n1,2\n", Encoding.UTF8, "text/csv");
        Assert.Equal(HttpStatusCode.Forbidden, (await house.SendAsync(plain, Role.Marketer)).Status);
        using var empty = ListHouse.Form(Role.Marketer, ("list", "a.csv", []));
        // The room itself, where another file can be chosen at once.
        var told = await house.SendAsync(empty, Role.Marketer);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, told.Status);
        Assert.Contains("There is no row in what you sent", told.Text, StringComparison.Ordinal);
        Assert.Contains("name=\"list\"", told.Text, StringComparison.Ordinal);
        Assert.True(!Directory.Exists(house.Shelf) || Directory.GetFileSystemEntries(house.Shelf).Length == 0);
    }

    [Fact]
    public async Task What_is_no_list_says_so_in_words_and_hostile_texts_come_out_as_text()
    {
        await using var house = await ListHouse.BuildAsync();
        var no = await house.BringAsync("%PDF-1.7 nothing of a list\0\0", "<img src=x onerror=alert(1)>.csv");
        var seen = await house.UntilAsync(no + "/reading", static seen => seen.Text.Contains("can’t be read", StringComparison.Ordinal));
        Assert.DoesNotContain("<img", seen.Text, StringComparison.Ordinal);
        const string hostile = "<script>alert(1)</script>";
        var at = await house.BringAsync($"name,phone,{hostile}\n{hostile},+442079460100,\"=HYPERLINK(\"\"http://x\"\")\"\n");
        await house.ReadAsync(at);
        foreach (var page in new[] { "/columns", "/audit", "/rows", "/rejected" })
            Assert.DoesNotContain("<script>alert", (await house.GetAsync(at + page)).Text, StringComparison.Ordinal);
        Assert.DoesNotContain("<script>alert", (await house.GetAsync(house.Pages.Controller + "imports")).Text, StringComparison.Ordinal);
        Assert.DoesNotMatch("(^|,)\"?=HYPERLINK", (await house.PostAgainAsync(at + "/files", ("name", "contacts.csv"))).Text);
    }

    [Fact]
    public async Task What_has_been_kept_for_long_enough_goes_by_itself_and_another_controller_sees_none_of_it()
    {
        var time = new MovedTime();
        await using var house = await ListHouse.BuildAsync(time: time, isAtWork: false);
        var at = await house.BringAsync(Leads);
        time.Ahead = TimeSpan.FromDays(13.9);
        house.Pages.Served.Lists.Sweep();
        Assert.Single(Directory.GetDirectories(house.Shelf));
        Assert.True(OpaqueId.TryParse(at.AsSpan(at.Length - 32), out var name));
        Assert.NotNull(house.Pages.Served.Lists.Shelf.Find(name, house.House.Ledger.Ledger));
        Assert.Null(house.Pages.Served.Lists.Shelf.Find(name, house.House.Ledger.Ledger + 1));
        time.Ahead = TimeSpan.FromDays(14.1);
        house.Pages.Served.Lists.Sweep();
        Assert.Empty(Directory.GetDirectories(house.Shelf));
    }
}
