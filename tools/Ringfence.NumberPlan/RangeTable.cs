namespace Ringfence.NumberPlan;

/// <summary>Region and type of a national number, per calling code; and which numbers a region's general pattern knows.</summary>
internal sealed class RangeTable(PlanFile plan, IReadOnlyList<string> regions)
{
    // The order in which the reference asks; fixed and mobile come last, and a number that is both is of a type of its own.
    private static readonly (string Name, int Type)[] Special =
        [("premium", 5), ("tollFree", 4), ("sharedCost", 6), ("voip", 7), ("personal", 8), ("pager", 9), ("uan", 10), ("voicemail", 11)];

    private static readonly string[] AllTypes = ["general", "fixed", "mobile", .. Special.Select(s => s.Name)];
    private const int LeadingDigits = 15;

    private readonly Nodes ranges = new();
    private readonly Nodes general = new();
    private readonly List<(int Region, int Type)> labels = [(-1, 0)];

    /// <summary>The first state of a calling code's automaton over national numbers.</summary>
    public int AddCallingCode(int code, string[] members)
    {
        var graph = new PatternGraph();
        var plans = members.Select(id => plan.Regions[id == "001" ? code.ToString(Program.Invariant) : id]).ToArray();
        var starts = new List<int>();
        for (var i = 0; i < plans.Length; i++)
        {
            for (var t = 0; t < AllTypes.Length; t++)
                if (plans[i].Types.GetValueOrDefault(AllTypes[t])?.Pattern is { } pattern)
                    starts.Add(graph.AddWhole(DigitPattern.Parse(pattern), (i * 16) + t));
            if (plans[i].LeadingDigits is { } digits && plans.Length > 1)
                starts.Add(graph.AddPrefix(DigitPattern.Parse(digits), (i * 16) + LeadingDigits));
        }
        var built = new Dictionary<string, int>();
        return Build(graph.Close(starts), 0);

        int Build(int[] at, int length)
        {
            var label = Label(members, plans, graph.AcceptedAt(at), length);
            if (at.Length == 0)
                return 0;
            if (graph.IsSettled(at))
                return ranges.Endless(label);
            var key = length + ":" + string.Join(',', at);
            if (!built.TryGetValue(key, out var node))
                built[key] = node = ranges.Intern(label, [.. Enumerable.Range(0, 10).Select(digit => Build(graph.Step(at, digit), length + 1))]);
            return node;
        }
    }

    /// <summary>The first state of the automaton of a region's general pattern, whatever the length.</summary>
    public int AddGeneral(RegionPlan region)
    {
        var graph = new PatternGraph();
        var start = graph.AddWhole(DigitPattern.Parse(region.Types["general"].Pattern!), 1);
        var built = new Dictionary<string, int>();
        return Build(graph.Close([start]));

        int Build(int[] at)
        {
            var key = string.Join(',', at);
            if (!built.TryGetValue(key, out var node))
                built[key] = node = at.Length == 0 ? 0
                    : general.Intern(graph.AcceptedAt(at).Count, [.. Enumerable.Range(0, 10).Select(digit => Build(graph.Step(at, digit)))]);
            return node;
        }
    }

    public void Write(BinaryWriter to)
    {
        ranges.Write(to);
        to.Write(labels.Count);
        foreach (var (region, type) in labels)
        {
            to.Write((short)region);
            to.Write((byte)type);
        }
        general.Write(to);
    }

    /// <summary>Label 0 stands for what holds when nothing matches: the only region there is, or none.</summary>
    private int Label(string[] members, RegionPlan[] plans, IReadOnlySet<int> matched, int length)
    {
        for (var i = 0; i < plans.Length; i++)
        {
            var type = TypeOf(plans[i], i * 16, matched, length);
            if (plans.Length == 1 ? type == 0 : plans[i].LeadingDigits is null ? type == 0 : !matched.Contains((i * 16) + LeadingDigits))
                continue;
            var label = (regions.ToList().IndexOf(members[i] == "001" ? "001" : members[i]), type);
            if (!labels.Contains(label))
                labels.Add(label);
            return labels.IndexOf(label);
        }
        return 0;
    }

    private static int TypeOf(RegionPlan region, int offset, IReadOnlySet<int> matched, int length)
    {
        if (!Matches("general"))
            return 0;
        foreach (var (name, type) in Special)
            if (Matches(name))
                return type;
        return (Matches("fixed"), Matches("mobile")) switch { (true, true) => 3, (true, false) => 1, (false, true) => 2, _ => 0 };

        bool Matches(string name) =>
            region.Types.TryGetValue(name, out var range) && matched.Contains(offset + Array.IndexOf(AllTypes, name))
            && (range.LengthMask == 0 || (range.LengthMask >> length & 1) != 0);
    }
}
