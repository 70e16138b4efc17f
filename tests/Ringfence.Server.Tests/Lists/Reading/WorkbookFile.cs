using System.IO.Compression;
using System.Text;
using Ringfence.Server.Lists.Reading;
using Xunit;

namespace Ringfence.Server.Tests.Lists.Reading;

/// <summary>A workbook made of raw parts, as any program or attacker might have written them.</summary>
internal sealed class WorkbookFile
{
    public const string Main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    private const string Office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

    private readonly Dictionary<string, Action<Stream>> _parts = [];
    private readonly List<(string Name, string? State)> _sheets = [];
    private readonly string _namespace;
    private readonly string _office;
    private readonly bool _since1904;

    public WorkbookFile(bool since1904 = false, bool strict = false)
    {
        _since1904 = since1904;
        (_namespace, _office) = strict
            ? ("http://purl.oclc.org/ooxml/spreadsheetml/main", "http://purl.oclc.org/ooxml/officeDocument/relationships")
            : (Main, Office);
    }

    /// <summary>Adds a sheet from the XML of its rows.</summary>
    public WorkbookFile Sheet(string rows, string name = "Sheet1", string? state = null)
    {
        _sheets.Add((name, state));
        return Part($"xl/worksheets/sheet{_sheets.Count}.xml", $"<worksheet xmlns=\"{_namespace}\"><sheetData>{rows}</sheetData></worksheet>");
    }

    public WorkbookFile Strings(params string[] items) =>
        Part("xl/sharedStrings.xml", $"<sst xmlns=\"{_namespace}\">{string.Concat(items.Select(i => $"<si>{i}</si>"))}</sst>");

    /// <summary>Adds formats, to which cells refer by number from 0.</summary>
    public WorkbookFile Formats(params string[] formats)
    {
        var own = string.Concat(formats.Select((f, i) => int.TryParse(f, out _) && f.Length < 3 ? "" : $"<numFmt numFmtId=\"{200 + i}\" formatCode=\"{System.Security.SecurityElement.Escape(f)}\"/>"));
        var used = string.Concat(formats.Select((f, i) => $"<xf numFmtId=\"{(int.TryParse(f, out _) && f.Length < 3 ? f : 200 + i)}\"/>"));
        return Part("xl/styles.xml", $"<styleSheet xmlns=\"{_namespace}\"><numFmts>{own}</numFmts><cellStyleXfs><xf numFmtId=\"14\"/></cellStyleXfs><cellXfs>{used}</cellXfs></styleSheet>");
    }

    public WorkbookFile Part(string name, string xml) => Part(name, stream => stream.Write(Encoding.UTF8.GetBytes(xml)));

    public WorkbookFile Part(string name, Action<Stream> write)
    {
        _parts[name] = write;
        return this;
    }

    public byte[] ToArray(CompressionLevel level = CompressionLevel.Fastest)
    {
        var sheets = string.Concat(_sheets.Select((s, i) => $"<sheet name=\"{s.Name}\" sheetId=\"{i + 1}\" r:id=\"rId{i + 1}\"{(s.State is null ? "" : $" state=\"{s.State}\"")}/>"));
        var relations = string.Concat(_sheets.Select((_, i) => $"<Relationship Id=\"rId{i + 1}\" Type=\"{_office}/worksheet\" Target=\"worksheets/sheet{i + 1}.xml\"/>"));
        _parts.TryAdd("_rels/.rels", Xml($"<Relationships><Relationship Id=\"r\" Type=\"{_office}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"));
        _parts.TryAdd("xl/workbook.xml", Xml($"<workbook xmlns=\"{_namespace}\" xmlns:r=\"{_office}\"><workbookPr date1904=\"{(_since1904 ? 1 : 0)}\"/><sheets>{sheets}</sheets></workbook>"));
        _parts.TryAdd("xl/_rels/workbook.xml.rels", Xml($"<Relationships>{relations}<Relationship Id=\"s\" Type=\"{_office}/styles\" Target=\"/xl/styles.xml\"/><Relationship Id=\"t\" Type=\"{_office}/sharedStrings\" Target=\"../xl/sharedStrings.xml\"/></Relationships>"));
        using var bytes = new MemoryStream();
        using (var archive = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, write) in _parts)
            {
                using var part = archive.CreateEntry(name, level).Open();
                write(part);
            }
        }

        return bytes.ToArray();
    }

    public ListOnDisk OnDisk() => new(ToArray(), "xlsx");

    public Contents Read(string? sheet = null)
    {
        using var file = OnDisk();
        return file.Read(new ListReadOptions(sheet));
    }

    private static Action<Stream> Xml(string xml) => stream => stream.Write(Encoding.UTF8.GetBytes(xml));
}
