using System.Collections;
using System.Text;

namespace Ringfence.Server.Lists.Reading;

/// <summary>How much a text, decoded from one candidate encoding, looks like something that people wrote.</summary>
/// <remarks>
/// Only characters outside ASCII count; each gets points from about -10 (cannot be) to 3 (everyday), and the mean is the answer. The
/// points were set by hand: a character list for what is common, the encodings' own first levels for what is usual, and neighbours for
/// letters, since a single accented letter stands among ASCII ones and an ideograph does not.
/// </remarks>
internal sealed class Plausibility
{
    private readonly BitArray _common = new(0x10000);
    private readonly BitArray _alsoCommon = new(0x10000);
    private readonly BitArray _usual = new(0x10000);
    private readonly BitArray _present = new(0x10000);

    private bool Han { get; init; }
    private bool Kana { get; init; }
    private bool Hangul { get; init; }
    private bool Cyrillic { get; init; }

    /// <summary>Points for a text of this encoding to begin with: how often it is met in lists.</summary>
    public double Prior { get; private init; }

    public static Plausibility Chinese(Encoding encoding, bool simplified, double prior) => Build(
        new Plausibility { Han = true, Prior = prior }, encoding,
        simplified ? CommonCharacters.Simplified : CommonCharacters.Traditional,
        simplified ? CommonCharacters.Traditional : CommonCharacters.Simplified,
        // First levels: GB 2312 rows 16 to 55, Big5 A440 to C67E.
        simplified ? lead => lead is >= 0xB0 and <= 0xD7 : lead => lead is >= 0xA4 and <= 0xC6);

    public static Plausibility Japanese(Encoding encoding, bool shifted, double prior) => Build(
        new Plausibility { Han = true, Kana = true, Prior = prior }, encoding, CommonCharacters.Japanese, "",
        // First level of JIS X 0208, rows 16 to 47.
        shifted ? lead => lead is >= 0x88 and <= 0x97 : lead => lead is >= 0xB0 and <= 0xCF);

    public static Plausibility Korean(Encoding encoding, double prior) =>
        Build(new Plausibility { Hangul = true, Prior = prior }, encoding, CommonCharacters.Hangul, "", _ => false);

    public static Plausibility Letters(string common, bool cyrillic, double prior)
    {
        var letters = new Plausibility { Cyrillic = cyrillic, Prior = prior };
        Mark(letters._common, common);
        return letters;
    }

    private static Plausibility Build(Plausibility made, Encoding encoding, string common, string alsoCommon, Func<byte, bool> isUsualLead)
    {
        Mark(made._common, common);
        Mark(made._alsoCommon, alsoCommon);
        Span<byte> bytes = stackalloc byte[8];
        Span<char> one = stackalloc char[1];
        var strict = Encoding.GetEncoding(encoding.CodePage, new EncoderReplacementFallback(""), DecoderFallback.ReplacementFallback);
        for (var c = 0x4E00; c <= 0x9FFF; c++)
        {
            one[0] = (char)c;
            if (strict.GetBytes(one, bytes) == 2)
            {
                made._present[c] = encoding.CodePage != 54936 || (bytes[0] >= 0xB0 && bytes[1] >= 0xA1);
                made._usual[c] = isUsualLead(bytes[0]) && (encoding.CodePage != 54936 || bytes[1] >= 0xA1);
            }
        }

        return made;
    }

    private static void Mark(BitArray set, string characters)
    {
        foreach (var c in characters)
            set[c] = true;
    }

    /// <summary>The mean points of the characters outside ASCII; <see cref="Prior"/> included.</summary>
    public double Of(ReadOnlySpan<char> text)
    {
        var points = 0d;
        var counted = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] < 0x80)
                continue;

            points += Points(text[i], i > 0 ? text[i - 1] : ' ', i + 1 < text.Length ? text[i + 1] : ' ');
            counted++;
        }

        return counted == 0 ? Prior : points / counted + Prior;
    }

    private double Points(char c, char before, char after) => c switch
    {
        '\uFFFD' or (>= '\uE000' and <= '\uF8FF') => -10,
        < '\u00A0' => -8,
        >= '\u4E00' and <= '\u9FFF' => Ideograph(c, before, after),
        >= '\u3041' and <= '\u3096' => Kana ? 3 : -2,
        >= '\u30A1' and <= '\u30FE' => Kana ? 2.5 : -2,
        >= '\uFF61' and <= '\uFF9F' => Kana ? 0.85 : -4,
        >= '\uAC00' and <= '\uD7A3' => Hangul ? (_common[c] ? 3 : 0.3) : -3,
        (>= '\u3000' and <= '\u3011') or (>= '\uFF01' and <= '\uFF5E') or '\uFFE5' => Han || Hangul ? 1.5 : -3,
        >= '\u0400' and <= '\u052F' => CyrillicLetter(c, before, after),
        _ when char.IsLetter(c) => Letter(c, before, after),
        '’' or '‘' or '“' or '”' or '–' or '—' or '…' or '€' or '«' or '»' or '°' or '®' or '©' or '™' or '·' or '§' or '\u00A0'
            or '✓' or '√' or '×' or '¿' or '¡' => char.IsAsciiLetter(before) && c is '°' or '¿' or '¡' or '×' ? -1 : 0.7,
        >= '\uD800' and <= '\uDFFF' => -0.5,
        _ => char.IsLetter(before) && char.IsLetter(after) ? -4 : -2,
    };

    private double Ideograph(char c, char before, char after)
    {
        if (!Han)
            return -3;

        var points = _common[c] ? 3 : _alsoCommon[c] ? 1 : _usual[c] ? 0.8 : _present[c] ? -1.5 : -3;
        if (char.IsAsciiLetterLower(before) || char.IsAsciiLetterLower(after))
            points -= char.IsAsciiLetter(before) && char.IsAsciiLetter(after) ? 5 : 2.5;
        return points;
    }

    private double CyrillicLetter(char c, char before, char after)
    {
        if (!Cyrillic)
            return -1.5;
        if (char.IsAsciiLetter(before) || char.IsAsciiLetter(after))
            return -3;
        if (char.IsUpper(c) && char.IsLower(before))
            return -2;
        return _common[c] ? 2.5 : c is >= '\u0410' and <= '\u0451' ? 0.5 : -0.5;
    }

    private double Letter(char c, char before, char after)
    {
        if (Han || Hangul || Cyrillic)
            return -2;

        var neighbours = (before >= 0x80 && char.IsLetter(before) ? 1 : 0) + (after >= 0x80 && char.IsLetter(after) ? 1 : 0);
        if (neighbours == 2)
            return _common[c] ? -1.5 : -3;
        if (neighbours == 1)
            return _common[c] ? 0.5 : -0.7;
        if (char.IsUpper(c) && char.IsAsciiLetterLower(before))
            return -2;
        var amongLetters = char.IsAsciiLetter(before) || char.IsAsciiLetter(after);
        return _common[c] ? (amongLetters ? 2.5 : 1) : amongLetters ? 1 : -0.5;
    }
}
