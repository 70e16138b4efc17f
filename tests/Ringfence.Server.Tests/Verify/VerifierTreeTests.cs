using Ringfence.Verify;
using Xunit;

namespace Ringfence.Server.Tests.Verify;

/// <summary>Two verifiers, one iterative and one recursive, agree on every proof up to 300 leaves, right or wrong.</summary>
public sealed class VerifierTreeTests
{
    private const int Largest = 300;

    private static readonly ForgedTree Forged = new([.. Enumerable.Range(0, Largest).Select(i => BitConverter.GetBytes(i * 7919))]);

    // Source: the leaves and roots of the known answers that certificate transparency's implementations share.
    private static readonly string[] KnownLeaves = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];

    [Fact]
    public void Roots_are_those_of_the_definition_at_every_size()
    {
        var frontier = new Frontier();
        for (var size = 0; size < Largest; size++)
        {
            Assert.Equal(Forged.Root(size), frontier.Root());
            frontier.Add(Tree.Leaf(BitConverter.GetBytes(size * 7919)), 0);
        }

        Assert.Equal(Forged.Root(Largest), frontier.Root());
    }

    [Fact]
    public void Known_answers()
    {
        var frontier = new Frontier();
        var roots = new List<string> { Convert.ToHexStringLower(frontier.Root()) };
        foreach (var leaf in KnownLeaves)
        {
            frontier.Add(Tree.Leaf(Convert.FromHexString(leaf)), 0);
            roots.Add(Convert.ToHexStringLower(frontier.Root()));
        }

        Assert.Equal("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", roots[0]);
        Assert.Equal("6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d", roots[1]);
        Assert.Equal("fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125", roots[2]);
        Assert.Equal("aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77", roots[3]);
        Assert.Equal("ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c", roots[7]);
        Assert.Equal("5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328", roots[8]);
    }

    [Fact]
    public void Inclusion_proofs_are_judged_alike_and_rightly_at_every_size()
    {
        for (var size = 0; size <= Largest; size++)
        {
            // Every leaf of small trees; of larger ones the edges, the middle and some between.
            var step = size <= 64 ? 1 : 13;
            for (var index = 0; index < size; index = index < size - 1 ? Math.Min(index + step, size - 1) : size)
                Inclusion(index, size);
        }

        static void Inclusion(int index, int size)
        {
            var (leaf, root, proof) = (ForgedTree.Leaf(BitConverter.GetBytes(index * 7919)), Forged.Root(size), Forged.Inclusion(index, size));
            Both(true, index, size, leaf, proof, root);
            Both(false, index + size, size, leaf, proof, root);
            Both(false, -1, size, leaf, proof, root);
            if (size > 1)
                Both(false, (index + 1) % size, size, leaf, proof, root);
            Both(false, index, size, leaf, [.. proof, root], root);
            Both(false, index, size, leaf, [leaf, .. proof], root);
            // A hash too many is one even where the root was signed to fit it.
            Both(false, index, size, leaf, [.. proof, leaf], Tree.Node(leaf, root));
            Both(false, index, size, leaf, [.. proof, leaf], Tree.Node(root, leaf));
            if (proof.Count > 0)
            {
                Both(false, index, size, root, proof, leaf);
                Both(false, index, size, leaf, proof[1..], root);
                Both(false, index, size, leaf, proof[..^1], root);
                Both(false, index, size, leaf, [.. proof[..^1], leaf], root);
            }

            // Another size may ask for the same hashes in the same order; both have to see it the same way.
            for (var other = size - 2; other <= size + 2; other++)
                Alike(index, other, leaf, proof, root);
        }

        static void Both(bool right, long index, long size, byte[] leaf, List<byte[]> proof, byte[] root)
        {
            Assert.Equal(right, Tree.Includes(index, size, leaf, proof, root));
            Assert.Equal(right, SecondTree.Includes(index, size, leaf, proof.ToArray(), root));
        }

        static void Alike(long index, long size, byte[] leaf, List<byte[]> proof, byte[] root) =>
            Assert.Equal(SecondTree.Includes(index, size, leaf, proof.ToArray(), root), Tree.Includes(index, size, leaf, proof, root));
    }

    [Fact]
    public void Consistency_proofs_are_judged_alike_and_rightly_at_every_pair_of_sizes()
    {
        for (var larger = 0; larger <= Largest; larger++)
        {
            for (var smaller = 0; smaller <= larger; smaller += larger <= 40 || smaller % 16 is 0 or 15 || larger - smaller < 3 ? 1 : 7)
                Consistency(smaller, larger);
        }

        static void Consistency(int smaller, int larger)
        {
            var (old, grown, proof) = (Forged.Root(smaller), Forged.Root(larger), Forged.Consistency(smaller, larger));
            Both(true, smaller, old, larger, grown, proof);
            Both(false, smaller, old, larger, grown, [.. proof, grown]);
            Both(false, smaller, old, larger, grown, [old, .. proof]);
            Both(false, smaller, Tree.Node(grown, old), larger, Tree.Node(grown, grown), [.. proof, grown]);
            Both(false, smaller, old, larger, Tree.Node(grown, grown), [.. proof, grown]);
            if (proof.Count > 0)
            {
                Both(false, smaller, old, larger, grown, proof[1..]);
                Both(false, smaller, old, larger, grown, proof[..^1]);
                Both(false, smaller, old, larger, grown, [.. proof[..^1], grown]);
            }

            Both(false, smaller, Flipped(old), larger, grown, proof);
            // Of an empty tree nothing follows for the larger one.
            if (smaller > 0)
                Both(false, smaller, old, larger, Flipped(grown), proof);
            Both(false, larger + 1, old, larger, grown, proof);
        }

        static void Both(bool right, long smaller, byte[] old, long larger, byte[] grown, List<byte[]> proof)
        {
            Assert.Equal(right, Tree.Extends(smaller, old, larger, grown, proof));
            Assert.Equal(right, SecondTree.Extends(smaller, old, larger, grown, proof.ToArray()));
        }

        static byte[] Flipped(byte[] hash) => [(byte)(hash[0] ^ 1), .. hash[1..]];
    }
}
