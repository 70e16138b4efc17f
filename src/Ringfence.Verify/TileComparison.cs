namespace Ringfence.Verify;

/// <summary>Compares tiles of hashes with what the records give.</summary>
internal sealed class TileComparison(LedgerFolder folder, string level)
{
    /// <summary>How many files were compared.</summary>
    public int Compared { get; private set; }

    /// <summary>Compares a tile and the narrower ones left from earlier sizes.</summary>
    public void Compare(long index, ReadOnlySpan<byte> hashes, List<(string Check, string Why, long? Record, string? Where)> faults)
    {
        var width = hashes.Length / Tree.HashLength;
        Compared++;
        if (folder.Tile(level, index, width) is not { } file)
            faults.Add(("tile", "missing", null, LedgerFolder.TilePath(level, index, width)));
        else if (file.Bytes.Length != file.Width * Tree.HashLength || !file.Bytes.AsSpan(0, hashes.Length).SequenceEqual(hashes))
            faults.Add(("tile", "other-hashes", null, LedgerFolder.TilePath(level, index, file.Width)));
        foreach (var narrow in folder.Narrow(level, index).Where(narrow => narrow < width))
        {
            Compared++;
            var path = LedgerFolder.TilePath(level, index, narrow);
            if (!folder.Find(path, narrow * Tree.HashLength).AsSpan().SequenceEqual(hashes[..(narrow * Tree.HashLength)]))
                faults.Add(("tile", "other-hashes", null, path));
        }
    }
}

/// <summary>The tiles of level 1 and up, filled from the roots of full tiles below, and compared as they fill.</summary>
internal sealed class UpperTiles(LedgerFolder folder)
{
    private readonly List<(byte[] Hashes, int Width, long Index)> levels = [];

    /// <summary>How many files were compared.</summary>
    public int Compared { get; private set; }

    /// <summary>Adds the root of the next full tile of level 0.</summary>
    public void Add(ReadOnlySpan<byte> root, List<(string Check, string Why, long? Record, string? Where)> faults)
    {
        var hash = root.ToArray();
        for (var level = 0; ; level++)
        {
            if (level == levels.Count)
                levels.Add((new byte[LedgerFolder.TileWidth * Tree.HashLength], 0, 0));
            var (hashes, width, index) = levels[level];
            hash.CopyTo(hashes.AsSpan(width * Tree.HashLength));
            if (++width < LedgerFolder.TileWidth)
            {
                levels[level] = (hashes, width, index);
                return;
            }

            Compare(level + 1, index, hashes, faults);
            TileReading.ReduceTo(hash, hashes);
            levels[level] = (hashes, 0, index + 1);
        }
    }

    /// <summary>Compares what is left: the narrow tiles at the right edge.</summary>
    public void Finish(List<(string Check, string Why, long? Record, string? Where)> faults)
    {
        for (var level = 0; level < levels.Count; level++)
        {
            var (hashes, width, index) = levels[level];
            if (width > 0)
                Compare(level + 1, index, hashes.AsSpan(0, width * Tree.HashLength), faults);
        }
    }

    private void Compare(int level, long index, ReadOnlySpan<byte> hashes, List<(string Check, string Why, long? Record, string? Where)> faults)
    {
        var comparison = new TileComparison(folder, level.ToString(System.Globalization.CultureInfo.InvariantCulture));
        comparison.Compare(index, hashes, faults);
        Compared += comparison.Compared;
    }
}
