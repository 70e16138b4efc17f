using System.Net;
using Ringfence.Gate;
using Ringfence.Server.Hosting;
using Ringfence.Server.Ledger;
using Ringfence.Server.Sealing;
using Ringfence.Server.Staff;
using Ringfence.Server.Storage;
using Ringfence.Server.Tests.Hosting;
using Ringfence.Server.Tests.Ledger;
using Ringfence.Server.Tests.Storage;
using Xunit;

namespace Ringfence.Server.Tests.Staff;

/// <summary>Limits hold over all servers together, cost few questions, and never turn somebody's no away.</summary>
public sealed class RateLimitTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("key:contacts=600/m", true)]
    [InlineData("key:contacts=600/m; controller:*=5000/s", true)]
    [InlineData("none", true)]
    [InlineData(RateLimit.Default, true)]
    [InlineData("", false)]
    [InlineData("key:contacts=0/m", false)]
    [InlineData("key:contacts=-1/m", false)]
    [InlineData("key:contacts=600/w", false)]
    [InlineData("key:contacts=600", false)]
    [InlineData("key:nobody=600/m", false)]
    [InlineData("key:contacts decide=600/m", false)]
    [InlineData("everybody:contacts=600/m", false)]
    [InlineData("key:contacts=600/m;key:contacts=60/m", false)]
    [InlineData("key:withdraw=600/m", false)]
    [InlineData("key:suppress=600/m", false)]
    public void Limits_are_read_strictly_and_a_no_can_have_none(string text, bool isRead) => Assert.Equal(isRead, RateLimit.TryRead(text, out _));

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100)]
    [InlineData(10_000)]
    public async Task Exactly_as_many_get_through_as_may_and_in_the_next_step_again(int most)
    {
        var (counts, questions) = (new CountsInMemory(), 0);
        var limit = Read($"key:decide={most}/m");
        var budget = new RateBudget(limit, (step, add, _) =>
        {
            Interlocked.Increment(ref questions);
            return Task.FromResult(counts.Add(1, "x", step, add));
        });
        foreach (var now in new[] { Noon, Noon.AddMinutes(1) })
        {
            questions = 0;
            Assert.Equal(most, await GrantedAsync(budget, now, most + 50));
            Assert.InRange(questions, 1, Math.Min(most + 1, 120));
            var none = await budget.TakeAsync(now.AddSeconds(20), Cancel);
            Assert.Equal((false, 0, TimeSpan.FromSeconds(40)), (none.IsGranted, none.Left, none.Until));
            // A clock that went back gives nothing anew.
            Assert.False((await budget.TakeAsync(now.AddSeconds(-50), Cancel)).IsGranted);
        }
    }

    [Fact]
    public async Task Many_at_once_get_no_more_than_may()
    {
        var counts = new CountsInMemory();
        var limit = Read("key:decide=500/m");
        var servers = Enumerable.Range(0, 3).Select(_ => new RateBudget(limit, async (step, add, _) =>
        {
            await Task.Yield();
            return counts.Add(1, "x", step, add);
        })).ToArray();
        var granted = (await Task.WhenAll(Enumerable.Range(0, 24).Select(n => Task.Run(() => GrantedAsync(servers[n % 3], Noon, 100), Cancel)))).Sum();
        // What one holds of a last slice another can't give.
        Assert.InRange(granted, 400, 500);
    }

    [Fact]
    public async Task Where_the_store_is_away_nothing_is_counted()
    {
        var away = new RateBudget(Read("key:decide=1/m"), static (_, _, _) => throw new StoreException(StoreFault.OutOfReach, "away"));
        for (var i = 0; i < 3; i++)
            Assert.True((await away.TakeAsync(Noon, Cancel)).IsGranted);
    }

    [Fact]
    public async Task A_caller_is_told_how_they_stand_and_what_is_beyond_is_not_done_and_a_no_is()
    {
        await using var api = await ApiHouse.BuildAsync(limits: "key:*=3/d;controller:decide=4/d");
        var (one, other) = (await api.KeyAsync(ApiScopes.Decide | ApiScopes.Withdraw | ApiScopes.Consent), await api.KeyAsync(ApiScopes.Decide));
        const string question = """{"to":"+447400123456","channel":"sms","purpose":"offers"}""";
        for (var left = 2; left >= 0; left--)
        {
            var answer = await api.PostAsync("decisions", one, question);
            Assert.Equal(HttpStatusCode.OK, answer.Status);
            Assert.StartsWith($"\"key:*\";r={left};t=", answer.Response.Headers.GetValues("RateLimit").Single(), StringComparison.Ordinal);
            Assert.Equal("\"key:*\";q=3;w=86400", answer.Response.Headers.GetValues("RateLimit-Policy").Single());
        }

        var beyond = await api.PostAsync("decisions", one, question);
        Assert.Equal((HttpStatusCode.TooManyRequests, "too-often", "application/problem+json"), (beyond.Status, beyond.Code, beyond.Media));
        Assert.InRange(beyond.Response.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 86_400);
        // A key's limit is for all it may do; the controller's is for its other keys too.
        Assert.Equal(HttpStatusCode.TooManyRequests, (await api.PostAsync("consents", one, "{}")).Status);
        Assert.Equal(HttpStatusCode.OK, (await api.PostAsync("decisions", other, question)).Status);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await api.PostAsync("decisions", other, question)).Status);
        for (var i = 0; i < 20; i++)
            Assert.Equal(HttpStatusCode.Created, (await api.PostAsync("withdrawals", one, $$"""{"to":"+4474001234{{i + 10}}"}""")).Status);
    }

    [Fact]
    public async Task Two_servers_on_one_database_keep_to_one_count()
    {
        await using var home = await PostgresHome.MakeAsync();
        await using var api = await ApiHouse.BuildAsync(store: home.Options, limits: "key:decide=200/d");
        await using var second = await LedgerStores.OpenAsync(home.Options, Cancel);
        var key = await api.KeyAsync(ApiScopes.Decide);
        var caller = new Caller(api.House.Ledger, key.Id, ApiScopes.Decide);
        var elsewhere = new RateBudgets(second, TimeProvider.System, [Read("key:decide=200/d")]);
        var (here, there) = (0, 0);
        await Task.WhenAll(
            Task.Run(async () =>
            {
                for (var i = 0; i < 150; i++)
                    here += (await api.PostAsync("decisions", key, """{"to":"+447400123456","channel":"sms","purpose":"offers"}""")).Status == HttpStatusCode.OK ? 1 : 0;
            }, Cancel),
            Task.Run(async () =>
            {
                for (var i = 0; i < 150; i++)
                    there += (await elsewhere.TakeAsync(caller, ApiScopes.Decide, Cancel))!.IsGranted ? 1 : 0;
            }, Cancel));
        Assert.True(here > 0 && there > 0, $"{here} and {there}");
        Assert.InRange(here + there, 170, 200);
    }

    [Fact]
    public async Task Two_programs_on_one_database_keep_to_one_count()
    {
        await using var home = await PostgresHome.MakeAsync();
        await using var ring = await PostgresHome.MakeAsync();
        var folder = Directory.CreateTempSubdirectory("rf-two-").FullName;
        try
        {
            var options = House.In(folder) with { Store = home.Options, KeyringConnection = ring.Connection };
            var key = await ServedProcess.FoundAsync(options);
            CopyFolder(options.Keys!, Path.Combine(folder, "keys2"));
            string[] limits = ["--limits", "key:decide=60/d"];
            await using var one = await ServedProcess.StartAsync(options, key, new Dictionary<string, string?>(), limits, []);
            await using var two = await ServedProcess.StartAsync(options with { Data = Path.Combine(folder, "data2"), Keys = Path.Combine(folder, "keys2") }, key, new Dictionary<string, string?>(), limits, []);
            var granted = 0;
            await Task.WhenAll(new[] { one, two }.Select(async server =>
            {
                for (var i = 0; i < 60; i++)
                {
                    if ((await server.DecideAsync(i)).Status == HttpStatusCode.OK)
                        Interlocked.Increment(ref granted);
                }
            }));
            Assert.InRange(granted, 45, 60);
            for (var i = 0; i < 10; i++)
                Assert.Equal(HttpStatusCode.Created, (await one.WithdrawAsync(i)).Status);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void CopyFolder(string from, string to)
    {
        DurableFile.MakeFolder(to);
        foreach (var file in Directory.GetFiles(from))
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        foreach (var sub in Directory.GetDirectories(from))
            CopyFolder(sub, Path.Combine(to, Path.GetFileName(sub)));
    }

    private static RateLimit Read(string text) => RateLimit.TryRead(text, out var limits) ? limits.Single() : throw new ArgumentException(text);

    private static async Task<int> GrantedAsync(RateBudget budget, DateTimeOffset now, int tries)
    {
        var granted = 0;
        for (var i = 0; i < tries; i++)
            granted += (await budget.TakeAsync(now, Cancel)).IsGranted ? 1 : 0;
        return granted;
    }
}
