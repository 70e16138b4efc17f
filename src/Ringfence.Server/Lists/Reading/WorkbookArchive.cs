using System.Buffers.Binary;
using System.IO.Compression;

namespace Ringfence.Server.Lists.Reading;

/// <summary>The parts of a workbook: XML in a zip archive.</summary>
/// <remarks>Names in the archive are compared, never used as paths. Parts are unpacked as streams, within <see cref="ListLimits"/>.</remarks>
internal sealed class WorkbookArchive : IDisposable
{
    private readonly FileStream _file;
    private readonly ZipArchive _archive;
    private readonly Dictionary<string, ZipArchiveEntry> _entries = new(StringComparer.OrdinalIgnoreCase);
    private readonly UnpackBudget _budget = new();

    private WorkbookArchive(FileStream file, ZipArchive archive)
    {
        (_file, _archive) = (file, archive);
        foreach (var entry in archive.Entries)
        {
            if (entry.IsEncrypted)
                throw UnreadableListException.PasswordProtected();
            _entries.TryAdd(entry.FullName.Replace('\\', '/').TrimStart('/'), entry);
        }
    }

    public static WorkbookArchive Open(FileContent content)
    {
        var file = content.OpenRaw();
        ZipArchive? archive = null;
        try
        {
            CheckDirectory(file);
            archive = new ZipArchive(file, ZipArchiveMode.Read, leaveOpen: true);
            return new WorkbookArchive(file, archive);
        }
        catch (Exception broken)
        {
            archive?.Dispose();
            file.Dispose();
            if (broken is InvalidDataException or ArgumentException or NotSupportedException)
                throw UnreadableListException.BrokenWorkbook("its archive can't be opened.", broken);
            throw;
        }
    }

    /// <summary>Bytes of the file read so far, roughly: where the archive was read last.</summary>
    public long Position => Math.Min(_file.Position, _file.Length);

    public bool Has(string name) => _entries.ContainsKey(name);

    public IEnumerable<string> Names => _entries.Keys;

    /// <summary>A part as XML; null where there is no such part.</summary>
    public XmlPart? Xml(string name)
    {
        if (!_entries.TryGetValue(name, out var entry))
            return null;

        try
        {
            return new XmlPart(new UnpackedStream(entry.Open(), _file, _budget, ListLimits.XmlTokenBytes));
        }
        catch (InvalidDataException broken)
        {
            throw UnreadableListException.BrokenWorkbook($"{name} can't be unpacked.", broken);
        }
    }

    // The archive's directory is read as a whole when it is opened, so its size is looked at before.
    // Source: APPNOTE.TXT 6.3.10, 4.3.16: end of central directory record, at most 65,535 bytes of comment behind it.
    private static void CheckDirectory(FileStream file)
    {
        var tail = new byte[(int)Math.Min(file.Length, 22 + 65_535)];
        file.Seek(-tail.Length, SeekOrigin.End);
        file.ReadExactly(tail);
        file.Seek(0, SeekOrigin.Begin);
        var at = tail.AsSpan().LastIndexOf("PK\x05\x06"u8);
        if (at < 0 || at + 22 > tail.Length)
            throw UnreadableListException.BrokenWorkbook("its archive breaks off.");

        var entries = BinaryPrimitives.ReadUInt16LittleEndian(tail.AsSpan(at + 10));
        var start = BinaryPrimitives.ReadUInt32LittleEndian(tail.AsSpan(at + 16));
        if (entries > ListLimits.ArchiveEntries)
            throw UnreadableListException.TooManyEntries();
        if (start == uint.MaxValue)
            start = (uint)Math.Min(uint.MaxValue, Zip64DirectoryStart(tail.AsSpan(0, at), file));
        if (file.Length - start > ListLimits.ArchiveDirectoryBytes + tail.Length)
            throw UnreadableListException.TooManyEntries();
    }

    private static long Zip64DirectoryStart(ReadOnlySpan<byte> before, FileStream file)
    {
        var at = before.LastIndexOf("PK\x06\x06"u8);
        if (at < 0 || at + 56 > before.Length)
            throw UnreadableListException.BrokenWorkbook("its archive breaks off.");

        var start = BinaryPrimitives.ReadInt64LittleEndian(before[(at + 48)..]);
        if (start < 0 || start > file.Length || file.Length - start > ListLimits.ArchiveDirectoryBytes + before.Length)
            throw UnreadableListException.TooManyEntries();
        return start;
    }

    public void Dispose()
    {
        _archive.Dispose();
        _file.Dispose();
    }
}
