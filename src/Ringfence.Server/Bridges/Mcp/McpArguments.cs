using System.Text.Json;
using System.Text.RegularExpressions;

namespace Ringfence.Server.Bridges.Mcp;

/// <summary>What is amiss with an argument: which, and what is wanted of it.</summary>
/// <param name="Field">JSON pointer.</param>
/// <param name="Wanted">As the schema says it.</param>
internal sealed record McpFault(string Field, string Wanted);

/// <summary>Holds arguments to the schema that the agent was shown: of JSON Schema the words that our own tools use, and no other.</summary>
internal static class McpArguments
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(100);

    /// <summary>What is amiss first; null: nothing.</summary>
    public static McpFault? FaultOf(JsonElement schema, IDictionary<string, JsonElement>? arguments)
    {
        var sent = arguments ?? new Dictionary<string, JsonElement>();
        var known = schema.GetProperty("properties");
        foreach (var needed in schema.GetProperty("required").EnumerateArray())
        {
            if (!sent.ContainsKey(needed.GetString()!))
                return new McpFault("/" + needed.GetString(), "required");
        }

        foreach (var (name, value) in sent)
        {
            if (!known.TryGetProperty(name, out var wanted))
                return new McpFault("/" + name, "unknown");
            if (FaultOf(wanted, value, "/" + name) is { } fault)
                return fault;
        }

        return null;
    }

    private static McpFault? FaultOf(JsonElement schema, JsonElement value, string at)
    {
        foreach (var (word, isKept) in Kept(schema, value))
        {
            if (!isKept)
                return new McpFault(at, $"{word}: {schema.GetProperty(word).GetRawText()}");
        }

        if (value.ValueKind != JsonValueKind.Array)
            return null;
        var i = 0;
        foreach (var item in value.EnumerateArray())
        {
            if (FaultOf(schema.GetProperty("items"), item, FormattableString.Invariant($"{at}/{i++}")) is { } fault)
                return fault;
        }

        return null;
    }

    private static IEnumerable<(string Word, bool IsKept)> Kept(JsonElement schema, JsonElement value)
    {
        foreach (var word in schema.EnumerateObject())
        {
            yield return (word.Name, word.Name switch
            {
                "type" => word.Value.GetString() switch
                {
                    "string" => value.ValueKind == JsonValueKind.String && IsText(value),
                    "object" => value.ValueKind == JsonValueKind.Object,
                    "array" => value.ValueKind == JsonValueKind.Array,
                    _ => throw new InvalidOperationException("A type that no tool of ours uses."),
                },
                "enum" => word.Value.EnumerateArray().Any(one => one.GetString() == TextOf(value)),
                "minLength" => TextOf(value) is { } text && text.Length >= word.Value.GetInt32(),
                "maxLength" => TextOf(value) is { } text && text.Length <= word.Value.GetInt32(),
                "pattern" => TextOf(value) is { } text && Regex.IsMatch(text, word.Value.GetString()!.Replace("$", "\\z", StringComparison.Ordinal), RegexOptions.CultureInvariant | RegexOptions.NonBacktracking, Patience),
                "minItems" => value.GetArrayLength() >= word.Value.GetInt32(),
                "maxItems" => value.GetArrayLength() <= word.Value.GetInt32(),
                "uniqueItems" => value.EnumerateArray().Select(static item => item.GetRawText()).Distinct().Count() == value.GetArrayLength(),
                // What the API itself reads and refuses.
                "format" or "description" or "items" => true,
                _ => throw new InvalidOperationException("A word of JSON Schema that no tool of ours uses."),
            });
        }
    }

    // Half a surrogate pair is no text, and reading it fails.
    private static bool IsText(JsonElement value)
    {
        try
        {
            return value.GetString()!.IndexOf('\0', StringComparison.Ordinal) < 0;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static string? TextOf(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
