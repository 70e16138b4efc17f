using System.Globalization;
using System.Text;
using System.Xml;

namespace Ringfence.Server.Lists.Reading;

/// <summary>What all sheets of a workbook share.</summary>
internal sealed record WorkbookContext(SharedStrings Strings, CellFormats Formats, bool Since1904);

/// <summary>Reads the rows of a worksheet, one after another.</summary>
/// <remarks>
/// Rows come in the order in which they stand in the file; a row without any value is formatting, and no row. Hidden and merged cells are
/// read like others. Cells beyond the columns follow them closely, so that one value in column XFD does not make a row of 16,384 cells.
/// </remarks>
internal sealed class SheetRows(XmlPart xml, WorkbookContext context) : IDisposable
{
    private const int MostCells = 16_384;       // columns A to XFD

    private readonly (int Start, int Length)[] _cells = new (int, int)[ListLimits.Columns];
    private readonly List<(int Start, int Length)> _beyond = [];
    private readonly WorkbookText _text = new();
    private readonly WorkbookText _attribute = new();
    private int _width;
    private bool _ended;

    /// <summary>Cells up to the last one with a value in the row read last.</summary>
    public int Width { get; private set; }

    /// <summary>Whether that row has values beyond the most columns a list may have.</summary>
    public bool IsTooWide { get; private set; }

    /// <summary>Writes the next row into a batch; false at the end.</summary>
    public bool Next(RowBatch batch, int columns)
    {
        while (!_ended && xml.Read())
        {
            if (xml.NodeType == XmlNodeType.Element && xml.LocalName == "row" && !xml.IsEmptyElement)
            {
                ReadRow(batch);
                if (Width == 0)
                    continue;

                EndRow(batch, columns);
                return true;
            }

            // What comes behind the rows is of no interest.
            _ended = xml.NodeType == XmlNodeType.EndElement && xml.LocalName == "sheetData";
        }

        _ended = true;
        return false;
    }

    private void ReadRow(RowBatch batch)
    {
        Array.Clear(_cells, 0, _width);
        _beyond.Clear();
        _width = Width = 0;
        var depth = xml.Depth;
        var column = 0;
        var cells = 0;
        while (xml.Read() && xml.Depth > depth)
        {
            if (xml.NodeType != XmlNodeType.Element || xml.LocalName != "c")
                continue;
            if (++cells > MostCells)
                throw UnreadableListException.BrokenWorkbook("a row has more cells than a sheet has columns.");

            column = ReadCell(batch, column) + 1;
        }

        IsTooWide = _beyond.Count > 0;
        Width = IsTooWide ? ListLimits.Columns : Width;
    }

    private void EndRow(RowBatch batch, int columns)
    {
        batch.EnsureCells(ListLimits.Columns + _beyond.Count);
        for (var column = 0; column < columns; column++)
        {
            var (start, length) = column < _width ? _cells[column] : default;
            batch.AddCellAt(start, length);
        }

        if (Width <= columns && _beyond.Count == 0)
        {
            batch.EndRow();
            return;
        }

        batch.Fault("too-many-cells", columns);
        for (var column = columns; column < _width; column++)
        {
            if (_cells[column].Length > 0)
                batch.AddCellAt(_cells[column].Start, _cells[column].Length);
        }

        foreach (var (start, length) in _beyond)
            batch.AddCellAt(start, length);
        batch.EndRow();
    }

    private int ReadCell(RowBatch batch, int expected)
    {
        var (column, style, type) = ReadAttributes(expected);
        if (xml.IsEmptyElement)
            return column;

        var depth = xml.Depth;
        var start = batch.Used;
        _text.Clear();
        while (xml.Read() && xml.Depth > depth)
        {
            if (xml.NodeType == XmlNodeType.Element && xml.LocalName is "v")
                _text.AppendElement(xml, richText: false);
            else if (xml.NodeType == XmlNodeType.Element && xml.LocalName is "is")
                _text.AppendElement(xml, richText: true);
        }

        AppendValue(batch, type, style);
        Place(column, (start, batch.Used - start));
        return column;
    }

    private void Place(int column, (int Start, int Length) cell)
    {
        if (cell.Length == 0)
            return;
        if (column >= ListLimits.Columns)
        {
            _beyond.Add(cell);
            return;
        }

        _cells[column] = cell;
        _width = Math.Max(_width, column + 1);
        Width = Math.Max(Width, column + 1);
    }

    private (int Column, int Style, char Type) ReadAttributes(int expected)
    {
        var (column, style, type) = (expected, 0, 'n');
        while (xml.MoveToNextAttribute())
        {
            _attribute.Clear();
            switch (xml.LocalName)
            {
                case "r":
                    _attribute.Append(xml);
                    column = Column(_attribute.Span) ?? expected;
                    break;
                case "s":
                    _attribute.Append(xml);
                    int.TryParse(_attribute.Span, NumberStyles.None, CultureInfo.InvariantCulture, out style);
                    break;
                case "t":
                    _attribute.Append(xml);
                    type = TypeOf(_attribute.Span);
                    break;
                default:
                    break;
            }
        }

        xml.MoveToElement();
        return (column, style, type);
    }

    // ECMA-376 Part 1, 18.18.11 ST_CellType.
    private static char TypeOf(ReadOnlySpan<char> type) => type switch
    {
        "s" => 's',
        "str" or "inlineStr" => 't',
        "b" => 'b',
        "e" => 'e',
        "d" => 'd',
        _ => 'n',
    };

    private static int? Column(ReadOnlySpan<char> reference)
    {
        var column = 0;
        for (var i = 0; i < reference.Length && char.IsAsciiLetter(reference[i]) && i < 4; i++)
            column = column * 26 + (reference[i] | 0x20) - 'a' + 1;
        return column is 0 or > MostCells ? null : column - 1;
    }

    private void AppendValue(RowBatch batch, char type, int style)
    {
        switch (type)
        {
            case 's':
                if (int.TryParse(_text.Span.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var index))
                    batch.Append(context.Strings[index]);
                break;
            case 'b':
                batch.Append(_text.Span.Trim() is "1" or "true" ? "TRUE"u8 : _text.Span.Trim() is "0" or "false" ? "FALSE"u8 : default);
                break;
            case 'e':
                break;
            case 'd':
                AppendUtf8(batch, IsoMoment(_text.Span.Trim()));
                break;
            case 'n':
                AppendUtf8(batch, SheetNumber.Text(_text.Span, context.Formats[style], context.Since1904));
                break;
            default:
                _text.Unescape();
                AppendUtf8(batch, _text.Span);
                break;
        }
    }

    private static string IsoMoment(ReadOnlySpan<char> text)
    {
        var moment = text.ToString();
        return moment.EndsWith("T00:00:00", StringComparison.Ordinal) ? moment[..^9] : moment.Replace('T', ' ');
    }

    private static void AppendUtf8(RowBatch batch, ReadOnlySpan<char> text)
    {
        batch.EnsureBytes(batch.Used + Encoding.UTF8.GetMaxByteCount(text.Length));
        batch.Used += Encoding.UTF8.GetBytes(text, batch.Bytes.AsSpan(batch.Used));
    }

    public void Dispose() => xml.Dispose();
}
