using System.Text.Json;

namespace Ringfence.Server.Lists.Reading;

/// <summary>Cuts JSON text into the texts of its rows.</summary>
/// <remarks>
/// By lines, where the first line or one in four is an object: damage then costs its own line only. Else by braces: objects in an array, or one
/// after another, over as many lines as they take.
/// </remarks>
internal sealed class JsonFramer : IDisposable
{
    private const int Chunk = 256 * 1024;

    private readonly Utf8Content _content;
    private readonly bool _byLines;
    private byte[] _buffer = new byte[Chunk];
    private int _start;
    private int _end;
    private bool _ended;

    public JsonFramer(FileContent content, TextEncoding encoding)
    {
        _content = new Utf8Content(content, encoding);
        while (!_ended && _end < 64 * 1024)
            More();
        _byLines = FirstLinesAreObjects(_buffer.AsSpan(0, _end));
    }

    /// <summary>Bytes of the file read so far.</summary>
    public long Position => _content.Position;

    /// <summary>The next row's text, valid until the next call; false at the end.</summary>
    public bool Next(out ReadOnlySpan<byte> row)
    {
        while (true)
        {
            var waiting = _buffer.AsSpan(_start, _end - _start);
            var blank = waiting.IndexOfAnyExcept(_byLines ? " \t\r\n"u8 : " \t\r\n,[]"u8);
            _start += blank < 0 ? waiting.Length : blank;
            waiting = _buffer.AsSpan(_start, _end - _start);
            var length = _byLines ? LengthOfLine(waiting) : LengthOfValue(waiting);
            if (length < 0 && _ended)
                length = waiting.Length;
            if (length > 0 || _ended)
            {
                row = waiting[..Math.Max(length, 0)].TrimEnd(" \t\r\n"u8);
                _start += row.Length;
                return row.Length > 0;
            }

            More();
        }
    }

    private static int LengthOfLine(ReadOnlySpan<byte> text) => text.IndexOf((byte)'\n');

    private static int LengthOfValue(ReadOnlySpan<byte> text)
    {
        if (text is not [(byte)'{', ..])
            return text.IndexOfAny((byte)'\n', (byte)'{');

        var depth = 0;
        var at = 0;
        while (true)
        {
            var mark = text[at..].IndexOfAny((byte)'"', (byte)'{', (byte)'}');
            if (mark < 0)
                return -1;

            at += mark + 1;
            switch (text[at - 1])
            {
                case (byte)'{':
                    depth++;
                    break;
                case (byte)'}' when --depth == 0:
                    return at;
                case (byte)'"':
                    var length = LengthOfString(text[at..]);
                    if (length < 0)
                        return -1;
                    at += length;
                    break;
                default:
                    break;
            }
        }
    }

    private static int LengthOfString(ReadOnlySpan<byte> text)
    {
        for (var at = 0; ;)
        {
            var mark = text[at..].IndexOfAny((byte)'"', (byte)'\\');
            if (mark < 0 || at + mark + 1 >= text.Length)
                return -1;
            if (text[at + mark] == '"')
                return at + mark + 1;
            at += mark + 2;
        }
    }

    private static bool FirstLinesAreObjects(ReadOnlySpan<byte> text)
    {
        int objects = 0, lines = 0;
        if (text.TrimStart(" \t\r\n"u8) is [(byte)'[', ..])
            return false;

        while (lines < 100 && !text.IsEmpty)
        {
            var end = text.IndexOf((byte)'\n');
            var line = (end < 0 ? text : text[..end]).Trim(" \t\r"u8);
            text = end < 0 ? default : text[(end + 1)..];
            if (line.IsEmpty)
                continue;

            lines++;
            objects += IsObject(line) ? lines == 1 ? 100 : 1 : 0;
        }

        return objects * 4 >= lines;
    }

    private static bool IsObject(ReadOnlySpan<byte> line)
    {
        if (line[0] != '{')
            return false;

        var reader = new Utf8JsonReader(line, JsonRow.Options);
        try
        {
            while (reader.Read())
            {
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private void More()
    {
        var waiting = _end - _start;
        if (waiting > ListLimits.RowBytes)
            throw UnreadableListException.RowTooLong();

        if (_start > 0)
        {
            _buffer.AsSpan(_start, waiting).CopyTo(_buffer);
            (_start, _end) = (0, waiting);
        }

        // As much again as is waiting, so that a long row is looked through again only a few times.
        if (_buffer.Length - _end < Math.Max(Chunk / 2, waiting))
            Array.Resize(ref _buffer, _end + Math.Max(Chunk, waiting));
        var read = _content.Read(_buffer.AsSpan(_end, Math.Min(_buffer.Length - _end, Math.Max(Chunk, waiting))));
        _ended = read == 0;
        _end += read;
    }

    public void Dispose() => _content.Dispose();
}
