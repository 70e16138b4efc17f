using System.Net;
using System.Text.Json;
using Ringfence.Consent;
using Ringfence.Ledger;
using Ringfence.Server.Ledger;
using Ringfence.Server.Rights;
using Ringfence.Server.Staff;
using Ringfence.Server.Storage;
using Ringfence.Server.Tests.Gate;
using Ringfence.Server.Tests.Ledger;
using Ringfence.Server.Tests.Storage;
using Xunit;

namespace Ringfence.Server.Tests.Hosting;

/// <summary>Leave to make one contact: issued, used, lost and taken back; on either store.</summary>
public abstract class PermitContract : IAsyncLifetime
{
    private const string Ann = "+447400123456";

    // Four a month is what the words promise.
    private const int Most = 4;

    private static readonly ApiScopes All = Enum.GetValues<ApiScopes>().Aggregate(static (set, one) => set | one);

    // What the ledger can't know: who asks, how, the seller, and what happened elsewhere.
    private readonly MovedTime time = new();
    private ApiHouse api = null!;
    private ApiKey key = null!;

    public async ValueTask InitializeAsync()
    {
        // Eleven in the morning in London, on a Wednesday.
        time.Ahead = new DateTimeOffset(2027, 6, 9, 10, 0, 0, TimeSpan.Zero) - time.GetUtcNow();
        api = await ApiHouse.BuildAsync(await StoreAsync(), time);
        key = await api.KeyAsync(All);
        await api.House.DoAsync(new PublishCommand(House.Staff, "wording", "application/json", House.Offers.ToBytes(), "en", House.Offers.Version));
    }

    public virtual async ValueTask DisposeAsync()
    {
        await (api?.DisposeAsync() ?? ValueTask.CompletedTask);
        GC.SuppressFinalize(this);
    }

    protected abstract ValueTask<StoreOptions?> StoreAsync();

    private static string Ask(string number) => $$"""{"to":"{{number}}","channel":"sms","purpose":"offers","facts":{{CampaignFacts.Bulk}}}""";

    private async Task YesAsync(string number)
    {
        var answer = await api.PostAsync("consents", key, $$"""
            { "to": "{{number}}", "wording": "{{House.Offers.Digest}}", "language": "en", "channels": ["sms"], "purposes": ["offers"],
              "evidence": { "format": "ringfence/consent-evidence/v1", "method": "checkbox", "page": "https://acme.example/offers", "ip": "192.0.2.7", "device": "x",
                "recorder": { "kind": "client", "ref": "form-offers" } } }
            """);
        Assert.True(answer.Status == HttpStatusCode.Created, answer.ToString());
    }

    private async Task<string> PermitAsync(string number = Ann)
    {
        var answer = await api.PostAsync("permits", key, Ask(number));
        return answer.Status == HttpStatusCode.Created ? answer.Json.GetProperty("permit").GetString()! : throw new InvalidOperationException(answer.ToString());
    }

    private Task<Answered> RedeemAsync(string permit) => api.PostAsync($"permits/{permit}/redeem", key, "");

    [Fact]
    public async Task Who_said_yes_may_be_contacted_once_by_each_permit()
    {
        Assert.Equal((HttpStatusCode.OK, "refused"), await api.PostAsync("permits", key, Ask(Ann)) is var none ? (none.Status, none.Json.GetProperty("verdict").GetString()) : default);
        await YesAsync(Ann);
        // Advice says the same, beside the serial order.
        Assert.Equal("allowed", (await api.PostAsync("decisions", key, Ask(Ann))).Json.GetProperty("verdict").GetString());
        var permit = await PermitAsync();
        Assert.Equal(HttpStatusCode.OK, (await RedeemAsync(permit)).Status);
        Assert.Equal((HttpStatusCode.Conflict, "permit-used"), (await RedeemAsync(permit)).Said);
        Assert.Equal(HttpStatusCode.OK, (await api.PostAsync($"permits/{permit}/outcome", key, """{"outcome":"delivered"}""")).Status);
        var person = (await api.House.FindAsync(Ann))!.Person;
        Assert.Equal([RecordType.ConsentGiven, RecordType.PermitIssued, RecordType.PermitRedeemed, RecordType.ContactOutcome], person.Records.Select(static record => record.Type));
    }

    [Fact]
    public async Task A_no_ends_every_permit_that_was_not_used()
    {
        await YesAsync(Ann);
        var permit = await PermitAsync();
        await api.PostAsync("withdrawals", key, $$"""{"to":"{{Ann}}"}""");
        Assert.Equal((HttpStatusCode.Conflict, "permit-ended"), (await RedeemAsync(permit)).Said);
        var refused = await api.PostAsync("permits", key, Ask(Ann));
        Assert.Equal(("refused", false), (refused.Json.GetProperty("verdict").GetString(), refused.Json.TryGetProperty("permit", out _)));
    }

