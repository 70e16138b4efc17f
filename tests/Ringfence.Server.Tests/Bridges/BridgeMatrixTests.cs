using System.Net;
using Ringfence.Ledger;
using Ringfence.Server.Bridges.Mcp;
using Ringfence.Server.Hosting;
using Ringfence.Server.Ledger;
using Ringfence.Server.Staff;
using Ringfence.Server.Storage;
using Ringfence.Suppression;
using Xunit;
using static Ringfence.Server.Tests.Bridges.McpCaller;
using static Ringfence.Server.Tests.Bridges.TwilioCaller;

namespace Ringfence.Server.Tests.Bridges;

/// <summary>Whichever way somebody comes: they need the scope, reach nothing of another controller, and are held to the same limits.</summary>
public sealed class BridgeMatrixTests
{
    private const string Ann = BridgeHouse.Ann;
    private const string CallQuery = "?purpose=offers&technique=manual";

    private static readonly ApiScopes[] Scopes = [.. Enum.GetValues<ApiScopes>().Where(static one => System.Numerics.BitOperations.IsPow2((int)one))];

    [Fact]
    public async Task Every_way_in_beside_the_api_is_one_that_is_tried_here()
    {
        await using var house = await HouseAsync();
        var ways = house.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            // Routes of the API and pages have lists and a matrix of their own.
            .Where(static way => way.Metadata.GetMetadata<ApiRoute>() is null && way.Metadata.GetMetadata<Ringfence.Server.Pages.PageRoute>() is null)
            .Select(static way => $"{string.Join('|', way.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? [])} {way.RoutePattern.RawText}").Order(StringComparer.Ordinal);
        Assert.Equal(
            [" {*path:nonfile}", "GET /assets/{version}/{name}", "GET /embed.js", "GET /openapi/v1.json", "GET|DELETE /mcp", "POST /hooks/twilio/{controller}/call", "POST /hooks/twilio/{controller}/message", "POST /hooks/twilio/{controller}/outcome", "POST /mcp"], ways);
        Assert.Equal(["may_i_contact", "request_permit", "report_outcome", "record_opt_out", "explain"], McpTools.All.Select(static tool => tool.Name));
    }

    [Fact]
    public async Task Each_scope_opens_what_it_is_for_and_nothing_else()
    {
        await using var house = await BridgeHouse.BuildAsync();
        await house.YesAsync();
        foreach (var scope in Scopes)
        {
            await using var client = await ClientAsync(house, scope);
            foreach (var (tool, arguments) in Tools("per_" + Fresh.Id(), 1))
                Assert.Equal((tool, scope == McpTools.ScopeOf(tool)), (tool, ProblemOf(await UseAsync(client, tool, arguments)) != "no-scope"));
            await using var desk = await AgiAsterisk.BuildAsync(house, scopes: scope);
            foreach (var (script, arguments, wanted) in Scripts("acme", "per_" + Fresh.Id()))
                Assert.Equal((script, scope == wanted), (script, (await desk.CallAsync(script, arguments)).Reason != "no-scope"));
        }
    }

    [Fact]
    public async Task Nothing_of_one_controller_is_anything_to_another()
    {
        await using var house = await HouseAsync();
        var other = await house.House.Installation.AddControllerAsync("other", "ledger.example/other", Ledger.House.Acme, CancellationToken.None);
        await house.YesAsync();
        await using var ours = await ClientAsync(house, BridgeHouse.All);
        var leave = await UseAsync(ours, "request_permit", Contact());
        var (permit, decision) = (Member(leave, "permit")!, Member(leave, "decision")!["dec_".Length..]);
        var sid = (await house.House.FindAsync(Ann))!.Person.Sid.ToString();
        var size = await house.House.SizeAsync();

        await using var theirs = await ClientAsync(house, BridgeHouse.All, ledger: other);
        foreach (var (tool, arguments) in Tools(permit, long.Parse(decision, System.Globalization.CultureInfo.InvariantCulture)))
        {
            var told = await UseAsync(theirs, tool, arguments);
            Assert.NotEqual("contact", Member(told, "next"));
            if (tool is "report_outcome" or "explain")
                Assert.Contains(ProblemOf(told), (string[])["no-such-permit", "no-such-record"]);
            Assert.DoesNotContain(sid, told.StructuredContent!.Value.GetRawText(), StringComparison.Ordinal);
        }

        // Their key opens their own scripts, and no script of ours.
        await using var desk = await AgiAsterisk.BuildAsync(house, scopes: BridgeHouse.All, ledger: other);
        foreach (var (script, arguments, _) in Scripts("acme", permit))
            Assert.Equal(("refused", "no-access", true), await desk.CallAsync(script, arguments) is var call ? (call.Verdict, call.Reason, call.IsHungUp) : default);
        Assert.Equal("refused", (await desk.CallAsync("other/voice.manual/offers", [Ann])).Verdict);
        Assert.Equal(("no", "no-such-permit"), await desk.CallAsync("other/outcome", [permit, "NOANSWER"]) is var outcome ? (outcome.Variables["RINGFENCE_DONE"], outcome.Reason) : default);
        Assert.Equal("yes", (await desk.CallAsync("other/optout", [Ann])).Variables["RINGFENCE_DONE"]);

        var signer = new string('9', 32);
        Assert.Equal("Reject", TwiML(await PostAsync(house, "/hooks/twilio/other/call" + CallQuery, Call(), signer)).Elements().Single().Name.LocalName);
        Assert.False(TwiML(await PostAsync(house, "/hooks/twilio/other/outcome?permit=" + permit, [("DialCallStatus", "no-answer")], signer)).HasElements);
        Assert.False(TwiML(await PostAsync(house, "/hooks/twilio/other/message", Message("STOP"), signer)).HasElements);
        foreach (var way in (string[])["call" + CallQuery, "message", "outcome?permit=" + permit])
            Assert.Equal(HttpStatusCode.Forbidden, (await PostAsync(house, "/hooks/twilio/acme/" + way, Message("STOP"), signer)).Status);

        Assert.Equal(size, await house.House.SizeAsync());
        Assert.Equal("allowed", Member(await UseAsync(ours, "may_i_contact", Contact()), "verdict"));
        Assert.Empty(await house.House.SuppressionsAsync(Ann));
    }

