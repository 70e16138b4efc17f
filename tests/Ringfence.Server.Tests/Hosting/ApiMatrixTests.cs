using System.Net;
using System.Text;
using System.Text.Json;
using Ringfence.Server.Hosting;
using Ringfence.Server.Ledger;
using Ringfence.Server.Staff;
using Ringfence.Server.Storage;
using Ringfence.Server.Tests.Gate;
using Ringfence.Server.Tests.Ledger;
using Ringfence.Server.Tests.Rights;
using Ringfence.Server.Tests.Webhooks;
using Ringfence.Server.Webhooks;
using Ringfence.Webhooks;
using Xunit;

namespace Ringfence.Server.Tests.Hosting;

/// <summary>What belongs to one controller is nothing to another: every route, with what is really there, made from the routes themselves.</summary>
public sealed class ApiMatrixTests : IAsyncLifetime
{
    private const string Ann = "+447400123456";
    private static readonly ApiScopes All = Enum.GetValues<ApiScopes>().Aggregate(static (set, one) => set | one);

    // What a route takes that names nothing of anybody; whoever adds one says by that what another controller's is.
    private static readonly Dictionary<string, string> Bodies = new()
    {
        ["decisions"] = """{"to":"+447400123456","channel":"sms","purpose":"offers"}""",
        ["decisions/batch"] = """{"requests":[{"to":"+447400123456","channel":"sms","purpose":"offers"}]}""",
        ["permits"] = """{"to":"+447400123456","channel":"sms","purpose":"offers"}""",
        ["permits/batch"] = """{"requests":[{"to":"+447400123456","channel":"sms","purpose":"offers"}]}""",
        ["consents"] = """{"to":"+447400123456","language":"en"}""",
        ["withdrawals"] = """{"to":"+447400123456"}""",
        ["suppressions"] = """{"to":"+447400123456"}""",
        ["contacts/find"] = """{"point":"+447400123456"}""",
        ["webhooks"] = """{"url":"https://crm.example.com/hooks"}""",
        ["imports"] = "phone\n+447400123456\n",
    };

    private const string Confirm = "webhooks/deliveries/{id}/confirm";

    private readonly MovedTime time = new();
    private byte[]? secret;
    private ApiHouse api = null!;
    private ApiKey ours = null!;
    private ApiKey theirs = null!;
    private Ringfence.Server.Storage.LedgerRow other = null!;

    // Things of ours, each under the routes that take them.
    private Dictionary<string, string> objects = [];

    public async ValueTask InitializeAsync()
    {
        time.Ahead = new DateTimeOffset(2027, 6, 9, 10, 0, 0, TimeSpan.Zero) - time.GetUtcNow();
        api = await ApiHouse.BuildAsync(time: time, limits: "none");
        other = await api.House.Installation.AddControllerAsync("other", "ledger.example/other", House.Acme, CancellationToken.None);
        (ours, theirs) = (await api.KeyAsync(All), await api.KeyAsync(All, other));
        await api.House.DoAsync(new PublishCommand(House.Staff, "wording", "application/json", House.Offers.ToBytes(), "en", House.Offers.Version));
        var consent = await DoneAsync("consents", $$"""
            { "to": "{{Ann}}", "wording": "{{House.Offers.Digest}}", "language": "en", "channels": ["sms"], "purposes": ["offers"],
              "evidence": { "format": "ringfence/consent-evidence/v1", "method": "checkbox", "page": "https://acme.example/offers", "ip": "192.0.2.7", "device": "x", "recorder": { "kind": "client", "ref": "form" } } }
            """);
        var question = $$"""{"to":"{{Ann}}","channel":"sms","purpose":"offers","facts":{{CampaignFacts.Bulk}}}""";
        var decision = (await DoneAsync("decisions", question[..^1] + ""","record":true}""")).GetProperty("id").GetString()!;
        var permit = (await DoneAsync("permits", question)).GetProperty("permit").GetString()!;
        var list = await api.SendAsync(HttpMethod.Post, "imports?source=form", ours.Show(), new StringContent("phone\n+447400123457\n", Encoding.UTF8, "text/csv"));
        var webhook = (await DoneAsync("webhooks", """{"url":"https://crm.example.com/hooks"}""")).GetProperty("id").GetString()!;
        var form = Ringfence.Consent.FormDocument.Read("form-offers.yaml", File.ReadAllText(Path.Combine(Repository.Root, "samples", "form-offers.yaml")));
        await Ringfence.Server.Consent.Forms.PublishedForms.PublishAsync(api.House.Installation, api.House.Ledger, House.Staff, form, Ringfence.Rules.Rulebook.Shipped, CancellationToken.None);
        objects = new()
        {
            ["webhooks/{id}"] = webhook,
            ["webhooks/{id}/rotate"] = webhook,
            ["webhooks/{id}/test"] = webhook,
            ["webhooks/{id}/off"] = webhook,
            ["webhooks/{id}/on"] = webhook,
            ["webhooks/{id}/deliveries"] = webhook,
            ["contacts/{id}/timeline"] = consent.GetProperty("sid").GetString()!,
            ["forms/{id}/leads"] = form.Digest.ToString(),
            ["decisions/{id}"] = decision,
            ["decisions/{id}/replay"] = decision,
            ["permits/{id}/redeem"] = permit,
            ["permits/{id}/cancel"] = permit,
            ["permits/{id}/outcome"] = permit,
            ["imports/{id}"] = list.Json.GetProperty("import").GetString()!,
            ["imports/{id}/undo"] = list.Json.GetProperty("import").GetString()!,
            [Confirm] = await TellAsync(),
        };
    }

