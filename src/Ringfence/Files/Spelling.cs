namespace Ringfence.Files;

/// <summary>What may have been meant by a word that is in no list.</summary>
internal static class Spelling
{
    // A longer text is no slip of the pen, and comparing it would take long.
    private const int LongestWord = 40;

    /// <summary>The error for a word that is not in a list, with the list, and the word that may have been meant.</summary>
    public static string NoneOf(string word, IEnumerable<string> allowed)
    {
        var words = allowed.ToArray();
        var hint = Nearest(word, words) is { } near ? $"; was '{near}' meant?" : "";
        return $"'{word}' is none of {string.Join(", ", words)}{hint}";
    }

    /// <summary>The word that differs least, by a third of its letters at most; null where none is near.</summary>
    public static string? Nearest(string word, IReadOnlyList<string> words)
    {
        if (word.Length > LongestWord)
            return null;
        string? nearest = null;
        var least = int.MaxValue;
        foreach (var candidate in words)
        {
            var distance = Distance(word, candidate);
            if (distance < least && IsNear(distance, word, candidate))
                (nearest, least) = (candidate, distance);
        }

        return nearest;
    }

    /// <summary>Words that may have been meant: those that differ by a third of their letters at most, then those that hold it; five at most.</summary>
    public static IReadOnlyList<string> Like(string word, IReadOnlyList<string> words)
    {
        const int Most = 5;
        if (word.Length is 0 or > LongestWord)
            return [];
        return
        [
            .. words.Select(candidate => (Word: candidate, Distance: Distance(word, candidate)))
                .Select(near => near with { Distance = IsNear(near.Distance, word, near.Word) ? near.Distance : near.Word.Contains(word, StringComparison.OrdinalIgnoreCase) ? LongestWord : int.MaxValue })
                .Where(static near => near.Distance < int.MaxValue)
                .OrderBy(static near => near.Distance).ThenBy(static near => near.Word, StringComparer.Ordinal)
                .Take(Most).Select(static near => near.Word),
        ];
    }

    private static bool IsNear(int distance, string word, string other) => distance * 3 <= Math.Max(word.Length, other.Length);

    /// <summary>How many letters have to be put in, left out or replaced; case and hyphens don't count as letters.</summary>
    private static int Distance(string one, string other)
    {
        var (a, b) = (Letters(one), Letters(other));
        var row = new int[b.Length + 1];
        for (var j = 0; j <= b.Length; j++)
            row[j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[b.Length];
    }

    private static string Letters(string word) => string.Concat(word.Where(c => c is not ('-' or '_')).Select(char.ToLowerInvariant));
}
