using Ringfence.Lists;

namespace Ringfence.Server.Lists;

/// <summary>Folds names to keys that are equal for the same person's name in another order, case or width.</summary>
internal static class NameKey
{
    // Marks of warning, beside digits: no name has them.
    private const string TellingMarks = "!*#()[]{}<>:;/\\?";
    private const string WideTellingMarks = "！（）【】：；？";

    private const ulong Seed = 0xCBF29CE484222325UL;
    private const ulong Prime = 0x100000001B3UL;

    // A title is no part of a name.
    private static readonly WordSet Titles = new(["mr", "mrs", "ms", "miss", "dr", "prof", "herr", "frau", "hr", "fr", "mme", "mlle", "sr", "sra", "dott", "ing"]);

    // Words and characters without which nobody refuses anything; few of them are in names.
    private static readonly WordSet Telling = new(
    [
        "dnc", "not", "dont", "don", "no", "never", "stop", "call", "calls", "calling", "contact", "remove", "removed", "delete", "deleted", "opt", "opted",
        "optout", "unsubscribe", "unsubscribed", "blocked", "blacklist", "blacklisted", "suppressed", "refuse", "refused", "refuses", "declined", "withdrawn", "revoked", "objected", "banned",
        "complained", "cease", "harass", "solicit", "blocklist", "dnd", "dnm", "tps", "ctps", "bloctel", "robinsonliste",
        "gdpr", "dsgvo", "rgpd", "nicht", "kein", "keine", "gesperrt", "sperre", "werbesperre", "widerspruch", "ne", "pas", "plus", "oppose", "non", "baja",
        "nao", "abgemeldet", "abgelehnt", "widerrufen", "widersprochen", "sperrliste", "werbeverbot", "desabonne", "desabonnee", "desinscrit", "desinscrite", "refus",
        "appeler", "desuscrito", "revocado", "rechaza", "rechazado", "llamar", "molestar", "disiscritto", "revocato", "rifiuta", "rifiutato", "chiamare", "disturbare",
        "recusa", "recusou", "revogado", "ligar", "perturbe", "uitgeschreven", "afgemeld", "bellen", "geblokkeerd", "ingetrokken", "sprzeciw", "wypisany",
        "wypisana", "dzwonic", "niet", "geen", "nie", "not", "inte", "ikke", "ei",
    ]);

    private const string TellingHan = "勿别別不拒停退禁止删刪投黑";

    // What an ASCII character is to a name: itself, in lower case, where it is a letter or digit; one of these; or 0 for what parts words.
    private const char Apostrophe = '\u0001';
    private const char TellingMark = '\u0002';

    private static readonly char[] Ascii = [.. Enumerable.Range(0, 128).Select(static c => OfAscii((char)c))];

    /// <summary>Whether a name cell may hold a refusal beside the name, as in "DNC Ann Smith", and wants a closer look.</summary>
    public static bool MayRefuse(ReadOnlySpan<char> name)
    {
        // No name has so many characters.
        const int most = 60;
        if (name.Length > most)
            return true;
        Span<char> word = stackalloc char[most];
        var length = 0;
        foreach (var raw in name)
        {
            char c;
            if (raw < Ascii.Length)
            {
                c = Ascii[raw];
                if (c == TellingMark || char.IsAsciiDigit(c))
                    return true;
            }
            else if (WideTellingMarks.Contains(raw, StringComparison.Ordinal))
            {
                return true;
            }
            else
            {
                c = Fold(raw);
                if (c is >= '\u3040' and <= '\u30FF' or >= '\uAC00' and <= '\uD7A3' or >= '\u0600' and <= '\u06FF' or >= '\u0400' and <= '\u04FF')
                    return true;
                if (c is >= '\u2E80' and <= '\u9FFF' && TellingHan.Contains(c, StringComparison.Ordinal))
                    return true;
                c = c is '\'' or '’' ? Apostrophe : char.IsLetterOrDigit(c) ? c : '\0';
            }

            if (c > TellingMark)
            {
                word[length++] = c;
            }
            else if (c != Apostrophe)
            {
                if (length > 0 && Telling.Contains(word[..length]))
                    return true;
                length = 0;
            }
        }

        return length > 0 && Telling.Contains(word[..length]);
    }

    /// <summary>The key of a name that is given whole, or in parts; 0 where there is none.</summary>
    public static ulong Of(string? whole, string? given, string? family) => whole is not null ? Add(0, whole) : Add(Add(0, given), family);

    /// <summary>Adds the words of a name to its key. 0 is the key of no name.</summary>
    public static ulong Add(ulong key, ReadOnlySpan<char> name)
    {
        Span<char> word = stackalloc char[64];
        var length = 0;
        foreach (var raw in name)
        {
            char c;
            if (raw < Ascii.Length)
            {
                c = Ascii[raw];
            }
            else
            {
                c = Fold(raw);
                if (!char.IsLetterOrDigit(c))
                    c = char.IsSurrogate(c) || c is '\'' or '’' or '\u200B' or '\u00AD' ? Apostrophe : '\0';
            }

            if (c > TellingMark)
            {
                if (length < word.Length)
                    word[length++] = c;
            }
            else if (c != Apostrophe)
            {
                key = AddWord(key, word[..length]);
                length = 0;
            }
        }

        return AddWord(key, word[..length]);
    }

    private static ulong AddWord(ulong key, ReadOnlySpan<char> word)
    {
        if (word.IsEmpty || (word.Length <= 4 && Titles.Contains(word)))
            return key;
        var hash = Seed;
        foreach (var c in word)
            hash = unchecked((hash ^ c) * Prime);

        // A sum does not care about the order of the words.
        key = unchecked(key + Utf8Cell.Mix(hash));
        return key == 0 ? 1 : key;
    }

    private static char OfAscii(char c) =>
        char.IsAsciiLetterOrDigit(c) ? char.ToLowerInvariant(c)
        : c == '\'' ? Apostrophe
        : TellingMarks.Contains(c, StringComparison.Ordinal) ? TellingMark : '\0';

    // Of what is not ASCII.
    private static char Fold(char c)
    {
        if (c is >= '\uFF01' and <= '\uFF5E')
            return char.ToLowerInvariant((char)(c - 0xFEE0));
        c = char.ToLowerInvariant(c);
        return c switch
        {
            'à' or 'á' or 'â' or 'ã' or 'ä' or 'å' or 'ā' or 'ą' or 'ă' => 'a',
            'ç' or 'ć' or 'č' => 'c',
            'ď' or 'đ' => 'd',
            'è' or 'é' or 'ê' or 'ë' or 'ē' or 'ę' or 'ě' => 'e',
            'ğ' => 'g',
            'ì' or 'í' or 'î' or 'ï' or 'ī' or 'ı' => 'i',
            'ł' or 'ľ' => 'l',
            'ñ' or 'ń' or 'ň' => 'n',
            'ò' or 'ó' or 'ô' or 'õ' or 'ö' or 'ø' or 'ő' or 'ō' => 'o',
            'ř' => 'r',
            'ś' or 'š' or 'ş' or 'ș' => 's',
            'ť' or 'ţ' or 'ț' => 't',
            'ù' or 'ú' or 'û' or 'ü' or 'ű' or 'ů' or 'ū' => 'u',
            'ý' or 'ÿ' => 'y',
            'ź' or 'ž' or 'ż' => 'z',
            _ => c,
        };
    }
}
