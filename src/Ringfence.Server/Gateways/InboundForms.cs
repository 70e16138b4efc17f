using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using MimeKit;
using Ringfence.Numbers;
using Ringfence.People;
using Ringfence.Server.Hosting;
using static Ringfence.Server.Gateways.SentJson;

namespace Ringfence.Server.Gateways;

/// <summary>A text message as Kannel's <c>post-url</c> brings it: the words as the body, the rest in headers, its id in the address (<c>?id=%I</c>).</summary>
/// <remarks>Source: Kannel user's guide 1.4.5, "SMS service group"; and seen. <c>get-url</c> is not served: it would put number and words into addresses, and change something by GET.</remarks>
internal static class KannelInbound
{
    public static InboundMessage Read(HttpRequest request, ReadOnlyMemory<byte> body)
    {
        var from = request.Headers["X-Kannel-From"].ToString();
        // Without send-sender Kannel does not say who wrote. A no that was taken and is nobody's would be lost without a word.
        if (from.Length == 0)
            throw new ApiFault(StatusCodes.Status400BadRequest, "bad-request");
        // Numbers come without the plus; what is no number in international form is a short code or a name.
        var number = from.Length > 0 && from.All(char.IsAsciiDigit) && from[0] != '0' ? "+" + from : from;
        var words = CharsetOf(request).GetString(body.Span);
        // Without an id of its own, one message is another by when it came and what it says.
        var id = request.Query["id"] is [{ Length: > 0 } given] ? given : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{from}\n{request.Headers["X-Kannel-Time"]}\n{words}")));
        return new InboundMessage("kannel-" + id, Channel.Sms, number, words, "keyword");
    }

    private static Encoding CharsetOf(HttpRequest request)
    {
        var charset = request.ContentType is { } type && Microsoft.Net.Http.Headers.MediaTypeHeaderValue.TryParse(type, out var media) ? media.Charset.ToString().Trim('"') : "";
        return charset.ToUpperInvariant() switch { "UTF-16BE" or "UCS-2" or "UCS-2BE" => Encoding.BigEndianUnicode, "ISO-8859-1" or "LATIN1" or "WINDOWS-1252" => Encoding.Latin1, _ => Encoding.UTF8 };
    }
}

/// <summary>A mail, as a mail server hands it on: whole, as RFC 5322 writes it.</summary>
internal static class MailInbound
{
    // What stands before the + of an address that List-Unsubscribe names.
    private const string Unsubscribe = "unsubscribe";

    // What mail programs put before the subject of what is answered or handed on.
    private static readonly string[] Marks = ["re", "aw", "antw", "antwort", "wg", "fwd", "fw", "sv", "vs", "tr", "rv", "rif", "r", "res", "enc", "odp", "ynt", "回复", "回覆", "答复", "答覆", "转发", "轉寄", "轉發"];

    private static readonly string[] Blocks = ["p", "br", "div", "li", "tr", "h", "blockquote", "table"];

