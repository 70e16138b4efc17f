using System.Buffers.Binary;
using System.Globalization;

namespace Ringfence.Verify;

/// <summary>The files of a published ledger: see "Files of a ledger" in <c>docs/reference/ledger.md</c>.</summary>
internal sealed class LedgerFolder
{
    /// <summary>Hashes or records in a full tile.</summary>
    public const int TileWidth = 256;

    private const int LongestEntries = TileWidth * (2 + LeafText.LongestBytes);

    private readonly string root;

    public LedgerFolder(string root)
    {
        this.root = root;
        if (!Directory.Exists(root))
            throw new UnusableException("no-such-file", root);
    }

    /// <summary>Whether records are there, not only hashes.</summary>
    public bool HasEntries => Directory.Exists(Path.Combine(root, "tile", "entries"));

    /// <summary>The bytes of a file by its path in the contract; null where it is not there. One longer than that is cut off to nothing.</summary>
    public byte[]? Find(string path, long longest)
    {
        var file = Path.Combine(root, path);
        if (!File.Exists(file))
            return null;
        Files.TryRead(file, longest, out var bytes);
        return bytes;
    }

    /// <summary>The bytes of a file that has to be there.</summary>
    public byte[] Read(string path, long longest) => Files.Read(Path.Combine(root, path), longest);

    public bool Has(string path) => File.Exists(Path.Combine(root, path));

    /// <summary>The path of a tile of hashes (<c>0</c> and up) or of records (<c>entries</c>); narrower ones say how wide they are.</summary>
    public static string TilePath(string level, long index, int width = TileWidth)
    {
        var path = (index % 1000).ToString("000", CultureInfo.InvariantCulture);
        for (var rest = index / 1000; rest > 0; rest /= 1000)
            path = string.Create(CultureInfo.InvariantCulture, $"x{rest % 1000:000}/{path}");
        return width == TileWidth ? $"tile/{level}/{path}" : string.Create(CultureInfo.InvariantCulture, $"tile/{level}/{path}.p/{width}");
    }

    /// <summary>The bytes of a tile of at least that width, and how wide it is by its name; null where there is none.</summary>
    /// <remarks>Narrow tiles may be taken away once there are wider ones.</remarks>
    public (byte[] Bytes, int Width)? Tile(string level, long index, int width)
    {
        int[] widths = [width, TileWidth, .. Narrow(level, index).Where(other => other > width).OrderDescending()];
        foreach (var wide in widths)
        {
            if (Find(TilePath(level, index, wide), level == "entries" ? LongestEntries : TileWidth * Tree.HashLength) is { } bytes)
                return (bytes, wide);
        }

        return null;
    }

    /// <summary>The widths of the narrow tiles that are there for one place.</summary>
    public IEnumerable<int> Narrow(string level, long index)
    {
        var folder = Path.Combine(root, TilePath(level, index) + ".p");
        if (!Directory.Exists(folder))
            yield break;
        foreach (var file in Directory.EnumerateFiles(folder))
        {
            if (Encodings.TryCount(Path.GetFileName(file), out var width) && width is > 0 and < TileWidth)
                yield return (int)width;
        }
    }

    /// <summary>The sizes that files of a folder are named by, rising, and how many other files are there.</summary>
    public (List<long> Sizes, long Others) Sizes(string folder, string extension)
    {
        var sizes = new List<long>();
        var others = 0L;
        foreach (var name in Names(folder))
        {
            if (name.EndsWith(extension, StringComparison.Ordinal) && Encodings.TryCount(name.AsSpan(0, name.Length - extension.Length), out var size))
                sizes.Add(size);
            else
                others++;
        }

        sizes.Sort();
        return (sizes, others);
    }

    /// <summary>The names of the files in a folder; none where it is not there.</summary>
    public IEnumerable<string> Names(string folder)
    {
        var path = Path.Combine(root, folder);
        return Directory.Exists(path) ? Directory.EnumerateFiles(path).Select(file => Path.GetFileName(file)) : [];
    }

    /// <summary>A stream over a file.</summary>
    public FileStream Open(string path) => new(Path.Combine(root, path), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1 << 16);

    /// <summary>The hashes of the records up to a size, from the records where they are there, else from the tiles; fewer where files are missing.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> LeafHashes(long size)
    {
        var level = HasEntries ? "entries" : "0";
        for (var index = 0L; index * TileWidth < size; index++)
        {
            var width = (int)Math.Min(TileWidth, size - (index * TileWidth));
            if (Tile(level, index, width) is not { } file)
                yield break;
            var entries = HasEntries ? Entries(file.Bytes, width, file.Width > width) : null;
            if (HasEntries ? entries is null : file.Bytes.Length != file.Width * Tree.HashLength)
                yield break;
            for (var i = 0; i < width; i++)
                yield return entries is null ? file.Bytes.AsMemory(i * Tree.HashLength, Tree.HashLength) : Tree.Leaf(file.Bytes.AsSpan()[entries[i]]);
        }
    }

    /// <summary>Where the records of a tile stand in its bytes; null where the bytes do not hold so many, or more and are not wider.</summary>
    public static List<Range>? Entries(byte[] bytes, int width, bool wider)
    {
        var entries = new List<Range>(width);
        var at = 0;
        while (entries.Count < width)
        {
            if (at + 2 > bytes.Length)
                return null;
            var length = BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(at));
            at += 2;
            if (length > bytes.Length - at)
                return null;
            entries.Add(at..(at + length));
            at += length;
        }

        return wider || at == bytes.Length ? entries : null;
    }
}
