namespace Ringfence.Lists;

/// <summary>Some words in lower case to look others up in. Most words that are asked for are none of them, and that is told by length and first letter alone.</summary>
public sealed class WordSet
{
    private readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> words;

    // By length, one bit for each first letter, from a on.
    private readonly uint[] firstLetters;
    private readonly bool[] otherFirsts;

    /// <summary>Makes the set.</summary>
    public WordSet(IEnumerable<string> words)
    {
        var all = words.ToHashSet(StringComparer.Ordinal);
        this.words = all.GetAlternateLookup<ReadOnlySpan<char>>();
        firstLetters = new uint[all.Max(static word => word.Length) + 1];
        otherFirsts = new bool[firstLetters.Length];
        foreach (var word in all)
        {
            if (char.IsAsciiLetterLower(word[0]))
                firstLetters[word.Length] |= 1u << (word[0] - 'a');
            else
                otherFirsts[word.Length] = true;
        }
    }

    /// <summary>Whether a word, in lower case, is one of them.</summary>
    public bool Contains(ReadOnlySpan<char> word) => MayContain(word) && words.Contains(word);

    /// <summary>Whether a word is one of them, in any case.</summary>
    public bool ContainsInAnyCase(ReadOnlySpan<char> word)
    {
        if (!MayContain(word))
            return false;
        Span<char> lower = stackalloc char[word.Length];
        word.ToLowerInvariant(lower);
        return words.Contains(lower);
    }

    private bool MayContain(ReadOnlySpan<char> word)
    {
        if (word.Length == 0 || word.Length >= firstLetters.Length)
            return false;
        var first = word[0];
        return char.IsAsciiLetter(first) ? (firstLetters[word.Length] >> ((first | 0x20) - 'a') & 1) != 0 : otherFirsts[word.Length];
    }
}
