using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Ringfence.Server.Hosting;

namespace Ringfence.Server.Bridges.Twilio;

/// <summary>What Twilio sent, once it is known to be from there.</summary>
/// <param name="Fields">Names and values.</param>
/// <param name="Query">Of the address, which is signed with the rest.</param>
internal sealed record TwilioRequest(IReadOnlyDictionary<string, string> Fields, IQueryCollection Query)
{
    private const string SignatureHeader = "X-Twilio-Signature";
    private const int MostBytes = 64 << 10;
    private const int MostFields = 200;

    /// <summary>A field; empty where it was not sent.</summary>
    public string Of(string name) => Fields.GetValueOrDefault(name, "");

    /// <summary>Reads one.</summary>
    /// <exception cref="ApiFault"><c>not-signed</c>: it is not Twilio's, or not as Twilio sent it; and whatever can't be read.</exception>
    public static async Task<TwilioRequest> ReadAsync(HttpContext http, TwilioAccounts accounts, string controller)
    {
        var request = http.Request;
        var bytes = new byte[MostBytes + 1];
        var length = await request.Body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, http.RequestAborted);
        if (length > MostBytes)
            throw new ApiFault(StatusCodes.Status413PayloadTooLarge, "too-large");
        var body = bytes.AsMemory(0, length);
        var tokens = accounts.Tokens.GetValueOrDefault(controller) ?? [];
        var signature = request.Headers[SignatureHeader] is { Count: 1 } one ? one.ToString() : null;
        // As it was asked for, letter by letter: what the framework made of it may be spelled otherwise.
        var address = accounts.Address + http.Features.Get<IHttpRequestFeature>()!.RawTarget;
        if (request.HasJsonContentType())
        {
            if (!TwilioSignature.IsOfBody(tokens, address, body.Span, signature))
                throw NotSigned;
            return new TwilioRequest(Json(body), request.Query);
        }

        if (!request.HasFormContentType || request.ContentType!.StartsWith("multipart", StringComparison.OrdinalIgnoreCase))
            throw new ApiFault(StatusCodes.Status415UnsupportedMediaType, "wants-form");
        var form = await FormAsync(body, http.RequestAborted);
        if (!TwilioSignature.IsOfForm(tokens, address, form, signature))
            throw NotSigned;
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in form)
        {
            // What is said twice is not known.
            if (!fields.TryAdd(name, value) && fields[name] != value)
                throw new ApiFault(StatusCodes.Status400BadRequest, "bad-request");
        }

        return new TwilioRequest(fields, request.Query);
    }

    private static ApiFault NotSigned => new(StatusCodes.Status403Forbidden, "not-signed");

    private static async Task<List<KeyValuePair<string, string>>> FormAsync(ReadOnlyMemory<byte> body, CancellationToken cancel)
    {
        try
        {
            // Bytes that are no UTF-8 are not what Twilio signed.
            _ = new UTF8Encoding(false, throwOnInvalidBytes: true).GetCharCount(body.Span);
            using var reader = new FormReader(Encoding.UTF8.GetString(body.Span)) { ValueCountLimit = MostFields, KeyLengthLimit = 200, ValueLengthLimit = MostBytes };
            var form = await reader.ReadFormAsync(cancel);
            return [.. form.SelectMany(static field => field.Value, static (field, value) => KeyValuePair.Create(field.Key, value ?? ""))];
        }
        catch (Exception e) when (e is InvalidDataException or DecoderFallbackException or ArgumentException)
        {
            throw new ApiFault(StatusCodes.Status400BadRequest, "bad-request");
        }
    }

    private static Dictionary<string, string> Json(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 8, AllowDuplicateProperties = false });
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? document.RootElement.EnumerateObject().Where(static field => field.Value.ValueKind == JsonValueKind.String).ToDictionary(static field => field.Name, static field => field.Value.GetString()!, StringComparer.Ordinal)
                : throw new ApiFault(StatusCodes.Status400BadRequest, "wants-object", "");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new ApiFault(StatusCodes.Status400BadRequest, "bad-request");
        }
    }
}
