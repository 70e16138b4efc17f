using Ringfence.Lists;
using Ringfence.Server.Lists.Reading;

namespace Ringfence.Server.Lists.Desk;

/// <summary>What stands in the first rows of a list, masked, by column; and which sheets it has.</summary>
/// <param name="Cells">A few different ones, by column.</param>
/// <param name="Sheets">Of a workbook; else none.</param>
internal sealed record ListSamples(IReadOnlyList<IReadOnlyList<string>> Cells, IReadOnlyList<string> Sheets)
{
    private const int PerColumn = 3;

    // Whoever has not seen three different cells by then has seen enough.
    private const int RowsLookedAt = 200;

    /// <summary>Reads them.</summary>
    /// <param name="path">The list.</param>
    /// <param name="file">As the audit understood it.</param>
    /// <param name="encoding">As the reader said; null: it is found.</param>
    /// <exception cref="UnreadableListException">It is no list any more.</exception>
    public static ListSamples Read(string path, AuditedFile file, string? encoding)
    {
        using var list = ListFile.Open(path, new ListReadOptions(file.Sheet) { Encoding = encoding });
        var batch = new RowBatch();
        list.Read(batch);
        var cells = file.Columns.Select(static _ => new List<string>()).ToList();
        for (var row = file.HasHeader ? 1 : 0; row < Math.Min(batch.Count, RowsLookedAt); row++)
        {
            foreach (var column in file.Columns)
            {
                var seen = cells[column.Index];
                if (seen.Count == PerColumn || batch.Cell(row, column.Index) is not { IsEmpty: false } cell)
                    continue;
                var shown = CellMask.Of(column.Field, Utf8Cell.Read(cell, static text => text.ToString()));
                if (!string.IsNullOrWhiteSpace(shown) && !seen.Contains(shown))
                    seen.Add(shown);
            }
        }

        return new ListSamples(cells, file.Format == "xlsx" ? Workbook.SheetsOf(path) : []);
    }
}
