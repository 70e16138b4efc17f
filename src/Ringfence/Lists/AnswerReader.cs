using System.Buffers;
using NodaTime;

namespace Ringfence.Lists;

/// <summary>Reads yes/no cells word by word.</summary>
internal static class AnswerReader
{
    /// <summary>Longer cells are text, and no answer.</summary>
    private const int LongestAnswer = 400;

    /// <summary>A plain yes stays one with this many words beside it that we don't know; more is a story.</summary>
    private const int StrangersBesideYes = 3;

    /// <summary>A date is looked for in so much of a cell, from so many places: enough for any answer, and bounded for any other text.</summary>
    private const int SearchedForDate = 120;
    private const int PlacesTried = 12;

    private static readonly SearchValues<char> OfNoDay = SearchValues.Create("01-/.: TZ+");
    private static readonly SearchValues<char> Parting = SearchValues.Create(",;:(（，；：/|");

    private static readonly Vocabulary<AnswerWord> Vocabulary = Vocabulary<AnswerWord>.Load("answer-words.txt", compounds: false);

    /// <summary>Reads a cell. Never throws.</summary>
    public static ConsentCell Read(ReadOnlySpan<char> cell)
    {
        cell = CellText.Trim(cell);
        if (cell.IsEmpty)
            return default;
        if (cell.Length > LongestAnswer)
            return new ConsentCell(Answer.Unknown, null, ChannelSet.None, false);
        if (IsNoDay(cell))
            return default;
        if (ReadNumber(cell) is { } answer)
            return new ConsentCell(answer, null, ChannelSet.None, false);

        var found = DateIn(cell);
        if (found is not { } day)
            return Judge(Vocabulary.Read(cell), null, IsOnlyMarks(cell), IsInParts(cell));
        string rest = $"{cell[..day.Start]} {cell[day.End..]}";
        return Judge(Vocabulary.Read(rest), day.Date, false, IsInParts(rest));
    }

    /// <summary>Whether a cell says outright that nobody knows, rather than something we can't read.</summary>
    public static bool IsKnownUnknown(ReadOnlySpan<char> cell)
    {
        if (cell.Length > LongestAnswer)
            return false;
        var cut = Vocabulary.Read(cell);
        return cut.Unknown == 0 && cut.Words.Any(w => w.Meaning == AnswerWord.Unknown) && cut.Words.All(w => w.Meaning is AnswerWord.Unknown or AnswerWord.Beside);
    }

    /// <summary>Whether an answer names consent or its opposite, beyond yes and no: <c>opted out</c>, <c>subscribed</c>, <c>同意</c>.</summary>
    public static bool SpeaksOfConsent(ReadOnlySpan<char> cell) =>
        cell.Length <= LongestAnswer
        && Vocabulary.Read(cell).Words.Any(w => w.Meaning == AnswerWord.Given || w is { Meaning: AnswerWord.Refusal, Word.Length: > 3 }
            || CellText.StandsAlone(w.Word[0]) && w.Meaning is AnswerWord.No or AnswerWord.Refusal && w.Word.Length > 1);

    /// <summary><c>1</c> and <c>0</c>, as spreadsheets and databases write them. <c>-1</c> is a yes in one program and a no in the next: unknown.</summary>
    private static Answer? ReadNumber(ReadOnlySpan<char> cell)
    {
        if (cell.Length > 4)
            return null;
        Span<char> digits = stackalloc char[4];
        for (var i = 0; i < cell.Length; i++)
            digits[i] = CellText.Fold(cell[i]);
        return digits[..cell.Length] switch
        {
            "1" or "1.0" or "1,0" or "1.00" or "1." => Answer.Yes,
            "0" or "0.0" or "0,0" or "0.00" or "0." => Answer.No,
            "-1" => Answer.Unknown,
            _ => null,
        };
    }

