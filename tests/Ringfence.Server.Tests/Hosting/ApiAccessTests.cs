using System.Net;
using System.Text;
using Ringfence.Server.Hosting;
using Ringfence.Server.Ledger;
using Ringfence.Server.Staff;
using Ringfence.Server.Tests.Ledger;
using Ringfence.Server.Tests.Rights;
using Xunit;

namespace Ringfence.Server.Tests.Hosting;

/// <summary>Who is let in where: the matrix over all routes, made from the routes themselves.</summary>
public sealed class ApiAccessTests
{
    private static readonly ApiScopes All = Enum.GetValues<ApiScopes>().Aggregate(static (set, one) => set | one);

    private static string PathOf(ApiRoute route) => route.Path.Replace("{id}", "dec_0", StringComparison.Ordinal).Replace("{**path}", "checkpoint", StringComparison.Ordinal);

    private static StringContent? BodyOf(ApiRoute route) => route.Method == "POST" ? new StringContent("{}", Encoding.UTF8, "application/json") : null;

    [Fact]
    public void Every_route_asks_for_one_scope_and_nothing_is_there_twice()
    {
        Assert.All(ApiRoutes.All, static route => Assert.True(System.Numerics.BitOperations.IsPow2((int)route.Scope)));
        Assert.Equal(ApiRoutes.All.Count, ApiRoutes.All.Select(static route => (route.Method, route.Path)).Distinct().Count());
        // A new route is listed here, or the build fails: whoever adds one says by that who may.
        Assert.Equal(
            [
                "DELETE webhooks/{id} webhooks", "GET contacts/{id}/timeline contacts", "GET decisions/{id} decide", "GET imports/{id} import", "GET ledger/{**path} ledger",
                "GET webhooks webhooks", "GET webhooks/unconfirmed webhooks", "GET webhooks/{id}/deliveries webhooks", "POST consents consent", "POST contacts/find contacts",
                "POST decisions decide", "POST decisions/batch decide", "POST decisions/stream decide", "POST decisions/{id}/replay decide", "POST forms/{id}/leads consent", "POST imports import",
                "POST imports/{id}/undo import", "POST permits permit", "POST permits/batch permit", "POST permits/{id}/cancel permit", "POST permits/{id}/outcome permit",
                "POST permits/{id}/redeem permit", "POST suppressions suppress", "POST webhooks webhooks", "POST webhooks/deliveries/{id}/confirm confirm",
                "POST webhooks/{id}/off webhooks", "POST webhooks/{id}/on webhooks", "POST webhooks/{id}/rotate webhooks", "POST webhooks/{id}/test webhooks", "POST withdrawals withdraw",
            ],
            ApiRoutes.All.Select(static route => $"{route.Method} {route.Path} {ScopeWords.Of(route.Scope)}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Nobody_is_let_in_without_a_key_that_is_good_for_the_route()
    {
        await using var api = await ApiHouse.BuildAsync();
        var time = api.House.Installation.Time;
        var now = NodaTime.Instant.FromDateTimeOffset(time.GetUtcNow());
        var good = await api.KeyAsync(All);
        var ended = await api.KeyAsync(All, expires: now);
        var revoked = await api.KeyAsync(All);
        await api.House.DoAsync(new RevokeApiKeyCommand(House.Staff, revoked.Id));
        string?[] strangers =
        [
            null, "", "x", ended.Show(), revoked.Show(), (good with { Secret = new string('A', good.Secret.Length) }).Show(), (good with { Id = revoked.Id }).Show(),
            (good with { Controller = "other" }).Show(), good.Show()[..^1], good.Show() + "A",
        ];
        foreach (var route in ApiRoutes.All)
        {
            foreach (var key in strangers)
            {
                var refused = await api.SendAsync(new HttpMethod(route.Method), PathOf(route), key, BodyOf(route));
                Assert.Equal((HttpStatusCode.Unauthorized, "no-access", "application/problem+json"), (refused.Status, refused.Code, refused.Media));
            }

            var narrow = await api.KeyAsync(All & ~route.Scope);
            var forbidden = await api.SendAsync(new HttpMethod(route.Method), PathOf(route), narrow.Show(), BodyOf(route));
            Assert.Equal((HttpStatusCode.Forbidden, "no-scope"), (forbidden.Status, forbidden.Code));
            var only = await api.KeyAsync(route.Scope);
            var let = await api.SendAsync(new HttpMethod(route.Method), PathOf(route), only.Show(), BodyOf(route));
            Assert.True(let.Status is not (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden) && (int)let.Status < 500, $"{route.Method} {route.Path}: {let}");
        }
    }

    [Fact]
    public async Task A_key_shows_nothing_of_another_controller()
    {
        await using var api = await ApiHouse.BuildAsync();
        var other = await api.House.Installation.AddControllerAsync("other", "ledger.example/other", House.Acme, CancellationToken.None);
        var said = await api.House.SaysAsync("+447400123456");
        var (ours, theirs) = (await api.KeyAsync(All), await api.KeyAsync(All, other));
        Assert.Equal(HttpStatusCode.OK, (await api.GetAsync($"contacts/{said.Sid}/timeline", ours)).Status);
        Assert.Equal((HttpStatusCode.NotFound, "not-a-contact"), (await api.GetAsync($"contacts/{said.Sid}/timeline", theirs)) is var answer ? (answer.Status, answer.Code) : default);
        var unknown = await api.GetAsync($"contacts/{Fresh.Id()}/timeline", theirs);
        Assert.Equal((unknown.Status, unknown.Text), (answer.Status, answer.Text));
        Assert.False((await api.PostAsync("contacts/find", theirs, """{"point":"+447400123456"}""")).Json.GetProperty("known").GetBoolean());
        var named = await api.PostAsync("decisions", theirs, """{"controller":"acme","to":"+447400123456","channel":"sms","purpose":"offers"}""");
        Assert.Equal((HttpStatusCode.Forbidden, "other-controller"), (named.Status, named.Code));
    }

    [Fact]
    public async Task A_key_is_kept_as_a_hash_and_ends_within_two_seconds()
    {
        await using var api = await ApiHouse.BuildAsync();
        var key = await api.KeyAsync(ApiScopes.Ledger);
        Assert.Equal(HttpStatusCode.NotFound, (await api.GetAsync("ledger/checkpoints/7", key)).Status);
        await api.House.DoAsync(new RevokeApiKeyCommand(House.Staff, key.Id));
        var until = DateTime.UtcNow.AddSeconds(2);
        while ((await api.GetAsync("ledger/checkpoints/7", key)).Status != HttpStatusCode.Unauthorized)
        {
            Assert.True(DateTime.UtcNow < until);
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        await api.House.CloseAsync();
        Assert.Empty(await Traces.OfAsync(api.House.Folder, key.Secret));
    }

    [Fact]
    public async Task Asking_by_get_writes_nothing()
    {
        await using var api = await ApiHouse.BuildAsync();
        var key = await api.KeyAsync(All);
        var said = await api.House.SaysAsync("+447400123456");
        var size = await api.SizeAsync();
        foreach (var route in ApiRoutes.All)
        {
            foreach (var method in (HttpMethod[])[HttpMethod.Get, HttpMethod.Head, HttpMethod.Options])
                await api.SendAsync(method, PathOf(route).Replace("dec_0", said.Sid, StringComparison.Ordinal), key.Show(), null);
        }

        Assert.Equal(size, await api.SizeAsync());
    }
}
