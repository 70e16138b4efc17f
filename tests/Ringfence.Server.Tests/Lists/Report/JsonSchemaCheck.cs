using System.Text.Json;
using System.Text.RegularExpressions;

namespace Ringfence.Server.Tests.Lists.Report;

/// <summary>Checks JSON against the part of JSON Schema 2020-12 that our schemas use; an unknown keyword is a fault of the schema.</summary>
internal sealed class JsonSchemaCheck(JsonElement root)
{
    private static readonly string[] Notes = ["$schema", "title", "description", "$defs", "format"];

    /// <summary>What is wrong, with the place; empty where nothing is.</summary>
    public IEnumerable<string> Faults(JsonElement value) => Faults(root, value, "$");

    private IEnumerable<string> Faults(JsonElement schema, JsonElement value, string at) =>
        schema.EnumerateObject().Where(k => !Notes.Contains(k.Name)).SelectMany(k => Keyword(k, schema, value, at));

    private IEnumerable<string> Keyword(JsonProperty keyword, JsonElement schema, JsonElement value, string at) => keyword.Name switch
    {
        "$ref" => Faults(root.GetProperty("$defs").GetProperty(keyword.Value.GetString()!["#/$defs/".Length..]), value, at),
        "type" => Types(keyword.Value).Any(t => IsOf(value, t)) ? [] : [$"{at}: {value.ValueKind} is not {keyword.Value}"],
        "const" => JsonElement.DeepEquals(keyword.Value, value) ? [] : [$"{at}: not {keyword.Value}"],
        "enum" => keyword.Value.EnumerateArray().Any(v => JsonElement.DeepEquals(v, value)) ? [] : [$"{at}: '{value}' is none of {keyword.Value}"],
        "anyOf" => keyword.Value.EnumerateArray().Any(s => !Faults(s, value, at).Any()) ? [] : [$"{at}: fits none"],
        "minimum" => value.ValueKind != JsonValueKind.Number || value.GetDecimal() >= keyword.Value.GetDecimal() ? [] : [$"{at}: {value} is too small"],
        "pattern" => value.ValueKind != JsonValueKind.String || Regex.IsMatch(value.GetString()!, keyword.Value.GetString()!) ? [] : [$"{at}: '{value}' does not match"],
        "items" => value.ValueKind != JsonValueKind.Array ? [] : value.EnumerateArray().SelectMany((v, i) => Faults(keyword.Value, v, $"{at}[{i}]")),
        "required" => keyword.Value.EnumerateArray().Where(r => !value.TryGetProperty(r.GetString()!, out _)).Select(r => $"{at}: {r} is missing"),
        "properties" => keyword.Value.EnumerateObject().Where(p => value.TryGetProperty(p.Name, out _)).SelectMany(p => Faults(p.Value, value.GetProperty(p.Name), $"{at}.{p.Name}")),
        "additionalProperties" => value.EnumerateObject().Where(p => !schema.GetProperty("properties").TryGetProperty(p.Name, out _)).Select(p => $"{at}: {p.Name} is unknown"),
        _ => [$"{at}: the schema says {keyword.Name}, which is not checked"],
    };

    private static IEnumerable<string> Types(JsonElement type) =>
        type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().Select(t => t.GetString()!) : [type.GetString()!];

    private static bool IsOf(JsonElement value, string type) => type switch
    {
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
        "number" => value.ValueKind == JsonValueKind.Number,
        "string" => value.ValueKind == JsonValueKind.String,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "null" => value.ValueKind == JsonValueKind.Null,
        "array" => value.ValueKind == JsonValueKind.Array,
        "object" => value.ValueKind == JsonValueKind.Object,
        _ => false,
    };
}
