using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Ringfence.Ledger;

/// <summary>A proof that a record is in a ledger, as one text with the checkpoint it leads to: <see href="https://c2sp.org/tlog-proof"/>.</summary>
public sealed class TlogProof
{
    // A tree of 2^53 leaves has as many levels.
    private const int MostHashes = 53;

    /// <param name="index">Which record, from 0.</param>
    /// <param name="hashes">The inclusion proof, from beside the leaf to below the root.</param>
    /// <param name="note">The signed checkpoint.</param>
    /// <param name="extra">What else goes with it; nothing vouches for it. Empty for none.</param>
    public TlogProof(long index, ImmutableArray<Digest> hashes, SignedNote note, ReadOnlyMemory<byte> extra = default) =>
        (Index, Hashes, Note, Extra) = (index, hashes, note, extra);

    private static ReadOnlySpan<byte> Header => "c2sp.org/tlog-proof@v1"u8;

    /// <summary>Which record, from 0.</summary>
    public long Index { get; }

    /// <summary>The inclusion proof, from beside the leaf to below the root.</summary>
    public ImmutableArray<Digest> Hashes { get; }

    /// <summary>The signed checkpoint.</summary>
    public SignedNote Note { get; }

    /// <summary>What else goes with it; nothing vouches for it. Empty for none.</summary>
    public ReadOnlyMemory<byte> Extra { get; }

    /// <summary>Reads a proof, to the letter. Says nothing of whether it proves anything.</summary>
    public static bool TryParse(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out TlogProof? proof)
    {
        proof = null;
        var rest = bytes;
        byte[]? extra = null;
        if (!WireText.TryTakeLine(ref rest, out var line) || !line.SequenceEqual(Header) || !WireText.TryTakeLine(ref rest, out line))
            return false;
        if (line.StartsWith("extra "u8))
        {
            if (!WireText.TryReadBase64(line["extra "u8.Length..], out extra) || extra.Length == 0 || !WireText.TryTakeLine(ref rest, out line))
                return false;
        }

        if (!line.StartsWith("index "u8) || !WireText.TryReadNumber(line["index "u8.Length..], out var index)
            || !TryReadHashes(ref rest, out var hashes) || !SignedNote.TryParse(rest, out var note) || !Checkpoint.TryParse(note.Text.Span, out _))
            return false;
        proof = new(index, hashes, note, extra);
        return true;
    }

    /// <summary>Whether it shows this leaf in the ledger that signed the checkpoint. The keys are the reader's own, never what came with the proof.</summary>
    public bool Verifies(Digest leaf, string origin, IReadOnlyCollection<VerifierKey> known) =>
        Checkpoint.TryOpen(Note, origin, known, out var checkpoint)
        && InclusionProof.Verifies(Hashes.AsSpan(), Index, checkpoint.Size, leaf, checkpoint.Root);

    /// <summary>The whole proof in UTF-8.</summary>
    public byte[] ToBytes()
    {
        var text = new StringBuilder();
        text.Append(Encoding.UTF8.GetString(Header)).Append('\n');
        if (!Extra.IsEmpty)
            text.Append("extra ").Append(Convert.ToBase64String(Extra.Span)).Append('\n');
        text.Append(CultureInfo.InvariantCulture, $"index {Index}\n");
        foreach (var hash in Hashes)
            text.Append(hash.ToBase64()).Append('\n');
        text.Append('\n');
        return [.. Encoding.UTF8.GetBytes(text.ToString()), .. Note.Bytes.Span];
    }

    /// <summary>The whole proof as text.</summary>
    public override string ToString() => Encoding.UTF8.GetString(ToBytes());

    // Lines of hashes up to an empty one, which is taken too.
    private static bool TryReadHashes(ref ReadOnlySpan<byte> rest, out ImmutableArray<Digest> hashes)
    {
        hashes = [];
        var read = ImmutableArray.CreateBuilder<Digest>();
        while (WireText.TryTakeLine(ref rest, out var line))
        {
            if (line.IsEmpty)
            {
                hashes = read.DrainToImmutable();
                return true;
            }

            if (read.Count == MostHashes || !Digest.TryParseBase64(line, out var hash))
                return false;
            read.Add(hash);
        }

        return false;
    }
}
