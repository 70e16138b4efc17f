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
            var marks = Marks(bytes, block, end);
            var next = block + 64;
            while (marks != 0)
            {
                var at = block + BitOperations.TrailingZeroCount(marks);
                marks &= marks - 1;
                var mark = bytes[at];
                if (mark == separator)
                {
                    batch.AddCellAt(cell, at - cell);
                    cell = at + 1;
                }
                else if (mark == '"')
                {
                    if (at < literalUntil || !IsBlank(bytes, cell, at))
                        continue;

                    var found = _quoted.FindEnd(bytes, row, at, end, isLast, batch.OpenCells);
                    if (found.Kind == QuotedCell.EndKind.NeedsMore)
                    {
                        block = end;
                        goto OutOfBytes;
                    }

                    if (found.Kind == QuotedCell.EndKind.NotClosed)
                    {
                        batch.Fault(found.Stray ? "bad-quote" : "open-quote", batch.OpenCells);
                        literalUntil = found.Reached;
                        continue;
                    }

                    if (found.Stray)
                        batch.Fault("bad-quote", batch.OpenCells);
                    if (found.Doubled)
                        _doubled.Add(batch.OpenCells);
                    batch.AddCellAt(at + 1, found.Close - at - 1);
                    cell = found.Next;
                    if (cell >= end)
                    {
                        EndRow(batch, end);      // only at the end of the text, else more would have been needed
                        return end;
                    }

                    if (bytes[cell] == separator)
                    {
                        cell++;
                    }
                    else
                    {
                        cell++;
                        EndRow(batch, cell);
                        row = literalUntil = cell;
                        if (batch.IsFull)
                            return cell;
                    }

                    next = cell;
                    break;
                }
                else
                {
                    if (batch.OpenCells > 0 || !IsBlank(bytes, cell, at))
                    {
                        batch.AddCellAt(cell, at - cell);
                        EndRow(batch, at + 1);
                    }

                    cell = at + 1;
                    row = literalUntil = cell;
                    if (batch.IsFull)
                        return cell;
                }
            }

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
                EndRow(batch, end);
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong Marks(byte[] bytes, int from, int end)
    {
        ref var first = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(bytes), from);
        var low = Marks(Vector256.LoadUnsafe(ref first));
        var high = Marks(Vector256.LoadUnsafe(ref first, 32));
        var marks = low | (ulong)high << 32;
        return end - from >= 64 ? marks : marks & ((1UL << (end - from)) - 1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private uint Marks(Vector256<byte> bytes) =>
        (Vector256.Equals(bytes, Vector256.Create(separator)) | Vector256.Equals(bytes, Vector256.Create((byte)'"'))
            | Vector256.Equals(bytes, Vector256.Create((byte)'\n')) | Vector256.Equals(bytes, Vector256.Create((byte)'\r')))
        .ExtractMostSignificantBits();

    private static bool IsBlank(byte[] bytes, int from, int until) =>
        from == until || (bytes[from] == ' ' && bytes.AsSpan(from, until - from).IndexOfAnyExcept((byte)' ') < 0);

    private void EndRow(RowBatch batch, int used)
    {
        if (_doubled.Count > 0)
            Undouble(batch);
        var cells = batch.OpenCells;
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
