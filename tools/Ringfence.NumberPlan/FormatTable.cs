namespace Ringfence.NumberPlan;

/// <summary>Formats, and automata that tell from the leading digits which of them may apply.</summary>
internal sealed class FormatTable
{
    private readonly Nodes nodes = new();
    private readonly List<int> masks = [0];
    private readonly List<(string Pattern, string National, string International)> formats = [];

    /// <summary>Adds a plan's list of formats: the first state, the place of the first format, and how many there are.</summary>
    public (int State, int First, int Count) Add(NumberFormat[] list)
    {
        if (list.Length == 0)
            return (0, 0, 0);
        var first = formats.Count;
        formats.AddRange(list.Select(f => (f.Pattern, National(f), f.Format)));
        var graph = new PatternGraph();
        var (always, starts) = (0, new List<int>());
        for (var i = 0; i < list.Length; i++)
        {
            if (list[i].LeadingDigits is { } digits)
                starts.Add(graph.AddWhole(DigitPattern.Parse(digits), i));
            else
                always |= 1 << i;
        }
        var built = new Dictionary<string, int>();
        return (Build(graph.Close(starts), always), first, list.Length);

        int Build(int[] at, int mask)
        {
            mask = graph.AcceptedAt(at).Aggregate(mask, (all, format) => all | 1 << format);
            var key = mask + ":" + string.Join(',', at);
            if (!built.TryGetValue(key, out var node))
            {
                if (!masks.Contains(mask))
                    masks.Add(mask);
                var followers = Enumerable.Range(0, 10).Select(digit => graph.Step(at, digit))
                    .Select(next => next.Length == 0 ? -1 : Build(next, mask)).ToArray();
                // A digit that helps no pattern along ends the walk; the mask of the last state stays.
                built[key] = node = nodes.Intern(masks.IndexOf(mask), [.. followers.Select(f => f < 0 ? 0 : f)]);
            }
            return node;
        }
    }

    public void Write(BinaryWriter to)
    {
        nodes.Write(to);
        to.Write(masks.Count);
        foreach (var mask in masks)
            to.Write(mask);
        to.Write(formats.Count);
        foreach (var (pattern, national, international) in formats)
        {
            var groups = Groups(pattern);
            to.Write((byte)groups.Length);
            foreach (var (min, max) in groups)
            {
                to.Write((byte)min);
                to.Write((byte)max);
            }
            to.Write(national);
            to.Write(international);
        }
    }

    /// <summary>The national template: the rule, such as <c>(0$1)</c>, takes the place of the first group.</summary>
    private static string National(NumberFormat format)
    {
        if (format.NationalPrefixRule is not { } rule)
            return format.Format;
        var at = format.Format.IndexOf('$', StringComparison.Ordinal);
        return string.Concat(format.Format.AsSpan(0, at), rule.Replace("$1", format.Format.Substring(at, 2), StringComparison.Ordinal), format.Format.AsSpan(at + 2));
    }

    private static (int Min, int Max)[] Groups(string pattern)
    {
        if (DigitPattern.Parse(pattern) is not DigitPattern.Sequence sequence)
            throw new FormatException($"Unknown grouping {pattern}");
        return [.. sequence.Parts.Select(part => part is DigitPattern.Captured { Inner: DigitPattern.Sequence { Parts: [var only] } } ? Count(only) : throw new FormatException($"Unknown grouping {pattern}"))];

        static (int, int) Count(DigitPattern inner) => inner switch
        {
            DigitPattern.Digit { Mask: 0x3ff } => (1, 1),
            DigitPattern.Repeated { Inner: DigitPattern.Digit { Mask: 0x3ff }, Min: var min, Max: var max } => (min, max),
            _ => throw new FormatException("A group of other than plain digits"),
        };
    }
}
