using System.Security.Cryptography;

namespace Ringfence.Server.Tests.Verify;

/// <summary>Proofs checked along the recursive definitions of RFC 6962 sections 2.1.1 and 2.1.2.</summary>
internal static class SecondTree
{
    public static bool Includes(long index, long size, byte[] leaf, ReadOnlySpan<byte[]> proof, byte[] root) =>
        index >= 0 && index < size && Climb(index, size, leaf, proof) is { } climbed && climbed.SequenceEqual(root);

    public static bool Extends(long smaller, byte[] smallerRoot, long larger, byte[] largerRoot, ReadOnlySpan<byte[]> proof)
    {
        if (smaller > larger)
            return false;
        if (smaller == 0)
            return proof.Length == 0 && smallerRoot.SequenceEqual(SHA256.HashData([])) && (larger > 0 || largerRoot.SequenceEqual(smallerRoot));
        return Both(smaller, larger, true, smallerRoot, proof) is var (old, grown) && old.SequenceEqual(smallerRoot) && grown.SequenceEqual(largerRoot);
    }

    private static byte[]? Climb(long index, long size, byte[] leaf, ReadOnlySpan<byte[]> proof)
    {
        if (size == 1)
            return proof.Length == 0 ? leaf : null;
        if (proof.Length == 0)
            return null;
        var left = Left(size);
        return index < left
            ? Node(Climb(index, left, leaf, proof[..^1]), proof[^1])
            : Node(proof[^1], Climb(index - left, size - left, leaf, proof[..^1]));
    }

    private static (byte[] Old, byte[] Grown)? Both(long smaller, long larger, bool whole, byte[] smallerRoot, ReadOnlySpan<byte[]> proof)
    {
        if (smaller == larger)
            return whole ? proof.Length == 0 ? (smallerRoot, smallerRoot) : null : proof.Length == 1 ? (proof[0], proof[0]) : null;
        if (proof.Length == 0)
            return null;
        var left = Left(larger);
        if (smaller <= left)
            return Both(smaller, left, whole, smallerRoot, proof[..^1]) is var (old, grown) ? (old, Node(grown, proof[^1])!) : null;
        return Both(smaller - left, larger - left, false, smallerRoot, proof[..^1]) is var (right, rightGrown)
            ? (Node(proof[^1], right)!, Node(proof[^1], rightGrown)!) : null;
    }

    private static byte[]? Node(byte[]? left, byte[]? right) => left is null || right is null ? null : SHA256.HashData([1, .. left, .. right]);

    private static long Left(long size) => size <= 2 ? 1 : 2 * Left((size + 1) / 2);
}
