using System.Collections.Immutable;
using System.Numerics;
using System.Text;

namespace Ringfence.Ledger;

/// <summary>Proves that a tree is the beginning of a greater one: RFC 9162, sections 2.1.4.1 and 2.1.4.2.</summary>
public static class ConsistencyProof
{
    // A tree of 2^53 leaves has as many levels; one hash more where the smaller tree is not complete.
    private const int MostHashes = 54;

    /// <summary>The proof that the first leaves of a tree are another tree; empty where one of them has no leaves or both are the same.</summary>
    /// <param name="from">How many leaves the smaller tree has.</param>
    /// <param name="to">How many leaves the greater tree has.</param>
    /// <param name="nodes">Asked only for subtrees that lie within the greater tree.</param>
    /// <exception cref="ArgumentOutOfRangeException">The smaller tree is the greater one, or has less than no leaves.</exception>
    public static Digest[] Of(long from, long to, TreeNodes nodes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(from);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(from, to);
        if (from == 0 || from == to)
            return [];

        var proof = new List<Digest>();
        var (start, end) = (0L, to);
        // Down to the subtree that ends where the smaller tree does.
        while (end != from)
        {
            var middle = start + TreeHash.Split(end - start);
            if (from <= middle)
            {
                proof.Add(TreeHash.Range(middle, end, nodes));
                end = middle;
            }
            else
            {
                proof.Add(TreeHash.Range(start, middle, nodes));
                start = middle;
            }
        }

        // Where it is the whole smaller tree, its root is known already.
        if (start > 0)
            proof.Add(TreeHash.Range(start, end, nodes));
        proof.Reverse();
        return [.. proof];
    }

    /// <summary>Whether the proof shows that both roots are of one tree at two sizes. Proofs with a hash too few or too many show nothing.</summary>
    public static bool Verifies(ReadOnlySpan<Digest> proof, long from, long to, Digest fromRoot, Digest toRoot)
    {
        if (from < 0 || from > to)
            return false;
        if (from == to)
            return proof.IsEmpty && fromRoot == toRoot;
        if (from == 0)
            return proof.IsEmpty && fromRoot == TreeHash.EmptyRoot;

        var (place, last) = (from - 1, to - 1);
        while ((place & 1) == 1)
            (place, last) = (place >> 1, last >> 1);
        // A smaller tree that is complete is itself the hash to begin with.
        if (!BitOperations.IsPow2(from))
        {
            if (proof.IsEmpty)
                return false;
            return Meets(proof[1..], place, last, proof[0], fromRoot, toRoot);
        }

        return Meets(proof, place, last, fromRoot, fromRoot, toRoot);
    }

    /// <summary>A proof as text: base64, one hash a line.</summary>
    public static string ToText(ReadOnlySpan<Digest> proof)
    {
        var text = new StringBuilder();
        foreach (var hash in proof)
            text.Append(hash.ToBase64()).Append('\n');
        return text.ToString();
    }

    /// <summary>Reads a proof as <see cref="ToText"/> writes it.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out ImmutableArray<Digest> proof)
    {
        proof = [];
        var read = ImmutableArray.CreateBuilder<Digest>();
        while (!text.IsEmpty)
        {
            if (read.Count == MostHashes || !WireText.TryTakeLine(ref text, out var line) || !Digest.TryParseBase64(line, out var hash))
                return false;
            read.Add(hash);
        }

        proof = read.DrainToImmutable();
        return true;
    }

    private static bool Meets(ReadOnlySpan<Digest> proof, long place, long last, Digest first, Digest fromRoot, Digest toRoot)
    {
        var (smaller, greater) = (first, first);
        foreach (var beside in proof)
        {
            if (last == 0)
                return false;
            if ((place & 1) == 1 || place == last)
            {
                smaller = TreeHash.Node(beside, smaller);
                greater = TreeHash.Node(beside, greater);
                while ((place & 1) == 0 && place != 0)
                    (place, last) = (place >> 1, last >> 1);
            }
            else
            {
                greater = TreeHash.Node(greater, beside);
            }

            (place, last) = (place >> 1, last >> 1);
        }

        return last == 0 && smaller == fromRoot && greater == toRoot;
    }
}
