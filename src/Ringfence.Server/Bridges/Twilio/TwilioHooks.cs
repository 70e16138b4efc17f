using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Ringfence.Ledger;
using Ringfence.Numbers;
using Ringfence.People;
using Ringfence.Server.Gateways;
using Ringfence.Server.Hosting;
using Ringfence.Server.Staff;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Bridges.Twilio;

/// <summary>What Twilio calls, below <c>/hooks/twilio/CONTROLLER</c>: a message came in, a call is about to be made, something came of one.</summary>
/// <remarks>
/// Whoever signs with the controller's token is let in, and may do what its hook does and nothing else. A request that comes again is done once: its id is kept like an idempotency key.
/// Sources: https://www.twilio.com/docs/messaging/guides/webhook-request, https://www.twilio.com/docs/voice/twiml.
/// </remarks>
internal sealed class TwilioHooks
{
    public const string Root = "/hooks/twilio/{controller}/";

    private const string Media = "text/xml; charset=utf-8";

    private readonly ConcurrentDictionary<string, LedgerRow> ledgers = new(StringComparer.Ordinal);
    private readonly Served served;
    private readonly TwilioAccounts accounts;

    private TwilioHooks(Served served, TwilioAccounts accounts) => (this.served, this.accounts) = (served, accounts);

    // Source: https://www.twilio.com/docs/api/errors/21610, "Attempt to send to unsubscribed recipient".
    private const string Unsubscribed = "21610";

    /// <summary>Serves them.</summary>
    public static void Map(WebApplication app, Served served, TwilioAccounts accounts)
    {
        var hooks = new TwilioHooks(served, accounts);
        hooks.Map(app, "message", ApiScopes.Withdraw, hooks.MessageAsync);
        hooks.Map(app, "call", ApiScopes.Permit, (request, api, _, cancel) => hooks.CallAsync(request, api, cancel));
        hooks.Map(app, "outcome", ApiScopes.Permit, hooks.OutcomeAsync);
    }

    private void Map(WebApplication app, string name, ApiScopes scope, Func<TwilioRequest, ApiInside, LedgerRow, CancellationToken, Task<ApiAnswer>> serve)
    {
        var route = new ApiRoute("POST", Root + name, scope, static _ => throw new InvalidOperationException());
        app.MapPost(Root + name, (RequestDelegate)(async http =>
        {
            var answer = await ApiHost.AnswerAsync(http, route, CultureInfo.GetCultureInfo("en"), async () =>
            {
                var controller = (string)http.Request.RouteValues["controller"]!;
                var request = await TwilioRequest.ReadAsync(http, accounts, controller);
                var caller = new Caller(await LedgerAsync(controller, http.RequestAborted), "twilio", scope) { Actor = new Actor(ActorKind.Client, "twilio") };
                return await serve(request, new ApiInside(served, caller, http.RequestServices, http.Response.Headers), caller.Ledger, http.RequestAborted);
            });
            if (answer is not null)
                await ApiProblem.SendAsync(http, answer);
        }));
    }

    // Somebody wrote. Whether it is a no is for their words to say, as of every message that comes in.
    private async Task<ApiAnswer> MessageAsync(TwilioRequest request, ApiInside api, LedgerRow ledger, CancellationToken cancel)
    {
        var (from, via) = PointOf(request.Of("From"));
        var sid = request.Of("MessageSid");
        if (from.Length == 0 || sid.Length is 0 or > 64)
            throw new ApiFault(StatusCodes.Status400BadRequest, "bad-request");
        // Twilio has understood a keyword of the sender's own, and blocks the number from then on.
        var message = new InboundMessage("twilio-" + sid, via, from, request.Of("Body"), "keyword") { IsNo = request.Of("OptOutType") == "STOP" };
        _ = await InboundTaking.TakeAsync(served, ledger, api, message, cancel);
        return TwiML();
    }

