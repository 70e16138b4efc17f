using System.Text;
using System.Text.Unicode;

namespace Ringfence.Verify;

/// <summary>One signature line of a note.</summary>
internal sealed record SignatureLine(string Name, uint KeyId, byte[] Signature)
{
    public bool IsSameAs(SignatureLine other) => (Name, KeyId) == (other.Name, other.KeyId) && Signature.AsSpan().SequenceEqual(other.Signature);
}

/// <summary>A text with signature lines, as https://c2sp.org/signed-note has it. That it was read says nothing of who signed it.</summary>
internal sealed class SignedNote
{
    /// <summary>A note of sixteen signatures of the longest known kind takes less than this.</summary>
    public const int LongestBytes = 1 << 17;

    // The specification asks for sixteen at least.
    private const int MostLines = 64;

    private SignedNote(string text, IReadOnlyList<SignatureLine> lines) => (Text, Lines) = (text, lines);

    /// <summary>What was signed, with its last line feed.</summary>
    public string Text { get; }

    public IReadOnlyList<SignatureLine> Lines { get; }

    /// <summary>Reads a note; null where it is none. No line stands in it twice.</summary>
    public static SignedNote? Read(ReadOnlySpan<byte> bytes) =>
        bytes.Length <= LongestBytes && Utf8.IsValid(bytes) ? Read(Encoding.UTF8.GetString(bytes)) : null;

    /// <inheritdoc cref="Read(ReadOnlySpan{byte})"/>
    public static SignedNote? Read(string note)
    {
        if (note.Length > LongestBytes || note.Any(c => c < ' ' && c != '\n'))
            return null;
        var end = note.LastIndexOf("\n\n", StringComparison.Ordinal);
        if (end <= 0 || note[^1] != '\n' || end + 2 >= note.Length)
            return null;
        var lines = new List<SignatureLine>();
        foreach (var line in note[(end + 2)..^1].Split('\n'))
        {
            if (ReadLine(line) is not { } signature || lines.Count == MostLines || lines.Any(signature.IsSameAs))
                return null;
            lines.Add(signature);
        }

        return new SignedNote(note[..(end + 1)], lines);
    }

    /// <summary>Whether a key may have that name: not empty, no blanks of any kind, no plus sign.</summary>
    public static bool IsKeyName(string name) => name.Length > 0 && !name.Any(c => c == '+' || char.IsWhiteSpace(c));

    private static SignatureLine? ReadLine(string line)
    {
        var parts = line.Split(' ');
        if (parts is not ["\u2014", var name, var encoded] || !IsKeyName(name) || !Encodings.TryBase64(encoded, out var bytes) || bytes.Length < 5)
            return null;
        return new SignatureLine(name, System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(bytes), bytes[4..]);
    }
}
