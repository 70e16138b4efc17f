using System.Net;
using System.Text;
using System.Text.Json;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Server.Gate.Snapshot;
using Ringfence.Server.People;
using Ringfence.Server.Tests.Gate;
using Ringfence.Server.Tests.People;
using Ringfence.Staff;
using Xunit;

namespace Ringfence.Server.Tests.Pages;

/// <summary>Whatever others write into a field comes out as text: no element and no attribute comes of it, on any page that shows it.</summary>
public sealed class HostileTextTests
{
    private static readonly string[] Fax = ["fax"];

    [Fact]
    public async Task Three_hundred_ways_to_write_an_element_come_out_as_text_on_every_page()
    {
        Assert.Equal(300, HostilePayloads.All.Count);
        var harmless = await ShapeAsync([.. HostilePayloads.All.Select(static (_, i) => $"Harmless {i}")]);
        var hostile = await ShapeAsync([.. HostilePayloads.All]);
        Assert.Empty(hostile.Shape.Except(harmless.Shape));
        // They were there to be read; some are written otherwise once they are read as names.
        Assert.True(hostile.Shown >= 250, $"{hostile.Shown} were shown");
    }

    private static async Task<(HashSet<string> Shape, int Shown)> ShapeAsync(string[] texts)
    {
        await using var house = await PageHouse.BuildAsync(facts: StandingFacts.Read("facts.json", CampaignFacts.Bulk));
        var list = new StringBuilder("name,company,phone,country,sms_consent,sms_consent_date\n");
        foreach (var (text, i) in texts.Select(static (text, i) => (text, i)))
            list.Append($"{Cell(text)},{Cell(texts[(i + 7) % texts.Length])},+447400{100_000 + i},GB,{(i % 2 == 0 ? "yes" : "no")},2026-06-01\n");
        await house.House.ImportAsync(list.ToString(), ContactSource.Form);
        var follower = await new Snapshots(house.House.Installation).FollowAsync(house.House.Ledger, CancellationToken.None);
        await follower.BuildAsync(CancellationToken.None);
        await follower.LookAsync(CancellationToken.None);
        await house.Served.Audiences.Of(house.House.Ledger).LookAsync([.. AudienceAsk.Line.Select(static channel => new AudienceAsk(channel, null))], TimeSpan.FromMinutes(2), CancellationToken.None);

        // What staff write: names of keys, rules of the house, who the controller is, why a no is lifted, files.
        foreach (var text in texts.Where((_, i) => i % 20 < 3))
            await house.PostAgainAsync(house.Controller + "keys", Role.Integrator, ("name", text[..Math.Min(80, text.Length)]), ("scope", "decide"));
        var rules = JsonSerializer.Serialize(new Dictionary<string, object>
        {
            ["house"] = "acme",
            ["name"] = texts[41],
            ["rules"] = texts.Take(60).Select((text, i) => new Dictionary<string, object>
            {
                ["id"] = $"house-r{i}", ["says"] = text, ["cites"] = texts[(i * 3) % texts.Length], ["when"] = new Dictionary<string, object> { ["channel"] = Fax }, ["refuse"] = "platform",
            }).ToArray(),
        });
        var change = (await FileAsync(house, "rules/new", rules, texts[3] + ".yaml")).Location?[1..];
        Assert.NotNull(change);
        house.Which = ".second";
        Assert.Equal(HttpStatusCode.SeeOther, (await house.PostAsync(change + "/agree", Role.PrivacyOfficer, ("since", "0"))).Status);
        house.Which = "";
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await FileAsync(house, "rules/new", "house: [" + texts[5], texts[4])).Status);
        foreach (var text in texts.Take(20))
        {
            await house.PostAsync(house.Controller + "contacts", Role.PrivacyOfficer, ("q", text));
            await house.PostAsync(house.Controller + "settings/webhooks", Role.Integrator, ("url", "https://example.org/" + text), ("name", text));
        }

        var (shape, shown) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        var pages = new List<Seen>();
        for (var from = 0; from < texts.Length; from += 50)
            pages.Add(await house.GetAsync($"{house.Controller}contacts?size=50&from={from}", Role.PrivacyOfficer));
        foreach (var text in texts.Take(20))
            pages.Add(await house.PostAsync(house.Controller + "contacts", Role.PrivacyOfficer, ("q", text)));
        foreach (var (path, page) in await PageCrawl.WalkAsync(house, Role.PrivacyOfficer, 120, change!, house.Controller + "rules", house.Controller + "contacts", house.Controller + "overview"))
            pages.Add(await SettledAsync(house, path, page));
        pages.Add(await house.GetAsync(house.Controller + "rules/of/house-r1", Role.Auditor));
        pages.Add(await house.GetAsync(house.Controller + "rules?pack=house-acme", Role.Auditor));
        pages.Add(await house.GetAsync(house.Controller + "keys", Role.Integrator));
        pages.Add(await house.GetAsync(house.Controller + "settings/webhooks", Role.Integrator));
        foreach (var page in pages.Where(static page => page.Text.StartsWith("<!DOCTYPE", StringComparison.OrdinalIgnoreCase)))
        {
            Assert.True((int)page.Status < 500, page.ToString());
            foreach (var (tag, name, value) in PageCrawl.Attributes(page.Text))
            {
                shape.Add($"{tag} {name}");
                if (name is "href" or "src" or "action" && !value.StartsWith('/') && !value.StartsWith('#') && !value.StartsWith('?'))
                    shape.Add($"{tag} {name} {value.Split(':')[0]}");
            }

            var read = WebUtility.HtmlDecode(page.Text);
            shown.UnionWith(texts.Where(text => read.Contains(text, StringComparison.Ordinal)));
        }

        return (shape, shown.Count);
    }

    // What says of itself that it is still being counted is looked at once that is done, however long it takes.
    private static async Task<Seen> SettledAsync(PageHouse house, string path, Seen page)
    {
        while (page.Text.Contains(" data-pending", StringComparison.Ordinal))
        {
            await Task.Delay(50, TestContext.Current.CancellationToken);
            page = await house.GetAsync(path, Role.PrivacyOfficer);
        }

        return page;
    }

    private static string Cell(string text) => '"' + text.Replace("\"", "\"\"", StringComparison.Ordinal) + '"';

    private static Task<Seen> FileAsync(PageHouse house, string path, string text, string name) => house.SendAsync(HttpMethod.Post, house.Controller + path, Role.PrivacyOfficer, new MultipartFormDataContent
    {
        { new StringContent(PageHouse.TokenOf(Role.PrivacyOfficer)), "_t" },
        { new ByteArrayContent(Encoding.UTF8.GetBytes(text)) { Headers = { { "Content-Disposition", $"form-data; name=\"file\"; filename*=UTF-8''{Uri.EscapeDataString(name)}; filename=\"file.yaml\"" } } } },
    });
}
