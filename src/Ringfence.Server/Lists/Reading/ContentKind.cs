using System.Text;

namespace Ringfence.Server.Lists.Reading;

/// <summary>What a file is, by its first bytes.</summary>
internal enum ContentKind : byte
{
    /// <summary>Text in some encoding.</summary>
    Text,

    /// <summary>A zip archive, which may be a workbook.</summary>
    Zip,

    /// <summary>A workbook of Excel 97 to 2003.</summary>
    OldWorkbook,

    /// <summary>A workbook encrypted with a password.</summary>
    Protected,
}

/// <summary>Tells lists from what only has their file name.</summary>
internal static class ContentKinds
{
    // First bytes of what is often sent by mistake. Whatever else is binary is found by its control characters.
    private static readonly (byte[] Magic, string What)[] Known =
    [
        ([0x89, (byte)'P', (byte)'N', (byte)'G'], "png"),
        ([0xFF, 0xD8, 0xFF], "jpeg"),
        ("GIF8"u8.ToArray(), "gif"),
        ("%PDF-"u8.ToArray(), "pdf"),
        ([0x7F, (byte)'E', (byte)'L', (byte)'F'], "executable"),
        ("SQLite format 3\0"u8.ToArray(), "sqlite"),
        ("PAR1"u8.ToArray(), "parquet"),
        ([(byte)'7', (byte)'z', 0xBC, 0xAF, 0x27, 0x1C], "7z"),
        ("Rar!\x1A"u8.ToArray(), "rar"),
        ("BZh"u8.ToArray(), "bzip2"),
        ([0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0], "xz"),
        ([0x28, 0xB5, 0x2F, 0xFD], "zstd"),
        ("{\\rtf"u8.ToArray(), "rtf"),
        ("<!DOCTYPE"u8.ToArray(), "html"),
        ("<html"u8.ToArray(), "html"),
        ("<table"u8.ToArray(), "html"),
        ("<?xml"u8.ToArray(), "xml"),
        ("BEGIN:VCARD"u8.ToArray(), "vcard"),
    ];

    /// <exception cref="UnreadableListException">It is something else than a list.</exception>
    public static ContentKind Recognise(FileContent content)
    {
        var start = content.Start.Span;
        if (start.StartsWith("PK\x03\x04"u8) || start.StartsWith("PK\x05\x06"u8))
            return ContentKind.Zip;
        if (start.StartsWith((ReadOnlySpan<byte>)[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]))
            return HoldsEncryptedPackage(content) ? ContentKind.Protected : ContentKind.OldWorkbook;

        var text = WithoutMark(start);
        foreach (var (magic, what) in Known)
        {
            if (text.StartsWith(magic) || (text.Length >= magic.Length && Ascii.EqualsIgnoreCase(text[..magic.Length], magic)))
                throw UnreadableListException.NotAList(what);
        }

        return EncodingFinder.Utf16Or32(start) is null && IsBinary(start)
            ? throw UnreadableListException.NotAList("binary")
            : ContentKind.Text;
    }

    private static ReadOnlySpan<byte> WithoutMark(ReadOnlySpan<byte> start) =>
        (start.StartsWith("\uFEFF"u8) ? start[3..] : start).TrimStart(" \t\r\n"u8);

    // Text has tabs and line ends and, when damaged, now and then a NUL; pictures and programs are full of control characters.
    private static bool IsBinary(ReadOnlySpan<byte> start)
    {
        var control = 0;
        foreach (var b in start)
        {
            if (b < 0x20 && b is not ((byte)'\t' or (byte)'\n' or (byte)'\r' or 0x0B or 0x0C or 0x1A or 0x1B))
                control++;
        }

        return control > 8 && control > start.Length / 50;
    }

    // An encrypted workbook is an OLE container with a stream of this name, in the UTF-16 of its directory.
    private static bool HoldsEncryptedPackage(FileContent content)
    {
        ReadOnlySpan<byte> name = Encoding.Unicode.GetBytes("EncryptedPackage");
        using var stream = content.Open();
        var buffer = new byte[256 * 1024];
        var kept = 0;
        while (stream.Read(buffer.AsSpan(kept)) is > 0 and var read)
        {
            var seen = buffer.AsSpan(0, kept + read);
            if (seen.IndexOf(name) >= 0)
                return true;

            kept = Math.Min(name.Length - 1, seen.Length);
            seen[^kept..].CopyTo(buffer);
        }

        return false;
    }
}