    // A call is about to be put through: permit it, or let it not happen.
    private async Task<ApiAnswer> CallAsync(TwilioRequest request, ApiInside api, CancellationToken cancel)
    {
        var isBegun = request.Of("Direction").StartsWith("outbound", StringComparison.Ordinal);
        // Who was called before anybody asked was called without leave; all that is left is to end it.
        var no = TwiML(isBegun ? new XElement("Hangup") : new XElement("Reject", new XAttribute("reason", "rejected")));
        if (isBegun || request.Of("CallSid") is not { Length: > 0 and <= 64 } sid)
            return no;
        var asked = new JsonObject { ["to"] = request.Of("To"), ["channel"] = One(request, "channel") ?? "voice", ["purpose"] = One(request, "purpose") ?? "" };
        foreach (var name in (string[])["technique", "region"])
        {
            if (One(request, name) is { } value)
                asked[name] = value;
        }

        var issued = await api.CallAsync("POST", "permits", asked, "twilio-issue-" + sid, CultureInfo.InvariantCulture, cancel);
        if (issued.Text("permit") is not { } permit || !issued.Json.TryGetProperty("number", out var number) || number.ValueKind != System.Text.Json.JsonValueKind.Object)
            return no;
        if (!(await api.CallAsync("POST", $"permits/{permit}/redeem", null, "twilio-redeem-" + sid, CultureInfo.InvariantCulture, cancel)).IsDone)
            return no;
        var dial = new XElement("Dial", new XAttribute("action", $"{accounts.Address}/hooks/twilio/{Uri.EscapeDataString(api.Controller)}/outcome?permit={permit}"), new XElement("Number", number.GetProperty("e164").GetString()));
        if (One(request, "callerId") is { } shown)
            dial.SetAttributeValue("callerId", shown);
        return TwiML(dial);
    }

    private async Task<ApiAnswer> OutcomeAsync(TwilioRequest request, ApiInside api, LedgerRow ledger, CancellationToken cancel)
    {
        var (to, via) = PointOf(request.Of("To"));
        if (request.Of("ErrorCode") == Unsubscribed && request.Of("MessageSid") is { Length: > 0 and <= 64 } sid && ContactPoint.TryRead(to, Region.None, out var point) && point.Channels.Has(via))
            await ReportTaking.TakeAsync(served, ledger, new ReportedMessage("twilio-" + sid, via, point, NodaTime.Instant.FromDateTimeOffset(served.Installation.Time.GetUtcNow())), Reported.Blocked, cancel);
        var status = Array.Find([request.Of("DialCallStatus"), request.Of("MessageStatus"), request.Of("SmsStatus"), request.Of("CallStatus")], static said => said.Length > 0) ?? "";
        if (OutcomeOf(status) is not { } outcome || One(request, "permit") is not { } permit)
            return TwiML();
        // Each word once: one that comes again, by whoever sends it, is not the last word on it.
        var reply = await api.CallAsync("POST", $"permits/{Uri.EscapeDataString(permit)}/outcome", new JsonObject { ["outcome"] = outcome }, $"twilio-{status}-{permit}", CultureInfo.InvariantCulture, cancel);
        return reply.Status is StatusCodes.Status503ServiceUnavailable or StatusCodes.Status429TooManyRequests ? Failed(reply) : TwiML();
    }

    // Words of DialCallStatus, CallStatus and MessageStatus. What is still under way is no outcome.
    private static string? OutcomeOf(string status) => status switch
    {
        "completed" or "answered" => "answered",
        "busy" => "busy",
        "no-answer" or "canceled" => "no-answer",
        "failed" or "undelivered" => "failed",
        "delivered" or "read" => "delivered",
        "sent" => "sent",
        _ => null,
    };

    private static (string Point, Channel Via) PointOf(string from) =>
        from.StartsWith("whatsapp:", StringComparison.Ordinal) ? (from["whatsapp:".Length..], Channel.Whatsapp) : (from, Channel.Sms);

    private static string? One(TwilioRequest request, string name) => request.Query[name] is { Count: 1 } one && one[0] is { Length: > 0 and <= 200 } value ? value : null;

    private static ApiAnswer TwiML(params XElement[] verbs) => new(
        StatusCodes.Status200OK, System.Text.Encoding.UTF8.GetBytes(new XDeclaration("1.0", "UTF-8", null) + new XElement("Response", verbs).ToString(SaveOptions.DisableFormatting)), Media);

    private static ApiAnswer Failed(ApiReply reply) => throw new ApiFault(reply.Status is 0 or >= 500 ? StatusCodes.Status503ServiceUnavailable : reply.Status, reply.Text("code") ?? "store-away", reply.Text("field"), "", "");

    // While the store is away, the ledger that was known before will do: a no is kept until it can be written.
    private async Task<LedgerRow> LedgerAsync(string controller, CancellationToken cancel)
    {
        try
        {
            foreach (var row in await served.Installation.NewestLedgersAsync(cancel))
                ledgers[row.Controller] = row;
        }
        catch (StoreException) when (ledgers.ContainsKey(controller))
        {
        }

        return ledgers.TryGetValue(controller, out var ledger) ? ledger : throw new ApiFault(StatusCodes.Status403Forbidden, "not-signed");
    }
}
