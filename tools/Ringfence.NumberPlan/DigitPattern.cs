namespace Ringfence.NumberPlan;

/// <summary>A pattern of the numbering plans: digits, <c>\d</c>, classes, groups, alternatives, counts and <c>$</c>; nothing else occurs.</summary>
internal abstract record DigitPattern
{
    private DigitPattern() { }

    /// <summary>One digit out of a set; bit n stands for digit n.</summary>
    internal sealed record Digit(int Mask) : DigitPattern;

    internal sealed record Sequence(IReadOnlyList<DigitPattern> Parts) : DigitPattern;

    internal sealed record Choice(IReadOnlyList<DigitPattern> Options) : DigitPattern;

    internal sealed record Repeated(DigitPattern Inner, int Min, int Max) : DigitPattern;

    /// <summary>A capturing group; the first one is 1.</summary>
    internal sealed record Captured(DigitPattern Inner, int Group) : DigitPattern;

    internal sealed record End : DigitPattern;

    /// <summary>Reads a pattern; anything that is not of the kinds above is an error, so that new data can't be misread.</summary>
    public static DigitPattern Parse(string text)
    {
        var reader = new Reader(text);
        var pattern = reader.ReadChoice();
        return reader.AtEnd ? pattern : throw new FormatException($"Unread rest in the pattern {text}");
    }

    private sealed class Reader(string text)
    {
        private int at;
        private int groups;

        public bool AtEnd => at == text.Length;

        public DigitPattern ReadChoice()
        {
            var options = new List<DigitPattern> { ReadSequence() };
            while (!AtEnd && text[at] == '|')
            {
                at++;
                options.Add(ReadSequence());
            }
            return options.Count == 1 ? options[0] : new Choice(options);
        }

        private Sequence ReadSequence()
        {
            var parts = new List<DigitPattern>();
            while (!AtEnd && text[at] is not ('|' or ')'))
                parts.Add(ReadCount(ReadOne()));
            return new Sequence(parts);
        }

        private DigitPattern ReadOne()
        {
            var c = text[at++];
            switch (c)
            {
                case >= '0' and <= '9':
                    return new Digit(1 << (c - '0'));
                case '\\' when text[at] == 'd':
                    at++;
                    return new Digit(0x3ff);
                case '$':
                    return new End();
                case '[':
                    return ReadClass();
                case '(':
                    var group = 0;
                    if (text.AsSpan(at).StartsWith("?:"))
                        at += 2;
                    else
                        group = ++groups;
                    var inner = ReadChoice();
                    if (text[at++] != ')')
                        throw new FormatException($"A bracket is missing in the pattern {text}");
                    return group == 0 ? inner : new Captured(inner, group);
                default:
                    throw new FormatException($"Unknown sign {c} in the pattern {text}");
            }
        }

        private Digit ReadClass()
        {
            var mask = 0;
            while (text[at] != ']')
            {
                var from = DigitAt(at++);
                var to = from;
                if (text[at] == '-')
                {
                    to = DigitAt(at + 1);
                    at += 2;
                }
                for (var digit = from; digit <= to; digit++)
                    mask |= 1 << digit;
            }
            at++;
            return new Digit(mask);
        }

        private DigitPattern ReadCount(DigitPattern one)
        {
            if (AtEnd)
                return one;
            if (text[at] == '?')
            {
                at++;
                return new Repeated(one, 0, 1);
            }
            if (text[at] != '{')
                return one;
            var close = text.IndexOf('}', at);
            var counts = text[(at + 1)..close].Split(',');
            at = close + 1;
            return new Repeated(one, int.Parse(counts[0], Program.Invariant), int.Parse(counts[^1], Program.Invariant));
        }

        private int DigitAt(int index) =>
            char.IsAsciiDigit(text[index]) ? text[index] - '0' : throw new FormatException($"Not a digit in a class of the pattern {text}");
    }
}
