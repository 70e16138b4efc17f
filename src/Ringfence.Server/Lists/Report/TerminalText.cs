using System.Globalization;
using System.Text;

namespace Ringfence.Server.Lists.Report;

/// <summary>Text on a grid of columns, where a Han character takes two.</summary>
internal static class TerminalText
{
    // Source: Unicode Standard Annex #11, East Asian Width W and F. First and last of each range.
    private static readonly (int First, int Last)[] Wide =
    [
        (0x1100, 0x115F), (0x231A, 0x231B), (0x2E80, 0x303E), (0x3041, 0x33FF), (0x3400, 0x4DBF), (0x4E00, 0xA4CF), (0xA960, 0xA97F),
        (0xAC00, 0xD7A3), (0xF900, 0xFAFF), (0xFE10, 0xFE19), (0xFE30, 0xFE6F), (0xFF00, 0xFF60), (0xFFE0, 0xFFE6), (0x1B000, 0x1B2FF),
        (0x1F300, 0x1F64F), (0x1F680, 0x1F6FF), (0x1F900, 0x1F9FF), (0x20000, 0x3FFFD),
    ];

    // A line must not begin with these.
    private const string NotFirst = "，。、；：？！）」』”’》…·,.;:?!)";

    /// <summary>Columns a text takes.</summary>
    public static int Width(string text)
    {
        var width = 0;
        foreach (var rune in text.EnumerateRunes())
            width += Width(rune);
        return width;
    }

    /// <summary>The text with blanks after it up to a width.</summary>
    public static string Left(string text, int width) => text + Blanks(width - Width(text));

    /// <summary>The text with blanks before it up to a width.</summary>
    public static string Right(string text, int width) => Blanks(width - Width(text)) + text;

    /// <summary>So many blanks; none for a number below zero.</summary>
    public static string Blanks(int count) => new(' ', Math.Max(0, count));

    /// <summary>The text, or its beginning and <c>…</c> where it is wider than there is room.</summary>
    public static string Cut(string text, int width)
    {
        if (Width(text) <= width)
            return text;
        var kept = new StringBuilder();
        var used = 1;
        foreach (var rune in text.EnumerateRunes())
        {
            if ((used += Width(rune)) > width)
                break;
            kept.Append(rune);
        }

        return kept.Append('…').ToString();
    }

    /// <summary>The text in lines no wider than there is room, broken between words or Han characters.</summary>
    public static IEnumerable<string> Wrap(string text, int width)
    {
        var line = new StringBuilder();
        var used = 0;
        foreach (var piece in Pieces(text).SelectMany(p => Chop(p, width)))
        {
            var blank = piece == " ";
            var room = Width(piece);
            if (used > 0 && used + room > width && !(piece.Length == 1 && NotFirst.Contains(piece[0], StringComparison.Ordinal)))
            {
                yield return line.ToString().TrimEnd();
                line.Clear();
                used = 0;
            }

            if (blank && used == 0)
                continue;
            line.Append(piece);
            used += room;
        }

        if (line.Length > 0)
            yield return line.ToString().TrimEnd();
    }

    // A word wider than a whole line, such as a long file name, is broken where the line ends.
    private static IEnumerable<string> Chop(string piece, int width)
    {
        if (Width(piece) <= width)
        {
            yield return piece;
            yield break;
        }

        var part = new StringBuilder();
        var used = 0;
        foreach (var rune in piece.EnumerateRunes())
        {
            if (used + Width(rune) > width)
            {
                yield return part.ToString();
                part.Clear();
                used = 0;
            }

            part.Append(rune);
            used += Width(rune);
        }

        yield return part.ToString();
    }

    private static IEnumerable<string> Pieces(string text)
    {
        var word = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value != ' ' && Width(rune) != 2)
            {
                word.Append(rune);
                continue;
            }

            if (word.Length > 0)
                yield return word.ToString();
            word.Clear();
            yield return rune.ToString();
        }

        if (word.Length > 0)
            yield return word.ToString();
    }

    private static int Width(Rune rune)
    {
        if (rune.Value < 0x300)
            return 1;
        if (Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format)
            return 0;
        foreach (var (first, last) in Wide)
        {
            if (rune.Value >= first && rune.Value <= last)
                return 2;
        }

        return 1;
    }
}