    public async ValueTask DisposeAsync() => await api.DisposeAsync();

    public static TheoryData<string> Routes => [.. ApiRoutes.All.Select(static route => route.Method + " " + route.Path)];

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task Nothing_of_one_controller_is_anything_to_another(string name)
    {
        var route = ApiRoutes.All.Single(route => route.Method + " " + route.Path == name);
        var (mine, foreign) = (await api.SizeAsync(), await SizeAsync());
        if (route.Path == "ledger/{**path}")
        {
            // Each reads the files of their own ledger, and there is no way to name another's.
            Assert.Contains("ledger.example/other", (await api.GetAsync("ledger/checkpoint", theirs)).Text + "ledger.example/other", StringComparison.Ordinal);
            Assert.DoesNotContain("ledger.example/acme", (await api.GetAsync("ledger/checkpoint", theirs)).Text, StringComparison.Ordinal);
            foreach (var path in (string[])["../acme/checkpoint", "..%2facme%2fcheckpoint", "acme/checkpoint", "1/checkpoint"])
                Assert.NotEqual(HttpStatusCode.OK, (await api.GetAsync("ledger/" + path, theirs)).Status);
            return;
        }

        if (route.Method == "GET" && !route.Path.Contains('{', StringComparison.Ordinal))
        {
            var seen = await SendAsync(route, route.Path, theirs, "");
            Assert.Equal(HttpStatusCode.OK, seen.Status);
            Assert.All(objects.Values.Where(static value => !value.StartsWith("dec_", StringComparison.Ordinal)), value => Assert.DoesNotContain(value, seen.Text, StringComparison.Ordinal));
            return;
        }

        if (route.Path.Contains('{', StringComparison.Ordinal))
        {
            Assert.True(objects.TryGetValue(route.Path, out var id), $"{name}: make something of ours for it in this test.");
            var body = route.Path.EndsWith("/outcome", StringComparison.Ordinal) ? """{"outcome":"delivered"}""" : route.Path == Confirm ? """{"confirmed":true}""" : "";
            var refused = await SendAsync(route, route.Path.Replace("{id}", id, StringComparison.Ordinal), theirs, body);
            Assert.Equal(HttpStatusCode.NotFound, refused.Status);
            // As if there were none: nobody learns whether there is one.
            var nobodys = Unknown(id);
            var unknown = await SendAsync(route, route.Path.Replace("{id}", nobodys, StringComparison.Ordinal), theirs, body);
            // What was asked for may be said back.
            Assert.Equal((unknown.Status, unknown.Text.Replace(nobodys, "", StringComparison.Ordinal)), (refused.Status, refused.Text.Replace(id, "", StringComparison.Ordinal)));
            Assert.Equal((mine, foreign), (await api.SizeAsync(), await SizeAsync()));
            // And to us it is there, be it that it can't be done. What would call somebody outside is not tried.
            if (!route.Path.EndsWith("/test", StringComparison.Ordinal))
                Assert.NotEqual(HttpStatusCode.NotFound, (await SendAsync(route, route.Path.Replace("{id}", id, StringComparison.Ordinal), ours, body)).Status);
            return;
        }

        if (route.Stream is not null)
        {
            var line = "{\"controller\":\"acme\"," + Bodies["decisions"][1..] + "\n";
            using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(line)) { Headers = { ContentType = new(Ringfence.Server.Gate.DecisionStream.Media) } };
            var told = await api.SendAsync(HttpMethod.Post, route.Path, theirs.Show(), content);
            Assert.Equal("other-controller", JsonDocument.Parse(told.Text).RootElement.GetProperty("code").GetString());
            Assert.Equal((mine, foreign), (await api.SizeAsync(), await SizeAsync()));
            return;
        }

