using Ringfence.Server.Hosting;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;
using Ringfence.Webhooks;

namespace Ringfence.Server.Webhooks;

/// <summary><c>/api/v1/webhooks</c>: which other systems are told of what happens, and which of them said that they obeyed.</summary>
internal static class WebhooksApi
{
    private const int MostListed = 200;

    /// <summary><c>POST webhooks</c>. The secret is in the answer, once.</summary>
    public static async Task<ApiAnswer> AddAsync(ApiCall call)
    {
        var body = JsonBody.Read(call.Body);
        call.RequireController(body);
        var url = body.Text("url");
        var (events, deadline, name) = (body.TextsOrNull("events"), body.TextOrNull("deadline"), body.TextOrNull("name"));
        body.Done();
        var (row, secret) = await Told(call).AddAsync(call.Caller.Actor, call.Served.Webhooks.Reach, url, events, deadline, name, call.Cancel);
        return ApiAnswer.Json(StatusCodes.Status201Created, json => WebhookJson.Write(json, row, null, secret));
    }

    /// <summary><c>GET webhooks</c>.</summary>
    public static async Task<ApiAnswer> ListAsync(ApiCall call)
    {
        var counts = (await Told(call).CountAsync(call.Cancel)).ToDictionary(static one => one.Webhook);
        return Listed("webhooks", await Told(call).ListAsync(call.Cancel), (json, row) => WebhookJson.Write(json, row, counts.GetValueOrDefault(row.Id)));
    }

    /// <summary><c>DELETE webhooks/{id}</c>.</summary>
    public static Task<ApiAnswer> RemoveAsync(ApiCall call) => TurnAsync(call, WebhookTurn.Removed);

    /// <summary><c>POST webhooks/{id}/on</c>.</summary>
    public static Task<ApiAnswer> OnAsync(ApiCall call) => TurnAsync(call, WebhookTurn.On);

    /// <summary><c>POST webhooks/{id}/off</c>.</summary>
    public static Task<ApiAnswer> OffAsync(ApiCall call) => TurnAsync(call, WebhookTurn.Off);

    /// <summary><c>POST webhooks/{id}/rotate</c>. The new secret is in the answer, once.</summary>
    public static async Task<ApiAnswer> RotateAsync(ApiCall call)
    {
        var overlap = default(string);
        if (!call.Body.IsEmpty)
        {
            var body = JsonBody.Read(call.Body);
            overlap = body.TextOrNull("overlap");
            body.Done();
        }

        var secret = await Told(call).RotateAsync(call.Caller.Actor, call.Path("id"), overlap, call.Cancel);
        return ApiAnswer.Json(StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteString("secret", secret);
            json.WriteEndObject();
        });
    }

    /// <summary><c>POST webhooks/{id}/test</c>.</summary>
    public static async Task<ApiAnswer> TestAsync(ApiCall call)
    {
        Nothing(call);
        var sent = await Told(call).TestAsync(call.Served.Webhooks, call.Path("id"), call.Cancel);
        return ApiAnswer.Json(StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteBoolean("arrived", sent.Fault is null);
            if (sent.Status is { } status)
                json.WriteNumber("status", status);
            json.WriteString("fault", sent.Fault);
            json.WriteEndObject();
        });
    }

    /// <summary><c>GET webhooks/{id}/deliveries?after=&amp;state=</c>.</summary>
    public static Task<ApiAnswer> DeliveriesAsync(ApiCall call) => ShowAsync(call, call.Path("id"), DeliveryKind.All);

    /// <summary><c>GET webhooks/unconfirmed?after=&amp;state=</c>: what nobody confirmed within its deadline.</summary>
    public static Task<ApiAnswer> UnconfirmedAsync(ApiCall call) => ShowAsync(call, null, DeliveryKind.Overdue);

    /// <summary><c>POST webhooks/deliveries/{id}/confirm</c>: the system itself says so, and signs it with its secret, as what it was told was signed.</summary>
    public static async Task<ApiAnswer> ConfirmAsync(ApiCall call)
    {
        var name = call.Path("id");
        var headers = call.Http.Request.Headers;
        var body = JsonBody.Read(call.Body);
        var confirmed = body.Flag("confirmed");
        body.Done();
        var now = NodaTime.Instant.FromDateTimeOffset(call.Installation.Time.GetUtcNow());
        var row = await Told(call).ConfirmAsync(
            name, "signed",
            // Of just this delivery: its name is part of what is signed.
            secrets => headers[WebhookSignature.IdHeader] is [var id] && id == name && headers[WebhookSignature.TimestampHeader] is [var timestamp]
                && headers[WebhookSignature.SignatureHeader] is [var signature] && WebhookSignature.Verify(secrets, id, timestamp, signature, call.Body.Span, now)
                && (confirmed ? true : throw ApiFault.Bad("not-confirming", body.At("confirmed"))),
            call.Cancel);
        return ApiAnswer.Json(StatusCodes.Status200OK, json => WebhookJson.Write(json, row));
    }

    private static ToldSystems Told(ApiCall call) => new(call.Installation, call.Ledger);

    private static async Task<ApiAnswer> TurnAsync(ApiCall call, WebhookTurn to)
    {
        Nothing(call);
        var answer = await Told(call).TurnAsync(call.Caller.Actor, call.Path("id"), to, call.Cancel);
        return ApiAnswer.Json(StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteNumber("record", answer.Seq);
            json.WriteBoolean("already", answer.Already);
            json.WriteEndObject();
        });
    }

    // Nothing is asked for beside what the address says; an empty object is nothing.
    private static void Nothing(ApiCall call)
    {
        if (!call.Body.IsEmpty)
            JsonBody.Read(call.Body).Done();
    }

    private static async Task<ApiAnswer> ShowAsync(ApiCall call, string? webhook, DeliveryKind otherwise)
    {
        var query = call.Http.Request.Query;
        var after = -1L;
        if (query["after"] is [{ } text] && !long.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out after))
            throw ApiFault.Bad("wants-number", "/after");
        var kind = query["state"] is not [{ } word] ? otherwise : word switch
        {
            "all" => DeliveryKind.All,
            "waiting" => DeliveryKind.Waiting,
            "unconfirmed" => DeliveryKind.Unconfirmed,
            "overdue" => DeliveryKind.Overdue,
            _ => throw ApiFault.Bad("bad-state", "/state", "all, waiting, unconfirmed, overdue"),
        };
        return Listed("deliveries", await Told(call).DeliveriesAsync(webhook, kind, after, MostListed, call.Cancel), WebhookJson.Write);
    }

    private static ApiAnswer Listed<T>(string name, IReadOnlyList<T> rows, Action<System.Text.Json.Utf8JsonWriter, T> write) => ApiAnswer.Json(StatusCodes.Status200OK, json =>
    {
        json.WriteStartObject();
        json.WriteStartArray(name);
        foreach (var row in rows)
            write(json, row);
        json.WriteEndArray();
        json.WriteEndObject();
    });
}
