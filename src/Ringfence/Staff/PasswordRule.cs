using System.Globalization;
using System.Text;

namespace Ringfence.Staff;

/// <summary>Which passwords are taken: long ones that nobody would try. No kinds of characters are asked for, and nothing makes one end.</summary>
/// <remarks>
/// Source: NIST SP 800-63B-4, 3.1.1.2: at least 15 characters where the password may be the only factor, up to 64 at least, all signs of Unicode, no rules about
/// their composition, and a list of those commonly used or expected, among them words of the service and of the person.
/// Our reading: whether a second factor is there or not, one length for all; the list is a rule: what is known counts as little, however long it is.
/// </remarks>
public static class PasswordRule
{
    /// <summary>Characters, at least.</summary>
    public const int Fewest = 15;

    /// <summary>Characters, at most: hashing longer ones is work without use.</summary>
    public const int Most = 256;

    // What is left of a password when all that is known was taken out of it. Eight characters that nobody could foresee.
    private const int FewestUnforeseen = 8;

    private const int LeastRun = 3;

    private static readonly string[] Rows =
    [
        "01234567890", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "yxcvbnm", "azertyuiop", "qsdfghjklm", "wxcvbn", "1qaz2wsx3edc4rfv5tgb6yhn7ujm", "1q2w3e4r5t6y7u8i9o0p",
    ];

    // The words that passwords are made of most. Source: the themes of public lists of the most frequent ones.
    private static readonly string[] Common =
    [
        "password", "passwort", "passwd", "kennwort", "motdepasse", "contrasena", "welcome", "willkommen", "letmein", "changeme", "secret", "geheim", "admin", "administrator", "root", "user", "login", "signin",
        "default", "test", "guest", "master", "manager", "superman", "batman", "dragon", "monkey", "shadow", "sunshine", "princess", "football", "baseball", "soccer", "hockey", "iloveyou", "ilove", "love",
        "forever", "hello", "hallo", "freedom", "whatever", "trustno", "starwars", "pokemon", "computer", "internet", "samsung", "google", "apple", "microsoft", "windows", "company", "office", "business",
        "marketing", "sales", "calling", "phone", "summer", "winter", "spring", "autumn", "sommer", "herbst", "fruhling", "january", "february", "march", "april", "june", "july", "august", "september",
        "october", "november", "december", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "woaini", "wodemima", "mima", "nihao", "correcthorsebatterystaple", "thequickbrownfox",
        "jumpsoverthelazydog", "loremipsum", "dolorsitamet", "tobeornottobe", "maytheforcebewithyou", "openseasame", "opensesame", "ringfence",
    ];

    /// <summary>What speaks against a password.</summary>
    /// <param name="password">As it was typed.</param>
    /// <param name="known">Words of the person and the house: names, the parts of an address.</param>
    public static PasswordFault Judge(string password, IEnumerable<string> known)
    {
        var length = new StringInfo(password).LengthInTextElements;
        if (length < Fewest)
            return PasswordFault.TooShort;
        if (password.Length > Most)
            return PasswordFault.TooLong;
        var words = Common.Concat(known.SelectMany(WordsOf)).Distinct(StringComparer.Ordinal).OrderByDescending(static word => word.Length).ToList();
        return Unforeseen(Folded(password), words) < FewestUnforeseen ? PasswordFault.Common : PasswordFault.None;
    }

    private static IEnumerable<string> WordsOf(string known)
    {
        var whole = Folded(known);
        return whole.Split([' ', '.', '@', '-', '_', ',', '&', '\''], StringSplitOptions.RemoveEmptyEntries).Append(whole).Where(static word => word.Length > 2);
    }

    // What is known counts as one, whatever its length; every other character too.
    private static int Unforeseen(string password, List<string> words)
    {
        var count = 0;
        for (var at = 0; at < password.Length; count++)
        {
            var rest = password.AsSpan(at);
            var taken = 1;
            foreach (var word in words)
            {
                if (rest.StartsWith(word, StringComparison.Ordinal))
                    taken = Math.Max(taken, word.Length);
            }

            at += Math.Max(Math.Max(taken, YearOf(rest)), Math.Max(RunOf(rest), AgainOf(password, at)));
        }

        return count;
    }

    // 1950 to 2049.
    private static int YearOf(ReadOnlySpan<char> rest) =>
        rest.Length >= 4 && int.TryParse(rest[..4], NumberStyles.None, CultureInfo.InvariantCulture, out var year) && year is >= 1950 and < 2050 ? 4 : 0;

    // Neighbours on the keyboard or in the alphabet, there or back, or one sign over and over.
    private static int RunOf(ReadOnlySpan<char> rest)
    {
        var longest = 0;
        while (longest < rest.Length && rest[longest] == rest[0])
            longest++;
        foreach (var row in Rows)
        {
            foreach (var step in (int[])[1, -1])
            {
                var place = row.IndexOf(rest[0], StringComparison.Ordinal);
                var run = 0;
                while (run < rest.Length && place >= 0 && place < row.Length && row[place] == rest[run])
                    (run, place) = (run + 1, place + step);
                longest = Math.Max(longest, run);
            }
        }

        return longest >= LeastRun ? longest : 0;
    }

    // What stood before already.
    private static int AgainOf(string password, int at)
    {
        var longest = 0;
        for (var from = 0; from < at; from++)
        {
            var same = 0;
            while (at + same < password.Length && from + same < at && password[from + same] == password[at + same])
                same++;
            longest = Math.Max(longest, same);
        }

        return longest >= LeastRun ? longest : 0;
    }

    // Small letters, and the signs that stand for letters as those; digits of a number stay.
    private static string Folded(string text)
    {
        var folded = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            var amongLetters = i > 0 && char.IsLetter(text[i - 1]) || i + 1 < text.Length && char.IsLetter(text[i + 1]);
            folded.Append(text[i] switch
            {
                '@' when amongLetters => 'a',
                '$' => 's',
                '0' when amongLetters => 'o',
                '3' when amongLetters => 'e',
                '!' when amongLetters && i + 1 < text.Length => 'i',
                var other => char.ToLowerInvariant(other),
            });
        }

        return folded.ToString();
    }
}

/// <summary>What speaks against a password.</summary>
public enum PasswordFault
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>It has fewer characters than <see cref="PasswordRule.Fewest"/>.</summary>
    TooShort,

    /// <summary>It has more than <see cref="PasswordRule.Most"/>.</summary>
    TooLong,

    /// <summary>It is made of what everybody would try first.</summary>
    Common,
}
