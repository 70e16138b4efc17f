namespace Ringfence.Lists;

/// <summary>Reads a folded text as one date, from left to right.</summary>
internal ref struct DateText
{
    private readonly ReadOnlySpan<char> text;
    private readonly DateOrder order;
    private int at;

    /// <param name="text">A text from <see cref="DateFolding.Fold"/>.</param>
    /// <param name="order">How ambiguous dates are to be read.</param>
    public DateText(ReadOnlySpan<char> text, DateOrder order)
    {
        this.text = text;
        this.order = order;
    }

    /// <summary>Reads the text.</summary>
    public ListDate.Day Read()
    {
        SkipWeekday();
        if (at < text.Length && char.IsAsciiDigit(text[at]))
            return FromNumber(0);
        var start = at;
        var word = Word();
        if (DateWords.Era(word) is var era and > 0)
        {
            Skip(" ");
            return at < text.Length && char.IsAsciiDigit(text[at]) ? FromNumber(era) : default;
        }

        if (DateWords.Month(word) is not (> 0 and var month))
            return default;
        var found = FromMonth(month);
        if (found.IsFound || !DateWords.IsWeekday(word))
            return found;
        // "mar." is March, and Tuesday in French, Spanish and Italian.
        at = start + word.Length;
        Skip("., ");
        return at < text.Length && char.IsAsciiDigit(text[at]) ? FromNumber(0) : default;
    }

    private ListDate.Day FromNumber(int era)
    {
        var first = Number();
        if (at == text.Length)
            return era > 0 ? default : ListDate.OfNumber(first);
        var next = text[at];
        if (next is '年' or '년')
            return FromYear(first, era);
        if (era > 0)
            return default;
        if (next is '.' or ',' && first.Length is 5 or 9 or 10 && OnlyDigitsFollow())
            return ListDate.OfNumber(first);
        if (first.Length == 8 && (next is 't' or ' '))
            return Ended(ListDate.Packed(first.Value64));
        if (char.IsAsciiLetter(next) || next is 'º' or 'ª' or '°')
            return FromDay(first);
        return FromSeparated(first);
    }

    /// <summary><c>2024年3月1日</c>, of an era if there is one.</summary>
    private ListDate.Day FromYear(Digits year, int era)
    {
        at++;
        Skip(" ");
        var y = era > 0 && year.Length <= 3 ? year.Value + era
            : era == 0 && year.Length == 2 ? ListDate.Century(year.Value)
            : era == 0 && year.Length == 4 ? year.Value : -1;
        var month = Number();
        if (month.Length == 0)
            return Ended(ListDate.At(y, 1, 1));
        if (month.Length > 2 || !TryTake("月월"))
            return default;
        Skip(" ");
        var before = at;
        var day = Number();
        if (day.Length is 1 or 2 && (TryTake("日号號일") || at == text.Length))
            return Ended(ListDate.At(y, month.Value, day.Value));
        at = before;
        return Ended(ListDate.At(y, month.Value, 1));
    }

    /// <summary>Numbers with <c>- / .</c> or blanks between them, or a day before the name of a month.</summary>
    private ListDate.Day FromSeparated(Digits first)
    {
        var separator = Separator();
        if (separator == '\0' || at == text.Length)
            return default;
        if (!char.IsAsciiDigit(text[at]))
            return separator == '/' && !char.IsLetter(text[at]) ? default : FromDay(first);
        var second = Number();
        var mark = at;
        var again = Separator();
        if (again == separator && at < text.Length && char.IsAsciiDigit(text[at]))
        {
            var third = Number();
            if (at < text.Length && text[at] == ':')
                return FromTwo(first, second, separator, mark);
            Skip(separator == '.' ? "." : "");
            return Ended(ListDate.OfThree(first, second, third, separator, order));
        }

        return FromTwo(first, second, separator, mark);
    }

    /// <summary><c>2024-03</c> and <c>03/2024</c>: the first of the month.</summary>
    private ListDate.Day FromTwo(Digits first, Digits second, char separator, int mark)
    {
        at = mark;
        if (separator == ' ')
            return default;
        return (first.Length, second.Length) switch
        {
            (4, 1 or 2) => Ended(ListDate.At(first.Value, second.Value, 1)),
            (1 or 2, 4) => Ended(ListDate.At(second.Value, first.Value, 1)),
            _ => default,
        };
    }

    /// <summary>The day, or the year, has been read and the name of a month follows.</summary>
    private ListDate.Day FromDay(Digits first)
    {
        SkipOrdinal();
        SkipFillers();
        var month = DateWords.Month(Word());
        if (month == 0)
            return default;
        SkipFillers();
        if (first.Length == 4)
        {
            var day = Number();
            SkipOrdinal();
            return day.Length is 1 or 2 ? Ended(ListDate.At(first.Value, month, day.Value)) : default;
        }

        return first.Length > 2 ? default : WithYear(month, first.Value);
    }

    /// <summary>The name of a month has been read first.</summary>
    private ListDate.Day FromMonth(int month)
    {
        var isDashed = at < text.Length && text[at] is '-' or '\'';
        SkipFillers();
        var number = Number();
        if (number.Length == 4)
            return Ended(ListDate.At(number.Value, month, 1));
        if (number.Length is not (1 or 2))
            return default;
        if (at == text.Length)
            return isDashed && number.Length == 2 ? ListDate.At(ListDate.Century(number.Value), month, 1) : default;
        SkipOrdinal();
        SkipFillers();
        return WithYear(month, number.Value);
    }

    /// <summary>Day and month are known; the year follows, perhaps behind a time, as in <c>Tue Oct 8 06:57:00 UTC 2024</c>.</summary>
    private ListDate.Day WithYear(int month, int day)
    {
        for (var steps = 0; at < text.Length && steps < 6; steps++)
        {
            if (!char.IsAsciiDigit(text[at]))
            {
                if (steps == 0 || !DateWords.IsTail(Word()))
                    return default;
                Skip(" ");
                continue;
            }

            var number = Number();
            if (at < text.Length && text[at] == ':')
            {
                while (at < text.Length && (char.IsAsciiDigit(text[at]) || text[at] is ':' or '.' or ' '))
                {
                    if (text[at++] == ' ')
                        break;
                }

                continue;
            }

            return number.Length switch
            {
                4 => Ended(ListDate.At(number.Value, month, day)),
                2 => Ended(ListDate.At(ListDate.Century(number.Value), month, day)),
                _ => default,
            };
        }

        return default;
    }

    /// <summary>The day, if nothing but a time of day, a zone or a weekday stands behind it.</summary>
    private ListDate.Day Ended(ListDate.Day day)
    {
        if (!day.IsFound)
            return default;
        var digitsSeen = 0;
        while (at < text.Length)
        {
            var c = text[at];
            if (char.IsAsciiDigit(c))
            {
                var isClosed = at > 0 && text[at - 1] is 't' or ':' or '+' or '-' or '.' or ',' or 'h' or '时' or '点' or '分' or '시' or '분';
                var number = Number();
                digitsSeen += number.Length;
                var next = at < text.Length ? text[at] : '\0';
                var isOpen = next is ':' or '.' or 'h' or '时' or '点' or '分' or '秒' or '시' or '분' or '초' || StartsWithHalfDay();
                if (digitsSeen > 24 || !(isOpen && number.Length <= 2 || isClosed && (digitsSeen > number.Length || text[at - number.Length - 1] == 't')))
                    return default;
            }
            else if (c == '(' || c == '（')
            {
                return text[^1] is ')' or '）' ? day : default;
            }
            else if (char.IsLetter(c))
            {
                var word = Word();
                if (!DateWords.IsTail(word))
                    return default;
                if (word is "星期" or "周" or "礼拜")
                    Skip("123456");
            }
            else if (c is ' ' or ',' or ':' or '.' or '+' or '-' or '[' or ']')
            {
                at++;
            }
            else
            {
                return default;
            }
        }

        return day;
    }

    private readonly bool StartsWithHalfDay()
    {
        var rest = text[at..].TrimStart(' ');
        return rest.StartsWith("am") || rest.StartsWith("pm") || rest.StartsWith("a.m") || rest.StartsWith("p.m") || rest.StartsWith("uhr");
    }

    private Digits Number()
    {
        long value = 0;
        var start = at;
        while (at < text.Length && char.IsAsciiDigit(text[at]))
        {
            if (at - start < 18)
                value = value * 10 + (text[at] - '0');
            at++;
        }

        return new Digits(at - start <= 18 ? value : -1, at - start);
    }

    private ReadOnlySpan<char> Word()
    {
        var start = at;
        while (at < text.Length && char.IsLetter(text[at]) && (at == start || CellText.StandsAlone(text[at]) == CellText.StandsAlone(text[start])))
            at++;
        return text[start..at];
    }

    /// <summary>The separator that follows, with blanks around it; a blank alone is one too.</summary>
    private char Separator()
    {
        var start = at;
        Skip(" ");
        if (at < text.Length && text[at] is '-' or '/' or '.')
        {
            var separator = text[at++];
            Skip(" ");
            return separator;
        }

        return at > start ? ' ' : '\0';
    }

    private void SkipWeekday()
    {
        var start = at;
        var word = Word();
        if (word.IsEmpty || !DateWords.IsWeekday(word) || DateWords.Month(word) > 0)
            at = start;
        else
            Skip(CellText.StandsAlone(word[0]) ? "., 123456" : "., ");
    }

    private void SkipOrdinal()
    {
        if (at < text.Length && text[at] is 'º' or 'ª' or '°')
        {
            at++;
            return;
        }

        var start = at;
        if (Word() is not ("st" or "nd" or "rd" or "th" or "er" or "re" or "e" or "o" or "a"))
            at = start;
    }

    private void SkipFillers()
    {
        while (true)
        {
            Skip(" .,-/'");
            var start = at;
            if (Word() is "de" or "del" or "of" or "the" or "d" or "di" or "van" or "do" or "da")
                continue;
            at = start;
            return;
        }
    }

    private void Skip(string any)
    {
        while (at < text.Length && any.Contains(text[at], StringComparison.Ordinal))
            at++;
    }

    private bool TryTake(string any)
    {
        Skip(" ");
        if (at == text.Length || !any.Contains(text[at], StringComparison.Ordinal))
            return false;
        at++;
        return true;
    }

    private readonly bool OnlyDigitsFollow()
    {
        var rest = text[(at + 1)..];
        return rest.Length > 0 && !rest.ContainsAnyExceptInRange('0', '9');
    }
}
