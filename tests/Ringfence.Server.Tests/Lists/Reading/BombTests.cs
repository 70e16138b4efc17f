using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Ringfence.Server.Lists.Reading;
using Xunit;

namespace Ringfence.Server.Tests.Lists.Reading;

/// <summary>Files made to exhaust a reader. Each is read to its end, or refused with one of our codes, in bounded memory.</summary>
public class BombTests
{
    private const string Header = "<row><c t=\"str\"><v>a</v></c></row><row><c><v>1</v></c></row>";
    private const string Open = "<worksheet xmlns=\"" + WorkbookFile.Main + "\"><sheetData>";
    private const long MB = 1024 * 1024;

    private static readonly Dictionary<string, (string Code, Func<byte[]> Make)> Bombs = new()
    {
        ["sheet of blanks"] = ("cell-too-long", () => Sheet(Open + Header, " ", 40 * MB)),
        ["sheet of empty rows"] = ("too-large-unpacked", () => Sheet(Open + Header, "<row/>", 40 * MB)),
        ["sheet of empty cells in one row"] = ("broken-workbook", () => Sheet(Open + Header + "<row>", "<c/>", 40 * MB)),
        ["sheet of far cells"] = ("too-large-unpacked", () => Sheet(Open + Header, "<row><c r=\"XFD1048576\"><v>1</v></c></row>", 40 * MB)),
        ["one endless text"] = ("cell-too-long", () => Sheet(Open + Header + "<row><c t=\"str\"><v>", "x", 40 * MB)),
        ["one endless text in pieces"] = ("cell-too-long", () => Sheet(Open + Header + "<row><c t=\"str\"><v>", "xxxxxxxxxxxx<!-- -->", 40 * MB)),
        ["one endless CDATA"] = ("cell-too-long", () => Sheet(Open + Header + "<row><c t=\"str\"><v><![CDATA[", "<", 40 * MB)),
        ["endless comment"] = ("cell-too-long", () => Sheet(Open + Header + "<!--", "<", 40 * MB)),
        ["endless instruction"] = ("cell-too-long", () => Sheet(Open + Header + "<?x ", "<", 40 * MB)),
        ["endless attribute"] = ("cell-too-long", () => Sheet(Open + Header + "<row r=\"", "1", 40 * MB)),
        ["endless name"] = ("cell-too-long", () => Sheet(Open + Header + "<", "x", 40 * MB)),
        ["endless attributes"] = ("*", () => Sheet(Open + Header + "<row ", i => $"a{i}=\"\" ", 200_000)),
        ["endless names"] = ("broken-workbook", () => Sheet(Open + Header, i => $"<a{i}/>", 200_000)),
        ["endless namespaces"] = ("broken-workbook", () => Sheet(Open + Header, i => $"<a xmlns:p{i}=\"urn:{i}\"/>", 200_000)),
        ["deep elements"] = ("too-deep", () => Sheet(Open + Header, "<row>", 40 * MB)),
        ["deep cells"] = ("too-deep", () => Sheet(Open + Header + "<row>", "<c>", 40 * MB)),
        ["deep texts"] = ("too-deep", () => Sheet(Open + Header + "<row><c><is>", "<r>", 40 * MB)),
        ["entities that double"] = ("broken-workbook", () => Sheet(
            "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\">" + string.Concat(Enumerable.Range('b', 20).Select(c => $"<!ENTITY {(char)c} \"{string.Concat(Enumerable.Repeat($"&{(char)(c - 1)};", 10))}\">")) + "]>" + Open + "<row><c t=\"str\"><v>&u;", " ", 10)),
        ["entity of a file"] = ("broken-workbook", () => Sheet("<!DOCTYPE x [<!ENTITY a SYSTEM \"file:///etc/passwd\">]>" + Open + "<row><c t=\"str\"><v>&a;", " ", 10)),
        ["entity of an address"] = ("broken-workbook", () => Sheet("<!DOCTYPE x SYSTEM \"http://127.0.0.1:1/x.dtd\">" + Open, " ", 10)),
        ["entity unknown"] = ("broken-workbook", () => Sheet(Open + "<row><c><v>&lol;</v></c></row>", " ", 10)),
        ["sheet that ends early"] = ("broken-workbook", () => Sheet(Open + Header + "<row><c>", " ", 10)),
        ["sheet that is no XML"] = ("broken-workbook", () => Sheet("", "\u0001\u0002", 1000)),
        ["shared strings, empty"] = ("too-large-unpacked", () => Strings("<si/>", 40 * MB)),
        ["shared string, endless"] = ("cell-too-long", () => Strings("<t>x</t>", 40 * MB, "<si>")),
        ["shared strings, deep"] = ("too-deep", () => Strings("<r>", 40 * MB, "<si>")),
        ["shared strings, a count that lies"] = ("", () => new WorkbookFile().Sheet(Header).Part("xl/sharedStrings.xml", "<sst count=\"4294967295\" uniqueCount=\"4294967295\"/>").ToArray()),
        ["shared string out of range"] = ("", () => new WorkbookFile().Sheet(Header + "<row><c t=\"s\"><v>2147483647</v></c><c t=\"s\"><v>-1</v></c><c t=\"s\"><v>99999999999</v></c></row>").ToArray()),
        ["styles without end"] = ("*", () => new WorkbookFile().Sheet(Header).Part("xl/styles.xml", Repeated("<styleSheet><cellXfs>", "<xf numFmtId=\"14\"/>", 40 * MB)).ToArray()),
        ["style out of range"] = ("", () => new WorkbookFile().Sheet(Header + "<row><c s=\"2147483647\"><v>1</v></c><c s=\"-1\"><v>1</v></c></row>").ToArray()),
        ["formats without end"] = ("*", () => new WorkbookFile().Sheet(Header).Part("xl/styles.xml", Repeated("<styleSheet><numFmts>", i => $"<numFmt numFmtId=\"{i}\" formatCode=\"yy{i}\"/>", 300_000)).ToArray()),
        ["dimension of everything"] = ("", () => new WorkbookFile().Sheet(Header).Part("xl/worksheets/sheet1.xml", "<worksheet><dimension ref=\"A1:XFD1048576\"/><sheetData>" + Header + "</sheetData><mergeCells><mergeCell ref=\"A1:XFD1048576\"/></mergeCells></worksheet>").ToArray()),
        ["rows and columns that cannot be"] = ("", () => new WorkbookFile().Sheet(Header + "<row r=\"99999999999999\"><c r=\"ZZZZZZZZ99999999999\"><v>1</v></c><c r=\"1\"><v>1</v></c><c r=\"\"><v>1</v></c></row>").ToArray()),
        ["sheets without end"] = ("*", () => new WorkbookFile().Sheet(Header).Part("xl/workbook.xml", Repeated("<workbook xmlns:r=\"x\"><sheets>", i => $"<sheet name=\"s{i}\" r:id=\"rId1\"/>", 300_000)).ToArray()),
        ["relations without end"] = ("*", () => new WorkbookFile().Sheet(Header).Part("xl/_rels/workbook.xml.rels", Repeated("<Relationships>", i => $"<Relationship Id=\"r{i}\" Type=\"/worksheet\" Target=\"worksheets/sheet1.xml\"/>", 300_000)).ToArray()),
        ["a target outside"] = ("broken-workbook", () => new WorkbookFile().Sheet(Header).Part("xl/_rels/workbook.xml.rels", "<Relationships><Relationship Id=\"rId1\" Type=\"/worksheet\" Target=\"../../../../../../etc/passwd\"/></Relationships>").ToArray()),
        ["names that are paths"] = ("", () => new WorkbookFile().Sheet(Header).Part("../../../outside/evil", "x").Part("/etc/passwd", "x").Part("C:\\x", "x").Part(new string('n', 60_000), "x").ToArray()),
        ["entries without end"] = ("too-many-entries", () => Entries(20_000)),
        ["entries beyond 16 bits"] = ("too-many-entries", () => Entries(70_000)),
        ["entries, their number lowered"] = ("*", () => Lowered(Entries(60_000))),
        ["an archive cut off"] = ("broken-workbook", () => new WorkbookFile().Sheet(Header).ToArray()[..^30]),
        ["an archive with its middle gone"] = ("*", () => Damaged(new WorkbookFile().Sheet(string.Concat(Enumerable.Repeat(Header, 1000))).ToArray())),
        ["only the signature"] = ("broken-workbook", () => "PK\x03\x04"u8.ToArray()),
        ["an empty archive"] = ("not-a-list", () => [.. "PK\x05\x06"u8, .. new byte[18]]),
        ["an archive of something else"] = ("not-a-list", () => new WorkbookFile().Part("xl/workbook.xml", "<workbook/>").Part("word/document.xml", "<x/>").ToArray()),
        ["gzip of NULs"] = ("*", () => Packed(new byte[60 * MB])),
        ["gzip of line ends"] = ("*", () => Packed(Encoding.ASCII.GetBytes("a,b\n1,2\n" + new string('\n', 60_000_000)))),
        ["gzip of rows"] = ("too-large-unpacked", () => Packed(Encoding.ASCII.GetBytes("a,b\n" + string.Concat(Enumerable.Repeat("1,2\n", 10_000_000))))),
        ["gzip of one quote and much text"] = ("*", () => Packed(Encoding.ASCII.GetBytes("a,b\n\"" + new string('x', 40_000_000)))),
    };

