using System.Buffers;
using System.Globalization;
using System.Text;

namespace Ringfence.Numbers;

/// <summary>From text to digits: what people, exports and RFC 3966 write around and between them.</summary>
internal static class NumberText
{
    /// <summary>Longer texts are no number.</summary>
    public const int LongestText = 250;

    private static readonly SearchValues<char> Beginnings = SearchValues.Create("+0123456789");
    private static readonly SearchValues<char> ContextSigns = SearchValues.Create("0123456789-.()");
    private const string ContextMark = ";phone-context=";

    /// <summary>Finds the digits of the number in a text.</summary>
    /// <param name="text">At most <see cref="LongestText"/> characters.</param>
    /// <param name="digits">Room for <see cref="LongestText"/> digits.</param>
    /// <param name="count">How many digits were found.</param>
    /// <param name="plus">Whether the number begins with +.</param>
    /// <param name="vanity">Whether letters stand for digits.</param>
    /// <param name="extension">The extension, null for none.</param>
    /// <returns>False where the text is not written like a number.</returns>
    public static bool TryFindDigits(ReadOnlySpan<char> text, Span<byte> digits, out int count, out bool plus, out bool vanity, out string? extension)
    {
        (vanity, extension) = (false, null);
        return TryReadPlain(text, digits, out count, out plus)
            || TryReadCarefully(text, digits, out count, out plus, out vanity, out extension);
    }

    private static bool TryReadCarefully(ReadOnlySpan<char> text, Span<byte> digits, out int count, out bool plus, out bool vanity, out string? extension)
    {
        (count, plus, vanity, extension) = (0, false, false, null);
        Span<char> room = stackalloc char[LongestText];
        Span<char> dialled = stackalloc char[LongestText];
        var cleaned = Clean(text, room);
        var context = cleaned.IndexOf(ContextMark);
        scoped ReadOnlySpan<char> number;
        if (context < 0)
            number = PossibleNumber(cleaned);
        else if (TryJoinContext(cleaned, context, dialled, out var joined))
            number = dialled[..joined];
        else
            return false;
        if (number.IndexOf(";isub=") is > 0 and var subaddress)
            number = number[..subaddress];
        if (!IsViable(number))
            return false;

        plus = number[0] == '+';
        if (NumberExtension.TryFind(number, out var start, out var extensionDigits) && (IsPlainNumber(number[..start]) || IsTwoDigits(number[..start])))
        {
            extension = extensionDigits.ToString();
            number = number[..start];
        }
        count = ReadDigits(number, digits, out vanity);
        return true;
    }

    /// <summary>The digit that a character stands for, in any script; -1 for none.</summary>
    public static int DigitOf(char c) => char.IsAsciiDigit(c) ? c - '0' : c < 128 ? -1 : CharUnicodeInfo.GetDecimalDigitValue(c);

    /// <summary>Punctuation that may stand between digits; an x counts, as the reference has it.</summary>
    public static bool IsPunctuation(char c) => c switch
    {
        '-' or 'x' or 'X' or ' ' or '(' or ')' or '.' or '[' or ']' or '/' or '~' => true,
        < '\u00a0' => false,
        '\u00a0' or '\u00ad' or '\u200b' or '\u2060' or '\u3000' or (>= '\u2010' and <= '\u2015') or '\u2053' or '\u2212' or '\u223c' => true,
        '\u30fc' or '\uff08' or '\uff09' or (>= '\uff0d' and <= '\uff0f') or '\uff3b' or '\uff3d' or '\uff5e' => true,
        _ => false,
    };

    /// <summary>The common case, ASCII digits and plain separators only; false leaves the answer to the careful way.</summary>
    private static bool TryReadPlain(ReadOnlySpan<char> text, Span<byte> digits, out int count, out bool plus)
    {
        (count, plus) = (0, false);
        var i = 0;
        for (; i < text.Length; i++)
        {
            var c = text[i];
            if (char.IsAsciiDigit(c))
                break;
            if (c == '+')
            {
                plus = true;
                do
                    i++;
                while (i < text.Length && text[i] == '+');
                break;
            }
            if (c is ';' or > '\u007f')
                return false;
        }
        var (first, last) = (i, i);
        for (; i < text.Length; i++)
        {
            var c = text[i];
            var digit = unchecked((uint)(c - '0'));
            if (digit <= 9)
            {
                digits[count++] = (byte)digit;
                last = i;
            }
            else if (c is not (' ' or '-' or '(' or ')' or '.' or '/' or '[' or ']'))
            {
                return false;
            }
        }
        return count >= 3 || (count == 2 && !plus && last == first + 1);
    }

