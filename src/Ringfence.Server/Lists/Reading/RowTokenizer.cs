using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Ringfence.Server.Lists.Reading;

/// <summary>Cuts UTF-8 text into rows and cells, in place, in the buffer of a batch.</summary>
/// <remarks>
/// <para>Our own, and not CsvHelper's, because a list from outside must not lose rows to one stray quote: CsvHelper (like RFC 4180) reads
/// a quote that is never closed as one cell up to the end of the file. It also works in a buffer of its own, which would be a further copy.</para>
/// <para>Rows end at LF, CR or both; empty lines are no rows. A quote opens a cell only at its beginning (blanks before it are passed over);
/// elsewhere it is a character like others. See <see cref="QuotedCell"/> for how a quoted cell ends, and what is done when it does not.</para>
/// <para>Time is linear in the input: bytes are looked at once by the row loop, at most once by a search for a closing quote over several
/// lines, and at most once by one within a line.</para>
/// </remarks>
internal sealed class RowTokenizer(byte separator, TableShape shape)
{
    private readonly List<int> _doubled = [];
    private readonly QuotedCell _quoted = new(separator, shape.ColumnCount);

    /// <summary>Cuts rows out of a batch's bytes, until it is full.</summary>
    /// <param name="batch">The batch; its cells will point into its own bytes.</param>
    /// <param name="start">Where the first row begins.</param>
    /// <param name="end">Where the bytes end.</param>
    /// <param name="isLast">Whether the text ends there too, so that what is left is a row.</param>
    /// <returns>Where the next row begins: behind it, more bytes are needed.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]     // at its best from the first batch on: most runs are one list long
    public int Cut(RowBatch batch, int start, int end, bool isLast)
    {
        var row = start;                // where the row began
        var cell = start;               // where the cell began
        var literalUntil = start;       // quotes before it are characters
        var block = start;
        batch.Used = start;
        _quoted.BeginRow();
        while (block < end && !batch.IsFull)
        {
            batch.EnsureCells(65);
            var bytes = batch.Bytes;
            var cells = batch.Cells;
            var written = batch.OpenRowStart + batch.OpenCells;
            var (marks, quotes, breaks) = Marks(bytes, block, end);
            var next = block + 64;

            // Most blocks hold separators only. EnsureCells made room for as many cells as a block has bytes.
            if ((quotes | breaks) == 0)
            {
                ref var free = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(cells), written);
                batch.OpenCells += BitOperations.PopCount(marks);
                for (; marks != 0; marks &= unchecked(marks - 1))
                {
                    var at = unchecked(block + BitOperations.TrailingZeroCount(marks));
                    free = new RowBatch.CellAt(cell, unchecked(at - cell));
                    free = ref Unsafe.Add(ref free, 1);
                    cell = unchecked(at + 1);
                }

                block = next;
                continue;
            }

            while (marks != 0)
            {
                var at = block + BitOperations.TrailingZeroCount(marks);
                marks &= unchecked(marks - 1);
                var mark = bytes[at];
                if (mark == separator)
                {
                    cells[written++] = new RowBatch.CellAt(cell, at - cell);
                    cell = at + 1;
                    continue;
                }

                var openCells = written - batch.OpenRowStart;
                if (mark != '"')
                {
                    if (openCells > 0 || !IsBlank(bytes, cell, at))
                    {
                        cells[written++] = new RowBatch.CellAt(cell, at - cell);
                        EndRow(batch, openCells + 1, at + 1);
                        written = batch.OpenRowStart;
                    }

                    row = literalUntil = cell = at + 1;
                    if (batch.IsFull)
                        return cell;
                    continue;
                }

                if (at < literalUntil || !IsBlank(bytes, cell, at))
                    continue;

                // Most quoted cells end within the block and on the same line. One that does not is looked at again from the start of a block.
                int close, behind;
                var position = at - block;
                var later = quotes & ulong.MaxValue << position << 1;
                var first = BitOperations.TrailingZeroCount(later);
                if (later != 0 && (breaks & ((1UL << first) - 1) & ulong.MaxValue << position) == 0
                    && block + first + 1 < end && IsEnd(bytes[block + first + 1]))
                {
                    (close, behind) = (block + first, block + first + 1);
                    marks &= ulong.MaxValue << first << 2;
                    next = Math.Max(next, behind + 1);
                }
                else if (position > 0)
                {
                    marks = 0;
                    next = at;
                    continue;
                }
                else
                {
                    var found = _quoted.FindEnd(bytes, row, at, end, isLast, openCells);
                    if (found.Kind == QuotedCell.EndKind.NeedsMore)
                    {
                        batch.OpenCells = openCells;
                        goto OutOfBytes;
                    }

                    if (found.Stray || found.Kind == QuotedCell.EndKind.NotClosed)
                        batch.Fault(found.Stray ? "bad-quote" : "open-quote", openCells);
                    if (found.Kind == QuotedCell.EndKind.NotClosed)
                    {
                        literalUntil = found.Reached;
                        continue;
                    }

                    if (found.Doubled)
                        _doubled.Add(openCells);
                    (close, behind) = (found.Close, found.Next);
                    marks = 0;
                    next = behind + 1;
                }

                cells[written++] = new RowBatch.CellAt(at + 1, close - at - 1);
                cell = behind + 1;
                if (behind < end && bytes[behind] == separator)
                    continue;

                EndRow(batch, openCells + 1, Math.Min(cell, end));
                if (behind >= end)
                    return end;         // the text ends there, else more would have been needed
                written = batch.OpenRowStart;
                row = literalUntil = cell;
                if (batch.IsFull)
                    return cell;
            }

            batch.OpenCells = written - batch.OpenRowStart;
            block = next;
        }

