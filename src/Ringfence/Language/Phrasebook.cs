namespace Ringfence.Language;

/// <summary>Something a text says: a phrase found in it, at words <c>[From, Until)</c>.</summary>
internal readonly record struct Finding(Phrase Phrase, int From, int Until);

/// <summary>Finds the phrases of phrase files in a text.</summary>
/// <remarks>
/// Every pattern has a bounded length and bounded gaps, and is tried only at words with which it can begin, so the work is
/// linear in the length of the text.
/// </remarks>
internal sealed class Phrasebook
{
    private readonly string? _general;
    private readonly Vocabulary _vocabulary = new();
    private readonly Phrase[][] _startingWith;

    /// <summary>Reads phrase files that are part of this assembly.</summary>
    /// <param name="general">A tag whose phrases give way to those of other tags around them: in <c>withdrew consent to calls</c> the
    /// longer phrase says what was meant. Null where there is none.</param>
    /// <param name="files">Names of the files.</param>
    public Phrasebook(string? general, params string[] files)
    {
        _general = general;
        var file = new PhraseFile(_vocabulary);
        foreach (var name in files)
            file.Read(PhraseFile.Bundled(name));
        Phrases = file.Phrases;
        _vocabulary.Settle();
        SettleStarts();
        var starting = Phrases.SelectMany(p => Beginnings(p).Distinct().Select(id => (Id: id, Phrase: p))).ToLookup(s => s.Id, s => s.Phrase);
        _startingWith = [.. _vocabulary.Meanings.Select(ids => ids.SelectMany(id => starting[id]).Distinct().ToArray())];
    }

    /// <summary>All phrases, in the order of the files.</summary>
    public IReadOnlyList<Phrase> Phrases { get; }

    /// <summary>Whether a phrase has this folded word.</summary>
    public bool Knows(ReadOnlySpan<char> word) => _vocabulary.ClassOf(word) > 1;

    /// <summary>What a text says, look-alikes taken out. Where words are joined by hyphens both readings count.</summary>
    public List<Finding> Read(FoldedText text)
    {
        var found = Find(text, text.Words);
        if (text.HasHyphens)
            found.AddRange(Find(text, text.Joined()));
        return found;
    }

    private List<Finding> Find(FoldedText text, IReadOnlyList<Word> words)
    {
        var classes = new int[words.Count];
        for (var i = 0; i < classes.Length; i++)
            classes[i] = _vocabulary.ClassOf(text.Letters(words[i]));

        var reading = new Reading(words, classes, _vocabulary.Meanings);
        var possible = new bool?[Phrases.Count];
        var present = new ulong[(_vocabulary.Meanings.Length + 63) / 64];
        foreach (var wordClass in classes)
            present[wordClass >> 6] |= 1UL << (wordClass & 63);

        List<Finding> found = [], lookAlikes = [];
        for (var at = 0; at < classes.Length; at++)
        {
            foreach (var phrase in _startingWith[classes[at]])
            {
                if (!IsPossible(phrase))
                    continue;
                var lookAlike = phrase.Kind == PhraseKind.LookAlike;
                if (reading.End(phrase, at, longest: lookAlike) is var end && end > at)
                    (lookAlike ? lookAlikes : found).Add(new Finding(phrase, at, end));
            }
        }

        found = lookAlikes.Count == 0 || found.Count == 0 ? found : WithoutLookAlikes(found, lookAlikes);
        return _general is null || found.Count < 2 ? found : WithoutNarrowed(found);

        // Most phrases that begin with "not" need a word that the text doesn't have anywhere.
        bool IsPossible(Phrase phrase) =>
            possible[phrase.Number] ??= Array.TrueForAll(phrase.Needed, e => Share(e.Starts, present));
    }

    private static bool Share(ulong[] some, ulong[] others)
    {
        for (var i = 0; i < some.Length; i++)
        {
            if ((some[i] & others[i]) != 0)
                return true;
        }

        return false;
    }

    /// <summary>Takes out what is general and stands within something particular.</summary>
    private List<Finding> WithoutNarrowed(List<Finding> found)
    {
        var particular = found.Where(f => f.Phrase.Tag != _general && !f.Phrase.Tag.Contains(' ', StringComparison.Ordinal))
            .Select(f => f with { Phrase = f.Phrase with { Tag = _general! } }).ToList();
        return particular.Count == 0 ? found : WithoutLookAlikes(found, particular);
    }