    /// <summary>A mail as it came.</summary>
    public static MimeMessage Load(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var stream = new MemoryStream(body.ToArray());
            return MimeMessage.Load(stream);
        }
        catch (FormatException)
        {
            throw new ApiFault(StatusCodes.Status400BadRequest, "bad-request");
        }
    }

    /// <summary>What it says; null: no person wrote it.</summary>
    public static InboundMessage? Read(MimeMessage mail, ReadOnlyMemory<byte> body)
    {
        // Machines that answer for people quote what they answer: none of it is the person's. Source: RFC 3834, section 5; RFC 3464 for reports.
        if (mail.Headers["Auto-Submitted"] is { } automatic && !automatic.Trim().StartsWith("no", StringComparison.OrdinalIgnoreCase) || mail.Body is MultipartReport || mail.Headers["X-Autoreply"] is not null)
            return null;
        if (mail.From.Mailboxes.FirstOrDefault() is not { } from)
            return null;
        var id = mail.MessageId is { Length: > 0 and <= 150 } named ? named : Convert.ToHexStringLower(SHA256.HashData(body.Span));
        // Some programs send an empty part of plain text beside what was written.
        var text = string.IsNullOrWhiteSpace(mail.TextBody) ? PlainOf(mail.HtmlBody ?? "") : mail.TextBody;
        var isUnsubscribe = mail.To.Mailboxes.Concat(mail.Cc.Mailboxes).Any(static to => to.LocalPart.Split('+')[0].Equals(Unsubscribe, StringComparison.OrdinalIgnoreCase));
        // The button of a mail program writes a subject and nothing else; and below what a person wrote there, their telephone may write that it sent it.
        var subject = (mail.Subject ?? "").Trim();
        var words = string.IsNullOrWhiteSpace(text) ? subject : text;
        return new InboundMessage("mail-" + id, Channel.Email, from.Address, words, "email")
        {
            IsNo = isUnsubscribe,
            Closes = isUnsubscribe ? ChannelSet.Email : null,
            Heading = subject.Length == 0 || IsAnswer(subject) ? null : subject,
            StopToken = isUnsubscribe && subject.StartsWith(OutMessage.StopSubject, StringComparison.OrdinalIgnoreCase) ? subject[OutMessage.StopSubject.Length..].Trim() : null,
        };
    }

    // The subject of an answer is ours, and says nothing of theirs.
    private static bool IsAnswer(string subject) => subject.IndexOfAny([':', '：']) is > 0 and var end && Marks.Contains(subject[..end].Trim(), StringComparer.OrdinalIgnoreCase);

    // Only what a reader sees; where a mark-up is odd, too much of it is left rather than too little.
    private static string PlainOf(string html)
    {
        var text = new StringBuilder();
        var inside = false;
        for (var i = 0; i < html.Length; i++)
        {
            if (html[i] == '<')
            {
                inside = true;
                // What begins a line there begins one here; a word may be in bold.
                if (Array.Exists(Blocks, block => html.AsSpan(i + 1).TrimStart('/').StartsWith(block, StringComparison.OrdinalIgnoreCase)))
                    _ = text.Append('\n');
            }
            else if (html[i] == '>' && inside)
            {
                inside = false;
            }
            else if (!inside)
            {
                _ = text.Append(html[i]);
            }
        }

        return System.Net.WebUtility.HtmlDecode(text.ToString()).Trim();
    }
}

/// <summary>Somebody rang the number that ends it all, and nobody had to answer: a form with <c>from</c> and <c>id</c>.</summary>
internal static class MissedCall
{
    public static InboundMessage Read(HttpRequest request, ReadOnlyMemory<byte> body)
    {
        if (!request.HasFormContentType || request.ContentType!.StartsWith("multipart", StringComparison.OrdinalIgnoreCase))
            throw new ApiFault(StatusCodes.Status415UnsupportedMediaType, "wants-form");
        var form = QueryHelpers.ParseQuery(Encoding.UTF8.GetString(body.Span));
        return form.TryGetValue("from", out var from) && form.TryGetValue("id", out var id) && from.Count == 1 && id.Count == 1
            ? new InboundMessage("call-" + id, Channel.Voice, from.ToString(), "", "call") { IsNo = true }
            : throw new ApiFault(StatusCodes.Status400BadRequest, "bad-request");
    }
}

/// <summary>What WhatsApp's Cloud API tells: messages, reports on ours, and who stopped marketing in the app itself.</summary>
/// <remarks>Source: https://developers.facebook.com/docs/whatsapp/cloud-api/webhooks; the signature: https://developers.facebook.com/docs/graph-api/webhooks/getting-started.</remarks>
internal static class WhatsappInbound
{
    private const string Scheme = "sha256=";

    // It sends again for up to seven days what was not acknowledged; what is older, and kept no more, is somebody else's copy.
    private static readonly TimeSpan Oldest = TimeSpan.FromDays(7);

