using System.Globalization;
using System.Net;
using System.Text.Json;
using NodaTime;
using Ringfence.Gateways;
using Ringfence.Server.Hosting;

namespace Ringfence.Server.Gateways;

/// <summary>Gives messages to WhatsApp's Cloud API. A code goes as a template of the category authentication, for nobody who has not written first is sent a text of one's own.</summary>
/// <remarks>Source: https://developers.facebook.com/docs/whatsapp/cloud-api, "Messages", "Authentication templates", "Error codes".</remarks>
/// <param name="setting">The number that sends.</param>
/// <param name="token">Lets it in.</param>
/// <param name="client">Speaks to it.</param>
internal sealed class WhatsappGateway(GatewaySetting setting, string token, HttpMessageInvoker client) : IChannelGateway
{
    private const int MostAnswer = 64 << 10;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    public GatewaySetting Setting => setting;

    public async Task<Delivery> SendAsync(OutMessage message, CancellationToken cancel)
    {
        if (message.Code is not null && setting.Template is null)
            return new Delivery.Refused(RefusedFor.Account, "no-template");
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{setting.Url}/{Uri.EscapeDataString(setting.From!)}/messages") { Content = new ReadOnlyMemoryContent(Write(message)) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/json; charset=utf-8");
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + token);
        var (answer, body, fault) = await HttpAttempt.SendAsync(client, request, Patience, MostAnswer, cancel);
        return answer is not { } status ? new Delivery.Later(fault!, MayHaveArrived: fault is "timeout" or "connection") : Judge(status, body);
    }

    public void Dispose() => client.Dispose();

    /// <summary>What its answer means.</summary>
    internal static Delivery Judge(HttpStatusCode status, ReadOnlyMemory<byte> body)
    {
        try
        {
            using var json = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 16 });
            var root = json.RootElement;
            if (root.ValueKind == JsonValueKind.Object && root.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.Object && error.TryGetProperty("code", out var code) && code.TryGetInt32(out var number))
                return OfError(number);
            if ((int)status is >= 200 and < 300 && root.TryGetProperty("messages", out var sent) && sent is { ValueKind: JsonValueKind.Array } && sent.GetArrayLength() == 1 && sent[0].TryGetProperty("id", out var id) && id.GetString() is { Length: > 0 } reference)
                return new Delivery.Accepted(reference);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Something in between answered in its place.
        }

        return (int)status is 401 or 403 ? new Delivery.Refused(RefusedFor.Account, "status") : new Delivery.Later("status", MayHaveArrived: (int)status is >= 200 and < 300);
    }

    /// <summary>What a code of the Cloud API means, in an answer or in a report that comes later.</summary>
    internal static Delivery OfError(int code)
    {
        var word = code.ToString(CultureInfo.InvariantCulture);
        return code switch
        {
            // Stopped by the person in WhatsApp itself.
            131050 => new Delivery.Refused(RefusedFor.Blocked, word),
            // Not on WhatsApp, or a version that can't; the sender's own number.
            131026 or 131021 or 1013 => new Delivery.Refused(RefusedFor.Nobody, word),
            // Enough messages of all firms for this person, for now. Asking again soon makes it worse.
            131049 => new Delivery.Later(word, Duration.FromHours(24)),
            // The number's own limit, the account's, one pair's; spam.
            131048 => new Delivery.Later(word, Duration.FromHours(1)),
            4 or 80007 or 130429 or 131056 => new Delivery.Later(word, Duration.FromMinutes(1)),
            1 or 2 or 131000 or 131016 or 131057 or 133004 or 133016 => new Delivery.Later(word),
            // Tokens, rights, payment, a locked account.
            0 or 3 or 10 or 190 or 368 or 130497 or 131005 or 131031 or 131042 or 131045 or 133010 or (>= 200 and < 300) => new Delivery.Refused(RefusedFor.Account, word),
            _ => new Delivery.Refused(RefusedFor.Content, word),
        };
    }

    private ReadOnlyMemory<byte> Write(OutMessage message) => ApiAnswer.Json(0, json =>
    {
        json.WriteStartObject();
        json.WriteString("messaging_product", "whatsapp");
        json.WriteString("recipient_type", "individual");
        json.WriteString("to", message.To.Value);
        json.WriteString("biz_opaque_callback_data", message.Id);
        if (message.Code is { } code)
        {
            json.WriteString("type", "template");
            json.WriteStartObject("template");
            json.WriteString("name", setting.Template);
            json.WriteStartObject("language");
            json.WriteString("code", message.Language switch { "zh-Hans" => "zh_CN", "zh-Hant" => "zh_TW", var other => other });
            json.WriteEndObject();
            json.WriteStartArray("components");
            Component(json, "body", null, code);
            Component(json, "button", "url", code);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        else
        {
            json.WriteString("type", "text");
            json.WriteStartObject("text");
            json.WriteBoolean("preview_url", false);
            json.WriteString("body", message.Text);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }).Bytes;

    private static void Component(Utf8JsonWriter json, string type, string? subtype, string text)
    {
        json.WriteStartObject();
        json.WriteString("type", type);
        if (subtype is not null)
        {
            json.WriteString("sub_type", subtype);
            json.WriteString("index", "0");
        }

        json.WriteStartArray("parameters");
        json.WriteStartObject();
        json.WriteString("type", "text");
        json.WriteString("text", text);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