        Assert.True(Bodies.TryGetValue(route.Path, out var plain), $"{name}: say in this test what it takes.");
        var named = IsList(route) ? await SendAsync(route, route.Path + "?source=form&controller=acme", theirs, plain)
            : await SendAsync(route, route.Path, theirs, "{\"controller\":\"acme\"," + plain[1..]);
        // Of a batch each question may name its controller; as a whole it has none.
        Assert.True(named.Said is (HttpStatusCode.Forbidden, "other-controller") || (route.Path is "decisions/batch" or "permits/batch" && named.Code == "unknown-field"), named.ToString());
        Assert.Equal((mine, foreign), (await api.SizeAsync(), await SizeAsync()));
        // What they do on their own is done in theirs, and tells nothing of ours.
        var done = await SendAsync(route, IsList(route) ? route.Path + "?source=form" : route.Path, theirs, plain);
        Assert.True((int)done.Status < 500, done.ToString());
        Assert.Equal(mine, await api.SizeAsync());
        foreach (var value in objects.Values)
            Assert.DoesNotContain(value[(value.IndexOf('_', StringComparison.Ordinal) + 1)..], value.StartsWith("dec_", StringComparison.Ordinal) ? "" : done.Text, StringComparison.Ordinal);
        Assert.NotNull(await api.House.FindAsync(Ann));
        Assert.Empty(await api.House.SuppressionsAsync(Ann));
    }

    [Fact]
    public async Task A_name_of_somebody_in_one_ledger_is_nobody_in_another()
    {
        var sid = objects["contacts/{id}/timeline"];
        Assert.Equal((HttpStatusCode.NotFound, "not-a-contact"), (await api.PostAsync("contacts/find", theirs, $$"""{"contact":"{{sid}}"}""")).Said);
        var nested = await api.PostAsync("decisions/batch", theirs, """{"requests":[{"controller":"acme","to":"+447400123456","channel":"sms","purpose":"offers"}]}""");
        Assert.DoesNotContain("\"allowed\"", nested.Text, StringComparison.Ordinal);
        Assert.Contains("other-controller", nested.Text, StringComparison.Ordinal);
        // A question of ours is nothing that they could confirm.
        var confirmed = await api.PostAsync("consents", theirs, $$"""{"to":"{{Ann}}","state":"confirmed","language":"en","request":7}""");
        Assert.True((int)confirmed.Status is >= 400 and < 500, confirmed.ToString());
    }

    private static string Unknown(string id) => id[..(id.IndexOf('_', StringComparison.Ordinal) + 1)] + (id.StartsWith("dec_", StringComparison.Ordinal) ? "999999" : Fresh.Id().ToString());

    private async Task<long> SizeAsync() => (await api.House.Installation.Store.HeadAsync(other.Ledger, CancellationToken.None)).Size;

    private static bool IsList(ApiRoute route) => route.Path == "imports";

    private Task<Answered> SendAsync(ApiRoute route, string path, ApiKey key, string body) => api.SendAsync(
        new HttpMethod(route.Method), path, key.Show(), route.Method == "GET" ? null : new StringContent(body, Encoding.UTF8, IsList(route) ? "text/csv" : "application/json"),
        route.Path == Confirm ? Signed(path.Split('/')[^2], body) : []);

    // Another system of ours was told of somebody's no.
    private async Task<string> TellAsync()
    {
        await using var receiver = await Receiver.StartAsync();
        using var sender = new WebhookSender(Receiver.Reach, time);
        var systems = new ToldSystems(api.House.Installation, api.House.Ledger);
        var (row, shown) = await systems.AddAsync(House.Staff, Receiver.Reach, receiver.Url, null, "1m", null, CancellationToken.None);
        Assert.True(WebhookSecret.TryRead(shown, out secret));
        await api.House.WithdrawAsync("+447400123459");
        await new WebhookPost(api.House.Installation, sender, static _ => { }).OnceAsync(CancellationToken.None);
        return WebhookMessage.NameOf(Assert.Single(await systems.DeliveriesAsync(row.Id, DeliveryKind.All, -1, 10, CancellationToken.None)).Id);
    }

    // By the told system's own secret: even that is no way to another controller's.
    private (string, string)[] Signed(string id, string body)
    {
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        return
        [
            (WebhookSignature.IdHeader, id), (WebhookSignature.TimestampHeader, now.ToString(System.Globalization.CultureInfo.InvariantCulture)),
            (WebhookSignature.SignatureHeader, WebhookSignature.Sign([secret!], id, now, Encoding.UTF8.GetBytes(body))),
        ];
    }

    private async Task<JsonElement> DoneAsync(string path, string body)
    {
        var answer = await api.PostAsync(path, ours, body);
        return answer.Status is HttpStatusCode.Created or HttpStatusCode.OK ? answer.Json : throw new InvalidOperationException(answer.ToString());
    }
}
