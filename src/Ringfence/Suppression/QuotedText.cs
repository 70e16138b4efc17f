using System.Buffers;
using Ringfence.Language;

namespace Ringfence.Suppression;

/// <summary>Tells what somebody wrote from what they quoted.</summary>
internal static class QuotedText
{
    // Before the quotation stand a few words such as "Laughed at"; more of them are a sentence of the person's own.
    private const int LongestHead = 40;

    // Fewer words than this anybody may write by themselves: our "Reply STOP" must not make their "reply stop" a quotation.
    private const int ShortestCopy = 4;

    private static readonly SearchValues<char> Opening = SearchValues.Create("“„«\"‟「『");

    private const string Closing = "”“»\"‟」』";

    /// <summary>The text without the lines that a mail program marked as quoted by <c>&gt;</c>; all of it where nothing else is there.</summary>
    public static ReadOnlySpan<char> WithoutQuotedLines(ReadOnlySpan<char> text)
    {
        if (!text.Contains('>'))
            return text;
        var own = new char[text.Length];
        var length = 0;
        var anyOwn = false;
        foreach (var range in text.Split('\n'))
        {
            var line = text[range];
            if (line.TrimStart() is ['>', ..])
                continue;
            anyOwn |= !line.IsWhiteSpace();
            line.CopyTo(own.AsSpan(length));
            length += line.Length;
            if (length < own.Length)
                own[length++] = '\n';
        }

        return anyOwn ? own.AsSpan(0, length) : text;
    }

    /// <summary>
    /// What stands before a quotation that goes on to the end of the text, as telephones send it when somebody taps a thumb beside a
    /// message: <c>Liked “Sale today. Reply STOP to opt out”</c>. Null where the text is not of this shape.
    /// </summary>
    public static string? HeadOfReaction(ReadOnlySpan<char> text)
    {
        var trimmed = text.Trim();
        if (trimmed.Length < 3 || !Closing.Contains(trimmed[^1], StringComparison.Ordinal))
            return null;
        var opens = trimmed[..Math.Min(trimmed.Length - 1, LongestHead)].IndexOfAny(Opening);
        return opens > 0 ? trimmed[..opens].ToString() : null;
    }

    /// <summary>Marks the clauses of a text that stand, word by word, in a text that we sent.</summary>
    public static void MarkCopies(FoldedText text, IReadOnlyList<string> sent, Span<bool> copied)
    {
        var ours = new HashSet<string>(StringComparer.Ordinal);
        foreach (var one in sent)
        {
            using var folded = FoldedText.Of(one);
            foreach (var (from, until) in Clauses(folded))
                ours.Add(Spelled(folded, from, until));
        }

        if (ours.Count == 0)
            return;
        foreach (var (from, until) in Clauses(text))
        {
            if (ours.Contains(Spelled(text, from, until)))
                copied[from..until].Fill(true);
        }
    }

    /// <summary>Where the clauses of some length begin and end.</summary>
    private static List<(int From, int Until)> Clauses(FoldedText text)
    {
        var clauses = new List<(int From, int Until)>();
        var from = 0;
        for (var i = 1; i <= text.Words.Length; i++)
        {
            if (i < text.Words.Length && !text.Words[i].AfterBreak)
                continue;
            if (i - from >= ShortestCopy)
                clauses.Add((from, i));
            from = i;
        }

        return clauses;
    }

    // Folded letters of words that follow each other follow each other too.
    private static string Spelled(FoldedText text, int from, int until)
    {
        var words = text.Words[from..until];
        return text.Letters(words[0] with { Length = words[^1].Start + words[^1].Length - words[0].Start }).ToString();
    }
}
