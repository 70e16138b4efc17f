using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Server.Consent.Forms;
using Ringfence.Server.Consent.Notices;
using Ringfence.Server.Ledger;
using Ringfence.Server.People;
using Ringfence.Server.Staff;
using Ringfence.Server.Tests.Consent;
using Ringfence.Server.Tests.Gateways;
using Ringfence.Server.Tests.Hosting;
using Ringfence.Server.Tests.Ledger;
using Ringfence.Server.Tests.Rights;
using Ringfence.Staff;
using Xunit;
using static Ringfence.Server.Tests.Consent.OwnHouse;

namespace Ringfence.Server.Tests.Pages;

/// <summary>A house with much to show to people who are contacted, and the way to each of its pages in each state: of every route those that there are.</summary>
internal sealed class PublicTour : IAsyncDisposable
{
    private const string Codes = GatewayFolder.Files + "codes: { places: [GB], per-point-and-day: 5000, per-prefix-and-hour: 5000, per-source-and-hour: 5000, per-day: 5000, alarm-after: 5000 }\n";
    private const string Carol = "+447400123477";
    private const string Dave = "+447400123478";
    private const int Forms = 4;
    private const int Contacts = 60;

    private static readonly string[] Kinds = ["access", "objection", "withdrawal", "erasure", "rectification", "complaint"];
    private static readonly string[] Kept = ["contact-data", "consent-proof", "contact-records", "requests"];
    private static readonly string[] Tags = ["en", "zh-Hans", "zh-Hant"];
    private static readonly string LongText = new('為', 4_000);

    private readonly Dictionary<string, Func<string, Task<Seen>>[]> stops;
    private IReadOnlyList<FormDocument> forms = [];
    private NoticeDocument notice = null!;
    private ApiKey key = null!;
    private string ann = "", bob = "", dave = "", stop = "", stopped = "", status = "", opened = "", lead = "";
    private int next;

