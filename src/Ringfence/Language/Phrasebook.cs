using System.Numerics;

namespace Ringfence.Language;

/// <summary>Something a text says: a phrase found in it, at words <c>[From, Until)</c>.</summary>
internal readonly record struct Finding(Phrase Phrase, int From, int Until);

/// <summary>Finds the phrases of phrase files in a text.</summary>
/// <remarks>
/// Every pattern has a bounded length and bounded gaps, and is tried only at words with which it can begin, so the work is
/// linear in the length of the text. Most texts have no phrase at all, and for them one look at each word is enough:
/// <see cref="PhraseIndex"/>.
/// </remarks>
internal sealed class Phrasebook
{
    // Room on the stack for the classes of so many words; a cell rarely has more.
    private const int ShortText = 128;

    private readonly string? _general;
    private readonly Vocabulary _vocabulary = new();
    private readonly PhraseIndex _index;
    private readonly Phrase[] _phrases;

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
        _phrases = [.. file.Phrases];
        _vocabulary.Settle();
        _index = new PhraseIndex(_phrases, file.Elements, _vocabulary);
    }

    /// <summary>All phrases, in the order of the files.</summary>
    public IReadOnlyList<Phrase> Phrases => _phrases;

    /// <summary>Whether a phrase has this folded word.</summary>
    public bool Knows(ReadOnlySpan<char> word) => _vocabulary.ClassOf(word) > 1;

    /// <summary>What a text says, look-alikes taken out. Where words are joined by hyphens both readings count.</summary>
    public Finding[] Read(FoldedText text)
    {
        var found = Find(text, text.Words);
        if (!text.HasHyphens)
            return found;
        var joined = Find(text, text.Joined());
        if (joined.Length == 0)
            return found;
        Unjoin(joined, text.Words);
        return found.Length == 0 ? joined : [.. found, .. joined];
    }

    /// <summary>Has findings among joined words say where they stand among the words.</summary>
    private static void Unjoin(Finding[] findings, ReadOnlySpan<Word> words)
    {
        var starts = new List<int>(words.Length + 1);
        for (var i = 0; i < words.Length; i++)
        {
            if (i == 0 || !words[i].AfterHyphen)
                starts.Add(i);
        }

        starts.Add(words.Length);
        foreach (ref var finding in findings.AsSpan())
            finding = finding with { From = starts[finding.From], Until = starts[finding.Until] };
    }

    private Finding[] Find(FoldedText text, ReadOnlySpan<Word> words)
    {
        Span<int> classes = words.Length <= ShortText ? stackalloc int[words.Length] : new int[words.Length];
        Span<ulong> standing = stackalloc ulong[_index.ElementSpan];
        standing.Clear();
        for (var i = 0; i < words.Length; i++)
        {
            classes[i] = _vocabulary.ClassOf(text.Letters(words[i]));
            _index.Add(classes[i], standing);
        }

        return _index.HasAnchor(standing) ? Find(words, classes, standing) : [];
    }

    private Finding[] Find(ReadOnlySpan<Word> words, ReadOnlySpan<int> classes, ReadOnlySpan<ulong> standing)
    {
        Span<ulong> possible = stackalloc ulong[_index.PhraseSpan];
        Span<ulong> beginning = stackalloc ulong[_index.ElementSpan];
        possible.Clear();
        beginning.Clear();
        if (!_index.Collect(standing, possible, beginning))
            return [];

        var reading = new Reading(words, classes, _index, _vocabulary.Meanings);
        List<Finding>? found = null, lookAlikes = null;
        for (var at = 0; at < classes.Length; at++)
        {
            if (!_index.CanBegin(classes[at], beginning))
                continue;
            for (var block = 0; block < possible.Length; block++)
            {
                for (var rest = possible[block]; rest != 0; rest &= rest - 1)
                {
                    var number = (block << 6) + BitOperations.TrailingZeroCount(rest);
                    if (!_index.CanBegin(classes[at], number))
                        continue;
                    var phrase = _phrases[number];
                    var lookAlike = phrase.Kind == PhraseKind.LookAlike;
                    if (reading.End(phrase, at, longest: lookAlike || phrase.Kind == PhraseKind.Longest) is var end && end > at)
                        (lookAlike ? lookAlikes ??= [] : found ??= []).Add(new Finding(phrase, at, end));
                }
            }
        }

        if (found is not null && lookAlikes is not null)
            found = WithoutLookAlikes(found, lookAlikes);
        if (found is { Count: > 1 } && _general is not null)
            found = WithoutNarrowed(found, _general);
        return found is null ? [] : [.. found];
    }

    // In both of these the findings are in order of From: while walking on, keep how far what begun so far reaches.

    private static List<Finding> WithoutLookAlikes(List<Finding> found, List<Finding> lookAlikes)
    {
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

    /// <summary>Takes out what is general and stands within something particular.</summary>
    private static List<Finding> WithoutNarrowed(List<Finding> found, string general)
    {
        var reach = 0;
        var next = 0;
        var left = new List<Finding>(found.Count);
        foreach (var finding in found)
        {
            for (; next < found.Count && found[next].From <= finding.From; next++)
            {
                if (found[next].Phrase.Tag is var tag && tag != general && !tag.Contains(' ', StringComparison.Ordinal))
                    reach = Math.Max(reach, found[next].Until);
            }

            if (finding.Phrase.Tag != general || reach < finding.Until || finding.Phrase.Kind == PhraseKind.Always)
                left.Add(finding);
        }

        return left;
    }
}
