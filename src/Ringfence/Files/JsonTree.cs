using System.Text.Json;
using Ringfence.Rules;

namespace Ringfence.Files;

/// <summary>Reads JSON that a program wrote, strictly: one value, no comment, no key twice, nothing but texts, whole numbers, lists and mappings.</summary>
internal static class JsonTree
{
    private const int Deepest = 60;

    /// <summary>Reads a file.</summary>
    /// <exception cref="RuleFileException">It is no such JSON. The message names where, by line and by byte in it, and holds no content.</exception>
    public static FileNode Read(string file, ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = Deepest });
        try
        {
            reader.Read();
            var root = Node(file, json, ref reader);
            return reader.Read() ? throw RuleFileException.At(Place(file, json, reader), "only one value is wanted") : root;
        }
        catch (JsonException e)
        {
            throw RuleFileException.At(new FilePlace(file, (int)(e.LineNumber ?? 0) + 1, (int)(e.BytePositionInLine ?? 0) + 1), "this is no JSON");
        }
        catch (InvalidOperationException)
        {
            // What the reader says of half a surrogate pair, or of bytes that are no UTF-8, inside a text.
            throw RuleFileException.At(Place(file, json, reader), "a text is no valid Unicode");
        }
    }

    private static FileNode Node(string file, ReadOnlySpan<byte> json, ref Utf8JsonReader reader)
    {
        var at = Place(file, json, reader);
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                return new FileText(at, reader.GetString()!, isPlain: false);
            case JsonTokenType.Number when reader.TryGetInt64(out var number):
                return new FileText(at, number.ToString(System.Globalization.CultureInfo.InvariantCulture), isPlain: false);
            case JsonTokenType.StartArray:
                var items = new List<FileNode>();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                    items.Add(Node(file, json, ref reader));
                return new FileList(at, items);
            case JsonTokenType.StartObject:
                var entries = new List<(FileText Key, FileNode Value)>();
                var known = new HashSet<string>(StringComparer.Ordinal);
                while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
                {
                    var key = new FileText(Place(file, json, reader), reader.GetString()!, isPlain: false);
                    if (!known.Add(key.Text))
                        throw RuleFileException.At(key.At, "a key stands twice in this mapping");
                    reader.Read();
                    entries.Add((key, Node(file, json, ref reader)));
                }

                return new FileMapping(at, entries);
            default:
                throw RuleFileException.At(at, "a text, a whole number, a list or a mapping is wanted here");
        }
    }

    private static FilePlace Place(string file, ReadOnlySpan<byte> json, in Utf8JsonReader reader)
    {
        var before = json[..(int)reader.TokenStartIndex];
        return new FilePlace(file, before.Count((byte)'\n') + 1, before.Length - before.LastIndexOf((byte)'\n'));
    }
}
