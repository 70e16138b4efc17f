using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Ringfence.Files;

/// <summary>A value as canonical JSON holds it: a text, a whole number, a list, a mapping. There is no null, no true or false, no fraction: a file says such things in words.</summary>
public abstract record CanonicalValue
{
    private CanonicalValue() { }

    /// <summary>A text of any characters, but no half of a surrogate pair.</summary>
    public sealed record Text(string Content) : CanonicalValue;

    /// <summary>A whole number of less than 2^53 in absolute value, so that every program reads the same.</summary>
    public sealed record Whole(long Number) : CanonicalValue;

    /// <summary>Values in their order.</summary>
    public sealed record List(IReadOnlyList<CanonicalValue> Items) : CanonicalValue;

    /// <summary>Values by name; the order is that of the canonical form, whatever it was.</summary>
    public sealed record Map(IReadOnlyDictionary<string, CanonicalValue> Entries) : CanonicalValue;

    /// <summary>A text; null stays null.</summary>
    [return: NotNullIfNotNull(nameof(text))]
    public static implicit operator CanonicalValue?(string? text) => text is null ? null : new Text(text);

    /// <summary>A whole number.</summary>
    public static implicit operator CanonicalValue(long number) => new Whole(number);

    /// <summary>A text; null stays null.</summary>
    [return: NotNullIfNotNull(nameof(text))]
    public static CanonicalValue? FromString(string? text) => text;

    /// <summary>A whole number.</summary>
    public static CanonicalValue FromInt64(long number) => number;

    /// <summary>A list of texts.</summary>
    public static CanonicalValue Texts(IEnumerable<string> texts) => new List([.. texts.Select(static text => new Text(text))]);

    /// <summary>A mapping of those entries that have a value.</summary>
    /// <exception cref="ArgumentException">A name stands twice.</exception>
    public static CanonicalValue Mapping(params ReadOnlySpan<(string Name, CanonicalValue? Value)> entries)
    {
        var map = new Dictionary<string, CanonicalValue>(StringComparer.Ordinal);
        foreach (var (name, value) in entries)
        {
            if (value is not null)
                map.Add(name, value);
        }

        return new Map(map);
    }
}

/// <summary>Writes JSON in the one form that RFC 8785 gives it, so that a digest of it can be computed anywhere.</summary>
/// <remarks>Source: RFC 8785, section 3.2: no blanks, the shortest escapes, keys in the order of their UTF-16 code units, UTF-8.</remarks>
public static class CanonicalJson
{
    // Source: RFC 8785, section 3.2.2.3 with RFC 7493, section 2.2: beyond it a program that reads numbers as doubles rounds.
    private const long Limit = 1L << 53;

    // A person, a document or a receipt goes six deep; what goes deeper by far would exhaust the stack.
    private const int Deepest = 60;

    /// <summary>The bytes of a value.</summary>
    /// <exception cref="ArgumentException">A text or name holds half of a surrogate pair, a number is too large, or it is nested too deep. The message holds no content.</exception>
    public static byte[] ToUtf8(CanonicalValue value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var output = new ArrayBufferWriter<byte>(1024);
        Write(value, output, 0);
        return output.WrittenSpan.ToArray();
    }

    private static void Write(CanonicalValue value, ArrayBufferWriter<byte> output, int depth)
    {
        if (depth > Deepest)
            throw new ArgumentException("This is nested too deep.", nameof(value));
        switch (value)
        {
            case CanonicalValue.Text text:
                WriteText(text.Content, output);
                break;
            case CanonicalValue.Whole { Number: > -Limit and < Limit } whole:
                Ascii(output, whole.Number.ToString(CultureInfo.InvariantCulture));
                break;
            case CanonicalValue.Whole:
                throw new ArgumentException("A number is too large.", nameof(value));
            case CanonicalValue.List list:
                Ascii(output, "[");
                for (var i = 0; i < list.Items.Count; i++)
                {
                    if (i > 0)
                        Ascii(output, ",");
                    Write(list.Items[i], output, depth + 1);
                }

                Ascii(output, "]");
                break;
            case CanonicalValue.Map map:
                WriteMap(map, output, depth);
                break;
        }
    }

    private static void WriteMap(CanonicalValue.Map map, ArrayBufferWriter<byte> output, int depth)
    {
        // An ordinal comparison of .NET strings is one of UTF-16 code units, which is what the RFC wants.
        var names = map.Entries.Keys.ToArray();
        Array.Sort(names, StringComparer.Ordinal);
        Ascii(output, "{");
        for (var i = 0; i < names.Length; i++)
        {
            if (i > 0)
                Ascii(output, ",");
            WriteText(names[i], output);
            Ascii(output, ":");
            Write(map.Entries[names[i]], output, depth + 1);
        }

        Ascii(output, "}");
    }

    private static void WriteText(string text, ArrayBufferWriter<byte> output)
    {
        Ascii(output, "\"");
        var from = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (Escaped(text[i]) is not { } escape)
                continue;
            WriteLiterally(text.AsSpan(from, i - from), output);
            Ascii(output, escape);
            from = i + 1;
        }

        WriteLiterally(text.AsSpan(from), output);
        Ascii(output, "\"");
    }

    private static string? Escaped(char c) => c switch
    {
        '"' => "\\\"",
        '\\' => "\\\\",
        '\b' => "\\b",
        '\t' => "\\t",
        '\n' => "\\n",
        '\f' => "\\f",
        '\r' => "\\r",
        < ' ' => $"\\u{(int)c:x4}",
        _ => null,
    };

    private static void WriteLiterally(ReadOnlySpan<char> text, ArrayBufferWriter<byte> output)
    {
        var room = output.GetSpan(Encoding.UTF8.GetMaxByteCount(text.Length));
        if (System.Text.Unicode.Utf8.FromUtf16(text, room, out _, out var written, replaceInvalidSequences: false) != OperationStatus.Done)
            throw new ArgumentException("A text holds half of a surrogate pair.", nameof(text));
        output.Advance(written);
    }

    private static void Ascii(ArrayBufferWriter<byte> output, string text) =>
        output.Advance(Encoding.ASCII.GetBytes(text, output.GetSpan(text.Length)));
}
