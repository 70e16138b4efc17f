using System.Net;
using Ringfence.Server.Hosting;
using Ringfence.Server.Ledger;
using Ringfence.Server.Staff;
using Ringfence.Server.Suppression;
using Xunit;

namespace Ringfence.Server.Tests.Hosting;

public sealed class WatchTests
{
    [Fact]
    public async Task Operators_see_whether_it_lives_whether_the_gate_is_open_and_what_was_answered()
    {
        await using var api = await ApiHouse.BuildAsync();
        using var meters = new Meters();
        await using var watch = WatchHost.Build(api.Served, meters, "http://127.0.0.1:0");
        await watch.StartAsync(TestContext.Current.CancellationToken);
        using var client = new HttpClient { BaseAddress = new Uri(watch.Urls.Single()) };
        Assert.Equal((HttpStatusCode.OK, "alive\n"), await GetAsync("live"));
        Assert.Equal((HttpStatusCode.OK, """{"ready":true,"shut":{}}"""), await GetAsync("ready"));

        var key = await api.KeyAsync(ApiScopes.Decide);
        await api.PostAsync("decisions", key, """{"to":"+447400123456","channel":"sms","purpose":"offers"}""");
        var (_, text) = await GetAsync("metrics");
        Assert.Contains("ringfence_verdicts_total{verdict=\"refused\",permit=\"false\"} ", text, StringComparison.Ordinal);
        Assert.Contains("http_server_request_duration_seconds_bucket{", text, StringComparison.Ordinal);
        Assert.DoesNotContain("7400123456", text, StringComparison.Ordinal);

        Installation.Spool(api.House.Installation.Options, new SpooledWithdrawal(Fresh.Id().ToString(), "acme", "+447400123499", (int)ChannelSet.All, null, "api", "x", 1));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, """{"ready":false,"shut":{"acme":"spool"}}"""), await GetAsync("ready"));

        async Task<(HttpStatusCode, string)> GetAsync(string path)
        {
            using var answer = await client.GetAsync(path, TestContext.Current.CancellationToken);
            return (answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }
    }
}
