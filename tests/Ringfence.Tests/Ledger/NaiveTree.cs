using System.Security.Cryptography;
using Ringfence.Ledger;

namespace Ringfence.Tests.Ledger;

/// <summary>The tree as RFC 6962, section 2.1, defines it, by recursion over lists of leaves. Slow, and written apart from the product.</summary>
internal static class NaiveTree
{
    private static readonly Dictionary<(int, int), Digest> Known = [];

    /// <summary>The n-th leaf of a test tree: its bytes are its number.</summary>
    public static Digest Leaf(int n) => Hash([0, .. BitConverter.GetBytes(n)]);

    /// <summary>MTH(D[start:end]).</summary>
    public static Digest Root(int start, int end)
    {
        if (start == end)
            return Hash([]);
        if (end - start == 1)
            return Leaf(start);
        lock (Known)
        {
            if (!Known.TryGetValue((start, end), out var hash))
            {
                var k = LargestPowerBelow(end - start);
                hash = Hash([1, .. Root(start, start + k).Bytes, .. Root(start + k, end).Bytes]);
                Known.Add((start, end), hash);
            }

            return hash;
        }
    }

    /// <summary>PATH(m, D[start:end]).</summary>
    public static List<Digest> Path(int m, int start, int end)
    {
        var n = end - start;
        if (n == 1)
            return [];
        var k = LargestPowerBelow(n);
        return m < k
            ? [.. Path(m, start, start + k), Root(start + k, end)]
            : [.. Path(m - k, start + k, end), Root(start, start + k)];
    }

    /// <summary>PROOF(m, D[0:n]), 0 &lt; m &lt; n.</summary>
    public static List<Digest> Proof(int m, int n) => SubProof(m, 0, n, true);

    /// <summary>A subtree, for proofs to be made from; refuses one that is not complete or goes beyond the tree.</summary>
    public static TreeNodes NodesOf(int size) => (level, index) =>
    {
        var (start, end) = (index << level, (index + 1) << level);
        if (level < 0 || start < 0 || end > size)
            throw new ArgumentOutOfRangeException(nameof(size), $"{start} to {end} of {size}");
        return Root((int)start, (int)end);
    };

    private static List<Digest> SubProof(int m, int start, int end, bool whole)
    {
        var n = end - start;
        if (m == n)
            return whole ? [] : [Root(start, end)];
        var k = LargestPowerBelow(n);
        return m <= k
            ? [.. SubProof(m, start, start + k, whole), Root(start + k, end)]
            : [.. SubProof(m - k, start + k, end, false), Root(start, start + k)];
    }

    private static int LargestPowerBelow(int n)
    {
        var k = 1;
        while (2 * k < n)
            k *= 2;
        return k;
    }

    private static Digest Hash(byte[] bytes) => new(SHA256.HashData(bytes));
}
