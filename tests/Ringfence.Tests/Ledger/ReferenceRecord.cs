using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Ringfence.Tests.Ledger;

/// <summary>
/// What bytes are a record, written from <c>docs/reference/ledger.md</c> beside the product and in another manner: it lets any JSON in,
/// writes it anew by RFC 8785, and then asks each field for its shape.
/// </summary>
internal static partial class ReferenceRecord
{
    private static readonly string[] Types =
        ("ledger.genesis ledger.recovered ledger.key_added ledger.key_retired ledger.anchored ledger.clock_anomaly doc.published pack.activated pack.retired "
        + "consent.requested consent.given consent.confirmed consent.withdrawn consent.corrected consent.imported suppression.added suppression.lifted "
        + "suppression.snapshot suppression.rewrapped contact.added contact.changed contact.merged contact.unmerged import.started import.finished import.undone "
        + "decision.allowed decision.denied permit.issued permit.redeemed permit.revoked contact.outcome processing.held processing.released erasure.requested "
        + "erasure.completed key.created key.destroyed staff.revealed staff.role_changed staff.export config.changed backup.taken restore.performed "
        + "request.received request.progressed request.closed").Split(' ');

    private static readonly Dictionary<string, Func<JsonElement, bool>> Fields = new(StringComparer.Ordinal)
    {
        ["v"] = e => Integer(e) == 1,
        ["seq"] = e => Integer(e) >= 0,
        ["id"] = e => Hex(e, 32),
        ["type"] = e => OneOf(e, Types),
        ["at"] = IsInstant,
        ["controller"] = e => Hex(e, 64),
        ["actor"] = e => Has(e, "kind ref", "") && OneOf(e.GetProperty("kind"), "person", "staff", "client", "provider", "system") && IsText(e.GetProperty("ref")),
        ["state"] = e => OneOf(e, "requested", "given", "confirmed", "withdrawn", "refused", "expired", "invalidated"),
        ["event_at"] = IsInstant,
        ["event_src"] = e => OneOf(e, "server", "provider", "import", "staff"),
        ["valid_for"] = e => IsText(e) && (e.GetString() == "until-withdrawn" || Duration().IsMatch(e.GetString()!)),
        ["subject"] = e => Has(e, "sid", "point") && e.EnumerateObject().All(m => Hex(m.Value, 32)),
        ["scope"] = e => Has(e, "", "channels purposes service")
            && e.EnumerateObject().All(m => m.Name == "service" ? IsText(m.Value) : Texts(m.Value) && Rises(m.Value.EnumerateArray().Select(i => i.GetString()!))),
        ["basis"] = IsText,
        ["notice"] = e => Has(e, "doc", "lang version") && e.EnumerateObject().All(m => m.Name == "doc" ? Hex(m.Value, 64) : IsText(m.Value)),
        ["pii"] = Texts,
        ["method"] = e => Has(e, "collection", "ceremony") && e.EnumerateObject().All(m => m.Name == "ceremony" ? OneOf(m.Value, "single", "double") : IsText(m.Value)),
        ["withdraw"] = IsText,
        ["jurisdiction"] = Texts,
        ["about"] = e => e.ValueKind is JsonValueKind.Array && e.EnumerateArray().All(i => Integer(i) >= 0) && RisesAsNumbers(e),
        ["commits"] = e => Has(e, "", "person evidence note tag") && e.EnumerateObject().All(m => Hex(m.Value, 64)),
        ["pack"] = e => Has(e, "id version digest", "") && e.EnumerateObject().All(m => m.Name == "digest" ? Hex(m.Value, 64) : IsText(m.Value)),
        ["decision"] = e => IsFree(e, 2),
        ["detail"] = e => IsFree(e, 1),
    };

    public static bool Accepts(byte[] bytes)
    {
        if (bytes.Length > 8192 || bytes.Any(b => b is < 0x20 or > 0x7e))
            return false;
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(bytes);
        }
        catch (JsonException)
        {
            return false;
        }