    private PublicTour(OwnHouse house, MovedTime time)
    {
        (House, Time) = (house, time);
        stops = new()
        {
            ["GET f/{controller}/{form}"] = [lang => GetAsync(Form, lang), lang => GetAsync($"f/{C}/none", lang, HttpStatusCode.NotFound)],
            ["POST f/{controller}/{form}"] =
            [
                lang => AnswerAsync(lang, "12", [new string('為', 254), "x"], HttpStatusCode.UnprocessableEntity, "offers-sms", "offers-email"),
                lang => AnswerAsync(lang, "", ["", ""], HttpStatusCode.OK), lang => AnswerAsync(lang, Fresh(), ["Ann", "ann@example.org"], HttpStatusCode.OK, "offers-sms", "offers-email"),
            ],
            ["POST f/{controller}/{form}/confirm"] = [lang => ConfirmAsync(lang, isRight: false), lang => ConfirmAsync(lang, isRight: true), lang => PostAsync(Form + "/confirm", lang, HttpStatusCode.BadRequest)],
            ["GET n/{controller}"] = [lang => GetAsync($"n/{C}", lang)],
            ["GET n/{controller}/{hash}"] = [lang => GetAsync($"n/{C}/{notice.Digest}", lang), lang => GetAsync($"n/{C}/{new string('0', 64)}", lang, HttpStatusCode.NotFound)],
            ["GET u/{controller}/{token}"] = [lang => GetAsync(stop, lang), lang => GetAsync(stopped, lang), lang => GetAsync($"u/{C}/x", lang, HttpStatusCode.NotFound)],
            ["POST u/{controller}/{token}"] = [lang => PostAsync(stopped, lang), lang => PostAsync($"u/{C}/x", lang, HttpStatusCode.NotFound)],
            ["GET p/{controller}"] = [lang => GetAsync($"p/{C}", lang)],
            ["POST p/{controller}"] =
                [lang => PostAsync($"p/{C}", lang, HttpStatusCode.UnprocessableEntity, ("to", new string('為', 250))), lang => PostAsync($"p/{C}", lang, HttpStatusCode.OK, ("to", Ann)), lang => PostAsync($"p/{C}", lang, HttpStatusCode.OK, ("to", Nobody))],
            ["POST p/{controller}/open"] = [lang => EnterAsync(lang, isRight: false), lang => EnterAsync(lang, isRight: true)],
            ["GET p/{controller}/{token}"] =
                [lang => GetAsync(ann, lang), lang => GetAsync(ann + "?done=saved", lang), lang => GetAsync(bob, lang), lang => GetAsync(dave, lang), lang => GetAsync($"p/{C}/x", lang, HttpStatusCode.NotFound)],
            ["POST p/{controller}/{token}/stop"] = [async lang => await NextAsync(await PostAsync(await FreshPathAsync() + "/stop", lang, HttpStatusCode.SeeOther))],
            ["POST p/{controller}/{token}"] =
            [
                lang => PostAsync(ann, lang, HttpStatusCode.UnprocessableEntity, ("wishes", "1"), ("from", "72000"), ("until", "36000")),
                async lang => await NextAsync(await PostAsync(await FreshPathAsync(), lang, HttpStatusCode.SeeOther, [("had", "offers/sms"), .. AnyTime])),
            ],
            ["POST p/{controller}/{token}/code"] = [lang => PostAsync(ann + "/code", lang)],
            ["POST p/{controller}/{token}/open"] = [lang => OpenAsync(lang, isRight: false), lang => OpenAsync(lang, isRight: true)],
            ["POST p/{controller}/{token}/history"] =
                [lang => PostAsync(ann + "/history", lang, HttpStatusCode.OK, ("opened", opened)), lang => PostAsync(ann + "/history", lang, HttpStatusCode.OK, ("opened", opened), ("from", "10")), lang => PostAsync(ann + "/history", lang, HttpStatusCode.Forbidden)],
            ["POST p/{controller}/{token}/receipt"] = [lang => PostAsync(ann + "/receipt", lang, HttpStatusCode.NotFound, ("opened", opened), ("record", "0"))],
            ["POST p/{controller}/{token}/copy"] = [lang => PostAsync(ann + "/copy", lang, HttpStatusCode.Forbidden, ("as", "page"))],
            ["GET p/{controller}/{token}/more"] = [lang => GetAsync(ann + "/more", lang), lang => GetAsync(bob + "/more", lang), lang => GetAsync(dave + "/more", lang)],
            ["POST p/{controller}/{token}/more"] = [lang => PostAsync(bob + "/more", lang, HttpStatusCode.UnprocessableEntity, ("to", new string('為', 250))), lang => MoreAsync(bob, Bob, lang)],
            ["POST p/{controller}/{token}/more/confirm"] = [async lang => await AgreedAsync(bob, Bob, lang, isRight: false), async lang => await NextAsync(await AgreedAsync(await FreshPathAsync(), Last, lang, isRight: true))],
            ["GET y/{controller}/{token}"] = [lang => GetAsync(lead, lang), lang => GetAsync($"y/{C}/x", lang)],
            ["POST y/{controller}/{token}"] =
            [
                lang => PostAsync(lead, lang, HttpStatusCode.UnprocessableEntity, ("code", "1")), lang => PostAsync($"y/{C}/x", lang, HttpStatusCode.UnprocessableEntity, ("code", "1")),
                async lang => await NextAsync(await PostAsync(await LeadAsync(), lang, HttpStatusCode.SeeOther, ("code", House.Folder.CodeTo(Last)))),
            ],
            ["POST y/{controller}/{token}/code"] = [lang => PostAsync(lead + "/code", lang), lang => PostAsync($"y/{C}/x/code", lang)],
            ["GET why/{controller}"] = [lang => GetAsync($"why/{C}", lang)],
            ["POST why/{controller}"] = [lang => PostAsync($"why/{C}", lang, HttpStatusCode.UnprocessableEntity, ("to", "x")), lang => PostAsync($"why/{C}", lang, HttpStatusCode.OK, ("to", Nobody))],
            ["POST why/{controller}/show"] = [lang => WhyAsync(Carol, lang, isRight: false), lang => WhyAsync(Carol, lang, isRight: true), lang => WhyAsync(Nobody, lang, isRight: true)],
            ["POST why/{controller}/stop"] = [async lang => await PostAsync($"why/{C}/stop", lang, HttpStatusCode.OK, ("to", Dave), ("opened", Hidden(await WhyAsync(Dave, lang, isRight: true), "opened") is { Length: > 0 } mine ? mine : OpenedFor(Dave)))],
            ["POST why/{controller}/receipt"] = [lang => PostAsync($"why/{C}/receipt", lang, HttpStatusCode.Forbidden, ("to", Carol), ("record", "1"))],
            ["GET r/{controller}"] = [lang => GetAsync($"r/{C}", lang)],
            ["POST r/{controller}"] =
            [
                lang => PostAsync($"r/{C}", lang, HttpStatusCode.UnprocessableEntity, ("to", "x"), ("text", LongText)),
                .. Kinds.Select(kind => (Func<string, Task<Seen>>)(lang => PostAsync($"r/{C}", lang, HttpStatusCode.OK, ("what", kind), ("to", Fresh()), ("text", LongText)))),
            ],
            ["POST r/{controller}/identify"] =
            [
                async lang => await PostAsync($"r/{C}/identify", lang, HttpStatusCode.OK, ("request", status.Split('/')[^1]), ("to", Ann)),
                async lang => await PostAsync($"r/{C}/identify", lang, HttpStatusCode.UnprocessableEntity, ("request", status.Split('/')[^1]), ("to", Ann), ("session", Token.New()), ("code", "1")),
                async lang => await PostAsync($"r/{C}/identify", lang, HttpStatusCode.UnprocessableEntity, ("request", status.Split('/')[^1]), ("to", "x")),
            ],
            ["GET r/{controller}/status/{token}"] = [lang => GetAsync(status, lang), lang => GetAsync($"r/{C}/status/x", lang, HttpStatusCode.NotFound)],
        };
    }

