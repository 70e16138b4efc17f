using System.Net;
using System.Text.Json;
using Ringfence.Ledger;
using Ringfence.Server.Storage;
using Ringfence.Server.Tests.Ledger;
using Ringfence.Server.Tests.Storage;
using Xunit;

namespace Ringfence.Server.Tests.Hosting;

/// <summary>Many permits in one request; on either store.</summary>
public abstract class PermitBatchContract : IAsyncLifetime
{
    private const string Ann = "+447400123456";
    private const string Bea = "+447400123457";
    private const string Stranger = "+447400123499";

    private PermitHouse house = null!;

    public async ValueTask InitializeAsync()
    {
        house = await PermitHouse.BuildAsync(await StoreAsync());
        // Four a month is what these words promise.
        await house.YesAsync(Ann, House.Offers);
        await house.YesAsync(Bea, House.Offers);
    }

    public virtual async ValueTask DisposeAsync()
    {
        await (house?.DisposeAsync() ?? ValueTask.CompletedTask);
        GC.SuppressFinalize(this);
    }

    protected abstract ValueTask<StoreOptions?> StoreAsync();

    private Task<Answered> BatchAsync(IEnumerable<string> questions, string? key = null) =>
        house.Api.PostAsync("permits/batch", house.Key, $$"""{"requests":[{{string.Join(',', questions)}}]}""", key is null ? [] : [("Idempotency-Key", key)]);

    private static JsonElement[] Permits(Answered answer) =>
        answer.Status == HttpStatusCode.OK ? [.. answer.Json.GetProperty("permits").EnumerateArray()] : throw new InvalidOperationException(answer.ToString());

    private static string[] Words(Answered answer) => [.. Permits(answer).Select(static one => PermitHouse.Word(one).Split(' ')[0])];

    private static string?[] Ids(Answered answer) => [.. Permits(answer).Select(static one => one.TryGetProperty("permit", out var permit) ? permit.GetString() : null)];

    [Fact]
    public async Task Each_is_answered_in_its_place_and_counts_for_those_behind_it()
    {
        var (ann, bea) = (PermitHouse.Ask(Ann), PermitHouse.Ask(Bea));
        var answer = await BatchAsync([ann, ann, """{"to":"nobody","channel":"sms","purpose":"offers"}""", ann, bea, PermitHouse.Ask(Stranger), "17", ann, ann, bea, ann, """{"to":"+447400123456","channel":"sms","purpose":"offers","record":true}"""]);
        Assert.Equal(["yes", "yes", "not-a-point", "yes", "yes", "refused", "wants-object", "yes", "deferred", "yes", "deferred", "unknown-field"], Words(answer));
        var all = Permits(answer);
        Assert.Equal(("/requests/2/to", "/requests/6", "/requests/11/record"), (Field(2), Field(6), Field(11)));
        // Written down in the order asked.
        long[] records = [.. all.Where(static one => one.TryGetProperty("record", out _)).Select(static one => one.GetProperty("record").GetInt64())];
        Assert.Equal(records.Order(), records);
        foreach (var permit in Ids(answer).OfType<string>())
            Assert.Equal(HttpStatusCode.OK, (await house.Api.PostAsync($"permits/{permit}/redeem", house.Key, "")).Status);

        string? Field(int at) => all[at].GetProperty("field").GetString();
    }

    [Fact]
    public async Task Of_many_for_one_person_as_many_are_issued_as_the_cap_has_places()
    {
        const int count = 250;
        var before = await house.Api.SizeAsync();
        var answer = await BatchAsync(Enumerable.Repeat(PermitHouse.Ask(Ann), count));
        Assert.Equal([.. Enumerable.Repeat("yes", 4), .. Enumerable.Repeat("deferred", count - 4)], Words(answer));
        // Nothing but the answers, and the rules once.
        var records = (await house.House.RecordsAsync()).Where(record => record.Seq >= before).ToList();
        Assert.Equal((4, count - 4), (records.Count(static record => record.Type == RecordType.PermitIssued), records.Count(static record => record.Type == RecordType.DecisionDenied)));
        Assert.Equal((HttpStatusCode.BadRequest, "too-many"), (await BatchAsync(Enumerable.Repeat("{}", 1001))).Said);
    }

