namespace Ringfence.Language;

/// <summary>One text being read.</summary>
/// <param name="words">Its words.</param>
/// <param name="classes">What each can stand for.</param>
/// <param name="index">The phrases it is read by.</param>
/// <param name="meanings">The words that each class stands for.</param>
internal readonly ref struct Reading(ReadOnlySpan<Word> words, ReadOnlySpan<int> classes, PhraseIndex index, int[][] meanings)
{
    private readonly ReadOnlySpan<Word> _words = words;
    private readonly ReadOnlySpan<int> _classes = classes;

    /// <summary>Where a phrase that begins at a word ends, or -1.</summary>
    public int End(Phrase phrase, int at, bool longest) => End(phrase.Elements, 0, at, inside: false, mayBreak: false, longest);

    // Without a gap there is one way on per alternative; with gaps, no more than the product of their sizes.
    private int End(PhraseElement[] elements, int e, int at, bool inside, bool mayBreak, bool longest)
    {
        if (e == elements.Length)
            return at;
        var element = elements[e];
        return element.Kind switch
        {
            ElementKind.Words => EndOfWords(elements, e, at, inside, mayBreak, longest),
            ElementKind.OptionalWords => Better(
                EndOfWords(elements, e, at, inside, mayBreak, longest), End(elements, e + 1, at, inside, mayBreak, longest), longest),
            ElementKind.Gap => EndOfGap(elements, e, at, inside, mayBreak, longest),
            ElementKind.MayBreak => End(elements, e + 1, at, inside, mayBreak: true, longest),
            ElementKind.ClauseStart => at < _words.Length && _words[at].AfterBreak ? End(elements, e + 1, at, inside, mayBreak, longest) : -1,
            ElementKind.ClauseEnd => EndsClause(at) ? End(elements, e + 1, at, inside, mayBreak, longest) : -1,
            ElementKind.TextStart => at == 0 ? End(elements, e + 1, at, inside, mayBreak, longest) : -1,
            ElementKind.TextEnd => at == _words.Length ? End(elements, e + 1, at, inside, mayBreak, longest) : -1,
        };
    }

    private int EndOfWords(PhraseElement[] elements, int e, int at, bool inside, bool mayBreak, bool longest)
    {
        var element = elements[e];
        var best = element.MayEndClause && EndsClause(at) ? End(elements, e + 1, at, inside: true, mayBreak: false, longest) : -1;
        if (at >= _words.Length || (inside && !mayBreak && _words[at].AfterBreak) || !index.CanBegin(_classes[at], element))
            return best;
        foreach (var word in meanings[_classes[at]])
        {
            foreach (var sequence in element.BeginningWith(word))
            {
                if (GoesOn(sequence, at))
                    best = Better(best, End(elements, e + 1, at + sequence.Length, inside: true, mayBreak: false, longest), longest);
            }
        }

        return best;
    }

    private int EndOfGap(PhraseElement[] elements, int e, int at, bool inside, bool mayBreak, bool longest)
    {
        var best = End(elements, e + 1, at, inside, mayBreak, longest);
        for (var n = 1; n <= elements[e].Most && at + n <= _words.Length && (!_words[at + n - 1].AfterBreak || (mayBreak && n == 1)); n++)
            best = Better(best, End(elements, e + 1, at + n, inside: true, mayBreak: false, longest), longest);
        return best;
    }

    private bool EndsClause(int at) => at == _words.Length || _words[at].AfterBreak;

    /// <summary>Whether a sequence whose first word stands here stands here whole.</summary>
    private bool GoesOn(int[] sequence, int at)
    {
        if (at + sequence.Length > _words.Length)
            return false;
        for (var i = 1; i < sequence.Length; i++)
        {
            // An idiom of several words may be torn by punctuation (DO - NOT); running script may not.
            if (!meanings[_classes[at + i]].AsSpan().Contains(sequence[i]) || (_words[at + i].AfterBreak && _words[at + i].Length == 1))
                return false;
        }

        return true;
    }

    private static int Better(int one, int other, bool longest)
    {
        if (one < 0 || other < 0)
            return Math.Max(one, other);
        return longest ? Math.Max(one, other) : Math.Min(one, other);
    }
}
