using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using NodaTime;
using Ringfence.Server.Staff;
using Ringfence.Server.Storage;
using Ringfence.Server.Tests.Ledger;
using Ringfence.Server.Tests.Pages;
using Ringfence.Server.Tests.Storage;
using Ringfence.Staff;
using Xunit;

namespace Ringfence.Server.Tests.Staff;

public sealed class SqliteSecondFactorTests() : SecondFactorContract(isPostgres: false);

public sealed class PostgresSecondFactorTests() : SecondFactorContract(isPostgres: true);

/// <summary>The second factor is asked for on every way in, and a link signs nobody in.</summary>
public abstract partial class SecondFactorContract(bool isPostgres) : StoreContract(isPostgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whoever_has_an_app_is_asked_for_its_code_and_the_same_code_opens_once()
    {
        var time = new MovedTime();
        await using var house = await StaffHouse.BuildAsync(Store, time);
        await house.AddAsync("ada@acme.example", Role.Marketer);
        using var browser = house.Browse();
        await browser.SignInAsync("ada@acme.example");
        var (secret, codes) = await SetUpAppAsync(browser, time);
        Assert.Equal(10, codes.Count);
        Assert.Contains("10 recovery codes", (await browser.GetAsync("account")).Text, StringComparison.Ordinal);

        time.Ahead += TimeSpan.FromMinutes(1);
        using var other = house.Browse();
        var half = await other.SignInAsync("ada@acme.example");
        Assert.StartsWith("/sign-in/second", half.Location, StringComparison.Ordinal);
        // Half-way is not in.
        Assert.Equal(HttpStatusCode.SeeOther, (await other.GetAsync("c/acme/overview")).Status);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await CodeAsync(other, Wrong(secret, time))).Status);
        var code = CodeAt(secret, time);
        Assert.Equal("/c/acme/overview", (await CodeAsync(other, code)).Location);
        Assert.Equal(HttpStatusCode.OK, (await other.GetAsync("c/acme/overview")).Status);

        using var third = house.Browse();
        await third.SignInAsync("ada@acme.example");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await CodeAsync(third, code)).Status);
        Assert.Equal(HttpStatusCode.SeeOther, (await CodeAsync(third, codes[3].ToLowerInvariant())).Status);
        using var fourth = house.Browse();
        await fourth.SignInAsync("ada@acme.example");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await CodeAsync(fourth, codes[3])).Status);
    }

    [Fact]
    public async Task Five_wrong_codes_end_it_and_so_do_five_minutes()
    {
        var time = new MovedTime();
        await using var house = await StaffHouse.BuildAsync(Store, time);
        await house.AddAsync("ada@acme.example", Role.Marketer);
        using var browser = house.Browse();
        await browser.SignInAsync("ada@acme.example");
        var (secret, _) = await SetUpAppAsync(browser, time);
        time.Ahead += TimeSpan.FromMinutes(1);
        using var guesser = house.Browse();
        await guesser.SignInAsync("ada@acme.example");
        for (var i = 0; i < 5; i++)
            Assert.Contains("name=\"code\"", (await CodeAsync(guesser, Wrong(secret, time))).Text, StringComparison.Ordinal);
        Assert.DoesNotContain("name=\"code\"", (await CodeAsync(guesser, CodeAt(secret, time))).Text, StringComparison.Ordinal);

        using var late = house.Browse();
        await late.SignInAsync("ada@acme.example");
        time.Ahead += TimeSpan.FromMinutes(6);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await CodeAsync(late, CodeAt(secret, time))).Status);
    }

    [Fact]
    public async Task A_way_back_in_chooses_a_password_once_ends_every_session_and_signs_nobody_in()
    {
        var time = new MovedTime();
        await using var house = await StaffHouse.BuildAsync(Store, time);
        var account = await house.AddAsync("ada@acme.example", Role.Marketer);
        using var browser = house.Browse();
        await browser.SignInAsync("ada@acme.example");
        var (secret, _) = await SetUpAppAsync(browser, time);
        var before = await house.Entrance.Links.MakeAsync(account.Id, Links.WayBack, Cancel);
        var link = "reset/" + await house.Entrance.Links.MakeAsync(account.Id, Links.WayBack, Cancel);
        using var other = house.Browse();
        Assert.Equal(HttpStatusCode.Gone, (await other.GetAsync("reset/" + before)).Status);
        Assert.Equal(HttpStatusCode.Gone, (await other.GetAsync(link.Replace("reset", "invitation", StringComparison.Ordinal))).Status);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await other.SendAsync(link, link, ("password", "password"))).Status);
        const string chosen = "eleven slow barges pass";
        var page = await other.GetAsync(link);
        Assert.Equal("/sign-in", (await other.PostAsync(link, page.FormToken, ("password", chosen))).Location);
        Assert.Equal(HttpStatusCode.Gone, (await other.PostAsync(link, page.FormToken, ("password", chosen))).Status);
        Assert.Equal(HttpStatusCode.SeeOther, (await other.GetAsync("c/acme/overview")).Status);
        Assert.Equal(HttpStatusCode.SeeOther, (await browser.GetAsync("c/acme/overview")).Status);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await other.SignInAsync("ada@acme.example")).Status);
        time.Ahead += TimeSpan.FromMinutes(1);
        Assert.StartsWith("/sign-in/second", (await other.SignInAsync("ada@acme.example", chosen)).Location, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.SeeOther, (await CodeAsync(other, CodeAt(secret, time))).Status);

        var ended = "reset/" + await house.Entrance.Links.MakeAsync(account.Id, Links.WayBack, Cancel);
        time.Ahead += TimeSpan.FromHours(3);
        Assert.Equal(HttpStatusCode.Gone, (await other.GetAsync(ended)).Status);
    }

    [Fact]
    public async Task What_is_not_easily_taken_back_is_asked_for_again_after_ten_minutes()
    {
        var time = new MovedTime();
        await using var house = await StaffHouse.BuildAsync(Store, time);
        await house.AddAsync("ada@acme.example", Role.Administrator);
        using var browser = house.Browse();
        await browser.SignInAsync("ada@acme.example");
        time.Ahead += TimeSpan.FromMinutes(11);
        var key = await browser.SendAsync("c/acme/keys", "c/acme/keys", ("name", "dialer"), ("scope", "decide"));
        Assert.Equal("/account/again?next=%2Fc%2Facme%2Fkeys", key.Location);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await browser.SendAsync("account/again", "account/again", ("next", "/c/acme/keys"), ("password", "wrong"))).Status);
        Assert.Equal("/c/acme/keys", (await browser.SendAsync("account/again", "account/again", ("next", "/c/acme/keys"), ("password", StaffHouse.Password))).Location);
        Assert.Contains("rf_acme_", (await browser.SendAsync("c/acme/keys", "c/acme/keys", ("name", "dialer"), ("scope", "decide"))).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_changed_password_ends_all_sessions_but_this_one()
    {
        await using var house = await StaffHouse.BuildAsync(Store);
        await house.AddAsync("ada@acme.example", Role.Marketer);
        using var here = house.Browse();
        using var there = house.Browse();
        await here.SignInAsync("ada@acme.example");
        await there.SignInAsync("ada@acme.example");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await here.SendAsync("account", "account/password", ("current", "wrong"), ("password", "eleven slow barges pass"))).Status);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await here.SendAsync("account", "account/password", ("current", StaffHouse.Password), ("password", "Mira Okonkwo 2026"))).Status);
        Assert.Equal(HttpStatusCode.OK, (await there.GetAsync("account")).Status);
        Assert.Equal("/account", (await here.SendAsync("account", "account/password", ("current", StaffHouse.Password), ("password", "eleven slow barges pass"))).Location);
        Assert.Equal(HttpStatusCode.OK, (await here.GetAsync("account")).Status);
        Assert.Equal(HttpStatusCode.SeeOther, (await there.GetAsync("account")).Status);
    }

    private static Task<Seen> CodeAsync(StaffBrowser browser, string code) => browser.SendAsync("sign-in/second", "sign-in/second", ("next", "/c/acme/overview"), ("code", code));

    private static async Task<(byte[] Secret, IReadOnlyList<string> Codes)> SetUpAppAsync(StaffBrowser browser, MovedTime time)
    {
        Assert.Equal("/account/app", (await browser.SendAsync("account", "account/app/begin")).Location);
        var page = await browser.GetAsync("account/app");
        var secret = Bytes(Shown().Match(page.Text).Groups[1].Value);
        Assert.Contains("<path d=\"M", page.Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await browser.PostAsync("account/app", page.FormToken, ("code", Wrong(secret, time)))).Status);
        var codes = await browser.PostAsync("account/app", page.FormToken, ("code", CodeAt(secret, time)));
        Assert.Equal(HttpStatusCode.OK, codes.Status);
        return (secret, [.. Listed().Matches(codes.Text).Select(static match => match.Groups[1].Value)]);
    }

    private static string CodeAt(byte[] secret, MovedTime time) => Totp.Code(secret, Totp.StepOf(Instant.FromDateTimeOffset(time.GetUtcNow())));

    private static string Wrong(byte[] secret, MovedTime time) => ((int.Parse(CodeAt(secret, time), CultureInfo.InvariantCulture) + 500_000) % 1_000_000).ToString("000000", CultureInfo.InvariantCulture);

    private static byte[] Bytes(string base32)
    {
        var bits = string.Concat(base32.Replace(" ", "", StringComparison.Ordinal).Select(static c => Convert.ToString("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".IndexOf(c, StringComparison.Ordinal), 2).PadLeft(5, '0')));
        return [.. Enumerable.Range(0, bits.Length / 8).Select(i => Convert.ToByte(bits.Substring(i * 8, 8), 2))];
    }

    [GeneratedRegex("<code class=\"wrap\">([A-Z2-7 ]+)</code>")]
    private static partial Regex Shown();

    [GeneratedRegex("<li><code>([A-Z2-7-]+)</code></li>")]
    private static partial Regex Listed();
}
