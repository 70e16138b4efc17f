using System.Text;
using Ringfence.Server.Lists.Reading;
using Xunit;

namespace Ringfence.Server.Tests.Lists.Reading;

public class NotAListTests
{
    [Fact]
    public void A_missing_file_and_a_folder_are_named_as_such()
    {
        var missing = Assert.Throws<UnreadableListException>(() => ListFile.Open("/no/such/list.csv", new ListReadOptions(null)));
        var folder = Assert.Throws<UnreadableListException>(() => ListFile.Open(Path.GetTempPath(), new ListReadOptions(null)));

        Assert.Equal("not-found", missing.Code);
        Assert.Equal("is-directory", folder.Code);
        Assert.Contains("/no/such/list.csv", missing.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n\n\r\n")]
    [InlineData("\uFEFF")]
    [InlineData("sep=;\n")]
    [InlineData("   \n")]
    public void A_file_without_rows_is_empty(string text)
    {
        using var list = new ListOnDisk(text);
        Assert.Equal("empty", list.CodeOfRefusal());
    }

    public static TheoryData<string, byte[]> Others => new()
    {
        { "png", [0x89, .. "PNG\r\n\x1A\n\0\0\0\rIHDR"u8] },
        { "jpeg", [0xFF, 0xD8, 0xFF, 0xE0, 0, 0x10, .. "JFIF"u8] },
        { "pdf", "%PDF-1.7\n%âãÏÓ\n1 0 obj\n"u8.ToArray() },
        { "executable", [0x7F, .. "ELF"u8, 2, 1, 1, 0] },
        { "html", "<!doctype html><html><table><tr><td>name</td></tr></table>"u8.ToArray() },
        { "html", "\n\n <html xmlns:x=\"urn:schemas-microsoft-com:office:excel\">"u8.ToArray() },
        { "xml", "<?xml version=\"1.0\"?><contacts/>"u8.ToArray() },
        { "sqlite", "SQLite format 3\0\x10\0"u8.ToArray() },
        { "vcard", "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ada\r\nEND:VCARD\r\n"u8.ToArray() },
        { "binary", [.. Enumerable.Range(0, 5000).Select(i => (byte)((i * 7919 >> 3) & 0xFF))] },
    };

    [Theory]
    [MemberData(nameof(Others))]
    public void Files_of_other_kinds_are_refused_by_their_content(string what, byte[] content)
    {
        using var list = new ListOnDisk(content);
        var refused = Assert.Throws<UnreadableListException>(() => list.Read());

        Assert.Equal("not-a-list", refused.Code);
        Assert.Equal([what], refused.Arguments);
    }

    [Fact]
    public void Old_and_protected_workbooks_are_told_apart()
    {
        byte[] container = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1, .. new byte[600_000]];
        using var old = new ListOnDisk(container, "xls");
        using var locked = new ListOnDisk([.. container, .. Encoding.Unicode.GetBytes("EncryptedPackage"), .. new byte[100]], "xlsx");

        Assert.Equal("old-workbook", old.CodeOfRefusal());
        Assert.Equal("password-protected", locked.CodeOfRefusal());
    }

    [Fact]
    public void A_packed_file_that_breaks_off_is_broken()
    {
        using var packed = new MemoryStream();
        using (var gzip = new System.IO.Compression.GZipStream(packed, System.IO.Compression.CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 50_000).Select(i => $"{i * 7919},{i}\n"))));
        var bytes = packed.ToArray();
        using var list = new ListOnDisk([.. bytes[..(bytes.Length / 2)], .. new byte[1000]], "csv.gz");

        Assert.Equal("broken-file", list.CodeOfRefusal());
    }
}
