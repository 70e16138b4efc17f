using System.Text;
using System.Text.Unicode;

namespace Ringfence.Server.Lists.Reading;

/// <summary>A list as CSV or with another separator, in any encoding.</summary>
internal sealed class TextTable : ListFile
{
    // What separator, header and shape are found from.
    private const int Sample = 256 * 1024;

    // Read at a time: what a full batch leaves over has to be moved to the next.
    private const int Piece = 64 * 1024;

    private readonly FileContent _file;
    private readonly TextEncoding _encoding;
    private readonly Utf8Content _content;
    private readonly byte _separator;
    private readonly TableShape _shape;
    private readonly RowTokenizer _tokenizer;
    private byte[] _carried;
    private int _carriedLength;
    private bool _ended;

    private TextTable(FileContent file, TextEncoding encoding, Utf8Content content)
    {
        (_file, _encoding, _content) = (file, encoding, content);
        _carried = new byte[Sample];
        ReadCarried();
        var sample = _carried.AsSpan(0, _carriedLength);
        var (separator, line) = TableSeparator.Named(sample);
        if (line > 0)
        {
            sample[line..].CopyTo(_carried);
            _carriedLength -= line;
            sample = sample[..^line];
        }

        _separator = line > 0 ? separator : TableSeparator.Find(sample, _ended);
        var rows = TableSeparator.Cut(sample, _ended, _separator);
        if (rows.Count == 0 && !_ended)
            rows = TableSeparator.Cut(sample, isWhole: true, _separator);
        if (rows.Count == 0)
            throw UnreadableListException.Empty();

        _shape = TableShape.Of(rows);
        _tokenizer = new RowTokenizer(_separator, _shape);
    }

    public static TextTable Open(FileContent file, TextEncoding encoding)
    {
        var content = new Utf8Content(file, encoding);
        try
        {
            return new TextTable(file, encoding, content);
        }
        catch
        {
            content.Dispose();
            throw;
        }
    }

    public override string Format => "csv";

    public override char? Separator => (char)_separator;

    public override Encoding Encoding => _encoding.Encoding;

    public override int ColumnCount => _shape.ColumnCount;

    public override (long Read, long Total) Progress => (Math.Min(_content.Position, _file.Length), _file.Length);

    protected override void Fill(RowBatch batch)
    {
        batch.Append(_carried.AsSpan(0, _carriedLength));
        _carriedLength = 0;
        int start = 0, end = batch.Used;
        while (true)
        {
            var next = _tokenizer.Cut(batch, start, end, _ended);
            var waiting = end - next;
            if (batch.Count > 0 && (batch.IsFull || (_ended && waiting == 0)))
            {
                Carry(batch.Bytes.AsSpan(next, waiting));
                _tokenizer.Moved(next);
                break;
            }

            start = next;
            if (_ended)
                break;
            if (waiting > ListLimits.RowBytes)
                throw UnreadableListException.RowTooLong();

            // As much again as is waiting, so that a long row is cut again only a few times.
            var wanted = Math.Max(Piece, waiting);
            batch.EnsureBytes(end + wanted);
            var read = _content.Read(batch.Bytes.AsSpan(end, wanted));
            _ended = read == 0;
            end += read;
        }

        MarkCells(batch);
    }

    private void ReadCarried()
    {
        while (_carriedLength < _carried.Length && !_ended)
        {
            var read = _content.Read(_carried.AsSpan(_carriedLength));
            _ended = read == 0;
            _carriedLength += read;
        }
    }

    private void Carry(ReadOnlySpan<byte> rest)
    {
        if (rest.Length > _carried.Length)
            _carried = new byte[rest.Length];
        rest.CopyTo(_carried);
        _carriedLength = rest.Length;
    }

    // Looks for damaged characters and overlong cells; in nearly every batch one fast look at all bytes finds none.
    private void MarkCells(RowBatch batch)
    {
        var bytes = batch.Bytes.AsSpan(0, batch.Used);
        var isWhole = IsWhole(bytes);
        if (isWhole && batch.Used <= ListLimits.CellBytes)
            return;

        var faults = batch.Faults.Count;
        for (var row = 0; row < batch.Count; row++)
        {
            // Cells end at ASCII characters: where no byte of a row is damaged, none of a cell is.
            if (batch.Span(row) is var all && all.Length <= ListLimits.CellBytes && (isWhole || IsWhole(all)))
                continue;
            for (var column = 0; column < batch.CellCount(row); column++)
            {
                var cell = batch.Cell(row, column);
                if (cell.Length > ListLimits.CellBytes)
                    batch.Faults.Add(new RowFault(row, "cell-too-long", column));
                if (isWhole || IsWhole(cell))
                    continue;

                batch.Faults.Add(new RowFault(row, "bad-encoding", column));
                if (_encoding.IsUtf8)
                    batch.Replace(row, column, Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(cell)));
            }
        }

        if (batch.Faults.Count > faults)
        {
            var inOrder = batch.Faults.OrderBy(fault => fault.Row).ToList();
            batch.Faults.Clear();
            batch.Faults.AddRange(inOrder);
        }
    }

    private bool IsWhole(ReadOnlySpan<byte> bytes) => _encoding.IsUtf8 ? Utf8.IsValid(bytes) : bytes.IndexOf("\uFFFD"u8) < 0;

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _content.Dispose();
    }
}
