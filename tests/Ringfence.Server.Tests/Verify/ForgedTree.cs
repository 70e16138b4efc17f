using System.Security.Cryptography;

namespace Ringfence.Server.Tests.Verify;

/// <summary>The definitions of RFC 6962 sections 2.1 to 2.1.2, word for word: MTH, PATH and PROOF.</summary>
internal sealed class ForgedTree(IReadOnlyList<byte[]> leaves)
{
    private readonly Dictionary<(int From, int Until), byte[]> known = [];

    public static byte[] Leaf(byte[] body) => SHA256.HashData([0, .. body]);

    public byte[] Root(int size) => Hash(0, size);

    /// <summary>MTH(D[from:until]).</summary>
    public byte[] Root(int from, int until) => Hash(from, until);

    /// <summary>PATH(m, D[n]).</summary>
    public List<byte[]> Inclusion(int index, int size) => Path(index, 0, size);

    /// <summary>PROOF(m, D[n]).</summary>
    public List<byte[]> Consistency(int smaller, int larger) => smaller == 0 ? [] : SubProof(smaller, 0, larger, true);

    private byte[] Hash(int from, int until)
    {
        if (known.TryGetValue((from, until), out var hash))
            return hash;
        var size = until - from;
        hash = size switch
        {
            0 => SHA256.HashData([]),
            1 => Leaf(leaves[from]),
            _ => SHA256.HashData([1, .. Hash(from, from + Split(size)), .. Hash(from + Split(size), until)]),
        };
        return known[(from, until)] = hash;
    }

    private List<byte[]> Path(int index, int from, int until)
    {
        if (until - from == 1)
            return [];
        var middle = from + Split(until - from);
        return from + index < middle
            ? [.. Path(index, from, middle), Hash(middle, until)]
            : [.. Path(index - (middle - from), middle, until), Hash(from, middle)];
    }

    private List<byte[]> SubProof(int smaller, int from, int until, bool whole)
    {
        if (smaller == until - from)
            return whole ? [] : [Hash(from, until)];
        var middle = from + Split(until - from);
        return smaller <= middle - from
            ? [.. SubProof(smaller, from, middle, whole), Hash(middle, until)]
            : [.. SubProof(smaller - (middle - from), middle, until, false), Hash(from, middle)];
    }

    // The largest power of two that is smaller.
    private static int Split(int size)
    {
        var power = 1;
        while (2 * power < size)
            power *= 2;
        return power;
    }
}
