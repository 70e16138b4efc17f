namespace Ringfence.Numbers;

/// <summary>The extension at the end of a number: <c>ext. 12</c>, <c>x12</c>, <c>;ext=12</c>, <c>,12</c>, <c>- 12#</c> and their kin.</summary>
/// <remarks>
/// Source: google-libphonenumber 3.2.47, <c>createExtnPattern_</c>. The pattern there is searched from the left; as it must
/// reach the end of the text and holds one run of digits only, it is read here from the right, once.
/// </remarks>
internal static class NumberExtension
{
    // Each mark with the digits that may follow it; longer ones first where one ends in another.
    private static readonly (string[] Words, int MostDigits)[] Marks =
    [
        (["extension", "xtension", "extensión", "xtensión", "extensio\u0301n", "xtensio\u0301n", "extensio", "xtensio", "extensió", "xtensió", "extensio\u0301", "xtensio\u0301",
          "extn", "xtn", "ext", "xt", "ｅｘｔｎ", "ｘｔｎ", "ｅｘｔ", "ｘｔ", "доб", "anexo"], 20),
        (["x", "ｘ", "#", "＃", "~", "～", "int", "ｉｎｔ"], 9),
    ];

    /// <summary>Finds an extension that reaches to the end of the text: where it starts, marks included, and its digits.</summary>
    public static bool TryFind(ReadOnlySpan<char> text, out int start, out ReadOnlySpan<char> digits)
    {
        start = text.Length;
        var end = text.EndsWith('#') ? text.Length - 1 : text.Length;
        var from = end;
        while (from > 0 && char.IsAsciiDigit(text[from - 1]))
            from--;
        digits = text[from..end];
        if (digits.IsEmpty || digits.Length > 20)
            return false;
        var hash = end < text.Length;

        if (!hash && text[..from].EndsWith(";ext="))
            start = from - 5;
        if (hash && digits.Length <= 6)
        {
            var dash = from;
            while (dash > 0 && text[dash - 1] is '-' or ' ')
                dash--;
            if (dash < from)
                start = Math.Min(start, dash);
        }

        var gap = from;
        while (gap > 0 && text[gap - 1] is ' ' or '\u00a0' or ',' or '-')
            gap--;
        var colon = gap > 0 && text[gap - 1] is ':' or '.' or '\uff0e' ? gap - 1 : gap;
        foreach (var (words, most) in Marks)
            if (digits.Length <= most)
                foreach (var word in words)
                    if (EndsWith(text[..colon], word))
                        start = Math.Min(start, Back(text, colon - word.Length, commas: true));
        start = Math.Min(start, BehindCommas(text, colon, gap, from, digits.Length));
        return start < text.Length;
    }

    /// <summary>An extension after <c>,</c> (9 digits), <c>,,</c> or <c>;</c> (15 digits).</summary>
    private static int BehindCommas(ReadOnlySpan<char> text, int colon, int gap, int from, int digits)
    {
        var start = text.Length;
        if (digits > 15)
            return start;
        if (colon > 0 && text[colon - 1] == ';')
            start = Back(text, colon - 1, commas: false);
        // Commas among the blanks before the digits, or right before a colon.
        for (var i = gap; i < from; i++)
            if (text[i] == ',' && (digits <= 9 || (i + 1 < from && text[i + 1] == ',')))
            {
                start = Math.Min(start, Back(text, i, commas: false));
                break;
            }
        if (colon == gap || colon == 0 || text[colon - 1] != ',')
            return start;
        var first = colon;
        while (first > 0 && text[first - 1] == ',')
            first--;
        if (digits <= 9)
            start = Math.Min(start, Back(text, first, commas: false));
        else if (colon - first >= 2)
            start = Math.Min(start, Back(text, colon - 2, commas: false));
        return start;
    }

    private static int Back(ReadOnlySpan<char> text, int at, bool commas)
    {
        while (at > 0 && (text[at - 1] is ' ' or '\u00a0' || (commas && text[at - 1] == ',')))
            at--;
        return at;
    }

    /// <summary>Case does not matter, in the three alphabets that the marks are written in.</summary>
    private static bool EndsWith(ReadOnlySpan<char> text, string word)
    {
        if (text.Length < word.Length)
            return false;
        text = text[^word.Length..];
        for (var i = 0; i < word.Length; i++)
            if (char.ToLowerInvariant(text[i]) != word[i])
                return false;
        return true;
    }
}