    [Fact]
    public async Task Whatever_else_is_written_of_the_person_ends_it_too()
    {
        await YesAsync(Ann);
        var said = (await api.House.FindAsync(Ann))!.Person.Sid;
        Func<Task>[] changes =
        [
            () => api.House.DoAsync(new HoldCommand(House.Staff, said, "legal-claim")),
            () => api.House.WithdrawAsync(Ann, "voice"),
        ];
        foreach (var change in changes)
        {
            var permit = await PermitAsync();
            await change();
            Assert.Equal((HttpStatusCode.Conflict, "permit-ended-now"), (await RedeemAsync(permit)).Said);
            Assert.Equal("permit-ended", (await RedeemAsync(permit)).Code);
            if (change == changes[0])
                await api.House.DoAsync(new ReleaseCommand(House.Staff, said, null));
        }
    }

    [Fact]
    public async Task It_can_be_redeemed_for_a_minute_and_then_its_place_is_free_again()
    {
        await YesAsync(Ann);
        var permits = new List<string>();
        for (var i = 0; i < Most; i++)
            permits.Add(await PermitAsync());
        Assert.Equal("deferred", (await api.PostAsync("permits", key, Ask(Ann))).Json.GetProperty("verdict").GetString());
        time.Ahead += TimeSpan.FromSeconds(59);
        Assert.Equal(HttpStatusCode.OK, (await RedeemAsync(permits[0])).Status);
        time.Ahead += TimeSpan.FromSeconds(1.5);
        Assert.Equal((HttpStatusCode.Conflict, "permit-expired"), (await RedeemAsync(permits[1])).Said);
        // One was used; the three that were not give their places back.
        for (var i = 1; i < Most; i++)
            Assert.Equal(HttpStatusCode.OK, (await RedeemAsync(await PermitAsync())).Status);
        Assert.Equal("deferred", (await api.PostAsync("permits", key, Ask(Ann))).Json.GetProperty("verdict").GetString());
    }

    [Fact]
    public async Task One_that_is_given_back_frees_its_place_at_once()
    {
        await YesAsync(Ann);
        for (var i = 0; i < Most; i++)
        {
            var given = await PermitAsync();
            if (i < Most - 1)
                continue;
            Assert.Equal(HttpStatusCode.OK, (await api.PostAsync($"permits/{given}/cancel", key, "{}")).Status);
            Assert.Equal("permit-ended", (await RedeemAsync(given)).Code);
        }

        await PermitAsync();
    }

    [Fact]
    public async Task The_retry_of_a_lost_answer_returns_the_same_permit()
    {
        await YesAsync(Ann);
        var first = await api.PostAsync("permits", key, Ask(Ann), ("Idempotency-Key", "call-17"));
        var again = await api.PostAsync("permits", key, Ask(Ann), ("Idempotency-Key", "call-17"));
        Assert.Equal(HttpStatusCode.Created, first.Status);
        foreach (var member in (string[])["permit", "expires", "verdict", "record", "explanation"])
            Assert.Equal(first.Json.GetProperty(member).ToString(), again.Json.GetProperty(member).ToString());
        var permit = first.Json.GetProperty("permit").GetString()!;
        var used = await api.PostAsync($"permits/{permit}/redeem", key, "", ("Idempotency-Key", "go-17"));
        Assert.Equal((HttpStatusCode.OK, used.Text), await api.PostAsync($"permits/{permit}/redeem", key, "", ("Idempotency-Key", "go-17")) is var retried ? (retried.Status, retried.Text) : default);
    }

    [Fact]
    public async Task An_answer_that_got_lost_is_leave_to_nobody_once_something_was_said_since()
    {
        await YesAsync(Ann);
        var (first, second, third) = (await PermitAsync(), await PermitAsync(), await PermitAsync());
        Task<Answered> GoAsync(string permit) => api.PostAsync($"permits/{permit}/redeem", key, "", ("Idempotency-Key", "go-" + permit));
        foreach (var permit in (string[])[first, second, third])
            Assert.Equal(HttpStatusCode.OK, (await GoAsync(permit)).Status);
        // They were reached.
        await api.PostAsync($"permits/{first}/outcome", key, """{"outcome":"delivered"}""");
        Assert.Equal((HttpStatusCode.Conflict, "permit-used"), (await GoAsync(first)).Said);
        Assert.Equal(HttpStatusCode.OK, (await GoAsync(second)).Status);
        await api.House.WithdrawAsync(Ann);
        Assert.Equal((HttpStatusCode.Conflict, "permit-ended-now"), (await GoAsync(second)).Said);
        time.Ahead += TimeSpan.FromSeconds(60);
        Assert.Equal((HttpStatusCode.Conflict, "permit-expired"), (await GoAsync(third)).Said);
        Assert.Equal(3, (await api.House.RecordsAsync()).Count(static record => record.Type == RecordType.PermitRedeemed));
    }

