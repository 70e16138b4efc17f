using System.Collections.Concurrent;
using Ringfence.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Ledger;

/// <summary>The hashes of a ledger's tree out of its store: full tiles as they are kept, everything else made from them and from the leaves.</summary>
/// <remarks>Tiles are a convenience: where they are missing, the same hashes come out of the leaves, slower.</remarks>
internal sealed class TileStore(ILedgerStore store, long ledger)
{
    // Roots of full tiles along the right edge: 32 bytes each, 256 to a tile and level. More come only of reading far and wide.
    private const int MostRoots = 1 << 16;

    private readonly ConcurrentDictionary<Tile, Digest> roots = [];

    /// <summary>The hashes of complete subtrees of the tree of this size.</summary>
    public TreeNodes NodesAt(long size) => new TileNodes(size, Read).At;

    /// <summary>The proof that the first records are another ledger, smaller.</summary>
    public Digest[] Consistency(long from, long to) => ConsistencyProof.Of(from, to, NodesAt(to));

    /// <summary>The proof for a record.</summary>
    public Digest[] Inclusion(long seq, long size) => InclusionProof.Of(seq, size, NodesAt(size));

    /// <summary>The root of the tree of this size.</summary>
    public Digest Root(long size) => TreeHash.Root(size, NodesAt(size));

    /// <summary>The bytes of a tile, full or not; the ledger has to be large enough.</summary>
    /// <exception cref="StoreException"><see cref="StoreFault.Damaged"/>: leaves are missing.</exception>
    public ReadOnlyMemory<byte> Read(Tile tile)
    {
        if (tile.Width == Tile.FullWidth && store.TileAsync(ledger, tile.Level, tile.Index, CancellationToken.None).GetAwaiter().GetResult() is { } kept)
            return kept;
        return Make(tile);
    }

    /// <summary>The bytes of a tile, made from the leaves or from the tiles below.</summary>
    public ReadOnlyMemory<byte> Make(Tile tile)
    {
        var first = tile.Index * Tile.FullWidth;
        if (tile.Level == 0)
        {
            var leaves = store.LeavesAsync(ledger, first, first + tile.Width, CancellationToken.None).GetAwaiter().GetResult();
            return leaves.Length == tile.Bytes ? leaves : throw new StoreException(StoreFault.Damaged, $"Records from {first} on are missing.");
        }

        var bytes = new byte[tile.Bytes];
        for (var i = 0; i < tile.Width; i++)
            RootOf(new Tile(tile.Level - 1, first + i)).Bytes.CopyTo(bytes.AsSpan(i * Digest.Size));
        return bytes;
    }

    private Digest RootOf(Tile full)
    {
        if (roots.TryGetValue(full, out var known))
            return known;
        var root = TileHashes.RootOf(Read(full).Span);
        if (roots.Count >= MostRoots)
            roots.Clear();
        roots[full] = root;
        return root;
    }
}

/// <summary>Tiles as bytes.</summary>
internal static class TileHashes
{
    /// <summary>The root over the hashes of a full tile.</summary>
    public static Digest RootOf(ReadOnlySpan<byte> bytes)
    {
        var tree = new Frontier();
        for (var at = 0; at < bytes.Length; at += Digest.Size)
            tree.Append(new Digest(bytes.Slice(at, Digest.Size)));
        return tree.Root;
    }
}
