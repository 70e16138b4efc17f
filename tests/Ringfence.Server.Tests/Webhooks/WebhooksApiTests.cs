using System.Globalization;
using System.Net;
using System.Text;
using NodaTime;
using Ringfence.Server.Hosting;
using Ringfence.Server.Ledger;
using Ringfence.Server.Staff;
using Ringfence.Server.Storage;
using Ringfence.Server.Tests.Hosting;
using Ringfence.Server.Tests.Ledger;
using Ringfence.Server.Tests.Rights;
using Ringfence.Server.Webhooks;
using Ringfence.Webhooks;
using Xunit;

namespace Ringfence.Server.Tests.Webhooks;

/// <summary>Webhooks over HTTP: who is told is said by those who may say it, and that somebody obeyed is said by them alone.</summary>
public sealed class WebhooksApiTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_is_added_listed_given_another_secret_and_removed()
    {
        await using var api = await ApiHouse.BuildAsync();
        var key = await api.KeyAsync(ApiScopes.Webhooks);
        var added = await api.PostAsync("webhooks", key, """{"url":"https://crm.example.com/hooks","events":["all"],"deadline":"PT36H","name":"CRM"}""");
        Assert.Equal(HttpStatusCode.Created, added.Status);
        var (id, secret) = (added.Json.GetProperty("id").GetString()!, added.Json.GetProperty("secret").GetString()!);
        Assert.True(WebhookSecret.TryRead(secret, out var bytes) && bytes.Length == 32);

        var listed = (await api.GetAsync("webhooks", key)).Json.GetProperty("webhooks")[0];
        Assert.Equal((id, "CRM", "P1DT12H", WebhookEvents.Words.Count), (listed.GetProperty("id").GetString()!, listed.GetProperty("name").GetString()!, listed.GetProperty("deadline").GetString()!, listed.GetProperty("events").GetArrayLength()));
        Assert.False(listed.TryGetProperty("secret", out _));

        var fresh = (await api.PostAsync($"webhooks/{id}/rotate", key, """{"overlap":"3d"}""")).Json.GetProperty("secret").GetString()!;
        Assert.NotEqual(secret, fresh);
        Assert.Equal("bad-deadline", (await api.PostAsync($"webhooks/{id}/rotate", key, """{"overlap":"soon"}""")).Code);
        Assert.False((await api.PostAsync($"webhooks/{id}/off", key, "{}")).Json.GetProperty("already").GetBoolean());
        Assert.True((await api.PostAsync($"webhooks/{id}/off", key, "{}")).Json.GetProperty("already").GetBoolean());
        Assert.False((await api.PostAsync($"webhooks/{id}/on", key, "")).Json.GetProperty("already").GetBoolean());
        Assert.Equal(HttpStatusCode.OK, (await api.SendAsync(HttpMethod.Delete, $"webhooks/{id}", key.Show(), null)).Status);
        Assert.True((await api.SendAsync(HttpMethod.Delete, $"webhooks/{id}", key.Show(), null)).Json.GetProperty("already").GetBoolean());
        Assert.Equal((HttpStatusCode.NotFound, "no-such-webhook"), (await api.PostAsync($"webhooks/{id}/on", key, "{}")).Said);
        Assert.Equal(0, (await api.GetAsync("webhooks", key)).Json.GetProperty("webhooks").GetArrayLength());
        Assert.Equal(
            ["webhook-added", "webhook-rotated", "webhook-off", "webhook-on", "webhook-removed"],
            (await api.House.RecordsAsync()).Select(static record => record.Detail?["what"]?.AsText).Where(static what => what?.StartsWith("webhook", StringComparison.Ordinal) == true));

        await api.House.CloseAsync();
        // Neither secret, nor the bytes of one, lie anywhere.
        foreach (var one in (string[])[secret, fresh])
            Assert.Empty(await Traces.OfAsync(api.House.Folder, one["whsec_".Length..]));
    }

    [Theory]
    [InlineData("""{"url":"http://crm.example.com/"}""", "url-scheme")]
    [InlineData("""{"url":"https://127.0.0.1/"}""", "url-address")]
    [InlineData("""{"url":"https://crm.example.com:22/"}""", "url-port")]
    [InlineData("""{"url":"https://u:p@crm.example.com/"}""", "url-user")]
    [InlineData("""{"url":"https://0x7f.1/"}""", "url-host")]
    [InlineData("""{"url":"x"}""", "url-malformed")]
    [InlineData("""{"url":"https://crm.example.com/","events":["consent.given"]}""", "bad-events")]
    [InlineData("""{"url":"https://crm.example.com/","events":[]}""", "bad-events")]
    [InlineData("""{"url":"https://crm.example.com/","deadline":"5s"}""", "bad-deadline")]
    [InlineData("""{"url":"https://crm.example.com/","deadline":"91d"}""", "bad-deadline")]
    [InlineData("""{"url":"https://crm.example.com/","deadline":"P1M"}""", "bad-deadline")]
    [InlineData("""{"url":"https://crm.example.com/","name":"a\nb"}""", "bad-webhook-name")]
    public async Task What_can_not_be_is_refused_and_written_nowhere(string body, string code)
    {
        await using var api = await ApiHouse.BuildAsync();
        var key = await api.KeyAsync(ApiScopes.Webhooks);
        var size = await api.SizeAsync();
        Assert.Equal((HttpStatusCode.UnprocessableEntity, code), (await api.PostAsync("webhooks", key, body)).Said);
        Assert.Equal(size, await api.SizeAsync());
    }

    [Fact]
    public async Task A_system_confirms_by_its_own_secret_and_nobody_else_does()
    {
        await using var api = await ApiHouse.BuildAsync();
        await using var receiver = await Receiver.StartAsync();
        var (house, told) = (api.House, new ToldSystems(api.House.Installation, api.House.Ledger));
        using var sender = new WebhookSender(Receiver.Reach, TimeProvider.System);
        var post = new WebhookPost(house.Installation, sender, static _ => { });
        var (row, shown) = await told.AddAsync(House.Staff, Receiver.Reach, receiver.Url, null, "1m", null, Cancel);
        var (_, otherShown) = await told.AddAsync(House.Staff, Receiver.Reach, receiver.Url + "?2", null, "1m", null, Cancel);
        _ = WebhookSecret.TryRead(shown, out var secret);
        _ = WebhookSecret.TryRead(otherShown, out var other);
        await house.WithdrawAsync("+442079460018");
        await house.WithdrawAsync("+442079460019");
        Assert.Equal(4, await post.OnceAsync(Cancel));
        var deliveries = (await told.DeliveriesAsync(row.Id, DeliveryKind.All, -1, 10, Cancel)).Select(static one => WebhookMessage.NameOf(one.Id)).ToArray();
        var (id, second) = (deliveries[0], deliveries[1]);

        var key = await api.KeyAsync(ApiScopes.Confirm);
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        const string yes = """{"confirmed":true}""";
        Task<Answered> ConfirmAsync(string delivery, string? signedId, long at, string? signature, string body = yes, ApiKey? by = null) => api.PostAsync(
            $"webhooks/deliveries/{delivery}/confirm", by ?? key, body, (WebhookSignature.IdHeader, signedId ?? ""), (WebhookSignature.TimestampHeader, at.ToString(CultureInfo.InvariantCulture)), (WebhookSignature.SignatureHeader, signature ?? ""));
        string Sign(byte[] by, string name, long at, string body = yes) => WebhookSignature.Sign([by], name, at, Encoding.UTF8.GetBytes(body));

        Assert.Equal((HttpStatusCode.Forbidden, "bad-signature"), (await api.PostAsync($"webhooks/deliveries/{id}/confirm", key, yes)).Said);
        (string? Id, long At, string? Signature, string Body)[] forged =
        [
            (id, now, null, yes), (id, now, "v1,", yes), (id, now, Sign(other!, id, now), yes), (id, now, Sign(new byte[32], id, now), yes), (id, now - 301, Sign(secret!, id, now - 301), yes),
            (id, now + 302, Sign(secret!, id, now + 302), yes), (id, now, Sign(secret!, id, now - 1), yes), (second, now, Sign(secret!, second, now), yes), (id, now, Sign(secret!, second, now), yes),
            (id, now, Sign(secret!, id, now), """{"confirmed": true}"""), (id, now, Sign(secret!, id, now).Replace("v1,", "v1a,", StringComparison.Ordinal), yes),
            // What was signed for the system, sent back as its own word.
            (id, long.Parse(receiver.All.First(one => one.Id == id).Timestamp, CultureInfo.InvariantCulture), receiver.All.First(one => one.Id == id).Signature, yes),
        ];
        foreach (var (name, at, signature, body) in forged)
            Assert.Equal((HttpStatusCode.Forbidden, "bad-signature"), (await ConfirmAsync(id, name, at, signature, body)).Said);
        Assert.Equal((HttpStatusCode.BadRequest, "not-confirming"), (await ConfirmAsync(id, id, now, Sign(secret!, id, now, """{"confirmed":false}"""), """{"confirmed":false}""")).Said);
        Assert.Equal(HttpStatusCode.BadRequest, (await ConfirmAsync(id, id, now, Sign(secret!, id, now, "{"), "{")).Status);
        Assert.Equal((HttpStatusCode.NotFound, "no-such-delivery"), (await ConfirmAsync("msg_" + new string('0', 32), id, now, Sign(secret!, id, now))).Said);
        Assert.Equal((HttpStatusCode.Forbidden, "no-scope"), (await ConfirmAsync(id, id, now, Sign(secret!, id, now), by: await api.KeyAsync(ApiScopes.Webhooks))).Said);

        var stranger = await house.Installation.AddControllerAsync("other", "ledger.example/other", House.Acme, Cancel);
        Assert.Equal((HttpStatusCode.NotFound, "no-such-delivery"), (await ConfirmAsync(id, id, now, Sign(secret!, id, now), by: await api.KeyAsync(ApiScopes.Confirm, stranger))).Said);
        Assert.Equal(4, (await told.DeliveriesAsync(null, DeliveryKind.Unconfirmed, -1, 10, Cancel)).Count);

        var confirmed = await ConfirmAsync(id, id, now, Sign(secret!, id, now));
        Assert.Equal((HttpStatusCode.OK, "confirmed", "signed"), (confirmed.Status, confirmed.Json.GetProperty("state").GetString()!, confirmed.Json.GetProperty("confirmedBy").GetString()!));
        Assert.Equal(HttpStatusCode.OK, (await ConfirmAsync(id, id, now, Sign(secret!, id, now))).Status);
        Assert.Equal(3, (await told.DeliveriesAsync(null, DeliveryKind.Unconfirmed, -1, 10, Cancel)).Count);

        // After the next secret is given out the one before is taken for a while.
        var next = await told.RotateAsync(House.Staff, row.Id, "1h", Cancel);
        Assert.True(WebhookSecret.TryRead(next, out _));
        Assert.Equal(HttpStatusCode.OK, (await ConfirmAsync(second, second, now, Sign(secret!, second, now))).Status);

        var admin = await api.KeyAsync(ApiScopes.Webhooks);
        Assert.Equal(0, (await api.GetAsync("webhooks/unconfirmed", admin)).Json.GetProperty("deliveries").GetArrayLength());
        Assert.Equal(2, (await api.GetAsync("webhooks/unconfirmed?state=unconfirmed", admin)).Json.GetProperty("deliveries").GetArrayLength());
        Assert.Equal("bad-state", (await api.GetAsync("webhooks/unconfirmed?state=x", admin)).Code);
        Assert.Equal("wants-number", (await api.GetAsync("webhooks/unconfirmed?after=-1x", admin)).Code);
        Assert.Equal(2, (await api.GetAsync($"webhooks/{row.Id}/deliveries", admin)).Json.GetProperty("deliveries").GetArrayLength());
        Assert.Equal(HttpStatusCode.NotFound, (await api.GetAsync($"webhooks/{row.Id}/deliveries", await api.KeyAsync(ApiScopes.Webhooks, stranger))).Status);
    }

    [Fact]
    public async Task A_key_that_may_try_an_address_is_no_way_into_this_house()
    {
        await using var api = await ApiHouse.BuildAsync();
        await using var receiver = await Receiver.StartAsync();
        var told = new ToldSystems(api.House.Installation, api.House.Ledger);
        // Added while this machine could be reached; the server that serves may not.
        var (row, _) = await told.AddAsync(House.Staff, Receiver.Reach, receiver.Url, null, null, null, Cancel);
        var tried = await api.PostAsync($"webhooks/{row.Id}/test", await api.KeyAsync(ApiScopes.Webhooks), "{}");
        Assert.Equal((false, "url-scheme"), (tried.Json.GetProperty("arrived").GetBoolean(), tried.Json.GetProperty("fault").GetString()));
        Assert.Empty(receiver.All);
        using var sender = new WebhookSender(Receiver.Reach, TimeProvider.System);
        Assert.Null((await told.TestAsync(sender, row.Id, Cancel)).Fault);
        Assert.Equal(WebhookEvents.Test, receiver.All.Single().Type);
    }
}
