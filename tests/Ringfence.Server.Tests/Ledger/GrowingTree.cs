using System.Globalization;
using System.Text;
using Ringfence.Ledger;

namespace Ringfence.Server.Tests.Ledger;

/// <summary>A tree that leaves can be added to, whose proofs and edges can be had at every size.</summary>
internal sealed class GrowingTree(string name = "")
{
    private readonly List<Digest> leaves = [];

    public GrowingTree Grow(int by)
    {
        for (var i = 0; i < by; i++)
            leaves.Add(TreeHash.Leaf(Encoding.UTF8.GetBytes(name + leaves.Count.ToString(CultureInfo.InvariantCulture))));
        return this;
    }

    public int Size => leaves.Count;

    public Frontier FrontierAt(int size)
    {
        var frontier = new Frontier();
        foreach (var leaf in leaves.Take(size))
            frontier.Append(leaf);
        return frontier;
    }

    public Digest Root(int size) => FrontierAt(size).Root;

    public byte[] Edge(int size) => FrontierAt(size).ToBytes();

    public Checkpoint Checkpoint(string origin, int size) => new(origin, size, Root(size));

    public Digest[] Consistency(long from, int to) => ConsistencyProof.Of(from, to, Node);

    private Digest Node(int level, long index) =>
        level == 0 ? leaves[(int)index] : TreeHash.Node(Node(level - 1, 2 * index), Node(level - 1, 2 * index + 1));
}
