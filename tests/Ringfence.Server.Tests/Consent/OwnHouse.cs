using System.Net;
using System.Text.RegularExpressions;
using NodaTime;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Server.Gate;
using Ringfence.Server.Ledger;
using Ringfence.Server.People;
using Ringfence.Server.Tests.Gate;
using Ringfence.Server.Tests.Gateways;
using Ringfence.Server.Tests.Ledger;
using Ringfence.Server.Tests.Pages;
using Xunit;

namespace Ringfence.Server.Tests.Consent;

/// <summary>A house whose people come to their own pages, by links and by codes that a folder is sent.</summary>
internal sealed class OwnHouse(PageHouse pages, GatewayFolder folder) : IAsyncDisposable
{
    public const string Ann = "+447400123456";
    public const string Bob = "+447400123499";
    public const string Nobody = "+447400123411";
    public const string Codes = GatewayFolder.Files + "codes: { places: [GB] }\n";

    public static readonly (string, string)[] AnyTime =
        [("wishes", "1"), ("day", "0"), ("day", "1"), ("day", "2"), ("day", "3"), ("day", "4"), ("day", "5"), ("day", "6"), ("from", "0"), ("until", "86400"), ("often", ""), ("pause", "")];

    public PageHouse Pages => pages;

    public GatewayFolder Folder => folder;

    public House House => pages.House;

    public string Controller => House.Ledger.Controller;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<OwnHouse> BuildAsync(Server.Storage.StoreOptions? store, string? channels = null, TimeProvider? time = null, Uri? address = null)
    {
        var folder = new GatewayFolder();
        var pages = await PageHouse.BuildAsync(store, time, gateways: folder.Open(channels ?? Codes, time, address));
        await pages.House.DoAsync(new PublishCommand(House.Staff, "wording", "application/json", House.Offers.ToBytes(), "en", House.Offers.Version));
        return new OwnHouse(pages, folder);
    }

    public async Task<PersonLink> PersonAsync(string point)
    {
        var found = (await House.FindAsync(point))!;
        return new PersonLink(found.Person.Sid, found.Points().First(one => one.Point.Value == point).Id);
    }

    /// <summary>The address of somebody's own page.</summary>
    public async Task<string> PathAsync(string point, LinkAct act = LinkAct.Preferences) => $"p/{Controller}/{House.Installation.Links.Make(Controller, act, await PersonAsync(point))}";

    /// <summary>Asks for a code on somebody's page and tells it.</summary>
    public async Task<Seen> OpenAsync(string path, string point)
    {
        var asked = await pages.PostAsync(path + "/code", null);
        Assert.Equal(HttpStatusCode.OK, asked.Status);
        return await pages.PostAsync(path + "/open", null, ("session", Hidden(asked, "session")), ("code", folder.CodeTo(point)));
    }

    /// <summary>Ticks boxes, and tells the code that comes.</summary>
    public async Task<Seen> AgreeAsync(string path, string point, params string[] boxes)
    {
        var asked = await pages.PostAsync(path + "/more", null, [("to", point), .. boxes.Select(static box => ("box", box))]);
        Assert.Equal(HttpStatusCode.OK, asked.Status);
        await pages.Served.Afterwards.IdleAsync();
        return await ConfirmAsync(path, asked, folder.CodeTo(point));
    }

    public Task<Seen> ConfirmAsync(string path, Seen asked, string code) => pages.PostAsync(path + "/more/confirm", null, [("session", Hidden(asked, "session")), ("at", Hidden(asked, "at")), .. All(asked, "box").Select(static box => ("box", box)), ("code", code)]);

    /// <summary>What the gate says to a message in bulk.</summary>
    public async Task<string> VerdictAsync(string point, Channel channel = Channel.Sms, string purpose = "offers") => await DecideAsync(point, channel, purpose) switch { Verdict.Allowed => "allowed", Verdict.Deferred => "deferred", _ => "refused" };

    /// <summary>The whole answer.</summary>
    public async Task<Verdict> DecideAsync(string point, Channel channel, string purpose)
    {
        var facts = await LedgerFacts.ReadAsync(House.Installation, House.Ledger, House.Tags(point), Cancel);
        var question = new ContactQuestion(Instant.FromUtc(2027, 6, 9, 11, 0), Controller, channel, purpose);
        var situation = await facts.AdviseAsync(House.Installation, House.Ledger, AskedFile.Read(question, "facts.json", CampaignFacts.Bulk), Cancel);
        return pages.Served.GateOf(House.Ledger).Decide(situation);
    }

    public static string Hidden(Seen page, string name) => All(page, name) is [var first, ..] ? first : "";

    public static IReadOnlyList<string> All(Seen page, string name) => [.. Regex.Matches(page.Text, $"name=\"{name}\" value=\"([^\"]+)\"").Select(static found => WebUtility.HtmlDecode(found.Groups[1].Value))];

    public async ValueTask DisposeAsync()
    {
        await pages.DisposeAsync();
        folder.Dispose();
    }
}
