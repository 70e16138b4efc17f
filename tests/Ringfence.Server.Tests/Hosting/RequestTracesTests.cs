using System.Net;
using System.Text;
using Ringfence.Server.Hosting;
using Ringfence.Server.Staff;
using Xunit;

namespace Ringfence.Server.Tests.Hosting;

/// <summary>What a collector of traces gets to know.</summary>
public sealed class RequestTracesTests
{
    [Fact]
    public async Task A_collector_is_told_of_route_and_status_within_the_callers_trace_and_of_nobody()
    {
        var told = new List<byte>();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var collector = builder.Build();
        collector.MapPost("/v1/traces", async http =>
        {
            using var body = new MemoryStream();
            await http.Request.Body.CopyToAsync(body);
            lock (told)
                told.AddRange(body.ToArray());
        });
        await collector.StartAsync(TestContext.Current.CancellationToken);

        await using var api = await ApiHouse.BuildAsync();
        var key = await api.KeyAsync(ApiScopes.Decide);
        const string trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        using (RequestTraces.Send(new Uri(collector.Urls.Single() + "/v1/traces")))
        {
            var answer = await api.PostAsync("decisions", key, """{"to":"+447400123456","channel":"sms","purpose":"offers"}""",
                ("traceparent", $"00-{trace}-00f067aa0ba902b7-01"), ("tracestate", "said=anything"), ("baggage", "number=+447400123456"));
            Assert.Equal(HttpStatusCode.OK, answer.Status);
            await api.GetAsync("decisions/dec_7", key);
        }

        var text = Encoding.Latin1.GetString([.. told]);
        Assert.Contains("POST /api/v1/decisions", text, StringComparison.Ordinal);
        Assert.Contains("http.response.status_code", text, StringComparison.Ordinal);
        Assert.Contains(Encoding.Latin1.GetString(Convert.FromHexString(trace)), text, StringComparison.Ordinal);
        foreach (var secret in (string[])["7400123456", key.Id, "anything", "127.0.0.1"])
            Assert.DoesNotContain(secret, text, StringComparison.Ordinal);
    }
}
