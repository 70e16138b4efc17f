using System.Numerics;

namespace Ringfence.Language;

/// <summary>Tells from the words of a text, wherever they stand, which phrases can be in it.</summary>
/// <remarks>
/// Sets of elements are written as bits, an element's at its number. An element <em>stands</em> in a text when a word is there with
/// which it can begin. Each phrase has an anchor: the element it needs whose words are the rarest. As a rule no anchor stands in a text.
/// </remarks>
internal sealed class PhraseIndex
{
    private readonly ulong[] _rows;
    private readonly int[] _rowAt;
    private readonly ulong[] _anchors;
    private readonly int[][] _anchoredAt;
    private readonly int[][] _needed;
    private readonly int[][] _beginnings;
    private readonly bool[] _isLookAlike;

    /// <exception cref="FormatException">A phrase without a word, or with a gap before its first.</exception>
    public PhraseIndex(Phrase[] phrases, IReadOnlyList<PhraseElement> elements, Vocabulary vocabulary)
    {
        ElementSpan = (elements.Count + 63) >> 6;
        PhraseSpan = (phrases.Length + 63) >> 6;
        (_rows, _rowAt) = Rows(elements, vocabulary, ElementSpan);
        _anchors = new ulong[ElementSpan];
        _needed = new int[phrases.Length][];
        _beginnings = new int[phrases.Length][];
        _isLookAlike = new bool[phrases.Length];
        var anchoredAt = new List<int>?[elements.Count];
        var costs = Costs(elements, vocabulary);
        foreach (var phrase in phrases)
        {
            var needed = _needed[phrase.Number] = Needed(phrase);
            var beginnings = _beginnings[phrase.Number] = Beginnings(phrase);
            _isLookAlike[phrase.Number] = phrase.Kind == PhraseKind.LookAlike;
            foreach (var anchor in needed.Length == 0 ? beginnings : [Cheapest(needed, costs)])
            {
                (anchoredAt[anchor] ??= []).Add(phrase.Number);
                Set(_anchors, anchor);
            }
        }

        _anchoredAt = new int[elements.Count][];
        for (var i = 0; i < _anchoredAt.Length; i++)
            _anchoredAt[i] = anchoredAt[i]?.ToArray() ?? [];
    }

    /// <summary>The length of a set of elements.</summary>
    public int ElementSpan { get; }

    /// <summary>The length of a set of phrases.</summary>
    public int PhraseSpan { get; }

    /// <summary>Adds to a set the elements that can begin with a word of a class.</summary>
    public void Add(int wordClass, Span<ulong> elements)
    {
        if (wordClass == 0)
            return;
        var row = Row(wordClass);
        for (var i = 0; i < row.Length && i < elements.Length; i++)
            elements[i] |= row[i];
    }

    /// <summary>Whether the anchor of some phrase is among the elements.</summary>
    public bool HasAnchor(ReadOnlySpan<ulong> standing) => Share(_anchors, standing);

    /// <summary>Collects the phrases that a text can have, and the elements with which they begin.</summary>
    /// <returns>Whether one of them means something itself.</returns>
    public bool Collect(ReadOnlySpan<ulong> standing, Span<ulong> phrases, Span<ulong> beginning)
    {
        var any = false;
        for (var block = 0; block < standing.Length; block++)
        {
            for (var rest = standing[block] & _anchors[block]; rest != 0; rest &= rest - 1)
            {
                foreach (var phrase in _anchoredAt[(block << 6) + BitOperations.TrailingZeroCount(rest)])
                {
                    if (!AllAmong(_needed[phrase], standing))
                        continue;
                    Set(phrases, phrase);
                    foreach (var element in _beginnings[phrase])
                        Set(beginning, element);
                    any |= !_isLookAlike[phrase];
                }
            }
        }

        return any;
    }

    /// <summary>Whether an element can begin with a word of a class.</summary>
    public bool CanBegin(int wordClass, PhraseElement element) => Has(Row(wordClass), element.Number);

    /// <summary>Whether a phrase can begin with a word of a class.</summary>
    public bool CanBegin(int wordClass, int phrase)
    {
        foreach (var element in _beginnings[phrase])
        {
            if (Has(Row(wordClass), element))
                return true;
        }

        return false;
    }

