using System.Text.Json;

namespace Ringfence.Server.Ledger;

/// <summary>Messages between a signer and whoever asks it: one JSON object a line, in UTF-8, of at most <see cref="Longest"/> bytes.</summary>
internal sealed class SignerLines(Stream input, Stream output)
{
    /// <summary>Bytes of a line; a consistency proof and an edge have at most 64 hashes each.</summary>
    public const int Longest = 32 * 1024;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 4 };

    private readonly byte[] room = new byte[Longest];
    private int filled;
    private int taken;

    /// <summary>The next message; null at the end.</summary>
    /// <exception cref="SignerException"><c>malformed</c>: the line is too long, or no JSON object.</exception>
    public async Task<JsonDocument?> ReadAsync(CancellationToken cancel)
    {
        while (true)
        {
            var end = room.AsSpan(taken, filled - taken).IndexOf((byte)'\n');
            if (end >= 0)
            {
                var line = room.AsMemory(taken, end);
                taken += end + 1;
                return Parse(line);
            }

            room.AsSpan(taken, filled - taken).CopyTo(room);
            (filled, taken) = (filled - taken, 0);
            if (filled == room.Length)
                throw new SignerException("malformed", "The line is too long.");
            var read = await input.ReadAsync(room.AsMemory(filled), cancel);
            if (read == 0)
                return filled == 0 ? null : throw new SignerException("malformed", "The line ends early.");
            filled += read;
        }
    }

    /// <summary>Sends a message.</summary>
    public async Task WriteAsync(Action<Utf8JsonWriter> members, CancellationToken cancel)
    {
        using var line = new MemoryStream();
        using (var json = new Utf8JsonWriter(line))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }

        line.WriteByte((byte)'\n');
        await output.WriteAsync(line.GetBuffer().AsMemory(0, (int)line.Length), cancel);
        await output.FlushAsync(cancel);
    }

    private static JsonDocument Parse(ReadOnlyMemory<byte> line)
    {
        JsonDocument document;
        try
        {
            // The room is used again before the document is done with.
            document = JsonDocument.Parse(line.ToArray(), Strict);
        }
        catch (JsonException e)
        {
            throw new SignerException("malformed", "The line is no JSON.", e);
        }

        if (document.RootElement.ValueKind == JsonValueKind.Object)
            return document;
        document.Dispose();
        throw new SignerException("malformed", "The line is no JSON object.");
    }
}
