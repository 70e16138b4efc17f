using System.Text.Json.Nodes;
using Ringfence.People;
using Ringfence.Rules;

namespace Ringfence.Server.People.Import;

/// <summary>A passport as it is filled in on a page.</summary>
internal static class PassportForm
{
    /// <summary>What stands before the names of its fields.</summary>
    public const string Prefix = "passport-";

    private static readonly char[] BetweenRecords = [',', ';', '\n', '，', '、', '；'];

    /// <summary>The passport's file, as it is kept; null: nothing was filled in.</summary>
    /// <param name="fields">What was filled in, by the names of <see cref="Fields"/>.</param>
    /// <param name="name">What the passport is to be called.</param>
    /// <exception cref="RuleFileException">A day is none, or the last comes before the first.</exception>
    public static string? Write(IReadOnlyDictionary<string, string> fields, string name)
    {
        string? Of(string field) => fields.TryGetValue(field, out var text) && !string.IsNullOrWhiteSpace(text) ? text.Trim() : null;
        var records = Of("records")?.Split(BetweenRecords, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];
        var map = new JsonObject();
        Add(map, "seller", ("name", Of("seller")));
        Add(map, "contract", ("reference", Of("contract")), ("date", Of("date")));
        Add(map, "collected", ("by", Of("by")), ("where", Of("where")), ("how", Of("how")), ("from", Of("from")), ("until", Of("until")));
        Add(map, "wording", ("text", Of("wording")));
        Add(map, "evidence", ("records", records.Length == 0 ? null : new JsonArray([.. records.Select(static record => (JsonNode)record)])), ("reference", Of("reference")));
        if (map.Count == 0)
            return null;
        map.Insert(0, "passport", name);
        var text = map.ToJsonString();
        _ = Passport.Read("passport", text);
        return text;
    }

    /// <summary>The fields, in the order of the page.</summary>
    public static IReadOnlyList<string> Fields { get; } = ["seller", "contract", "date", "by", "where", "how", "from", "until", "wording", "records", "reference"];

    private static void Add(JsonObject map, string key, params ReadOnlySpan<(string Key, JsonNode? Value)> values)
    {
        var part = new JsonObject();
        foreach (var (of, value) in values)
        {
            if (value is not null)
                part.Add(of, value);
        }

        if (part.Count > 0)
            map.Add(key, part);
    }
}
