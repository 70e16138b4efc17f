using Ringfence.Ledger;
using Xunit;

namespace Ringfence.Tests.Ledger;

/// <summary>Roots and proofs of every tree up to 300 leaves, beside the recursive definition.</summary>
public class ProofTests
{
    private const int Largest = 300;

    [Fact]
    public void The_edge_gives_the_root_of_every_size_also_when_it_was_stored_in_between()
    {
        var tree = new Frontier();
        for (var size = 0; size <= Largest; size++)
        {
            Assert.Equal(size, tree.Size);
            Assert.Equal(NaiveTree.Root(0, size), tree.Root);
            Assert.Equal(NaiveTree.Root(0, size), TreeHash.Root(size, NaiveTree.NodesOf(size)));
            tree = new(size, tree.ToBytes());
            var other = tree.Copy();
            other.Append(NaiveTree.Leaf(12345));
            tree.Append(NaiveTree.Leaf(size));
        }
    }

    [Fact]
    public void Leaves_appended_together_are_leaves_appended_one_by_one()
    {
        var tree = new Frontier();
        for (var i = 0; i < 20; i++)
            tree.Append([.. Enumerable.Range((int)tree.Size, i).Select(NaiveTree.Leaf)]);
        Assert.Equal(NaiveTree.Root(0, 190), tree.Root);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    [InlineData(7, 2)]
    [InlineData(8, 2)]
    [InlineData(8, 0)]
    public void An_edge_with_too_few_or_too_many_hashes_is_refused(long size, int hashes) =>
        Assert.Throws<ArgumentException>(() => new Frontier(size, new byte[hashes * Digest.Size]));

    [Fact]
    public void Every_leaf_of_every_tree_has_the_proof_of_the_definition_and_no_other()
    {
        for (var size = 1; size <= Largest; size++)
        {
            var root = NaiveTree.Root(0, size);
            for (var index = 0; index < size; index++)
            {
                var leaf = NaiveTree.Leaf(index);
                var proof = InclusionProof.Of(index, size, NaiveTree.NodesOf(size));
                Assert.True(proof.SequenceEqual(NaiveTree.Path(index, 0, size)));
                Assert.Equal(proof.Length, InclusionProof.Length(index, size));
                Assert.True(InclusionProof.Verifies(proof, index, size, leaf, root));

                Assert.False(InclusionProof.Verifies(proof, index, size, NaiveTree.Leaf(index + 1), root));
                Assert.False(InclusionProof.Verifies(proof, index, size, leaf, NaiveTree.Root(0, size - 1)));
                Assert.False(InclusionProof.Verifies(proof, index, size + 1, leaf, NaiveTree.Root(0, size + 1)));
                Assert.False(InclusionProof.Verifies([.. proof, root], index, size, leaf, root));
                Assert.False(InclusionProof.Verifies([leaf, .. proof], index, size, leaf, root));
                if (proof.Length == 0)
                    continue;
                Assert.False(InclusionProof.Verifies(proof.AsSpan(1), index, size, leaf, root));
                Assert.False(InclusionProof.Verifies(proof.AsSpan(..^1), index, size, leaf, root));
                Assert.False(InclusionProof.Verifies([proof[0], .. proof], index, size, leaf, root));
                // What lies on the way shows nothing of what lies below it: a node is no leaf.
                Assert.False(InclusionProof.Verifies(proof.AsSpan(1), index / 2, size, TreeHash.Node(leaf, proof[0]), root));
            }
        }
    }

    [Fact]
    public void A_proof_shows_its_leaf_at_no_other_place_and_in_no_other_tree()
    {
        for (var size = 1; size <= 24; size++)
        {
            for (var index = 0; index < size; index++)
            {
                var proof = InclusionProof.Of(index, size, NaiveTree.NodesOf(size));
                for (var otherSize = 0; otherSize <= 28; otherSize++)
                {
                    for (var other = -1; other <= 28; other++)
                    {
                        var shows = InclusionProof.Verifies(proof, other, otherSize, NaiveTree.Leaf(index), NaiveTree.Root(0, otherSize));
                        Assert.Equal((other, otherSize) == (index, size), shows);
                    }
                }
            }
        }
    }

    [Fact]
    public void Every_two_sizes_have_the_proof_of_the_definition_and_no_other()
    {
        var spare = NaiveTree.Leaf(77);
        for (var to = 0; to <= Largest; to++)
        {
            var toRoot = NaiveTree.Root(0, to);
            for (var from = 0; from <= to; from++)
            {
                var fromRoot = NaiveTree.Root(0, from);
                var proof = ConsistencyProof.Of(from, to, NaiveTree.NodesOf(to));
                Assert.True(proof.SequenceEqual(from == 0 || from == to ? [] : NaiveTree.Proof(from, to)));
                Assert.True(ConsistencyProof.Verifies(proof, from, to, fromRoot, toRoot));

                Assert.False(ConsistencyProof.Verifies(proof, from, to, spare, toRoot));
                if (from > 0)
                    Assert.False(ConsistencyProof.Verifies(proof, from, to, fromRoot, spare));
                Assert.False(ConsistencyProof.Verifies([.. proof, spare], from, to, fromRoot, toRoot));
                Assert.False(ConsistencyProof.Verifies([spare, .. proof], from, to, fromRoot, toRoot));
                if (from < to)
                    Assert.False(ConsistencyProof.Verifies(proof, to, from, toRoot, fromRoot));
                if (proof.Length == 0)
                    continue;
                Assert.False(ConsistencyProof.Verifies(proof.AsSpan(1), from, to, fromRoot, toRoot));
                Assert.False(ConsistencyProof.Verifies(proof.AsSpan(..^1), from, to, fromRoot, toRoot));
                Assert.False(ConsistencyProof.Verifies([proof[0], .. proof], from, to, fromRoot, toRoot));
                Assert.False(ConsistencyProof.Verifies(proof, from + 1, to, NaiveTree.Root(0, from + 1), toRoot));
                Assert.False(ConsistencyProof.Verifies(proof, from, to + 1, fromRoot, NaiveTree.Root(0, to + 1)));
            }
        }
    }

    [Fact]
    public void A_proof_between_two_sizes_shows_no_other_two()
    {
        for (var to = 1; to <= 24; to++)
        {
            for (var from = 1; from < to; from++)
            {
                var proof = ConsistencyProof.Of(from, to, NaiveTree.NodesOf(to));
                for (var otherTo = 0; otherTo <= 28; otherTo++)
                {
                    for (var otherFrom = -1; otherFrom <= 28; otherFrom++)
                    {
                        var shows = ConsistencyProof.Verifies(proof, otherFrom, otherTo, NaiveTree.Root(0, Math.Max(otherFrom, 0)), NaiveTree.Root(0, otherTo));
                        Assert.Equal((otherFrom, otherTo) == (from, to), shows);
                    }
                }
            }
        }
    }

    [Fact]
    public void A_proof_does_not_go_beyond_the_root_of_its_size()
    {
        // Roots of greater trees under the size of a smaller one: each hash too many would lead there.
        var (left, right) = (NaiveTree.Leaf(0), NaiveTree.Leaf(1));
        Assert.False(InclusionProof.Verifies([left], 0, 1, right, TreeHash.Node(left, right)));
        Assert.False(InclusionProof.Verifies([right, left], 0, 2, left, TreeHash.Node(left, TreeHash.Node(left, right))));
        var proof = ConsistencyProof.Of(3, 4, NaiveTree.NodesOf(4));
        Assert.False(ConsistencyProof.Verifies(
            [.. proof, left], 3, 4, TreeHash.Node(left, NaiveTree.Root(0, 3)), TreeHash.Node(left, NaiveTree.Root(0, 4))));
    }

    [Theory]
    [InlineData(-1, 5)]
    [InlineData(5, 5)]
    [InlineData(0, 0)]
    public void No_proof_is_made_for_a_leaf_that_is_not_there(long index, long size)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => InclusionProof.Of(index, size, NaiveTree.NodesOf(5)));
        Assert.Equal(-1, InclusionProof.Length(index, size));
    }

    [Fact]
    public void Proofs_of_the_greatest_trees_are_as_long_as_they_should_be()
    {
        const long size = LeafText.IntegerBound - 1;
        var some = NaiveTree.Leaf(1);
        foreach (var index in new[] { 0, 1, size / 3, size / 2, size - 2, size - 1 })
        {
            var proof = InclusionProof.Of(index, size, (_, _) => some);
            Assert.Equal(InclusionProof.Length(index, size), proof.Length);
            Assert.InRange(proof.Length, 1, 53);
            Assert.InRange(ConsistencyProof.Of(index, size, (_, _) => some).Length, 0, 54);
        }
    }

    [Fact]
    public void A_proof_between_two_sizes_is_read_as_it_was_written_and_in_no_other_spelling()
    {
        var proof = ConsistencyProof.Of(123, 300, NaiveTree.NodesOf(300));
        var text = System.Text.Encoding.ASCII.GetBytes(ConsistencyProof.ToText(proof));
        Assert.True(ConsistencyProof.TryParse(text, out var read));
        Assert.Equal(proof, read);
        Assert.False(ConsistencyProof.TryParse(text.AsSpan(..^1), out _));
        Assert.False(ConsistencyProof.TryParse([.. text, (byte)'\n'], out _));
        Assert.False(ConsistencyProof.TryParse([(byte)' ', .. text], out _));
        Assert.True(ConsistencyProof.TryParse([], out read) && read.IsEmpty);
    }
}
