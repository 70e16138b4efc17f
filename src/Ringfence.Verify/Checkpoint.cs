using System.Text;

namespace Ringfence.Verify;

/// <summary>What a ledger says of itself at one size: https://c2sp.org/tlog-checkpoint, without extension lines.</summary>
internal sealed class Checkpoint
{
    private Checkpoint(SignedNote note, byte[] bytes, string origin, long size, byte[] root) =>
        (Note, Bytes, Origin, Size, Root) = (note, bytes, origin, size, root);

    public SignedNote Note { get; }

    /// <summary>The note as it was read, signatures and all: what a timestamp is over.</summary>
    public byte[] Bytes { get; }

    public string Origin { get; }

    /// <summary>How many records it covers.</summary>
    public long Size { get; }

    public byte[] Root { get; }

    /// <summary>Reads a checkpoint; null where it is none.</summary>
    public static Checkpoint? Read(byte[] bytes)
    {
        if (SignedNote.Read(bytes) is not { } note)
            return null;
        if (note.Text.Split('\n') is not [{ Length: > 0 } origin, var size, var root, ""])
            return null;
        return Encodings.TryCount(size, out var count) && Encodings.TryHash(root, out var hash) ? new Checkpoint(note, bytes, origin, count, hash) : null;
    }

    /// <inheritdoc cref="Read(byte[])"/>
    public static Checkpoint? Read(string note) => Read(Encoding.UTF8.GetBytes(note));

    /// <summary>Whether both say the same of the same ledger, whoever signed them.</summary>
    public bool SaysTheSameAs(Checkpoint other) => Note.Text == other.Note.Text;

    /// <summary>Whether both are of one size and yet of different records: proof that the ledger was told two ways.</summary>
    public bool Contradicts(Checkpoint other) => Size == other.Size && !Root.AsSpan().SequenceEqual(other.Root);
}