    public OwnHouse House { get; }

    public MovedTime Time { get; }

    /// <summary>Of every route, as <c>GET p/{controller}</c>, its pages; each is gone to in a language.</summary>
    public IReadOnlyDictionary<string, Func<string, Task<Seen>>[]> Stops => stops;

    private PageHouse Pages => House.Pages;

    private string C => House.Controller;

    private string Form => $"f/{C}/{forms[^1].Id}";

    private string Last => $"+4474002{next:D5}";

    /// <summary>An address that there is, of every route.</summary>
    public string AddressOf(string path) => path switch
    {
        "u/{controller}/{token}" => stop,
        "r/{controller}/status/{token}" => status,
        _ => path.Replace("p/{controller}/{token}", ann, StringComparison.Ordinal).Replace("y/{controller}/{token}", lead, StringComparison.Ordinal).Replace("{controller}", C, StringComparison.Ordinal).Replace("{form}", forms[^1].Id, StringComparison.Ordinal).Replace("{hash}", notice.Digest.ToString(), StringComparison.Ordinal),
    };

    public static async Task<PublicTour> BuildAsync()
    {
        var time = new MovedTime();
        time.Ahead = new DateTimeOffset(2027, 6, 9, 10, 0, 0, TimeSpan.Zero) - time.GetUtcNow();
        var tour = new PublicTour(await OwnHouse.BuildAsync(null, Codes, time, new Uri("https://consent.example")), time);
        await tour.FurnishAsync();
        return tour;
    }

    /// <summary>A number that nobody had before.</summary>
    public string Fresh()
    {
        next++;
        return Last;
    }

    public ValueTask DisposeAsync() => House.DisposeAsync();

