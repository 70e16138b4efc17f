namespace Ringfence.NumberPlan;

/// <summary>States of deterministic automata over digits, equal ones held once. State 0 is the dead one, labelled 0.</summary>
internal sealed class Nodes
{
    private readonly Dictionary<string, int> known = [];
    private readonly Dictionary<int, int> endless = [];
    private readonly List<int[]> next = [new int[10]];
    private readonly List<int> labels = [0];

    public int Count => labels.Count;

    /// <summary>The state with this label and these followers.</summary>
    public int Intern(int label, int[] followers)
    {
        if (label == 0 && Array.TrueForAll(followers, f => f == 0))
            return 0;
        var key = label + ":" + string.Join(',', followers);
        if (!known.TryGetValue(key, out var node))
            known[key] = node = Add(label, followers);
        return node;
    }

    /// <summary>The state that keeps its label whatever digits follow.</summary>
    public int Endless(int label)
    {
        if (!endless.TryGetValue(label, out var node))
        {
            var followers = new int[10];
            endless[label] = node = Add(label, followers);
            Array.Fill(followers, node);
        }
        return node;
    }

    public void Write(BinaryWriter to)
    {
        to.Write(Count);
        foreach (var followers in next)
            foreach (var follower in followers)
                to.Write(checked((ushort)follower));
        foreach (var label in labels)
            to.Write(checked((ushort)label));
    }

    private int Add(int label, int[] followers)
    {
        next.Add(followers);
        labels.Add(label);
        return labels.Count - 1;
    }
}
