using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Ringfence.Server.Lists.Reading;

/// <summary>Some rows of a list: one buffer of UTF-8 bytes and where the cells in it are.</summary>
/// <remarks>A batch is filled again and again and keeps its buffers, so that a run over a long list allocates little.</remarks>
internal sealed class RowBatch
{
    /// <summary>How many rows a batch holds at most.</summary>
    public const int Capacity = 4096;

    /// <summary>Bytes kept free behind what is used, so that a whole vector may be loaded at any byte.</summary>
    internal const int Padding = 64;

    private readonly int[] _rowStarts = new int[Capacity + 1];     // and behind the last row its end
    private CellAt[] _cells = new CellAt[Capacity * 4];
    private byte[] _bytes = new byte[256 * 1024 + Padding];

    /// <summary>Number of rows.</summary>
    public int Count { get; private set; }

    /// <summary>Position of the first row in the file, from 0, the header included.</summary>
    public long FirstRow { get; private set; }

    /// <summary>Rows that could not be read as the header says, in order. Their cells are still there.</summary>
    public List<RowFault> Faults { get; } = [];

    /// <summary>How many cells a row has; may be fewer or more than the columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int CellCount(int row)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)Count, nameof(row));
        return unchecked(_rowStarts[row + 1] - _rowStarts[row]);
    }

    /// <summary>The bytes of a cell, unquoted, as UTF-8; empty beyond the row's end.</summary>
    public ReadOnlySpan<byte> Cell(int row, int column)
    {
        if ((uint)column >= (uint)CellCount(row))
            return default;

        ref readonly var at = ref _cells[unchecked(_rowStarts[row] + column)];
        // Invariant: a cell lies within the buffer.
        return MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_bytes), at.Start), at.Length);
    }

    /// <summary>From the first cell of a row to its last, with whatever stands between them. For rows as they were cut.</summary>
    internal ReadOnlySpan<byte> Span(int row)
    {
        var cells = CellsOf(row);
        return cells.IsEmpty ? default : _bytes.AsSpan(cells[0].Start, cells[^1].Start + cells[^1].Length - cells[0].Start);
    }

    /// <summary>Where the cells of a row stand in <see cref="Bytes"/>.</summary>
    internal ReadOnlySpan<CellAt> CellsOf(int row) => _cells.AsSpan(_rowStarts[row], CellCount(row));

    /// <summary>Empties the batch for rows from a position on.</summary>
    internal void Clear(long firstRow)
    {
        Count = 0;
        FirstRow = firstRow;
        OpenCells = 0;
        Used = 0;
        Faults.Clear();
    }

    /// <summary>Whether no further row should be added.</summary>
    internal bool IsFull => Count == Capacity || Used >= ListLimits.BatchBytes || CellsTotal >= ListLimits.BatchCells;

    /// <summary>Cells of the row that is being written.</summary>
    internal int OpenCells { get; set; }

    /// <summary>Bytes in use. Readers that put their own bytes into <see cref="Bytes"/> say so here.</summary>
    internal int Used { get; set; }

    /// <summary>The buffer itself, for readers that read straight into it.</summary>
    internal byte[] Bytes => _bytes;

    /// <summary>Where the cells are, for readers that write many of them: those of the open row from <see cref="OpenRowStart"/> on.</summary>
    internal CellAt[] Cells => _cells;

    /// <summary>Where the cells of the row being written begin.</summary>
    internal int OpenRowStart => _rowStarts[Count];

    private int CellsTotal => _rowStarts[Count] + OpenCells;

    /// <summary>Makes room for so many bytes in all, and keeps what is there.</summary>
    internal void EnsureBytes(int size)
    {
        if (size + Padding > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max(size + Padding, Math.Min(_bytes.Length * 2, ListLimits.BatchBytes * 16)));
    }

    /// <summary>Makes room for so many further cells.</summary>
    internal void EnsureCells(int more)
    {
        if (CellsTotal + more > _cells.Length)
            Array.Resize(ref _cells, Math.Max(CellsTotal + more, _cells.Length * 2));
    }

    /// <summary>Adds a cell that stands in <see cref="Bytes"/>; the caller has made room.</summary>
    internal void AddCellAt(int start, int length)
    {
        _cells[CellsTotal] = new CellAt(start, length);
        OpenCells++;
    }

    /// <summary>Adds a cell with a copy of these bytes.</summary>
    internal void AddCell(scoped ReadOnlySpan<byte> value)
    {
        EnsureCells(1);
        AddCellAt(Append(value), value.Length);
    }

    /// <summary>Copies bytes behind those in use, and says where.</summary>
    internal int Append(scoped ReadOnlySpan<byte> value)
    {
        EnsureBytes(Used + value.Length);
        var start = Used;
        value.CopyTo(_bytes.AsSpan(start));
        Used += value.Length;
        return start;
    }

    /// <summary>Where a cell of the row being written stands.</summary>
    internal CellAt OpenCell(int column)
    {
        Debug.Assert(column < OpenCells);
        return _cells[OpenRowStart + column];
    }

    /// <summary>Changes where a cell of the row being written stands.</summary>
    internal void MoveOpenCell(int column, CellAt to) => _cells[OpenRowStart + column] = to;

    /// <summary>Replaces a cell of a finished row.</summary>
    internal void Replace(int row, int column, scoped ReadOnlySpan<byte> value)
    {
        var start = Append(value);
        _cells[_rowStarts[row] + column] = new CellAt(start, value.Length);
    }

    /// <summary>Takes back the cells of the row being written, or the last of them.</summary>
    internal void DropOpenCells(int keep = 0) => OpenCells = keep;

    /// <summary>Notes a fault of the row being written.</summary>
    internal void Fault(string code, int column) => Faults.Add(new RowFault(Count, code, column));

    /// <summary>Takes back the faults of the row being written.</summary>
    internal void DropOpenFaults()
    {
        while (Faults.Count > 0 && Faults[^1].Row == Count)
            Faults.RemoveAt(Faults.Count - 1);
    }

    /// <summary>Ends the row being written.</summary>
    internal void EndRow()
    {
        var end = CellsTotal;
        OpenCells = 0;
        _rowStarts[++Count] = end;
    }

    /// <summary>Where a cell is in the buffer.</summary>
    internal readonly record struct CellAt(int Start, int Length);
}

/// <summary>Why a row can't be read as the header says.</summary>
/// <param name="Row">Position in the batch.</param>
/// <param name="Code"><c>too-many-cells</c>, <c>too-few-cells</c>, <c>open-quote</c>, <c>bad-quote</c>, <c>bad-encoding</c>, <c>bad-json</c>, <c>cell-too-long</c>.</param>
/// <param name="Column">The column it was seen at, from 0; -1 where it is the row as a whole.</param>
internal readonly record struct RowFault(int Row, string Code, int Column);
