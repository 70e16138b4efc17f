using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Ringfence.Server.Lists.Reading;

/// <summary>Lays one JSON object out as a row of cells.</summary>
/// <remarks>
/// Nested objects become columns <c>outer.inner</c>; the values of an array are joined by <c>; </c> in one cell, those of an object in it by
/// a blank; numbers stay as they are written; null is empty. Where a key comes twice, both values are kept, joined, and the row has the fault
/// <c>bad-json</c>. What is no JSON object is one cell with the raw text, and the same fault.
/// </remarks>
internal sealed class JsonRow(JsonColumns columns)
{
    public static readonly JsonReaderOptions Options = new()
    {
        AllowTrailingCommas = true,
        CommentHandling = JsonCommentHandling.Skip,
        MaxDepth = ListLimits.Depth,
    };

    private const int LongestKey = 4096;
    private const int MostRepeatedKeys = 16;

    private readonly (int Start, int Length)[] _cells = new (int, int)[ListLimits.Columns];
    private readonly bool[] _set = new bool[ListLimits.Columns];
    private readonly int[] _parents = new int[ListLimits.Depth + 1];
    private readonly List<int> _repeated = [];
    private readonly RowBatch _unused = new();
    private byte[] _path = new byte[256];
    private int _pathLength;
    private int _lastColumn;
    private bool _learns;

    /// <summary>Adds the keys of a row to the columns.</summary>
    public void Learn(ReadOnlySpan<byte> row)
    {
        _learns = true;
        _unused.Clear(0);
        TryLayOut(Mended(row), _unused);
    }

    /// <summary>Writes a row into a batch.</summary>
    /// <param name="row">The row's text.</param>
    /// <param name="batch">Takes the row.</param>
    /// <param name="isTranscoded">Whether the text came from another encoding, so that U+FFFD in it means damage.</param>
    public void Write(ReadOnlySpan<byte> row, RowBatch batch, bool isTranscoded)
    {
        _learns = false;
        var mended = Mended(row);
        var isDamaged = mended.Length != row.Length || !mended.SequenceEqual(row) || (isTranscoded && row.IndexOf("\uFFFD"u8) >= 0);
        var used = batch.Used;
        if (TryLayOut(mended, batch))
        {
            for (var column = 0; column < columns.Names.Count; column++)
            {
                batch.EnsureCells(1);
                batch.AddCellAt(_set[column] ? _cells[column].Start : 0, _set[column] ? _cells[column].Length : 0);
            }

            foreach (var column in _repeated)
                batch.Fault("bad-json", column);
        }
        else
        {
            batch.Used = used;
            batch.AddCell(mended);
            batch.Fault("bad-json", -1);
        }

        for (var column = 0; column < batch.OpenCells; column++)
        {
            var at = batch.OpenCell(column);
            if (at.Length > ListLimits.CellBytes)
                batch.Fault("cell-too-long", column);
            if (isDamaged && batch.Bytes.AsSpan(at.Start, at.Length).IndexOf("\uFFFD"u8) >= 0)
                batch.Fault("bad-encoding", column);
        }

        batch.EndRow();
    }

    private static ReadOnlySpan<byte> Mended(ReadOnlySpan<byte> row) =>
        Utf8.IsValid(row) ? row : Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(row));

    private bool TryLayOut(ReadOnlySpan<byte> row, RowBatch batch)
    {
        Array.Clear(_set, 0, columns.Names.Count);
        _repeated.Clear();
        _pathLength = 0;
        _lastColumn = -1;
        var reader = new Utf8JsonReader(row, Options);
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return false;

            LayOutObjects(ref reader, batch);
            return !reader.Read() && _repeated.Count <= MostRepeatedKeys;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private void LayOutObjects(ref Utf8JsonReader reader, RowBatch batch)
    {
        var depth = 0;
        _parents[0] = 0;
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName:
                    _pathLength = _parents[depth];
                    AppendKey(ref reader);
                    break;
                case JsonTokenType.StartObject:
                    _parents[++depth] = _pathLength;
                    break;
                case JsonTokenType.EndObject when depth == 0:
                    return;
                case JsonTokenType.EndObject:
                    depth--;
                    break;
                case JsonTokenType.StartArray:
                    Set(ref reader, batch, isArray: true);
                    break;
                default:
                    Set(ref reader, batch, isArray: false);
                    break;
            }

            if (_repeated.Count > MostRepeatedKeys)
                throw new JsonException("Keys repeat too often.");
        }
    }

    private void AppendKey(ref Utf8JsonReader reader)
    {
        var length = reader.ValueSpan.Length;
        if (_pathLength + length + 1 > LongestKey)
            throw new JsonException("A key is too long.");
        if (_path.Length < _pathLength + length + 1)
            Array.Resize(ref _path, LongestKey);
        if (_pathLength > 0)
            _path[_pathLength++] = (byte)'.';
        _pathLength += Unescape(ref reader, _path.AsSpan(_pathLength));
    }

    private void Set(ref Utf8JsonReader reader, RowBatch batch, bool isArray)
    {
        var key = _path.AsSpan(0, _pathLength);
        var column = columns.Find(key, _lastColumn + 1);
        if (column < 0 && _learns)
            column = columns.Add(key);

        var start = batch.Used;
        if (column >= 0 && _set[column])
        {
            _repeated.Add(column);
            var (first, length) = _cells[column];
            batch.Append(batch.Bytes.AsSpan(first, length));
            batch.Append("; "u8);
        }

        if (isArray)
            AppendArray(ref reader, batch);
        else
            AppendScalar(ref reader, batch);

        // In a row whose keys were learned every key has a column: only rows that are no JSON were not learned from.
        if (column < 0)
            throw new JsonException("An unknown key.");
        _set[column] = true;
        _cells[column] = (start, batch.Used - start);
        _lastColumn = column;
    }

    private static void AppendArray(ref Utf8JsonReader reader, RowBatch batch)
    {
        var outer = reader.CurrentDepth;
        var any = false;
        while (reader.Read() && !(reader.TokenType == JsonTokenType.EndArray && reader.CurrentDepth == outer))
        {
            if (reader.TokenType is JsonTokenType.PropertyName or JsonTokenType.StartObject or JsonTokenType.EndObject
                or JsonTokenType.StartArray or JsonTokenType.EndArray or JsonTokenType.Null)
            {
                any = any && (reader.TokenType != JsonTokenType.StartObject || Joined(batch));
                continue;
            }

            if (any)
                batch.Append(reader.CurrentDepth == outer + 1 ? "; "u8 : " "u8);
            AppendScalar(ref reader, batch);
            any = true;
        }
    }

    private static bool Joined(RowBatch batch)
    {
        batch.Append(";"u8);
        return true;
    }

    private static void AppendScalar(ref Utf8JsonReader reader, RowBatch batch)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                batch.EnsureBytes(batch.Used + reader.ValueSpan.Length);
                batch.Used += Unescape(ref reader, batch.Bytes.AsSpan(batch.Used));
                break;
            case JsonTokenType.Number or JsonTokenType.True or JsonTokenType.False:
                batch.Append(reader.ValueSpan);
                break;
            default:
                break;
        }
    }

    private static int Unescape(ref Utf8JsonReader reader, Span<byte> into)
    {
        try
        {
            return reader.CopyString(into);
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair, escaped: the escapes are all that can be shown.
            reader.ValueSpan.CopyTo(into);
            return reader.ValueSpan.Length;
        }
    }
}
