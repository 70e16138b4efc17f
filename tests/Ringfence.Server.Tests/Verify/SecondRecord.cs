using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Ringfence.Server.Tests.Verify;

/// <summary>Reads a record with the library's parser, writes it anew, and wants the same bytes; then looks at its fields one by one.</summary>
internal static partial class SecondRecord
{
    private static readonly string[] Types =
        """
        ledger.genesis ledger.recovered ledger.key_added ledger.key_retired ledger.anchored ledger.clock_anomaly doc.published pack.activated pack.retired
        consent.requested consent.given consent.confirmed consent.withdrawn consent.corrected consent.imported
        suppression.added suppression.lifted suppression.snapshot suppression.rewrapped contact.added contact.changed contact.merged contact.unmerged
        import.started import.finished import.undone decision.allowed decision.denied permit.issued permit.redeemed permit.revoked contact.outcome
        processing.held processing.released erasure.requested erasure.completed key.created key.destroyed
        staff.revealed staff.role_changed staff.export config.changed backup.taken restore.performed
        request.received request.progressed request.closed
        """.Split([' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries);

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 8 };

    /// <summary>The record; null where it is none.</summary>
    public static JsonElement? Read(byte[] body)
    {
        try
        {
            using var document = JsonDocument.Parse(body, Strict);
            var record = document.RootElement.Clone();
            var written = new StringBuilder();
            return body.Length <= 8192 && record.ValueKind == JsonValueKind.Object && Write(record, written)
                && Encoding.UTF8.GetBytes(written.ToString()).AsSpan().SequenceEqual(body) && Shaped(record) ? record : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    public static DateTime Time(string instant) =>
        DateTime.ParseExact(instant, "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal);

    private static bool Write(JsonElement value, StringBuilder text)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                text.Append('"').Append(value.GetString()).Append('"');
                return IsWord(value.GetString()!);
            case JsonValueKind.Number:
                text.Append(value.GetInt64());
                return value.GetInt64() is < 1L << 53 and > -(1L << 53);
            case JsonValueKind.Array:
                text.Append('[').AppendJoin(',', value.EnumerateArray().Select(Written)).Append(']');
                return value.GetArrayLength() > 0;
            case JsonValueKind.Object:
                var fields = value.EnumerateObject().OrderBy(field => field.Name, StringComparer.Ordinal).ToList();
                text.Append('{').AppendJoin(',', fields.Select(field => $"\"{field.Name}\":{Written(field.Value)}")).Append('}');
                return fields.Count > 0 && fields.TrueForAll(field => IsWord(field.Name));
            default:
                return false;
        }
    }

    private static string Written(JsonElement value)
    {
        var text = new StringBuilder();
        return Write(value, text) ? text.ToString() : throw new FormatException();
    }

    private static bool Shaped(JsonElement record)
    {
        var left = record.EnumerateObject().ToDictionary(field => field.Name, field => field.Value, StringComparer.Ordinal);
        bool Need(string name, Func<JsonElement, bool> shape) => left.Remove(name, out var value) && shape(value);
        bool May(string name, Func<JsonElement, bool> shape) => !left.Remove(name, out var value) || shape(value);
        return Need("v", value => Number(value) == 1) && Need("seq", value => Number(value) >= 0) && Need("id", Matches(Hex32())) && Need("at", Moment)
            && Need("type", value => Text(value) is { } type && Types.Contains(type)) && Need("controller", Matches(Hex64()))
            && Need("actor", value => Has(value, "kind:person|staff|client|provider|system ref:"))
            && May("state", OneOf("requested|given|confirmed|withdrawn|refused|expired|invalidated"))
            && May("event_at", Moment) && May("event_src", OneOf("server|provider|import|staff"))
            && May("valid_for", value => Text(value) is { } text && (text == "until-withdrawn" || Duration().IsMatch(text)))
            && May("subject", value => Has(value, "sid:#32 point?:#32"))
            && May("scope", value => Has(value, "channels?:<> purposes?:<> service?:"))
            && May("basis", value => Text(value) is not null)
            && May("notice", value => Has(value, "doc:#64 lang?: version?:"))
            && May("pii", Words) && May("method", value => Has(value, "collection: ceremony?:single|double"))
            && May("withdraw", value => Text(value) is not null) && May("jurisdiction", Words)
            && May("about", value => Rising(value, record.GetProperty("seq").GetInt64()))
            && May("commits", value => Has(value, "person?:#64 evidence?:#64 note?:#64 tag?:#64"))
            && May("pack", value => Has(value, "id: version: digest:#64"))
            && May("decision", value => Tree(value, 2) && value.EnumerateObject().All(member => member.Name switch
            {
                "verdict" => Text(member.Value) is not null,
                "reasons" => Words(member.Value),
                "as_of" => Number(member.Value) >= 0,
                "instant" => Text(member.Value) is { } asked && Regex.IsMatch(asked, @"\A[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?Z\z")
                    && DateTime.TryParseExact(asked[..19], "yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
                _ => true,
            }))
            && May("detail", value => Tree(value, 1))
            && left.Count == 0;
    }

    // A line of fields, "?" behind a name that may be absent: "" a word, "a|b" one of these, "#n" so much hexadecimal, "<>" a set of words.
    private static bool Has(JsonElement map, string fields)
    {
        if (map.ValueKind != JsonValueKind.Object)
            return false;
        var left = map.EnumerateObject().ToDictionary(field => field.Name, field => field.Value, StringComparer.Ordinal);
        foreach (var field in fields.Split(' '))
        {
            var (name, shape) = (field.Split(':')[0], field[(field.IndexOf(':', StringComparison.Ordinal) + 1)..]);
            if (!left.Remove(name.TrimEnd('?'), out var value))
            {
                if (!name.EndsWith('?'))
                    return false;
                continue;
            }

            var fits = shape switch
            {
                "" => Text(value) is not null,
                "#32" => Matches(Hex32())(value),
                "#64" => Matches(Hex64())(value),
                "<>" => Words(value) && value.EnumerateArray().Select(item => item.GetString()!).ToList() is var words
                    && words.SequenceEqual(words.Distinct().Order(StringComparer.Ordinal)),
                _ => OneOf(shape)(value),
            };
            if (!fits)
                return false;
        }

        return left.Count == 0;
    }

    private static bool IsWord(string text) => Word().IsMatch(text) && !BareDigits().IsMatch(text);

    private static string? Text(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static long? Number(JsonElement value) => value.ValueKind == JsonValueKind.Number ? value.GetInt64() : null;

    private static Func<JsonElement, bool> Matches(Regex regex) => value => Text(value) is { } text && regex.IsMatch(text);

    private static Func<JsonElement, bool> OneOf(string words) => value => Text(value) is { } text && words.Split('|').Contains(text);

    private static bool Moment(JsonElement value) => Text(value) is { Length: 27 } text
        && DateTime.TryParseExact(text, "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture, DateTimeStyles.None, out _);

    private static bool Words(JsonElement value) => value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(item => Text(item) is not null);

    private static bool Rising(JsonElement value, long below)
    {
        if (value.ValueKind != JsonValueKind.Array || !value.EnumerateArray().All(item => Number(item) >= 0))
            return false;
        long[] numbers = [.. value.EnumerateArray().Select(item => item.GetInt64()), below];
        return numbers.Zip(numbers.Skip(1)).All(pair => pair.First < pair.Second);
    }

    private static bool Tree(JsonElement map, int levels) => map.ValueKind == JsonValueKind.Object && map.EnumerateObject().All(field => field.Value.ValueKind switch
    {
        JsonValueKind.Object => levels > 0 && Tree(field.Value, levels - 1),
        JsonValueKind.Array => field.Value.EnumerateArray().All(item => item.ValueKind is JsonValueKind.String or JsonValueKind.Number),
        _ => true,
    });

    [GeneratedRegex(@"\A[A-Za-z0-9._:/-]{1,128}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Word();

    [GeneratedRegex(@"\A[0-9]{7,15}\z", RegexOptions.CultureInvariant)]
    private static partial Regex BareDigits();

    [GeneratedRegex(@"\A[0-9a-f]{32}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Hex32();

    [GeneratedRegex(@"\A[0-9a-f]{64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Hex64();

    [GeneratedRegex(@"\AP(?=.)([0-9]{1,9}Y)?([0-9]{1,9}M)?([0-9]{1,9}W)?([0-9]{1,9}D)?(T(?=.)([0-9]{1,9}H)?([0-9]{1,9}M)?([0-9]{1,9}S)?)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Duration();
}
