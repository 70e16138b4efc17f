namespace Ringfence.NumberPlan;

/// <summary>
/// Prefix patterns (international and national) as automata. A pattern is spelled out into its alternatives in the order
/// in which a backtracking matcher tries them; the first that fits wins, as with the reference.
/// </summary>
internal sealed class PrefixRules
{
    private readonly Nodes nodes = new();
    private readonly List<PrefixAction> actions = [PrefixAction.None];
    private readonly List<(int Action, int AtEnd)> outcomes = [(0, 0)];

    /// <summary>Adds a pattern and returns its first state, 0 where there is none.</summary>
    /// <param name="pattern">The pattern, without anchor; null for none.</param>
    /// <param name="transform">A rewriting rule such as <c>9$1</c>; it applies where its group captured something.</param>
    public int Add(string? pattern, string? transform)
    {
        if (pattern is null)
            return 0;
        var (literal, group) = Template(transform);
        var paths = Expand(DigitPattern.Parse(pattern)).Select(path => new Path(path, literal, group)).ToArray();
        return Build(paths, [.. Enumerable.Range(0, paths.Length)], 0, int.MaxValue, []);
    }

    public void Write(BinaryWriter to)
    {
        nodes.Write(to);
        to.Write(outcomes.Count);
        foreach (var (action, atEnd) in outcomes)
        {
            to.Write(checked((ushort)action));
            to.Write(checked((ushort)atEnd));
        }
        to.Write(actions.Count);
        foreach (var action in actions)
        {
            to.Write(checked((byte)action.Consumed));
            to.Write(checked((byte)action.CaptureAt));
            to.Write(checked((byte)action.CaptureLength));
            to.Write(action.Literal);
        }
    }

    private int Build(Path[] paths, int[] alive, int depth, int best, Dictionary<string, int> built)
    {
        var key = $"{depth}:{best}:{string.Join(',', alive)}";
        if (built.TryGetValue(key, out var node))
            return node;
        // Finished alternatives are compared with those that may still finish; one of lower rank can never win.
        var atEnd = best;
        foreach (var path in alive.Where(p => paths[p].Digits.Count == depth))
        {
            atEnd = Math.Min(atEnd, path);
            if (!paths[path].OnlyAtEnd)
                best = Math.Min(best, path);
        }
        var going = alive.Where(p => p < best && paths[p].Digits.Count > depth).ToArray();
        var followers = new int[10];
        for (var digit = 0; digit < 10; digit++)
        {
            var here = going.Where(p => (paths[p].Digits[depth] >> digit & 1) != 0).ToArray();
            if (here.Length > 0)
                followers[digit] = Build(paths, here, depth + 1, best, built);
        }
        return built[key] = nodes.Intern(Outcome(Action(paths, best), Action(paths, atEnd)), followers);
    }

    private int Action(Path[] paths, int rank)
    {
        if (rank == int.MaxValue || paths[rank].Action is { Consumed: 0, Literal: "" })
            return 0;
        var action = paths[rank].Action;
        var index = actions.IndexOf(action);
        if (index >= 0)
            return index;
        actions.Add(action);
        return actions.Count - 1;
    }

    private int Outcome(int action, int atEnd)
    {
        var index = outcomes.IndexOf((action, atEnd));
        if (index >= 0)
            return index;
        outcomes.Add((action, atEnd));
        return outcomes.Count - 1;
    }

    private static (string Literal, int Group) Template(string? transform)
    {
        if (transform is null)
            return ("", 0);
        var literal = transform[..^2];
        if (transform[^2] != '$' || !literal.All(char.IsAsciiDigit))
            throw new FormatException($"Unknown rewriting rule {transform}");
        return (literal, transform[^1] - '0');
    }

    /// <summary>All alternatives: each a list of digit masks and, as negative numbers, marks.</summary>
    private static IEnumerable<IEnumerable<int>> Expand(DigitPattern pattern)
    {
        switch (pattern)
        {
            case DigitPattern.Digit digit:
                return [[digit.Mask]];
            case DigitPattern.End:
                return [[Path.EndMark]];
            case DigitPattern.Captured captured:
                return Expand(captured.Inner).Select(path => path.Prepend(Path.Opens(captured.Group)).Append(Path.Closes(captured.Group)));
            case DigitPattern.Choice choice:
                return choice.Options.SelectMany(Expand);
            case DigitPattern.Repeated repeated:
                return Enumerable.Range(0, repeated.Max - repeated.Min + 1).Select(less => repeated.Max - less)
                    .SelectMany(count => ExpandAll([.. Enumerable.Repeat(repeated.Inner, count)]));
            case DigitPattern.Sequence sequence:
                return ExpandAll([.. sequence.Parts]);
            default:
                throw new FormatException("Unknown kind of pattern");
        }
    }

    private static IEnumerable<IEnumerable<int>> ExpandAll(DigitPattern[] parts) =>
        parts.Length == 0 ? [[]] : Expand(parts[0]).SelectMany(head => ExpandAll(parts[1..]).Select(tail => head.Concat(tail)));

    /// <summary>One alternative: the digits it takes, and what it does.</summary>
    private sealed class Path
    {
        public const int EndMark = -1;

        public Path(IEnumerable<int> parts, string literal, int group)
        {
            var (from, to) = (-1, -1);
            foreach (var part in parts)
            {
                if (part == EndMark)
                    OnlyAtEnd = true;
                else if (part == Opens(group))
                    from = Digits.Count;
                else if (part == Closes(group))
                    to = Digits.Count;
                else if (part >= 0)
                    Digits.Add(part);
            }
            Action = to > from ? new PrefixAction(Digits.Count, from, to - from, literal) : new PrefixAction(Digits.Count, 0, 0, "");
        }

        public List<int> Digits { get; } = [];

        public bool OnlyAtEnd { get; }

        public PrefixAction Action { get; }

        public static int Opens(int group) => -2 * (group + 1);

        public static int Closes(int group) => (-2 * (group + 1)) - 1;
    }
}

/// <summary>What a matched prefix does: <see cref="Literal"/> and the captured digits take the place of the consumed ones.</summary>
internal sealed record PrefixAction(int Consumed, int CaptureAt, int CaptureLength, string Literal)
{
    public static PrefixAction None { get; } = new(0, 0, 0, "");
}
