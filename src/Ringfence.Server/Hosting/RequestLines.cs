using System.Buffers;
using System.IO.Pipelines;

namespace Ringfence.Server.Hosting;

/// <summary>The lines of a request as they come in, in bounded memory. The last one may lack its end.</summary>
/// <param name="reader">What comes in.</param>
/// <param name="longest">So many bytes a line may have.</param>
internal sealed class RequestLines(PipeReader reader, int longest)
{
    /// <summary>The number of the line that was read last, from 1.</summary>
    public long Number { get; private set; }

    /// <summary>The next line without its end; null in <c>Text</c> where it is longer than a line may be, and is passed over; null: there is no more.</summary>
    public async ValueTask<(long Number, byte[]? Text)?> NextAsync(CancellationToken cancel)
    {
        var tooLong = false;
        while (true)
        {
            var read = await reader.ReadAsync(cancel);
            var buffer = read.Buffer;
            if (buffer.PositionOf((byte)'\n') is { } end)
            {
                var text = buffer.Slice(0, end);
                var line = (++Number, tooLong || text.Length > longest ? null : text.ToArray());
                reader.AdvanceTo(buffer.GetPosition(1, end));
                return line;
            }

            if (read.IsCompleted)
            {
                (long, byte[]?)? last = tooLong || !buffer.IsEmpty ? (++Number, tooLong || buffer.Length > longest ? null : buffer.ToArray()) : null;
                reader.AdvanceTo(buffer.End);
                return last;
            }

            // Of a line that is too long nothing is kept.
            tooLong |= buffer.Length > longest;
            reader.AdvanceTo(tooLong ? buffer.End : buffer.Start, buffer.End);
        }
    }
}
