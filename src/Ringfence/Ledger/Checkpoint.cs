using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Ringfence.Ledger;

/// <summary>What a ledger signs of itself: how many records it has and the root over them. <see href="https://c2sp.org/tlog-checkpoint"/>, without extension lines.</summary>
/// <param name="Origin">Which ledger: installation, controller and epoch, such as <c>ledger.example/acme/e1</c>. Also the name of its key.</param>
/// <param name="Size">How many records; less than 2^53.</param>
/// <param name="Root">The root of the tree over them.</param>
public sealed record Checkpoint(string Origin, long Size, Digest Root)
{
    /// <summary>The three lines that are signed, in UTF-8.</summary>
    /// <exception cref="InvalidOperationException">The origin is no name for a key, or the size can't be.</exception>
    public byte[] Text()
    {
        if (!WireText.IsKeyName(Origin) || Size is < 0 or >= LeafText.IntegerBound)
            throw new InvalidOperationException("This origin or this size can't be signed.");
        return Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Origin}\n{Size}\n{Root.ToBase64()}\n"));
    }

    /// <summary>Reads the text of a note as <see cref="Text"/> writes it. Says nothing of signatures.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, [NotNullWhen(true)] out Checkpoint? checkpoint)
    {
        checkpoint = null;
        if (!WireText.TryTakeLine(ref text, out var first) || !WireText.TryTakeLine(ref text, out var second) || !WireText.TryTakeLine(ref text, out var third)
            || !text.IsEmpty || !WireText.TryReadNumber(second, out var size) || !Digest.TryParseBase64(third, out var root)
            || !System.Text.Unicode.Utf8.IsValid(first))
            return false;
        var origin = Encoding.UTF8.GetString(first);
        if (!WireText.IsKeyName(origin))
            return false;
        checkpoint = new(origin, size, root);
        return true;
    }

    /// <summary>Reads a checkpoint that a ledger signed.</summary>
    /// <param name="note">The note, from anywhere.</param>
    /// <param name="origin">Which ledger it has to be of; what the note says of itself is not enough.</param>
    /// <param name="known">The keys of that ledger, and of others that are known.</param>
    /// <param name="checkpoint">The checkpoint; null when refused.</param>
    public static bool TryOpen(SignedNote note, string origin, IReadOnlyCollection<VerifierKey> known, [NotNullWhen(true)] out Checkpoint? checkpoint)
    {
        ArgumentNullException.ThrowIfNull(note);
        if (note.VerifyBy(origin, known) is NoteVerdict.Verified && TryParse(note.Text.Span, out checkpoint) && checkpoint.Origin == origin)
            return true;
        checkpoint = null;
        return false;
    }
}
