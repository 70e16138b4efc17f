using System.Collections.Frozen;
using System.Text;

namespace Ringfence.Lists;

/// <summary>Words of many languages and what they mean, read from a table; and the finding of them in short texts.</summary>
/// <remarks>
/// A word is found whatever its case, width, diacritics, blanks and hyphens: <c>Opt-In</c>, <c>OPTIN</c> and <c>opt in</c> are one. Of all ways
/// to cut a text into words the one is taken that leaves the fewest pieces unknown, then the one with the fewest words.
/// Work grows linearly with the text, for words have a greatest length.
/// </remarks>
/// <typeparam name="TMeaning">What a word can mean.</typeparam>
internal sealed class Vocabulary<TMeaning>
    where TMeaning : struct, Enum
{
    private const int WordCost = 10;
    private const int CutInsideCost = 4;
    private const int NumberCost = 12;
    private const int UnknownCost = 100;

    private readonly FrozenDictionary<string, TMeaning>.AlternateLookup<ReadOnlySpan<char>> words;
    private readonly int longest;
    private readonly bool compounds;

    private Vocabulary(Dictionary<string, TMeaning> words, bool compounds)
    {
        this.words = words.ToFrozenDictionary(StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
        this.compounds = compounds;
        longest = words.Keys.Max(w => w.Length);
    }

    /// <summary>A word found: what it means, and its place among the letters of the text.</summary>
    public readonly record struct Found(TMeaning Meaning, string Word);

    /// <summary>A text cut into words.</summary>
    /// <param name="Words">The known words in order.</param>
    /// <param name="Unknown">How many words are not in the table; numbers don't count.</param>
    /// <param name="StartsKnown">Whether the first word is in the table.</param>
    public readonly record struct Cut(IReadOnlyList<Found> Words, int Unknown, bool StartsKnown);

    /// <summary>Loads a table: lines <c>Meaning: word, word, ...</c>; lines of a meaning may be many, <c>#</c> begins a comment.</summary>
    /// <param name="resource">Name of the embedded table.</param>
    /// <param name="compounds">Whether words may be grown together, as in <c>Telefonnummer</c> or <c>phonenumber</c>.</param>
    /// <exception cref="InvalidDataException">The table gives one word two meanings, or names a meaning that does not exist.</exception>
    public static Vocabulary<TMeaning> Load(string resource, bool compounds)
    {
        var words = new Dictionary<string, TMeaning>(StringComparer.Ordinal);
        foreach (var line in Tables.Lines(resource))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon < 0 || !Enum.TryParse<TMeaning>(line[..colon].Replace(' ', ','), out var meaning))
                throw new InvalidDataException($"{resource}: '{line}' names no meaning.");
            foreach (var word in line[(colon + 1)..].Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                var key = string.Concat(Split(word));
                if (key.Length == 0 || (!words.TryAdd(key, meaning) && !words[key].Equals(meaning)))
                    throw new InvalidDataException($"{resource}: '{word}' stands twice or is empty.");
            }
        }

        return new Vocabulary<TMeaning>(words, compounds);
    }

    /// <summary>Cuts a text into known and unknown words.</summary>
    public Cut Read(ReadOnlySpan<char> text)
    {
        var tokens = Split(text);
        var letters = string.Concat(tokens);
        var tokenEnd = new int[letters.Length + 1];      // at the start of a token where it ends, 0 inside one
        for (int at = 0, i = 0; i < tokens.Count; at += tokens[i++].Length)
            tokenEnd[at] = at + tokens[i].Length;
        tokenEnd[letters.Length] = -1;

        var cost = new int[letters.Length + 1];
        var from = new int[letters.Length + 1];
        Array.Fill(cost, int.MaxValue, 1, letters.Length);
        for (var at = 0; at < letters.Length; at++)
        {
            if (cost[at] == int.MaxValue)
                continue;
            Extend(letters, tokenEnd, cost, from, at);
        }

        return Trace(letters, cost, from);
    }

    /// <summary>Splits a text into tokens: at everything that is no letter or digit, between letters and digits, before a capital after a small letter, around every character that stands alone.</summary>
    internal static List<string> Split(ReadOnlySpan<char> text)
    {
        var tokens = new List<string>();
        var token = new StringBuilder();
        var before = '\0';
        for (var i = 0; i < text.Length; i++)
        {
            var raw = text[i];
            if (CellText.Fold(raw) == CellText.Nothing)
                continue;
            var folded = CellText.Fold(raw);
            var standsAlone = CellText.StandsAlone(folded);
            var isPart = char.IsLetterOrDigit(folded) || IsMark(folded);
            if (token.Length > 0 && (!isPart || standsAlone || CellText.StandsAlone(token[^1]) || IsMark(folded) || IsMark(token[^1])
                || char.IsDigit(folded) != char.IsDigit(token[^1])
                || char.IsUpper(raw) && (char.IsLower(before) || i + 1 < text.Length && char.IsUpper(before) && char.IsLower(text[i + 1]))))
            {
                tokens.Add(token.ToString());
                token.Clear();
            }

            if (isPart)
                CellText.Append(token, raw);
            before = raw;
        }

        if (token.Length > 0)
            tokens.Add(token.ToString());
        return tokens;
    }

    /// <summary>Marks that answer or ask, and so are words.</summary>
    private static bool IsMark(char c) => c is '?' or '✓' or '✔' or '☑' or '✅' or '✗' or '✘' or '✖' or '☐' or '☒' or '❌' or '×' or '√' or '□' or '❎';

    private void Extend(string letters, int[] tokenEnd, int[] cost, int[] from, int at)
    {
        var startsToken = tokenEnd[at] > 0;
        if (startsToken)
        {
            var unknown = char.IsDigit(letters[at]) ? NumberCost : UnknownCost;
            Reach(cost, from, at, tokenEnd[at], unknown, ~at);
        }
        else if (compounds)
        {
            // The s, es, n, en that joins the parts of a compound or makes a plural.
            foreach (var joint in (ReadOnlySpan<string>)["s", "es", "n", "en"])
            {
                if (letters.AsSpan(at).StartsWith(joint, StringComparison.Ordinal) && IsWithin(tokenEnd, at, joint.Length))
                    Reach(cost, from, at, at + joint.Length, CutInsideCost, ~at);
            }
        }

        for (var length = Math.Min(longest, letters.Length - at); length > 0; length--)
        {
            var endsToken = tokenEnd[at + length] != 0;
            if ((!startsToken || !endsToken) && (!compounds || length < 3 && !IsShortEnding(letters.AsSpan(at, length), endsToken)))
                continue;
            if (!words.TryGetValue(letters.AsSpan(at, length), out _))
                continue;
            var price = WordCost + (startsToken ? 0 : CutInsideCost) + (endsToken ? 0 : CutInsideCost);
            Reach(cost, from, at, at + length, price, at);
        }
    }

    private static bool IsShortEnding(ReadOnlySpan<char> word, bool endsToken) => endsToken && word is "id" or "nr";

    /// <summary>Whether the letters from a place on lie within one token.</summary>
    private static bool IsWithin(int[] tokenEnd, int at, int length)
    {
        for (var i = at; i < at + length; i++)
        {
            if (tokenEnd[i] != 0)
                return false;
        }

        return true;
    }

    private static void Reach(int[] cost, int[] from, int at, int end, int price, int origin)
    {
        if (cost[at] + price >= cost[end])
            return;
        cost[end] = cost[at] + price;
        from[end] = origin;
    }

    private Cut Trace(string letters, int[] cost, int[] from)
    {
        var found = new List<Found>();
        var unknown = 0;
        var startsKnown = false;
        for (var end = letters.Length; end > 0;)
        {
            var isWord = from[end] >= 0;
            var start = isWord ? from[end] : ~from[end];
            if (isWord)
                found.Add(new Found(words[letters.AsSpan(start, end - start)], letters[start..end]));
            else if (cost[end] - cost[start] == UnknownCost)
                unknown++;
            startsKnown = isWord;
            end = start;
        }

        found.Reverse();
        return new Cut(found, unknown, startsKnown);
    }
}
