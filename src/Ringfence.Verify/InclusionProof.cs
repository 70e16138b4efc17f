namespace Ringfence.Verify;

/// <summary>A proof that a record stands in a ledger: https://c2sp.org/tlog-proof.</summary>
internal sealed record InclusionProof(long Index, IReadOnlyList<byte[]> Hashes, Checkpoint Checkpoint)
{
    // A tree of less than 2^53 leaves asks for no more than 53.
    private const int MostHashes = 64;

    /// <summary>Reads a proof; null where it is none. Its optional line <c>extra</c> is not vouched for by anybody and not looked into.</summary>
    public static InclusionProof? Read(string text)
    {
        var end = text.IndexOf("\n\n", StringComparison.Ordinal);
        if (end < 0 || text.Length > 2 * SignedNote.LongestBytes)
            return null;
        var lines = new Queue<string>(text[..end].Split('\n'));
        if (lines.Dequeue() != "c2sp.org/tlog-proof@v1")
            return null;
        if (lines.TryPeek(out var line) && line.StartsWith("extra ", StringComparison.Ordinal) && !Encodings.TryBase64(lines.Dequeue()["extra ".Length..], out _))
            return null;
        if (!lines.TryDequeue(out line) || !line.StartsWith("index ", StringComparison.Ordinal) || !Encodings.TryCount(line.AsSpan("index ".Length), out var index))
            return null;
        var hashes = new List<byte[]>();
        while (lines.TryDequeue(out line))
        {
            if (!Encodings.TryHash(line, out var hash) || hashes.Count == MostHashes)
                return null;
            hashes.Add(hash);
        }

        return Checkpoint.Read(text[(end + 2)..]) is { } checkpoint ? new InclusionProof(index, hashes, checkpoint) : null;
    }
}