    [Fact]
    public async Task A_hook_does_what_it_is_for_and_nothing_else()
    {
        await using var house = await HouseAsync();
        await house.YesAsync();
        var before = await house.House.RecordsAsync();
        // A message asks for no call, a call says no no, and an outcome is neither.
        TwiML(await PostAsync(house, "/hooks/twilio/acme/message" + CallQuery, [.. Call(), ("MessageSid", "SM1"), ("Body", "When do you open tomorrow?")]));
        TwiML(await PostAsync(house, "/hooks/twilio/acme/outcome" + CallQuery, Message("STOP")));
        Assert.Equal(before.Count, (await house.House.RecordsAsync()).Count);
        TwiML(await PostAsync(house, "/hooks/twilio/acme/call" + CallQuery, [.. Call(), ("Body", "STOP")]));
        Assert.DoesNotContain(await house.House.RecordsAsync(), static record => record.Type == RecordType.SuppressionAdded);
    }

    [Fact]
    public async Task A_key_is_held_to_its_limits_whichever_way_it_comes_and_a_no_is_not()
    {
        await using var house = await BridgeHouse.BuildAsync(limits: "key:decide=3/d;controller:permit=5/d");
        await house.YesAsync();
        var key = await house.KeyAsync(McpScopes);
        await using var client = await ClientAsync(house, McpScopes, known: key);
        Assert.Equal("allowed", Member(await UseAsync(client, "may_i_contact", Contact()), "verdict"));
        Assert.Equal(HttpStatusCode.OK, await DecideAsync(house, key));
        Assert.Equal("allowed", Member(await UseAsync(client, "explain", Contact()), "verdict"));
        var beyond = await UseAsync(client, "may_i_contact", Contact());
        Assert.Equal((true, "too-often", "do_not_contact"), (beyond.IsError, ProblemOf(beyond), Member(beyond, "next")));
        Assert.Equal(HttpStatusCode.TooManyRequests, await DecideAsync(house, key));

        // Asking for a permit and using it are two. Of five one is left to the third, and that is not enough to call anybody.
        Assert.Equal("contact", Member(await UseAsync(client, "request_permit", Contact()), "next"));
        await using var desk = await AgiAsterisk.BuildAsync(house);
        Assert.Equal("permitted", (await desk.CallAsync("acme/voice.manual/offers", [Ann])).Verdict);
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal(("refused", "too-often", true), await desk.CallAsync("acme/voice.manual/offers", [Ann]) is var call ? (call.Verdict, call.Reason, call.IsHungUp) : default);
            Assert.Equal((true, "too-often", "do_not_contact"), await UseAsync(client, "request_permit", Contact()) is var told ? (told.IsError, ProblemOf(told), Member(told, "next")) : default);
        }

