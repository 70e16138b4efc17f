using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Rights;
using Ringfence.Server.Ledger;
using Ringfence.Server.People;
using Ringfence.Server.Rights;
using Ringfence.Server.Staff;
using Ringfence.Server.Storage;
using Ringfence.Server.Tests.Gateways;
using Ringfence.Server.Tests.Ledger;
using Ringfence.Server.Tests.Pages;
using Ringfence.Server.Tests.Storage;
using Xunit;

namespace Ringfence.Server.Tests.Rights;

/// <summary>People ask for what the law gives them, and complain: on both stores.</summary>
public abstract partial class RequestPagesContract
{
    internal const string Ann = "+447400123456";
    internal const string Home = "+442079460123";
    internal const string Nobody = "+447400123499";
    internal const string Codes = GatewayFolder.Files + "codes: { places: [GB] }\n";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private protected StoreOptions? Options { get; set; }

    [Fact]
    public async Task Looking_changes_nothing_and_each_page_is_light_and_without_script()
    {
        await using var house = await PageHouse.BuildAsync(Options);
        var size = await house.SizeAsync();
        foreach (var lang in new[] { "en", "zh-Hans", "zh-Hant" })
        {
            var seen = await house.GetAsync(Path(house), null, lang);
            Assert.Equal(HttpStatusCode.OK, seen.Status);
            Assert.InRange(Encoding.UTF8.GetByteCount(seen.Text), 1_000, 30_000);
            Assert.DoesNotContain("<script", seen.Text, StringComparison.Ordinal);
            Assert.False(seen.Response.Headers.Contains("Set-Cookie"));
        }

        var status = await PostedAsync(house, Ann, "access");
        var link = StatusOf(status);
        size = await house.SizeAsync();
        foreach (var method in new[] { HttpMethod.Get, HttpMethod.Head, HttpMethod.Options, HttpMethod.Put, HttpMethod.Delete })
        {
            _ = await house.SendAsync(method, link, null, null);
            _ = await house.SendAsync(method, Path(house), null, null);
            _ = await house.SendAsync(method, Path(house, "/identify"), null, null);
        }

        Assert.Equal(size, await house.SizeAsync());
    }

