namespace Ringfence.Language;

/// <summary>One line of a phrase file: a pattern of words and what it means.</summary>
/// <param name="Tag">What the line says a text means: the word before the colon.</param>
/// <param name="Kind">How it weighs against look-alikes.</param>
/// <param name="Elements">The pattern.</param>
/// <param name="Language">The language of the file, such as <c>zh</c>.</param>
/// <param name="Line">The line as it is written, for evidence.</param>
/// <param name="Number">Its number among all phrases of a book, from 0.</param>
internal sealed record Phrase(string Tag, PhraseKind Kind, PhraseElement[] Elements, string Language, string Line, int Number)
{
    /// <summary>The elements for which a text must have some word, or the phrase can't be in it.</summary>
    public PhraseElement[] Needed { get; } = [.. Elements.Where(e => e.Kind == ElementKind.Words && !e.MayEndClause)];
}

/// <summary>How a phrase weighs.</summary>
internal enum PhraseKind : byte
{
    /// <summary>Counts, unless it stands inside a look-alike.</summary>
    Plain,

    /// <summary>Counts even inside a look-alike: <c>tag!:</c>.</summary>
    Always,

    /// <summary>Means nothing itself, and takes back plain phrases inside it: <c>like:</c>, or <c>like tag:</c> for phrases of one tag.</summary>
    LookAlike,
}

/// <summary>One place in a pattern.</summary>
/// <param name="Kind">What may stand there.</param>
/// <param name="Alternatives">For words: sequences of word ids, one of which must stand there; the empty one is the end of a clause.</param>
/// <param name="Most">For gaps: how many words at most.</param>
internal sealed record PhraseElement(ElementKind Kind, int[][] Alternatives, int Most)
{
    /// <summary>The classes of words with which one of the alternatives can begin, one bit each; set when the vocabulary is settled.</summary>
    public ulong[] Starts { get; set; } = [];

    /// <summary>Whether one of the alternatives can begin with a word of this class.</summary>
    public bool CanStart(int wordClass) => (Starts[wordClass >> 6] >> (wordClass & 63) & 1) != 0;

    /// <summary>Whether the end of a clause is among the alternatives.</summary>
    public bool MayEndClause { get; } = Alternatives.Any(a => a.Length == 0);

    public static PhraseElement Of(ElementKind kind, int most = 0) => new(kind, [], most);
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
