using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Ringfence.Server.Hosting;

/// <summary>A JSON object as somebody sent it, read field by field. What was not asked for by the end is refused: a word that is not understood may be a no.</summary>
internal sealed class JsonBody
{
    // What goes deeper is made to exhaust the reader.
    public const int Deepest = 32;

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = Deepest, AllowDuplicateProperties = false };

    private readonly Dictionary<string, JsonElement> fields;
    private readonly HashSet<string> seen = new(StringComparer.Ordinal);
    private readonly string path;

    private JsonBody(JsonElement root, string path)
    {
        this.path = path;
        try
        {
            fields = root.EnumerateObject().ToDictionary(static field => field.Name, static field => field.Value, StringComparer.Ordinal);
        }
        catch (InvalidOperationException)
        {
            throw ApiFault.Bad("bad-text", path);
        }
    }

    /// <summary>Reads a body.</summary>
    /// <exception cref="ApiFault"><c>bad-json</c>.</exception>
    public static JsonBody Read(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body, Options);
            return Of(document.RootElement.Clone(), "");
        }
        catch (JsonException e)
        {
            throw new ApiFault(StatusCodes.Status400BadRequest, "bad-json", null, FormattableString.Invariant($"{(e.LineNumber ?? 0) + 1}"), FormattableString.Invariant($"{(e.BytePositionInLine ?? 0) + 1}"));
        }
    }

    /// <summary>Reads an object that is part of a body; false: it is no JSON.</summary>
    /// <exception cref="ApiFault"><c>wants-object</c>.</exception>
    public static bool TryRead(ReadOnlyMemory<byte> part, string path, [NotNullWhen(true)] out JsonBody? body)
    {
        try
        {
            using var document = JsonDocument.Parse(part, Options);
            body = Of(document.RootElement.Clone(), path);
            return true;
        }
        catch (JsonException)
        {
            body = null;
            return false;
        }
    }

    /// <summary>An element that has to be an object.</summary>
    public static JsonBody Of(JsonElement element, string path) =>
        element.ValueKind == JsonValueKind.Object ? new JsonBody(element, path) : throw ApiFault.Bad("wants-object", path);

    /// <summary>Where a field stands, as a JSON pointer.</summary>
    public string At(string name) => $"{path}/{name}";

    /// <summary>A text that has to be there.</summary>
    public string Text(string name) => TextOrNull(name) ?? throw ApiFault.Bad("missing-field", At(name));

    /// <summary>A text that may be missing, or null.</summary>
    public string? TextOrNull(string name) => Find(name) is not { } value ? null
        : value.ValueKind == JsonValueKind.String ? TextOf(value, name) : throw ApiFault.Bad("wants-text", At(name));

    /// <summary>True or false.</summary>
    /// <param name="name">The field.</param>
    /// <param name="otherwise">What it is where it is missing.</param>
    public bool Flag(string name, bool otherwise = false) => Find(name)?.ValueKind switch
    {
        null => otherwise,
        JsonValueKind.False => false,
        JsonValueKind.True => true,
        _ => throw ApiFault.Bad("wants-flag", At(name)),
    };

    /// <summary>A whole number that is not negative; null where it is missing.</summary>
    public long? NumberOrNull(string name) => Find(name) is not { } value ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) && number >= 0 ? number : throw ApiFault.Bad("wants-number", At(name));

    /// <summary>Texts in a list; null where it is missing.</summary>
    public IReadOnlyList<string>? TextsOrNull(string name) => Find(name) is not { } value ? null
        : value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(static item => item.ValueKind == JsonValueKind.String)
            ? [.. value.EnumerateArray().Select(item => TextOf(item, name))]
            : throw ApiFault.Bad("wants-texts", At(name));

    /// <summary>An object; null where it is missing.</summary>
    public JsonBody? ObjectOrNull(string name) => Find(name) is { } value ? Of(value, At(name)) : null;

    /// <summary>Whatever stands in a list.</summary>
    public IReadOnlyList<JsonElement> List(string name) => Find(name) is not { } value ? throw ApiFault.Bad("missing-field", At(name))
        : value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : throw ApiFault.Bad("wants-list", At(name));

    /// <summary>A value as it was written; null where it is missing.</summary>
    public string? RawOrNull(string name)
    {
        try
        {
            return Find(name)?.GetRawText();
        }
        catch (InvalidOperationException)
        {
            throw ApiFault.Bad("bad-text", At(name));
        }
    }

    /// <summary>Ends the reading.</summary>
    /// <exception cref="ApiFault"><c>unknown-field</c>: one was sent that nobody asked for.</exception>
    public void Done()
    {
        foreach (var name in fields.Keys.Where(name => !seen.Contains(name)))
            throw ApiFault.Bad("unknown-field", At(name));
    }

    // The reader looks at the characters of a text only when somebody wants it: bytes that are no UTF-8, halves of a pair.
    private string TextOf(JsonElement value, string name)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw ApiFault.Bad("bad-text", At(name));
        }
    }

    private JsonElement? Find(string name)
    {
        seen.Add(name);
        return fields.TryGetValue(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
    }
}