    [Fact]
    public async Task Nothing_came_of_what_was_not_used_and_a_no_is_no_outcome()
    {
        await YesAsync(Ann);
        var permit = await PermitAsync();
        Assert.Equal((HttpStatusCode.Conflict, "permit-unused"), (await api.PostAsync($"permits/{permit}/outcome", key, """{"outcome":"delivered"}""")).Said);
        await RedeemAsync(permit);
        Assert.Equal((HttpStatusCode.BadRequest, "bad-outcome"), (await api.PostAsync($"permits/{permit}/outcome", key, """{"outcome":"opted-out"}""")).Said);
        Assert.Equal((HttpStatusCode.NotFound, "no-such-permit"), (await RedeemAsync("per_" + Fresh.Id())).Said);
    }

    [Fact]
    public async Task No_cap_is_exceeded_by_those_who_ask_at_the_same_time()
    {
        string[] numbers = [.. Enumerable.Range(0, 5).Select(static i => $"+44740012350{i}")];
        foreach (var number in numbers)
            await YesAsync(number);
        var issued = new System.Collections.Concurrent.ConcurrentBag<(string Number, string Permit)>();
        await Task.WhenAll(Enumerable.Range(0, 32).Select(async asker =>
        {
            foreach (var number in numbers.Skip(asker % numbers.Length).Concat(numbers.Take(asker % numbers.Length)))
            {
                var answer = await api.PostAsync("permits", key, Ask(number));
                if (answer.Status == HttpStatusCode.Created)
                    issued.Add((number, answer.Json.GetProperty("permit").GetString()!));
                else
                    Assert.Equal(HttpStatusCode.OK, answer.Status);
            }
        }));
        Assert.All(issued.GroupBy(static one => one.Number), static one => Assert.Equal(Most, one.Count()));
        Assert.Equal(numbers.Length, issued.Select(static one => one.Number).Distinct().Count());
    }

    [Fact]
    public async Task Of_one_permit_one_use_is_made_however_many_try()
    {
        await YesAsync(Ann);
        var permit = await PermitAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => RedeemAsync(permit)));
        Assert.Equal(1, answers.Count(static answer => answer.Status == HttpStatusCode.OK));
    }

    [Fact]
    public async Task What_is_said_when_the_gate_is_shut_is_no_and_a_withdrawal_is_heard()
    {
        await YesAsync(Ann);
        var permit = await PermitAsync();
        Installation.Spool(api.House.Installation.Options, new Ringfence.Server.Suppression.SpooledWithdrawal(
            Fresh.Id().ToString(), "acme", "+447400123499", (int)Ringfence.ChannelSet.All, null, "api", "x", 1));
        foreach (var (path, body) in new[] { ("decisions", Ask(Ann)), ("permits", Ask(Ann)), ($"permits/{permit}/redeem", "") })
            Assert.Equal((HttpStatusCode.ServiceUnavailable, "shut"), (await api.PostAsync(path, key, body)).Said);
        Assert.Equal(HttpStatusCode.Created, (await api.PostAsync("withdrawals", key, """{"to":"+447400123498"}""")).Status);
    }

    [Fact]
    public async Task Erasing_somebody_leaves_no_permit_of_theirs()
    {
        await YesAsync(Ann);
        var permit = await PermitAsync();
        await new Erasure(api.House.Installation, api.House.Ledger, House.Staff).RunAsync((await api.House.FindAsync(Ann))!.Person.Sid, "asked", CancellationToken.None);
        Assert.Equal("no-such-permit", (await RedeemAsync(permit)).Code);
    }
}

public sealed class SqlitePermitTests : PermitContract
{
    protected override ValueTask<StoreOptions?> StoreAsync() => ValueTask.FromResult<StoreOptions?>(null);
}

public sealed class PostgresPermitTests : PermitContract
{
    private PostgresHome? home;

    protected override async ValueTask<StoreOptions?> StoreAsync() => (home = await PostgresHome.MakeAsync()).Options;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await (home?.DisposeAsync() ?? ValueTask.CompletedTask);
    }
}
