namespace Ringfence.Language;

/// <summary>One word of a folded text; in Chinese, Japanese and Korean script, one character.</summary>
/// <param name="Start">Where its folded letters begin in <see cref="FoldedText.Letters"/>.</param>
/// <param name="Length">How many there are; at least one.</param>
/// <param name="Source">Where the word begins in <see cref="FoldedText.Written"/>.</param>
/// <param name="AfterBreak">Whether punctuation that ends a clause stands before it.</param>
/// <param name="AfterHyphen">Whether only a hyphen stands between it and the word before.</param>
internal readonly record struct Word(int Start, int Length, int Source, bool AfterBreak, bool AfterHyphen);

/// <summary>A text cut into words in one spelling: what case, width, accents, apostrophes and punctuation make of it no longer matters.</summary>
/// <remarks>
/// Reading is linear in the length of the text, whatever it holds. Disposing hands the memory to the next text of the thread:
/// what came from a text must not be used after it.
/// </remarks>
internal sealed class FoldedText : IDisposable
{
    // Single letters in a row, as in D.N.C. or s t o p, are one word from this many on.
    private const int SpelledOut = 3;

    // Texts are cells of lists; the memory of a far longer one is not worth keeping.
    private const int LongestKept = 1 << 14;

    [ThreadStatic]
    private static FoldedText? _spare;

    private char[] _written = new char[256];
    private char[] _letters = new char[256];
    private Word[] _words = new Word[64];
    private Word[] _joined = new Word[64];
    private int _writtenLength;
    private int _length;
    private int _count;
    private int _wordStart;
    private int _wordSource;
    private int _sameInARow;
    private bool _break;
    private bool _hyphen;
    private bool _anyHyphen;
    private bool _anyLoneLetter;

    private FoldedText()
    {
    }

    /// <summary>The text as it was written, but for characters that show nothing.</summary>
    public ReadOnlySpan<char> Written => _written.AsSpan(0, _writtenLength);

    /// <summary>The words in their order. The first counts as after a break.</summary>
    public ReadOnlySpan<Word> Words => _words.AsSpan(0, _count);

    /// <summary>The folded letters of a word.</summary>
    public ReadOnlySpan<char> Letters(Word word) => _letters.AsSpan(word.Start, word.Length);

    /// <summary>Whether some words are held together by hyphens, so that <see cref="Joined"/> reads differently.</summary>
    public bool HasHyphens => _anyHyphen;

    /// <summary>Folds a text and cuts it into words.</summary>
    public static FoldedText Of(ReadOnlySpan<char> text)
    {
        var folded = _spare ?? new FoldedText();
        _spare = null;
        folded.Fold(text);
        return folded;
    }

    public void Dispose()
    {
        if (_letters.Length <= LongestKept)
            _spare = this;
    }

    /// <summary>The words with those that hyphens hold together as one: <c>un-subscribe</c> is <c>unsubscribe</c>.</summary>
    public ReadOnlySpan<Word> Joined()
    {
        if (_joined.Length < _count)
            _joined = new Word[_words.Length];
        var count = 0;
        foreach (var word in Words)
        {
            if (word.AfterHyphen && count > 0)
                _joined[count - 1] = _joined[count - 1] with { Length = _joined[count - 1].Length + word.Length };
            else
                _joined[count++] = word;
        }

        return _joined.AsSpan(0, count);
    }

    private void Fold(ReadOnlySpan<char> text)
    {
        if (_written.Length < text.Length)
            _written = new char[text.Length];
        if (_letters.Length < text.Length)
            _letters = new char[text.Length];
        (_writtenLength, _length, _count, _wordStart, _sameInARow) = (0, 0, 0, 0, 0);
        (_break, _hyphen, _anyHyphen, _anyLoneLetter) = (true, false, false, false);
        foreach (var c in text)
        {
            if (c < Folding.FirstInvisible || !Folding.IsInvisible(c))
                _written[_writtenLength++] = c;
        }

        var written = Written;
        for (var i = 0; i < written.Length; i++)
        {
            var c = written[i];
            if (char.IsAsciiLetterOrDigit(c))
                AddSimple((char)(c | 0x20), i); // the small letter; a digit has that bit
            else if (c == ' ')
                EndWord();
            else
                Read(written, ref i);
        }

        EndWord();
        if (_anyLoneLetter)
            MendWords();
    }

    private void Read(ReadOnlySpan<char> text, ref int i)
    {
        var c = text[i];
        if (!char.IsAscii(c))
        {
            c = Folding.Plain(c);
            if (IsMisreadApostrophe(text, i))
            {
                i += 2;
                c = '\'';
            }

            if (Folding.IsSyllabic(c))
            {
                AddSyllable(c, i);
                return;
            }
        }

        if (char.IsLetterOrDigit(c))
            AddLetter(c, i);
        else if (Folding.IsApostrophe(c) && _length > _wordStart)
            ReadApostrophe(text, i);
        else if (char.IsWhiteSpace(c) && c is not ('\n' or '\r'))
            EndWord();
        else
            ReadPunctuation(text, i, c);
    }

    private void AddLetter(char c, int source)
    {
        var lower = Folding.Lower(c);
        var spelled = Folding.Spelled(lower);
        if (spelled.Length == 0)
        {
            AddSimple(lower, source);
            return;
        }

        // No folded letter is one of these, so there are never two in a row.
        if (_length == _wordStart)
            _wordSource = source;
        _sameInARow = 1;
        foreach (var letter in spelled)
            Append(letter);
    }

