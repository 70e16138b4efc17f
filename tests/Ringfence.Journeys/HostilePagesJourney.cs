using System.Text;
using System.Text.Json;
using Ringfence.Server.Tests.Pages;
using Xunit;

namespace Ringfence.Journeys;

/// <summary>Whatever others write into a field stays a text in every page that shows it, to staff and to people: in a browser nothing of it runs, fetches or stands there as an element.</summary>
public sealed class HostilePagesJourney(Browser browser, HostileHouse house) : IClassFixture<HostileHouse>
{
    private const string Room = "/c/acme/";
    private const string Go = "main form button.btn-1";
    private const string Dana = "+447400123405";
    private const int Alike = 3;
    private const int Rows = 50;

    // What is written there and stands on no page in its own words: cut off where the field of a browser ends, or where a page shows the beginning alone; names of files, columns that nothing is made of, and what a fault names by its place.
    private static readonly string[] Unshown =
    [
        "number-in-a-form", "rules-file", "rules-fault", "register-file", "register-line", "list-cell", "cell-that-is-no-number", "mail-subject",
    ];

    private static readonly string[] Languages = ["en", "zh-Hans", "zh-Hant"];
    private static readonly string[] Passport = ["seller", "contract", "by", "where", "wording", "reference"];
    private static readonly string[] ListPages = ["audit", "rows", "rejected", "choose", "columns"];
    private static readonly string[] Kept = ["contact-data", "consent-proof", "contact-records"];

    [Fact]
    public async Task What_others_wrote_is_a_text_on_every_page()
    {
        Assert.Equal(300, HostilePayloads.All.Count);
        await using var wary = await WaryBrowser.OpenAsync(browser, house.Url, house.Write("device"));
        await SetUpAsync(wary);
        var people = await FurnishAsync();
        await PublicAsync(wary);
        await ActAsync(wary);
        var list = await ImportAsync(wary);
        await wary.SendAsync(Room + "withdrawals", [("to", "+447400200007"), ("reach", "all"), ("way", "letter"), ("words", house.Write("words-that-staff-heard"))]);
        await NoticeAsync(wary);
        people = [.. people, await FindAsync(wary, Dana), await FindAsync(wary, HostileHouse.Mail), await FindAsync(wary, "+447400200007")];
        for (var from = 0; from < HostilePayloads.All.Count; from += Rows)
            await wary.GoAsync($"{Room}contacts?size={Rows}&from={from}");
        await wary.WalkAsync(Alike, [.. people, .. list, Room + "settings/wordings/" + house.Wording, Room + "overview", Room + "contacts", "/n/acme", "/f/acme/kitchen-news", "/account"]);

        Assert.True(wary.Faults.Count == 0, string.Join('\n', wary.Faults.Distinct().Take(40)));
        Assert.InRange(wary.Looked, 150, 400);
        // Else nothing of this could have been found.
        var unread = house.Fields.Where(field => !wary.HasRead(HostileHouse.MarkOf(field))).Except(Unshown).ToList();
        Assert.True(unread.Count == 0, "Never shown: " + string.Join(", ", unread));
        // Some are written otherwise once they are read as names.
        Assert.InRange(HostilePayloads.All.Count(payload => wary.HasRead(payload.Trim())), 250, 300);
    }

    private async Task SetUpAsync(WaryBrowser wary)
    {
        await wary.GoAsync(new Uri(house.SetUp).AbsolutePath);
        foreach (var (name, value) in new[] { ("name", house.Write("staff-name")), ("email", "mira@acme.example"), ("password", "correct horse battery staple 7") })
            await wary.Page.FillAsync($"[name={name}]", value);
        await wary.PressAsync("form.login-box button[type=submit]");
        var device = await wary.Page.Context.NewCDPSessionAsync(wary.Page);
        await device.SendAsync("WebAuthn.enable");
        await device.SendAsync("WebAuthn.addVirtualAuthenticator", new Dictionary<string, object>
        {
            ["options"] = new Dictionary<string, object>
            {
                ["protocol"] = "ctap2", ["transport"] = "internal", ["hasResidentKey"] = true, ["hasUserVerification"] = true, ["isUserVerified"] = true, ["automaticPresenceSimulation"] = true,
            },
        });
        await wary.GoAsync("/account");
        await wary.Page.FillAsync("form[data-passkey] [name=name]", "<x-pwn>" + HostileHouse.MarkOf("passkey"));
        await wary.PressAsync("form[data-passkey] button");
    }

