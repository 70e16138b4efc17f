using System.Net;
using System.Text.RegularExpressions;
using Ringfence.Ledger;
using Ringfence.Server.People;
using Ringfence.Server.Tests.Consent;
using Ringfence.Server.Tests.Pages;
using Ringfence.Server.Tests.Storage;
using Ringfence.Staff;
using Xunit;
using static Ringfence.Server.Tests.Consent.OwnHouse;

namespace Ringfence.Server.Tests.People;

/// <summary>Staff hand somebody the link to their own page.</summary>
public abstract class OwnLinkPagesContract(bool isPostgres) : StoreContract(isPostgres)
{
    private const string Host = "https://acme.example";

    [Fact]
    public async Task An_agent_makes_a_link_that_opens_for_that_person_and_it_is_written_down_before()
    {
        await using var house = await BuildAsync(Store);
        await house.House.SaysAsync(Ann);
        var (page, link) = await PageAsync(house, Ann);
        var person = await house.Pages.GetAsync(page[..page.LastIndexOf('/')], Role.Agent);
        Assert.Contains(page, person.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("/p/acme/", (await house.Pages.GetAsync(page, Role.Agent)).Text, StringComparison.Ordinal);
        var made = await house.Pages.PostAsync(page, Role.Agent, ("point", link.Point.ToString()), ("act", "show"), ("lang", "en"));
        Assert.Equal(HttpStatusCode.OK, made.Status);
        var path = Regex.Match(made.Text, @"<code id=""link"">[^<]*?/(p/[^<]+)</code>").Groups[1].Value;
        Assert.Equal(await house.PathAsync(Ann), path);
        Assert.Equal(HttpStatusCode.OK, (await house.Pages.GetAsync(path, null)).Status);
        Assert.Contains(await house.House.RecordsAsync(), static record => record.Type == RecordType.StaffRevealed && record.Detail?["view"]?.AsText == "own-link" && record.Actor.Kind == ActorKind.Staff);
        // Not for what is no point of theirs, and not without the right.
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await house.Pages.PostAsync(page, Role.Agent, ("point", new OpaqueId(new byte[16]).ToString()), ("act", "show"), ("lang", "en"))).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await house.Pages.PostAsync(page, Role.Auditor, ("point", link.Point.ToString()), ("act", "show"), ("lang", "en"))).Status);
        Assert.Empty(house.Folder.Messages());
    }

    [Fact]
    public async Task It_is_sent_to_whoever_asked_three_times_a_day_and_never_to_whoever_wants_none()
    {
        await using var house = await BuildAsync(Store, address: new Uri(Host));
        await house.House.SaysAsync(Ann);
        await house.House.SaysAsync(Bob);
        await house.House.WithdrawAsync(Bob);
        var (page, link) = await PageAsync(house, Ann);
        (string, string)[] fields = [("point", link.Point.ToString()), ("act", "send"), ("lang", "zh-Hant"), ("asked", "yes")];
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await house.Pages.PostAsync(page, Role.Agent, fields[..^1])).Status);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await house.Pages.PostAsync(page, Role.Agent, [fields[0], fields[1], ("lang", "xx"), fields[3]])).Status);
        Assert.Empty(house.Folder.Messages());
        for (var n = 0; n < 3; n++)
            Assert.Contains("It is on its way", (await house.Pages.PostAsync(page, Role.Agent, fields)).Text, StringComparison.Ordinal);
        Assert.Contains("three went there today", (await house.Pages.PostAsync(page, Role.Agent, fields)).Text, StringComparison.Ordinal);
        Assert.Equal(3, house.Folder.Messages().Count);
        Assert.Contains($"{Host}/{await house.PathAsync(Ann)}", house.Folder.Messages()[0].GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.Equal(3, (await house.House.RecordsAsync()).Count(static record => record.Detail?["view"]?.AsText == "own-link-sent"));
        var (bobs, other) = await PageAsync(house, Bob);
        Assert.Contains($"{Host}/p/acme", (await house.Pages.PostAsync(bobs, Role.Agent, [("point", other.Point.ToString()), .. fields[1..]])).Text, StringComparison.Ordinal);
        Assert.Equal(3, house.Folder.Messages().Count);
    }

    [Fact]
    public async Task Without_an_address_of_the_server_nothing_is_sent_that_would_lead_nowhere()
    {
        await using var house = await BuildAsync(Store);
        await house.House.SaysAsync(Ann);
        var (page, link) = await PageAsync(house, Ann);
        Assert.Contains("public-url", (await house.Pages.PostAsync(page, Role.Agent, ("point", link.Point.ToString()), ("act", "send"), ("lang", "en"), ("asked", "yes"))).Text, StringComparison.Ordinal);
        Assert.Empty(house.Folder.Messages());
    }

    private static async Task<(string Page, PersonLink Link)> PageAsync(OwnHouse house, string number)
    {
        var link = await house.PersonAsync(number);
        return ($"{house.Pages.Controller}{ContactPages.PathOf(link.Subject)}/own-page", link);
    }
}

public sealed class OwnLinkPagesTests() : OwnLinkPagesContract(isPostgres: false);

public sealed class OwnLinkPagesOnPostgresTests() : OwnLinkPagesContract(isPostgres: true);
