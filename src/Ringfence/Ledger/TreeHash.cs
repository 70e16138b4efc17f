using System.Buffers;
using System.Numerics;
using System.Security.Cryptography;

namespace Ringfence.Ledger;

/// <summary>Gives the hash of a complete subtree: the one over the leaves from <c>index * 2^level</c> to <c>(index + 1) * 2^level</c>, the last not included.</summary>
public delegate Digest TreeNodes(int level, long index);

/// <summary>The hashes of the tree of RFC 6962 and RFC 9162, section 2.1.</summary>
public static class TreeHash
{
    // A leaf and a node begin differently, so that neither can pass for the other.
    private const byte LeafPrefix = 0;
    private const byte NodePrefix = 1;

    // Most records are shorter; a longer one borrows its room.
    private const int OnStack = 1024;

    /// <summary>The root of a tree without leaves: SHA-256 of nothing.</summary>
    public static Digest EmptyRoot { get; } = Sha256(default);

    /// <summary>SHA-256 of the bytes as they are.</summary>
    public static Digest Sha256(ReadOnlySpan<byte> bytes)
    {
        Span<byte> hash = stackalloc byte[Digest.Size];
        SHA256.HashData(bytes, hash);
        return new(hash);
    }

    /// <summary>The hash of a leaf: <c>SHA-256(0x00 || body)</c>.</summary>
    public static Digest Leaf(ReadOnlySpan<byte> body)
    {
        var borrowed = body.Length < OnStack ? null : ArrayPool<byte>.Shared.Rent(body.Length + 1);
        var bytes = borrowed ?? stackalloc byte[OnStack];
        bytes[0] = LeafPrefix;
        body.CopyTo(bytes[1..]);
        var hash = Sha256(bytes[..(body.Length + 1)]);
        if (borrowed is not null)
            ArrayPool<byte>.Shared.Return(borrowed);
        return hash;
    }

    /// <summary>The hash of two subtrees beside each other: <c>SHA-256(0x01 || left || right)</c>.</summary>
    public static Digest Node(in Digest left, in Digest right)
    {
        Span<byte> bytes = stackalloc byte[1 + 2 * Digest.Size];
        bytes[0] = NodePrefix;
        left.Bytes.CopyTo(bytes[1..]);
        right.Bytes.CopyTo(bytes[(1 + Digest.Size)..]);
        return Sha256(bytes);
    }

    /// <summary>The root of the first leaves of a tree.</summary>
    /// <param name="size">How many leaves, 0 or more.</param>
    /// <param name="nodes">Asked only for subtrees that lie within these leaves.</param>
    public static Digest Root(long size, TreeNodes nodes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        return size == 0 ? EmptyRoot : Range(0, size, nodes);
    }

    /// <summary>The hash over the leaves from <paramref name="start"/> up to <paramref name="end"/>, not included, as a part of a tree.</summary>
    // Invariant: start is a multiple of the greatest power of two that is not above the length, so that what is asked for is complete and aligned.
    internal static Digest Range(long start, long end, TreeNodes nodes)
    {
        // Complete subtrees from the right, the smallest first: each step puts the next greater one to the left.
        var level = BitOperations.TrailingZeroCount(end - start);
        end -= 1L << level;
        var hash = nodes(level, end >> level);
        while (end > start)
        {
            level = BitOperations.TrailingZeroCount(end - start);
            end -= 1L << level;
            hash = Node(nodes(level, end >> level), hash);
        }

        return hash;
    }

    /// <summary>How many leaves go left in a tree of two or more: the greatest power of two below its size.</summary>
    internal static long Split(long size) => 1L << BitOperations.Log2((ulong)size - 1);
}
