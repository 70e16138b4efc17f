using System.Globalization;
using System.Xml;

namespace Ringfence.Server.Lists.Reading;

/// <summary>A list as a worksheet of an Office Open XML workbook (<c>.xlsx</c>), transitional or strict.</summary>
internal sealed class Workbook : ListFile
{
    // The rows by which a sheet is recognised as a list and its columns are counted. An unnamed column beside the list counts too.
    private const int RowsProbed = 64;

    private readonly FileContent _file;
    private readonly WorkbookArchive _archive;
    private readonly SheetRows _rows;

    private Workbook(FileContent file, WorkbookArchive archive, string sheet, int columns, SheetRows rows)
    {
        (_file, _archive, Sheet, ColumnCount, _rows) = (file, archive, sheet, columns, rows);
    }

    public static Workbook Open(FileContent file, ListReadOptions options)
    {
        var archive = WorkbookArchive.Open(file);
        try
        {
            return Open(file, archive, options.Sheet);
        }
        catch (Exception broken)
        {
            archive.Dispose();
            if (broken is XmlException or InvalidDataException)
                throw UnreadableListException.BrokenWorkbook(broken.Message, broken);
            throw;
        }
    }

    /// <summary>The names of the sheets that people see.</summary>
    /// <exception cref="UnreadableListException">It is no workbook.</exception>
    public static IReadOnlyList<string> SheetsOf(string path)
    {
        try
        {
            using var archive = WorkbookArchive.Open(FileContent.Of(path));
            return [.. WorkbookParts.Read(archive).Sheets.Where(static part => part.IsVisible && part.IsWorksheet).Select(static part => part.Name)];
        }
        catch (Exception broken) when (broken is XmlException or IOException or InvalidDataException)
        {
            throw UnreadableListException.BrokenWorkbook(broken.Message, broken);
        }
    }

    private static Workbook Open(FileContent file, WorkbookArchive archive, string? asked)
    {
        var parts = WorkbookParts.Read(archive);
        var context = new WorkbookContext(
            SharedStrings.Read(parts.Strings is null ? null : archive.Xml(parts.Strings)),
            CellFormats.Read(parts.Styles is null ? null : archive.Xml(parts.Styles)),
            parts.Since1904);

        var candidates = asked is null ? parts.Sheets.Where(s => s.IsVisible && s.IsWorksheet) : [parts.Find(asked)];
        (SheetPart Part, int Columns, int Rows)? chosen = null;
        foreach (var part in candidates)
        {
            var (columns, rows) = Probe(archive, part, context);
            if (rows > 0 && (chosen is null || rows > 1))
                chosen = (part, columns, rows);
            if (rows > 1)
                break;
        }

        if (chosen is not { } found)
            throw UnreadableListException.Empty();
        return new Workbook(file, archive, found.Part.Name, found.Columns, new SheetRows(Sheet(archive, found.Part), context));

        static XmlPart Sheet(WorkbookArchive archive, SheetPart part) =>
            archive.Xml(part.Path) ?? throw UnreadableListException.BrokenWorkbook($"sheet {part.Name} is missing.");

        static (int Columns, int Rows) Probe(WorkbookArchive archive, SheetPart part, WorkbookContext context)
        {
            using var sheet = new SheetRows(Sheet(archive, part), context);
            var batch = new RowBatch();
            batch.Clear(0);
            var (columns, rows) = (0, 0);
            while (rows < RowsProbed && !batch.IsFull && sheet.Next(batch, ListLimits.Columns))
            {
                if (rows == 0 && sheet.IsTooWide)
                    throw UnreadableListException.TooManyColumns();
                columns = sheet.IsTooWide ? columns : Math.Max(columns, sheet.Width);
                rows++;
            }

            return (columns, rows);
        }
    }

    public override string Format => "xlsx";

    public override string? Sheet { get; }

    public override int ColumnCount { get; }

    public override (long Read, long Total) Progress => (_archive.Position, _file.Length);

