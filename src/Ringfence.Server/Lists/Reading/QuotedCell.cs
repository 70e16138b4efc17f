namespace Ringfence.Server.Lists.Reading;

/// <summary>Finds where a quoted cell ends, and tells a cell over several lines from a quote that was never closed.</summary>
/// <remarks>
/// <para>A quote closes the cell when a separator, a line end or the end of the file follows (blanks between are passed over); two quotes are
/// one character of it. A quote followed by anything else is stray: <c>"the "big" one"</c>. It is kept, and the row has the fault <c>bad-quote</c>.</para>
/// <para>The opening quote is taken as a character, with the fault <c>open-quote</c>, and the cell ends at the next separator or line end, when
/// no closing quote comes within <see cref="ListLimits.CellBytes"/>; when the next quote stands on a later line and is no closing one, or
/// stands behind a separator like an opening one; and when every line that the cell would swallow has as many cells as the header, for then
/// they are rows. So a forgotten quote costs its own row a fault, and no other row anything.</para>
/// </remarks>
internal sealed class QuotedCell(byte separator, int columnCount)
{
    // Below this many columns, the lines of an honest note may well have as many separators as the header.
    private const int ColumnsThatTell = 4;

    private int _oneLineUntil;      // a search over several lines came to nothing up to here: none begins before
    private int _oneLineUntilAtRow;

    internal enum EndKind : byte { Closed, NotClosed, NeedsMore }

    /// <param name="Kind">How the search ended.</param>
    /// <param name="Close">Where the closing quote stands.</param>
    /// <param name="Next">Where the separator or line end behind it stands.</param>
    /// <param name="Doubled">Whether the cell holds doubled quotes.</param>
    /// <param name="Stray">Whether it holds stray ones.</param>
    /// <param name="Reached">If not closed, how far was looked: quotes before are no reason to look again.</param>
    internal readonly record struct End(EndKind Kind, int Close, int Next, bool Doubled, bool Stray, int Reached);

    public void BeginRow() => _oneLineUntilAtRow = _oneLineUntil;

    public void ForgetRow() => _oneLineUntil = _oneLineUntilAtRow;

    public void Moved(int by) => _oneLineUntil = _oneLineUntilAtRow = Math.Max(0, _oneLineUntil - by);

    /// <summary>Finds the end of the cell whose opening quote stands at <paramref name="open"/>.</summary>
    public End FindEnd(byte[] bytes, int row, int open, int end, bool isLast, int cellsBefore)
    {
        var oneLine = open < _oneLineUntil;
        var far = Math.Min((long)end, (long)open + 1 + ListLimits.CellBytes);
        var limit = (int)far;
        bool broken = false, doubled = false, stray = false;
        var from = open + 1;
        while (true)
        {
            var quote = bytes.AsSpan(from, limit - from).IndexOf((byte)'"');
            var upTo = quote < 0 ? limit : from + quote;
            if (!broken && bytes.AsSpan(from, upTo - from).IndexOfAny((byte)'\n', (byte)'\r') is >= 0 and var lineEnd)
            {
                if (oneLine || stray)
                    return NotClosed(from + lineEnd, stray);
                broken = true;
            }

            if (quote < 0)
                return limit < end || isLast ? NotClosed(limit, stray) : default(End) with { Kind = EndKind.NeedsMore };

            var at = from + quote;
            var next = at + 1;
            if (next < end && bytes[next] == '"')
            {
                doubled = true;
                from = at + 2;
                if (from > limit)
                    return NotClosed(limit, stray);
                continue;
            }

            while (next < end && (bytes[next] == ' ' || (bytes[next] == '\t' && separator != '\t')))
                next++;
            if (next >= end && !isLast)
                return default(End) with { Kind = EndKind.NeedsMore };

            if (next >= end || bytes[next] == separator || bytes[next] is (byte)'\n' or (byte)'\r')
            {
                if (!broken)
                    return new End(EndKind.Closed, at, next, doubled, stray, at);

                return SwallowsRows(bytes, open, at, next, end, isLast, cellsBefore) switch
                {
                    null => default(End) with { Kind = EndKind.NeedsMore },
                    true => NotClosed(at, stray),
                    false => new End(EndKind.Closed, at, next, doubled, stray, at),
                };
            }

            if (broken || (at > open + 1 && bytes[at - 1] == separator))
                return NotClosed(at, stray);
            stray = true;
            from = at + 1;
        }
    }

    private End NotClosed(int reached, bool stray)
    {
        _oneLineUntil = Math.Max(_oneLineUntil, reached);
        return new End(EndKind.NotClosed, 0, 0, Doubled: false, stray, reached);
    }

    // Null: the rest of the line is not there yet. Else whether each line from the one with the opening quote to the one with the closing quote has as many cells as the header.
    private bool? SwallowsRows(byte[] bytes, int open, int close, int next, int end, bool isLast, int cellsBefore)
    {
        if (columnCount < ColumnsThatTell)
            return false;

        var cells = cellsBefore + 1;
        var from = open + 1;
        while (true)
        {
            var line = bytes.AsSpan(from, close - from);
            var length = line.IndexOfAny((byte)'\n', (byte)'\r');
            if (length < 0)
                break;

            if (cells + line[..length].Count(separator) != columnCount)
                return false;

            from += length + (line[length] == '\r' && length + 1 < line.Length && line[length + 1] == '\n' ? 2 : 1);
            cells = 1;
        }

        var rest = bytes.AsSpan(next, Math.Min(end - next, ListLimits.CellBytes));
        var lineEnd = rest.IndexOfAny((byte)'\n', (byte)'\r');
        if (lineEnd < 0 && !isLast && rest.Length < ListLimits.CellBytes)
            return null;

        rest = lineEnd < 0 ? rest : rest[..lineEnd];
        return cells + bytes.AsSpan(from, close - from).Count(separator) + rest.Count(separator) == columnCount;
    }
}
