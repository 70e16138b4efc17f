namespace Ringfence.Server.Lists.Reading;

/// <summary>Finds the separator of a text table from its first rows.</summary>
/// <remarks>
/// Each candidate cuts the sample, quotes and all. The one by which most rows have as many cells as the first row has (at least two) is
/// taken; of equals the one that makes more cells. Where the first row has none of them, it is a table of one column, unless nearly
/// all other rows agree on three cells or more.
/// </remarks>
internal static class TableSeparator
{
    private static ReadOnlySpan<byte> Candidates => ",;\t|"u8;

    /// <summary>The separator that a first line <c>sep=;</c> names, as Excel writes and reads it, and the line's length; 0 where there is none.</summary>
    public static (byte Separator, int Length) Named(ReadOnlySpan<byte> start)
    {
        var line = start.StartsWith("\""u8) ? start[1..] : start;
        if (line.Length < 5 || !System.Text.Ascii.EqualsIgnoreCase(line[..4], "sep="u8) || line[4] is < 0x09 or 0x0A or 0x0D or (byte)'"' or >= 0x80)
            return default;

        var rest = line[5..].TrimStart("\""u8);
        if (rest.Length > 0 && rest[0] is not ((byte)'\r' or (byte)'\n'))
            return default;

        var length = start.Length - rest.Length + (rest.StartsWith("\r\n"u8) ? 2 : Math.Min(1, rest.Length));
        return (line[4], length);
    }

    /// <summary>The separator of a sample.</summary>
    /// <param name="sample">The beginning of the text.</param>
    /// <param name="isWhole">Whether it is all of it; else its last line may be cut off.</param>
    public static byte Find(ReadOnlySpan<byte> sample, bool isWhole)
    {
        var best = Candidates[0];
        var most = (Agreeing: 0d, Cells: 1);
        var bestBelow = ((byte)0, Agreeing: 0d);
        foreach (var candidate in Candidates)
        {
            var rows = Cut(sample, isWhole, candidate);
            if (rows.Count == 0)
                continue;

            var first = rows.CellCount(0);
            if (first >= 2 && (Agreement(rows, first), first) is var found && found.CompareTo(most) > 0)
                (best, most) = (candidate, found);
            else if (first == 1 && rows.Count > 3 && UsualWidth(rows) is >= 3 and var usual && Agreement(rows, usual) is var below && below > bestBelow.Agreeing)
                bestBelow = (candidate, below);
        }

        return most.Cells == 1 && bestBelow.Agreeing > 0.8 ? bestBelow.Item1 : best;
    }

    /// <summary>Cuts a sample into rows of any length.</summary>
    public static RowBatch Cut(ReadOnlySpan<byte> sample, bool isWhole, byte separator)
    {
        var batch = new RowBatch();
        batch.Clear(0);
        batch.Append(sample);
        new RowTokenizer(separator, TableShape.Unknown).Cut(batch, 0, sample.Length, isWhole);
        return batch;
    }

    // Rows that are shorter count a little: programs that leave out empty cells at the end of rows write them.
    private static double Agreement(RowBatch rows, int cells)
    {
        double agreeing = 0;
        for (var row = 0; row < rows.Count; row++)
        {
            var count = rows.CellCount(row);
            agreeing += count == cells ? 1 : count > 1 && count < cells ? 0.3 : 0;
        }

        // In steps, so that one damaged row does not outweigh a better cut.
        return Math.Round(agreeing / rows.Count, 1);
    }

    private static int UsualWidth(RowBatch rows) =>
        Enumerable.Range(1, rows.Count - 1).Select(rows.CellCount).GroupBy(n => n).MaxBy(g => g.Count())!.Key;
}
