using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Rules;
using Ringfence.Server.Consent.Forms;
using Ringfence.Server.Gateways;
using Ringfence.Server.Hosting;
using Ringfence.Server.Ledger;
using Ringfence.Server.People;
using Ringfence.Server.Rights;
using Ringfence.Server.Storage;
using Ringfence.Server.Suppression;
using Ringfence.Server.Tests.Bridges;
using Ringfence.Server.Tests.Ledger;
using Ringfence.Server.Tests.Pages;
using Ringfence.Server.Tests.Storage;
using Ringfence.Server.Webhooks;
using Ringfence.Webhooks;
using Xunit;

namespace Ringfence.Server.Tests.Gateways;

public sealed class SqliteLeadHooksTests() : LeadHooksContract(isPostgres: false);

public sealed class PostgresLeadHooksTests() : LeadHooksContract(isPostgres: true);

/// <summary>What social networks send of their lead forms: taken once, from nobody else, a yes only where one was said, and open only once the code was told.</summary>
public abstract partial class LeadHooksContract(bool isPostgres) : StoreContract(isPostgres)
{
    private const string Ann = BridgeHouse.Ann;
    private const string Bob = "+447400123499";
    private const string GoogleForm = "1001";
    private const string MetaForm = "2001";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_lead_opens_nothing_until_the_code_is_told_and_counts_once()
    {
        await using var house = await LeadHouse.BuildAsync(Store);
        Assert.Equal((HttpStatusCode.OK, "{}"), await house.GoogleAsync(Google("L1")));
        var message = Assert.Single(await house.MessagesAsync());
        Assert.Equal((Ann, "sms"), (message.GetProperty("to").GetString(), message.GetProperty("channel").GetString()));
        Assert.StartsWith("Ringmuster Ltd: your code is ", message.GetProperty("text").GetString(), StringComparison.Ordinal);
        var asked = Assert.Single(await house.OfAsync(RecordType.ConsentRequested));
        Assert.Equal(("sms", "offers", "google-leads"), (asked.Scope!.Channels!.Single(), asked.Scope.Purposes!.Single(), asked.Actor.Ref));
        Assert.Equal("refused", await house.Bridge.VerdictAsync("sms"));
        // Whatever follows the link changes nothing, a code in the address neither.
        var (path, code) = (await house.LinkAsync(), house.Folder.CodeTo(Ann));
        var size = await house.Bridge.House.SizeAsync();
        foreach (var method in new[] { HttpMethod.Get, HttpMethod.Head, HttpMethod.Options, HttpMethod.Put })
        {
            foreach (var query in new[] { "", $"&code={Uri.EscapeDataString(code)}", "&List-Unsubscribe=One-Click" })
                await house.SendAsync(method, path + query, null);
        }

        Assert.Equal(size, await house.Bridge.House.SizeAsync());
        // The network brings it again: at once, many times, and after it was confirmed.
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ => Assert.Equal(HttpStatusCode.OK, (await house.GoogleAsync(Google("L1"))).Status)));
        Assert.Single(await house.MessagesAsync());
        Assert.Equal(size, await house.Bridge.House.SizeAsync());
        var told = await house.TellAsync(path, code);
        Assert.Equal(HttpStatusCode.SeeOther, told.Status);
        Assert.Matches("^/p/acme/[^?]+\\?done=agreed&lang=en$", told.Location);
        Assert.Equal("allowed", await house.Bridge.VerdictAsync("sms"));
        Assert.Equal("refused", await house.Bridge.VerdictAsync("voice"));
        Assert.Equal([asked.Seq], Assert.Single(await house.OfAsync(RecordType.ConsentConfirmed)).About);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await house.TellAsync(path, code)).Status);
        Assert.Equal(HttpStatusCode.OK, (await house.GoogleAsync(Google("L1"))).Status);
        Assert.Single(await house.MessagesAsync());
        Assert.Equal((1, 1), ((await house.OfAsync(RecordType.ConsentRequested)).Count, (await house.OfAsync(RecordType.ConsentConfirmed)).Count));
        Assert.Empty(await house.Bridge.House.FaultsAsync());
    }

    [Fact]
    public async Task Many_at_once_are_one_where_none_was_there_before()
    {
        await using var house = await LeadHouse.BuildAsync(Store);
        await Task.WhenAll(Enumerable.Range(0, 12).Select(async _ => Assert.Equal(HttpStatusCode.OK, (await house.GoogleAsync(Google("L1"))).Status)));
        Assert.Single(await house.MessagesAsync());
        Assert.Single(await house.OfAsync(RecordType.ConsentRequested));
        // Under the same name nobody else is taken.
        var size = await house.Bridge.House.SizeAsync();
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await house.GoogleAsync(Google("L1", Bob))).Status);
        Assert.Equal(size, await house.Bridge.House.SizeAsync());
        Assert.Single(await house.MessagesAsync());
    }

    [Fact]
    public async Task Nothing_is_heard_from_google_without_the_key()
    {
        await using var house = await LeadHouse.BuildAsync(Store);
        var size = await house.Bridge.House.SizeAsync();
        var good = Google("L1");
        string Key(string json) => good.Replace($"\"google_key\":\"{GatewayFolder.Secret}\"", json, StringComparison.Ordinal);
        foreach (var body in (string[])
                 [
                     Key("\"google_key\":\"\""), Key("\"google_key\":null"), Key("\"google_key\":[\"" + GatewayFolder.Secret + "\"]"), Key("\"x\":\"" + GatewayFolder.Secret + "\""), Google("L1", key: GatewayFolder.Secret + "x"),
                     Google("L1", key: GatewayFolder.Secret[..^1]), Google("L1", key: GatewayFolder.Secret.ToUpperInvariant()), Google("L1", key: GatewayFolder.Verify), Google("L1", key: "x", more: ",\"is_test\":true"),
                 ])
        {
            var (status, text) = await house.GoogleAsync(body);
            Assert.Equal(HttpStatusCode.Forbidden, status);
            Assert.StartsWith("This is not signed", JsonDocument.Parse(text).RootElement.GetProperty("message").GetString(), StringComparison.Ordinal);
        }

        // Nor by another's address, with it in the address, or by GET.
        Assert.Equal(HttpStatusCode.Forbidden, (await house.PostAsync("hooks/google-leads/other", good)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await house.PostAsync($"hooks/google-leads/acme?google_key={GatewayFolder.Secret}", Key("\"x\":1"))).Status);
        Assert.False(((int)(await house.SendAsync(HttpMethod.Get, "hooks/google-leads/acme", null)).Status) is >= 200 and < 300);
        Assert.Equal((size, 0), (await house.Bridge.House.SizeAsync(), (await house.MessagesAsync()).Count));
    }

    [Fact]
    public async Task A_test_lead_of_google_is_well_and_writes_nothing()
    {
        await using var house = await LeadHouse.BuildAsync(Store);
        var size = await house.Bridge.House.SizeAsync();
        foreach (var test in (string[])["true", "1", "\"false\"", "null", "\"true\""])
            Assert.Equal((HttpStatusCode.OK, "{}"), await house.GoogleAsync(Google("L1", more: $",\"is_test\":{test}")));
        // What it shows is a form of theirs, and dummies.
        Assert.Equal(HttpStatusCode.OK, (await house.GoogleAsync(Google("TeSter-123", "+16505550123", form: "40000000000", more: ",\"is_test\":true"))).Status);
        Assert.Equal((size, 0), (await house.Bridge.House.SizeAsync(), (await house.MessagesAsync()).Count));
        Assert.Equal(HttpStatusCode.OK, (await house.GoogleAsync(Google("L1", more: ",\"is_test\":false"))).Status);
        Assert.Single(await house.MessagesAsync());
    }

    [Fact]
    public async Task Only_what_was_said_to_be_the_yes_is_one()
    {
        await using var house = await LeadHouse.BuildAsync(Store);
        var (size, n) = (await house.Bridge.House.SizeAsync(), 0);
        // Another answer, several at once, none, and the same words to a question that nobody named.
        foreach (var answers in (string[])["yes", "YES", "No", "", "Yes, please", "Yes\\u200b", "Yes\",\"column_id\":\"may_we_text_you\"},{\"string_value\":\"No"])
            Assert.Equal(HttpStatusCode.OK, (await house.GoogleAsync(Google("G" + n++, yes: answers))).Status);
        Assert.Equal(HttpStatusCode.OK, (await house.GoogleAsync(Google("G" + n++).Replace("may_we_text_you", "may_we_call_you", StringComparison.Ordinal))).Status);
        Assert.Equal(HttpStatusCode.OK, (await house.GoogleAsync(Google("G" + n++).Replace("\"string_value\":\"Yes\"", "\"string_value\":true", StringComparison.Ordinal))).Status);
        foreach (var ticks in (string[])
                 [
                     "", Tick("sms_optin", "\"\""), Tick("sms_optin", "\"0\""), Tick("sms_optin", "false"), Tick("sms_optin", "null"), Tick("sms_optin", "\"true\""), Tick("other", "\"1\""), Tick("", "\"1\""), "\"sms_optin\"",
                     Tick("sms_optin", "\"1\"") + "," + Tick("sms_optin", "\"\""), """{"is_checked":"1"}""",
                 ])
        {
            var lead = (9000 + n++).ToString(CultureInfo.InvariantCulture);
            house.Graph.Leads[lead] = Fetched(lead, ticks: ticks, answers: "No");
            Assert.Equal(HttpStatusCode.OK, (await house.MetaAsync(Told((lead, MetaForm)))).Status);
        }

        Assert.Equal((size, 0), (await house.Bridge.House.SizeAsync(), (await house.MessagesAsync()).Count));
        // Blanks around an answer are nobody's no, and true is as good as "1".
        Assert.Equal(HttpStatusCode.OK, (await house.GoogleAsync(Google("G" + n, yes: " Yes "))).Status);
        house.Graph.Leads["9999"] = Fetched("9999", Bob, Tick("sms_optin", "true"), "No");
        Assert.Equal(HttpStatusCode.OK, (await house.MetaAsync(Told(("9999", MetaForm)))).Status);
        Assert.Equal(["sms", "sms"], (await house.OfAsync(RecordType.ConsentRequested)).SelectMany(static record => record.Scope!.Channels!));
        Assert.Equal(2, (await house.MessagesAsync()).Count);
    }

    [Fact]
    public async Task Meta_is_heard_when_it_is_signed_byte_for_byte()
    {
        await using var house = await LeadHouse.BuildAsync(Store);
        house.Graph.Leads["1"] = Fetched("1");
        var size = await house.Bridge.House.SizeAsync();
        var body = Told(("1", MetaForm));
        var good = LeadHouse.Sign(body);
        foreach (var bad in (string?[])[null, "", "sha256=", good[..^1], good + "0", good["sha256=".Length..], "sha1=" + good["sha256=".Length..], LeadHouse.Sign(body, GatewayFolder.Verify), LeadHouse.Sign(body, "p")])
            Assert.Equal(HttpStatusCode.Forbidden, (await house.MetaAsync(body, bad)).Status);
        for (var at = "sha256=".Length; at < good.Length; at += 7)
            Assert.Equal(HttpStatusCode.Forbidden, (await house.MetaAsync(body, good[..at] + (good[at] == '0' ? '1' : '0') + good[(at + 1)..])).Status);
        // The same said otherwise is not what was signed, and another's address not where it belongs.
        Assert.Equal(HttpStatusCode.Forbidden, (await house.MetaAsync(body.Replace("\"object\"", " \"object\"", StringComparison.Ordinal), good)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await house.MetaAsync(body + "\n", good)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await house.MetaAsync(body, good, "other")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await house.MetaAsync(body, good, "nobody")).Status);
        Assert.Empty(house.Graph.Asked);
        Assert.Equal((size, 0), (await house.Bridge.House.SizeAsync(), (await house.MessagesAsync()).Count));
        Assert.Equal((HttpStatusCode.OK, "{}"), await house.MetaAsync(body, good));
        // The token is in no address.
        Assert.Equal(("/v23.0/1", "Bearer p"), (Assert.Single(house.Graph.Asked).Path, house.Graph.Asked.Single().Token));
        Assert.DoesNotContain("p&", house.Graph.Asked.Single().Query + "&", StringComparison.Ordinal);
        Assert.Single(await house.MessagesAsync());
    }

    [Fact]
    public async Task Meta_is_told_that_the_address_is_right_and_nothing_changes_by_it()
    {
        await using var house = await LeadHouse.BuildAsync(Store);
        var size = await house.Bridge.House.SizeAsync();
        const string good = $"hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token={GatewayFolder.Verify}";
        foreach (var bad in (string[])
                 [
                     "", good.Replace(GatewayFolder.Verify, GatewayFolder.Secret, StringComparison.Ordinal), good.Replace(GatewayFolder.Verify, "", StringComparison.Ordinal), good.Replace("subscribe", "unsubscribe", StringComparison.Ordinal), good + "x",
                     good.Replace("1158201444", "%3Cscript%3E", StringComparison.Ordinal), good.Replace("1158201444", "", StringComparison.Ordinal), good.Replace("1158201444", new string('1', 201), StringComparison.Ordinal), good + "&hub.challenge=2",
                 ])
        {
            Assert.Equal(HttpStatusCode.Forbidden, (await house.SendAsync(HttpMethod.Get, "hooks/meta-leads/acme?" + bad, null)).Status);
        }

        Assert.Equal(HttpStatusCode.Forbidden, (await house.SendAsync(HttpMethod.Get, "hooks/meta-leads/other?" + good, null)).Status);
        var seen = await house.SendAsync(HttpMethod.Get, "hooks/meta-leads/acme?" + good, null);
        Assert.Equal((HttpStatusCode.OK, "1158201444", "text/plain"), (seen.Status, seen.Text, seen.Response.Content.Headers.ContentType!.MediaType));
        Assert.Equal(size, await house.Bridge.House.SizeAsync());
    }

    [Fact]
    public async Task Of_several_leads_in_one_delivery_each_is_taken_for_itself()
    {
        await using var house = await LeadHouse.BuildAsync(Store);
        house.Graph.Leads["1"] = Fetched("1");
        house.Graph.Leads["2"] = Fetched("2", Bob, Tick("sms_optin", "\"\""), "Yes");
        house.Graph.Leads["3"] = Fetched("3", "<test lead: dummy data for phone_number>");
        house.Graph.Leads["4"] = Fetched("4", "+447400123477", Tick("sms_optin", "\"1\""), "Yes");
        // What nobody named, or is no lead, is in the way of none; and nobody asks for it.
        var body = Told(("1", MetaForm), ("5", "7777"), ("2", MetaForm), ("../me", MetaForm), ("1", MetaForm), ("3", MetaForm), ("4", MetaForm)).Replace("\"entry\":[", "\"entry\":[{\"changes\":[{\"field\":\"feed\",\"value\":{\"form_id\":\"2001\",\"leadgen_id\":\"6\"}}]},7,null,", StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await house.MetaAsync(body)).Status);
        Assert.Equal(["/v23.0/1", "/v23.0/2", "/v23.0/3", "/v23.0/4"], house.Graph.Asked.Select(static one => one.Path));
        Assert.Equal(["sms", "voice", "voice", "sms"], (await house.OfAsync(RecordType.ConsentRequested)).SelectMany(static record => record.Scope!.Channels!));
        // The form is shown in Chinese, and so is the code; one to each.
        var messages = await house.MessagesAsync();
        Assert.Equal([Ann, "+447400123477", Bob], messages.Select(static one => one.GetProperty("to").GetString()).Order(StringComparer.Ordinal));
        Assert.All(messages, static one => Assert.Contains("請在此頁輸入", one.GetProperty("text").GetString(), StringComparison.Ordinal));
        var path = await house.LinkAsync("+447400123477");
        Assert.EndsWith("?lang=zh-Hant", path, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.SeeOther, (await house.TellAsync(path, house.Folder.CodeTo("+447400123477"))).Status);
        // One code is for all that this lead said yes to, and for nobody else's.
        Assert.Equal(["voice", "sms"], (await house.OfAsync(RecordType.ConsentConfirmed)).SelectMany(static record => record.Scope!.Channels!));
        Assert.All(await house.OfAsync(RecordType.ConsentConfirmed), record => Assert.Equal("zh-Hant", record.Notice!.Lang));
        Assert.Equal(HttpStatusCode.OK, (await house.MetaAsync(body)).Status);
        Assert.Equal((4, 3), ((await house.OfAsync(RecordType.ConsentRequested)).Count, (await house.MessagesAsync()).Count));
        Assert.Equal(("refused", "refused"), (await house.Bridge.VerdictAsync("sms"), await house.Bridge.VerdictAsync("voice", Bob)));
    }

    [Fact]
    public async Task What_could_not_be_fetched_is_told_again_and_lost_by_nobody()
    {
        await using var house = await LeadHouse.BuildAsync(Store);
        var size = await house.Bridge.House.SizeAsync();
        var body = Told(("1", MetaForm), ("2", MetaForm));
        var good = Fetched("1");
        house.Graph.Leads["2"] = Fetched("2", Bob);
        foreach (var (answer, status) in new (string, int)[]
                 {
                     ("{\"error\":{\"code\":190}}", 401), ("{\"error\":{\"code\":100}}", 400), (good, 500), ("", 302), ("", 200), ("<html>", 200), (good[..^2], 200), (good.Replace("\"id\":\"1\"", "\"id\":\"2\"", StringComparison.Ordinal), 200),
                     (good.Replace(MetaForm, "2002", StringComparison.Ordinal), 200), (good.Replace("+0000", "", StringComparison.Ordinal), 200), (good.Replace("created_time", "created", StringComparison.Ordinal), 200),
                     (good[..^1] + ",\"x\":\"" + new string('x', 64 << 10) + "\"}", 200), (good[..^1] + ",\"field_data\":[]}", 200), (string.Concat(Enumerable.Repeat("[", 100)), 200), (good.Replace("Ann", "\\ud800", StringComparison.Ordinal), 200),
                 })
        {
            (house.Graph.Leads["1"], house.Graph.Statuses["1"]) = (answer, status);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, (await house.MetaAsync(body)).Status);
            // The other one was taken the first time, and once.
            Assert.Equal(Bob, Assert.Single(await house.MessagesAsync()).GetProperty("to").GetString());
            Assert.Single(await house.OfAsync(RecordType.ConsentRequested));
        }

        // Nothing of it is known to the server: another one, on the same ledger, takes it.
        await using var other = await house.AnotherAsync();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await house.MetaAsync(body, client: other.Client)).Status);
        (house.Graph.Leads["1"], house.Graph.Statuses["1"]) = (good, 200);
        Assert.Equal(HttpStatusCode.OK, (await house.MetaAsync(body, client: other.Client)).Status);
        await other.Served.Afterwards.IdleAsync();
        Assert.Equal(2, (await house.OfAsync(RecordType.ConsentRequested)).Count);
        Assert.Equal(HttpStatusCode.OK, (await house.MetaAsync(body)).Status);
        Assert.Equal(2, (await house.MessagesAsync()).Count);
        Assert.True(await house.Bridge.House.SizeAsync() > size);
        // The moment is theirs, not ours.
        Assert.All(await house.OfAsync(RecordType.ConsentRequested), static record => Assert.Equal(NodaTime.Instant.FromUtc(2027, 6, 9, 9, 59, 30), record.EventAt));
    }

    [Fact]
    public async Task Who_hangs_up_loses_nothing_and_where_nobody_answers_nobody_is_asked_for_long()
    {
        await using var house = await LeadHouse.BuildAsync(Store);
        (house.Graph.Leads["1"], house.Graph.Leads["2"]) = (Fetched("1"), Fetched("2", Bob));
        house.Graph.Waits["1"] = TimeSpan.FromSeconds(1);
        using (var impatient = CancellationTokenSource.CreateLinkedTokenSource(Cancel))
        {
            impatient.CancelAfter(TimeSpan.FromMilliseconds(300));
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => house.MetaAsync(Told(("1", MetaForm), ("2", MetaForm)), cancel: impatient.Token));
        }

        for (var tries = 0; tries < 150 && (await house.OfAsync(RecordType.ConsentRequested)).Count < 2; tries++)
            await Task.Delay(100, Cancel);
        Assert.Equal(2, (await house.OfAsync(RecordType.ConsentRequested)).Count);
        Assert.Equal(2, house.Graph.Asked.Count);
        // One that hangs costs ten seconds, and a thousand behind it none.
        house.Graph.Waits["11"] = TimeSpan.FromMinutes(2);
        var began = DateTime.UtcNow;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await house.MetaAsync(Told([.. Enumerable.Range(11, 1_000).Select(static n => (n.ToString(CultureInfo.InvariantCulture), MetaForm))]))).Status);
        Assert.InRange((DateTime.UtcNow - began).TotalSeconds, 5, 60);
        Assert.Equal(3, house.Graph.Asked.Count);
    }

    [Fact]
    public async Task Nothing_is_fetched_from_where_this_server_may_not_reach()
    {
        await using var house = await LeadHouse.BuildAsync(Store);
        house.Graph.Leads["1"] = Fetched("1");
        using var folder = new GatewayFolder();
        using var internet = folder.Open(GatewayFolder.Files);
        foreach (var url in new[] { house.Graph.Url, house.Graph.Url.Replace("127.0.0.1", "localhost", StringComparison.Ordinal), "https://169.254.169.254/latest", "https://[::1]/v23.0" })
            Assert.Equal((null, false), await new MetaLead(MetaForm, "1").FetchAsync(internet.Asking, url, "p", Cancel));
        Assert.Empty(house.Graph.Asked);
        Assert.Throws<RuleFileException>(() => folder.Open(LeadHouse.WaysFor(house.Graph.Url).Replace("reach: { networks: [127.0.0.0/8], http: loopback }\n", "", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Whatever_is_sent_it_is_no_fault_of_ours()
    {
        await using var house = await LeadHouse.BuildAsync(Store);
        var size = await house.Bridge.House.SizeAsync();
        var good = Google("L1");
        string[] bodies =
        [
            "", " ", "null", "[]", "{}", "1", "\"x\"", "{", "x=1", "\u0000", "{\"a\":1,\"a\":2}", string.Concat(Enumerable.Repeat("[", 10_000)), "{\"user_column_data\":" + string.Concat(Enumerable.Repeat("{\"a\":", 40)) + "1" + new string('}', 41), "{\"\\ud800\":1}",
            good.Replace("Ann Example", "\\ud800", StringComparison.Ordinal), good[..^1], good + good,
        ];
        foreach (var body in bodies)
        {
            Assert.InRange((int)(await house.GoogleAsync(body)).Status, 400, 499);
            Assert.InRange((int)(await house.MetaAsync(body)).Status, 200, 499);
        }

        foreach (var body in new[] { new byte[] { 0xff, 0xfe, 0x7b }, [.. Encoding.UTF8.GetBytes(good)[..^4], 0xc3, 0x28, 0x7d, 0x5d, 0x7d] })
            Assert.Equal(HttpStatusCode.BadRequest, (await house.PostAsync("hooks/google-leads/acme", body)).Status);
        foreach (var columns in (string[])["null", "{}", "[null]", "[[]]", "[{\"column_id\":[],\"string_value\":{}}]", "\"x\"", "[{\"column_id\":1,\"string_value\":2}]"])
            Assert.Equal(HttpStatusCode.OK, (await house.GoogleAsync($$"""{"lead_id":"X","form_id":1001,"google_key":"{{GatewayFolder.Secret}}","user_column_data":{{columns}}}""")).Status);
        // It has a name of its own, and is of a form that somebody named and published.
        foreach (var lead in (string[])["", " ", new string('x', 201), "a\\u0000b", "a\\nb"])
            Assert.Equal(HttpStatusCode.BadRequest, (await house.GoogleAsync(Google(lead))).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await house.GoogleAsync(Google("L1", form: "\"\""))).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await house.GoogleAsync(Google("L1", form: "1002"))).Status);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await house.GoogleAsync(Google("L1", form: "1009"))).Status);
        // What it says of the person is some of it nonsense.
        foreach (var phone in (string[])["", "12", "' or 1=1 --", "<script>", "+4474001234567890123", "ann@example.org", "+447400123456\\u0000", new string('9', 3_000)])
            Assert.Equal(HttpStatusCode.UnprocessableEntity, (await house.GoogleAsync(Google("L1", phone))).Status);
        foreach (var name in (string[])["a\\u0000b", "a\\nb", new string('n', 300)])
            Assert.Equal(HttpStatusCode.UnprocessableEntity, (await house.GoogleAsync(good.Replace("Ann Example", name, StringComparison.Ordinal))).Status);
        // Nobody agreed in what is yet to come.
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await house.GoogleAsync(Google("L1", more: ",\"lead_submit_time\":\"2037-01-01T00:00:00Z\""))).Status);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await house.GoogleAsync(good[..^1] + ",\"x\":\"" + new string('x', 1 << 20) + "\"}")).Status);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await house.MetaAsync(new string('x', (1 << 20) + 1))).Status);
        Assert.Equal((size, 0), (await house.Bridge.House.SizeAsync(), (await house.MessagesAsync()).Count));
        Assert.Empty(house.Graph.Asked);
        // Of one delivery the form that is not published is in the way of no other.
        house.Graph.Leads["2"] = Fetched("2");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await house.MetaAsync(Told(("1", "2009"), ("2", MetaForm)))).Status);
        Assert.Equal("/v23.0/2", Assert.Single(house.Graph.Asked).Path);
        Assert.Single(await house.MessagesAsync());
        // Names that look like nothing are names.
        Assert.Equal(HttpStatusCode.OK, (await house.GoogleAsync(Google(" ü 😀 <b> ", Bob))).Status);
        Assert.Equal(2, (await house.MessagesAsync()).Count);
        Assert.Equal(HttpStatusCode.SeeOther, (await house.TellAsync(await house.LinkAsync(Bob), house.Folder.CodeTo(Bob))).Status);
    }

    [Fact]
    public async Task A_code_confirms_its_own_lead_alone()
    {
        await using var house = await LeadHouse.BuildAsync(Store);
        await house.TakeAsync("L1");
        var (first, one) = (await house.LinkAsync(), house.Folder.CodeTo(Ann));
        await house.TakeAsync("L2");
        var (second, two) = (await house.LinkAsync(), house.Folder.CodeTo(Ann));
        await house.TakeAsync("L3", Bob);
        var (bobs, three) = (await house.LinkAsync(Bob), house.Folder.CodeTo(Bob));
        Assert.Equal(3, new[] { first, second, bobs }.Distinct().Count());
        foreach (var (path, code) in new[] { (first, two), (second, one), (first, three), (bobs, one), (bobs, two), (first, ""), (first, "x"), (bobs, "0000000000") })
            Assert.Equal(HttpStatusCode.UnprocessableEntity, (await house.TellAsync(path, code)).Status);
        // Nor does a link that was made for something else, or elsewhere, lead here.
        var (links, sid) = (house.Bridge.House.Installation.Links, (await house.Bridge.House.FindAsync(Ann))!);
        var person = new PersonLink(sid.Person.Sid, sid.Points().First().Id);
        Assert.True(links.TryRead("acme", LinkAct.Lead, first.Split('/', '?')[2], out var link));
        foreach (var token in new[] { links.Make("acme", LinkAct.Stop, link), links.Make("acme", LinkAct.Preferences, link), links.Make("other", LinkAct.Lead, link), links.Make("acme", LinkAct.Lead, person), first.Split('/', '?')[2][..^1] + "_", "x" })
            Assert.Equal(HttpStatusCode.UnprocessableEntity, (await house.TellAsync("y/acme/" + token, one)).Status);
        Assert.Empty(await house.OfAsync(RecordType.ConsentConfirmed));
        Assert.Equal(HttpStatusCode.SeeOther, (await house.TellAsync(second, two)).Status);
        var asked = (await house.OfAsync(RecordType.ConsentRequested)).Select(static record => record.Seq).ToArray();
        Assert.Equal([asked[1]], Assert.Single(await house.OfAsync(RecordType.ConsentConfirmed)).About);
        Assert.Equal("refused", await house.Bridge.VerdictAsync("sms", Bob));
    }

    [Fact]
    public async Task What_is_asked_under_the_same_name_later_is_not_confirmed_by_the_code_of_before()
    {
        await using var house = await LeadHouse.BuildAsync(Store, codes: "places: [GB], per-point-and-day: 1");
        await house.ApiAsync("L1", "offers-sms");
        var (path, code) = (await house.LinkAsync(), house.Folder.CodeTo(Ann));
        await house.ApiAsync("L1", "offers-sms", "offers-voice");
        Assert.Equal(2, (await house.OfAsync(RecordType.ConsentRequested)).Count);
        Assert.Single(await house.MessagesAsync());
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await house.TellAsync(path, code)).Status);
        Assert.Empty(await house.OfAsync(RecordType.ConsentConfirmed));
    }

    [Fact]
    public async Task A_lead_that_broke_off_between_two_yeses_gets_its_codes_when_it_comes_again()
    {
        await using var house = await LeadHouse.BuildAsync(Store);
        // As it stands where the server went away before the second one.
        await house.ApiAsync("L1", "offers-sms");
        Assert.Single(await house.MessagesAsync());
        house.Folder.Clear();
        Assert.Equal(("requested", 2), await house.ApiAsync("L1", "offers-sms", "offers-email"));
        Assert.Equal(["ann@example.org", Ann], (await house.MessagesAsync()).Select(static one => one.GetProperty("to").GetString()).OrderDescending(StringComparer.Ordinal));
        foreach (var to in new[] { Ann, "ann@example.org" })
            Assert.Equal(HttpStatusCode.SeeOther, (await house.TellAsync(await house.LinkAsync(to), house.Folder.CodeTo(to))).Status);
        Assert.Equal(["email", "sms"], (await house.OfAsync(RecordType.ConsentConfirmed)).SelectMany(static record => record.Scope!.Channels!).Order(StringComparer.Ordinal));
        house.Folder.Clear();
        Assert.Equal(("requested", 2), await house.ApiAsync("L1", "offers-sms", "offers-email"));
        Assert.Empty(await house.MessagesAsync());
    }

    [Fact]
    public async Task A_code_is_good_for_ten_minutes_and_five_tries_and_another_can_be_had_for_a_week()
    {
        await using var house = await LeadHouse.BuildAsync(Store);
        await house.TakeAsync("L1");
        var (path, code) = (await house.LinkAsync(), house.Folder.CodeTo(Ann));
        house.Bridge.Time.Ahead += TimeSpan.FromMinutes(10);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await house.TellAsync(path, code)).Status);
        await house.AgainAsync(path);
        var second = house.Folder.CodeTo(Ann);
        Assert.NotEqual(code, second);
        Assert.Equal(path, await house.LinkAsync());
        for (var tries = 0; tries < 5; tries++)
            Assert.Equal(HttpStatusCode.UnprocessableEntity, (await house.TellAsync(path, "0000000000")).Status);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await house.TellAsync(path, second)).Status);
        Assert.Empty(await house.OfAsync(RecordType.ConsentConfirmed));
        house.Bridge.Time.Ahead += TimeSpan.FromDays(6);
        await house.AgainAsync(path);
        Assert.Equal(3, (await house.MessagesAsync()).Count);
        // By a link that was made up nobody is sent anything; it looks the same.
        var nothing = "y/acme/" + house.Bridge.House.Installation.Links.Make("acme", LinkAct.Lead, new PersonLink(Server.Ledger.Fresh.Id(), Server.Ledger.Fresh.Id()));
        Assert.Equal(Alike(await house.AgainAsync(path)), Alike(await house.AgainAsync(nothing)));
        Assert.Equal(Alike(await house.SendAsync(HttpMethod.Get, path, null)), Alike(await house.SendAsync(HttpMethod.Get, "y/acme/x", null)));
        Assert.Equal(Alike(await house.TellAsync(path, "1")), Alike(await house.TellAsync(nothing, "1")));
        Assert.Equal(4, (await house.MessagesAsync()).Count);
        var last = house.Folder.CodeTo(Ann);
        house.Bridge.Time.Ahead += TimeSpan.FromDays(1);
        await house.AgainAsync(path);
        Assert.Equal(4, (await house.MessagesAsync()).Count);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await house.TellAsync(path, last)).Status);
        Assert.Empty(await house.OfAsync(RecordType.ConsentConfirmed));
    }

    [Fact]
    public async Task A_no_after_the_lead_stands_and_whoever_said_it_is_not_written_to()
    {
        await using var house = await LeadHouse.BuildAsync(Store);
        await house.TakeAsync("L1");
        var (path, code) = (await house.LinkAsync(), house.Folder.CodeTo(Ann));
        house.Bridge.Time.Ahead += TimeSpan.FromSeconds(5);
        await house.Bridge.House.WithdrawAsync(Ann);
        await house.AgainAsync(path);
        Assert.Single(await house.MessagesAsync());
        Assert.Equal(HttpStatusCode.SeeOther, (await house.TellAsync(path, code)).Status);
        Assert.Equal("refused", await house.Bridge.VerdictAsync("sms"));
        Assert.NotEmpty(await house.Bridge.House.SuppressionsAsync(Ann));
        // Nor is one whose lead is older than their no, and comes after it.
        await house.Bridge.House.WithdrawAsync(Bob);
        Assert.Equal(HttpStatusCode.OK, (await house.GoogleAsync(Google("L2", Bob, more: ",\"lead_submit_time\":\"2027-06-09T09:59:00Z\""))).Status);
        Assert.Single(await house.MessagesAsync());
        Assert.Equal(2, (await house.OfAsync(RecordType.ConsentRequested)).Count);
        // A no to something else closes neither the way of the code nor what it is about.
        await house.Bridge.House.WithdrawAsync("+447400123477", "voice");
        await house.Bridge.House.WithdrawAsync("+447400123477", "sms", "research");
        Assert.Equal(HttpStatusCode.OK, (await house.GoogleAsync(Google("L3", "+447400123477", more: ",\"lead_submit_time\":\"2027-06-09T09:59:00Z\""))).Status);
        Assert.Equal(2, (await house.MessagesAsync()).Count);
    }

    [Fact]
    public async Task Whoever_refused_before_takes_it_back_by_the_code_and_by_nothing_else()
    {
        await using var house = await LeadHouse.BuildAsync(Store);
        await house.Bridge.House.WithdrawAsync(Ann);
        house.Bridge.Time.Ahead += TimeSpan.FromSeconds(5);
        await house.TakeAsync("L1");
        Assert.NotEmpty(await house.Bridge.House.SuppressionsAsync(Ann));
        Assert.Equal("refused", await house.Bridge.VerdictAsync("sms"));
        Assert.Equal(HttpStatusCode.SeeOther, (await house.TellAsync(await house.LinkAsync(), house.Folder.CodeTo(Ann))).Status);
        Assert.Equal(("allowed", "refused"), (await house.Bridge.VerdictAsync("sms"), await house.Bridge.VerdictAsync("voice")));
        // What others closed no yes opens, and whoever is kept until somebody has read what they wrote is left alone.
        await house.Bridge.House.DoAsync(new WithdrawCommand(House.Staff, [house.Bridge.House.Tags(Bob)], ScopeArguments.Read(null, null), new RefusalFacts(SuppressedBy.Controller, SuppressionKind.Suppression, "letter")));
        await house.Bridge.House.SaysAsync("+447400123477", channels: "voice");
        await house.Bridge.House.DoAsync(new HoldCommand(House.Staff, (await house.Bridge.House.FindAsync("+447400123477"))!.Person.Sid, "legal-claim"));
        house.Bridge.Time.Ahead += TimeSpan.FromSeconds(5);
        await house.TakeAsync("L2", Bob, messages: 1);
        await house.TakeAsync("L3", "+447400123477", messages: 1);
        Assert.Equal(("refused", "refused"), (await house.Bridge.VerdictAsync("sms", Bob), await house.Bridge.VerdictAsync("sms", "+447400123477")));
        Assert.Empty(await house.Bridge.House.FaultsAsync());
    }

    [Fact]
    public async Task Codes_for_leads_have_an_end_as_others_have()
    {
        await using var house = await LeadHouse.BuildAsync(Store, codes: "places: [GB], per-lead-form-and-hour: 3, per-source-and-hour: 1, per-point-and-day: 2, per-prefix-and-hour: 3");
        // The place, the line and the number count first.
        await house.TakeAsync("L1", "+33612345678", messages: 0);
        await house.TakeAsync("L2", "+442079460100", messages: 0);
        await house.TakeAsync("L3");
        await house.TakeAsync("L4", messages: 2);
        await house.TakeAsync("L5", messages: 2);
        // One more of the form, whichever network it comes from; another form is another matter, but for numbers beside those.
        await house.TakeAsync("L6", "+447900000001", messages: 3);
        await house.TakeAsync("L7", "+447900000002", messages: 3);
        house.Graph.Leads["1"] = Fetched("1", "+447900000003");
        Assert.Equal(HttpStatusCode.OK, (await house.MetaAsync(Told(("1", MetaForm)))).Status);
        Assert.Equal(4, (await house.MessagesAsync()).Count);
        // Who asks on the page is counted by where they come from.
        var path = await house.LinkAsync("+447900000003");
        await house.AgainAsync(path);
        Assert.Equal(5, (await house.MessagesAsync()).Count);
        await house.AgainAsync(path);
        Assert.Equal(5, (await house.MessagesAsync()).Count);
        house.Bridge.Time.Ahead += TimeSpan.FromHours(1);
        await house.TakeAsync("L8", "+447400123410", messages: 6);
        await house.TakeAsync("L9", "+447400123411", messages: 7);
        // All of them are written down, and staff may confirm them.
        Assert.Equal(10, (await house.OfAsync(RecordType.ConsentRequested)).Count);
    }

    [Fact]
    public async Task What_a_controller_pays_for_in_a_day_counts_leads_too()
    {
        await using var house = await LeadHouse.BuildAsync(Store, codes: "places: [GB], per-day: 1");
        await house.TakeAsync("L1");
        await house.TakeAsync("L2", "+447900000001", messages: 1);
    }

    [Theory]
    [InlineData("2027-06-07T10:00:05Z", 1)]
    [InlineData("2027-06-07T09:59:55Z", 0)]
    [InlineData("2027-06-09T10:02:00+00:00", 1)]
    [InlineData("yesterday", 1)]
    public async Task Nobody_is_asked_for_a_code_to_what_they_filled_in_days_ago(string at, int messages)
    {
        await using var house = await LeadHouse.BuildAsync(Store);
        Assert.Equal(HttpStatusCode.OK, (await house.GoogleAsync(Google("L1", more: $",\"lead_submit_time\":\"{at}\""))).Status);
        Assert.Single(await house.OfAsync(RecordType.ConsentRequested));
        Assert.Equal(messages, (await house.MessagesAsync()).Count);
        // A clock that goes before ours is no reason to refuse.
        if (messages > 0)
            Assert.Equal(HttpStatusCode.SeeOther, (await house.TellAsync(await house.LinkAsync(), house.Folder.CodeTo(Ann))).Status);
    }

    [Fact]
    public async Task Where_nobody_said_how_the_world_reaches_the_server_staff_confirm()
    {
        await using var house = await LeadHouse.BuildAsync(Store, address: null);
        await house.TakeAsync("L1", messages: 0);
        Assert.Single(await house.OfAsync(RecordType.ConsentRequested));
    }

    [Fact]
    public async Task Where_one_tick_is_enough_the_lead_is_the_yes_and_lifts_no_no()
    {
        await using var house = await LeadHouse.BuildAsync(Store, static form => form with { OptIn = FormOptIn.Single });
        await house.TakeAsync("L1", messages: 0);
        Assert.Single(await house.OfAsync(RecordType.ConsentGiven));
        Assert.Equal("allowed", await house.Bridge.VerdictAsync("sms"));
        await house.Bridge.House.WithdrawAsync(Bob);
        house.Bridge.Time.Ahead += TimeSpan.FromSeconds(5);
        await house.TakeAsync("L2", Bob, messages: 0);
        Assert.Equal("refused", await house.Bridge.VerdictAsync("sms", Bob));
        Assert.Equal(HttpStatusCode.OK, (await house.GoogleAsync(Google("L1"))).Status);
        Assert.Equal(2, (await house.OfAsync(RecordType.ConsentGiven)).Count);
    }

    private static string Google(string lead, string phone = Ann, string yes = "Yes", string form = GoogleForm, string key = GatewayFolder.Secret, string more = "") => $$"""
        {"lead_id":"{{lead}}","user_column_data":[{"column_name":"Full Name","string_value":"Ann Example","column_id":"FULL_NAME"},{"column_name":"User Phone","string_value":"{{phone}}","column_id":"PHONE_NUMBER"},{"string_value":"{{yes}}","column_id":"may_we_text_you"}],"api_version":"1.0","form_id":{{form}},"campaign_id":7,"google_key":"{{key}}"{{more}}}
        """;

    private static string Told(params (string Lead, string Form)[] leads) =>
        $$"""{"object":"page","entry":[{{string.Join(",", leads.Select(static one => $$$"""{"id":"7","time":1,"changes":[{"field":"leadgen","value":{"form_id":"{{{one.Form}}}","leadgen_id":"{{{one.Lead}}}","page_id":"7","created_time":1}}]}"""))}}]}""";

    private static string Tick(string key, string isChecked) => $$"""{"checkbox_key":"{{key}}","is_checked":{{isChecked}}}""";

    private static string Fetched(string lead, string phone = Ann, string? ticks = null, string answers = "No") =>
        $$"""{"id":"{{lead}}","form_id":"{{MetaForm}}","created_time":"2027-06-09T09:59:30+0000","field_data":[{"name":"full_name","values":["Ann Example"]},{"name":"phone_number","values":["{{phone}}"]},{"name":"may_we_call_you","values":["{{answers}}"]}],"custom_disclaimer_responses":[{{ticks ?? Tick("sms_optin", "\"1\"")}}]}""";

    // But for the link itself.
    private static string Alike(Seen seen) => $"{(int)seen.Status} {Link().Replace(seen.Text, "y/acme/LINK")}";

    [GeneratedRegex("y/acme/[A-Za-z0-9_-]+")]
    private static partial Regex Link();

    /// <summary>A house with a published form, a folder for its messages and a Graph API of its own.</summary>
    private sealed class LeadHouse : IAsyncDisposable
    {
        private const string Reach = "reach: { networks: [127.0.0.0/8], http: loopback }\n";

        private LeadHouse(BridgeHouse bridge, GatewayFolder folder, GraphServer graph, string ways) => (Bridge, Folder, Graph, Ways) = (bridge, folder, graph, ways);

        public BridgeHouse Bridge { get; }

        public GatewayFolder Folder { get; }

        public GraphServer Graph { get; }

        private string Ways { get; }

        public static string WaysFor(string graph, string codes = "places: [GB]") => GatewayFolder.Files + Reach + $$"""
            inbound:
              - kind: google-leads
                controller: acme
                secret-env: IN
                forms:
                  - { form: kitchen-news@2026-11, language: en, lead-forms: ["{{GoogleForm}}"], fields: { phone: PHONE_NUMBER, name: FULL_NAME }, boxes: { offers-sms: { question: may_we_text_you, yes: ["Yes", "Sure"] } } }
                  - { form: kitchen-news@none, language: en, lead-forms: ["1009"], fields: { phone: PHONE_NUMBER }, boxes: { offers-sms: { question: may_we_text_you, yes: ["Yes"] } } }
              - kind: meta-leads
                controller: acme
                secret-env: IN
                verify-env: VERIFY
                token-env: PASSWORD
                url: "{{graph}}"
                forms:
                  - { form: kitchen-news@2026-11, language: zh-Hant, lead-forms: ["{{MetaForm}}"], fields: { phone: phone_number, name: full_name }, boxes: { offers-sms: { checkbox: sms_optin }, offers-voice: { question: may_we_call_you, yes: ["Yes"] } } }
                  - { form: kitchen-news@2026-11, language: fr, lead-forms: ["2009"], fields: { phone: phone_number }, boxes: { offers-sms: { checkbox: sms_optin } } }
              - kind: meta-leads
                controller: nobody
                secret-env: IN
                verify-env: VERIFY
                token-env: PASSWORD
                url: "{{graph}}"
                forms: [{ form: kitchen-news@2026-11, language: en, lead-forms: ["{{MetaForm}}"], fields: { phone: phone_number }, boxes: { offers-sms: { checkbox: sms_optin } } }]
            codes: { {{codes}} }

            """;

        public static Task<LeadHouse> BuildAsync(StoreOptions? store, Func<FormDocument, FormDocument>? changed = null, string codes = "places: [GB]") => BuildAsync(store, new Uri("https://consent.example"), changed, codes);

        public static async Task<LeadHouse> BuildAsync(StoreOptions? store, Uri? address, Func<FormDocument, FormDocument>? changed = null, string codes = "places: [GB]")
        {
            var (folder, graph) = (new GatewayFolder(), await GraphServer.StartAsync());
            var ways = WaysFor(graph.Url, codes);
            var bridge = await BridgeHouse.BuildAsync(store, InboundHooks.Map, gateways: folder.Open(ways, address: address));
            var form = FormDocument.Read("form-offers.yaml", await File.ReadAllTextAsync(Path.Combine(Repository.Root, "samples", "form-offers.yaml"), Cancel)) with { OfferedIn = ["GB"], Layouts = [] };
            await PublishedForms.PublishAsync(bridge.House.Installation, bridge.House.Ledger, House.Staff, changed?.Invoke(form) ?? form, Rulebook.Shipped, Cancel);
            return new LeadHouse(bridge, folder, graph, ways);
        }

        public static string Sign(string body, string secret = GatewayFolder.Secret) => "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(body)));

        /// <summary>Another server of the same installation.</summary>
        public async Task<AnotherServer> AnotherAsync()
        {
            var served = new Served(Bridge.House.Installation, ContactGate.Shipped, Bridge.Served.Facts) { Webhooks = new WebhookSender(WebhookReach.Internet, Bridge.Time), Gateways = Folder.Open(Ways, address: new Uri("https://consent.example")) };
            var app = ApiHost.Build(served, "http://127.0.0.1:0");
            InboundHooks.Map(app, served);
            await app.StartAsync(Cancel);
            return new AnotherServer(served, app, new HttpClient { BaseAddress = new Uri(app.Urls.Single()) });
        }

        public Task<(HttpStatusCode Status, string Text)> GoogleAsync(string body) => PostAsync("hooks/google-leads/acme", body);

        public Task<(HttpStatusCode Status, string Text)> MetaAsync(string body, string? signature = "right", string controller = "acme", HttpClient? client = null, CancellationToken? cancel = null) =>
            PostAsync("hooks/meta-leads/" + controller, Encoding.UTF8.GetBytes(body), signature == "right" ? Sign(body) : signature, client, cancel);

        public Task<(HttpStatusCode Status, string Text)> PostAsync(string path, string body) => PostAsync(path, Encoding.UTF8.GetBytes(body));

        public async Task<(HttpStatusCode Status, string Text)> PostAsync(string path, byte[] body, string? signature = null, HttpClient? client = null, CancellationToken? cancel = null)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(body) };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            if (signature is not null)
                request.Headers.TryAddWithoutValidation("X-Hub-Signature-256", signature);
            using var response = await (client ?? Bridge.Client).SendAsync(request, cancel ?? Cancel);
            return (response.StatusCode, await response.Content.ReadAsStringAsync(Cancel));
        }

        /// <summary>Somebody says yes to text messages.</summary>
        public async Task TakeAsync(string lead, string phone = Ann, int? messages = null)
        {
            Assert.Equal(HttpStatusCode.OK, (await GoogleAsync(Google(lead, phone))).Status);
            if (await MessagesAsync() is var sent && messages is { } count)
                Assert.Equal(count, sent.Count);
        }

        /// <summary>A program of the house brings a lead.</summary>
        public async Task<(string State, int Yeses)> ApiAsync(string lead, params string[] yes)
        {
            var (status, json) = await Bridge.PostAsync("forms/kitchen-news/leads", $$"""
                { "platform": "meta", "leadForm": "9", "lead": "{{lead}}", "at": "2027-06-09T09:59:00Z", "language": "en", "fields": { "phone": "{{Ann}}", "email": "ann@example.org", "name": "Ann Example" }, "yes": [{{string.Join(", ", yes.Select(static box => $"\"{box}\""))}}] }
                """);
            Assert.Equal(HttpStatusCode.Created, status);
            return (json.GetProperty("state").GetString()!, json.GetProperty("yes").GetArrayLength());
        }

        public async Task<IReadOnlyList<JsonElement>> MessagesAsync()
        {
            await Bridge.Served.Afterwards.IdleAsync();
            return Folder.Messages();
        }

        public async Task<IReadOnlyList<LedgerRecord>> OfAsync(RecordType type) => [.. (await Bridge.House.RecordsAsync()).Where(record => record.Type == type)];

        /// <summary>Where the newest message to somebody leads.</summary>
        public async Task<string> LinkAsync(string to = Ann)
        {
            var text = (await MessagesAsync()).Last(one => one.GetProperty("to").GetString() == to).GetProperty("text").GetString()!;
            var found = Regex.Match(text, @"https://consent\.example/(y/acme/[A-Za-z0-9_-]+(\?lang=[\w-]+)?)");
            Assert.True(found.Success, text);
            return found.Groups[1].Value;
        }

        public Task<Seen> TellAsync(string path, string code) => SendAsync(HttpMethod.Post, path, new FormUrlEncodedContent([KeyValuePair.Create("code", code)]));

        public async Task<Seen> AgainAsync(string path)
        {
            var seen = await SendAsync(HttpMethod.Post, path.Split('?')[0] + "/code", new FormUrlEncodedContent([]));
            Assert.Equal(HttpStatusCode.OK, seen.Status);
            await MessagesAsync();
            return seen;
        }

        public async Task<Seen> SendAsync(HttpMethod method, string path, HttpContent? content)
        {
            using var client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = Bridge.Client.BaseAddress };
            using var request = new HttpRequestMessage(method, path) { Content = content };
            request.Headers.TryAddWithoutValidation("Accept", "text/html");
            request.Headers.TryAddWithoutValidation("Accept-Language", "en");
            var response = await client.SendAsync(request, Cancel);
            return new Seen(response.StatusCode, await response.Content.ReadAsStringAsync(Cancel), response);
        }

        public async ValueTask DisposeAsync()
        {
            await Bridge.DisposeAsync();
            await Graph.DisposeAsync();
            Folder.Dispose();
        }
    }

    private sealed record AnotherServer(Served Served, WebApplication App, HttpClient Client) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            Client.Dispose();
            await App.StopAsync();
            await App.DisposeAsync();
            Served.Webhooks.Dispose();
        }
    }

    /// <summary>The Graph API, as far as it is asked here.</summary>
    private sealed class GraphServer : IAsyncDisposable
    {
        private readonly WebApplication app;

        private GraphServer(WebApplication app) => this.app = app;

        public string Url => app.Urls.Single() + "/v23.0";

        public ConcurrentDictionary<string, string> Leads { get; } = [];

        public ConcurrentDictionary<string, int> Statuses { get; } = [];

        public ConcurrentDictionary<string, TimeSpan> Waits { get; } = [];

        public ConcurrentQueue<(string Path, string Query, string? Token)> Asked { get; } = [];

        public static async Task<GraphServer> StartAsync()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            var graph = new GraphServer(builder.Build());
            graph.app.MapFallback(graph.AnswerAsync);
            await graph.app.StartAsync();
            return graph;
        }

        public async ValueTask DisposeAsync()
        {
            using var now = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
            await app.StopAsync(now.Token);
            await app.DisposeAsync();
        }

        private async Task AnswerAsync(HttpContext http)
        {
            Asked.Enqueue((http.Request.Path, http.Request.QueryString.Value ?? "", http.Request.Headers.Authorization));
            var lead = http.Request.Path.Value!.Split('/')[^1];
            if (Waits.TryGetValue(lead, out var wait))
                await Task.Delay(wait, http.RequestAborted);
            http.Response.StatusCode = Statuses.TryGetValue(lead, out var status) ? status : Leads.ContainsKey(lead) ? 200 : 400;
            if (http.Response.StatusCode == 302)
                http.Response.Headers.Location = "/v23.0/2";
            await http.Response.WriteAsync(Leads.GetValueOrDefault(lead, """{"error":{"code":100}}"""), http.RequestAborted);
        }
    }
}
