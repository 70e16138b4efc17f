using System.Globalization;
using System.Text;
using Ringfence.Server.Lists.Reading;

namespace Ringfence.Server.Lists;

/// <summary>Writes the lines of <c>rejected.csv</c> for one list: what could not be read, where, and its cure. One for each thread.</summary>
internal sealed class RejectedLines(ReadList list, CultureInfo language)
{
    private readonly byte[] fileName = Quoted(list.Name);
    private readonly Dictionary<string, byte[]> cures = [];

    /// <summary>The first line.</summary>
    public static CsvOut Header()
    {
        var header = new CsvOut();
        foreach (var name in (ReadOnlySpan<string>)["file", "row", "column", "value", "problem", "cure"])
            header.Cell(name);
        header.EndRow();
        return header;
    }

    /// <summary>Writes one line.</summary>
    /// <param name="line">Where it goes.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="row">The row in the batch.</param>
    /// <param name="number">The row in its list, from 1.</param>
    /// <param name="cell">What could not be read.</param>
    public void Write(CsvOut line, RowBatch batch, int row, int number, RejectedCell cell)
    {
        line.Code(fileName);
        line.Number(number);
        if (cell.Column >= 0 && cell.Column < list.Plan.Columns.Count)
            line.Cell(list.Plan.Columns[cell.Column].Header);
        else
            line.Empty();
        if (cell.Column >= 0)
        {
            line.Cell(batch.Cell(row, cell.Column));
        }
        else
        {
            // The row as a whole: all its cells, so that nothing is lost.
            var whole = new StringBuilder();
            for (var column = 0; column < batch.CellCount(row); column++)
                whole.Append(column == 0 ? "" : " | ").Append(Encoding.UTF8.GetString(batch.Cell(row, column)));
            line.Cell(whole.ToString());
        }

        if (!cures.TryGetValue(cell.Code, out var cure))
            cures[cell.Code] = cure = [.. Quoted(cell.Code), (byte)',', .. Quoted(RejectedTexts.Cure(cell.Code, language))];
        line.Code(cure);
        line.EndRow();
    }

    /// <summary>A text as a cell.</summary>
    public static byte[] Quoted(string cell)
    {
        var quoted = new CsvOut();
        quoted.Cell(cell);
        return quoted.Written.ToArray();
    }
}