    protected override void Fill(RowBatch batch)
    {
        try
        {
            while (!batch.IsFull && _rows.Next(batch, ColumnCount))
            {
            }
        }
        catch (XmlException broken)
        {
            throw UnreadableListException.BrokenWorkbook(broken.Message, broken);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        _rows.Dispose();
        _archive.Dispose();
    }
}

/// <summary>A sheet of a workbook.</summary>
internal sealed record SheetPart(string Name, string Path, bool IsVisible, bool IsWorksheet);

/// <summary>Where in the archive a workbook's parts are.</summary>
internal sealed record WorkbookParts(IReadOnlyList<SheetPart> Sheets, string? Strings, string? Styles, bool Since1904)
{
    private sealed record Relation(string Id, string Type, string Target);

    public static WorkbookParts Read(WorkbookArchive archive)
    {
        var workbook = Relations(archive, "").FirstOrDefault(r => r.Type == "officeDocument")?.Target ?? "xl/workbook.xml";
        if (archive.Names.Any(name => name.EndsWith("workbook.bin", StringComparison.OrdinalIgnoreCase)))
            throw UnreadableListException.OldWorkbook();
        if (!archive.Has(workbook) || !workbook.EndsWith(".xml", StringComparison.OrdinalIgnoreCase) || archive.Has("word/document.xml"))
            throw UnreadableListException.NotAList(archive.Has("content.xml") ? "opendocument" : archive.Has("word/document.xml") ? "docx" : "zip");

        var relations = Relations(archive, workbook);
        var sheets = new List<SheetPart>();
        var since1904 = false;
        using var xml = archive.Xml(workbook)!;
        while (xml.Read())
        {
            if (xml.NodeType != XmlNodeType.Element)
                continue;
            if (xml.LocalName == "workbookPr")
                since1904 = xml.GetAttribute("date1904") is "1" or "true" or "on";
            if (xml.LocalName != "sheet" || sheets.Count == ListLimits.Sheets)
                continue;

            var id = Attribute(xml, "id");
            if (relations.Find(r => r.Id == id) is { } relation)
            {
                sheets.Add(new SheetPart(xml.GetAttribute("name") ?? "", relation.Target,
                    xml.GetAttribute("state") is null or "visible", relation.Type == "worksheet"));
            }
        }

        return new WorkbookParts(sheets, relations.Find(r => r.Type == "sharedStrings")?.Target, relations.Find(r => r.Type == "styles")?.Target, since1904);
    }

    /// <summary>The sheet of a name, in any case, or of a number from 1.</summary>
    public SheetPart Find(string asked)
    {
        var found = Sheets.FirstOrDefault(s => s.Name.Equals(asked.Trim(), StringComparison.OrdinalIgnoreCase));
        if (found is null && int.TryParse(asked, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= Sheets.Count)
            found = Sheets[number - 1];
        return found is { IsWorksheet: true } ? found : throw UnreadableListException.NoSuchSheet(asked, Sheets.Select(s => s.Name));
    }

    private static List<Relation> Relations(WorkbookArchive archive, string part)
    {
        var slash = part.LastIndexOf('/') + 1;
        var folder = part[..slash];
        var relations = new List<Relation>();
        using var xml = archive.Xml($"{folder}_rels/{part[slash..]}.rels");
        while (xml is not null && xml.Read())
        {
            if (xml.NodeType != XmlNodeType.Element || xml.LocalName != "Relationship" || relations.Count > ListLimits.Sheets * 2)
                continue;

            // The types of transitional and strict workbooks differ in all but their last word.
            var type = xml.GetAttribute("Type") ?? "";
            relations.Add(new Relation(xml.GetAttribute("Id") ?? "", type[(type.LastIndexOf('/') + 1)..], Resolve(folder, xml.GetAttribute("Target") ?? "")));
        }

        return relations;
    }

    // A target is relative to its part's folder, or begins with a slash. Leading out of the archive means nothing.
    private static string Resolve(string folder, string target)
    {
        var names = new List<string>();
        foreach (var name in (target.StartsWith('/') ? target : folder + target).Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (name == ".." && names.Count > 0)
                names.RemoveAt(names.Count - 1);
            else if (name is not ("." or ".."))
                names.Add(name);
        }

        return string.Join('/', names);
    }

    // r:id, in whichever namespace.
    private static string? Attribute(XmlPart xml, string localName)
    {
        string? value = null;
        while (xml.MoveToNextAttribute())
            value = xml.LocalName == localName ? xml.Value : value;
        xml.MoveToElement();
        return value;
    }
}