    /// <summary>Whether one of the elements can begin with a word of a class.</summary>
    public bool CanBegin(int wordClass, ReadOnlySpan<ulong> elements) => wordClass != 0 && Share(Row(wordClass), elements);

    private ReadOnlySpan<ulong> Row(int wordClass) => _rows.AsSpan(_rowAt[wordClass], ElementSpan);

    private static bool Has(ReadOnlySpan<ulong> set, int number) => (set[number >> 6] >> (number & 63) & 1) != 0;

    private static void Set(Span<ulong> set, int number) => set[number >> 6] |= 1UL << (number & 63);

    private static bool Share(ReadOnlySpan<ulong> some, ReadOnlySpan<ulong> others)
    {
        for (var i = 0; i < some.Length && i < others.Length; i++)
        {
            if ((some[i] & others[i]) != 0)
                return true;
        }

        return false;
    }

    private static bool AllAmong(int[] elements, ReadOnlySpan<ulong> set)
    {
        foreach (var element in elements)
        {
            if (!Has(set, element))
                return false;
        }

        return true;
    }

    /// <summary>The elements that can begin with a word of a class, and for each class where they stand.</summary>
    private static (ulong[] Rows, int[] RowAt) Rows(IReadOnlyList<PhraseElement> elements, Vocabulary vocabulary, int span)
    {
        var meanings = vocabulary.Meanings;
        var several = 0;
        foreach (var words in meanings)
            several += words.Length == 1 ? 0 : 1;

        // The row of a word is that of the class which stands for it alone; the other classes have theirs behind the words.
        var rows = new ulong[(vocabulary.Count + several) * span];
        foreach (var element in elements)
        {
            foreach (var sequence in element.Alternatives)
            {
                if (sequence.Length > 0)
                    rows[(sequence[0] * span) + (element.Number >> 6)] |= 1UL << (element.Number & 63);
            }
        }

        var rowAt = new int[meanings.Length];
        var next = vocabulary.Count * span;
        for (var wordClass = 0; wordClass < meanings.Length; wordClass++)
        {
            if (meanings[wordClass] is [var only])
            {
                rowAt[wordClass] = only * span;
                continue;
            }

            rowAt[wordClass] = next;
            foreach (var word in meanings[wordClass])
            {
                for (var i = 0; i < span; i++)
                    rows[next + i] |= rows[(word * span) + i];
            }

            next += span;
        }

        return (rows, rowAt);
    }

    /// <summary>How common the words of each element are, roughly: a word that many elements begin with is one that most texts have.</summary>
    private static int[] Costs(IReadOnlyList<PhraseElement> elements, Vocabulary vocabulary)
    {
        var commonness = new int[vocabulary.Count];
        foreach (var element in elements)
        {
            foreach (var sequence in element.Alternatives)
            {
                if (sequence.Length > 0)
                    commonness[sequence[0]]++;
            }
        }

        var costs = new int[elements.Count];
        foreach (var element in elements)
        {
            foreach (var sequence in element.Alternatives)
                costs[element.Number] += sequence.Length > 0 ? commonness[sequence[0]] : 0;
        }

        return costs;
    }

    private static int Cheapest(int[] elements, int[] costs)
    {
        var cheapest = elements[0];
        foreach (var element in elements)
            cheapest = costs[element] < costs[cheapest] ? element : cheapest;
        return cheapest;
    }

    /// <summary>The elements for which a text must have some word, or the phrase can't be in it.</summary>
    private static int[] Needed(Phrase phrase)
    {
        var needed = new List<int>();
        foreach (var element in phrase.Elements)
        {
            if (element.Kind == ElementKind.Words && !element.MayEndClause)
                needed.Add(element.Number);
        }

        return [.. needed];
    }

    private static int[] Beginnings(Phrase phrase)
    {
        var beginnings = new List<int>();
        foreach (var element in phrase.Elements)
        {
            if (element.Number >= 0)
                beginnings.Add(element.Number);
            if (element.Kind == ElementKind.Words)
                return [.. beginnings];
            if (element.Kind == ElementKind.Gap)
                throw new FormatException($"A phrase can't begin with a gap: {phrase.Line}");
        }

        throw new FormatException($"A phrase needs a word: {phrase.Line}");
    }
}