    /// <summary>Adds a letter or digit that one letter stands for.</summary>
    private void AddSimple(char lower, int source)
    {
        if (_length == _wordStart)
            (_wordSource, _sameInARow) = (source, 1);
        else
            _sameInARow = _letters[_length - 1] == lower ? _sameInARow + 1 : 1;

        // STOOOP is stop, and callll is cal: no word of our languages has a letter three times in a row.
        if (_sameInARow > 2 && char.IsLetter(lower))
        {
            if (_sameInARow == 3)
                _length--;
            return;
        }

        Append(char.IsAscii(lower) ? lower : Folding.Base(lower));
    }

    private void Append(char letter)
    {
        if (_length == _letters.Length)
            Array.Resize(ref _letters, _letters.Length * 2);
        _letters[_length++] = letter;
    }

    private void AddSyllable(char c, int source)
    {
        if (Folding.Voiced(c) is var shift && shift > 0)
        {
            // A sound mark written apart belongs to the kana before it.
            if (_count > 0 && _length == _wordStart && _length > 0 && Folding.IsSyllabic(_letters[_length - 1]))
                _letters[_length - 1] = (char)(_letters[_length - 1] + shift);
            return;
        }

        EndWord();
        AddLetter(HanVariants.Simplified(c), source);
        EndWord();
    }

    private void EndWord()
    {
        var length = _length - _wordStart;
        if (length == 0)
            return;
        if (_count == _words.Length)
            Array.Resize(ref _words, _count * 2);
        _words[_count++] = new Word(_wordStart, length, _wordSource, _break, _hyphen);
        _anyHyphen |= _hyphen;
        _anyLoneLetter |= length == 1 && char.IsAsciiLetterLower(_letters[_wordStart]);
        (_break, _hyphen, _wordStart) = (false, false, _length);
    }

    private void ReadApostrophe(ReadOnlySpan<char> text, int i)
    {
        // don't and he's stay one word; l'appel and n'appelez are two.
        Span<char> rest = stackalloc char[3];
        var letters = 0;
        while (letters < rest.Length && i + 1 + letters < text.Length && Folding.Plain(text[i + 1 + letters]) is var c && char.IsLetter(c))
            rest[letters++] = c;
        ReadOnlySpan<char> ending = rest[..letters];
        var contraction = letters is 1 or 2 && (letters == 1 ? "tsdmTSDM".Contains(ending[0]) : ending.Equals("re", StringComparison.OrdinalIgnoreCase)
            || ending.Equals("ve", StringComparison.OrdinalIgnoreCase) || ending.Equals("ll", StringComparison.OrdinalIgnoreCase));
        if (!contraction)
            EndWord();
    }

    private void ReadPunctuation(ReadOnlySpan<char> text, int i, char c)
    {
        EndWord();
        var before = i > 0 ? Folding.Plain(text[i - 1]) : ' ';
        var after = i + 1 < text.Length ? Folding.Plain(text[i + 1]) : ' ';
        var inside = char.IsLetterOrDigit(before) && char.IsLetterOrDigit(after)
            && !Folding.IsSyllabic(before) && !Folding.IsSyllabic(after);
        if (Folding.IsHyphen(c))
        {
            _hyphen |= inside;
            _break |= char.IsWhiteSpace(before) && char.IsWhiteSpace(after);
        }
        else if (Folding.EndsClause(c))
        {
            // 9.30, d.n.c. and do.not.call go on; so does a comma without a blank.
            _break |= !inside || c is not ('.' or ',' or ':' or '=' or '!' or '?');
        }
    }

    /// <summary>An apostrophe of UTF-8 read as Windows-1252.</summary>
    private static bool IsMisreadApostrophe(ReadOnlySpan<char> text, int i) =>
        i + 2 < text.Length && (text[i] is '\u00E2' or '\u00C2') && text[i + 1] == '\u20AC' && (text[i + 2] is '\u2122' or '\u02DC');

    /// <summary>Puts together what belongs together: <c>don t</c>, <c>e mail</c>, <c>d n c</c>.</summary>
    private void MendWords()
    {
        var kept = 0;
        for (var i = 0; i < _count; kept++)
        {
            var run = 0;
            while (i + run < _count && IsLoneLetter(_words[i + run]) && (run == 0 || !_words[i + run].AfterBreak))
                run++;
            if (run < SpelledOut)
                run = Belong(i) ? 2 : 1;
            var length = 0;
            for (var k = i; k < i + run; k++)
                length += _words[k].Length;
            _words[kept] = _words[i] with { Length = length };
            i += run;
        }

        _count = kept;
    }

    private bool IsLoneLetter(Word word) => word.Length == 1 && char.IsAsciiLetterLower(_letters[word.Start]);

    // Invariant: one of the two is a single letter, so a text without any needs no mending.
    private bool Belong(int i)
    {
        if (i + 1 >= _count)
            return false;
        var first = Letters(_words[i]);
        var second = Letters(_words[i + 1]);
        return (first is "e" && second.StartsWith("mail"))
            || (second is "t" && first is "don" or "doesn" or "didn" or "won" or "can" or "couldn" or "wouldn" or "shouldn" or "isn"
                or "wasn" or "hasn" or "haven" or "hadn" or "aren" or "weren" or "mustn" or "dosen" or "doesen");
    }
}