    [Fact]
    public async Task The_retry_of_a_lost_answer_returns_the_same_permits_and_writes_nothing()
    {
        string[] questions = [PermitHouse.Ask(Ann), PermitHouse.Ask(Bea), "{}", .. Enumerable.Repeat(PermitHouse.Ask(Ann), 120)];
        var first = await BatchAsync(questions, "night-17");
        var size = await house.Api.SizeAsync();
        var again = await BatchAsync(questions, "night-17");
        Assert.Equal(5, Ids(first).OfType<string>().Count());
        Assert.Equal(Ids(first), Ids(again));
        Assert.Equal(size, await house.Api.SizeAsync());
        Assert.Equal(Words(first), Words(again));
        foreach (var (one, two) in Permits(first).Zip(Permits(again)))
        {
            foreach (var member in (string[])["expires", "verdict", "record", "explanation", "reasons"])
                Assert.Equal(one.TryGetProperty(member, out var was) ? was.ToString() : null, two.TryGetProperty(member, out var isNow) ? isNow.ToString() : null);
        }

        // Another batch under the key does nothing at all; nor does a single one.
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "key-reused"), (await BatchAsync([.. questions, PermitHouse.Ask(Bea)], "night-17")).Said);
        Assert.Equal("key-reused", (await house.Api.PostAsync("permits", house.Key, PermitHouse.Ask(Bea), ("Idempotency-Key", "night-17"))).Code);
        Assert.Equal(size, await house.Api.SizeAsync());
    }

    [Fact]
    public async Task What_was_cut_off_half_way_goes_on_under_the_same_key()
    {
        string[] questions = [.. Enumerable.Repeat(PermitHouse.Ask(Ann), 3), .. Enumerable.Repeat(PermitHouse.Ask(Bea), 250)];
        using var cut = new CancellationTokenSource();
        using var client = new HttpClient { BaseAddress = new Uri(house.Api.Url + "api/v1/") };
        using var request = new HttpRequestMessage(HttpMethod.Post, "permits/batch") { Content = new StringContent($$"""{"requests":[{{string.Join(',', questions)}}]}""", System.Text.Encoding.UTF8, "application/json") };
        request.Headers.Add("Authorization", "Bearer " + house.Key.Show());
        request.Headers.Add("Idempotency-Key", "half");
        var before = await house.Api.SizeAsync();
        var sending = client.SendAsync(request, cut.Token);
        while (await house.Api.SizeAsync() < before + 2 && !sending.IsCompleted)
            await Task.Delay(1, TestContext.Current.CancellationToken);
        await cut.CancelAsync();
        await sending.ContinueWith(static _ => { }, TaskScheduler.Default);
        var answer = await BatchAsync(questions, "half");
        Assert.Equal(7, Ids(answer).OfType<string>().Count());
        Assert.Equal(7, (await house.House.RecordsAsync()).Count(static record => record.Type == RecordType.PermitIssued));
        Assert.Equal(253, (await house.House.RecordsAsync()).Count(static record => record.Type is RecordType.PermitIssued or RecordType.DecisionDenied));
    }

    [Fact]
    public async Task Batches_at_the_same_time_exceed_no_cap()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => BatchAsync([.. Enumerable.Repeat(PermitHouse.Ask(i % 2 == 0 ? Ann : Bea), 5), PermitHouse.Ask(i % 2 == 0 ? Bea : Ann)])));
        Assert.Equal(8, answers.Sum(static answer => Ids(answer).OfType<string>().Count()));
    }
}

public sealed class SqlitePermitBatchTests : PermitBatchContract
{
    protected override ValueTask<StoreOptions?> StoreAsync() => ValueTask.FromResult<StoreOptions?>(null);
}

public sealed class PostgresPermitBatchTests : PermitBatchContract
{
    private PostgresHome? home;

    protected override async ValueTask<StoreOptions?> StoreAsync() => (home = await PostgresHome.MakeAsync()).Options;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await (home?.DisposeAsync() ?? ValueTask.CompletedTask);
    }
}
