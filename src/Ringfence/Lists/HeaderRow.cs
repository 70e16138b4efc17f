using Ringfence.Numbers;
using Ringfence.People;

namespace Ringfence.Lists;

/// <summary>Tells a header from a first row of data.</summary>
internal static class HeaderRow
{
    /// <summary>Rows compared with the first one.</summary>
    private const int RowsCompared = 200;

    /// <summary>Whether the first row is a header. In doubt it is: an unread header is seen at once, a row taken for a header is lost.</summary>
    /// <remarks>
    /// A number, address or date in the first row is data; a word that headers use is a header's; where neither stands, a
    /// first row is a header if it differs from what stands below it.
    /// </remarks>
    public static bool IsHeader(IReadOnlyList<string> first, IReadOnlyList<string[]> rows, Dictionary<int, ColumnMap.Said> mapped)
    {
        if (mapped.Values.Any(s => s.ByHeader))
            return true;
        int data = 0, known = 0, alike = 0, unlike = 0;
        for (var i = 0; i < first.Count; i++)
        {
            if (CellText.Trim(first[i]).IsEmpty)
                continue;
            var kind = Kind(first[i]);
            if (kind is CellKind.Email or CellKind.Phone or CellKind.Date or CellKind.Number)
                data++;
            else if (HeaderMeaning.Of(first[i]) is { IsKnown: true, Field: not ListField.None } or { IsSure: true })
                known++;
            Compare(first[i], kind, rows, i, ref alike, ref unlike);
        }

        if (data > 0)
            return known > data;
        if (known > 0)
            return known >= alike;
        return alike == 0 || unlike > alike;
    }

    private enum CellKind : byte
    {
        Text,
        Email,
        Phone,
        Date,
        Number,
        Answer,
        Place,
    }

    private static CellKind Kind(ReadOnlySpan<char> cell)
    {
        cell = CellText.Trim(cell);
        if (CellShape.IsEmail(cell))
            return CellKind.Email;
        if (cell.Length < ListDate.Longest && ListDate.TryRead(cell, DateOrder.Unknown, out _, out _))
            return CellKind.Date;
        if (CellShape.IsPhone(cell) && !CellShape.HasLetters(cell))
            return CellKind.Phone;
        if (CellShape.IsBareNumber(cell))
            return CellKind.Number;
        if (ConsentCell.Read(cell).Answer is Answer.Yes or Answer.No)
            return CellKind.Answer;
        return Places.Country(cell).IsNone ? CellKind.Text : CellKind.Place;
    }

    /// <summary>Compares a cell of the first row with those below it: the same kind of thing, or the very same word, makes it alike.</summary>
    private static void Compare(string cell, CellKind kind, IReadOnlyList<string[]> rows, int column, ref int alike, ref int unlike)
    {
        int same = 0, filled = 0;
        var repeats = false;
        for (var i = 0; i < rows.Count && i < RowsCompared; i++)
        {
            var below = column < rows[i].Length ? rows[i][column] : "";
            if (CellText.Trim(below).IsEmpty)
                continue;
            filled++;
            repeats |= below.AsSpan().Trim().Equals(cell.AsSpan().Trim(), StringComparison.OrdinalIgnoreCase);
            if (Kind(below) == kind)
                same++;
        }

        if (filled == 0)
            return;
        if (repeats || kind != CellKind.Text && 2 * same > filled)
            alike++;
        else if (kind == CellKind.Text && 2 * same < filled)
            unlike++;
    }
}