    // What programs send: who agreed and by what it is shown, what they write in later, what was decided of them.
    private async Task<string[]> FurnishAsync()
    {
        var ann = await house.SaysYesAsync(HostileHouse.Ann, house.Write("person"), new()
        {
            ["page"] = "https://acme.example/" + house.Write("evidence-page"), ["device"] = house.Write("evidence-device"), ["guardian"] = house.Write("guardian"), ["address"] = house.Write("address"), ["account"] = house.Write("their-account"),
            ["answer"] = house.Write("answer"),
        });
        var bob = await house.SaysYesAsync(HostileHouse.Bob, house.Write("person-2"), new()
        {
            ["page"] = "https://acme.example/offers", ["device"] = house.Write("evidence-device-2"), ["place"] = house.Write("place"), ["call"] = house.Write("call"), ["message"] = new { id = house.Write("message"), via = "sms" },
            ["leadForm"] = new { platform = house.Write("platform"), form = house.Write("lead-form"), lead = house.Write("lead") }, ["recorder"] = new { kind = "staff", @ref = house.Write("recorder") },
        });
        await house.CallAsync("decisions", new { to = HostileHouse.Ann, channel = "sms", purpose = "offers", record = true });
        await house.CallAsync("withdrawals", new { to = HostileHouse.Bob, way = "keyword", via = "sms", words = "STOP " + house.Write("words-of-a-no") });
        await house.CallAsync("suppressions", new { to = HostileHouse.Closed, by = "complaint" });
        await house.WritesAsync(HostileHouse.Ann, "Don't call before 9 " + house.Write("text-message"), "1");
        await house.WritesAsync(HostileHouse.Ann, "please stop texting me " + house.Write("text-message-2"), "2");
        return [Room + "contacts/" + ann, Room + "contacts/" + bob];
    }

    // What a person meets, and writes there: a form, their choices, why they were contacted, a request; each also as it comes back with a mistake.
    private async Task PublicAsync(WaryBrowser wary)
    {
        var page = wary.Page;
        await wary.GoAsync("/f/acme/kitchen-news");
        await page.CheckAsync("input[value=offers-sms]");
        await page.FillAsync("[name=name]", house.Write("name-in-a-form"));
        await page.FillAsync("[name=phone]", house.Write("number-in-a-form"));
        await wary.PressAsync(Go);
        await page.FillAsync("[name=phone]", Dana);
        await wary.PressAsync(Go);
        await page.FillAsync("#code-0", await house.Outbox.CodeAsync(Dana));
        await wary.PressAsync(Go);
        var permit = (await house.CallAsync("permits", new { to = Dana, channel = "sms", purpose = "offers" })).GetProperty("permit").GetString();
        await house.CallAsync($"permits/{permit}/redeem", new { });

        foreach (var entrance in new[] { "/p/acme", "/why/acme" })
        {
            await wary.GoAsync(entrance);
            await page.FillAsync("[name=to]", house.Write("number" + entrance.Replace('/', '-')));
            await wary.PressAsync(Go);
            await page.FillAsync("[name=to]", Dana);
            await wary.PressAsync(Go);
            await page.FillAsync("[name=code]", await house.Outbox.CodeAsync(Dana));
            await wary.PressAsync(Go);
            if (await page.Locator("a[href*='/more']").CountAsync() > 0)
            {
                var choices = new Uri(page.Url).PathAndQuery;
                await wary.PressAsync("a[href*='/more']");
                await wary.GoAsync(choices);
            }
        }

        await wary.GoAsync("/r/acme");
        await page.CheckAsync("[name=what][value=access]");
        await page.FillAsync("[name=to]", house.Write("number-in-a-request"));
        await page.FillAsync("[name=text]", house.Write("request"));
        await wary.PressAsync(Go);
        await page.FillAsync("[name=to]", Dana);
        await wary.PressAsync(Go);
        await page.FillAsync("[name=code]", await house.Outbox.CodeAsync(Dana));
        await wary.PressAsync(Go);
        await wary.GoAsync("/r/acme");
        await page.CheckAsync("[name=what][value=complaint]");
        await page.FillAsync("[name=to]", "+447400123406");
        await page.FillAsync("[name=text]", house.Write("complaint"));
        await wary.PressAsync(Go);
    }

