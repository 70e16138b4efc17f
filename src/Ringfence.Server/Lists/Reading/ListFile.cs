using System.Text;

namespace Ringfence.Server.Lists.Reading;

/// <summary>A contact list opened for reading: batches of rows of UTF-8 cells, whatever the file is.</summary>
/// <remarks>Memory is bounded by the limits of <see cref="ListLimits"/>, whatever the file's size. Rows include the header row, if there is one.</remarks>
internal abstract class ListFile : IDisposable
{
    /// <summary>Opens a file and finds out what it is.</summary>
    /// <exception cref="UnreadableListException">It is no list we can read, or goes beyond a limit.</exception>
    public static ListFile Open(string path, ListReadOptions options) => throw new NotImplementedException();

    /// <summary><c>csv</c>, <c>xlsx</c> or <c>ndjson</c>.</summary>
    public abstract string Format { get; }

    /// <summary>For text tables the separator; null else.</summary>
    public virtual char? Separator => null;

    /// <summary>The encoding found.</summary>
    public virtual Encoding Encoding => Encoding.UTF8;

    /// <summary>For workbooks the sheet read; null else.</summary>
    public virtual string? Sheet => null;

    /// <summary>Number of columns: that of the first row, or of the keys seen in NDJSON.</summary>
    public abstract int ColumnCount { get; }

    /// <summary>For NDJSON the names of the columns, which stand in no row; null where the first row may be a header.</summary>
    public virtual IReadOnlyList<string>? ColumnNames => null;

    /// <summary>Bytes of the file read so far, and all of them, for progress.</summary>
    public abstract (long Read, long Total) Progress { get; }

    /// <summary>Fills a batch with the next rows. False at the end, when the batch is empty.</summary>
    /// <exception cref="UnreadableListException">The file goes beyond a limit or breaks off.</exception>
    public abstract bool Read(RowBatch batch);

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected abstract void Dispose(bool disposing);
}

/// <summary>How a list is to be read.</summary>
/// <param name="Sheet">The sheet of a workbook; null for the first with rows.</param>
internal sealed record ListReadOptions(string? Sheet);

/// <summary>Some rows of a list: one buffer of UTF-8 bytes and where the cells in it are.</summary>
internal sealed class RowBatch
{
    /// <summary>How many rows a batch holds at most.</summary>
    public const int Capacity = 4096;

    /// <summary>Number of rows.</summary>
    public int Count { get; private set; }

    /// <summary>Rows that could not be read as the header says, in order. Their cells are still there.</summary>
    public List<RowFault> Faults { get; } = [];

    /// <summary>How many cells a row has; may be fewer or more than the columns.</summary>
    public long FirstRow { get; private set; }

    public int CellCount(int row) => throw new NotImplementedException();

    /// <summary>The bytes of a cell, unquoted, as UTF-8; empty beyond the row's end.</summary>
    public ReadOnlySpan<byte> Cell(int row, int column) => throw new NotImplementedException();
}

/// <summary>Why a row can't be read as the header says.</summary>
/// <param name="Row">Position in the batch.</param>
/// <param name="Code"><c>too-many-cells</c>, <c>too-few-cells</c>, <c>open-quote</c>, <c>bad-quote</c>, <c>bad-encoding</c>, <c>bad-json</c>, <c>cell-too-long</c>.</param>
/// <param name="Column">The column it was seen at, from 0; -1 where it is the row as a whole.</param>
internal readonly record struct RowFault(int Row, string Code, int Column);

/// <summary>A file that is no list we can read.</summary>
internal sealed class UnreadableListException : Exception
{
    public UnreadableListException() { }

    public UnreadableListException(string message) : base(message) { }

    public UnreadableListException(string message, Exception inner) : base(message, inner) { }

    /// <summary>Stable code: <c>not-found</c>, <c>empty</c>, <c>not-a-list</c>, <c>no-such-sheet</c>, <c>too-large-unpacked</c>, <c>too-many-columns</c>, ...</summary>
    public string Code { get; init; } = "not-a-list";

    /// <summary>What to fill into the message in the user's language.</summary>
    public IReadOnlyList<object> Arguments { get; init; } = [];
}

/// <summary>How large a list and its parts may be.</summary>
internal static class ListLimits
{
    /// <summary>Columns of a list: more than any export has, few enough to keep a row small.</summary>
    public const int Columns = 1024;

    /// <summary>Bytes of one cell: a long note is some kilobytes; Excel itself stops at 32,767 characters.</summary>
    public const int CellBytes = 256 * 1024;
}
