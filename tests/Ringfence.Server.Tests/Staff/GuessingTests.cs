using System.Net;
using Microsoft.AspNetCore.Identity;
using Ringfence.Server.Staff;
using Ringfence.Server.Tests.Ledger;
using Ringfence.Staff;
using Xunit;

namespace Ringfence.Server.Tests.Staff;

/// <summary>Whoever guesses gets nowhere, and keeps nobody out.</summary>
public sealed class GuessingTests
{
    [Fact]
    public async Task Of_ten_thousand_guesses_from_a_hundred_places_a_hundred_are_looked_at_and_the_owner_still_gets_in()
    {
        var time = new MovedTime();
        await using var house = await StaffHouse.BuildAsync(time: time);
        await house.AddAsync("ada@acme.example", Role.Marketer);
        using var own = house.Browse();
        Assert.Equal(HttpStatusCode.SeeOther, (await own.SignInAsync("ada@acme.example")).Status);
        var looked = 0;
        // A week of them, one a minute: never so many at once that an hour or a place alone would stop them.
        for (var i = 0; i < 10_000; i++)
        {
            var http = new DefaultHttpContext { Connection = { RemoteIpAddress = new IPAddress([198, 51, 100, (byte)(i % 100)]) } };
            looked += await house.Entrance.SignIn.PasswordAsync(http, "ada@acme.example", $"guess number {i}") == Entry.Wrong ? 1 : 0;
            time.Ahead += TimeSpan.FromMinutes(1);
        }

        Assert.Equal(100, looked);
        using var stranger = house.Browse();
        Assert.Equal(HttpStatusCode.TooManyRequests, (await stranger.SignInAsync("ada@acme.example")).Status);
        Assert.Equal(HttpStatusCode.SeeOther, (await own.SignInAsync("ada@acme.example")).Status);
    }

    [Theory]
    [InlineData("198.51.100.7", "198.51.100.7", true)]
    [InlineData("::ffff:198.51.100.7", "198.51.100.7", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    [InlineData("198.51.100.7", "198.51.100.8", false)]
    public async Task Many_addresses_of_one_network_are_one_place(string one, string other, bool isOnePlace)
    {
        await using var house = await StaffHouse.BuildAsync(time: new StillTime());
        var signIn = new SignIn(house.House.Installation, house.Entrance.Accounts, house.Entrance.Sessions, new NoneFits());
        var (last, entries) = (Entry.In, 0);
        // So many that a place is full, each at an account of its own.
        for (; entries < 60; entries++)
            last = await signIn.PasswordAsync(From(one), $"nobody{entries}@acme.example", "");
        Assert.Equal(Entry.Wrong, last);
        Assert.Equal(isOnePlace ? Entry.Wait : Entry.Wrong, await signIn.PasswordAsync(From(other), "somebody@acme.example", ""));
        static DefaultHttpContext From(string address) => new() { Connection = { RemoteIpAddress = IPAddress.Parse(address) } };
    }

    // Where only the count is looked at: a real one takes a tenth of a second.
    private sealed class NoneFits : IPasswordHasher<Account>
    {
        public string HashPassword(Account user, string password) => throw new InvalidOperationException("Nothing new is hashed where somebody signs in.");

        public PasswordVerificationResult VerifyHashedPassword(Account user, string hashedPassword, string providedPassword) => PasswordVerificationResult.Failed;
    }
}
