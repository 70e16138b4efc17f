using System.Net;
using Ringfence.Server.Pages;
using Ringfence.Server.People;
using Ringfence.Server.Tests.Ledger;
using Xunit;

namespace Ringfence.Server.Tests.Pages;

public sealed class PublicHostTests
{
    [Fact]
    public async Task Whatever_scanner_follows_a_link_changes_nothing()
    {
        await using var house = await PageHouse.BuildAsync();
        var size = await house.SizeAsync();
        foreach (var route in PublicRoutes.All)
        {
            var path = route.Path.Replace("{controller}", house.House.Ledger.Controller, StringComparison.Ordinal).Replace("{token}", new string('A', 64), StringComparison.Ordinal);
            path = System.Text.RegularExpressions.Regex.Replace(path, @"\{\w+\}", "x");
            foreach (var method in new[] { HttpMethod.Get, HttpMethod.Head, HttpMethod.Options, HttpMethod.Put, HttpMethod.Delete })
                Assert.True((int)(await house.SendAsync(method, path, null, null)).Status < 500, $"{method} {path}");
            Assert.DoesNotContain(PublicRoutes.All, other => other.Path == route.Path && other.Method is not ("GET" or "POST"));
        }

        Assert.Equal(size, await house.SizeAsync());
    }

    [Fact]
    public void Every_link_in_a_path_says_what_it_is_for_and_every_no_by_one_is_kept_while_the_store_is_away() => Assert.All(PublicRoutes.All, static route =>
    {
        Assert.Equal(route.Path.Contains("{token}", StringComparison.Ordinal), route.Link is not null);
        Assert.True(route is not { IsNo: true, Link: not null } || route.WhileAway is not null);
    });

