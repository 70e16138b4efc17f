using System.IO.Compression;

namespace Ringfence.Server.Lists.Reading;

/// <summary>The bytes of one file, to be read as often as needed; unpacked, where it is packed with gzip.</summary>
internal sealed class FileContent
{
    private readonly string _path;
    private readonly bool _gzip;

    private FileContent(string path, long length, byte[] start, bool gzip)
    {
        (_path, Length, Start, _gzip) = (path, length, start, gzip);
    }

    /// <summary>Length of the file as it lies on disk.</summary>
    public long Length { get; }

    /// <summary>The first bytes, up to 64 KiB.</summary>
    public ReadOnlyMemory<byte> Start { get; }

    /// <exception cref="UnreadableListException">There is no such file, or it is empty.</exception>
    public static FileContent Of(string path)
    {
        if (Directory.Exists(path))
            throw UnreadableListException.IsDirectory(path);
        if (!File.Exists(path))
            throw UnreadableListException.NotFound(path);

        // Pipes and devices have no length either. They are not opened: that may wait for ever, and none can be read a second time.
        var length = new FileInfo(path).Length;
        if (length == 0)
            throw UnreadableListException.Empty();

        // gzip: RFC 1952, ID1 = 31, ID2 = 139, CM = 8.
        var plain = new FileContent(path, length, [], gzip: false);
        var start = plain.ReadStart();
        if (!start.AsSpan().StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B, 0x08]))
            return new FileContent(path, length, start, gzip: false);

        start = new FileContent(path, length, [], gzip: true).ReadStart();
        return start.Length == 0 ? throw UnreadableListException.Empty() : new FileContent(path, length, start, gzip: true);
    }

    /// <summary>Opens the bytes from the beginning.</summary>
    public ContentStream Open()
    {
        var file = OpenRaw();
        if (!_gzip)
            return new ContentStream(file, file);

        var budget = new UnpackBudget();
        var unpacked = new GZipStream(file, CompressionMode.Decompress);
        return new ContentStream(file, new UnpackedStream(unpacked, file, budget));
    }

    /// <summary>Opens the file itself, packed or not, for readers that seek.</summary>
    public FileStream OpenRaw() => new(_path, new FileStreamOptions
    {
        Mode = FileMode.Open,
        Access = FileAccess.Read,
        Share = FileShare.ReadWrite | FileShare.Delete,
        BufferSize = 0,
        Options = FileOptions.SequentialScan,
    });

    private byte[] ReadStart()
    {
        using var stream = Open();
        var start = new byte[64 * 1024];
        try
        {
            return start[..stream.ReadAtLeast(start, start.Length)];
        }
        catch (InvalidDataException broken)
        {
            throw UnreadableListException.Broken(broken);
        }
    }
}

/// <summary>A content being read, and how far into its file it is.</summary>
internal sealed class ContentStream(FileStream file, Stream content) : IDisposable
{
    /// <summary>Bytes of the file, as it lies on disk, read so far.</summary>
    public long Position => file.Position;

    public int Read(Span<byte> into) => content.Read(into);

    /// <summary>Reads until so many bytes are there or the content ends; says how many are there.</summary>
    public int ReadAtLeast(Span<byte> into, int wanted) => content.ReadAtLeast(into, wanted, throwOnEndOfStream: false);

    public void Dispose()
    {
        content.Dispose();
        file.Dispose();
    }
}
