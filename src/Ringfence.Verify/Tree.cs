using System.Security.Cryptography;

namespace Ringfence.Verify;

/// <summary>The Merkle tree of RFC 6962 section 2.1: hashes, and the two proofs as RFC 9162 sections 2.1.3.2 and 2.1.4.2 check them.</summary>
internal static class Tree
{
    public const int HashLength = 32;

    private const int OnTheStack = 1024;

    /// <summary>The root of a tree without leaves.</summary>
    public static byte[] EmptyRoot => SHA256.HashData([]);

    /// <summary>The hash of a record.</summary>
    public static void Leaf(ReadOnlySpan<byte> body, Span<byte> hash)
    {
        var input = body.Length < OnTheStack ? stackalloc byte[body.Length + 1] : new byte[body.Length + 1];
        input[0] = 0;
        body.CopyTo(input[1..]);
        SHA256.HashData(input, hash);
    }

    public static byte[] Leaf(ReadOnlySpan<byte> body)
    {
        var hash = new byte[HashLength];
        Leaf(body, hash);
        return hash;
    }

    /// <summary>The hash over two hashes. It may be written where one of them stands.</summary>
    public static void Node(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right, Span<byte> hash)
    {
        Span<byte> input = stackalloc byte[1 + (2 * HashLength)];
        input[0] = 1;
        left.CopyTo(input[1..]);
        right.CopyTo(input[(1 + HashLength)..]);
        SHA256.HashData(input, hash);
    }

    public static byte[] Node(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        var hash = new byte[HashLength];
        Node(left, right, hash);
        return hash;
    }

    /// <summary>Whether the leaf stands at its index in the tree of that size and root. A hash too many or too few is a false proof.</summary>
    public static bool Includes(long index, long size, ReadOnlySpan<byte> leaf, IReadOnlyList<byte[]> proof, ReadOnlySpan<byte> root)
    {
        if (index < 0 || index >= size)
            return false;
        var (at, last) = (index, size - 1);
        var hash = leaf.ToArray();
        foreach (var step in proof)
        {
            if (last == 0)
                return false;
            if ((at & 1) == 1 || at == last)
            {
                hash = Node(step, hash);
                while ((at & 1) == 0 && at != 0)
                    (at, last) = (at >> 1, last >> 1);
            }
            else
            {
                hash = Node(hash, step);
            }

            (at, last) = (at >> 1, last >> 1);
        }

        return last == 0 && root.SequenceEqual(hash);
    }

    /// <summary>Whether the larger tree begins with the smaller one. Trees of one size need the same root and no hash, and every tree begins with the empty one.</summary>
    public static bool Extends(long smaller, ReadOnlySpan<byte> smallerRoot, long larger, ReadOnlySpan<byte> largerRoot, IReadOnlyList<byte[]> proof)
    {
        if (smaller < 0 || smaller > larger)
            return false;
        if (smaller == larger)
            return proof.Count == 0 && smallerRoot.SequenceEqual(largerRoot) && (smaller > 0 || smallerRoot.SequenceEqual(EmptyRoot));
        if (smaller == 0)
            return proof.Count == 0 && smallerRoot.SequenceEqual(EmptyRoot);

        var next = 0;
        var (at, last) = (smaller - 1, larger - 1);
        while ((at & 1) == 1)
            (at, last) = (at >> 1, last >> 1);
        // A smaller tree that is complete is itself where both computations begin; the proof leaves it out.
        var complete = (smaller & (smaller - 1)) == 0;
        if (!complete && proof.Count == 0)
            return false;
        var start = complete ? smallerRoot.ToArray() : proof[next++];
        var (old, grown) = (start, start);
        for (; next < proof.Count; next++)
        {
            if (last == 0)
                return false;
            if ((at & 1) == 1 || at == last)
            {
                old = Node(proof[next], old);
                grown = Node(proof[next], grown);
                while ((at & 1) == 0 && at != 0)
                    (at, last) = (at >> 1, last >> 1);
            }
            else
            {
                grown = Node(grown, proof[next]);
            }

            (at, last) = (at >> 1, last >> 1);
        }

        return last == 0 && smallerRoot.SequenceEqual(old) && largerRoot.SequenceEqual(grown);
    }
}

/// <summary>The right edge of a tree that grows: the roots of its complete subtrees, the largest first.</summary>
internal sealed class Frontier
{
    private readonly byte[] hashes = new byte[64 * Tree.HashLength];

    private int count;

    /// <summary>How many leaves the tree has.</summary>
    public long Size { get; private set; }

    /// <summary>Adds a complete subtree of 2^level leaves. The size has to be a multiple of that.</summary>
    public void Add(ReadOnlySpan<byte> hash, int level)
    {
        var leaves = 1L << level;
        if (Size % leaves != 0)
            throw new ArgumentException("A subtree begins at a multiple of its size.", nameof(level));
        hash.CopyTo(At(count++));
        for (var filled = Size >> level; (filled & 1) == 1; filled >>= 1)
        {
            count--;
            Tree.Node(At(count - 1), At(count), At(count - 1));
        }

        Size += leaves;
    }

    /// <summary>The root at the present size.</summary>
    public byte[] Root()
    {
        if (count == 0)
            return Tree.EmptyRoot;
        var root = At(count - 1).ToArray();
        for (var i = count - 2; i >= 0; i--)
            Tree.Node(At(i), root, root);
        return root;
    }

    private Span<byte> At(int place) => hashes.AsSpan(place * Tree.HashLength, Tree.HashLength);
}
