using System.Buffers;

namespace Ringfence.Server.Lists.Reading;

/// <summary>Gathers the lines of a file that hold anything but ASCII.</summary>
internal static class NonAsciiSample
{
    private const int Enough = 64 * 1024;
    private const int Chunk = 1024 * 1024;

    /// <summary>Up to 64 KiB of such lines, from the file's beginning on; empty where all is ASCII.</summary>
    /// <remarks>Reads on until it has enough, to the end of the file if need be: one fast pass.</remarks>
    public static byte[] Of(FileContent content)
    {
        var sample = new ArrayBufferWriter<byte>(Enough);
        using var stream = content.Open();
        var buffer = new byte[Chunk];
        var kept = 0;
        while (sample.WrittenCount < Enough)
        {
            var read = stream.ReadAtLeast(buffer.AsSpan(kept), buffer.Length - kept);
            var seen = buffer.AsSpan(0, kept + read);
            if (seen.IsEmpty)
                break;

            // Lines are judged whole: a line that goes on behind the chunk waits for the rest, unless it is endless.
            var whole = read == 0 || seen.Length < buffer.Length ? seen.Length : seen.LastIndexOf((byte)'\n') + 1;
            if (whole == 0)
                whole = seen.Length;
            Gather(seen[..whole], sample);
            if (read == 0 || seen.Length < buffer.Length)
                break;

            kept = seen.Length - whole;
            seen[whole..].CopyTo(buffer);
        }

        return sample.WrittenSpan.ToArray();
    }

    private static void Gather(ReadOnlySpan<byte> lines, ArrayBufferWriter<byte> sample)
    {
        while (sample.WrittenCount < Enough)
        {
            var at = lines.IndexOfAnyExceptInRange((byte)0, (byte)0x7F);
            if (at < 0)
                return;

            // No encoding here has a line feed as the second byte of a character: behind it a character begins.
            var from = lines[..at].LastIndexOf((byte)'\n') + 1;
            var end = lines[at..].IndexOf((byte)'\n');
            end = end < 0 ? lines.Length : at + end + 1;
            sample.Write(lines.Slice(from, Math.Min(end - from, Enough)));
            lines = lines[end..];
        }
    }
}
