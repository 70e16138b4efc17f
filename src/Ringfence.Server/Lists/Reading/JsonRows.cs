using System.Text;

namespace Ringfence.Server.Lists.Reading;

/// <summary>A list as NDJSON: one object per line; or as an array of objects, or objects one after another.</summary>
/// <remarks>
/// The keys are the columns, in the order in which they are first met. The file is read twice: once for the keys, so that one that comes late
/// is a column too, and once for the rows.
/// </remarks>
internal sealed class JsonRows : ListFile
{
    private readonly FileContent _file;
    private readonly TextEncoding _encoding;
    private readonly JsonColumns _columns;
    private readonly JsonFramer _framer;
    private readonly JsonRow _row;

    private JsonRows(FileContent file, TextEncoding encoding, JsonColumns columns)
    {
        (_file, _encoding, _columns) = (file, encoding, columns);
        _framer = new JsonFramer(file, encoding);
        _row = new JsonRow(columns);
    }

    /// <summary>Whether a text begins like an object or an array of objects.</summary>
    public static bool StartsLikeRows(FileContent content, TextEncoding encoding)
    {
        var start = content.Start.Span[encoding.MarkLength..];
        if (!encoding.IsUtf8)
            start = Encoding.UTF8.GetBytes(encoding.Encoding.GetString(start[..Math.Min(start.Length, 4096)]));

        start = start.TrimStart(" \t\r\n"u8);
        if (start is [(byte)'[', ..])
            return start[1..].TrimStart(" \t\r\n"u8) is [(byte)'{', ..];
        return start is [(byte)'{', ..] && start[1..].TrimStart(" \t\r\n"u8) is [(byte)'"' or (byte)'}', ..];
    }

    public static JsonRows Open(FileContent content, TextEncoding encoding)
    {
        var columns = new JsonColumns();
        using (var framer = new JsonFramer(content, encoding))
        {
            var learning = new JsonRow(columns);
            while (framer.Next(out var row))
                learning.Learn(row);
        }

        if (columns.Names.Count == 0)
            throw UnreadableListException.Empty();
        return new JsonRows(content, encoding, columns);
    }

    public override string Format => "ndjson";

    public override Encoding Encoding => _encoding.Encoding;

    public override int ColumnCount => _columns.Names.Count;

    public override IReadOnlyList<string> ColumnNames => _columns.Names;

    public override (long Read, long Total) Progress => (Math.Min(_framer.Position, _file.Length), _file.Length);

    protected override void Fill(RowBatch batch)
    {
        while (!batch.IsFull && _framer.Next(out var row))
            _row.Write(row, batch, !_encoding.IsUtf8);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _framer.Dispose();
    }
}

/// <summary>The columns of a JSON list: its keys, those of nested objects as <c>outer.inner</c>.</summary>
internal sealed class JsonColumns
{
    private readonly List<byte[]> _keys = [];
    private readonly List<string> _names = [];
    private readonly Dictionary<string, int> _byName = new(StringComparer.Ordinal);

    public IReadOnlyList<string> Names => _names;

    /// <summary>The column of a key; -1 where there is none.</summary>
    /// <param name="guess">Where it is likely to be: behind the one before.</param>
    public int Find(ReadOnlySpan<byte> key, int guess)
    {
        if (guess < _keys.Count && key.SequenceEqual(_keys[guess]))
            return guess;
        return _byName.TryGetValue(Encoding.UTF8.GetString(key), out var column) ? column : -1;
    }

    public int Add(ReadOnlySpan<byte> key)
    {
        if (_keys.Count == ListLimits.Columns)
            throw UnreadableListException.TooManyColumns();

        var name = Encoding.UTF8.GetString(key);
        _keys.Add(key.ToArray());
        _names.Add(name);
        _byName.Add(name, _names.Count - 1);
        return _names.Count - 1;
    }
}