        Assert.Equal(2, (await house.House.RecordsAsync()).Count(static record => record.Type == RecordType.PermitRedeemed));
        for (var i = 10; i < 30; i++)
        {
            Assert.Equal("True", Member(await UseAsync(client, "record_opt_out", ("to", $"+4474001235{i}")), "done"));
            Assert.Equal("yes", (await desk.CallAsync("acme/optout", [$"+4474001236{i}"])).Variables["RINGFENCE_DONE"]);
        }
    }

    [Fact]
    public async Task Twilio_is_held_to_limits_too_and_a_no_is_heard()
    {
        await using var house = await HouseAsync("key:permit=3/d;key:*=4/d");
        await house.YesAsync();
        var dial = TwiML(await PostAsync(house, "/hooks/twilio/acme/call" + CallQuery, Call())).Elements().Single();
        Assert.Equal("Dial", dial.Name.LocalName);
        Assert.Equal("Reject", TwiML(await PostAsync(house, "/hooks/twilio/acme/call" + CallQuery, Call(sid: "CA2"))).Elements().Single().Name.LocalName);
        // That it was not written down is told, so that it is sent again.
        var outcome = await PostAsync(house, new Uri(dial.Attribute("action")!.Value).PathAndQuery["/rf".Length..], [("CallSid", "CA1"), ("DialCallStatus", "busy")]);
        Assert.True(outcome.Status == HttpStatusCode.TooManyRequests && outcome.Text.Contains("too-often", StringComparison.Ordinal), outcome.ToString());
        for (var i = 10; i < 30; i++)
            TwiML(await PostAsync(house, "/hooks/twilio/acme/message", Message("STOP", $"SM{i}", $"+4474001235{i}")));
        Assert.Equal(20, (await house.House.RecordsAsync()).Count(static record => record.Type == RecordType.SuppressionAdded));
    }

    [Fact]
    public async Task What_was_sent_once_and_caught_changes_nothing_when_it_is_sent_again()
    {
        await using var house = await HouseAsync();
        await house.YesAsync();
        var call = "/hooks/twilio/acme/call" + CallQuery;
        var dial = TwiML(await PostAsync(house, call, Call())).Elements().Single();
        var told = new Uri(dial.Attribute("action")!.Value).PathAndQuery["/rf".Length..];
        (string, string)[] busy = [("CallSid", "CA1"), ("DialCallStatus", "busy")], done = [("CallSid", "CA1"), ("DialCallStatus", "completed")];
        TwiML(await PostAsync(house, told, busy));
        TwiML(await PostAsync(house, told, done));
        var size = await house.House.SizeAsync();
        // It was busy first, and answered at last: the first word, sent again, does not become the last.
        TwiML(await PostAsync(house, told, busy));
        Assert.Equal("Reject", TwiML(await PostAsync(house, call, Call())).Elements().Single().Name.LocalName);
        Assert.Equal(size, await house.House.SizeAsync());
        var outcome = (await house.House.RecordsAsync()).Last(static record => record.Type == RecordType.ContactOutcome);
        Assert.Equal("answered", outcome.Detail!["outcome"]!.AsText);

        // With another permit in the address, for another controller, or by another hook, what was signed is not what came.
        var signature = Sign(TwilioCaller.Token, Public + told, busy);
        foreach (var (path, form) in ((string, (string, string)[])[])
        [
            (told[..^1] + (told[^1] == '0' ? '1' : '0'), busy), (told.Replace("acme", "nobody", StringComparison.Ordinal), busy), (told.Replace("outcome", "call", StringComparison.Ordinal), busy), (told + "&permit=x", busy),
            (told.Replace("permit=", "Permit=", StringComparison.Ordinal), busy), (told, done), (told, [.. busy, ("To", Ann)]),
        ])
            Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(house, path[1..], Encode(form), signature)).Status);
        Assert.Equal(size, await house.House.SizeAsync());
    }

    private static IEnumerable<(string Tool, (string, object?)[] Arguments)> Tools(string permit, long decision) => McpTools.All.Select(tool => (tool.Name, tool.Name switch
    {
        "report_outcome" => new (string, object?)[] { ("permit", permit), ("outcome", "no-answer") },
        "record_opt_out" => [("to", Ann)],
        "explain" => [("decision", $"dec_{decision}")],
        _ => Contact(),
    }));

    private static (string Script, string[] Arguments, ApiScopes Scope)[] Scripts(string controller, string permit) =>
    [
        ($"{controller}/voice.manual/offers", [Ann], ApiScopes.Permit), ($"{controller}/outcome", [permit, "NOANSWER"], ApiScopes.Permit), ($"{controller}/optout", ["+447400123498"], ApiScopes.Withdraw),
    ];

    private static string? ProblemOf(ModelContextProtocol.Protocol.CallToolResult told) => told.StructuredContent!.Value.TryGetProperty("problem", out var problem) ? problem.GetProperty("code").GetString() : null;

    private static async Task<HttpStatusCode> DecideAsync(BridgeHouse house, ApiKey key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "api/v1/decisions") { Content = new StringContent($$"""{"to":"{{Ann}}","channel":"sms","purpose":"offers"}""", System.Text.Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + key.Show());
        using var response = await house.Client.SendAsync(request);
        return response.StatusCode;
    }
}