    // What staff write, and what they are told of what they wrote wrongly.
    private async Task ActAsync(WaryBrowser wary)
    {
        await wary.GoAsync(Room + "overview");
        await wary.SendAsync(Room + "keys", [("name", house.Write("key")), ("scope", "decide")]);
        await wary.SendAsync(Room + "team/invite", [("name", house.Write("colleague")), ("email", "\"><x-pwn>" + HostileHouse.MarkOf("colleague-mail") + "@acme.example"), ("role", "agent")]);
        await wary.SendAsync(Room + "contacts/views", [("name", house.Write("view")), ("team", "1"), ("where", "GB")]);
        await wary.SendAsync(Room + "contacts", [("q", house.Write("searched-for"))]);
        await wary.SendAsync(Room + "contacts/find", [("q", house.Write("looked-up"))]);
        await wary.SendAsync(Room + "settings/webhooks", [("url", $"{house.Url.Replace("localhost", "127.0.0.1", StringComparison.Ordinal)}/\"><x-pwn>{HostileHouse.MarkOf("webhook-address")}"), ("name", house.Write("webhook"))]);
        await wary.PressAsync("form[action$='/test'] button");
        await wary.SendAsync(Room + "settings/wordings", [("text", house.Write("wording-that-is-none"))], isRefused: true);
        await wary.SendAsync(Room + "forms/new", [("id", house.Write("form-that-is-none")), ("sender", house.Write("form-sender")), ("do", "look")], isRefused: true);
        var rules = new Dictionary<string, object>
        {
            ["house"] = "acme", ["name"] = house.Write("rules"),
            ["rules"] = new object[] { new Dictionary<string, object> { ["id"] = "house-r1", ["says"] = house.Write("rule-says"), ["cites"] = house.Write("rule-cites"), ["when"] = new Dictionary<string, object> { ["channel"] = new[] { "fax" } }, ["refuse"] = "platform" } },
        };
        await wary.SendAsync(Room + "rules/new", [], ("file", house.Write("rules-file"), JsonSerializer.Serialize(rules)));
        await wary.GoAsync(Room + "rules/new");
        await wary.SendAsync(Room + "rules/new", [], ("file", house.Write("rules-file-that-is-none"), "house: [" + house.Write("rules-fault")), isRefused: true);
        await wary.SendAsync(Room + "registers/load", [("name", "gb-tps"), ("as-of", "2026-01-01"), ("format", "plain"), ("covers", "44")], ("file", house.Write("register-file"), "+447400123499\n" + house.Write("register-line") + "\n"));
        await wary.Page.WaitForSelectorAsync("h2:text('What came of it')");
        await wary.GoAsync(Room + "registers/load");
        await wary.SendAsync(Room + "registers/load", [("name", house.Write("register"))], ("file", "x", "x"), isRefused: true);
        await wary.SendAsync(Room + "suppression/new", [("to", HostileHouse.Bob)]);
        await wary.SendAsync(Room + "approvals", [("point", HostileHouse.Closed), ("reason", house.Write("reason-of-a-lift"))]);
        await wary.SendAsync(Room + "requests/new", [("what", "rectification"), ("to", HostileHouse.Ann), ("text", house.Write("request-by-letter"))]);
        var request = new Uri(wary.Page.Url).AbsolutePath;
        await wary.SendAsync(request, [("act", "identify")]);
        foreach (var act in new[] { "note", "extend", "answer" })
            await wary.SendAsync(request, [("act", act), ("text", house.Write("request-" + act))]);
    }

