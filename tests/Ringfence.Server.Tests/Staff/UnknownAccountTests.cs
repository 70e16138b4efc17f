using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Identity;
using Ringfence.Server.Staff;
using Ringfence.Server.Tests.Ledger;
using Ringfence.Server.Tests.Pages;
using Ringfence.Staff;
using Xunit;

namespace Ringfence.Server.Tests.Staff;

/// <summary>Whoever asks from outside does not learn who has an account: the same is answered, and as much is computed.</summary>
public sealed partial class UnknownAccountTests
{
    // Of one length, so that nothing but the account itself could make a difference.
    private const string Active = "ada@acme.example";
    private const string Suspended = "bob@acme.example";
    private const string Invited = "cyd@acme.example";
    private const string Unknown = "dan@acme.example";

    [Theory]
    [InlineData("en")]
    [InlineData("zh-Hant")]
    public async Task Signing_in_answers_the_same_bytes_whoever_is_named(string language)
    {
        await using var house = await HouseAsync();
        var answers = new Dictionary<string, string>();
        foreach (var (mail, password) in new[]
        {
            (Active, "not this one at all"), (Suspended, "not this one at all"), (Suspended, StaffHouse.Password), (Invited, "not this one at all"), (Invited, ""), (Unknown, "not this one at all"), (Unknown, StaffHouse.Password), (Unknown, new string('x', 9_000)),
        })
        {
            using var browser = house.Browse();
            var token = (await browser.GetAsync("sign-in", language)).FormToken;
            answers[$"{mail} {password.Length}"] = Told(await browser.PostAsync("sign-in?lang=" + language, token, ("next", "/account"), ("email", mail), ("password", password)), mail);
        }

        Assert.Single(answers.Values.Distinct());
        Assert.StartsWith("422", answers.Values.First(), StringComparison.Ordinal);
        // And who is let in is told otherwise: else this could not fail.
        using var own = house.Browse();
        Assert.Equal(HttpStatusCode.SeeOther, (await own.SignInAsync(Active)).Status);
    }

    [Fact]
    public async Task Too_many_tries_are_told_the_same_of_an_account_that_is_none()
    {
        await using var house = await HouseAsync();
        var answers = new List<string[]>();
        foreach (var mail in (string[])[Active, Unknown])
        {
            using var browser = house.Browse();
            var some = new List<string>();
            for (var i = 0; i < 12; i++)
                some.Add(Told(await browser.SignInAsync(mail, "not this one at all"), mail));
            answers.Add([.. some]);
        }

        Assert.Equal(answers[0], answers[1]);
        Assert.StartsWith("429", answers[0][^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_and_ways_back_in_answer_the_same_bytes_to_whoever_asks()
    {
        await using var house = await HouseAsync();
        var bob = (await house.Entrance.Accounts.FindByMailAsync(Suspended, CancellationToken.None))!;
        string[] links = [Token.New(), Token.New(), await house.Entrance.Links.MakeAsync(bob.Id, Links.WayBack, CancellationToken.None), new string('~', 43), new string('A', 43)];
        foreach (var kind in (string[])["reset", "invitation"])
        {
            var answers = new List<string>();
            foreach (var link in links)
            {
                using var browser = house.Browse();
                answers.Add(Told(await browser.GetAsync($"{kind}/{link}"), link));
                answers[^1] += Told(await browser.PostAsync($"{kind}/{link}", "", ("name", "Ada"), ("password", StaffHouse.Password)), link);
            }

            Assert.Single(answers.Distinct());
        }

        using var one = house.Browse();
        using var other = house.Browse();
        Assert.Equal(Told(await one.GetAsync("sign-in/help?email=" + Active), Active), Told(await other.GetAsync("sign-in/help?email=" + Unknown), Unknown));
        Assert.Equal(Told(await one.GetAsync("sign-in/second"), Active), Told(await other.GetAsync("sign-in/second"), Unknown));
    }

    [Fact]
    public async Task As_much_is_hashed_for_an_account_that_is_none()
    {
        await using var house = await HouseAsync();
        foreach (var (mail, password) in new[] { (Unknown, "a guess"), (Active, "a guess"), (Suspended, "a guess"), (Suspended, StaffHouse.Password), (Invited, "a guess"), ("", "a guess"), ("no address", "a guess"), (Active, new string('x', 9_000)), (Unknown, new string('x', 9_000)) })
        {
            var counting = new Counting();
            var signIn = new SignIn(house.House.Installation, house.Entrance.Accounts, house.Entrance.Sessions, counting);
            Assert.Equal(Entry.Wrong, await signIn.PasswordAsync(new DefaultHttpContext(), mail, password));
            // One, of a hash with as many rounds as any, and of no more than a password may have.
            Assert.Equal(1, counting.Verified);
            Assert.InRange(counting.Longest, 0, PasswordRule.Most);
        }
    }

    private static async Task<StaffHouse> HouseAsync()
    {
        var house = await StaffHouse.BuildAsync();
        await house.AddAsync(Active, Role.Marketer);
        var bob = await house.AddAsync(Suspended, Role.Marketer);
        await house.Entrance.Accounts.SetStatusAsync(bob.Id, AccountStatus.Suspended, CancellationToken.None);
        await house.Entrance.Accounts.AddAsync(Invited, "Cyd Ray", null, null, [(house.House.Ledger.Controller, Role.Marketer)], null, CancellationToken.None);
        return house;
    }

    // All that a browser gets, but for what is new each time and for what it said itself.
    private static string Told(Seen seen, string said)
    {
        var headers = seen.Response.Headers.Concat(seen.Response.Content.Headers).Where(static one => one.Key is not "Date").OrderBy(static one => one.Key, StringComparer.Ordinal).Select(static one => $"{one.Key}: {string.Join(", ", one.Value)}");
        return Fresh().Replace($"{(int)seen.Status}\n{string.Join('\n', headers)}\n\n{seen.Text}", "TOKEN").Replace(said, "SAID", StringComparison.Ordinal);
    }

    [GeneratedRegex("(?<=name=\"_t\" value=\")[^\"]+|(?<=ringfence-[a-z]+=)[^;]+|(?<=expires=)[^;]+", RegexOptions.IgnoreCase)]
    private static partial Regex Fresh();

    private sealed class Counting : IPasswordHasher<Account>
    {
        private static readonly PasswordHasher<Account> Inner = new();

        public int Verified { get; private set; }

        public int Longest { get; private set; }

        public string HashPassword(Account user, string password) => throw new InvalidOperationException("Nothing new is hashed where somebody signs in.");

        public PasswordVerificationResult VerifyHashedPassword(Account user, string hashedPassword, string providedPassword)
        {
            Verified++;
            Longest = Math.Max(Longest, providedPassword.Length);
            return Inner.VerifyHashedPassword(user, hashedPassword, providedPassword);
        }
    }
}
