using System.Text;
using System.Text.Json;
using NodaTime.Text;
using Ringfence.Ledger;
using Ringfence.Server.Storage;
using Ringfence.Webhooks;

namespace Ringfence.Server.Webhooks;

/// <summary>What another system is told: thin, so that what is overheard or kept tells nothing. Whoever may know more asks for it with a key of their own.</summary>
internal static class WebhookMessage
{
    private const string Mark = "msg_";

    /// <summary>The name of a delivery as it is sent.</summary>
    public static string NameOf(byte[] id) => Mark + Convert.ToHexStringLower(id);

    /// <summary>Reads such a name.</summary>
    public static bool TryRead(string name, out byte[] id)
    {
        id = [];
        if (!name.StartsWith(Mark, StringComparison.Ordinal) || !OpaqueId.TryParse(name.AsSpan(Mark.Length), out var read))
            return false;
        id = read.ToArray();
        return true;
    }

    /// <summary>The id of what one system is told of one record: the same whenever it is worked out, in whatever ledger the record stands after a restore.</summary>
    public static byte[] IdOf(string webhook, LedgerRecord record) =>
        System.Security.Cryptography.SHA256.HashData([.. Encoding.ASCII.GetBytes("ringfence/delivery/v1\0" + webhook + "\0"), .. record.Id.ToArray()])[..OpaqueId.Size];

    /// <summary>Writes it.</summary>
    /// <param name="ledger">The ledger.</param>
    /// <param name="record">What it tells of.</param>
    /// <param name="also">Other names that the same person has or had in the ledger: whoever knows them by one of those is meant, too.</param>
    public static byte[] Write(LedgerRow ledger, LedgerRecord record, IEnumerable<OpaqueId> also) => Write(RecordWords.Types.Of(record.Type), InstantPattern.ExtendedIso.Format(record.At), json =>
    {
        json.WriteString("controller", ledger.Controller);
        json.WriteNumber("record", record.Seq);
        if (record.Subject is { } subject)
            json.WriteString("contact", subject.Sid.ToString());
        else
            json.WriteNull("contact");
        string[] others = [.. also.Where(one => one != record.Subject?.Sid).Select(static one => one.ToString()).Order(StringComparer.Ordinal)];
        Texts(json, "also", others.Length == 0 ? null : others);
        // Nothing named is everything meant.
        Texts(json, "channels", record.Scope?.Channels);
        Texts(json, "purposes", record.Scope?.Purposes);
        if (record.Detail?["permit"]?.AsText is { } permit)
            json.WriteString("permit", Gate.PermitsApi.Mark + permit);
        if (record.About is { } about && record.Type is RecordType.SuppressionLifted or RecordType.PermitRevoked)
            json.WriteNumber("about", about[0]);
    });

    /// <summary>A message that tells of nothing, to see whether it arrives.</summary>
    public static byte[] WriteTest(LedgerRow ledger, NodaTime.Instant at) =>
        Write(WebhookEvents.Test, InstantPattern.ExtendedIso.Format(Ringfence.Ledger.LedgerTime.Cut(at)), json => json.WriteString("controller", ledger.Controller));

    private static byte[] Write(string type, string at, Action<Utf8JsonWriter> data)
    {
        var bytes = new System.Buffers.ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteString("type", type);
            json.WriteString("timestamp", at);
            json.WriteStartObject("data");
            data(json);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return bytes.WrittenSpan.ToArray();
    }

    private static void Texts(Utf8JsonWriter json, string name, IEnumerable<string>? texts)
    {
        if (texts is null)
            return;
        json.WriteStartArray(name);
        foreach (var text in texts)
            json.WriteStringValue(text);
        json.WriteEndArray();
    }
}
