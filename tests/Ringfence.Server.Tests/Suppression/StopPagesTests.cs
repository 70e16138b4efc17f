using System.Net;
using System.Text;
using Ringfence.Ledger;
using Ringfence.Server.People;
using Ringfence.Server.Tests.Pages;
using Xunit;

namespace Ringfence.Server.Tests.Suppression;

/// <summary>The link in a message that ends it all.</summary>
public sealed class StopPagesTests
{
    private const string Ann = "ann@example.org";

    [Fact]
    public async Task A_mail_program_ends_it_by_one_post_and_no_scanner_by_looking()
    {
        await using var house = await PageHouse.BuildAsync();
        await house.House.SaysAsync(Ann, channels: "email");
        var found = (await house.House.FindAsync(Ann))!;
        var (controller, links) = (house.House.Ledger.Controller, house.House.Installation.Links);
        var link = new PersonLink(found.Person.Sid, found.Points().First().Id);
        var path = $"u/{controller}/{links.Make(controller, LinkAct.Stop, link)}";
        var size = await house.SizeAsync();
        var page = await house.GetAsync(path, null);
        Assert.Contains("Stop everything now", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(Ann, page.Text, StringComparison.Ordinal);
        foreach (var method in new[] { HttpMethod.Head, HttpMethod.Options })
            await house.SendAsync(method, path, null, null);
        Assert.Equal(size, await house.SizeAsync());
        // As RFC 8058 has it: no cookie, no token of a form, from wherever the provider sends it.
        var done = await house.SendAsync(HttpMethod.Post, path, null, new StringContent("List-Unsubscribe=One-Click", Encoding.ASCII, "application/x-www-form-urlencoded"), ("Origin", "https://mail.example"), ("Sec-Fetch-Site", "cross-site"));
        Assert.Equal(HttpStatusCode.OK, done.Status);
        Assert.Null(done.Location);
        Assert.False(done.Response.Headers.Contains("Set-Cookie"));
        Assert.NotEmpty(await house.House.SuppressionsAsync(Ann));
        Assert.Contains("You have stopped everything", (await house.GetAsync(path, null)).Text, StringComparison.Ordinal);
        size = await house.SizeAsync();
        Assert.Equal(HttpStatusCode.OK, (await house.PostAsync(path, null)).Status);
        Assert.Equal(size, await house.SizeAsync());
        // The link to choices is none to this, nor of another controller.
        foreach (var other in new[] { links.Make(controller, LinkAct.Preferences, link), links.Make("other", LinkAct.Stop, link), links.Make(controller, LinkAct.Stop, new PersonLink(found.Person.Sid, new OpaqueId(new byte[16]))) })
            Assert.Equal(HttpStatusCode.NotFound, (await house.PostAsync($"u/{controller}/{other}", null)).Status);
    }

    [Theory]
    [InlineData(".", HttpStatusCode.OK)]
    [InlineData("。", HttpStatusCode.OK)]
    [InlineData(").", HttpStatusCode.OK)]
    [InlineData("”，", HttpStatusCode.OK)]
    [InlineData("a", HttpStatusCode.NotFound)]
    [InlineData(".a", HttpStatusCode.NotFound)]
    [InlineData("......", HttpStatusCode.NotFound)]
    public async Task What_ends_the_sentence_around_a_link_is_no_part_of_it(string behind, HttpStatusCode status)
    {
        await using var house = await PageHouse.BuildAsync();
        await house.House.SaysAsync(Ann, channels: "email");
        var found = (await house.House.FindAsync(Ann))!;
        var link = new PersonLink(found.Person.Sid, found.Points().First().Id);
        string Of(LinkAct act) => house.House.Installation.Links.Make(house.House.Ledger.Controller, act, link) + Uri.EscapeDataString(behind);
        var stop = $"u/{house.House.Ledger.Controller}/{Of(LinkAct.Stop)}";
        Assert.Equal(status, (await house.GetAsync(stop, null)).Status);
        Assert.Equal(status, (await house.GetAsync($"p/{house.House.Ledger.Controller}/{Of(LinkAct.Preferences)}", null)).Status);
        Assert.Equal(status, (await house.PostAsync(stop, null)).Status);
        Assert.Equal(status == HttpStatusCode.OK, (await house.House.SuppressionsAsync(Ann)).Count > 0);
    }

    [Fact]
    public async Task A_no_is_heard_whatever_else_the_page_sends()
    {
        await using var house = await PageHouse.BuildAsync();
        await house.House.SaysAsync(Ann, channels: "email");
        var found = (await house.House.FindAsync(Ann))!;
        var path = $"p/{house.House.Ledger.Controller}/{house.House.Installation.Links.Make(house.House.Ledger.Controller, LinkAct.Preferences, new PersonLink(found.Person.Sid, found.Points().First().Id))}";
        Assert.Equal(HttpStatusCode.SeeOther, (await house.PostAsync(path + "/stop", null, ("added-on-the-way", "1"))).Status);
        Assert.NotEmpty(await house.House.SuppressionsAsync(Ann));
        const string bob = "bob@example.org";
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await house.PostAsync("r/" + house.House.Ledger.Controller, null, ("what", "complaint"), ("to", bob), ("text", new string('x', 4_001)))).Status);
        Assert.NotEmpty(await house.House.SuppressionsAsync(bob));
    }
}
