namespace Ringfence.Server.Lists.Reading;

/// <summary>How many cells the rows of a text table have, and which of them have too few or too many.</summary>
/// <remarks>
/// <para>The first row says how many columns there are. Empty cells beyond them are dropped; others are <c>too-many-cells</c>. A row with fewer
/// cells is <c>too-few-cells</c>, for a cell may be missing in its middle. Two exceptions: the cells it lacks belong to columns without a
/// name at the header's end; or the whole file was written by a program that leaves out empty cells at the end of rows.</para>
/// <para>In a row with a fault, all cells stay readable.</para>
/// </remarks>
internal sealed class TableShape(int columnCount, int namedColumns, bool dropsEmptyEnds)
{
    // Fewer short rows than this may be damage, and say nothing about the program that wrote the file.
    private const int RowsThatTell = 3;

    /// <summary>Cells of the first row; 0 while nothing is known.</summary>
    public int ColumnCount => columnCount;

    /// <summary>While looking for the shape: every row is as it is.</summary>
    public static TableShape Unknown { get; } = new(0, 0, dropsEmptyEnds: true);

    /// <summary>Takes the shape from the first rows of a file, cut with <see cref="Unknown"/>.</summary>
    public static TableShape Of(RowBatch sample)
    {
        if (sample.Count == 0)
            return Unknown;

        var columns = sample.CellCount(0);
        if (columns > ListLimits.Columns)
            throw UnreadableListException.TooManyColumns();

        var named = columns;
        while (named > 1 && sample.Cell(0, named - 1).IsEmpty)
            named--;

        int shorter = 0, endEmpty = 0;
        for (var row = 1; row < sample.Count; row++)
        {
            var cells = sample.CellCount(row);
            shorter += cells < named ? 1 : 0;
            endEmpty += cells > 1 && cells <= columns && sample.Cell(row, cells - 1).IsEmpty ? 1 : 0;
        }

        var rows = sample.Count - 1;
        var dropsEmptyEnds = endEmpty == 0 && shorter >= RowsThatTell && shorter * 5 >= rows;
        return new TableShape(columns, named, dropsEmptyEnds);
    }

    /// <summary>Looks at the row being written, which has another number of cells than the header.</summary>
    public void Judge(RowBatch batch)
    {
        if (columnCount == 0)
            return;

        var cells = batch.OpenCells;
        if (cells > columnCount)
        {
            var last = cells - 1;
            while (last >= columnCount && batch.OpenCell(last).Length == 0)
                last--;
            if (last < columnCount)
                batch.DropOpenCells(keep: columnCount);
            else
                batch.Fault("too-many-cells", columnCount);
        }
        else if (cells < namedColumns && !dropsEmptyEnds)
        {
            batch.Fault("too-few-cells", cells);
        }
    }
}
