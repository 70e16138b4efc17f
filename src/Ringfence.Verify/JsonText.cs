using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using System.Text.Unicode;

namespace Ringfence.Verify;

/// <summary>Reads JSON strictly: RFC 8259 and I-JSON, no key twice, so deep and no deeper.</summary>
internal sealed partial class JsonText
{
    /// <summary>How deep objects and arrays may stand within each other.</summary>
    public const int DeepestLevel = 32;

    private static readonly SearchValues<byte> Plain = SearchValues.Create([.. Enumerable.Range(0x20, 0xe0).Where(b => b is not ('"' or '\\')).Select(b => (byte)b)]);

    private readonly byte[] bytes;
    private readonly bool fractions;
    private int at;

    private JsonText(byte[] bytes, bool fractions) => (this.bytes, this.fractions) = (bytes, fractions);

    /// <summary>Reads one value that takes all of the bytes; null where they are not that.</summary>
    /// <param name="bytes">UTF-8 without a byte order mark.</param>
    /// <param name="fractions">Whether numbers may be others than whole ones; such are kept as they are written.</param>
    public static JsonValue? Read(byte[] bytes, bool fractions = false)
    {
        if (!Utf8.IsValid(bytes))
            return null;
        var text = new JsonText(bytes, fractions);
        return text.ReadValue(1) is { } value && text.Peek() == -1 ? value : null;
    }

    private JsonValue? ReadValue(int level)
    {
        switch (Peek())
        {
            case '{':
                return level > DeepestLevel ? null : ReadMap(level);
            case '[':
                return level > DeepestLevel ? null : ReadList(level);
            case '"':
                return ReadText() is { } text ? new JsonValue.Text(text) : null;
            case 't':
                return ReadWord("true");
            case 'f':
                return ReadWord("false");
            case 'n':
                return ReadWord("null");
            default:
                return ReadNumber();
        }
    }

    private JsonValue.Map? ReadMap(int level)
    {
        var fields = new Dictionary<string, JsonValue>(StringComparer.Ordinal);
        at++;
        if (Skip('}'))
            return new JsonValue.Map(fields);
        do
        {
            if (Peek() != '"' || ReadText() is not { } key || !Skip(':') || ReadValue(level + 1) is not { } value || !fields.TryAdd(key, value))
                return null;
        }
        while (Skip(','));
        return Skip('}') ? new JsonValue.Map(fields) : null;
    }

    private JsonValue.List? ReadList(int level)
    {
        var items = new List<JsonValue>();
        at++;
        if (Skip(']'))
            return new JsonValue.List(items);
        do
        {
            if (ReadValue(level + 1) is not { } item)
                return null;
            items.Add(item);
        }
        while (Skip(','));
        return Skip(']') ? new JsonValue.List(items) : null;
    }

    private string? ReadText()
    {
        at++;
        StringBuilder? text = null;
        while (true)
        {
            var rest = bytes.AsSpan(at);
            var plain = rest.IndexOfAnyExcept(Plain);
            if (plain < 0)
                return null;
            at += plain;
            var piece = Encoding.UTF8.GetString(rest[..plain]);
            if (bytes[at] == '"')
            {
                at++;
                return text is null ? piece : Unicode(text.Append(piece).ToString());
            }

            text = (text ?? new StringBuilder()).Append(piece);
            if (bytes[at] != '\\' || !ReadEscape(text))
                return null;
        }
    }

    private bool ReadEscape(StringBuilder text)
    {
        if (at + 1 >= bytes.Length)
            return false;
        var c = (char)bytes[at + 1];
        at += 2;
        if (c != 'u')
        {
            var plain = c switch { '"' or '\\' or '/' => c, 'b' => '\b', 'f' => '\f', 'n' => '\n', 'r' => '\r', 't' => '\t', _ => '\0' };
            text.Append(plain);
            return plain != '\0';
        }

        if (at + 4 > bytes.Length || !ushort.TryParse(bytes.AsSpan(at, 4), NumberStyles.AllowHexSpecifier, null, out var unit))
            return false;
        at += 4;
        text.Append((char)unit);
        return true;
    }

    // Half a pair of surrogates, which only an escape can bring, is no character.
    private static string? Unicode(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsLowSurrogate(text[i]) || (char.IsHighSurrogate(text[i]) && (++i == text.Length || !char.IsLowSurrogate(text[i]))))
                return null;
        }

        return text;
    }

    private JsonValue? ReadNumber()
    {
        var length = 0;
        while (at + length < bytes.Length && bytes[at + length] is (>= (byte)'0' and <= (byte)'9') or (byte)'-' or (byte)'+' or (byte)'.' or (byte)'e' or (byte)'E')
            length++;
        var number = Encoding.ASCII.GetString(bytes, at, length);
        at += length;
        var negative = number.StartsWith('-');
        if (Encodings.TryCount(negative ? number.AsSpan(1) : number, out var count) && !(negative && count == 0))
            return new JsonValue.Number(negative ? -count : count);
        return fractions && AnyNumber().IsMatch(number) ? new JsonValue.Literal(number) : null;
    }

    // Source: RFC 8259 section 6.
    [GeneratedRegex(@"\A-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex AnyNumber();

    private JsonValue.Literal? ReadWord(string word)
    {
        if (at + word.Length > bytes.Length || Encoding.ASCII.GetString(bytes, at, word.Length) != word)
            return null;
        at += word.Length;
        return new JsonValue.Literal(word);
    }

    private bool Skip(char wanted)
    {
        if (Peek() != wanted)
            return false;
        at++;
        return true;
    }

    /// <summary>The next byte that is no blank; -1 at the end.</summary>
    private int Peek()
    {
        while (at < bytes.Length && bytes[at] is (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r')
            at++;
        return at < bytes.Length ? bytes[at] : -1;
    }
}