    // Every payload is somebody's name, and somebody's company; the list itself is called by one.
    private async Task<string[]> ImportAsync(WaryBrowser wary)
    {
        var rows = new StringBuilder($"name,company,phone,country,sms_consent,sms_consent_date,email,{Cell(house.Write("list-header"))}\n");
        foreach (var (payload, i) in HostilePayloads.All.Select(static (payload, i) => (payload, i)))
            rows.Append($"{Cell(payload)},{Cell(i == 7 ? house.Write("company") : HostilePayloads.All[(i + 7) % 300])},+44740020{i:0000},GB,{(i % 2 == 0 ? "yes" : "no")},2026-06-01,{(i == 8 ? HostileHouse.Mail : "")},{(i == 7 ? Cell(house.Write("list-cell")) : "")}\n");
        rows.Append($"x,y,{Cell(house.Write("cell-that-is-no-number"))},GB,,,,\n");
        await wary.GoAsync(Room + "imports");
        await wary.SendAsync(Room + "imports", [], ("list", house.Write("list-file") + ".csv", rows.ToString()));
        await wary.Page.ArriveAsync("**/columns");
        var list = new Uri(wary.Page.Url).AbsolutePath[..^"/columns".Length];
        await wary.LookAsync();
        await wary.PressAsync("form[action$='/columns'] button.btn-1");
        await wary.Page.ArriveAsync("**/audit");
        await wary.GoAsync(list + "/choose");
        var once = await wary.Page.GetAttributeAsync("[name=once]", "value");
        await wary.SendAsync(list + "/choose",
        [
            ("act", "import"), ("once", once!), ("source", "form"), ("rows", "all"), ("purposes", "offers"),
            .. Passport.Select(field => ("passport-" + field, house.Write("passport-" + field))),
        ]);
        var import = new Uri(wary.Page.Url).AbsolutePath;
        // It shows how far it is, and then itself again.
        await wary.Page.WaitForSelectorAsync("body:not(:has([data-events])) a[href$='/undo']", new() { Timeout = 60_000 });
        await wary.LookAsync();
        await house.MailsAsync(HostileHouse.Mail, house.Write("mail-subject"), "Please unsubscribe me " + house.Write("mail"));
        return [import, .. ListPages.Select(page => $"{list}/{page}")];
    }

    private async Task NoticeAsync(WaryBrowser wary)
    {
        await wary.GoAsync(Room + "settings/notice");
        List<(string, string)> said = [("version", "1"), ("storage", "GB"), ("s.0.name", house.Write("notice-source")), ("s.0.origin", "company"), ("rep.eu.name", house.Write("representative")), ("rep.eu.address", house.Write("representative-address")), ("rep.eu.email", "eu@acme.example")];
        for (var i = 0; await wary.Page.Locator($"[name='p.{i}.name']").CountAsync() > 0; i++)
        {
            said.AddRange([($"p.{i}.name", await wary.Page.InputValueAsync($"[name='p.{i}.name']")), ($"p.{i}.basis", "consent")]);
            said.AddRange(Languages.Select(language => ($"p.{i}.about.{language}", house.Write($"notice-purpose-{i}"))));
        }

        for (var i = 0; await wary.Page.Locator($"[name='r.{i}.key']").CountAsync() > 0; i++)
            said.AddRange([($"r.{i}.key", await wary.Page.InputValueAsync($"[name='r.{i}.key']")), ($"r.{i}.name", house.Write($"recipient-{i}")), ($"r.{i}.role", "processor"), ($"r.{i}.country", "GB"), ($"r.{i}.contact", house.Write($"recipient-contact-{i}"))]);
        foreach (var what in Kept)
            said.AddRange([($"t.{what}.time", "P3Y"), ($"t.{what}.from", "end-of-consent"), ($"t.{what}.then", "deleted")]);
        said.AddRange([("t.refusals.from", "while-contacting"), ("t.refusals.then", "deleted")]);
        await wary.SendAsync(Room + "settings/notice", [.. said, ("do", "look")]);
        var seen = await wary.Page.GetAttributeAsync("[name=seen]", "value");
        await wary.SendAsync(Room + "settings/notice", [.. said, ("do", "publish"), ("seen", seen!)]);
    }

    // The page of a person, by what they are reached by.
    private static async Task<string> FindAsync(WaryBrowser wary, string point)
    {
        await wary.GoAsync(Room + "overview");
        await wary.SendAsync(Room + "contacts/find", [("q", point)]);
        return new Uri(wary.Page.Url).PathAndQuery;
    }

    private static string Cell(string text) => '"' + text.Replace("\"", "\"\"", StringComparison.Ordinal) + '"';
}