    [Theory]
    [InlineData("objection")]
    [InlineData("complaint")]
    [InlineData("access")]
    [InlineData("erasure")]
    [InlineData("rectification")]
    public async Task Known_and_unknown_are_answered_alike_to_the_letter(string kind)
    {
        using var folder = new GatewayFolder();
        await using var house = await PageHouse.BuildAsync(Options, gateways: folder.Open(Codes));
        await house.House.SaysAsync(Ann);
        var (known, unknown) = (await PostedAsync(house, Ann, kind, ("text", "Why me?")), await PostedAsync(house, Nobody, kind, ("text", "Why me?")));
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (known.Status, unknown.Status));
        Assert.Equal(Alike(known, Ann), Alike(unknown, Nobody));
        Assert.Equal(Alike(await house.GetAsync(StatusOf(known), null), Ann), Alike(await house.GetAsync(StatusOf(unknown), null), Nobody));
        // A code that is wrong is wrong for both.
        if (Words<RightsKind>.TryParse(kind, out var asked) && asked.NeedsIdentity())
            Assert.Equal(Alike(await CodeAsync(house, known, Ann, "0000000000"), Ann), Alike(await CodeAsync(house, unknown, Nobody, "0000000000"), Nobody));
    }

    [Theory]
    [InlineData("objection", SuppressionKind.Objection)]
    [InlineData("withdrawal", SuppressionKind.Suppression)]
    [InlineData("complaint", SuppressionKind.Suppression)]
    [InlineData("erasure", SuppressionKind.Objection)]
    [InlineData("restriction", SuppressionKind.Restriction)]
    public async Task What_stops_contact_does_so_before_it_is_answered_and_asks_nobody_who_they_are(string kind, SuppressionKind stop)
    {
        await using var house = await PageHouse.BuildAsync(Options);
        await house.House.SaysAsync(Ann);
        Assert.Empty(await house.House.SuppressionsAsync(Ann));
        Assert.DoesNotMatch("suppressed|objected|restricted", await AskedAsync(house, Ann));
        var answer = await PostedAsync(house, Ann, kind, ("text", "no more"));
        Assert.Contains("Stopped. Nobody from", answer.Text, StringComparison.Ordinal);
        Assert.Contains(await house.House.SuppressionsAsync(Ann), row => row.Kind == (short)stop && row.Channels == (int)ChannelSet.Phone && row.Purposes is null
            && row.By == (short)(kind == "complaint" ? SuppressedBy.Complaint : SuppressedBy.Person));
        Assert.Matches("^refused .*(suppressed|objected|restricted)", await AskedAsync(house, Ann));
        // So it is for a number that nobody knows.
        _ = await PostedAsync(house, Nobody, kind);
        Assert.NotEmpty(await house.House.SuppressionsAsync(Nobody));
    }

    [Fact]
    public async Task To_ask_what_is_known_stops_nothing_and_a_wrong_number_stops_that_number_alone()
    {
        await using var house = await PageHouse.BuildAsync(Options);
        var one = Sid((await house.House.SaysAsync(Ann)).Sid);
        var other = Sid((await house.House.SaysAsync(Home)).Sid);
        await house.House.DoAsync(new MergeCommand(House.Staff, one, other));
        foreach (var kind in new[] { "access", "copy", "explanation", "review", "rectification" })
            Assert.DoesNotContain("notice-ok", (await PostedAsync(house, Ann, kind)).Text, StringComparison.Ordinal);
        Assert.Empty(await house.House.SuppressionsAsync(Ann));
        _ = await PostedAsync(house, Ann, "rectification", ("wrong", "1"));
        Assert.NotEmpty(await house.House.SuppressionsAsync(Ann));
        Assert.Empty(await house.House.SuppressionsAsync(Home));
        _ = await PostedAsync(house, Ann, "complaint");
        Assert.NotEmpty(await house.House.SuppressionsAsync(Home));
    }

    [Fact]
    public async Task The_code_shows_who_it_is_and_no_other_code_form_or_request_does()
    {
        using var folder = new GatewayFolder();
        await using var house = await PageHouse.BuildAsync(Options, gateways: folder.Open(Codes));
        await house.House.SaysAsync(Ann);
        var mine = await PostedAsync(house, Ann, "restriction");
        var code = folder.CodeTo(Ann);
        var theirs = await PostedAsync(house, Nobody, "access");
        var foreign = folder.CodeTo(Nobody);
        foreach (var (request, to, session, said) in new[]
        {
            (Hidden(mine, "request"), Ann, Hidden(mine, "session"), foreign), (Hidden(mine, "request"), Nobody, Hidden(theirs, "session"), foreign),
            (Hidden(theirs, "request"), Ann, Hidden(mine, "session"), code), (Hidden(mine, "request"), Ann, Hidden(theirs, "session"), code),
        })
        {
            var seen = await house.PostAsync(Path(house, "/identify"), null, ("request", request), ("to", to), ("session", session), ("code", said));
            Assert.Equal(HttpStatusCode.UnprocessableEntity, seen.Status);
        }

        Assert.Equal(RightsState.Unidentified, (await OnlyAsync(house, "restriction")).Told.State);
        Assert.Equal(PersonStatus.Contactable, (await house.House.FindAsync(Ann))!.Person.Status);
        var shown = await CodeAsync(house, mine, Ann, code);
        Assert.Equal(HttpStatusCode.SeeOther, shown.Status);
        Assert.Contains("We know now that it is you", (await house.GetAsync(shown.Location!, null)).Text, StringComparison.Ordinal);
        // Use is blocked now, not contact alone; and they are told by message, once.
        Assert.Equal(("code", RightsState.Open), ((await OnlyAsync(house, "restriction")).Told.IdentifiedBy, (await OnlyAsync(house, "restriction")).Told.State));
        Assert.Equal(PersonStatus.Held, (await house.House.FindAsync(Ann))!.Person.Status);
        Assert.Single(folder.Messages(), message => message.GetProperty("text").GetString()!.Contains((OnlyAsync(house, "restriction").Result).Number, StringComparison.Ordinal));
        // Once only: the request is theirs by now, and the page says how it stands.
        Assert.Equal(HttpStatusCode.SeeOther, (await CodeAsync(house, mine, Ann, code)).Status);
        Assert.Single(folder.Messages(), message => message.GetProperty("text").GetString()!.Contains("/status/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Another_code_goes_to_the_number_of_the_request_and_to_no_other_and_both_are_told_the_same()
    {
        using var folder = new GatewayFolder();
        await using var house = await PageHouse.BuildAsync(Options, gateways: folder.Open(Codes));
        var asked = await PostedAsync(house, Ann, "access");
        var before = folder.Messages().Count;
        var wrong = await house.PostAsync(Path(house, "/identify"), null, ("request", Hidden(asked, "request")), ("to", Nobody));
        await house.Served.Afterwards.IdleAsync();
        Assert.Equal(before, folder.Messages().Count);
        var right = await house.PostAsync(Path(house, "/identify"), null, ("request", Hidden(asked, "request")), ("to", Ann));
        await house.Served.Afterwards.IdleAsync();
        Assert.Equal(before + 1, folder.Messages().Count);
        Assert.Equal(Alike(wrong, Nobody), Alike(right, Ann));
        Assert.Equal(HttpStatusCode.SeeOther, (await CodeAsync(house, right, Ann, folder.CodeTo(Ann))).Status);
    }

    [Fact]
    public async Task What_is_typed_counts_against_the_limits_whether_or_not_it_is_the_number_of_the_request()
    {
        using var folder = new GatewayFolder();
        await using var house = await PageHouse.BuildAsync(Options, gateways: folder.Open(Codes));
        var asked = await PostedAsync(house, Ann, "access");
        _ = await house.PostAsync(Path(house, "/identify"), null, ("request", Hidden(asked, "request")), ("to", Nobody));
        await house.Served.Afterwards.IdleAsync();
        // Kept as any, though it went to nobody.
        Assert.Equal(2, (await house.House.Installation.Store.Local.ReadAsync("select tries from code", static row => row.Long(0), Cancel)).Count);
        Assert.Single(folder.Messages());
    }

    [Fact]
    public async Task A_code_is_offered_where_one_can_come_to_what_was_given()
    {
        using var folder = new GatewayFolder();
        await using var house = await PageHouse.BuildAsync(Options, gateways: folder.Open(Codes.Replace("folder: out }", "folder: out, channels: [email] }", StringComparison.Ordinal)));
        var (phone, mail) = (await PostedAsync(house, Ann, "access"), await PostedAsync(house, "ann@example.org", "access"));
        Assert.DoesNotContain("name=\"code\"", phone.Text, StringComparison.Ordinal);
        Assert.Contains("name=\"code\"", mail.Text, StringComparison.Ordinal);
        // By the link, and later, as on the page that took it.
        var (waiting, coming) = (await house.GetAsync(StatusOf(phone), null), await house.GetAsync(StatusOf(mail), null));
        Assert.Contains("will get in touch to make sure that it is you", waiting.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("name=\"to\"", waiting.Text, StringComparison.Ordinal);
        Assert.Contains("name=\"to\"", coming.Text, StringComparison.Ordinal);
        // Whoever types a number there all the same waits for no code.
        Assert.DoesNotContain("name=\"code\"", (await house.PostAsync(Path(house, "/identify"), null, ("request", Hidden(mail, "request")), ("to", Ann))).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_message_leads_where_the_world_reaches_the_server_and_not_where_whoever_asks_says()
    {
        using var folder = new GatewayFolder();
        await using var house = await PageHouse.BuildAsync(Options, gateways: folder.Open(Codes), address: new Uri("https://consent.example"));
        var asked = await PostedAsync(house, Ann, "access");
        using var told = new FormUrlEncodedContent(new Dictionary<string, string> { ["request"] = Hidden(asked, "request"), ["to"] = Ann, ["session"] = Hidden(asked, "session"), ["code"] = folder.CodeTo(Ann) });
        Assert.Equal(HttpStatusCode.SeeOther, (await house.SendAsync(HttpMethod.Post, Path(house, "/identify"), null, told, ("Host", "evil.example"))).Status);
        Assert.Contains($"https://consent.example/{Path(house, "/status/")}", folder.Messages()[^1].GetProperty("text").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("en", "If you are in mainland China", "close relatives of somebody who died")]
    [InlineData("zh-Hans", "如果您在中国大陆", "近亲属")]
    [InlineData("zh-Hant", "如果您居住在法國", "近親屬")]
    public async Task The_page_names_what_single_laws_give_besides(string language, string place, string right)
    {
        await using var house = await PageHouse.BuildAsync(Options);
        var page = WebUtility.HtmlDecode((await house.GetAsync(Path(house), null, language)).Text);
        Assert.Contains(place, page, StringComparison.Ordinal);
        Assert.Contains(right, page, StringComparison.Ordinal);
    }

    [Fact]
    public void The_page_promises_no_more_time_than_the_clocks_give_for_certain()
    {
        foreach (var (tag, more) in new[] { ("en", "more|again|extend"), ("zh-Hans", "再|延长"), ("zh-Hant", "再|延長") })
        {
            foreach (var regime in RightsClocks.Regimes)
            {
                var isLonger = RightsClocks.All.Any(clock => clock.Regime == regime && clock.Extension is not null && clock.IsSure(RightsDelay.Extension));
                Assert.Equal((regime, isLonger), (regime, Regex.IsMatch(Ringfence.Server.Pages.PageCall.WordsOf(tag).Say("Rights.Clock." + regime), more)));
            }

            // What the law wants kept is told of before somebody asks, and the words say who called and on which days of the week.
            Assert.Matches("proof|证明|證明", Ringfence.Server.Pages.PageCall.WordsOf(tag).Say("Rights.Kind.erasure.Say"));
            Assert.DoesNotMatch("联系人|聯絡人", Ringfence.Server.Pages.PageCall.WordsOf(tag).Say("WhyMe.Who"));
            Assert.DoesNotContain("日期", Ringfence.Server.Pages.PageCall.WordsOf(tag).Say("Pref.Days"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_link_of_another_kind_person_or_brand_or_one_that_was_guessed_opens_nothing()
    {
        await using var house = await PageHouse.BuildAsync(Options);
        var link = StatusOf(await PostedAsync(house, Ann, "access"));
        var token = link.Split('/')[^1].Split('?')[0];
        var request = await OnlyAsync(house, "access");
        var links = house.House.Installation.Links;
        var subject = new PersonLink(request.Told.Id, default);
        string[] none =
        [
            token[..^1] + (token[^1] == 'A' ? 'B' : 'A'), (token[0] == 'A' ? 'B' : 'A') + token[1..], new string('A', token.Length), token[..^4], token + "AAAA", "x",
            links.Make(house.House.Ledger.Controller, LinkAct.Stop, subject), links.Make(house.House.Ledger.Controller, LinkAct.Preferences, subject), links.Make("other", LinkAct.Request, subject),
            links.Make(house.House.Ledger.Controller, LinkAct.Request, new PersonLink(Fresh.Id(), default)), links.Make(house.House.Ledger.Controller, LinkAct.Request, new PersonLink(request.Told.Id, Fresh.Id())),
        ];
        var pages = new HashSet<string>();
        foreach (var one in none)
        {
            var seen = await house.GetAsync(Path(house, "/status/" + one), null);
            Assert.Equal(HttpStatusCode.NotFound, seen.Status);
            pages.Add(Token().Replace(seen.Text.Replace(one, "", StringComparison.Ordinal), ""));
            Assert.Equal(HttpStatusCode.NotFound, (await house.PostAsync(Path(house, "/identify"), null, ("request", one), ("to", Ann))).Status);
        }

        Assert.Equal(HttpStatusCode.OK, (await house.GetAsync(link, null)).Status);
    }

    [Fact]
    public async Task After_an_erasure_the_page_knows_nothing_and_nothing_that_was_written_is_left_anywhere()
    {
        await using var house = await PageHouse.BuildAsync(Options);
        var sid = Sid((await house.House.SaysAsync(Ann)).Sid);
        var access = StatusOf(await PostedAsync(house, Ann, "access", ("text", "Slartibartfast was here")));
        var erasure = StatusOf(await PostedAsync(house, Ann, "erasure", ("text", "Forget Slartibartfast")));
        // One that came before anybody knew whose number it was is theirs too.
        Assert.Equal(HttpStatusCode.OK, (await house.GetAsync(access, null)).Status);
        await house.House.EraseAsync(sid);
        foreach (var link in new[] { access, erasure })
            Assert.Equal(HttpStatusCode.NotFound, (await house.GetAsync(link, null)).Status);
        var rows = await RowsAsync(house);
        Assert.All(rows, static row => Assert.True(row is { Tag: null, Words: null, Nonce: null }));
        Assert.Equal(["answered", "erased"], rows.Select(static row => row.State).Order(StringComparer.Ordinal));
        foreach (var row in rows)
        {
            Assert.Null(await house.House.Installation.Keyring.FindAsync(new OpaqueId(row.Id), Cancel));
            Assert.Contains(new OpaqueId(row.Id), house.House.Installation.Journal.ReadAll());
        }

        if (Options is null)
            Assert.Empty(await Traces.OfAsync(house.House.Folder, "Slartibartfast", Ann[1..]));
        var (before, after) = await Rebuild.RunAsync(house.House.Installation.Store, house.House.Ledger.Ledger, null, Cancel);
        Assert.Equal(before, after);
    }

    [Fact]
    public async Task What_came_before_the_number_was_anybodys_is_forgotten_with_whoever_it_became()
    {
        await using var house = await PageHouse.BuildAsync(Options);
        _ = await PostedAsync(house, Ann, "access", ("text", "Slartibartfast was here"));
        var sid = Sid((await house.House.SaysAsync(Ann)).Sid);
        await house.House.EraseAsync(sid);
        var row = Assert.Single(await RowsAsync(house));
        Assert.Equal((null, null), (row.Tag, row.Words));
        Assert.Null(await house.House.Installation.Keyring.FindAsync(new OpaqueId(row.Id), Cancel));
    }

    [Fact]
    public async Task A_mere_no_is_answered_by_the_page_and_one_with_words_waits_for_a_reader()
    {
        await using var house = await PageHouse.BuildAsync(Options);
        Assert.Contains("It is done", (await PostedAsync(house, Ann, "objection")).Text, StringComparison.Ordinal);
        Assert.Equal(RightsState.Answered, (await OnlyAsync(house, "objection")).Told.State);
        _ = await PostedAsync(house, Ann, "withdrawal", ("text", "And tell me why"));
        Assert.Equal(RightsState.Open, (await OnlyAsync(house, "withdrawal")).Told.State);
        _ = await PostedAsync(house, Ann, "complaint", ("reason", "too-often"));
        Assert.Equal((RightsState.Open, ComplaintReason.TooOften), ((await OnlyAsync(house, "complaint")).Told.State, (await OnlyAsync(house, "complaint")).Told.Reason));
    }

    [Fact]
    public async Task Words_and_numbers_stand_sealed_and_come_back_as_they_were_written()
    {
        await using var house = await PageHouse.BuildAsync(Options);
        const string Hostile = "<script>alert(1)</script>\u202E=cmd|'/c calc'!A0 \"'>{{7*7}}";
        var seen = await PostedAsync(house, Ann, "complaint", ("text", Hostile));
        Assert.DoesNotContain("alert(1)", seen.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("alert(1)", (await house.GetAsync(StatusOf(seen), null)).Text, StringComparison.Ordinal);
        var row = Assert.Single(await RowsAsync(house));
        var words = await RequestWords.OpenAsync(house.House.Installation, row, Cancel);
        Assert.Equal((Ann, Hostile), (words!.Point, words.Text));
        Assert.False(Encoding.UTF8.GetString(row.Words!).Contains("script", StringComparison.Ordinal));
        // What does not fit is not taken, and what was typed is not lost: it comes back as text.
        var twice = await house.PostAsync(Path(house), null, ("what", "complaint"), ("to", "not a number"), ("text", Hostile));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, twice.Status);
        Assert.DoesNotContain("<script", twice.Text, StringComparison.Ordinal);
        Assert.Contains("&lt;script&gt;", twice.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_form_that_is_not_ours_is_refused_and_nothing_is_written()
    {
        await using var house = await PageHouse.BuildAsync(Options);
        var size = await house.SizeAsync();
        foreach (var (fields, status) in new ((string, string)[] Fields, HttpStatusCode Status)[]
        {
            ([("to", Ann)], HttpStatusCode.UnprocessableEntity), ([("what", "everything"), ("to", Ann)], HttpStatusCode.UnprocessableEntity), ([("what", "7"), ("to", Ann)], HttpStatusCode.UnprocessableEntity),
            ([("what", "access")], HttpStatusCode.UnprocessableEntity), ([("what", "access"), ("to", Ann), ("text", new string('x', 4_001))], HttpStatusCode.UnprocessableEntity),
            ([("what", "access"), ("to", Ann), ("place", "atlantis")], HttpStatusCode.BadRequest), ([("what", "complaint"), ("to", Ann), ("reason", "none")], HttpStatusCode.BadRequest),
            ([("what", "access"), ("to", Ann), ("state", "answered")], HttpStatusCode.BadRequest), ([("what", "access"), ("what", "complaint"), ("to", Ann)], HttpStatusCode.BadRequest),
            ([("what", "access"), ("to", Ann), ("text", new string('x', 70_000))], HttpStatusCode.RequestEntityTooLarge),
        })
        {
            Assert.Equal(status, (await house.PostAsync(Path(house), null, fields)).Status);
        }

        Assert.Equal(size, await house.SizeAsync());
        Assert.Empty(await RowsAsync(house));
    }

    [Fact]
    public async Task Whoever_sends_very_many_for_one_number_stops_contact_all_the_same_and_fills_nothing()
    {
        await using var house = await PageHouse.BuildAsync(Options);
        var begun = HourOf(house);
        for (var n = 0; n < 20; n++)
            Assert.Equal(HttpStatusCode.OK, (await PostedAsync(house, Ann, "access")).Status);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await PostedAsync(house, Ann, "access")).Status);
        // What was refused takes nothing from what is there for all.
        var taken = 0L;
        foreach (var hour in new[] { begun, HourOf(house) }.Distinct())
            taken += (await house.House.Installation.Store.CountAsync(house.House.Ledger.Ledger, "rights:all", hour, 1, CancellationToken.None)).Taken - 1;
        Assert.Equal(20, taken);
        Assert.Empty(await house.House.SuppressionsAsync(Ann));
        var no = await PostedAsync(house, Ann, "complaint");
        Assert.Equal(HttpStatusCode.OK, no.Status);
        Assert.Contains("Stopped. Nobody from", no.Text, StringComparison.Ordinal);
        Assert.NotEmpty(await house.House.SuppressionsAsync(Ann));
        Assert.Equal(20, (await RowsAsync(house)).Count);

        static long HourOf(PageHouse house) => house.House.Installation.Time.GetUtcNow().ToUnixTimeSeconds() / 3600;
    }

    [Fact]
    public async Task The_date_does_not_tell_what_is_known_of_a_person_and_is_the_earliest_of_all_that_may_apply()
    {
        await using var house = await PageHouse.BuildAsync(Options);
        // The house is in London.
        await house.House.SaysAsync(Ann);
        _ = await PostedAsync(house, Ann, "access");
        Assert.Equal(["uk"], (await OnlyAsync(house, "access")).Told.Regimes);
        _ = await PostedAsync(house, "someone@example.org", "copy");
        Assert.Equal(["uk", "unknown"], (await OnlyAsync(house, "copy")).Told.Regimes);
        _ = await PostedAsync(house, Ann, "review", ("place", "tw"));
        Assert.Equal(["tw", "uk"], (await OnlyAsync(house, "review")).Told.Regimes);
        _ = await PostedAsync(house, "+886912345678", "explanation");
        var told = (await OnlyAsync(house, "explanation")).Told;
        Assert.Equal(["tw", "uk"], told.Regimes);
        Assert.Equal(told.ReceivedOn.PlusDays(15), told.Due(told.ReceivedOn));
    }

    internal static string Path(PageHouse house, string act = "") => "r/" + house.House.Ledger.Controller + act;

    internal static Task<Seen> PostedAsync(PageHouse house, string to, string what, params (string Name, string Value)[] more) => house.PostAsync(Path(house), null, [("what", what), ("to", to), .. more]);

    internal static string StatusOf(Seen page) => Regex.Match(page.Text, "href=\"(/r/[^\"]+/status/[^\"]+)\"").Groups[1].Value is { Length: > 0 } link ? WebUtility.HtmlDecode(link) : throw new InvalidDataException(page.ToString());

    internal static async Task<List<RightsRequestRow>> RowsAsync(PageHouse house) => await house.House.Installation.Store.RightsRequestsAsync(house.House.Ledger.Ledger, Cancel).ToListAsync(Cancel);

    internal static async Task<StoredRequest> OnlyAsync(PageHouse house, string kind) =>
        (await StoredRequest.FindAsync(house.House.Installation, house.House.Ledger, new OpaqueId(Assert.Single(await RowsAsync(house), row => row.Kind == kind).Id), Cancel))!;

    internal static OpaqueId Sid(string? text) => OpaqueId.TryParse(text, out var sid) ? sid : throw new ArgumentException("Not a sid.", nameof(text));

    private static Task<Seen> CodeAsync(PageHouse house, Seen page, string to, string code) =>
        house.PostAsync(Path(house, "/identify"), null, ("request", Hidden(page, "request")), ("to", to), ("session", Hidden(page, "session")), ("code", code));

    // As any dialer asks.
    private static async Task<string> AskedAsync(PageHouse house, string number)
    {
        var key = ApiKey.New(house.House.Ledger.Controller);
        _ = await house.House.DoAsync(new AddApiKeyCommand(House.Staff, key, "test", ApiScopes.Decide, null));
        using var content = new StringContent($$"""{"controller":"acme","to":"{{number}}","channel":"sms","technique":"manual","purpose":"offers"}""", Encoding.UTF8, "application/json");
        var seen = await house.SendAsync(HttpMethod.Post, "api/v1/decisions", null, content, ("Authorization", "Bearer " + key.Show()), ("Idempotency-Key", "one"));
        var json = System.Text.Json.JsonDocument.Parse(seen.Text).RootElement;
        return json.GetProperty("verdict").GetString() + " " + string.Join(' ', json.GetProperty("reasons").EnumerateArray().Select(static reason => reason.GetProperty("code").GetString()));
    }

    private static string Hidden(Seen page, string name) => Regex.Match(page.Text, $"name=\"{name}\" value=\"([^\"]+)\"").Groups[1].Value;

    // But for what they typed themselves, and what is random.
    private static string Alike(Seen page, string number) =>
        Number().Replace(Token().Replace(Session().Replace(page.Text.Replace(number[1..], "", StringComparison.Ordinal).Replace(number[^2..] + "</b>", "", StringComparison.Ordinal), ""), ""), "");

    [GeneratedRegex("name=\"(session|request)\" value=\"[^\"]+\"")]
    private static partial Regex Session();

    [GeneratedRegex("[A-Za-z0-9_-]{60,}")]
    private static partial Regex Token();

    [GeneratedRegex("R-[0-9A-Z]{4}-[0-9A-Z]{4}")]
    private static partial Regex Number();
}

public sealed class RequestPagesTests : RequestPagesContract;

public sealed class PostgresRequestPagesTests : RequestPagesContract, IAsyncLifetime
{
    private PostgresHome? home;

    public async ValueTask InitializeAsync() => Options = (home = await PostgresHome.MakeAsync()).Options;

    public async ValueTask DisposeAsync()
    {
        if (home is not null)
            await home.DisposeAsync();
    }
}
