using System.Net;
using Ringfence.Server.Pages;
using Ringfence.Staff;
using Xunit;

namespace Ringfence.Server.Tests.Pages;

public sealed class PageHostTests
{
    [Fact]
    public async Task A_page_is_shown_in_the_language_of_the_browser_with_nothing_that_runs_but_our_files()
    {
        await using var house = await PageHouse.BuildAsync();
        foreach (var (tag, title) in new[] { ("en", "Overview"), ("zh-Hans", "总览"), ("zh-Hant", "總覽") })
        {
            var seen = await house.GetAsync(house.Controller + "overview", Role.Marketer, tag);
            Assert.Equal(HttpStatusCode.OK, seen.Status);
            Assert.Contains($"<html lang=\"{tag}\"", seen.Text, StringComparison.Ordinal);
            Assert.Contains($"<h1>{title}</h1>", seen.Text, StringComparison.Ordinal);
            Assert.Contains("script-src 'self'", Assert.Single(seen.Response.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
            Assert.True(seen.Response.Headers.CacheControl!.NoStore);
            Assert.DoesNotContain("style=\"", seen.Text, StringComparison.Ordinal);
            Assert.DoesNotContain("onclick", seen.Text, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public async Task Nobody_who_is_not_signed_in_sees_a_page_and_everybody_comes_back_to_it_afterwards()
    {
        await using var house = await PageHouse.BuildAsync();
        foreach (var route in PageRoutes.All.Where(static route => route.Access is not Access.Open && route.Method == "GET"))
        {
            var seen = await house.GetAsync(Filled(house, route), null);
            Assert.Equal(HttpStatusCode.SeeOther, seen.Status);
            Assert.StartsWith("/sign-in?next=%2F", seen.Location, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Every_page_opens_to_those_roles_only_that_have_its_right_and_never_for_another_controller()
    {
        await using var house = await PageHouse.BuildAsync();
        foreach (var route in PageRoutes.All.Where(static route => route.Access is not Access.Open))
        {
            foreach (var role in Roles.All)
            {
                var may = route.Access is not Access.Needs needs || (role.Rights() & needs.Right) == needs.Right;
                var seen = await house.SendAsync(new HttpMethod(route.Method), Filled(house, route), role, null);
                // A form without its token goes no further, so that nothing is done here.
                if (route.Method == "POST")
                    Assert.Equal(may && route.ReadsBody ? seen.Status : HttpStatusCode.Forbidden, seen.Status);
                else if (!may)
                    Assert.Equal(HttpStatusCode.Forbidden, seen.Status);
                else
                    Assert.NotEqual(HttpStatusCode.Forbidden, seen.Status);
                Assert.True((int)seen.Status < 500, $"{route.Method} {route.Path} as {role}: {seen.Status}");
                if (route.IsOfController)
                    Assert.Equal(HttpStatusCode.NotFound, (await house.SendAsync(new HttpMethod(route.Method), Filled(house, route, "elsewhere"), role, null)).Status);
            }
        }
    }

    [Fact]
    public async Task A_form_from_another_site_or_without_its_token_does_nothing()
    {
        await using var house = await PageHouse.BuildAsync();
        foreach (var route in PageRoutes.All.Where(static route => route.Method == "POST" && !route.ReadsBody))
        {
            var role = Roles.All.First(role => route.Access is not Access.Needs needs || (role.Rights() & needs.Right) == needs.Right);
            var path = Filled(house, route);
            var size = await house.SizeAsync();
            FormUrlEncodedContent Form(string token) => new([KeyValuePair.Create("_t", token)]);
            Assert.Equal(HttpStatusCode.Forbidden, (await house.SendAsync(HttpMethod.Post, path, role, Form("wrong"))).Status);
            Assert.Equal(HttpStatusCode.Forbidden, (await house.SendAsync(HttpMethod.Post, path, role, Form(PageHouse.TokenOf(role)), ("Origin", "https://evil.example"))).Status);
            Assert.Equal(HttpStatusCode.Forbidden, (await house.SendAsync(HttpMethod.Post, path, role, Form(PageHouse.TokenOf(role)), ("Origin", "null"))).Status);
            Assert.Equal(HttpStatusCode.Forbidden, (await house.SendAsync(HttpMethod.Post, path, role, Form(PageHouse.TokenOf(role)), ("Sec-Fetch-Site", "cross-site"))).Status);
            Assert.Equal(size, await house.SizeAsync());
        }
    }

    [Fact]
    public async Task A_page_that_is_not_there_says_so_to_a_reader_and_as_ever_to_a_program()
    {
        await using var house = await PageHouse.BuildAsync();
        var seen = await house.GetAsync("no/such/page", Role.Agent);
        Assert.Equal(HttpStatusCode.NotFound, seen.Status);
        Assert.Contains("There is no such page", seen.Text, StringComparison.Ordinal);
        var api = await house.SendAsync(HttpMethod.Get, "api/v1/nothing", null, null);
        Assert.Equal("application/problem+json", api.Response.Content.Headers.ContentType!.MediaType);
    }

    [Fact]
    public async Task Every_file_a_page_names_is_there_and_may_be_kept()
    {
        await using var house = await PageHouse.BuildAsync();
        var seen = await house.GetAsync(house.Controller + "overview", Role.Marketer);
        var addresses = System.Text.RegularExpressions.Regex.Matches(seen.Text, "(?:href|src)=\"(/assets/[^\"]+)\"").Select(static match => match.Groups[1].Value).ToList();
        Assert.Equal(5, addresses.Count);
        foreach (var address in addresses)
            Assert.True((await house.GetAsync(address, null)).Response.Headers.CacheControl!.Public);
    }

    [Fact]
    public void Every_text_of_the_pages_is_there_in_three_languages_and_takes_the_same_arguments()
    {
        var english = Keys("");
        Assert.NotEmpty(english);
        foreach (var tag in new[] { ".zh-Hans", ".zh-Hant" })
        {
            var other = Keys(tag);
            Assert.Equal(english.Keys.Order(StringComparer.Ordinal), other.Keys.Order(StringComparer.Ordinal));
            foreach (var (key, text) in english)
                Assert.Equal(Places(text), Places(other[key]));
        }
    }

    [Fact]
    public void Every_room_leads_to_a_page()
    {
        foreach (var room in Rooms.All)
        {
            Assert.Contains(PageRoutes.All, route => route.Method == "GET" && route.Path == PageRoute.OfController + room.Path);
            Assert.NotNull(PageCall.WordsOf("en").Find("Room." + room.Key));
        }
    }

    private static IEnumerable<string> Places(string text) =>
        System.Text.RegularExpressions.Regex.Matches(text, @"\{(\d+)").Select(static match => match.Groups[1].Value).Distinct().Order(StringComparer.Ordinal);

    private static Dictionary<string, string> Keys(string tag)
    {
        using var resources = new System.Resources.ResourceReader(typeof(PageHost).Assembly.GetManifestResourceStream($"Ringfence.Server.Resources.PageTexts{tag}.resources")!);
        return resources.Cast<System.Collections.DictionaryEntry>().ToDictionary(static entry => (string)entry.Key, static entry => (string)entry.Value!);
    }

    private static string Filled(PageHouse house, PageRoute route, string? controller = null) =>
        System.Text.RegularExpressions.Regex.Replace(route.Path.Replace("{controller}", controller ?? house.House.Ledger.Controller, StringComparison.Ordinal), @"\{[^}]+\}", "none");
}
