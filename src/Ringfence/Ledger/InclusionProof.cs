using System.Numerics;

namespace Ringfence.Ledger;

/// <summary>Proves that a leaf is in a tree: RFC 9162, sections 2.1.3.1 and 2.1.3.2. The hashes go from beside the leaf to below the root.</summary>
public static class InclusionProof
{
    /// <summary>The proof for a leaf of a tree.</summary>
    /// <param name="index">Which leaf, from 0.</param>
    /// <param name="size">How many leaves the tree has.</param>
    /// <param name="nodes">Asked only for subtrees that lie within these leaves.</param>
    /// <exception cref="ArgumentOutOfRangeException">The tree has no such leaf.</exception>
    public static Digest[] Of(long index, long size, TreeNodes nodes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, size);
        var proof = new Digest[Length(index, size)];
        var (start, end) = (0L, size);
        for (var i = proof.Length - 1; i >= 0; i--)
        {
            var middle = start + TreeHash.Split(end - start);
            if (index < middle)
            {
                proof[i] = TreeHash.Range(middle, end, nodes);
                end = middle;
            }
            else
            {
                proof[i] = TreeHash.Range(start, middle, nodes);
                start = middle;
            }
        }

        return proof;
    }

    /// <summary>How many hashes the proof for a leaf has; -1 where the tree has no such leaf.</summary>
    public static int Length(long index, long size)
    {
        if (index < 0 || index >= size)
            return -1;
        // Up to where the ways of this leaf and the last one meet there is a hash for each level; above, one for each time the way goes right.
        var together = BitOperations.Log2(((ulong)index ^ (ulong)(size - 1)) << 1 | 1);
        return together + BitOperations.PopCount((ulong)index >> together);
    }

    /// <summary>Whether the proof shows the leaf at this place of the tree with this root. Proofs with a hash too few or too many show nothing.</summary>
    public static bool Verifies(ReadOnlySpan<Digest> proof, long index, long size, Digest leaf, Digest root)
    {
        if (index < 0 || index >= size)
            return false;
        var (place, last) = (index, size - 1);
        var hash = leaf;
        foreach (var beside in proof)
        {
            if (last == 0)
                return false;
            if ((place & 1) == 1 || place == last)
            {
                hash = TreeHash.Node(beside, hash);
                // The right edge has levels without a neighbour.
                while ((place & 1) == 0 && place != 0)
                    (place, last) = (place >> 1, last >> 1);
            }
            else
            {
                hash = TreeHash.Node(hash, beside);
            }

            (place, last) = (place >> 1, last >> 1);
        }

        return last == 0 && hash == root;
    }
}
