using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;
using Ringfence.Server.Staff;
using Ringfence.Server.Tests.Pages;
using Ringfence.Staff;
using Xunit;

namespace Ringfence.Server.Tests.Staff;

/// <summary>Signing in at an identity provider: by its good tokens, by no others, and only for whoever linked their account.</summary>
public sealed class OutsideTests
{
    // Each makes of what would be good something that is not.
    private static readonly Dictionary<string, Func<FakeProvider, JsonObject, string>> Bad = new(StringComparer.Ordinal)
    {
        ["none"] = static (_, claims) => FakeProvider.Sign(claims, FakeProvider.Header("none"), static _ => []),
        ["None in another spelling"] = static (_, claims) => FakeProvider.Sign(claims, FakeProvider.Header("nOnE"), static _ => []),
        ["no algorithm"] = static (provider, claims) => provider.Sign(claims, new JsonObject { ["typ"] = "JWT", ["kid"] = "k1" }),
        ["HS256 with the public key"] = static (provider, claims) => FakeProvider.Sign(claims, FakeProvider.Header("HS256"), input => HMACSHA256.HashData(provider.Key.ExportSubjectPublicKeyInfo(), input)),
        ["HS256 with the public key as text"] = static (provider, claims) => FakeProvider.Sign(claims, FakeProvider.Header("HS256"), input => HMACSHA256.HashData(Encoding.ASCII.GetBytes(provider.Key.ExportSubjectPublicKeyInfoPem()), input)),
        ["HS256 with the modulus"] = static (provider, claims) => FakeProvider.Sign(claims, FakeProvider.Header("HS256"), input => HMACSHA256.HashData(provider.Key.ExportParameters(false).Modulus!, input)),
        ["HS256 with the shared secret"] = static (_, claims) => FakeProvider.Sign(claims, FakeProvider.Header("HS256"), static input => HMACSHA256.HashData(Encoding.UTF8.GetBytes(FakeProvider.Secret), input)),
        ["RS512"] = static (provider, claims) => FakeProvider.Sign(claims, FakeProvider.Header("RS512"), input => provider.Key.SignData(input, HashAlgorithmName.SHA512, RSASignaturePadding.Pkcs1)),
        ["ES256 named over RSA"] = static (provider, claims) => provider.Sign(claims, FakeProvider.Header("ES256")),
        ["another key"] = static (provider, claims) => FakeProvider.Sign(claims, null, input => provider.OtherKey.SignData(input, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)),
        ["another key by its own name"] = static (provider, claims) => FakeProvider.Sign(claims, With(FakeProvider.Header(), "kid", "k2"), input => provider.OtherKey.SignData(input, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)),
        ["a key in the token"] = static (provider, claims) => FakeProvider.Sign(claims, With(FakeProvider.Header(), "jwk", KeyOf(provider.OtherKey)), input => provider.OtherKey.SignData(input, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)),
        ["a key at an address"] = static (provider, claims) => FakeProvider.Sign(claims, With(With(FakeProvider.Header(), "kid", "k9"), "jku", "https://evil.example/keys"), input => provider.OtherKey.SignData(input, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)),
        ["a signature cut short"] = static (provider, claims) => provider.Sign(claims)[..^8],
        ["no signature"] = static (provider, claims) => provider.Sign(claims) is var token ? token[..(token.LastIndexOf('.') + 1)] : "",
        ["no third part"] = static (provider, claims) => provider.Sign(claims) is var token ? token[..token.LastIndexOf('.')] : "",
        ["claims put in afterwards"] = static (provider, claims) => provider.Sign(claims).Split('.') is var parts ? $"{parts[0]}.{FakeProvider.Part(With(claims, "sub", "u-2").ToJsonString())}.{parts[2]}" : "",
        ["another issuer"] = static (provider, claims) => provider.Sign(With(claims, "iss", "https://evil.example")),
        ["the issuer with a slash"] = static (provider, claims) => provider.Sign(With(claims, "iss", provider.Issuer + "/")),
        ["no issuer"] = static (provider, claims) => provider.Sign(Without(claims, "iss")),
        ["two issuers"] = static (provider, claims) => provider.Sign(With(claims, "iss", new JsonArray(provider.Issuer, "https://evil.example"))),
        ["another audience"] = static (provider, claims) => provider.Sign(With(claims, "aud", "someone-else")),
        ["no audience"] = static (provider, claims) => provider.Sign(Without(claims, "aud")),
        ["an empty audience"] = static (provider, claims) => provider.Sign(With(claims, "aud", "")),
        ["the audience with a slash"] = static (provider, claims) => provider.Sign(With(claims, "aud", FakeProvider.Client + "/")),
        ["the audience in capitals"] = static (provider, claims) => provider.Sign(With(claims, "aud", "RINGFENCE")),
        ["two audiences and no party"] = static (provider, claims) => provider.Sign(With(claims, "aud", new JsonArray(FakeProvider.Client, "someone-else"))),
        ["two audiences and another party"] = static (provider, claims) => provider.Sign(With(With(claims, "aud", new JsonArray(FakeProvider.Client, "someone-else")), "azp", "someone-else")),
        ["another party"] = static (provider, claims) => provider.Sign(With(claims, "azp", "someone-else")),
        ["another nonce"] = static (provider, claims) => provider.Sign(With(claims, "nonce", "x")),
        ["no nonce"] = static (provider, claims) => provider.Sign(Without(claims, "nonce")),
        ["two nonces"] = static (provider, claims) => provider.Sign(With(claims, "nonce", new JsonArray(claims["nonce"]!.DeepClone(), "x"))),
        ["ended"] = static (provider, claims) => provider.Sign(With(claims, "exp", DateTimeOffset.UtcNow.AddMinutes(-2).ToUnixTimeSeconds())),
        ["no end"] = static (provider, claims) => provider.Sign(Without(claims, "exp")),
        ["the end as text"] = static (provider, claims) => provider.Sign(With(claims, "exp", "tomorrow")),
        ["not begun"] = static (provider, claims) => provider.Sign(With(claims, "nbf", DateTimeOffset.UtcNow.AddMinutes(5).ToUnixTimeSeconds())),
        ["made in the future"] = static (provider, claims) => provider.Sign(With(claims, "iat", DateTimeOffset.UtcNow.AddMinutes(5).ToUnixTimeSeconds())),
        ["made long ago"] = static (provider, claims) => provider.Sign(With(claims, "iat", DateTimeOffset.UtcNow.AddHours(-1).ToUnixTimeSeconds())),
        ["made at no time"] = static (provider, claims) => provider.Sign(Without(claims, "iat")),
        ["nobody"] = static (provider, claims) => provider.Sign(Without(claims, "sub")),
        ["an empty name"] = static (provider, claims) => provider.Sign(With(claims, "sub", "")),
        ["a number for a name"] = static (provider, claims) => provider.Sign(With(claims, "sub", 1)),
        ["a name too long"] = static (provider, claims) => provider.Sign(With(claims, "sub", new string('u', 256))),
        ["somebody else with the same address"] = static (provider, claims) => provider.Sign(With(claims, "sub", "u-2")),
        ["an access token"] = static (provider, claims) => provider.Sign(claims, With(FakeProvider.Header(), "typ", "at+jwt")),
        ["what has to be understood"] = static (provider, claims) => provider.Sign(claims, With(With(FakeProvider.Header(), "crit", new JsonArray("exp")), "exp", 1)),
        ["nothing"] = static (_, _) => "",
        ["no token"] = static (_, _) => "a.b.c",
    };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whoever_linked_their_account_comes_in_by_it_and_nobody_else()
    {
        await using var provider = await FakeProvider.StartAsync();
        await using var house = await StaffHouse.BuildAsync(outside: OptionsOf(provider));
        await house.AddAsync("ada@acme.example", Role.Marketer);
        using var stranger = house.Browse();
        // An address is no identity: what the provider says of it links nothing.
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await ComeBackAsync(provider, stranger, "sign-in/outside")).Status);

        using var browser = house.Browse();
        await browser.SignInAsync("ada@acme.example");
        Assert.Equal("/account", (await LinkAsync(provider, browser)).Location);
        await browser.SendAsync("account", "sign-out");
        Assert.Equal("/c/acme/overview", (await ComeBackAsync(provider, browser, "sign-in/outside?next=%2Fc%2Facme%2Foverview")).Location);
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("c/acme/overview")).Status);
        Assert.Equal("Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("ringfence:a%20shared%20secret")), provider.Authorization);
        Assert.Equal("authorization_code", provider.Asked["grant_type"]);

        // Another account can't be linked with the same person.
        await house.AddAsync("bob@acme.example", Role.Marketer);
        using var other = house.Browse();
        await other.SignInAsync("bob@acme.example");
        Assert.Equal(HttpStatusCode.Conflict, (await LinkAsync(provider, other)).Status);
    }

    [Fact]
    public async Task No_link_of_another_site_and_nobody_who_is_signed_in_there_by_chance_gets_linked()
    {
        await using var provider = await FakeProvider.StartAsync();
        await using var house = await StaffHouse.BuildAsync(outside: OptionsOf(provider));
        var account = await house.AddAsync("ada@acme.example", Role.Marketer);
        using var browser = house.Browse();
        await browser.SignInAsync("ada@acme.example");
        // A link that somebody is made to follow begins nothing.
        Assert.True((await browser.GetAsync("account/outside")).Status is HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await ComeBackAsync(provider, browser, "sign-in/outside")).Status);
        Assert.Null((await house.Entrance.Accounts.FindAsync(account.Id, Cancel))!.Outside);
        foreach (var path in (string[])["account/outside", "account/outside/link", "account/again/outside"])
            Assert.Equal(HttpStatusCode.Forbidden, (await browser.PostAsync(path, "")).Status);
        // Nor does the provider alone: they are told who they are there, and say whether that is them.
        var (asked, begun) = await BeginLinkAsync(provider, browser);
        Assert.Equal(HttpStatusCode.OK, asked.Status);
        Assert.Contains("u-1", asked.Text, StringComparison.Ordinal);
        Assert.Contains("ada@acme.example", asked.Text, StringComparison.Ordinal);
        Assert.Null((await house.Entrance.Accounts.FindAsync(account.Id, Cancel))!.Outside);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await browser.GetAsync(Back(begun))).Status);
        Assert.Equal("/account", (await browser.PostAsync("account/outside/link", asked.FormToken)).Location);
        Assert.NotNull((await house.Entrance.Accounts.FindAsync(account.Id, Cancel))!.Outside);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await browser.PostAsync("account/outside/link", asked.FormToken)).Status);
        // What one began another, who signed in meanwhile in that browser, does not end.
        await house.Entrance.Accounts.SetOutsideAsync(account.Id, null, Cancel);
        (asked, _) = await BeginLinkAsync(provider, browser);
        await house.AddAsync("bob@acme.example", Role.Marketer);
        await browser.SendAsync("account", "sign-out");
        await browser.SignInAsync("bob@acme.example");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await browser.PostAsync("account/outside/link", (await browser.GetAsync("account")).FormToken)).Status);
        Assert.Null((await house.Entrance.Accounts.FindByMailAsync("bob@acme.example", Cancel))!.Outside);
    }

    [Fact]
    public async Task Whoever_was_signed_in_there_already_has_not_shown_here_that_it_is_them()
    {
        await using var provider = await FakeProvider.StartAsync();
        await using var house = await StaffHouse.BuildAsync(outside: OptionsOf(provider));
        await LinkedAsync(provider, house, Role.Administrator);
        foreach (var (minutes, isShown) in new (int?, bool)[] { (null, false), (-11, false), (5, false), (-9, true), (0, true) })
        {
            using var browser = house.Browse();
            Assert.Equal("/", (await ComeBackAsync(provider, browser, "sign-in/outside", Shown(minutes))).Location);
            Assert.Equal((minutes, isShown), (minutes, await KeyAsync(browser) == HttpStatusCode.OK));
        }

        // By the provider, too, they show it anew, or not at all.
        using var again = house.Browse();
        await ComeBackAsync(provider, again, "sign-in/outside");
        Assert.Contains("account/again/outside", (await again.GetAsync("account/again")).Text, StringComparison.Ordinal);
        foreach (var (subject, minutes) in new (string, int?)[] { ("u-1", null), ("u-1", -3), ("u-2", 0) })
        {
            Assert.Equal(HttpStatusCode.UnprocessableEntity, (await AgainAsync(provider, again, subject, minutes)).Status);
            Assert.Equal(HttpStatusCode.SeeOther, await KeyAsync(again));
        }

        Assert.Equal("/c/acme/keys", (await AgainAsync(provider, again, "u-1", 0)).Location);
        Assert.Equal(HttpStatusCode.OK, await KeyAsync(again));

        static async Task<HttpStatusCode> KeyAsync(StaffBrowser browser) => (await browser.SendAsync("c/acme/keys", "c/acme/keys", ("name", "dialer"), ("scope", "decide"))).Status;

        static async Task<Seen> AgainAsync(FakeProvider provider, StaffBrowser browser, string subject, int? minutes)
        {
            var query = WayOf(await browser.SendAsync("account/again", "account/again/outside", ("next", "/c/acme/keys")));
            Assert.Equal(("login", "0"), (query["prompt"].ToString(), query["max_age"].ToString()));
            return await BackAsync(provider, browser, query, (fake, claims) => Shown(minutes)(fake, With(claims, "sub", subject)));
        }
    }

    [Fact]
    public async Task No_bad_token_signs_anybody_in()
    {
        Assert.True(Bad.Count >= 40);
        await using var provider = await FakeProvider.StartAsync();
        await using var house = await StaffHouse.BuildAsync(outside: OptionsOf(provider));
        await LinkedAsync(provider, house);
        foreach (var (name, make) in Bad)
        {
            using var browser = house.Browse();
            var answer = await ComeBackAsync(provider, browser, "sign-in/outside", make);
            Assert.True(answer.Status is HttpStatusCode.UnprocessableEntity, $"{name}: {answer.Status}");
            Assert.Equal(HttpStatusCode.SeeOther, (await browser.GetAsync("c/acme/overview")).Status);
        }

        // And a good one still does.
        using var last = house.Browse();
        Assert.Equal(HttpStatusCode.SeeOther, (await ComeBackAsync(provider, last, "sign-in/outside")).Status);
    }

    [Fact]
    public async Task What_was_begun_in_one_browser_ends_in_no_other_and_only_once_and_the_proof_belongs_to_the_code()
    {
        await using var provider = await FakeProvider.StartAsync();
        await using var house = await StaffHouse.BuildAsync(outside: OptionsOf(provider));
        await LinkedAsync(provider, house);
        using var begun = house.Browse();
        using var victim = house.Browse();
        var (state, nonce, challenge) = await GoAsync(begun, "sign-in/outside");
        provider.Token = () => provider.Sign(provider.Claims(nonce, DateTimeOffset.UtcNow));
        // Somebody is made to follow the link of another's sign-in: they are not signed in as that one.
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await victim.GetAsync(Back(state))).Status);
        Assert.Equal(HttpStatusCode.SeeOther, (await begun.GetAsync(Back(state))).Status);
        Assert.Equal(challenge, WebEncoders.Base64UrlEncode(SHA256.HashData(Encoding.ASCII.GetBytes(provider.Asked["code_verifier"]))));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await begun.GetAsync(Back(state))).Status);
        foreach (var back in new Func<string, string>[]
        {
            static state => Back(state + "x"), static state => "sign-in/outside/back?code=c", static state => "sign-in/outside/back?state=" + state, static state => "sign-in/outside/back?error=access_denied&state=" + state,
            static state => Back(state) + "&iss=https%3A%2F%2Fevil.example", static state => Back(state) + "&code=d", static state => Back(state) + "&state=" + state,
        })
        {
            using var browser = house.Browse();
            var (own, _, _) = await GoAsync(browser, "sign-in/outside");
            Assert.Equal(HttpStatusCode.UnprocessableEntity, (await browser.GetAsync(back(own))).Status);
        }
    }

    [Fact]
    public async Task Whoever_has_an_app_here_is_asked_for_it_unless_the_provider_asked_for_a_second_factor()
    {
        await using var provider = await FakeProvider.StartAsync();
        await using var house = await StaffHouse.BuildAsync(outside: OptionsOf(provider));
        var account = await LinkedAsync(provider, house);
        var secret = RandomNumberGenerator.GetBytes(Totp.SecretBytes);
        Assert.NotNull(await house.Entrance.Factors.BeginAsync(account, secret, Totp.Code(secret, Totp.StepOf(house.Entrance.Accounts.Now)), Cancel));
        using var browser = house.Browse();
        Assert.StartsWith("/sign-in/second", (await ComeBackAsync(provider, browser, "sign-in/outside")).Location, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.SeeOther, (await browser.GetAsync("c/acme/overview")).Status);
        using var other = house.Browse();
        Assert.Equal("/", (await ComeBackAsync(provider, other, "sign-in/outside", (fake, claims) => fake.Sign(With(claims, "amr", new JsonArray("pwd", "mfa"))))).Location);
        Assert.Equal(HttpStatusCode.OK, (await other.GetAsync("c/acme/overview")).Status);
        await house.Entrance.Accounts.SetStatusAsync(account.Id, AccountStatus.Suspended, Cancel);
        using var late = house.Browse();
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await ComeBackAsync(provider, late, "sign-in/outside")).Status);
    }

    [Theory]
    [InlineData("https://id.example", "ringfence", true)]
    [InlineData("https://id.example/realms/acme", "ringfence", true)]
    [InlineData("http://127.0.0.1:8080", "ringfence", true)]
    [InlineData("http://id.example", "ringfence", false)]
    [InlineData("https://id.example?x=1", "ringfence", false)]
    [InlineData("https://user@id.example", "ringfence", false)]
    [InlineData("id.example", "ringfence", false)]
    [InlineData("https://id.example", "", false)]
    [InlineData("", "ringfence", false)]
    public void A_provider_is_named_by_an_encrypted_address(string issuer, string client, bool isFine)
    {
        var options = OutsideOptions.Read(name => name switch { OutsideOptions.IssuerVariable => issuer, OutsideOptions.ClientVariable => client, _ => null }, out var wrong);
        Assert.Equal((isFine, !isFine), (options is not null, wrong));
    }

    private static OutsideOptions OptionsOf(FakeProvider provider) => new(new Uri(provider.Issuer), FakeProvider.Client, FakeProvider.Secret) { Name = provider.Issuer };

    private static Func<FakeProvider, JsonObject, string> Shown(int? minutes) =>
        (fake, claims) => fake.Sign(minutes is { } at ? With(claims, "auth_time", DateTimeOffset.UtcNow.AddMinutes(at).ToUnixTimeSeconds()) : claims);

    // The page that leads to the provider, back from there, and what is asked then.
    private static async Task<(Seen Asked, string State)> BeginLinkAsync(FakeProvider provider, StaffBrowser browser)
    {
        var query = WayOf(await browser.SendAsync("account", "account/outside"));
        return (await BackAsync(provider, browser, query, null), query["state"].ToString());
    }

    private static async Task<Seen> LinkAsync(FakeProvider provider, StaffBrowser browser) => await browser.PostAsync("account/outside/link", (await BeginLinkAsync(provider, browser)).Asked.FormToken);

    private static Dictionary<string, StringValues> WayOf(Seen page)
    {
        Assert.Equal(HttpStatusCode.OK, page.Status);
        return QueryHelpers.ParseQuery(new Uri(WebUtility.HtmlDecode(Regex.Match(page.Text, "href=\"(http[^\"]+/authorize[^\"]+)\"").Groups[1].Value)).Query);
    }

    private static async Task<Account> LinkedAsync(FakeProvider provider, StaffHouse house, Role role = Role.Marketer)
    {
        var account = await house.AddAsync("ada@acme.example", role);
        await house.Entrance.Accounts.SetOutsideAsync(account.Id, await house.Entrance.Accounts.OutsideAsync(provider.Issuer, "u-1", Cancel), Cancel);
        return account;
    }

    private static async Task<(string State, string Nonce, string Challenge)> GoAsync(StaffBrowser browser, string path)
    {
        var query = QueryHelpers.ParseQuery(new Uri((await browser.GetAsync(path)).Location!).Query);
        Assert.Equal(("code", "S256", "openid"), (query["response_type"].ToString(), query["code_challenge_method"].ToString(), query["scope"].ToString()));
        return (query["state"].ToString(), query["nonce"].ToString(), query["code_challenge"].ToString());
    }

    private static async Task<Seen> ComeBackAsync(FakeProvider provider, StaffBrowser browser, string path, Func<FakeProvider, JsonObject, string>? make = null)
    {
        var (state, nonce, _) = await GoAsync(browser, path);
        return await BackAsync(provider, browser, new Dictionary<string, StringValues> { ["state"] = state, ["nonce"] = nonce }, make);
    }

    private static async Task<Seen> BackAsync(FakeProvider provider, StaffBrowser browser, Dictionary<string, StringValues> query, Func<FakeProvider, JsonObject, string>? make)
    {
        var claims = provider.Claims(query["nonce"].ToString(), DateTimeOffset.UtcNow);
        provider.Token = () => make is null ? provider.Sign(claims) : make(provider, claims);
        return await browser.GetAsync(Back(query["state"].ToString()));
    }

    private static string Back(string state) => "sign-in/outside/back?code=c&state=" + state;

    private static JsonObject With(JsonObject json, string name, JsonNode value)
    {
        json[name] = value;
        return json;
    }

    private static JsonObject Without(JsonObject json, string name)
    {
        json.Remove(name);
        return json;
    }

    private static JsonObject KeyOf(RSA key)
    {
        var parts = key.ExportParameters(false);
        return new JsonObject { ["kty"] = "RSA", ["n"] = WebEncoders.Base64UrlEncode(parts.Modulus!), ["e"] = WebEncoders.Base64UrlEncode(parts.Exponent!) };
    }
}