    /// <summary>What databases and programs write where there is no day: <c>0000-00-00</c>, <c>0001-01-01T00:00:00</c>.</summary>
    private static bool IsNoDay(ReadOnlySpan<char> cell)
    {
        if (cell.Length < 8 || cell.Length > 40 || !cell.ContainsAny('-', '/', '.') || cell.ContainsAnyExcept(OfNoDay))
            return false;
        if (!cell.Contains('1'))
            return true;
        return cell.StartsWith("0001-01-01", StringComparison.Ordinal) || cell is ['0', '1', _, '0', '1', _, '0', '0', '0', '1', ..];
    }

    private static bool IsOnlyMarks(ReadOnlySpan<char> cell)
    {
        foreach (var c in cell)
        {
            if (!char.IsPunctuation(c) && CellText.Fold(c) is not (' ' or CellText.Nothing))
                return false;
        }

        return true;
    }

    private static ConsentCell Judge(Vocabulary<AnswerWord>.Cut cut, LocalDate? at, bool isOnlyMarks, bool isInParts)
    {
        int yes = 0, given = 0, refusals = 0, denied = 0, alone = 0, aloneNo = 0, no = 0, unknown = 0, pending = 0, blank = 0, until = 0, preTicked = 0, notPreTicked = 0;
        ChannelSet channels = ChannelSet.None, means = ChannelSet.None;
        for (var i = 0; i < cut.Words.Count; i++)
        {
            var (meaning, word) = cut.Words[i];
            if (word is "y" && i > 0)       // Spanish "and"
                continue;
            switch (meaning)
            {
                case AnswerWord.Beside: break;
                case AnswerWord.Blank: blank++; break;
                case AnswerWord.Unknown: unknown++; break;
                case AnswerWord.Pending: pending++; break;
                case AnswerWord.Yes: yes++; break;
                case AnswerWord.Given: given++; break;
                case AnswerWord.Alone: alone++; break;
                case AnswerWord.AloneNo: aloneNo++; break;
                case AnswerWord.No: no++; break;
                case AnswerWord.Refusal:
                    refusals++;
                    denied += i > 0 && cut.Words[i - 1].Meaning == AnswerWord.No ? 1 : 0;
                    break;
                case AnswerWord.PreTicked: preTicked++; break;
                case AnswerWord.NotPreTicked: notPreTicked++; break;
                case AnswerWord.Until: until++; break;
            }

            channels |= ChannelOf(meaning);
            if (ChannelOf(meaning) is not ChannelSet.None and var named && (IsMeans(word) || i > 0 && IsMeans(cut.Words[i - 1].Word)))
                means |= named;
        }

        var words = cut.Words.Count + cut.Unknown;
        var isPreTicked = preTicked > 0 && notPreTicked == 0;
        if (words == 0)
            return new ConsentCell(at is null && isOnlyMarks ? Answer.Blank : Answer.Unknown, at, channels, false);
        if (no + refusals > 0 || aloneNo > 0 && words == 1)
        {
            // "Opted out by e-mail" tells how they said it, not what they refused.
            var tells = refusals > 0 && no == 0 && !cut.Words.Any(w => w.Word.StartsWith("donot", StringComparison.Ordinal));
            var refused = RefusedChannels(tells ? channels & ~means : channels, yes + given > 0);
            return new ConsentCell(Answer.No, until > 0 ? null : at, refused, isPreTicked, refusals > 0 && (refusals > denied || cut.Unknown > 0 || isInParts));
        }

        if (blank == words && at is null)
            return new ConsentCell(Answer.Blank, null, ChannelSet.None, false);

        var isYes = yes > 0 && cut.Unknown <= StrangersBesideYes && (cut.Unknown == 0 || LeadsWithYes(cut))
            || given > 0 && cut.Unknown == 0
            || alone > 0 && words == 1;
        var answer = unknown + blank > 0 || until > 0 ? Answer.Unknown
            : pending > 0 ? Answer.Pending
            : isYes ? Answer.Yes
            : Answer.Unknown;
        return new ConsentCell(answer, until > 0 ? null : at, channels, isPreTicked);
    }

