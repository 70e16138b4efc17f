using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Unicode;

namespace Ringfence.Ledger;

/// <summary>A text with lines of signatures below it: <see href="https://c2sp.org/signed-note"/>.</summary>
/// <remarks>The text means nothing until <see cref="VerifyBy"/> says so.</remarks>
public sealed class SignedNote
{
    // The specification asks for 16 at least; a note that is longer or has more is not read, so that nobody is kept busy with it.
    private const int MostSignatures = 64;
    private const int Longest = 1 << 18;

    private static readonly SearchValues<byte> Control =
        SearchValues.Create([.. Enumerable.Range(0, 0x20).Where(sign => sign != '\n').Select(sign => (byte)sign)]);

    private readonly byte[] bytes;
    private readonly int textLength;

    private SignedNote(byte[] bytes, int textLength, IReadOnlyList<NoteSignature> signatures) =>
        (this.bytes, this.textLength, Signatures) = (bytes, textLength, signatures);

    /// <summary>What is signed, the line feed at its end included.</summary>
    public ReadOnlyMemory<byte> Text => bytes.AsMemory(0, textLength);

    /// <summary>The whole note.</summary>
    public ReadOnlyMemory<byte> Bytes => bytes;

    /// <summary>The lines of signatures, in their order; no two alike.</summary>
    public IReadOnlyList<NoteSignature> Signatures { get; }

    /// <summary>Puts signatures under a text.</summary>
    /// <exception cref="ArgumentException">What comes of it is no note: the text does not end with a line feed, there is no signature, or one stands twice.</exception>
    public static SignedNote Of(ReadOnlySpan<byte> text, params IEnumerable<NoteSignature> signatures)
    {
        ArgumentNullException.ThrowIfNull(signatures);
        byte[] bytes = [.. text, (byte)'\n', .. Encoding.UTF8.GetBytes(string.Concat(signatures.Select(s => $"{s}\n")))];
        // Where the text has an empty line of its own the last one still divides.
        if (!TryParse(bytes, out var note) || note.textLength != text.Length)
            throw new ArgumentException("That is no note: a text with a line feed at its end, and signatures, none twice.", nameof(text));
        return note;
    }

    /// <summary>The note with one more line, such as that of a witness.</summary>
    /// <exception cref="ArgumentException">The line stands there already, or there are too many.</exception>
    public SignedNote With(NoteSignature signature) => Of(Text.Span, [.. Signatures, signature]);

    /// <summary>Reads a note, to the letter.</summary>
    public static bool TryParse(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out SignedNote? note)
    {
        note = null;
        if (bytes.Length > Longest || bytes.ContainsAny(Control) || !Utf8.IsValid(bytes) || bytes.LastIndexOf("\n\n"u8) is not (>= 0 and var end))
            return false;
        var rest = bytes[(end + 2)..];
        var signatures = new List<NoteSignature>();
        while (!rest.IsEmpty)
        {
            if (signatures.Count == MostSignatures || !WireText.TryTakeLine(ref rest, out var line) || !NoteSignature.TryParse(line, out var signature)
                || signatures.Exists(signature.IsSame))
                return false;
            signatures.Add(signature);
        }

        if (signatures.Count == 0)
            return false;
        note = new(bytes.ToArray(), end + 1, signatures);
        return true;
    }

    /// <summary>Whether somebody signed the text, and nobody who is known signed something else.</summary>
    /// <param name="name">Who has to have signed it, with one of their keys at least; of a checkpoint its origin.</param>
    /// <param name="known">The keys that are known, theirs and those of others. Lines of other keys are passed over.</param>
    public NoteVerdict VerifyBy(string name, IReadOnlyCollection<VerifierKey> known)
    {
        ArgumentNullException.ThrowIfNull(known);
        var isSigned = false;
        var seen = new HashSet<(string, uint)>();
        foreach (var line in Signatures)
        {
            var keys = known.Where(key => key.CanVerify && key.Name == line.Name && key.KeyId == line.KeyId).ToList();
            if (keys.Count == 0)
                continue;
            if (!seen.Add((line.Name, line.KeyId)))
                return NoteVerdict.KeyTwice;
            if (!keys.Exists(key => key.Verifies(Text.Span, line.Signature.Span)))
                return NoteVerdict.BadSignature;
            isSigned |= line.Name == name;
        }

        return isSigned ? NoteVerdict.Verified : NoteVerdict.NotSigned;
    }

    /// <summary>The whole note as text.</summary>
    public override string ToString() => Encoding.UTF8.GetString(bytes);
}

/// <summary>What the signatures of a note come to.</summary>
public enum NoteVerdict : byte
{
    /// <summary>No line is by a known key of whoever had to sign.</summary>
    NotSigned,

    /// <summary>A line by a known key does not verify.</summary>
    BadSignature,

    /// <summary>Two lines are by one known key.</summary>
    KeyTwice,

    /// <summary>It is signed by whoever had to, and every line by a known key verifies.</summary>
    Verified,
}

/// <summary>One line of signatures: an em dash, a name, and base64 of the key id and the signature.</summary>
public sealed class NoteSignature
{
    private const int KeyIdSize = 4;

    private readonly string line;

    /// <param name="name">Whose key signed.</param>
    /// <param name="keyId">Which of their keys.</param>
    /// <param name="signature">The signature, not empty.</param>
    /// <exception cref="ArgumentException">It is no name for a key, or there is no signature.</exception>
    public NoteSignature(string name, uint keyId, ReadOnlySpan<byte> signature)
    {
        if (!WireText.IsKeyName(name))
            throw new ArgumentException("The name of a key has no spaces and no plus.", nameof(name));
        if (signature.IsEmpty)
            throw new ArgumentException("There is no signature.", nameof(signature));
        (Name, KeyId, Signature) = (name, keyId, signature.ToArray());
        var bytes = new byte[KeyIdSize + signature.Length];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, keyId);
        signature.CopyTo(bytes.AsSpan(KeyIdSize));
        line = $"\u2014 {name} {Convert.ToBase64String(bytes)}";
    }

    public string Name { get; }

    public uint KeyId { get; }

    public ReadOnlyMemory<byte> Signature { get; }

    /// <summary>Reads a line without its line feed.</summary>
    public static bool TryParse(ReadOnlySpan<byte> line, [NotNullWhen(true)] out NoteSignature? signature)
    {
        signature = null;
        var begin = "\u2014 "u8;
        if (!line.StartsWith(begin) || line[begin.Length..] is var rest && rest.IndexOf((byte)' ') is not (> 0 and var space) || !Utf8.IsValid(rest[..space]))
            return false;
        var name = Encoding.UTF8.GetString(rest[..space]);
        if (!WireText.IsKeyName(name) || !WireText.TryReadBase64(rest[(space + 1)..], out var bytes) || bytes.Length <= KeyIdSize)
            return false;
        signature = new(name, BinaryPrimitives.ReadUInt32BigEndian(bytes), bytes.AsSpan(KeyIdSize));
        return true;
    }

    /// <summary>The line without its line feed.</summary>
    public override string ToString() => line;

    internal bool IsSame(NoteSignature other) => line == other.line;
}
