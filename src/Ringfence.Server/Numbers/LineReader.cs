using System.Text;

namespace Ringfence.Server.Numbers;

/// <summary>Lines of UTF-8 text out of a stream of any size; of a line without end only the beginning is kept.</summary>
internal sealed class LineReader(Stream from)
{
    /// <summary>Bytes of a line that are kept. No number and no region is longer.</summary>
    public const int LongestLine = 8 * 1024;

    private readonly byte[] buffer = new byte[64 * 1024];
    private readonly byte[] line = new byte[LongestLine];
    private readonly char[] text = new char[LongestLine];
    private int at;
    private int end;
    private bool started;

    /// <summary>Whether the line just read was longer than <see cref="LongestLine"/>.</summary>
    public bool WasCut { get; private set; }

    /// <summary>Reads the next line, without its line break; false at the end.</summary>
    public bool TryRead(out ReadOnlySpan<char> read)
    {
        var (length, any) = (0, false);
        WasCut = false;
        while (true)
        {
            if (at == end)
            {
                (at, end) = (0, from.Read(buffer));
                if (end == 0)
                    break;
            }
            any = true;
            var rest = buffer.AsSpan(at, end - at);
            var stop = rest.IndexOf((byte)'\n');
            var part = stop < 0 ? rest : rest[..stop];
            var kept = Math.Min(part.Length, LongestLine - length);
            part[..kept].CopyTo(line.AsSpan(length));
            length += kept;
            WasCut |= kept < part.Length;
            at += part.Length;
            if (stop >= 0)
            {
                at++;
                break;
            }
        }
        if (length > 0 && line[length - 1] == (byte)'\r')
            length--;
        var characters = Encoding.UTF8.GetChars(line, 0, length, text, 0);
        read = text.AsSpan(0, characters);
        if (!started && read.StartsWith('\ufeff'))
            read = read[1..];
        started = true;
        return any;
    }
}
