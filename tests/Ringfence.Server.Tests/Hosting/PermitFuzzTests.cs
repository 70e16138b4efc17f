using System.Net;
using System.Text;
using Ringfence.Ledger;
using Xunit;

namespace Ringfence.Server.Tests.Hosting;

/// <summary>Whatever is sent to get leave to contact somebody, to use it, or to say what came of it, is answered, without a fault of ours; and no leave is used that was not given.</summary>
public sealed class PermitFuzzTests : IAsyncLifetime
{
    private static readonly string[] Names =
    [
        "to", "at", "region", "channel", "purpose", "technique", "facts", "controller", "record", "explain", "requests", "permit", "agent", "subject", "campaign", "history", "consents", "suppressions", "ask", "contact", "seller", "outcome", "x\u0000",
    ];

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private PermitHouse house = null!;

    public async ValueTask InitializeAsync()
    {
        house = await PermitHouse.BuildAsync(null);
        foreach (var number in Enumerable.Range(0, 4).Select(Number))
            await house.YesAsync(number);
    }

    public async ValueTask DisposeAsync() => await house.DisposeAsync();

    [Fact]
    public async Task No_body_makes_a_fault_and_none_makes_a_permit_of_its_own()
    {
        // RINGFENCE_TEST_FUZZ=100000 for more; what failed is told with what was sent.
        var rounds = int.Parse(Environment.GetEnvironmentVariable("RINGFENCE_TEST_FUZZ") ?? "900", System.Globalization.CultureInfo.InvariantCulture);
        var random = new Random(20261122);
        var (permits, used) = (new List<string>(), new List<string>());
        var done = new Dictionary<string, int>();
        for (var i = 0; i < rounds; i++)
        {
            var (kind, path, body) = Asked(permits, used, random);
            var key = random.Next(4) == 0 ? [("Idempotency-Key", random.Next(3) == 0 ? "same" : new string('k', random.Next(1, 300)))] : Array.Empty<(string, string)>();
            var content = new ByteArrayContent(body) { Headers = { ContentType = new("application/json") } };
            var answer = await house.Api.SendAsync(HttpMethod.Post, path, house.Key.Show(), content, key).WaitAsync(Patience, TestContext.Current.CancellationToken);
            Assert.True((int)answer.Status < 500, $"{path} {Encoding.Latin1.GetString(body)[..Math.Min(body.Length, 2000)]}: {answer}");
            if (answer.Status is not (HttpStatusCode.OK or HttpStatusCode.Created))
                continue;
            done[kind] = done.GetValueOrDefault(kind) + 1;
            if (kind == "redeem")
                used.Add(answer.Json.GetProperty("permit").GetString()!);
            foreach (var one in answer.Json.TryGetProperty("permits", out var many) ? many.EnumerateArray().ToArray() : [answer.Json])
            {
                if (one.TryGetProperty("permit", out var permit) && kind is "permits" or "batch")
                    permits.Add(permit.GetString()!);
            }
        }

        // Else nothing would go deeper than the parser.
        foreach (var kind in (string[])["permits", "batch", "redeem", "outcome", "cancel"])
            Assert.True(done.GetValueOrDefault(kind) > rounds / 100, $"{kind}: {done.GetValueOrDefault(kind)}");
        var records = await house.House.RecordsAsync();
        Assert.True(records.Where(static record => record.Type == RecordType.PermitRedeemed).Select(static record => record.About![0]).GroupBy(static seq => seq).All(static group => group.Count() == 1));
        Assert.Equal(records.Count(static record => record.Type == RecordType.PermitIssued), permits.Distinct().Count());
    }

    [Theory]
    [InlineData(100_000, 1)]
    [InlineData(33, 1)]
    [InlineData(5 << 20, 0)]
    [InlineData(3 << 20, 0)]
    public async Task What_is_deep_or_large_is_refused_and_others_are_served(int size, int deep)
    {
        var odd = deep == 1 ? new string('[', size) + new string(']', size) : $"\"{new string('1', size)}\"";
        var permit = (await house.PermitAsync(PermitHouse.Ask(Number(0)))).Json.GetProperty("permit").GetString();
        var question = PermitHouse.Ask(Number(0));
        foreach (var (path, body) in ((string, string)[])
        [
            ("permits", $$"""{"to":{{odd}},"channel":"sms","purpose":"offers"}"""), ("permits", $$$"""{"to":"{{{Number(0)}}}","channel":"sms","purpose":"offers","facts":{"history":{{{odd}}} } }"""), ("permits", question[..^1] + $",\"x\":{odd}}}"),
            ("permits/batch", $$"""{"requests":{{odd}}}"""), ("permits/batch", $$"""{"requests":[{{question}}],"x":{{odd}}}"""), ($"permits/{permit}/redeem", $$"""{"x":{{odd}}}"""), ($"permits/{permit}/cancel", $$"""{"x":{{odd}}}"""),
            ($"permits/{permit}/outcome", $$"""{"outcome":{{odd}}}"""),
        ])
        {
            try
            {
                var answer = await house.Api.PostAsync(path, house.Key, body).WaitAsync(Patience, TestContext.Current.CancellationToken);
                Assert.True((int)answer.Status is >= 400 and < 500, $"{path}: {answer}");
            }
            catch (HttpRequestException)
            {
                // Hung up on while it still sent.
            }
        }

        // Of it all nothing was done.
        Assert.Equal(HttpStatusCode.OK, (await house.Api.PostAsync($"permits/{permit}/redeem", house.Key, "")).Status);
        Assert.Equal("too-many", (await house.Api.PostAsync("permits/batch", house.Key, $$"""{"requests":[{{string.Join(',', Enumerable.Repeat("{}", 1001))}}]}""")).Code);
    }

    private static string Number(int n) => $"+4474001234{n + 50}";

    private static (string Kind, string Path, byte[] Body) Asked(List<string> permits, List<string> used, Random random)
    {
        // The newest first: what is older than a minute is over.
        var permit = permits.Count > 0 && random.Next(8) > 0 ? permits[^(1 + random.Next(Math.Min(4, permits.Count)))] : "per_" + new string('0', 32);
        string Question() => PermitHouse.Ask(Number(random.Next(5)));
        return random.Next(9) switch
        {
            < 3 => ("permits", "permits", Fuzz.Mutated(Question(), random, Names)),
            < 5 => ("batch", "permits/batch", Fuzz.Mutated($$"""{"requests":[{{string.Join(',', Enumerable.Range(0, random.Next(1, 5)).Select(_ => Question()))}}]}""", random, Names)),
            5 => ("redeem", $"permits/{permit}/redeem", random.Next(2) == 0 ? [] : Fuzz.Mutated("""{"x":{}}""", random, Names)),
            6 => ("cancel", $"permits/{permit}/cancel", random.Next(2) == 0 ? [] : Fuzz.Mutated("""{"x":{}}""", random, Names)),
            _ => ("outcome", $"permits/{(used.Count > 0 && random.Next(4) > 0 ? used[^1] : permit)}/outcome", Fuzz.Mutated("""{"outcome":"delivered"}""", random, Names)),
        };
    }
}
