using System.Numerics;
using System.Runtime.InteropServices;

namespace Ringfence.Ledger;

/// <summary>The right edge of a tree: the roots of its complete subtrees, from the greatest to the smallest. All that is needed to append.</summary>
/// <remarks>One hash for each bit that is set in the size, so at most 63. Not safe for several threads.</remarks>
public sealed class Frontier
{
    private readonly Digest[] hashes = new Digest[64];
    private int count;

    /// <summary>The edge of a tree without leaves.</summary>
    public Frontier()
    {
    }

    /// <summary>The edge as it was stored.</summary>
    /// <param name="size">How many leaves the tree has.</param>
    /// <param name="bytes">What <see cref="ToBytes"/> gave.</param>
    /// <exception cref="ArgumentException">There are not as many hashes as that size has.</exception>
    public Frontier(long size, ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        if (bytes.Length != BitOperations.PopCount((ulong)size) * Digest.Size)
            throw new ArgumentException("The edge does not have as many hashes as a tree of this size.", nameof(bytes));
        Size = size;
        foreach (var hash in MemoryMarshal.Cast<byte, Digest>(bytes))
            hashes[count++] = hash;
    }

    /// <summary>How many leaves the tree has.</summary>
    public long Size { get; private set; }

    /// <summary>The root of the tree.</summary>
    public Digest Root
    {
        get
        {
            if (count == 0)
                return TreeHash.EmptyRoot;
            var root = hashes[count - 1];
            for (var i = count - 2; i >= 0; i--)
                root = TreeHash.Node(hashes[i], root);
            return root;
        }
    }

    /// <summary>Adds the hash of the next leaf.</summary>
    public void Append(Digest leaf)
    {
        // As many subtrees are completed as there are bits carried when counting on.
        var hash = leaf;
        for (var carried = Size; (carried & 1) == 1; carried >>= 1)
            hash = TreeHash.Node(hashes[--count], hash);
        hashes[count++] = hash;
        Size++;
    }

    /// <summary>Adds the hashes of the next leaves.</summary>
    public void Append(ReadOnlySpan<Digest> leaves)
    {
        foreach (var leaf in leaves)
            Append(leaf);
    }

    /// <summary>Another edge that goes its own way from here, such as one that is thrown away when a batch fails.</summary>
    public Frontier Copy() => new(Size, MemoryMarshal.AsBytes(hashes.AsSpan(0, count)));

    /// <summary>The hashes, 32 bytes each, from the greatest subtree to the smallest.</summary>
    public byte[] ToBytes() => MemoryMarshal.AsBytes(hashes.AsSpan(0, count)).ToArray();
}
