namespace Ringfence.Language;

/// <summary>One spelling for letters that people write in several ways. Works alike on every machine: no locale data is asked.</summary>
internal static class Folding
{
    // Base letters of U+00C0 to U+017F, in order; '\0' where a letter is spelled with two (see Spelled) or is none.
    private const string Latin =
        "aaaaaa\0ceeeeiiiidnooooo\0ouuuuy\0\0aaaaaa\0ceeeeiiiidnooooo\0ouuuuy\0y"
        + "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiii\0\0jjkkkllllllllllnnnnnnnnnoooooo\0\0rrrrrrsssssssstttttt"
        + "uuuuuuuuuuuuwwyyyzzzzzzs";

    /// <summary>Full-width forms, odd blanks and the punctuation of other scripts in their plain form.</summary>
    public static char Plain(char c) => c switch
    {
        >= '\uFF01' and <= '\uFF5E' => (char)(c - 0xFEE0),
        '\u3000' or '\u00A0' or '\u202F' or '\u2028' or '\u2029' => ' ',
        '。' or '｡' => '.',
        '、' or '､' or '،' => ',',
        '؛' => ';',
        '؟' => '?',
        _ => c,
    };

    /// <summary>No character below it is invisible.</summary>
    public const char FirstInvisible = '\u00AD';

    /// <summary>Marks that show nothing by themselves: zero-width characters, direction marks, soft hyphens, accents written apart.</summary>
    public static bool IsInvisible(char c) => c is '\u00AD' or '\uFEFF' or '\u0640' or '\u061C' or '\u180E'
        or (>= '\u200B' and <= '\u200F') or (>= '\u202A' and <= '\u202E') or (>= '\u2060' and <= '\u2069')
        or (>= '\u0300' and <= '\u036F') or (>= '\u064B' and <= '\u0652') or (>= '\uFE00' and <= '\uFE0F');

    /// <summary>Scripts written without blanks, or with blanks that vary: every character is a word of its own.</summary>
    public static bool IsSyllabic(char c) => c is (>= '\u3040' and <= '\u30FF') or (>= '\u3400' and <= '\u9FFF')
        or (>= '\uAC00' and <= '\uD7A3') or (>= '\uF900' and <= '\uFAFF') or '\u3005';

    /// <summary>How far a sound mark written apart moves the kana before it: 1 or 2; 0 for anything else.</summary>
    public static int Voiced(char c) => c switch { '\u3099' => 1, '\u309A' => 2, _ => 0 };

    public static bool IsApostrophe(char c) =>
        c is '\'' or '’' or '‘' or '‛' or 'ʼ' or 'ʻ' or '`' or '´' or '′' or '\u0092';

    public static bool IsHyphen(char c) => c is '-' or '‐' or '‑' or '‒' or '–' or '—' or '―' or '−' or '﹣';

    public static bool EndsClause(char c) => c is '.' or ',' or ';' or ':' or '!' or '?' or '=' or '|' or '(' or ')' or '[' or ']' or '{' or '}'
        or '\n' or '\r' or '…' or '•' or '·' or '→' or '>' or '<' or '「' or '」' or '『' or '』' or '【' or '】' or '《' or '》'
        or '¡' or '¿';

    public static char Lower(char c) => c is 'İ' or 'I' or 'ı' ? 'i' : char.ToLowerInvariant(c);

    /// <summary>The letters that stand for a lower-case letter where it takes more than one; else empty.</summary>
    public static string Spelled(char lower) => lower switch
    {
        'ß' or 'ẞ' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'þ' => "th",
        'ĳ' => "ij",
        'ŋ' => "ng",
        'ﬀ' => "ff",
        'ﬁ' => "fi",
        'ﬂ' => "fl",
        'ﬃ' => "ffi",
        'ﬄ' => "ffl",
        _ => "",
    };

    /// <summary>A lower-case letter without its accent.</summary>
    public static char Base(char lower)
    {
        if (lower is >= '\u00C0' and <= '\u017F')
            return Latin[lower - '\u00C0'] is var plain && plain != '\0' ? plain : lower;
        return lower switch
        {
            'ё' => 'е',
            'й' => 'и',
            'ә' => 'э',
            'أ' or 'إ' or 'آ' or 'ٱ' => 'ا',
            'ى' => 'ي',
            'ة' => 'ه',
            'ά' => 'α',
            'έ' => 'ε',
            'ή' => 'η',
            'ί' or 'ϊ' or 'ΐ' => 'ι',
            'ό' => 'ο',
            'ύ' or 'ϋ' or 'ΰ' => 'υ',
            'ώ' => 'ω',
            'ς' => 'σ',
            'ș' => 's',
            'ț' => 't',
            >= '٠' and <= '٩' => (char)('0' + (lower - '٠')),
            >= '\u1EA0' and <= '\u1EF9' => Vietnamese(lower),
            _ => lower,
        };
    }

    private static char Vietnamese(char c) => c switch
    {
        <= '\u1EB7' => 'a',
        <= '\u1EC7' => 'e',
        <= '\u1ECB' => 'i',
        <= '\u1EE3' => 'o',
        <= '\u1EF1' => 'u',
        _ => 'y',
    };
}
