namespace Ringfence.Ledger;

/// <summary>Cuts a growing tree into tiles: takes the hashes of leaves and gives every tile once it is full.</summary>
/// <remarks>Keeps the partial tiles of the right edge, a tile for each level. Not safe for several threads.</remarks>
public sealed class TileGrowth
{
    private readonly List<Digest[]> edge = [];

    /// <summary>A tree without leaves.</summary>
    public TileGrowth()
    {
    }

    /// <summary>Goes on where a tree stands.</summary>
    /// <param name="size">How many leaves the tree has.</param>
    /// <param name="nodes">Asked only for the hashes of the partial tiles of that tree.</param>
    public TileGrowth(long size, TreeNodes nodes)
    {
        ArgumentNullException.ThrowIfNull(nodes);
        foreach (var tile in Tile.OfTree(size).Where(t => t.Width < Tile.FullWidth))
        {
            var hashes = EdgeOf(tile.Level);
            for (var i = 0; i < tile.Width; i++)
                hashes[i] = nodes(tile.Level * Tile.LevelHeight, tile.Index * Tile.FullWidth + i);
        }

        Size = size;
    }

    /// <summary>How many leaves the tree has.</summary>
    public long Size { get; private set; }

    /// <summary>Adds the hash of the next leaf.</summary>
    /// <param name="leaf">It.</param>
    /// <param name="full">Called with each tile that becomes full and its hashes, which it must copy, the lower level first.</param>
    public void Append(Digest leaf, Action<Tile, ReadOnlySpan<Digest>> full)
    {
        ArgumentNullException.ThrowIfNull(full);
        var hash = leaf;
        var index = Size++;
        for (var level = 0; ; level++)
        {
            var hashes = EdgeOf(level);
            hashes[index % Tile.FullWidth] = hash;
            if (index % Tile.FullWidth != Tile.FullWidth - 1)
                return;
            index /= Tile.FullWidth;
            full(new(level, index), hashes);
            hash = RootOf(hashes);
        }
    }

    /// <summary>The partial tiles as they stand, with their hashes: those that a checkpoint of this size needs beside the full ones.</summary>
    public IEnumerable<(Tile Tile, ReadOnlyMemory<Digest> Hashes)> Partial()
    {
        foreach (var tile in Tile.OfTree(Size).Where(t => t.Width < Tile.FullWidth))
            yield return (tile, edge[tile.Level].AsMemory(0, tile.Width));
    }

    private Digest[] EdgeOf(int level)
    {
        while (edge.Count <= level)
            edge.Add(new Digest[Tile.FullWidth]);
        return edge[level];
    }

    private static Digest RootOf(ReadOnlySpan<Digest> hashes)
    {
        var tree = new Frontier();
        tree.Append(hashes);
        return tree.Root;
    }
}
