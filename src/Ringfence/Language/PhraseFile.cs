using System.Globalization;
using System.Reflection;

namespace Ringfence.Language;

/// <summary>Reads phrase files, which are written so that a speaker of the language can add to them.</summary>
/// <remarks>
/// A line is <c>tag: pattern</c>, <c>tag!: pattern</c>, <c>tag+: pattern</c>, <c>like: pattern</c>, <c>let name = this, or this</c>, <c># remark</c>, or
/// <c>language xx</c>. A pattern is a row of: words; alternatives <c>call|ring|get-in-touch</c> (a hyphen holds words together); beginnings <c>anruf*</c>; a list from a
/// <c>let</c>, <c>{call}</c>, or several, <c>{call}|{contact}|disturb</c>; an optional element, <c>please?</c>; <c>~3</c>, up to
/// three words of any kind in the same clause; <c>#</c>, a number; <c>!</c>, where punctuation may stand; <c>^ $ ^^ $$</c>, where
/// a clause or the whole text begins or ends (<c>$</c> also as an alternative, <c>please|$</c>). Case and accents don't matter, nor which Chinese script is used.
/// Every program start reads them, so the reading wastes nothing: an element that many lines write alike is read once.
/// </remarks>
internal sealed class PhraseFile(Vocabulary vocabulary)
{
    private static readonly PhraseElement MayBreak = new(ElementKind.MayBreak, [], -1);
    private static readonly PhraseElement ClauseStart = new(ElementKind.ClauseStart, [], -1);
    private static readonly PhraseElement ClauseEnd = new(ElementKind.ClauseEnd, [], -1);
    private static readonly PhraseElement TextStart = new(ElementKind.TextStart, [], -1);
    private static readonly PhraseElement TextEnd = new(ElementKind.TextEnd, [], -1);

    private readonly Dictionary<string, int[][]> _lists = [];
    private readonly Dictionary<string, PhraseElement> _written = [];
    private readonly List<PhraseElement> _elements = [];
    private readonly List<Phrase> _phrases = [];
    private string _language = "";

    public IReadOnlyList<Phrase> Phrases => _phrases;

    /// <summary>The different elements with words, each at its number.</summary>
    public IReadOnlyList<PhraseElement> Elements => _elements;

    /// <summary>The text of a phrase file that is part of this assembly.</summary>
    public static string Bundled(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"No phrase file {name} in the program.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    /// <summary>Reads the lines of one file. Lists of one file are unknown in the next.</summary>
    /// <exception cref="FormatException">A line that is none of the above; the message names it.</exception>
    public void Read(string text)
    {
        _lists.Clear();
        _written.Clear();
        var rest = text.AsSpan();
        while (!rest.IsEmpty)
        {
            var line = Cut(ref rest, '\n').Trim();
            if (line.Length == 0 || line[0] == '#')
                continue;
            if (line.StartsWith("language "))
                _language = line["language ".Length..].Trim().ToString();
            else if (line.StartsWith("let "))
                ReadList(line);
            else
                ReadPhrase(line);
        }
    }

    private void ReadList(ReadOnlySpan<char> line)
    {
        var equals = line.IndexOf('=');
        if (equals < 0)
            throw new FormatException($"A list needs an equals sign: {line}");
        var sequences = new List<int[]>();
        var rest = line[(equals + 1)..];
        while (!rest.IsEmpty)
        {
            if (Cut(ref rest, ',').Trim() is { Length: > 0 } words)
                AddSequences(words, sequences);
        }

        var name = line[4..equals].Trim().ToString();
        // A list of the same name above is over, and what was written with it means something else from here.
        if (_lists.ContainsKey(name))
            _written.Clear();
        _lists[name] = [.. sequences];
    }

    private void ReadPhrase(ReadOnlySpan<char> line)
    {
        var colon = line.IndexOf(": ");
        if (colon < 0)
            throw new FormatException($"Neither a phrase nor a list: {line}");
        var head = line[..colon];
        var kind = head is "like" || head.StartsWith("like ") ? PhraseKind.LookAlike
            : head is [.., '!'] ? PhraseKind.Always
            : head is [.., '+'] ? PhraseKind.Longest
            : PhraseKind.Plain;
        var tag = kind switch
        {
            PhraseKind.LookAlike => head["like".Length..].TrimStart(' '),
            PhraseKind.Always or PhraseKind.Longest => head[..^1],
            PhraseKind.Plain => head,
        };

        var elements = new List<PhraseElement>();
        var rest = line[(colon + 2)..];
        while (!rest.IsEmpty)
        {
            if (Cut(ref rest, ' ') is { Length: > 0 } written)
                elements.Add(Element(written));
        }

        _phrases.Add(new Phrase(tag.ToString(), kind, [.. elements], _language, line.ToString(), _phrases.Count));
    }

    private PhraseElement Element(ReadOnlySpan<char> written)
    {
        switch (written)
        {
            case "!":
                return MayBreak;
            case "^":
                return ClauseStart;
            case "$":
                return ClauseEnd;
            case "^^":
                return TextStart;
            case "$$":
                return TextEnd;
            case ['~', .. var most]:
                return new PhraseElement(ElementKind.Gap, [], -1, int.Parse(most, CultureInfo.InvariantCulture));
        }

        var key = written.ToString();
        if (_written.TryGetValue(key, out var element))
            return element;

        var kind = written[^1] == '?' ? ElementKind.OptionalWords : ElementKind.Words;
        element = new PhraseElement(kind, Alternatives(kind == ElementKind.OptionalWords ? written[..^1] : written), _elements.Count);
        _elements.Add(element);
        _written[key] = element;
        return element;
    }

    private int[][] Alternatives(ReadOnlySpan<char> written)
    {
        var sequences = new List<int[]>();
        for (var more = true; more;)
        {
            more = written.Contains('|');
            AddSequences(Cut(ref written, '|'), sequences);
        }

        return [.. sequences];
    }

    private void AddSequences(ReadOnlySpan<char> written, List<int[]> sequences)
    {
        if (written is ['{', .. var name, '}'])
        {
            if (!_lists.TryGetValue(name.ToString(), out var list))
                throw new FormatException($"No list called {name} above.");
            sequences.AddRange(list);
            return;
        }

        if (written is "#" or "$")
        {
            sequences.Add(written is "#" ? [Vocabulary.AnyNumber] : []);
            return;
        }

        // Stars would be lost in folding: fold word by word.
        var sequence = new List<int>();
        var rest = written;
        while (!rest.IsEmpty)
        {
            var part = Cut(ref rest, ' ');
            var isStem = part is [.., '*'];
            using var folded = FoldedText.Of(isStem ? part[..^1] : part);
            for (var i = 0; i < folded.Words.Length; i++)
                sequence.Add(vocabulary.Id(folded.Letters(folded.Words[i]), isStem && i == folded.Words.Length - 1));
        }

        sequences.Add(sequence.Count > 0 ? [.. sequence] : throw new FormatException($"Nothing to look for in '{written}'."));
    }

    /// <summary>Takes what stands before a mark, or all if there is none, and leaves what stands after it.</summary>
    private static ReadOnlySpan<char> Cut(ref ReadOnlySpan<char> rest, char mark)
    {
        var end = rest.IndexOf(mark);
        var cut = end < 0 ? rest : rest[..end];
        rest = end < 0 ? [] : rest[(end + 1)..];
        return cut;
    }
}