    private static List<Finding> WithoutLookAlikes(List<Finding> found, List<Finding> lookAlikes)
    {
        // Both lists are in order of From: while walking on, keep how far the look-alikes begun so far reach, per tag.
        var reach = new Dictionary<string, int>();
        var next = 0;
        var left = new List<Finding>(found.Count);
        foreach (var finding in found)
        {
            for (; next < lookAlikes.Count && lookAlikes[next].From <= finding.From; next++)
            {
                var tag = lookAlikes[next].Phrase.Tag;
                reach[tag] = Math.Max(reach.GetValueOrDefault(tag), lookAlikes[next].Until);
            }

            var covered = reach.GetValueOrDefault("") >= finding.Until || reach.GetValueOrDefault(finding.Phrase.Tag) >= finding.Until;
            if (!covered || finding.Phrase.Kind == PhraseKind.Always)
                left.Add(finding);
        }

        return left;
    }

    private void SettleStarts()
    {
        var classesOf = _vocabulary.Meanings.SelectMany((ids, c) => ids.Select(id => (Id: id, Class: c))).ToLookup(m => m.Id, m => m.Class);
        foreach (var element in Phrases.SelectMany(p => p.Elements).Where(e => e.Alternatives.Length > 0))
        {
            element.Starts = new ulong[(_vocabulary.Meanings.Length + 63) / 64];
            foreach (var wordClass in element.Alternatives.Where(a => a.Length > 0).SelectMany(a => classesOf[a[0]]))
                element.Starts[wordClass >> 6] |= 1UL << (wordClass & 63);
        }
    }

    private static IEnumerable<int> Beginnings(Phrase phrase)
    {
        foreach (var element in phrase.Elements)
        {
            foreach (var sequence in element.Alternatives.Where(s => s.Length > 0))
                yield return sequence[0];
            if (element.Kind == ElementKind.Words)
                yield break;
            if (element.Kind == ElementKind.Gap)
                throw new FormatException($"A phrase can't begin with a gap: {phrase.Line}");
        }

        throw new FormatException($"A phrase needs a word: {phrase.Line}");
    }

    /// <summary>One text being read.</summary>
    private readonly struct Reading(IReadOnlyList<Word> words, int[] classes, int[][] meanings)
    {
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
                ElementKind.ClauseStart => at < words.Count && words[at].AfterBreak ? End(elements, e + 1, at, inside, mayBreak, longest) : -1,
                ElementKind.ClauseEnd => at == words.Count || words[at].AfterBreak ? End(elements, e + 1, at, inside, mayBreak, longest) : -1,
                ElementKind.TextStart => at == 0 ? End(elements, e + 1, at, inside, mayBreak, longest) : -1,
                ElementKind.TextEnd => at == words.Count ? End(elements, e + 1, at, inside, mayBreak, longest) : -1,
            };
        }

        private int EndOfWords(PhraseElement[] elements, int e, int at, bool inside, bool mayBreak, bool longest)
        {
            var best = -1;
            if (!elements[e].MayEndClause && (at >= classes.Length || !elements[e].CanStart(classes[at])))
                return best;
            foreach (var sequence in elements[e].Alternatives)
            {
                if (Stands(sequence, at, inside && !mayBreak))
                    best = Better(best, End(elements, e + 1, at + sequence.Length, inside: true, mayBreak: false, longest), longest);
            }

            return best;
        }

        private int EndOfGap(PhraseElement[] elements, int e, int at, bool inside, bool mayBreak, bool longest)
        {
            var best = End(elements, e + 1, at, inside, mayBreak, longest);
            for (var n = 1; n <= elements[e].Most && at + n <= words.Count && (!words[at + n - 1].AfterBreak || (mayBreak && n == 1)); n++)
                best = Better(best, End(elements, e + 1, at + n, inside: true, mayBreak: false, longest), longest);
            return best;
        }

        private bool Stands(int[] sequence, int at, bool sameClause)
        {
            if (sequence.Length == 0)
                return at == words.Count || words[at].AfterBreak;
            if (at + sequence.Length > words.Count || (sameClause && words[at].AfterBreak))
                return false;
            for (var i = 0; i < sequence.Length; i++)
            {
                if (!meanings[classes[at + i]].AsSpan().Contains(sequence[i]))
                    return false;
            }

            // An idiom of several words may be torn by punctuation (DO - NOT); running script may not.
            for (var i = 1; i < sequence.Length; i++)
            {
                if (words[at + i].AfterBreak && IsRunning(at + i))
                    return false;
            }

            return true;
        }

        private bool IsRunning(int at) => words[at].Length == 1;

        private static int Better(int one, int other, bool longest)
        {
            if (one < 0 || other < 0)
                return Math.Max(one, other);
            return longest ? Math.Max(one, other) : Math.Min(one, other);
        }
    }
}