    OutOfBytes:
        if (isLast && !batch.IsFull && row < end)
        {
            // A lone Ctrl-Z is how DOS programs end a file.
            var last = batch.Bytes.AsSpan(cell, end - cell);
            if (batch.OpenCells > 0 || !(IsBlank(batch.Bytes, cell, end) || last is [0x1A]))
            {
                batch.EnsureCells(1);
                batch.AddCellAt(cell, end - cell);
                EndRow(batch, batch.OpenCells, end);
            }

            return end;
        }

        batch.DropOpenCells();
        batch.DropOpenFaults();
        _doubled.Clear();
        _quoted.ForgetRow();
        return row;
    }

    /// <summary>Says that the bytes moved to the front of the buffer by so many.</summary>
    public void Moved(int by) => _quoted.Moved(by);

    // One bit per byte: separators, quotes and line ends together; and of these the quotes and the line ends.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private (ulong All, ulong Quotes, ulong Breaks) Marks(byte[] bytes, int from, int end)
    {
        ref var first = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(bytes), from);
        var low = Vector256.LoadUnsafe(ref first);
        var high = Vector256.LoadUnsafe(ref first, 32);
        var inside = end - from >= 64 ? ulong.MaxValue : unchecked((1UL << (end - from)) - 1);
        var quotes = Bits(low, high, (byte)'"') & inside;
        var breaks = (Bits(low, high, (byte)'\n') | Bits(low, high, (byte)'\r')) & inside;
        return (Bits(low, high, separator) & inside | quotes | breaks, quotes, breaks);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Bits(Vector256<byte> low, Vector256<byte> high, byte mark)
    {
        var marks = Vector256.Create(mark);
        return Vector256.Equals(low, marks).ExtractMostSignificantBits() | (ulong)Vector256.Equals(high, marks).ExtractMostSignificantBits() << 32;
    }

    private static bool IsBlank(byte[] bytes, int from, int until) =>
        from == until || (bytes[from] == ' ' && bytes.AsSpan(from, until - from).IndexOfAnyExcept((byte)' ') < 0);

    private bool IsEnd(byte next) => next == separator || next is (byte)'\n' or (byte)'\r';

    private void EndRow(RowBatch batch, int cells, int used)
    {
        batch.OpenCells = cells;
        if (_doubled.Count > 0)
            Undouble(batch);
        if (cells != shape.ColumnCount)
            shape.Judge(batch);
        batch.EndRow();
        batch.Used = used;
        _quoted.BeginRow();
    }

    // Done at the row's end, since a row that has to wait for more bytes is cut again from its beginning.
    private void Undouble(RowBatch batch)
    {
        foreach (var column in _doubled)
        {
            var at = batch.OpenCell(column);
            var cell = batch.Bytes.AsSpan(at.Start, at.Length);
            var written = 0;
            for (var read = 0; read < cell.Length; read++)
            {
                cell[written++] = cell[read];
                if (cell[read] == '"' && read + 1 < cell.Length && cell[read + 1] == '"')
                    read++;
            }

            batch.MoveOpenCell(column, at with { Length = written });
        }

        _doubled.Clear();
    }
}
