using System.Globalization;
using Ringfence.Rules;
using Ringfence.Server.Cli;
using Ringfence.Server.Ledger;
using Ringfence.Server.Sealing;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Hosting;

/// <summary>What went wrong, as <c>application/problem+json</c> (RFC 9457) with a stable <c>code</c>. Of what nobody foresaw it tells nothing but that.</summary>
internal static class ApiProblem
{
    private const string Media = "application/problem+json; charset=utf-8";

    // A client that asks again at once makes it worse.
    private const string AskAgain = "2";

    /// <summary>The answer to a failure.</summary>
    /// <param name="failure">What went wrong.</param>
    /// <param name="language">The caller's.</param>
    /// <param name="line">Of a stream, the line that is at fault; null: it is none.</param>
    public static ApiAnswer Of(Exception failure, CultureInfo language, long? line = null) => failure switch
    {
        ApiFault fault => Write(fault.Status, fault.Code, Say(language, "Api." + fault.Code, fault.Arguments), fault.Field, line, fault.Tell),
        CommandRefusedException refused => Write(StatusOf(refused.Code), refused.Code, Say(language, "Refused." + refused.Code, refused.Arguments), null, line),
        RuleFileException facts => Write(StatusCodes.Status400BadRequest, "bad-facts", facts.Message, "/facts", line),
        StoreException { Fault: StoreFault.OutcomeUnknown } => Away("outcome-unknown", language, line),
        StoreException { Fault: StoreFault.OutOfReach or StoreFault.Full or StoreFault.Conflict } => Away("store-away", language, line),
        // Whoever asked still waits, and something here has waited too long.
        OperationCanceledException => Away("store-away", language, line),
        StoreException or KeysException or LedgerAlarmException or SignerException => Away("not-ready", language, line),
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => Of(new ApiFault(StatusCodes.Status413PayloadTooLarge, "too-large"), language, line),
        BadHttpRequestException bad => Of(new ApiFault(bad.StatusCode, "bad-request"), language, line),
        _ => Of(new ApiFault(StatusCodes.Status500InternalServerError, "fault"), language, line),
    };

    /// <summary>Sends an answer.</summary>
    public static async Task SendAsync(HttpContext http, ApiAnswer answer)
    {
        var response = http.Response;
        response.StatusCode = answer.Status;
        response.ContentType = answer.Media;
        response.ContentLength = answer.Bytes.Length;
        // What is said of people is for whoever asked, and for nobody after them.
        response.Headers.CacheControl = "no-store";
        if (answer.Status == StatusCodes.Status503ServiceUnavailable)
            response.Headers.RetryAfter = AskAgain;
        if (answer.Status == StatusCodes.Status401Unauthorized)
            response.Headers.WWWAuthenticate = "Bearer";
        await response.Body.WriteAsync(answer.Bytes, http.RequestAborted);
    }

    private static ApiAnswer Away(string code, CultureInfo language, long? line) => Of(new ApiFault(StatusCodes.Status503ServiceUnavailable, code), language, line);

    private static ApiAnswer Write(int status, string code, string text, string? field, long? line, Action<System.Text.Json.Utf8JsonWriter>? tell = null) => ApiAnswer.Json(status, json =>
    {
        json.WriteStartObject();
        json.WriteString("type", "urn:ringfence:problem:" + code);
        json.WriteString("title", text);
        json.WriteNumber("status", status);
        json.WriteString("code", code);
        if (field is not null)
            json.WriteString("field", field);
        if (line is { } number)
            json.WriteNumber("line", number);
        tell?.Invoke(json);
        json.WriteEndObject();
    }) with
    { Media = Media };

    private static string Say(CultureInfo language, string key, IReadOnlyList<string> arguments) => CliText.SayOr(language, key, "Refused.other", [.. arguments.DefaultIfEmpty(key)]);

    private static int StatusOf(string code) => code switch
    {
        "erased" => StatusCodes.Status410Gone,
        "bad-signature" => StatusCodes.Status403Forbidden,
        "bad-events" or "bad-deadline" or "bad-webhook-name" => StatusCodes.Status422UnprocessableEntity,
        _ when code.StartsWith("url-", StringComparison.Ordinal) => StatusCodes.Status422UnprocessableEntity,
        "not-a-contact" or "no-decision" => StatusCodes.Status404NotFound,
        "key-reused" or "bad-channel" or "bad-purpose" or "bad-technique" or "bad-instant" or "not-a-point" or "unnamed-scope" or "no-such-wording" or "not-recordable" or "scan-differs" or "scan-not-here" =>
            StatusCodes.Status422UnprocessableEntity,
        _ when code.StartsWith("no-such-", StringComparison.Ordinal) => StatusCodes.Status404NotFound,
        _ => StatusCodes.Status409Conflict,
    };
}
