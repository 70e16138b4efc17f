using System.Globalization;
using System.Text;

namespace Ringfence.Verify;

/// <summary>A value of JSON, as <see cref="JsonText"/> reads it.</summary>
internal abstract record JsonValue
{
    private JsonValue()
    {
    }

    public sealed record Text(string Value) : JsonValue;

    /// <summary>A whole number of less than 2^53 in absolute value.</summary>
    public sealed record Number(long Value) : JsonValue;

    /// <summary><c>true</c>, <c>false</c>, <c>null</c>, or a number of another kind as it is written.</summary>
    public sealed record Literal(string Word) : JsonValue;

    public sealed record List(IReadOnlyList<JsonValue> Items) : JsonValue;

    public sealed record Map(IReadOnlyDictionary<string, JsonValue> Fields) : JsonValue;

    /// <summary>The canonical form of RFC 8785 of what was read without fractions: keys in the order of their UTF-16 units, no blanks, no needless escapes.</summary>
    public byte[] Canonical()
    {
        var text = new StringBuilder();
        Write(this, text);
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static void Write(JsonValue value, StringBuilder text)
    {
        switch (value)
        {
            case Text word:
                WriteText(word.Value, text);
                break;
            case Number number:
                text.Append(CultureInfo.InvariantCulture, $"{number.Value}");
                break;
            case Literal literal:
                text.Append(literal.Word);
                break;
            case List list:
                Join('[', list.Items, item => Write(item, text), ']', text);
                break;
            case Map map:
                Join('{', map.Fields.OrderBy(field => field.Key, StringComparer.Ordinal), WriteField, '}', text);
                break;
        }

        void WriteField(KeyValuePair<string, JsonValue> field)
        {
            WriteText(field.Key, text);
            text.Append(':');
            Write(field.Value, text);
        }
    }

    private static void Join<T>(char open, IEnumerable<T> items, Action<T> write, char close, StringBuilder text)
    {
        text.Append(open);
        var first = true;
        foreach (var item in items)
        {
            if (!first)
                text.Append(',');
            first = false;
            write(item);
        }

        text.Append(close);
    }

    // Source: RFC 8785 section 3.2.2.2: the short escapes, \u00xx in lower case for the other control characters, all else as it is.
    private static void WriteText(string value, StringBuilder text)
    {
        text.Append('"');
        foreach (var c in value)
        {
            var escape = c switch { '"' => "\\\"", '\\' => "\\\\", '\b' => "\\b", '\t' => "\\t", '\n' => "\\n", '\f' => "\\f", '\r' => "\\r", _ => null };
            if (escape is not null)
                text.Append(escape);
            else if (c < ' ')
                text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            else
                text.Append(c);
        }

        text.Append('"');
    }
}
