using System.Globalization;
using System.Text;

namespace Ringfence.Server.Numbers;

/// <summary>Text in a column: <c>\\ \t \n \uXXXX</c> stand for what would break the table or can't be seen.</summary>
internal static class TsvText
{
    /// <summary>Writes a text so that it stays in its column: invisible characters, blanks at the ends and a first <c>#</c> are spelled out.</summary>
    public static void Append(StringBuilder to, ReadOnlySpan<char> text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            var atEdge = i == 0 || i == text.Length - 1;
            if (c == '\\')
                to.Append(@"\\");
            else if (c == '\t')
                to.Append(@"\t");
            else if (c == '\n')
                to.Append(@"\n");
            else if ((c == ' ' && atEdge) || (c == '#' && i == 0) || IsUnseen(text, i))
                to.Append(CultureInfo.InvariantCulture, $@"\u{(int)c:X4}");
            else
                to.Append(c);
        }
    }

    /// <summary>Undoes <see cref="Append"/>; a backslash that begins none of its spellings stays. Writes at most as many characters as there are.</summary>
    public static ReadOnlySpan<char> Undo(ReadOnlySpan<char> text, Span<char> room)
    {
        var length = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var next = text[i] == '\\' && i + 1 < text.Length ? text[i + 1] : '\0';
            if (next == 'u' && i + 5 < text.Length && ushort.TryParse(text.Slice(i + 2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
            {
                room[length++] = (char)code;
                i += 5;
            }
            else if (next is '\\' or 't' or 'n')
            {
                room[length++] = next switch { 't' => '\t', 'n' => '\n', _ => '\\' };
                i++;
            }
            else
            {
                room[length++] = text[i];
            }
        }
        return room[..length];
    }

    private static bool IsUnseen(ReadOnlySpan<char> text, int at) => char.GetUnicodeCategory(text[at]) switch
    {
        UnicodeCategory.SpaceSeparator => text[at] != ' ',
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => true,
        UnicodeCategory.Surrogate => !(char.IsHighSurrogate(text[at]) ? at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]) : at > 0 && char.IsHighSurrogate(text[at - 1])),
        _ => false,
    };
}