    private static ChannelSet ChannelOf(AnswerWord word) => word switch
    {
        AnswerWord.Voice => ChannelSet.Voice,
        AnswerWord.VoiceAuto => ChannelSet.VoiceAuto,
        AnswerWord.Sms => ChannelSet.Sms,
        AnswerWord.Whatsapp => ChannelSet.Whatsapp,
        AnswerWord.Email => ChannelSet.Email,
        AnswerWord.Fax => ChannelSet.Fax,
        _ => ChannelSet.None,
    };

    /// <summary>Words before a channel that make it the way in which something was said.</summary>
    private static bool IsMeans(string word) =>
        word is "by" or "via" or "per" or "par" or "por" or "tramite" or "through" or "通过" or "用" or "以" or "byphone" or "permail";

    /// <summary>Whether marks part the words, so that a "no" before them need not be about what stands behind.</summary>
    private static bool IsInParts(ReadOnlySpan<char> cell) =>
        cell.ContainsAny(Parting) || cell.Contains(" -", StringComparison.Ordinal) || cell.Contains("–", StringComparison.Ordinal);

    private static bool LeadsWithYes(Vocabulary<AnswerWord>.Cut cut) => cut.StartsKnown && cut.Words[0].Meaning == AnswerWord.Yes;

    /// <summary>"No calls" closes telephones; a no that stands beside a yes closes everything, for who can tell what it takes back?</summary>
    private static ChannelSet RefusedChannels(ChannelSet named, bool besideYes)
    {
        if (besideYes)
            return ChannelSet.None;
        return (named & ChannelSet.Voice) != 0 ? named | ChannelSet.Phone : named;
    }

    /// <summary>The first date within a text, and where it stands. A bare year, serial or Unix time is no date here.</summary>
    private static (LocalDate Date, int Start, int End)? DateIn(ReadOnlySpan<char> cell)
    {
        var digits = 0;
        cell = cell[..Math.Min(cell.Length, SearchedForDate)];
        foreach (var c in cell)
            digits += char.IsDigit(c) || "〇零一二三四五六七八九十".Contains(c, StringComparison.Ordinal) ? 1 : 0;
        if (digits < 3)
            return null;
        // One that begins with a number first: "opted out 2024-03-01" holds no October, which Portuguese cuts down to "out".
        return DateFrom(cell, beginsWithWord: false) ?? DateFrom(cell, beginsWithWord: true);
    }

    private static (LocalDate Date, int Start, int End)? DateFrom(ReadOnlySpan<char> cell, bool beginsWithWord)
    {
        var tried = 0;
        for (var start = 0; start < cell.Length && tried < PlacesTried; start++)
        {
            var isWord = Kind(cell[start]) is 2 or 3 && !"〇零一二三四五六七八九十".Contains(cell[start], StringComparison.Ordinal);
            if (!IsEdge(cell, start) || isWord != beginsWithWord || cell[start..].StartsWith("out", StringComparison.OrdinalIgnoreCase) || char.IsWhiteSpace(cell[start]))
                continue;
            tried++;
            for (var end = Math.Min(cell.Length, start + ListDate.Longest); end - start >= 6; end--)
            {
                if ((end == cell.Length || IsEdge(cell, end)) && !IsBareNumber(cell[start..end])
                    && ListDate.TryRead(cell[start..end], DateOrder.Unknown, out var date, out _))
                    return (date, start, end);
            }
        }

        return null;
    }

    /// <summary>Whether a piece may begin or end here: not within a word or a number.</summary>
    private static bool IsEdge(ReadOnlySpan<char> text, int at) =>
        at == 0 || Kind(text[at - 1]) != Kind(text[at]) || Kind(text[at]) is 0 or 3;

    private static int Kind(char c) => char.IsDigit(c) ? 1 : CellText.StandsAlone(c) ? 3 : char.IsLetter(c) ? 2 : 0;

    private static bool IsBareNumber(ReadOnlySpan<char> text)
    {
        var digits = 0;
        foreach (var c in text)
        {
            if (char.IsDigit(c))
                digits++;
            else if (c is not ('.' or ' ' or '(' or ')' or ',' or '\'' or '"'))
                return false;
            else if (c is '.' && digits is not (0 or 5 or 9 or 10) || c is ' ' && digits < 5)
                return false;
        }

        return digits != 8;
    }
}
