using System.Net;
using Ringfence.Server.Staff;
using Ringfence.Server.Storage;
using Ringfence.Server.Tests.Ledger;
using Ringfence.Server.Tests.Storage;
using Ringfence.Staff;
using Xunit;

namespace Ringfence.Server.Tests.Staff;

public sealed class SqliteSignInTests() : SignInContract(isPostgres: false);

public sealed class PostgresSignInTests() : SignInContract(isPostgres: true);

/// <summary>Who gets in and who does not, on either store.</summary>
public abstract class SignInContract(bool isPostgres) : StoreContract(isPostgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private Task<StaffHouse> BuildAsync(TimeProvider? time = null, Uri? address = null) => StaffHouse.BuildAsync(Store, time, address);

    [Fact]
    public async Task Whoever_knows_the_password_is_in_and_comes_to_where_they_were_going_and_out_again()
    {
        await using var house = await BuildAsync();
        await house.AddAsync("ada@acme.example", Role.Marketer);
        using var browser = house.Browse();
        Assert.Equal("/sign-in?next=%2Fc%2Facme%2Foverview", (await browser.GetAsync("c/acme/overview")).Location);
        var sent = await browser.SendAsync("sign-in", "sign-in", ("next", "/c/acme/overview"), ("email", " Ada@Acme.example "), ("password", StaffHouse.Password));
        Assert.Equal((HttpStatusCode.SeeOther, "/c/acme/overview"), (sent.Status, sent.Location));
        var seen = await browser.GetAsync("c/acme/overview");
        Assert.Contains("Mira Okonkwo", seen.Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.SeeOther, (await browser.PostAsync("sign-out", seen.FormToken)).Status);
        Assert.Equal(HttpStatusCode.SeeOther, (await browser.GetAsync("c/acme/overview")).Status);
    }

    [Theory]
    [InlineData("https://evil.example/")]
    [InlineData("//evil.example/")]
    [InlineData("/\\evil.example/")]
    [InlineData("/\t/evil.example")]
    [InlineData("javascript:alert(1)")]
    public async Task Signing_in_leads_to_no_other_site(string next)
    {
        await using var house = await BuildAsync();
        await house.AddAsync("ada@acme.example", Role.Marketer);
        using var browser = house.Browse();
        Assert.Equal("/", (await browser.SendAsync("sign-in", "sign-in", ("next", next), ("email", "ada@acme.example"), ("password", StaffHouse.Password))).Location);
    }

    [Fact]
    public async Task A_wrong_password_and_an_unknown_address_are_answered_alike()
    {
        await using var house = await BuildAsync();
        await house.AddAsync("ada@acme.example", Role.Marketer);
        var suspended = await house.AddAsync("sam@acme.example", Role.Marketer);
        await house.Entrance.Accounts.SetStatusAsync(suspended.Id, AccountStatus.Suspended, Cancel);
        await house.Entrance.Accounts.AddAsync("ivy@acme.example", "Ivy", null, null, [], null, Cancel);
        var answers = new List<string>();
        foreach (var (mail, password) in new[]
        {
            ("ada@acme.example", "wrong horse battery"), ("bob@acme.example", StaffHouse.Password), ("sam@acme.example", StaffHouse.Password), ("ivy@acme.example", ""), ("no address", "x"),
        })
        {
            using var browser = house.Browse();
            var answer = await browser.SignInAsync(mail, password);
            Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.Status);
            // The cookie of a session is there only for whoever is in.
            Assert.DoesNotContain(answer.Response.Headers.TryGetValues("Set-Cookie", out var set) ? set : [], static cookie => cookie.StartsWith("ringfence=", StringComparison.Ordinal));
            answers.Add(answer.Text.Replace(answer.FormToken, "TOKEN", StringComparison.Ordinal).Replace(mail, "MAIL", StringComparison.Ordinal));
        }

        Assert.Single(answers.Distinct());
    }

    [Fact]
    public async Task Guessing_is_cut_off_and_neither_a_known_browser_nor_another_person_waits_for_it()
    {
        await using var house = await BuildAsync();
        await house.AddAsync("ada@acme.example", Role.Marketer);
        await house.AddAsync("bob@acme.example", Role.Marketer);
        using var own = house.Browse();
        Assert.Equal(HttpStatusCode.SeeOther, (await own.SignInAsync("ada@acme.example")).Status);
        var looked = 0;
        foreach (var mail in new[] { "ada@acme.example", "nobody@acme.example" })
        {
            using var stranger = house.Browse();
            var token = (await stranger.GetAsync("sign-in")).FormToken;
            var tries = new List<HttpStatusCode>();
            for (var i = 0; i < 15; i++)
                tries.Add((await stranger.PostAsync("sign-in", token, ("next", "/"), ("email", mail), ("password", $"guess number {i}"))).Status);
            Assert.Equal(10, tries.Count(static status => status == HttpStatusCode.UnprocessableEntity));
            Assert.Equal(5, tries.Count(static status => status == HttpStatusCode.TooManyRequests));
            looked += 10;
            // Right or wrong is not looked at any more.
            Assert.Equal(HttpStatusCode.TooManyRequests, (await stranger.PostAsync("sign-in", token, ("next", "/"), ("email", mail), ("password", StaffHouse.Password))).Status);
        }

        Assert.Equal(20, looked);
        await own.SendAsync("c/acme/overview", "sign-out");
        Assert.Equal(HttpStatusCode.SeeOther, (await own.SignInAsync("ada@acme.example")).Status);
        using var other = house.Browse();
        Assert.Equal(HttpStatusCode.SeeOther, (await other.SignInAsync("bob@acme.example")).Status);
    }

    [Fact]
    public async Task What_ends_a_session_ends_it_on_every_server_at_once()
    {
        await using var house = await BuildAsync();
        await using var second = await house.SecondAsync();
        var account = await house.AddAsync("ada@acme.example", Role.Marketer);
        var accounts = house.Entrance.Accounts;
        Func<Task>[] ends =
        [
            () => accounts.SetPasswordAsync(account.Id, SignIn.Hash(StaffHouse.Password), null, Cancel),
            async () =>
            {
                await accounts.SetStatusAsync(account.Id, AccountStatus.Suspended, Cancel);
                await accounts.SetStatusAsync(account.Id, AccountStatus.Active, Cancel);
            },
            async () => await house.Entrance.Sessions.EndAsync(account.Id, (await house.Entrance.Sessions.ListAsync(account.Id, Cancel))[0].Handle, Cancel),
        ];
        foreach (var end in ends)
        {
            using var browser = new StaffBrowser(house.Url);
            await browser.SignInAsync("ada@acme.example");
            using var elsewhere = new StaffBrowser(second.Url);
            foreach (Cookie cookie in browser.Cookies.GetCookies(new Uri(house.Url)))
                elsewhere.Cookies.Add(new Uri(second.Url), new Cookie(cookie.Name, cookie.Value));
            Assert.Equal(HttpStatusCode.OK, (await elsewhere.GetAsync("c/acme/overview")).Status);
            await end();
            Assert.Equal(HttpStatusCode.SeeOther, (await elsewhere.GetAsync("c/acme/overview")).Status);
        }

        // A role that was taken is gone with the next click; the session stays.
        using var left = house.Browse();
        await left.SignInAsync("ada@acme.example");
        await accounts.SetRoleAsync(new GivenRole(account.Id, "acme", Role.Marketer), false, Cancel);
        Assert.Equal(HttpStatusCode.NotFound, (await left.GetAsync("c/acme/overview")).Status);
    }

    [Fact]
    public async Task A_session_ends_by_itself_after_an_hour_without_use_and_a_day_altogether()
    {
        var time = new MovedTime();
        await using var house = await BuildAsync(time);
        await house.AddAsync("ada@acme.example", Role.Marketer);
        using var browser = house.Browse();
        await browser.SignInAsync("ada@acme.example");
        time.Ahead += TimeSpan.FromMinutes(59);
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("c/acme/overview")).Status);
        time.Ahead += TimeSpan.FromMinutes(61);
        Assert.Equal(HttpStatusCode.SeeOther, (await browser.GetAsync("c/acme/overview")).Status);
        await browser.SignInAsync("ada@acme.example");
        for (var i = 0; i < 27; i++)
        {
            time.Ahead += TimeSpan.FromMinutes(52);
            Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("c/acme/overview")).Status);
        }

        time.Ahead += TimeSpan.FromMinutes(52);
        Assert.Equal(HttpStatusCode.SeeOther, (await browser.GetAsync("c/acme/overview")).Status);
    }

    [Fact]
    public async Task The_store_holds_no_token_password_name_or_address_of_staff()
    {
        await using var house = await BuildAsync();
        await house.AddAsync("ada.marker@acme.example", Role.Marketer);
        using var browser = house.Browse();
        await browser.SignInAsync("ada.marker@acme.example");
        var token = browser.Cookies.GetCookies(new Uri(house.Url))["ringfence"]!.Value;
        foreach (var table in (string[])["staff_account", "staff_session", "staff_challenge"])
        {
            var columns = table switch { "staff_account" => "id, mail, person, password", "staff_session" => "account, hash, device, way", _ => "kind, hash, state, kind" };
            foreach (var row in await house.Entrance.Accounts.Rows.ReadAsync($"select {columns} from {table}", static cells => Enumerable.Range(0, 4).Select(i => Cell(cells, i)).ToArray(), Cancel))
            {
                var all = string.Join('\n', row);
                foreach (var secret in (string[])[token, StaffHouse.Password, "ada.marker", "Okonkwo"])
                    Assert.DoesNotContain(secret, all, StringComparison.OrdinalIgnoreCase);
            }
        }

        static string Cell(ICells cells, int place)
        {
            try
            {
                return System.Text.Encoding.Latin1.GetString(cells.Bytes(place));
            }
            catch (InvalidCastException)
            {
                return cells.Text(place);
            }
        }
    }

    [Fact]
    public async Task Over_https_the_cookie_is_bound_to_the_host_and_over_an_open_network_nobody_types_a_password()
    {
        await using var house = await BuildAsync(address: new Uri("https://ring.example"));
        await house.AddAsync("ada@acme.example", Role.Marketer);
        using var browser = house.Browse();
        var answer = await browser.SignInAsync("ada@acme.example");
        var cookie = answer.Response.Headers.GetValues("Set-Cookie").Single(static cookie => cookie.StartsWith("__Host-ringfence=", StringComparison.Ordinal));
        foreach (var part in (string[])["secure", "httponly", "samesite=lax", "path=/"])
            Assert.Contains(part, cookie, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("domain", cookie, StringComparison.OrdinalIgnoreCase);

        await using var open = await StaffHouse.BuildAsync();
        await open.AddAsync("ada@acme.example", Role.Marketer);
        using var client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri(open.Url), DefaultRequestHeaders = { Host = "ring.example" } };
        var page = await client.GetAsync(new Uri("sign-in", UriKind.Relative), Cancel);
        var token = System.Text.RegularExpressions.Regex.Match(await page.Content.ReadAsStringAsync(Cancel), "name=\"_t\" value=\"([^\"]+)\"").Groups[1].Value;
        using var form = new FormUrlEncodedContent([KeyValuePair.Create("_t", token), KeyValuePair.Create("email", "ada@acme.example"), KeyValuePair.Create("password", StaffHouse.Password)]);
        Assert.Equal(HttpStatusCode.Forbidden, (await client.PostAsync(new Uri("sign-in", UriKind.Relative), form, Cancel)).StatusCode);
    }
}
