using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Ringfence.Ledger;
using Ringfence.Server.Consent.Forms;
using Ringfence.Server.Pages;
using Ringfence.Server.People;
using Ringfence.Server.Staff;
using Ringfence.Server.Tests.Consent;
using Ringfence.Server.Tests.Ledger;
using Xunit;
using static Ringfence.Server.Tests.Consent.OwnHouse;

namespace Ringfence.Server.Tests.Pages;

/// <summary>What holds of every page for people who are contacted, made from the routes themselves: a new route fails until it is on the tour.</summary>
public sealed partial class PublicPagesTests
{
    private const int MostBytes = 30_000;

    // Where somebody may be saying no; nobody is turned away there.
    private static readonly string[] Noes = ["p/{controller}/{token}", "p/{controller}/{token}/stop", "r/{controller}", "u/{controller}/{token}", "why/{controller}/stop"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_page_in_every_state_and_language_weighs_less_than_thirty_kilobytes()
    {
        await using var tour = await PublicTour.BuildAsync();
        Assert.Equal(PublicRoutes.All.Select(static route => $"{route.Method} {route.Path}").Order(StringComparer.Ordinal), tour.Stops.Keys.Order(StringComparer.Ordinal));
        var heavy = new List<string>();
        var sheets = new Dictionary<string, int>();
        foreach (var (route, pages) in tour.Stops)
        {
            foreach (var (n, page) in pages.Index())
            {
                foreach (var tag in LanguageTexts.Tags)
                {
                    var seen = await page(tag);
                    Assert.Equal("text/html", seen.Response.Content.Headers.ContentType?.MediaType);
                    Assert.Contains("</html>", seen.Text, StringComparison.Ordinal);
                    Assert.DoesNotContain("<script", seen.Text, StringComparison.OrdinalIgnoreCase);
                    Assert.DoesNotContain("<img", seen.Text, StringComparison.OrdinalIgnoreCase);
                    Assert.False(seen.Response.Headers.Contains("Set-Cookie"), route);
                    Assert.Equal("no-store", seen.Response.Headers.CacheControl?.ToString());
                    var weight = Encoding.UTF8.GetByteCount(seen.Text);
                    foreach (var sheet in Sheets().Matches(seen.Text).Select(static match => match.Groups[1].Value))
                    {
                        if (!sheets.ContainsKey(sheet))
                            sheets[sheet] = (await tour.House.Pages.GetAsync(sheet[1..], null)).Text.Length;
                    }

                    if (weight >= MostBytes)
                        heavy.Add($"{route} {n} {tag}: {weight}");
                }
            }
        }

        Assert.Empty(heavy);
        // Two sheets for all of them, which a browser keeps.
        Assert.Equal(2, sheets.Count);
        Assert.InRange(sheets.Values.Sum(), 1, 20_000);
    }

    [Fact]
    public async Task Looking_at_any_of_them_by_whatever_method_writes_nothing_and_sends_nobody_anything()
    {
        await using var tour = await PublicTour.BuildAsync();
        var (house, installation) = (tour.House, tour.House.House.Installation);
        async Task<string> StateAsync()
        {
            await house.Pages.Served.Afterwards.IdleAsync();
            var codes = await installation.Store.Local.ReadAsync("select count(*), coalesce(sum(tries), 0), coalesce(sum(used), 0) from code", static cells => (cells.Long(0), cells.Long(1), cells.Long(2)), Cancel);
            var requests = await installation.Store.RightsRequestsAsync(house.House.Ledger.Ledger, Cancel).CountAsync(Cancel);
            return $"{await house.Pages.SizeAsync()} records, {house.Folder.Count()} messages, codes {codes[0]}, {requests} requests";
        }

        var before = await StateAsync();
        foreach (var address in PublicRoutes.All.Select(route => tour.AddressOf(route.Path)).Distinct())
        {
            // As scanners of mail do, and whatever else follows links.
            foreach (var method in new[] { HttpMethod.Get, HttpMethod.Head, HttpMethod.Options, HttpMethod.Put, HttpMethod.Delete, HttpMethod.Patch, new HttpMethod("PROPFIND") })
            {
                foreach (var query in new[] { "", "?List-Unsubscribe=One-Click", "?do=stop&yes=1" })
                {
                    var seen = await house.Pages.SendAsync(method, address + query, null, null);
                    Assert.InRange((int)seen.Status, 200, 499);
                    // Who looks whether a link leads anywhere is told so, without the page.
                    if (method == HttpMethod.Head)
                        Assert.Equal((await house.Pages.SendAsync(HttpMethod.Get, address + query, null, null)).Status, seen.Status);
                }
            }
        }

        Assert.Equal(before, await StateAsync());
    }

    [Fact]
    public async Task Whoever_comes_too_often_is_told_so_on_every_page_but_where_they_say_no()
    {
        await using var house = await PageHouse.BuildAsync(publicLimit: 6, time: new StillTime());
        Assert.Equal(Noes, PublicRoutes.All.Where(static route => route.IsNo).Select(static route => route.Path).Order(StringComparer.Ordinal));
        await house.House.SaysAsync(Ann);
        var (controller, links) = (house.House.Ledger.Controller, house.House.Installation.Links);
        var found = (await house.House.FindAsync(Ann))!;
        // To look by a link that was made here is no guessing, and is counted by the link; to say no by one is let in.
        string Link(PageRoute route) => route.IsNo ? links.Make(controller, route.Path[0] == 'u' ? LinkAct.Stop : LinkAct.Preferences, new PersonLink(found.Person.Sid, found.Points().First().Id)) : new string('A', PersonLinks.Length);
        Assert.Equal(HttpStatusCode.OK, (await house.GetAsync("why/" + controller, null)).Status);
        var told = new Dictionary<string, string>();
        foreach (var route in PublicRoutes.All)
        {
            var path = Rest().Replace(route.Path.Replace("{controller}", controller, StringComparison.Ordinal).Replace("{token}", Link(route), StringComparison.Ordinal), "x");
            foreach (var tag in LanguageTexts.Tags)
            {
                // Who they say they are counts for nothing without a proxy that is known.
                using var content = route.Method == "POST" ? new FormUrlEncodedContent([KeyValuePair.Create("what", "objection"), KeyValuePair.Create("to", Bob)]) : null;
                var seen = await house.SendAsync(new HttpMethod(route.Method), path, null, content, ("Accept-Language", tag), ("X-Forwarded-For", $"198.51.100.{told.Count + 1}"), ("Forwarded", "for=198.51.100.9"), ("X-Real-IP", "198.51.100.9"));
                if (route.IsNo)
                {
                    Assert.NotEqual(HttpStatusCode.TooManyRequests, seen.Status);
                    continue;
                }

                Assert.True(seen.Status == HttpStatusCode.TooManyRequests, $"{route.Method} {path}: {seen}");
                Assert.Equal(TimeSpan.FromSeconds(10), seen.Response.Headers.RetryAfter?.Delta);
                Assert.Equal(("no-store", "no-referrer"), (seen.Response.Headers.CacheControl?.ToString(), seen.Response.Headers.GetValues("Referrer-Policy").Single()));
                Assert.EndsWith("frame-ancestors 'none'", seen.Response.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
                // The same for all, so that nothing of anybody's address stands in it; its links lead to where they are.
                if (!told.TryAdd(tag, seen.Text))
                    Assert.Equal(told[tag], seen.Text);
                Assert.Contains("href=\"?lang=zh-Hant\"", seen.Text, StringComparison.Ordinal);
                Assert.Contains($"<html lang=\"{tag}\"", seen.Text, StringComparison.Ordinal);
                Assert.InRange(seen.Text.Length, 500, 5_000);
            }
        }

        Assert.Equal(3, told.Values.Distinct().Count());
        // The no counts, of whoever said it.
        Assert.NotEmpty(await house.House.SuppressionsAsync(Ann));
        Assert.NotEmpty(await house.House.SuppressionsAsync(Bob));
        // What is no no waits there, too.
        var asked = await house.PostAsync("r/" + controller, null, ("what", "access"), ("to", Bob));
        Assert.Equal((HttpStatusCode.TooManyRequests, TimeSpan.FromSeconds(10)), (asked.Status, asked.Response.Headers.RetryAfter?.Delta));
    }

    [Fact]
    public async Task Very_many_noes_of_one_source_are_all_heard()
    {
        await using var house = await PageHouse.BuildAsync(publicLimit: 6, time: new StillTime());
        var controller = house.House.Ledger.Controller;
        var numbers = Enumerable.Range(0, 40).Select(static n => $"+4474002{n:D5}").ToArray();
        var answers = await Task.WhenAll(numbers.Select(number => house.PostAsync("r/" + controller, null, ("what", "objection"), ("to", number))));
        Assert.All(answers, static answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
        foreach (var number in numbers)
            Assert.NotEmpty(await house.House.SuppressionsAsync(number));
    }

    [Fact]
    public async Task Known_and_unknown_are_answered_alike_however_often_they_are_asked_for()
    {
        const int Times = 40;
        await using var tour = await PublicTour.BuildAsync();
        var (house, c) = (tour.House, tour.House.Controller);
        var form = (await PublishedForms.AllAsync(house.House.Installation.Store, house.House.Ledger, Cancel))[0];
        (string Name, string Path, (string, string)[] Fields, string To, bool SendsToAll)[] ways =
        [
            ("entrance", $"p/{c}", [], "to", false), ("why", $"why/{c}", [], "to", true), ("access", $"r/{c}", [("what", "access")], "to", true), ("objection", $"r/{c}", [("what", "objection")], "to", true), ("complaint", $"r/{c}", [("what", "complaint")], "to", true),
            ("form", $"f/{c}/{form.Id}", [("form", form.Digest.ToString()), ("lang", "en"), ("layout", form.LayoutsShown[0].Name), ("name", "A"), ("yes", "offers-sms"), ("yes", "offers-voice")], "phone", true),
        ];
        foreach (var way in ways)
        {
            var shapes = new Dictionary<string, HashSet<bool>>();
            var sent = new Dictionary<bool, int> { [true] = 0, [false] = 0 };
            for (var n = 0; n < 2 * Times; n++)
            {
                var isKnown = n % 2 == 0;
                var number = tour.Fresh();
                if (isKnown)
                    await house.House.SaysAsync(number);
                var messages = house.Folder.Count();
                var codes = await CodesAsync(house);
                var seen = await house.Pages.PostAsync(way.Path, null, [.. way.Fields, (way.To, number)]);
                await house.Pages.Served.Afterwards.IdleAsync();
                sent[isKnown] += house.Folder.Count() - messages;
                Assert.True(way.SendsToAll || !isKnown || await CodesAsync(house) == codes + 1);
                // All that is sent but the time, what they typed themselves, and what is random: the secret of the form and its moment, the link and the number of a request.
                var headers = string.Join('\n', seen.Response.Headers.Concat(seen.Response.Content.Headers).Where(static header => header.Key != "Date").OrderBy(static header => header.Key, StringComparer.Ordinal).Select(static header => $"{header.Key}: {string.Join(',', header.Value)}"));
                var text = Random().Replace(WebUtility.HtmlDecode(seen.Text).Replace(number, "", StringComparison.Ordinal).Replace(house.House.Tags(number).Point.ToString(), "", StringComparison.Ordinal), "");
                var shape = $"{(int)seen.Status}\n{headers}\n{text}";
                if (!shapes.TryGetValue(shape, out var who))
                    shapes[shape] = who = [];
                who.Add(isKnown);
            }

            Assert.True(shapes.Count == 1 && shapes.Values.Single().Count == 2, $"{way.Name}: {shapes.Count} answers\n{string.Join("\n=====\n", shapes.Keys.Take(2))}");
            Assert.True(way.SendsToAll ? sent[true] == sent[false] : sent[false] == 0 && sent[true] == Times, $"{way.Name}: {sent[true]} messages to the known, {sent[false]} to the unknown");
        }
    }

    [Fact]
    public async Task A_code_of_a_form_told_late_confirms_nothing()
    {
        await using var tour = await PublicTour.BuildAsync();
        var house = tour.House;
        var form = (await PublishedForms.AllAsync(house.House.Installation.Store, house.House.Ledger, Cancel))[0];
        var (path, number) = ($"f/{house.Controller}/{form.Id}", tour.Fresh());
        var asked = await house.Pages.PostAsync(path, null, ("form", form.Digest.ToString()), ("lang", "en"), ("layout", form.LayoutsShown[0].Name), ("name", "A"), ("phone", number), ("yes", "offers-sms"));
        var size = await house.Pages.SizeAsync();
        tour.Time.Ahead += TimeSpan.FromMinutes(10);
        var late = await house.Pages.PostAsync(path + "/confirm", null, ("form", form.Digest.ToString()), ("lang", "en"), ("session", Hidden(asked, "session")), ("at", Hidden(asked, "at")), ("to.0", number), ("boxes.0", Hidden(asked, "boxes.0")), ("code.0", house.Folder.CodeTo(number)));
        Assert.Equal((HttpStatusCode.UnprocessableEntity, size), (late.Status, await house.Pages.SizeAsync()));
    }

    [Fact]
    public async Task A_million_guesses_open_no_link()
    {
        await using var house = await PageHouse.BuildAsync();
        var (links, controller, seed) = (house.House.Installation.Links, house.House.Ledger.Controller, 7);
        var real = new PersonLink(Server.Ledger.Fresh.Id(), Server.Ledger.Fresh.Id());
        var token = links.Make(controller, LinkAct.Stop, real);
        Assert.True(links.TryRead(controller, LinkAct.Stop, token, out _));
        var start = System.Buffers.Text.Base64Url.DecodeFromChars(token);
        var opened = 0;
        // Whoever knows both ids guesses what signs them.
        Parallel.For(0, 1_000_000, () => (Random: new Random(Interlocked.Increment(ref seed)), Bytes: start.ToArray()), (_, _, one) =>
        {
            one.Random.NextBytes(one.Bytes.AsSpan(^16..));
            if (!one.Bytes.AsSpan().SequenceEqual(start) && links.TryRead(controller, LinkAct.Stop, System.Buffers.Text.Base64Url.EncodeToString(one.Bytes), out var _))
                Interlocked.Increment(ref opened);
            return one;
        }, static _ => { });
        Assert.Equal(0, opened);
    }

    private static async Task<long> CodesAsync(OwnHouse house) => (await house.House.Installation.Store.Local.ReadAsync("select count(*) from code", static cells => cells.Long(0), Cancel))[0];

    [GeneratedRegex("<link rel=\"stylesheet\" href=\"([^\"]+)\"")]
    private static partial Regex Sheets();

    [GeneratedRegex(@"\{\w+\}")]
    private static partial Regex Rest();

    [GeneratedRegex("name=\"(session|request|at)\" value=\"[^\"]+\"|[A-Za-z0-9_-]{60,}|R-[0-9A-Z]{4}-[0-9A-Z]{4}")]
    private static partial Regex Random();
}