    /// <summary>Whether it is signed by the app's secret, byte for byte as it came.</summary>
    public static bool IsSigned(string? signature, ReadOnlyMemory<byte> body, string secret)
    {
        if (signature is null || !signature.StartsWith(Scheme, StringComparison.Ordinal))
            return false;
        var own = Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body.Span));
        return CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(own), Encoding.ASCII.GetBytes(signature[Scheme.Length..].ToLowerInvariant()));
    }

    /// <summary>What people wrote or chose, and what became of messages of ours. What is too old is passed over; unknown words and codes say nothing.</summary>
    /// <exception cref="FormatException">Nothing in it is young enough.</exception>
    public static (List<InboundMessage> Messages, List<(ReportedMessage About, Reported How)> Reports) Read(ReadOnlyMemory<byte> body, DateTimeOffset now)
    {
        using var json = JsonDocument.Parse(body, Strict);
        var (found, reports, isOld) = (new List<InboundMessage>(), new List<(ReportedMessage, Reported)>(), false);
        foreach (var value in List(json.RootElement, "entry").SelectMany(static entry => List(entry, "changes")).Select(static change => Part(change, "value")))
        {
            foreach (var message in Young(value, "messages"))
                found.Add(new InboundMessage("wa-" + Text(message, "id"), Channel.Whatsapp, "+" + Text(message, "from").TrimStart('+'), WordsOf(message), "keyword") { IsNo = false, IsUnreadable = IsUnreadable(message) });
            foreach (var wish in Young(value, "user_preferences").Where(static wish => Text(wish, "category") == "marketing_messages" && Text(wish, "value") == "stop"))
                found.Add(new InboundMessage($"wa-stop-{Text(wish, "wa_id")}-{Text(wish, "timestamp")}", Channel.Whatsapp, "+" + Text(wish, "wa_id").TrimStart('+'), "", "keyword") { IsNo = true, Closes = ChannelSet.Whatsapp });
            foreach (var status in Young(value, "statuses"))
            {
                if (Text(status, "id") is { Length: > 0 and <= 200 } id && ContactPoint.TryRead("+" + Text(status, "recipient_id").TrimStart('+'), Region.None, out var point))
                    reports.Add((new ReportedMessage(id, Channel.Whatsapp, point, NodaTime.Instant.FromDateTimeOffset(now)), HowOf(status)));
            }
        }

        return isOld && found.Count == 0 && reports.Count == 0 ? throw new FormatException("It is too old.") : (found, reports);

        IEnumerable<JsonElement> Young(JsonElement of, string name)
        {
            foreach (var one in List(of, name))
            {
                if (!IsOld(one, now))
                    yield return one;
                else
                    isOld = true;
            }
        }
    }

    private static Reported HowOf(JsonElement status) =>
        List(status, "errors").Any(static error => Part(error, "code") is { ValueKind: JsonValueKind.Number } code && code.TryGetInt32(out var number) && WhatsappGateway.OfError(number) is Delivery.Refused { For: RefusedFor.Blocked }) ? Reported.Blocked
        : Text(status, "status") switch { "delivered" or "read" => Reported.Arrived, "failed" => Reported.Failed, _ => Reported.Underway };

    private static bool IsOld(JsonElement one, DateTimeOffset now) => long.TryParse(Text(one, "timestamp"), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var seconds) && seconds < (now - Oldest).ToUnixTimeSeconds();

    // A voice, a picture or a kind that is not known yet may say anything. What was tapped, shared or put on another message is no word of theirs.
    private static bool IsUnreadable(JsonElement message) =>
        Text(message, "type") is not ("text" or "button" or "reaction" or "interactive" or "sticker" or "location" or "contacts" or "order" or "system") && WordsOf(message).Length == 0;

    private static string WordsOf(JsonElement message) => Text(message, "type") switch
    {
        "text" => Text(Part(message, "text"), "body"),
        "button" => Text(Part(message, "button"), "text"),
        "reaction" => Text(Part(message, "reaction"), "emoji"),
        "interactive" => Text(Part(Part(message, "interactive"), "button_reply"), "title") is { Length: > 0 } title ? title : Text(Part(Part(message, "interactive"), "list_reply"), "title"),
        "image" or "video" or "document" => Text(Part(message, Text(message, "type")), "caption"),
        _ => "",
    };
}

/// <summary>Looks at what a provider sent, whatever it is made of: what is not there, or not of its kind, is empty.</summary>
internal static class SentJson
{
    /// <summary>As it is read: not too deep, and nothing said twice.</summary>
    public static JsonDocumentOptions Strict { get; } = new() { MaxDepth = 32, AllowDuplicateProperties = false };

    public static JsonElement Part(JsonElement of, string name) => of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out var part) ? part : default;

    public static string Text(JsonElement of, string name) => Part(of, name) switch { { ValueKind: JsonValueKind.String } text => text.GetString()!, { ValueKind: JsonValueKind.Number } number => number.GetRawText(), _ => "" };

    public static JsonElement[] List(JsonElement of, string name) => Part(of, name) is { ValueKind: JsonValueKind.Array } list ? [.. list.EnumerateArray()] : [];
}
