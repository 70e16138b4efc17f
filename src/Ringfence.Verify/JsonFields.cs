using System.Globalization;

namespace Ringfence.Verify;

/// <summary>The fields of an object in a file that an auditor was given: each is asked for, and none may be left over.</summary>
internal sealed class JsonFields
{
    private readonly Dictionary<string, JsonValue> left;
    private readonly string place;

    private JsonFields(JsonValue.Map map, string place) => (left, this.place) = (new(map.Fields, StringComparer.Ordinal), place);

    /// <summary>Reads an object with what <paramref name="read"/> asks of it.</summary>
    /// <exception cref="UnusableException">It is no object, or has a field nobody asked for.</exception>
    public static T Of<T>(JsonValue value, string place, Func<JsonFields, T> read)
    {
        var fields = new JsonFields(value as JsonValue.Map ?? throw Wrong(place), place);
        var result = read(fields);
        return fields.left.Count == 0 ? result : throw Wrong(place);
    }

    /// <summary>A field of any shape.</summary>
    public JsonValue Any(string name) => left.Remove(name, out var value) ? value : throw Wrong(Place(name));

    public string Text(string name) => Any(name) is JsonValue.Text text ? text.Value : throw Wrong(Place(name));

    /// <summary>Bytes in base64.</summary>
    public byte[] Bytes(string name) => Encodings.TryBase64(Text(name), out var bytes) ? bytes : throw Wrong(Place(name));

    /// <summary>Bytes in base64; null where the field is absent.</summary>
    public byte[]? BytesOrNone(string name) => left.ContainsKey(name) ? Bytes(name) : null;

    /// <summary>So many bytes in lower-case hexadecimal.</summary>
    public byte[] Hex(string name, int length) => Encodings.TryHex(Text(name), length, out var bytes) ? bytes : throw Wrong(Place(name));

    /// <summary>A list, each of its items read with its place.</summary>
    public IReadOnlyList<T> List<T>(string name, Func<JsonValue, string, T> read) => Any(name) is JsonValue.List list
        ? [.. list.Items.Select((item, i) => read(item, string.Create(CultureInfo.InvariantCulture, $"{Place(name)}[{i}]")))]
        : throw Wrong(Place(name));

    /// <summary>A list, empty where the field is absent.</summary>
    public IReadOnlyList<T> ListOrNone<T>(string name, Func<JsonValue, string, T> read) => left.ContainsKey(name) ? List(name, read) : [];

    /// <summary>What stands at a place is not what the format has there.</summary>
    public static UnusableException Wrong(string place) => new("not-the-format", place);

    private string Place(string name) => place.Length == 0 ? name : $"{place}.{name}";
}