    private async Task FurnishAsync()
    {
        var (installation, ledger, staff) = (House.House.Installation, House.House.Ledger, Tests.Ledger.House.Staff);
        var sample = FormDocument.Read("form-offers.yaml", await File.ReadAllTextAsync(Path.Combine(Repository.Root, "samples", "form-offers.yaml")));
        for (var n = 1; n <= Forms; n++)
            await PublishedForms.PublishAsync(installation, ledger, staff, FormOf(sample, n), Pages.Served.Gate.Rules, CancellationToken.None);
        forms = await PublishedForms.AllAsync(installation.Store, ledger, CancellationToken.None);
        await House.House.DoAsync(new PublishCommand(staff, "wording", "application/json", PermitHouse.Wording.ToBytes(), "en", PermitHouse.Wording.Version));
        foreach (var (version, years) in new[] { ("1", 3), ("2", 6) })
            await PublishNoticeAsync(version, years);
        notice = (await PublishedNotices.AllAsync(installation.Store, ledger, CancellationToken.None))[0];
        // Ann has said yes to all of it, with words, and has a history.
        foreach (var form in forms)
            Assert.Equal(HttpStatusCode.OK, (await SaidAsync("en", form, Ann, "offers-voice", "offers-sms", "research-whatsapp")).Status);
        for (var n = 0; n < 10; n++)
        {
            await House.House.SaysAsync(Ann, channels: "whatsapp");
            await House.House.WithdrawAsync(Ann, "whatsapp", "offers");
        }

        await House.House.SaysAsync(Bob, purposes: "service");
        await House.House.SaysAsync(Dave);
        await House.House.WithdrawAsync(Dave);
        key = ApiKey.New(C);
        await House.House.DoAsync(new AddApiKeyCommand(staff, key, "test", Enum.GetValues<ApiScopes>().Aggregate(static (set, one) => set | one), null));
        await ContactAsync();
        lead = await LeadAsync();
        (ann, bob, dave) = (await House.PathAsync(Ann), await House.PathAsync(Bob), await House.PathAsync(Dave));
        (stop, stopped) = ((await House.PathAsync(Ann, LinkAct.Stop)).Replace("p/", "u/", StringComparison.Ordinal), (await House.PathAsync(Dave, LinkAct.Stop)).Replace("p/", "u/", StringComparison.Ordinal));
        var asked = await PostAsync($"r/{C}", "en", HttpStatusCode.OK, ("what", "access"), ("to", Ann));
        status = WebUtility.HtmlDecode(Regex.Match(asked.Text, "href=\"/(r/[^\"?]+/status/[^\"?]+)").Groups[1].Value);
        opened = Hidden(await House.OpenAsync(ann, Ann), "opened");
    }

    // Each asks for what no other does.
    private static FormDocument FormOf(FormDocument sample, int n)
    {
        Dictionary<string, string> InTags(IReadOnlyDictionary<string, string> texts) => Tags.ToDictionary(static tag => tag, tag => texts[tag]);
        return sample with
        {
            Id = $"kitchen-{n}",
            OfferedIn = ["GB"],
            Languages = Tags,
            Purposes = [.. sample.Purposes.Select(one => one with { Name = $"{one.Name}-{n}", About = InTags(one.About) })],
            Blocks = [.. sample.Blocks.Select(block => block switch
            {
                FormHeading heading => heading with { Texts = InTags(heading.Texts) },
                FormBox box => box with { Purposes = [.. box.Purposes.Select(one => $"{one}-{n}")] },
                _ => block,
            })],
        };
    }

    private async Task PublishNoticeAsync(string version, int years)
    {
        var room = Pages.Controller + "settings/notice";
        string[] purposes = ["offers", .. forms.SelectMany(static form => form.Purposes).Select(static one => one.Name)];
        (string, string)[] said =
        [
            ("version", version), ("storage", "gb"), ("no-officer", "1"),
            .. purposes.Index().SelectMany(one => new[] { ($"p.{one.Index}.name", one.Item), ($"p.{one.Index}.basis", "consent"), ($"p.{one.Index}.about.en", "offers for kitchens"), ($"p.{one.Index}.about.zh-Hans", "厨房优惠"), ($"p.{one.Index}.about.zh-Hant", "廚房優惠") }),
            .. Kept.SelectMany(what => new[] { ($"t.{what}.time", $"P{years}Y"), ($"t.{what}.from", "end-of-consent"), ($"t.{what}.then", "deleted") }),
            ("t.refusals.from", "while-contacting"), ("t.refusals.then", "deleted"),
        ];
        var looked = await Pages.PostAsync(room, Role.PrivacyOfficer, [.. said, ("do", "look")]);
        var seen = Regex.Match(looked.Text, "name=\"seen\" value=\"([0-9a-f]{64})\"").Groups[1].Value;
        Assert.True(seen.Length > 0, string.Join('\n', Regex.Matches(looked.Text, "<code>([a-z-]+)</code>[^<]*").Select(static one => one.Value)));
        Assert.Equal(HttpStatusCode.SeeOther, (await Pages.PostAsync(room, Role.PrivacyOfficer, [.. said, ("do", "publish"), ("seen", seen)])).Status);
    }

