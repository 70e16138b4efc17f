namespace Ringfence.Language;

/// <summary>One line of a phrase file: a pattern of words and what it means.</summary>
/// <param name="Tag">What the line says a text means: the word before the colon.</param>
/// <param name="Kind">How it weighs against look-alikes.</param>
/// <param name="Elements">The pattern.</param>
/// <param name="Language">The language of the file, such as <c>zh</c>.</param>
/// <param name="Line">The line as it is written, for evidence.</param>
/// <param name="Number">Its number among all phrases of a book, from 0.</param>
internal sealed record Phrase(string Tag, PhraseKind Kind, PhraseElement[] Elements, string Language, string Line, int Number);

/// <summary>How a phrase weighs.</summary>
internal enum PhraseKind : byte
{
    /// <summary>Counts, unless it stands inside a look-alike.</summary>
    Plain,

    /// <summary>Counts even inside a look-alike: <c>tag!:</c>.</summary>
    Always,

    /// <summary>As plain; among alternatives of several lengths the longest counts, where others take the shortest: <c>tag+:</c>.</summary>
    Longest,

    /// <summary>Means nothing itself, and takes back plain phrases inside it: <c>like:</c>, or <c>like tag:</c> for phrases of one tag.</summary>
    LookAlike,
}

/// <summary>One place in a pattern; phrases that write it alike share it.</summary>
internal sealed class PhraseElement
{
    private Dictionary<int, int[][]>? _byFirst;

    /// <param name="kind">What may stand there.</param>
    /// <param name="alternatives">For words: sequences of word ids, one of which must stand there; the empty one is the end of a clause.</param>
    /// <param name="number">Its number among the elements with alternatives of a book, from 0; -1 for one without.</param>
    /// <param name="most">For gaps: how many words at most.</param>
    public PhraseElement(ElementKind kind, int[][] alternatives, int number, int most = 0)
    {
        (Kind, Alternatives, Number, Most) = (kind, alternatives, number, most);
        foreach (var sequence in alternatives)
            MayEndClause |= sequence.Length == 0;
    }

    public ElementKind Kind { get; }

    public int[][] Alternatives { get; }

    public int Number { get; }

    public int Most { get; }

    /// <summary>Whether the end of a clause is among the alternatives.</summary>
    public bool MayEndClause { get; }

    /// <summary>The alternatives that begin with a word.</summary>
    public int[][] BeginningWith(int word) => (_byFirst ??= ByFirst()).TryGetValue(word, out var sequences) ? sequences : [];

    // Not before it is asked for: few elements are, and the files are read at every start of the program.
    private Dictionary<int, int[][]> ByFirst()
    {
        var byFirst = new Dictionary<int, int[][]>();
        foreach (var sequence in Alternatives)
        {
            if (sequence.Length > 0)
                byFirst[sequence[0]] = byFirst.TryGetValue(sequence[0], out var others) ? [.. others, sequence] : [sequence];
        }

        return byFirst;
    }
}

internal enum ElementKind : byte
{
    /// <summary>One of several words or sequences of words.</summary>
    Words,

    /// <summary>The same, or nothing.</summary>
    OptionalWords,

    /// <summary><c>~3</c>: up to so many words of any kind, within the clause.</summary>
    Gap,

    /// <summary><c>!</c>: the next word may begin a new clause.</summary>
    MayBreak,

    /// <summary><c>^</c>: a clause begins here.</summary>
    ClauseStart,

    /// <summary><c>$</c>: a clause ends here.</summary>
    ClauseEnd,

    /// <summary><c>^^</c>: the text begins here.</summary>
    TextStart,

    /// <summary><c>$$</c>: the text ends here.</summary>
    TextEnd,
}
