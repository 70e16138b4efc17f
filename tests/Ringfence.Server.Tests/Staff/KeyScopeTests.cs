using System.Net;
using Ringfence.Server.Staff;
using Ringfence.Server.Tests.Pages;
using Ringfence.Staff;
using Xunit;

namespace Ringfence.Server.Tests.Staff;

/// <summary>What somebody may let a program do: nothing that shows what they may not see themselves.</summary>
public sealed class KeyScopeTests
{
    // By hand, so that a right or a scope that is added has to be thought about here.
    private static readonly Dictionary<Role, string[]> MayGive = new()
    {
        [Role.Administrator] = ["decide", "permit", "consent", "withdraw", "suppress", "ledger", "webhooks", "confirm", "import"],
        [Role.Integrator] = ["decide", "permit", "consent", "withdraw", "suppress", "ledger", "webhooks", "confirm", "import"],
    };

    [Fact]
    public async Task Each_role_makes_keys_of_those_scopes_alone_that_show_no_more_than_it_may_see()
    {
        await using var house = await PageHouse.BuildAsync();
        foreach (var role in Roles.All)
        {
            foreach (var scope in ScopeWords.Words)
            {
                var size = await house.SizeAsync();
                var mayGive = MayGive.GetValueOrDefault(role, []).Contains(scope);
                var made = await house.PostAgainAsync(house.Controller + "keys", role, ("name", "a program"), ("scope", scope));
                Assert.True(made.Status == (mayGive ? HttpStatusCode.OK : HttpStatusCode.Forbidden), $"{role} {scope}: {made.Status}");
                Assert.Equal(size + (mayGive ? 1 : 0), await house.SizeAsync());
                // One that may not be given is not given with others either.
                if (MayGive.ContainsKey(role) && !mayGive)
                    Assert.Equal(HttpStatusCode.Forbidden, (await house.PostAgainAsync(house.Controller + "keys", role, ("name", "a program"), ("scope", "decide"), ("scope", scope))).Status);
            }

            if (!MayGive.TryGetValue(role, out var shown))
                continue;
            var page = await house.GetAsync(house.Controller + "keys", role);
            Assert.All(ScopeWords.Words, scope => Assert.Equal(shown.Contains(scope), page.Text.Contains($"name=\"scope\" value=\"{scope}\"", StringComparison.Ordinal)));
        }

        Assert.Equal(ApiScopes.Contacts, ScopeWords.ThatMayBeGiven(Role.Integrator.Rights() | Right.FindContact) & ApiScopes.Contacts);
    }
}