    // Sixty contacts, of which fifty are told.
    private async Task ContactAsync()
    {
        await CallAsync("consents", $$"""
            { "to": "{{Carol}}", "wording": "{{PermitHouse.Wording.Digest}}", "language": "en", "channels": ["voice", "sms"], "purposes": ["offers"],
              "evidence": { "format": "ringfence/consent-evidence/v1", "method": "checkbox", "page": "https://acme.example/offers", "ip": "192.0.2.7", "device": "x", "recorder": { "kind": "client", "ref": "form-offers" } } }
            """);
        for (var n = 0; n < Contacts; n++)
        {
            var permit = (await CallAsync("permits", PermitHouse.Ask(Carol))).GetProperty("permit").GetString()!;
            await CallAsync($"permits/{permit}/redeem", "");
        }
    }

    private async Task<JsonElement> CallAsync(string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        var seen = await Pages.SendAsync(HttpMethod.Post, "api/v1/" + path, null, content, ("Authorization", "Bearer " + key.Show()));
        Assert.True((int)seen.Status < 300, seen.ToString());
        return JsonDocument.Parse(seen.Text).RootElement;
    }

    // What somebody new filled in in a form of a social network, and where the message about it leads.
    private async Task<string> LeadAsync()
    {
        var phone = Fresh();
        await CallAsync($"forms/{forms[^1].Id}/leads", $$"""
            { "platform": "meta", "leadForm": "1", "lead": "{{phone[1..]}}", "at": "{{NodaTime.Text.InstantPattern.ExtendedIso.Format(NodaTime.Instant.FromDateTimeOffset(Time.GetUtcNow()))}}", "language": "en", "fields": { "phone": "{{phone}}", "name": "Ann" }, "yes": ["offers-sms"] }
            """);
        await Pages.Served.Afterwards.IdleAsync();
        return Regex.Match(House.Folder.Messages().Last(message => message.GetProperty("to").GetString() == phone).GetProperty("text").GetString()!, @"https://consent\.example/(y/[^?\s]+)").Groups[1].Value;
    }

    private async Task<string> FreshPathAsync()
    {
        await House.House.SaysAsync(Fresh());
        return await House.PathAsync(Last);
    }

    private async Task<Seen> GetAsync(string path, string lang, HttpStatusCode wanted = HttpStatusCode.OK) => Is(wanted, await Pages.GetAsync(path, null, lang));

    private async Task<Seen> PostAsync(string path, string lang, HttpStatusCode wanted = HttpStatusCode.OK, params (string, string)[] fields) => Is(wanted, await Pages.PostAsync($"{path}?lang={lang}", null, fields));

    private async Task<Seen> NextAsync(Seen seen) => Is(HttpStatusCode.OK, await Pages.GetAsync(seen.Location![1..], null));

    private static Seen Is(HttpStatusCode wanted, Seen seen)
    {
        Assert.True(seen.Status == wanted, $"{seen.Response.RequestMessage!.Method} {seen.Response.RequestMessage.RequestUri}: {seen}");
        return seen;
    }

    private async Task<Seen> AnswerAsync(string lang, string phone, string[] more, HttpStatusCode wanted, params string[] boxes)
    {
        var form = forms[^1];
        return Is(wanted, await Pages.PostAsync(Form, null, [("form", form.Digest.ToString()), ("lang", lang), ("layout", form.LayoutsShown[0].Name), ("phone", phone), ("name", more[0]), ("email", more[1]), .. boxes.Select(static box => ("yes", box))]));
    }

