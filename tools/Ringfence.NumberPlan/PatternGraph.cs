namespace Ringfence.NumberPlan;

/// <summary>Patterns as a non-deterministic graph, from which each calling code's automaton is made.</summary>
internal sealed class PatternGraph
{
    private readonly List<(int Mask, int First, int Second)> states = [];
    private readonly Dictionary<int, int> accepts = [];

    /// <summary>Adds a pattern that must match all of the number; arriving there means <paramref name="accept"/>.</summary>
    public int AddWhole(DigitPattern pattern, int accept)
    {
        var end = Add(0, -1, -1);
        accepts[end] = accept;
        return Add(pattern, end);
    }

    /// <summary>Adds a pattern that must match the beginning of the number only.</summary>
    public int AddPrefix(DigitPattern pattern, int accept)
    {
        var end = states.Count;
        Add(0x3ff, end, -1);
        accepts[end] = accept;
        return Add(pattern, end);
    }

    /// <summary>The states reached without a digit, in ascending order.</summary>
    public int[] Close(IEnumerable<int> from)
    {
        var seen = new SortedSet<int>();
        var open = new Stack<int>(from);
        while (open.TryPop(out var state))
        {
            if (!seen.Add(state) || states[state].Mask != 0)
                continue;
            if (states[state].First >= 0)
                open.Push(states[state].First);
            if (states[state].Second >= 0)
                open.Push(states[state].Second);
        }
        return [.. seen.Where(s => states[s].Mask != 0 || accepts.ContainsKey(s))];
    }

    public int[] Step(int[] from, int digit) =>
        Close(from.Where(s => (states[s].Mask >> digit & 1) != 0).Select(s => states[s].First));

    public IReadOnlySet<int> AcceptedAt(int[] at) => at.Where(accepts.ContainsKey).Select(s => accepts[s]).ToHashSet();

    /// <summary>Whether only prefixes that matched already are left: more digits change nothing.</summary>
    public bool IsSettled(int[] at) => Array.TrueForAll(at, s => states[s].Mask != 0 && accepts.ContainsKey(s));

    private int Add(int mask, int first, int second)
    {
        states.Add((mask, first, second));
        return states.Count - 1;
    }

    private int Add(DigitPattern pattern, int next)
    {
        switch (pattern)
        {
            case DigitPattern.Digit digit:
                return Add(digit.Mask, next, -1);
            case DigitPattern.Sequence sequence:
                return sequence.Parts.Reverse().Aggregate(next, (after, part) => Add(part, after));
            case DigitPattern.Choice choice:
                return choice.Options.Select(option => Add(option, next)).Aggregate((left, right) => Add(0, left, right));
            case DigitPattern.Captured captured:
                return Add(captured.Inner, next);
            case DigitPattern.Repeated repeated:
                var optional = next;
                for (var i = repeated.Min; i < repeated.Max; i++)
                    optional = Add(0, Add(repeated.Inner, optional), next);
                for (var i = 0; i < repeated.Min; i++)
                    optional = Add(repeated.Inner, optional);
                return optional;
            default:
                throw new FormatException("An end sign has no place in a number pattern");
        }
    }
}
