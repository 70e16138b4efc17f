using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Ringfence.Server.Pages;
using Ringfence.Server.People;
using Ringfence.Server.Tests.Ledger;
using Xunit;
using static Ringfence.Server.Tests.Consent.OwnHouse;

namespace Ringfence.Server.Tests.Pages;

/// <summary>What somebody finds who typed an address wrong, or has but a part of it.</summary>
public sealed partial class MistypedAddressTests
{
    private const int MostBytes = 30_000;

    private static readonly (string Tag, string Title, string Gone)[] Says =
    [
        ("en", "This address is not quite right", "This link leads nowhere any more"), ("zh-Hans", "此网址不太对", "此链接已失效"), ("zh-Hant", "這個網址不太對", "此連結已失效"),
    ];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("p", false)]
    [InlineData("why/", false)]
    [InlineData("P", false)]
    [InlineData("r/nobody", false)]
    [InlineData("f/nobody/offers", false)]
    [InlineData("u/nobody/AAAA", false)]
    [InlineData("n/nobody/and/more", false)]
    [InlineData("y", false)]
    [InlineData("u/{C}", true)]
    [InlineData("U/{C}.", true)]
    [InlineData("u/{C}.....", false)]
    [InlineData("f/{C}", true)]
    [InlineData("f/{C}/none", true)]
    [InlineData("n/{C}/00", true)]
    [InlineData("y/{C}", true)]
    [InlineData("why/{C}/why.html", true)]
    [InlineData("why/{C}/show", true)]
    [InlineData("r/{C}/status", true)]
    [InlineData("r/{C}/identify", true)]
    [InlineData("p/{C}/AAAA/mroe", true)]
    [InlineData("p/{C}/AAAA/stop", true)]
    [InlineData("p/{C}/a/b/c/d", true)]
    public async Task An_address_that_is_none_is_answered_by_a_page_that_says_how_to_go_on(string address, bool isKnown)
    {
        await using var house = await PageHouse.BuildAsync();
        var controller = house.House.Ledger.Controller;
        address = address.Replace("{C}", controller, StringComparison.Ordinal);
        var size = await house.SizeAsync();
        // Every other page for everybody looks so.
        var usual = await house.GetAsync("r/" + controller, null);
        foreach (var (tag, title, _) in Says)
        {
            var seen = await house.GetAsync(address, null, tag);
            Assert.Equal(HttpStatusCode.NotFound, seen.Status);
            Assert.Contains($"<h1>{title}</h1>", seen.Text, StringComparison.Ordinal);
            Assert.Contains($"<html lang=\"{tag}\"", seen.Text, StringComparison.Ordinal);
            Assert.Contains("<body class=\"pub\">", seen.Text, StringComparison.Ordinal);
            Assert.DoesNotContain("<script", seen.Text, StringComparison.OrdinalIgnoreCase);
            Assert.InRange(Encoding.UTF8.GetByteCount(seen.Text), 500, MostBytes);
            Assert.Equal(HeadersOf(usual), HeadersOf(seen));
            Assert.Equal(Sheets().Matches(usual.Text).Select(static match => match.Value), Sheets().Matches(seen.Text).Select(static match => match.Value));
            // Whoever is known here is asked at their own pages; who else is, is nobody's to learn.
            string[] ways = [$"href=\"/p/{controller}?lang={tag}\"", $"href=\"/r/{controller}?lang={tag}\"", $"href=\"/why/{controller}?lang={tag}\""];
            Assert.All(ways, way => Assert.Equal(isKnown, seen.Text.Contains(way, StringComparison.Ordinal)));
            var head = await house.SendAsync(HttpMethod.Head, address, null, null, ("Accept-Language", tag));
            Assert.Equal((seen.Status, "", HeadersOf(seen)), (head.Status, head.Text, HeadersOf(head)));
            Assert.Equal(seen.Text, (await house.GetAsync($"{address}?lang={tag}", null, "de")).Text);
        }

        foreach (var way in new[] { HttpMethod.Post, HttpMethod.Put, HttpMethod.Delete })
        {
            // To these something is sent; all others are none by any method.
            if (PublicRoutes.All.Any(route => route.Method == way.Method && Regex.IsMatch(address, "^" + Part().Replace(route.Path, "[^/]+") + "$")))
                continue;
            var sent = await house.SendAsync(way, address, null, null);
            Assert.Equal(HttpStatusCode.NotFound, sent.Status);
            Assert.Contains(Says[0].Title, sent.Text, StringComparison.Ordinal);
        }

        Assert.Equal(size, await house.SizeAsync());
    }

    [Fact]
    public async Task A_link_that_was_cut_short_or_led_to_somebody_who_is_gone_is_answered_alike()
    {
        await using var house = await PageHouse.BuildAsync();
        var (controller, links) = (house.House.Ledger.Controller, house.House.Installation.Links);
        foreach (var (act, path) in new[] { (LinkAct.Stop, $"u/{controller}/"), (LinkAct.Preferences, $"p/{controller}/"), (LinkAct.Request, $"r/{controller}/status/") })
        {
            // As it was made for somebody who was erased since; in part; by hand, with a letter that is another.
            var gone = links.Make(controller, act, new PersonLink(Server.Ledger.Fresh.Id(), Server.Ledger.Fresh.Id()));
            string[] all = [gone, gone[..^1], gone[..8], gone.ToUpperInvariant(), new('A', PersonLinks.Length)];
            foreach (var (tag, _, title) in Says)
            {
                var told = new HashSet<string>();
                foreach (var token in all)
                {
                    var seen = await house.GetAsync(path + token, null, tag);
                    Assert.Equal(HttpStatusCode.NotFound, seen.Status);
                    Assert.Contains($"<h1>{title}</h1>", seen.Text, StringComparison.Ordinal);
                    Assert.Contains($"href=\"/r/{controller}?lang={tag}\"", seen.Text, StringComparison.Ordinal);
                    told.Add(seen.Text.Replace(token, "", StringComparison.Ordinal));
                }

                Assert.Single(told);
            }
        }
    }

    [Fact]
    public async Task Programs_are_told_as_programs()
    {
        await using var house = await PageHouse.BuildAsync();
        using var client = new HttpClient { BaseAddress = new Uri(house.Url) };
        var controller = house.House.Ledger.Controller;
        foreach (var address in new[] { "p", "p/nobody", $"u/{controller}", $"u/{controller}/AAAA", $"why/{controller}/x.y", $"f/{controller}/none" })
        {
            foreach (var accept in new[] { "application/json", "application/problem+json, application/json;q=0.9" })
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, address);
                request.Headers.TryAddWithoutValidation("Accept", accept);
                using var response = await client.SendAsync(request, Cancel);
                Assert.Equal((HttpStatusCode.NotFound, "application/problem+json"), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
                Assert.Equal("no-such-path", JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancel)).RootElement.GetProperty("code").GetString());
            }

            // A browser within another program asks for anything.
            using var any = new HttpRequestMessage(HttpMethod.Get, address);
            any.Headers.TryAddWithoutValidation("Accept", "*/*");
            using var page = await client.SendAsync(any, Cancel);
            Assert.Equal((HttpStatusCode.NotFound, "text/html"), (page.StatusCode, page.Content.Headers.ContentType?.MediaType));
        }
    }

    [Fact]
    public async Task Words_are_found_in_capitals_and_with_the_end_of_a_sentence_behind_them_and_links_in_no_capitals()
    {
        await using var tour = await PublicTour.BuildAsync();
        var (house, controller) = (tour.House, tour.House.Controller);
        var token = new Regex("[A-Za-z0-9_-]{60,}");
        var tried = 0;
        foreach (var path in PublicRoutes.All.Where(static route => route.Method == "GET").Select(static route => route.Path))
        {
            var address = tour.AddressOf(path);
            var secret = path.Contains("{token}", StringComparison.Ordinal) ? token.Match(address).Value : "";
            string Written(Func<string, string> how) => secret.Length == 0 ? how(address) : how(address.Replace(secret, "\n", StringComparison.Ordinal)).Replace("\n", secret, StringComparison.Ordinal);
            var usual = await house.Pages.GetAsync(address, null);
            Assert.Equal(HttpStatusCode.OK, usual.Status);
            // A word of the program's own ends where it ends.
            var ended = path.EndsWith('}') ? address + "。)" : address;
            foreach (var other in new[] { Written(static text => text.ToUpperInvariant()), char.ToUpperInvariant(address[0]) + address[1..], address.Replace(controller, char.ToUpperInvariant(controller[0]) + controller[1..], StringComparison.Ordinal), ended })
            {
                var seen = await house.Pages.GetAsync(other, null);
                Assert.True(seen.Status == HttpStatusCode.OK, $"{other}: {seen}");
                Assert.Equal(TitleOf(usual), TitleOf(seen));
                tried++;
            }

            // A link is as it was made, letter by letter. What a lead is sent looks the same for whatever stands in it.
            if (secret.Length > 0 && path[0] != 'y')
                Assert.Equal(HttpStatusCode.NotFound, (await house.Pages.GetAsync(address.Replace(secret, secret.ToUpperInvariant(), StringComparison.Ordinal), null)).Status);
        }

        Assert.Equal(44, tried);
        // A no, too, and what a form answers.
        var stop = await house.PathAsync(Bob, LinkAct.Stop);
        Assert.Empty(await house.House.SuppressionsAsync(Bob));
        var said = await house.Pages.PostAsync($"U/{controller.ToUpperInvariant()}/{stop.Split('/')[^1]}", null, ("List-Unsubscribe", "One-Click"));
        Assert.Equal(HttpStatusCode.OK, said.Status);
        Assert.NotEmpty(await house.House.SuppressionsAsync(Bob));
        Assert.Contains("lang=\"zh-Hant\"", (await house.Pages.GetAsync($"why/{controller}?lang=ZH-hant", null)).Text[..200], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_tries_many_addresses_is_slowed_down_as_on_any_page()
    {
        await using var house = await PageHouse.BuildAsync(publicLimit: 6, time: new StillTime());
        Assert.Equal(HttpStatusCode.NotFound, (await house.GetAsync("p", null)).Status);
        foreach (var address in new[] { "p", "u/nobody", $"r/{house.House.Ledger.Controller}/a/b/c" })
            Assert.Equal(HttpStatusCode.TooManyRequests, (await house.GetAsync(address, null)).Status);
    }

    private static string TitleOf(Seen seen) => Title().Match(seen.Text).Value;

    private static string HeadersOf(Seen seen) => string.Join('\n', seen.Response.Headers.Concat(seen.Response.Content.Headers).Where(static header => header.Key is not ("Date" or "Content-Length" or "Transfer-Encoding"))
        .OrderBy(static header => header.Key, StringComparer.Ordinal).Select(static header => $"{header.Key}: {string.Join(',', header.Value)}"));

    [GeneratedRegex("<title>[^<]*</title>")]
    private static partial Regex Title();

    [GeneratedRegex("<link rel=\"stylesheet\" href=\"([^\"]+)\"")]
    private static partial Regex Sheets();

    [GeneratedRegex(@"\{\w+\}")]
    private static partial Regex Part();
}
