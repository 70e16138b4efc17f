using System.Reflection;

namespace Ringfence.Language;

/// <summary>Reads phrase files, which are written so that a speaker of the language can add to them.</summary>
/// <remarks>
/// A line is <c>tag: pattern</c>, <c>tag!: pattern</c>, <c>like: pattern</c>, <c>let name = this, or this</c>, <c># remark</c>, or
/// <c>language xx</c>. A pattern is a row of: words; alternatives <c>call|ring|get-in-touch</c> (a hyphen holds words together); beginnings <c>anruf*</c>; a list from a
/// <c>let</c>, <c>{call}</c>, or several, <c>{call}|{contact}|disturb</c>; an optional element, <c>please?</c>; <c>~3</c>, up to
/// three words of any kind in the same clause; <c>#</c>, a number; <c>!</c>, where punctuation may stand; <c>^ $ ^^ $$</c>, where
/// a clause or the whole text begins or ends (<c>$</c> also as an alternative, <c>please|$</c>). Case and accents don't matter, nor which Chinese script is used.
/// </remarks>
internal sealed class PhraseFile(Vocabulary vocabulary)
{
    private readonly Dictionary<string, int[][]> _lists = [];
    private readonly List<Phrase> _phrases = [];
    private string _language = "";

    public IReadOnlyList<Phrase> Phrases => _phrases;

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
        foreach (var raw in text.Split('\n'))
        {
            var line = raw.Trim();
            if (line.Length == 0 || line[0] == '#')
                continue;
            if (line.StartsWith("language ", StringComparison.Ordinal))
                _language = line["language ".Length..].Trim();
            else if (line.StartsWith("let ", StringComparison.Ordinal))
                ReadList(line);
            else
                ReadPhrase(line);
        }
    }

    private void ReadList(string line)
    {
        var equals = line.IndexOf('=', StringComparison.Ordinal);
        if (equals < 0)
            throw new FormatException($"A list needs an equals sign: {line}");
        _lists[line[4..equals].Trim()] =
            [.. line[(equals + 1)..].Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).SelectMany(Sequences)];
    }

    private void ReadPhrase(string line)
    {
        var colon = line.IndexOf(": ", StringComparison.Ordinal);
        if (colon < 0)
            throw new FormatException($"Neither a phrase nor a list: {line}");
        var head = line[..colon];
        var (tag, kind) = head switch
        {
            "like" => ("", PhraseKind.LookAlike),
            _ when head.StartsWith("like ", StringComparison.Ordinal) => (head[5..], PhraseKind.LookAlike),
            _ when head.EndsWith('!') => (head[..^1], PhraseKind.Always),
            _ => (head, PhraseKind.Plain),
        };
        var elements = line[(colon + 2)..].Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Element).ToArray();
        _phrases.Add(new Phrase(tag, kind, elements, _language, line, _phrases.Count));
    }

    private PhraseElement Element(string written) => written switch
    {
        "!" => PhraseElement.Of(ElementKind.MayBreak),
        "^" => PhraseElement.Of(ElementKind.ClauseStart),
        "$" => PhraseElement.Of(ElementKind.ClauseEnd),
        "^^" => PhraseElement.Of(ElementKind.TextStart),
        "$$" => PhraseElement.Of(ElementKind.TextEnd),
        ['~', .. var most] => PhraseElement.Of(ElementKind.Gap, int.Parse(most, System.Globalization.CultureInfo.InvariantCulture)),
        [.. var words, '?'] => new PhraseElement(ElementKind.OptionalWords, Alternatives(words), 0),
        _ => new PhraseElement(ElementKind.Words, Alternatives(written), 0),
    };

    private int[][] Alternatives(string written) => [.. written.Split('|').SelectMany(Sequences)];

    private IEnumerable<int[]> Sequences(string written)
    {
        if (written is ['{', .. var name, '}'])
            return _lists.TryGetValue(name, out var list) ? list : throw new FormatException($"No list called {name} above.");
        if (written == "#")
            return [[vocabulary.Id("#")]];
        if (written == "$")
            return [[]];

        // Stars would be lost in folding: fold word by word.
        var sequence = new List<int>();
        foreach (var part in written.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var stem = part.EndsWith('*');
            var folded = FoldedText.Of(stem ? part[..^1] : part);
            for (var i = 0; i < folded.Words.Count; i++)
                sequence.Add(vocabulary.Id(folded.Letters(folded.Words[i]).ToString() + (stem && i == folded.Words.Count - 1 ? "*" : "")));
        }

        return sequence.Count > 0 ? [[.. sequence]] : throw new FormatException($"Nothing to look for in '{written}'.");
    }
}