        using (document)
        {
            var root = document.RootElement;
            if (root.ValueKind is not JsonValueKind.Object || !AllNamesDiffer(root) || Canonical(root) != Encoding.ASCII.GetString(bytes))
                return false;
            string[] needed = ["v", "seq", "id", "type", "at", "controller", "actor"];
            return needed.All(name => root.TryGetProperty(name, out _))
                && root.EnumerateObject().All(m => Fields.TryGetValue(m.Name, out var fits) && NothingEmpty(m.Value) && fits(m.Value))
                && (!root.TryGetProperty("about", out var about) || about.EnumerateArray().All(i => i.GetInt64() < root.GetProperty("seq").GetInt64()));
        }
    }

    /// <summary>RFC 8785 of what records hold: ASCII without escapes, integers.</summary>
    public static string Canonical(JsonElement e) => e.ValueKind switch
    {
        JsonValueKind.Object => $"{{{string.Join(',', e.EnumerateObject().OrderBy(m => m.Name, StringComparer.Ordinal).Select(m => $"\"{m.Name}\":{Canonical(m.Value)}"))}}}",
        JsonValueKind.Array => $"[{string.Join(',', e.EnumerateArray().Select(Canonical))}]",
        JsonValueKind.String => $"\"{e.GetString()}\"",
        JsonValueKind.Number => e.TryGetInt64(out var n) ? n.ToString(CultureInfo.InvariantCulture) : "no integer",
        _ => "no value of a record",
    };

    private static bool AllNamesDiffer(JsonElement e) => e.ValueKind switch
    {
        JsonValueKind.Object => e.EnumerateObject().Select(m => m.Name).Distinct().Count() == e.EnumerateObject().Count() && e.EnumerateObject().All(m => AllNamesDiffer(m.Value)),
        JsonValueKind.Array => e.EnumerateArray().All(AllNamesDiffer),
        _ => true,
    };

    private static bool NothingEmpty(JsonElement e) => e.ValueKind switch
    {
        JsonValueKind.Object => e.EnumerateObject().Any() && e.EnumerateObject().All(m => NothingEmpty(m.Value)),
        JsonValueKind.Array => e.GetArrayLength() > 0 && e.EnumerateArray().All(NothingEmpty),
        _ => true,
    };

    private static bool IsFree(JsonElement e, int deeper) =>
        e.ValueKind is JsonValueKind.Object && e.EnumerateObject().All(m => Text().IsMatch(m.Name) && !Number().IsMatch(m.Name) && m.Value.ValueKind switch
        {
            JsonValueKind.Object => deeper > 0 && IsFree(m.Value, deeper - 1),
            JsonValueKind.Array => m.Value.EnumerateArray().All(IsPlain),
            _ => IsPlain(m.Value),
        });

    private static bool IsPlain(JsonElement e) => IsText(e) || Integer(e) is not null;

    private static bool Has(JsonElement e, string needed, string optional)
    {
        if (e.ValueKind is not JsonValueKind.Object)
            return false;
        var names = e.EnumerateObject().Select(m => m.Name).ToHashSet();
        var must = needed.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return must.All(names.Contains) && names.All(n => must.Contains(n) || optional.Split(' ').Contains(n));
    }

    private static bool Texts(JsonElement e) => e.ValueKind is JsonValueKind.Array && e.EnumerateArray().All(IsText);

    private static bool IsText(JsonElement e) => e.ValueKind is JsonValueKind.String && Text().IsMatch(e.GetString()!) && !Number().IsMatch(e.GetString()!);

    private static bool OneOf(JsonElement e, params string[] words) => e.ValueKind is JsonValueKind.String && words.Contains(e.GetString());

    private static bool Hex(JsonElement e, int digits) =>
        e.ValueKind is JsonValueKind.String && e.GetString()!.Length == digits && e.GetString()!.All(c => c is (>= '0' and <= '9') or (>= 'a' and <= 'f'));

    private static long? Integer(JsonElement e) =>
        e.ValueKind is JsonValueKind.Number && e.TryGetInt64(out var n) && Math.Abs((decimal)n) < 9007199254740992m ? n : null;

    private static bool IsInstant(JsonElement e) =>
        e.ValueKind is JsonValueKind.String
        && DateTime.TryParseExact(e.GetString(), "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture, DateTimeStyles.None, out _);

    private static bool Rises(IEnumerable<string> words) => words.Zip(words.Skip(1)).All(p => string.CompareOrdinal(p.First, p.Second) < 0);

    private static bool RisesAsNumbers(JsonElement e)
    {
        var numbers = e.EnumerateArray().Select(i => i.GetInt64()).ToList();
        return numbers.Zip(numbers.Skip(1)).All(p => p.First < p.Second);
    }

    [GeneratedRegex(@"\A[A-Za-z0-9._:/-]{1,128}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Text();

    [GeneratedRegex(@"\A[0-9]{7,15}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Number();

    [GeneratedRegex(@"\AP(?=.)([0-9]{1,9}Y)?([0-9]{1,9}M)?([0-9]{1,9}W)?([0-9]{1,9}D)?(T(?=.)([0-9]{1,9}H)?([0-9]{1,9}M)?([0-9]{1,9}S)?)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Duration();
}
