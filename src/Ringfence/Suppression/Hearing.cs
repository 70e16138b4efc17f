using Ringfence.Language;

namespace Ringfence.Suppression;

/// <summary>What the words of one inbound text are, taken one by one.</summary>
internal sealed class Hearing
{
    private readonly FoldedText _text;
    private readonly InboundContext _context;
    private readonly Part[] _parts;

    public Hearing(FoldedText text, Finding[] findings, InboundContext context)
    {
        (_text, _context, _parts) = (text, context, new Part[text.Words.Length]);
        if (context.SentTexts.Count > 0)
        {
            var copied = new bool[_parts.Length];
            QuotedText.MarkCopies(text, context.SentTexts, copied);
            for (var i = 0; i < copied.Length; i++)
                _parts[i] = copied[i] ? Part.Copied : Part.None;
        }

        foreach (var finding in findings)
        {
            if (PartOf(finding.Phrase) is var part && part != Part.None)
            {
                foreach (ref var word in _parts.AsSpan(finding.From..finding.Until))
                    word |= part;
            }
        }
    }

    /// <summary>Whether the text is an instruction how to opt out, politeness aside.</summary>
    public bool IsInstruction => Has(Part.Instruction) && Array.TrueForAll(_parts, p => (p & (Part.Instruction | Part.Polite)) != 0);

    /// <summary>Whether the text has no words but ours and polite ones, and a keyword is among them.</summary>
    public bool IsOurOffer =>
        HasOurs && Has(Part.Key | Part.BareKey | Part.Instruction) && Array.TrueForAll(_parts, p => (p & (Part.Ours | Part.Polite)) != 0);

    /// <summary>Whether some of the words are ours.</summary>
    public bool HasOurs => Has(Part.Ours);

    /// <summary>Whether there are no words, or none but polite ones.</summary>
    public bool IsPolite => Array.TrueForAll(_parts, p => (p & Part.Polite) != 0);

    /// <summary>Whether the person's own words are all of some kinds, and one of them of the kind that counts.</summary>
    public bool IsOnly(Part counts, Part beside)
    {
        var any = false;
        foreach (var part in _parts)
        {
            if ((part & Part.Ours) != 0)
                continue;
            if ((part & (counts | beside)) == 0)
                return false;
            any |= (part & counts) != 0;
        }

        return any;
    }

    /// <summary>Whether something found is in the person's own words, at least in part.</summary>
    public bool IsTheirs(Finding finding)
    {
        foreach (var part in _parts.AsSpan(finding.From..finding.Until))
        {
            if ((part & Part.Ours) == 0)
                return true;
        }

        return false;
    }

    /// <summary>Whether the person wrote a code and nothing else, politeness aside.</summary>
    public bool IsCode(string code)
    {
        using var folded = FoldedText.Of(code);
        if (folded.Words.Length == 0)
            return _parts.Length == 0 && !string.IsNullOrWhiteSpace(code) && _text.Written.Trim().SequenceEqual(code.AsSpan().Trim());
        return Spells(folded, leaveOut: Part.Ours) || Spells(folded, leaveOut: Part.Ours | Part.Polite);
    }

    /// <summary>Something found, as evidence.</summary>
    public Clue ClueOf(ClueKind kind, Finding finding) =>
        new(kind, finding.Phrase.Language, Written(finding.From, finding.Until), finding.Phrase.Line);

    /// <summary>The first of the words that are of some kinds: the person's own before ours, in a language of theirs before another.</summary>
    public Clue FirstOf(Part parts, ClueKind kind, Finding[] findings) =>
        ClueOf(kind, findings
            .Where(f => (PartOf(f.Phrase) & parts) != 0)
            .OrderBy(f => !IsTheirs(f))
            .ThenBy(f => f.From)
            .ThenBy(f => !_context.Hints(f.Phrase.Language))
            .First());

    /// <summary>The whole text, as evidence.</summary>
    public Clue AllOf(ClueKind kind) => new(kind, "und", Written(0, _parts.Length), "sent text");

    /// <summary>Whether a tag tells what a word is, not what a phrase means.</summary>
    public static bool IsWord(string tag) => PartOf(tag) != Part.None || tag.StartsWith("reaction ", StringComparison.Ordinal);

    private bool Has(Part part) => Array.Exists(_parts, p => (p & part) != 0);

    /// <summary>Words as they were written.</summary>
    private string Written(int first, int end)
    {
        var words = _text.Words;
        var written = _text.Written[words[first].Source..(end < words.Length ? words[end].Source : _text.Written.Length)];
        var length = written.Length;
        while (length > 0 && !char.IsLetterOrDigit(written[length - 1]))
            length--;
        return length <= Clue.LongestWords
            ? written[..length].ToString()
            : string.Concat(written[..(Clue.LongestWords - 1)], "…");
    }

    /// <summary>Whether the letters of the words, some left out, are those of a code: <c>2</c>, <c>#2</c> and <c>T D</c> for <c>TD</c>.</summary>
    private bool Spells(FoldedText code, Part leaveOut)
    {
        var wanted = code.Letters(code.Words[0] with { Length = code.Words[^1].Start + code.Words[^1].Length });
        for (var i = 0; i < _parts.Length; i++)
        {
            if ((_parts[i] & leaveOut) != 0)
                continue;
            var word = _text.Letters(_text.Words[i]);
            if (!wanted.StartsWith(word))
                return false;
            wanted = wanted[word.Length..];
        }

        return wanted.IsEmpty;
    }

    private static Part PartOf(string tag) => tag switch
    {
        "polite word" => Part.Polite,
        "key word" => Part.Key,
        "bare key" => Part.BareKey,
        "home key" => Part.BareKey | Part.StrangeKey,
        "code word" => Part.Code,
        "help word" => Part.Help,
        "start word" => Part.Start,
        "own words" => Part.Instruction,
        "own text" => Part.Copied,
        _ => Part.None,
    };

    // A keyword of one language may be an everyday word of another.
    private Part PartOf(Phrase phrase) =>
        phrase.Tag != "home key" ? PartOf(phrase.Tag) : _context.MaySpeak(phrase.Language) ? Part.BareKey : Part.StrangeKey;
}

/// <summary>What a word of an inbound text can be.</summary>
[Flags]
internal enum Part : ushort
{
    None = 0,

    /// <summary>It changes nothing: please, thanks, now.</summary>
    Polite = 1 << 0,

    /// <summary>A keyword, also among polite words.</summary>
    Key = 1 << 1,

    /// <summary>A keyword where nothing else stands: <c>cancel</c> is one, <c>cancel please</c> may be about an appointment.</summary>
    BareKey = 1 << 2,

    /// <summary>A keyword of a language that the person is not known to speak, and something else in others.</summary>
    StrangeKey = 1 << 3,

    /// <summary>Often offered as a code: <c>no</c>, <c>T</c>.</summary>
    Code = 1 << 4,

    Help = 1 << 5,

    Start = 1 << 6,

    /// <summary>Part of a message's instruction how to opt out, in general.</summary>
    Instruction = 1 << 7,

    /// <summary>Part of a text that we sent, word by word, or of what such texts say in general.</summary>
    Copied = 1 << 8,

    Ours = Instruction | Copied,
}
