namespace Ringfence.Verify;

/// <summary>A digest, held without an object of its own.</summary>
internal readonly record struct Digest(UInt128 High, UInt128 Low)
{
    /// <summary>The digest that 64 lower-case hexadecimal digits are.</summary>
    public static Digest Of(ReadOnlySpan<byte> hex)
    {
        Span<byte> bytes = stackalloc byte[32];
        Convert.FromHexString(hex, bytes, out _, out _);
        return new Digest(System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(bytes), System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(bytes[16..]));
    }

    public override string ToString() => $"{High:x32}{Low:x32}";
}

/// <summary>One tile of records, read and checked by itself. Several are at work at the same time; what is between tiles is checked after.</summary>
internal sealed class TileReading(LedgerFolder folder, bool full)
{
    private readonly Leaf leaf = new();

    /// <summary>The hashes of its records, one after the other.</summary>
    public byte[] Hashes { get; } = new byte[LedgerFolder.TileWidth * Tree.HashLength];

    /// <summary>When each of its records was put in order.</summary>
    public long[] Times { get; } = new long[LedgerFolder.TileWidth];

    public int Width { get; private set; }

    /// <summary>The root over a full tile's hashes.</summary>
    public byte[] Root { get; } = new byte[Tree.HashLength];

    /// <summary>What is wrong: the check, a stable word, the record or the file.</summary>
    public List<(string Check, string Why, long? Record, string? Where)> Faults { get; } = [];

    /// <summary>Documents that its records name, each with the first that does.</summary>
    public Dictionary<Digest, (long Record, string Why)> Documents { get; } = [];

    /// <summary>What its records say of the ledger's name.</summary>
    public List<NameSaid> Names { get; } = [];

    /// <summary>How many tiles and parts of tiles were compared.</summary>
    public int Compared { get; private set; }

    /// <summary>Whether the records are there, so that their hashes count.</summary>
    public bool IsComplete { get; private set; }

    public void Read(long index, int width)
    {
        (Width, Compared, IsComplete) = (width, 0, false);
        Faults.Clear();
        Documents.Clear();
        Names.Clear();
        var path = LedgerFolder.TilePath("entries", index, width);
        if (folder.Tile("entries", index, width) is not { } file)
        {
            Faults.Add(("entries", "missing", null, path));
            return;
        }

        if (LedgerFolder.Entries(file.Bytes, width, file.Width > width) is not { } entries)
        {
            Faults.Add(("entries", "not-the-format", null, path));
            return;
        }

        for (var i = 0; i < width; i++)
            Check(file.Bytes.AsMemory()[entries[i]], (index * LedgerFolder.TileWidth) + i, i);
        IsComplete = true;
        if (width == LedgerFolder.TileWidth)
            ReduceTo(Root, Hashes);
        if (!full)
            return;
        CompareHashes(index);
        CompareNarrowEntries(index, file.Bytes, entries);
    }

    private void Check(ReadOnlyMemory<byte> body, long seq, int place)
    {
        Tree.Leaf(body.Span, Hashes.AsSpan(place * Tree.HashLength, Tree.HashLength));
        var fault = leaf.Read(body);
        Times[place] = leaf.At;
        if (fault is not null)
        {
            Faults.Add(("record", fault, seq, null));
            return;
        }

        if (leaf.Seq != seq)
            Faults.Add(("record", "other-place", seq, null));
        if ((seq == 0) != leaf.IsGenesis)
            Faults.Add(("record", "genesis", seq, null));
        else if (NameSaid.Of(leaf) is { } said)
            Names.Add(said with { Record = seq });
        Documents.TryAdd(Digest.Of(leaf.Bytes("controller")), (seq, "controller-missing"));
        if (leaf.Bytes("notice.doc") is { Length: > 0 } notice)
            Documents.TryAdd(Digest.Of(notice), (seq, "notice-missing"));
    }

    /// <summary>The root of a full tile.</summary>
    public static void ReduceTo(Span<byte> root, ReadOnlySpan<byte> hashes)
    {
        Span<byte> row = stackalloc byte[LedgerFolder.TileWidth * Tree.HashLength];
        hashes.CopyTo(row);
        for (var nodes = LedgerFolder.TileWidth / 2; nodes > 0; nodes /= 2)
        {
            for (var i = 0; i < nodes; i++)
                Tree.Node(row.Slice(2 * i * Tree.HashLength, Tree.HashLength), row.Slice(((2 * i) + 1) * Tree.HashLength, Tree.HashLength), row.Slice(i * Tree.HashLength, Tree.HashLength));
        }

        row[..Tree.HashLength].CopyTo(root);
    }

    private void CompareHashes(long index)
    {
        var comparison = new TileComparison(folder, "0");
        comparison.Compare(index, Hashes.AsSpan(0, Width * Tree.HashLength), Faults);
        Compared += comparison.Compared;
    }

    // A narrower tile from an earlier size begins as the wider one does.
    private void CompareNarrowEntries(long index, byte[] bytes, List<Range> entries)
    {
        foreach (var narrow in folder.Narrow("entries", index).Where(narrow => narrow < Width))
        {
            Compared++;
            var path = LedgerFolder.TilePath("entries", index, narrow);
            var end = entries[narrow - 1].End.Value;
            if (!folder.Find(path, end).AsSpan().SequenceEqual(bytes.AsSpan(0, end)))
                Faults.Add(("entries", "not-as-the-wider", null, path));
        }
    }
}