    [Fact]
    public async Task A_page_of_nobody_says_so_in_three_languages()
    {
        await using var house = await PageHouse.BuildAsync();
        foreach (var (tag, said) in new[] { ("en", "This address is not quite right"), ("zh-Hans", "此网址不太对"), ("zh-Hant", "這個網址不太對") })
        {
            var seen = await house.GetAsync("p/nobody/" + new string('A', 64), null, tag);
            Assert.Equal(HttpStatusCode.NotFound, seen.Status);
            Assert.Contains(said, seen.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Who_asks_too_often_is_told_so_and_can_still_say_no()
    {
        await using var house = await PageHouse.BuildAsync(publicLimit: 6);
        var path = $"p/{house.House.Ledger.Controller}/{new string('A', 64)}";
        var seen = new List<HttpStatusCode>();
        for (var n = 0; n < 4; n++)
            seen.Add((await house.GetAsync(path, null)).Status);
        // However the clock falls, two of four at most are in one step.
        Assert.Contains(HttpStatusCode.TooManyRequests, seen);
        Assert.Equal(HttpStatusCode.NotFound, (await house.PostAsync(path + "/stop", null)).Status);
    }

    [Fact]
    public async Task Whoever_comes_by_a_link_of_theirs_is_let_in_however_many_come_from_where_they_are()
    {
        await using var house = await PageHouse.BuildAsync(publicLimit: 6, time: new HandClock { Now = TimeProvider.System.GetUtcNow() });
        var (controller, links) = (house.House.Ledger.Controller, house.House.Installation.Links);
        string Stop(PersonLink link) => $"u/{controller}/{links.Make(controller, LinkAct.Stop, link)}";
        string Choices(PersonLink link) => $"p/{controller}/{links.Make(controller, LinkAct.Preferences, link)}";
        var people = new List<PersonLink>();
        foreach (var number in new[] { "+442079460018", "+442079460019" })
        {
            await house.House.SaysAsync(number);
            var found = (await house.House.FindAsync(number))!;
            people.Add(new PersonLink(found.Person.Sid, found.Points().First().Id));
        }

        var (gone, request) = (new PersonLink(Server.Ledger.Fresh.Id(), Server.Ledger.Fresh.Id()), new PersonLink(Server.Ledger.Fresh.Id(), default));
        // Everybody there is guessing at links: one is looked at, and no more.
        Assert.Equal(HttpStatusCode.NotFound, (await house.GetAsync($"u/{controller}/{new string('A', PersonLinks.Length)}", null)).Status);
        // One that is for something else, or of another controller, is no better than one that is made up.
        foreach (var wrong in new[] { Stop(people[0]).Replace("u/", "p/", StringComparison.Ordinal), Choices(people[0]).Replace("p/", "u/", StringComparison.Ordinal), Stop(people[0]).Replace(controller, "other", StringComparison.Ordinal) })
            Assert.Equal(HttpStatusCode.TooManyRequests, (await house.GetAsync(wrong, null)).Status);
        Assert.Equal(HttpStatusCode.OK, (await house.GetAsync(Stop(people[0]), null)).Status);
        Assert.Equal(HttpStatusCode.OK, (await house.GetAsync(Choices(people[1]), null)).Status);
        // Whether it leads to anybody makes no difference.
        Assert.Equal(HttpStatusCode.NotFound, (await house.GetAsync(Stop(gone), null)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await house.GetAsync($"r/{controller}/status/{links.Make(controller, LinkAct.Request, request)}", null)).Status);
        // One link is not followed more often than one source may come; and never too often to say no.
        foreach (var often in new[] { Stop(people[0]), Choices(people[0]), Stop(gone) })
            Assert.Equal(HttpStatusCode.TooManyRequests, (await house.GetAsync(often, null)).Status);
        Assert.Equal(HttpStatusCode.SeeOther, (await house.PostAsync(Choices(people[0]) + "/stop", null)).Status);
        Assert.Equal(HttpStatusCode.OK, (await house.PostAsync(Stop(people[1]), null)).Status);
    }

    [Theory]
    [InlineData("", 2)]
    [InlineData("127.0.0.1", 1)]
    [InlineData("10.0.0.0/8,192.0.2.1", 2)]
    public async Task Where_a_request_comes_from_is_taken_from_known_proxies_only(string proxies, int refusedOfFour)
    {
        Assert.True(Ringfence.Server.Hosting.Proxies.TryRead(proxies, out var networks));
        await using var house = await PageHouse.BuildAsync(publicLimit: 6, proxies: networks, time: new MovedTime());
        var path = $"p/{house.House.Ledger.Controller}/{new string('A', 64)}";
        var refused = 0;
        // Everybody claims to be somebody else; what stands before a hop that is not known counts for nothing.
        foreach (var claimed in new[] { "198.51.100.1", "198.51.100.2", "203.0.113.9, 198.51.100.1", "198.51.100.3" })
            refused += (await house.SendAsync(HttpMethod.Get, path, null, null, ("X-Forwarded-For", claimed))).Status == HttpStatusCode.TooManyRequests ? 1 : 0;
        Assert.InRange(refused, refusedOfFour == 1 ? 0 : 2, refusedOfFour == 1 ? 1 : 3);
    }

    [Theory]
    [InlineData("somewhere")]
    [InlineData("10.0.0.0/99")]
    [InlineData("127.0.0.1;10.0.0.1")]
    public void A_proxy_is_an_address_or_a_network(string text) => Assert.False(Ringfence.Server.Hosting.Proxies.TryRead(text, out _));

    [Fact]
    public void One_source_is_slowed_down_and_no_other_with_it()
    {
        var time = new HandClock();
        var sources = new PublicSources(time, 600);
        var (loud, quiet) = (IPAddress.Parse("2001:db8:1:2::1"), IPAddress.Parse("2001:db8:1:3::1"));
        Assert.Equal(100, Enumerable.Range(0, 5_000).Count(_ => sources.Take(loud)));
        // The rest of its network is the same source; another network is another.
        Assert.False(sources.Take(IPAddress.Parse("2001:db8:1:2:ffff::9")));
        Assert.True(sources.Take(quiet));
        Assert.True(sources.Take(null));
        time.Now += TimeSpan.FromSeconds(10);
        Assert.True(sources.Take(loud));
        // The same address in either form is one.
        Assert.Equal(100, Enumerable.Range(0, 200).Count(n => sources.Take(n % 2 == 0 ? IPAddress.Parse("192.0.2.7") : IPAddress.Parse("::ffff:192.0.2.7"))));
        Assert.True(Enumerable.Range(0, 5_000).All(_ => new PublicSources(time, 0).Take(loud)));
    }

    [Fact]
    public void A_million_sources_take_no_more_memory_than_one_and_let_a_newcomer_in()
    {
        var sources = new PublicSources(new HandClock(), 600);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Span<byte> address = stackalloc byte[16];
        for (var n = 0; n < 1_000_000; n++)
        {
            System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(address, n * 7919L);
            sources.Take(new IPAddress(address));
        }

        // Nothing but the addresses themselves, which the test makes.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 160_000_000);
        Assert.True(sources.Take(IPAddress.Parse("198.51.100.7")));
    }

    private sealed class HandClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 3, 3, 12, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