    private async Task<Seen> ConfirmAsync(string lang, bool isRight) => isRight ? await SaidAsync(lang, forms[^1], Fresh(), "offers-sms") : await SaidAsync(lang, forms[^1], null, "offers-sms");

    // Null: somebody, by a wrong code.
    private async Task<Seen> SaidAsync(string lang, FormDocument form, string? phone, params string[] boxes)
    {
        var to = phone ?? Fresh();
        var path = $"f/{C}/{form.Id}";
        var asked = Is(HttpStatusCode.OK, await Pages.PostAsync(path, null, [("form", form.Digest.ToString()), ("lang", lang), ("layout", form.LayoutsShown[0].Name), ("phone", to), ("name", "Ann"), .. boxes.Select(static box => ("yes", box))]));
        return Is(phone is null ? HttpStatusCode.UnprocessableEntity : HttpStatusCode.OK, await Pages.PostAsync(path + "/confirm", null,
            ("form", form.Digest.ToString()), ("lang", lang), ("session", Hidden(asked, "session")), ("at", Hidden(asked, "at")), ("to.0", to), ("boxes.0", Hidden(asked, "boxes.0")), ("code.0", phone is null ? "1" : House.Folder.CodeTo(to))));
    }

    private async Task<Seen> EnterAsync(string lang, bool isRight)
    {
        var asked = await PostAsync($"p/{C}", lang, HttpStatusCode.OK, ("to", Ann));
        await Pages.Served.Afterwards.IdleAsync();
        return await PostAsync($"p/{C}/open", lang, isRight ? HttpStatusCode.OK : HttpStatusCode.UnprocessableEntity, ("to", Ann), ("session", Hidden(asked, "session")), ("code", isRight ? House.Folder.CodeTo(Ann) : "1"));
    }

    private async Task<Seen> OpenAsync(string lang, bool isRight)
    {
        var asked = await PostAsync(ann + "/code", lang);
        return await PostAsync(ann + "/open", lang, isRight ? HttpStatusCode.OK : HttpStatusCode.UnprocessableEntity, ("session", Hidden(asked, "session")), ("code", isRight ? House.Folder.CodeTo(Ann) : "1"));
    }

    private async Task<Seen> WhyAsync(string number, string lang, bool isRight)
    {
        var asked = await PostAsync($"why/{C}", lang, HttpStatusCode.OK, ("to", number));
        return await PostAsync($"why/{C}/show", lang, isRight ? HttpStatusCode.OK : HttpStatusCode.UnprocessableEntity, ("to", number), ("session", Hidden(asked, "session")), ("code", isRight ? House.Folder.CodeTo(number) : "1"));
    }

    private string OpenedFor(string number) => House.House.Installation.Links.Open(C, Ringfence.Gateways.CodeAct.Why, House.House.Tags(number).Point, NodaTime.Instant.FromDateTimeOffset(House.House.Installation.Time.GetUtcNow()) + NodaTime.Duration.FromMinutes(5));

    private async Task<Seen> MoreAsync(string path, string number, string lang)
    {
        var boxes = All(await GetAsync(path + "/more", lang), "box");
        Assert.InRange(boxes.Count, 3, 100);
        return await PostAsync(path + "/more", lang, HttpStatusCode.OK, [("to", number), .. boxes.Select(static box => ("box", box))]);
    }

    private async Task<Seen> AgreedAsync(string path, string number, string lang, bool isRight)
    {
        var asked = await MoreAsync(path, number, lang);
        await House.Pages.Served.Afterwards.IdleAsync();
        return await PostAsync(path + "/more/confirm", lang, isRight ? HttpStatusCode.SeeOther : HttpStatusCode.UnprocessableEntity,
            [("session", Hidden(asked, "session")), ("at", Hidden(asked, "at")), .. All(asked, "box").Select(static box => ("box", box)), ("code", isRight ? House.Folder.CodeTo(number) : "1")]);
    }
}