    /// <summary>Digits of all scripts become ASCII; invisible marks of exports go, and blanks become blanks.</summary>
    private static ReadOnlySpan<char> Clean(ReadOnlySpan<char> text, Span<char> to)
    {
        var length = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c < '\u0080')
            {
                to[length++] = c == '\t' ? ' ' : c;
                continue;
            }
            if (char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                // Digits beyond the basic plane: mathematical ones, Adlam, and others.
                var rune = new Rune(c, text[++i]);
                to[length++] = Rune.GetUnicodeCategory(rune) == UnicodeCategory.DecimalDigitNumber ? (char)('0' + (int)Rune.GetNumericValue(rune)) : '\ufffd';
                continue;
            }
            if (Replacement(c) is var replacement && replacement != '\0')
                to[length++] = replacement;
        }
        return to[..length];
    }

    private static char Replacement(char c)
    {
        if (IsPunctuation(c))
            return c;
        return char.GetUnicodeCategory(c) switch
        {
            UnicodeCategory.DecimalDigitNumber => (char)('0' + CharUnicodeInfo.GetDecimalDigitValue(c)),
            UnicodeCategory.SpaceSeparator => ' ',
            UnicodeCategory.Format => '\0',
            _ => c switch
            {
                '\uff0b' or '\ufe62' => '+',
                // Variation selectors and the keycap frame of emoji digits.
                (>= '\ufe00' and <= '\ufe0f') or '\u20e3' => '\0',
                // Middle dots and bullets between groups.
                '\u00b7' or '\u2022' or '\u2219' or '\u22c5' or '\u30fb' or '\uff65' => '.',
                '\u2043' or '\ufe63' or '\ufe58' => '-',
                _ => c,
            },
        };
    }

    /// <summary>From the first + or digit on, without what trails, up to a second number after <c>/x</c>.</summary>
    private static ReadOnlySpan<char> PossibleNumber(ReadOnlySpan<char> text)
    {
        var start = text.IndexOfAny(Beginnings);
        if (start < 0)
            return [];
        text = text[start..];
        var end = text.Length;
        while (end > 0 && !char.IsAsciiLetterOrDigit(text[end - 1]) && text[end - 1] != '#')
            end--;
        text = text[..end];
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] is not ('/' or '\\'))
                continue;
            var after = i + 1;
            while (after < text.Length && text[after] == ' ')
                after++;
            if (after < text.Length && text[after] == 'x')
                return text[..i];
            i = after - 1;
        }
        return text;
    }

    /// <summary>RFC 3966: a context of + and digits goes before the number, a domain name is dropped, anything else is no number.</summary>
    private static bool TryJoinContext(ReadOnlySpan<char> text, int at, Span<char> to, out int length)
    {
        length = 0;
        var context = text[(at + ContextMark.Length)..];
        if (context.IndexOf(';') is >= 0 and var end)
            context = context[..end];
        if (context.StartsWith('+') && context.IndexOfAnyInRange('0', '9') > 0 && !context[1..].ContainsAnyExcept(ContextSigns))
        {
            context.CopyTo(to);
            length = context.Length;
        }
        else if (!IsDomainName(context))
        {
            return false;
        }
        var scheme = text.IndexOf("tel:");
        var from = scheme < 0 ? 0 : scheme + 4;
        var number = from <= at ? text[from..at] : text[at..from];
        number.CopyTo(to[length..]);
        length += number.Length;
        return true;
    }

    private static bool IsDomainName(ReadOnlySpan<char> name)
    {
        if (name.EndsWith('.'))
            name = name[..^1];
        var label = name;
        while (true)
        {
            var dot = name.IndexOf('.');
            label = dot < 0 ? name : name[..dot];
            if (label.IsEmpty || label[0] == '-' || label[^1] == '-')
                return false;
            foreach (var c in label)
                if (!char.IsAsciiLetterOrDigit(c) && c != '-')
                    return false;
            if (dot < 0)
                return char.IsAsciiLetter(label[0]);
            name = name[(dot + 1)..];
        }
    }

    private static bool IsViable(ReadOnlySpan<char> number) =>
        IsTwoDigits(number) || IsPlainNumber(number) || (NumberExtension.TryFind(number, out var start, out _) && IsPlainNumber(number[..start]));

    private static bool IsTwoDigits(ReadOnlySpan<char> number) => number.Length == 2 && char.IsAsciiDigit(number[0]) && char.IsAsciiDigit(number[1]);

    /// <summary>Any +, three digits with punctuation between them, then digits, punctuation and letters.</summary>
    private static bool IsPlainNumber(ReadOnlySpan<char> number)
    {
        var digits = 0;
        foreach (var c in number.TrimStart('+'))
        {
            if (char.IsAsciiDigit(c))
                digits++;
            else if (!(IsPunctuation(c) || c == '*' || (digits >= 3 && char.IsAsciiLetter(c))))
                return false;
        }
        return digits >= 3;
    }

    /// <summary>Letters count as the digits of a keypad where there are three of them, and are dropped otherwise.</summary>
    private static int ReadDigits(ReadOnlySpan<char> number, Span<byte> digits, out bool vanity)
    {
        var letters = 0;
        foreach (var c in number)
            letters += char.IsAsciiLetter(c) ? 1 : 0;
        vanity = letters >= 3;
        var count = 0;
        foreach (var c in number)
        {
            if (char.IsAsciiDigit(c))
                digits[count++] = (byte)(c - '0');
            else if (vanity && char.IsAsciiLetter(c))
                digits[count++] = (byte)("22233344455566677778889999"[(c | 0x20) - 'a'] - '0');
        }
        return count;
    }
}
