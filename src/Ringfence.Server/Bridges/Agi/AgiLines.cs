using System.Buffers;
using System.IO.Pipelines;
using System.Text;

namespace Ringfence.Server.Bridges.Agi;

/// <summary>Lines of FastAGI over a connection, bounded in length, number and time.</summary>
internal sealed class AgiLines(IDuplexPipe pipe)
{
    // A channel's name, or what the dialplan gives along; Asterisk itself takes no more than 2,048.
    private const int LongestLine = 2_048;

    // Asterisk sends some 25, and 128 arguments at most.
    private const int MostLines = 200;

    /// <summary>Everything until the empty line; null: too much, or it ended before.</summary>
    public async Task<IReadOnlyList<string>?> UntilEmptyAsync(CancellationToken cancel)
    {
        var lines = new List<string>();
        while (await LineAsync(cancel) is { } line)
        {
            if (line.Length == 0)
                return lines;
            if (lines.Count == MostLines)
                return null;
            lines.Add(line);
        }

        return null;
    }

    /// <summary>Has a command done. What Asterisk answers to a command it does not like is no, and so is that the channel is gone.</summary>
    public async Task<bool> DoAsync(string command, CancellationToken cancel)
    {
        await pipe.Output.WriteAsync(Encoding.ASCII.GetBytes(command + "\n"), cancel);
        for (var lines = 0; lines < MostLines && await LineAsync(cancel) is { } line; lines++)
        {
            // That somebody hung up is said between; whoever asks for something is answered all the same.
            if (line == "HANGUP")
                continue;
            return line.StartsWith("200 result=", StringComparison.Ordinal) && !line.StartsWith("200 result=-1", StringComparison.Ordinal);
        }

        return false;
    }

    /// <summary>Sets a variable of the channel.</summary>
    public Task<bool> SetAsync(string name, string value, CancellationToken cancel) => DoAsync($"SET VARIABLE {name} {Quoted(value)}", cancel);

    // A value that came from elsewhere ends no command and begins none.
    private static string Quoted(string value)
    {
        var text = new StringBuilder("\"");
        foreach (var letter in value.Take(LongestLine / 4))
        {
            if (letter is '"' or '\\')
                text.Append('\\');
            text.Append(char.IsControl(letter) || letter > '~' ? '?' : letter);
        }

        return text.Append('"').ToString();
    }

    private async Task<string?> LineAsync(CancellationToken cancel)
    {
        while (true)
        {
            var read = await pipe.Input.ReadAsync(cancel);
            if (read.Buffer.PositionOf((byte)'\n') is { } end)
            {
                var line = read.Buffer.Slice(0, end);
                var text = line.Length <= LongestLine ? Encoding.UTF8.GetString(line).TrimEnd('\r') : null;
                pipe.Input.AdvanceTo(read.Buffer.GetPosition(1, end));
                return text;
            }

            var isTooLong = read.Buffer.Length > LongestLine;
            pipe.Input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            if (isTooLong || read.IsCompleted)
                return null;
        }
    }
}