    /// <summary>One of them.</summary>
    internal static byte[] Make(string name) => Bombs[name].Make();

    public static TheoryData<string> Names => [.. Bombs.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_bomb_is_refused_or_read_in_bounded_memory(string name)
    {
        var (code, make) = Bombs[name];
        using var list = new ListOnDisk(make(), "xlsx");
        var before = GC.GetAllocatedBytesForCurrentThread();
        var got = "";
        try
        {
            using var file = ListFile.Open(list.Path, new ListReadOptions(null));
            var batch = new RowBatch();
            while (file.Read(batch))
                Assert.True(batch.Count <= RowBatch.Capacity);
        }
        catch (UnreadableListException refused)
        {
            got = refused.Code;
        }

        // All that was ever allocated, not only what was held at once.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200 * MB);
        if (code != "*")
            Assert.Equal(code, got);
        else
            Assert.Contains(got, (string[])["", "too-large-unpacked", "row-too-long", "too-many-strings", "broken-workbook", "too-many-entries", "not-a-list", "empty", "cell-too-long", "broken-file"]);
    }

    [Fact]
    public void A_longer_bomb_does_not_go_further()
    {
        using var list = new ListOnDisk(Sheet(Open + Header, "<row><c><v>1</v></c></row>", 160 * MB), "xlsx");
        using var file = ListFile.Open(list.Path, new ListReadOptions(null));
        var batch = new RowBatch();
        var rows = 0;
        Assert.Equal("too-large-unpacked", Assert.Throws<UnreadableListException>(() =>
        {
            while (file.Read(batch))
                rows += batch.Count;
        }).Code);
        // What may be unpacked at any ratio, in rows of this length; each row costs memory until the end of an audit.
        Assert.InRange(rows, 0, 1_000_000);
    }

    private static byte[] Sheet(string start, string piece, long size) =>
        new WorkbookFile().Sheet(Header).Part("xl/worksheets/sheet1.xml", Repeated(start, piece, size)).ToArray(CompressionLevel.SmallestSize);

    private static byte[] Sheet(string start, Func<int, string> piece, int times) =>
        new WorkbookFile().Sheet(Header).Part("xl/worksheets/sheet1.xml", Repeated(start, piece, times)).ToArray();

    private static byte[] Strings(string piece, long size, string start = "") =>
        new WorkbookFile().Sheet(Header).Part("xl/sharedStrings.xml", Repeated("<sst>" + start, piece, size)).ToArray(CompressionLevel.SmallestSize);

    private static Action<Stream> Repeated(string start, string piece, long size) => stream =>
    {
        stream.Write(Encoding.UTF8.GetBytes(start));
        var block = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(piece, (int)Math.Min(size, 256 * 1024) / piece.Length + 1)));
        for (long written = 0; written < size; written += block.Length)
            stream.Write(block);
    };

    private static Action<Stream> Repeated(string start, Func<int, string> piece, int times) => stream =>
        stream.Write(Encoding.UTF8.GetBytes(start + string.Concat(Enumerable.Range(0, times).Select(piece))));

    private static byte[] Entries(int count)
    {
        using var bytes = new MemoryStream();
        using (var archive = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            for (var i = 0; i < count; i++)
                archive.CreateEntry($"{i}", CompressionLevel.NoCompression);
        }

        return bytes.ToArray();
    }

    private static byte[] Lowered(byte[] archive)
    {
        var end = archive.AsSpan().LastIndexOf("PK\x05\x06"u8);
        BinaryPrimitives.WriteUInt16LittleEndian(archive.AsSpan(end + 8), 3);
        BinaryPrimitives.WriteUInt16LittleEndian(archive.AsSpan(end + 10), 3);
        return archive;
    }

    private static byte[] Damaged(byte[] archive)
    {
        archive.AsSpan(archive.Length / 3, archive.Length / 3).Fill(0xA5);
        return archive;
    }

    private static byte[] Packed(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.SmallestSize))
            gzip.Write(content);
        return packed.ToArray();
    }
}
