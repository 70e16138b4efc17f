namespace Ringfence.Ledger;

/// <summary>Answers for the hashes of complete subtrees out of the tiles of a tree, so that proofs can be made from files or rows.</summary>
/// <param name="size">How many leaves the tree has.</param>
/// <param name="read">Gives the bytes of a tile of that tree: those that <see cref="Tile.OfTree"/> names. Asked at most once for each.</param>
/// <remarks>It keeps the tiles it was given, a proof needs few. Not safe for several threads.</remarks>
public sealed class TileNodes(long size, Func<Tile, ReadOnlyMemory<byte>> read)
{
    private readonly Dictionary<Tile, ReadOnlyMemory<byte>> tiles = [];

    /// <summary>The hash of a complete subtree; a <see cref="TreeNodes"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It does not lie within the tree.</exception>
    /// <exception cref="InvalidDataException">A tile has another width than it should.</exception>
    public Digest At(int level, long index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(level);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(level, 62);
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, size >> level);
        var tileLevel = level / Tile.LevelHeight;
        // How many hashes of the tile the subtree has: 1 to 128.
        var width = 1 << level % Tile.LevelHeight;
        var first = index * width;
        var tile = TileAt(tileLevel, first / Tile.FullWidth);
        return Fold(tile.Span.Slice((int)(first % Tile.FullWidth) * Digest.Size, width * Digest.Size));
    }

    private ReadOnlyMemory<byte> TileAt(int level, long index)
    {
        var hashes = size >> level * Tile.LevelHeight;
        var tile = new Tile(level, index, (int)Math.Min(Tile.FullWidth, hashes - index * Tile.FullWidth));
        if (tiles.TryGetValue(tile, out var known))
            return known;
        var bytes = read(tile);
        if (bytes.Length != tile.Bytes)
            throw new InvalidDataException($"{tile.Path} has {bytes.Length} bytes, not {tile.Bytes}.");
        tiles.Add(tile, bytes);
        return bytes;
    }

    private static Digest Fold(ReadOnlySpan<byte> hashes)
    {
        if (hashes.Length == Digest.Size)
            return new(hashes);
        var half = hashes.Length / 2;
        return TreeHash.Node(Fold(hashes[..half]), Fold(hashes[half..]));
    }
}
