using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Ringfence.Ledger;

/// <summary>A SHA-256 value: 32 bytes, of a document, a commitment, or a node of the tree. Compares by its bytes.</summary>
/// <remarks><see cref="ToString"/> is 64 lower-case hex digits, as records write it; proofs and checkpoints write base64.</remarks>
[StructLayout(LayoutKind.Sequential)]
public readonly struct Digest : IEquatable<Digest>
{
    /// <summary>How many bytes it has.</summary>
    public const int Size = 32;

    /// <summary>How many characters it has in base64, the filling included.</summary>
    public const int Base64Length = 44;

    // Raw bytes in the order of memory; four words only so that comparing is four instructions.
    private readonly ulong a, b, c, d;

    /// <param name="bytes">Exactly 32 bytes.</param>
    /// <exception cref="ArgumentException">There are more or fewer.</exception>
    public Digest(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Size)
            throw new ArgumentException("A SHA-256 value has 32 bytes.", nameof(bytes));
        this = MemoryMarshal.Read<Digest>(bytes);
    }

    /// <summary>The 32 bytes, for as long as the value lives.</summary>
    [UnscopedRef]
    public ReadOnlySpan<byte> Bytes => MemoryMarshal.AsBytes(new ReadOnlySpan<Digest>(in this));

    /// <summary>Standard base64 with filling, 44 characters.</summary>
    public string ToBase64() => Convert.ToBase64String(Bytes);

    /// <summary>Reads exactly 64 lower-case hex digits.</summary>
    public static bool TryParse(ReadOnlySpan<char> hex, out Digest value)
    {
        Span<byte> bytes = stackalloc byte[Size];
        var read = LowerHex.TryRead(hex, bytes);
        value = read ? new Digest(bytes) : default;
        return read;
    }

    /// <summary>Reads exactly 64 lower-case hex digits.</summary>
    public static bool TryParse(ReadOnlySpan<byte> hex, out Digest value)
    {
        Span<byte> bytes = stackalloc byte[Size];
        var read = LowerHex.TryRead(hex, bytes);
        value = read ? new Digest(bytes) : default;
        return read;
    }

    /// <summary>Reads base64 as <see cref="ToBase64"/> writes it: 44 characters, nothing around them, no stray bits at the end.</summary>
    public static bool TryParseBase64(ReadOnlySpan<byte> text, out Digest value)
    {
        value = default;
        if (text.Length != Base64Length || !WireText.TryReadBase64(text, out var bytes) || bytes.Length != Size)
            return false;
        value = new Digest(bytes);
        return true;
    }

    public bool Equals(Digest other) => a == other.a && b == other.b && c == other.c && d == other.d;

    public override bool Equals(object? obj) => obj is Digest other && Equals(other);

    public override int GetHashCode() => a.GetHashCode();

    public override string ToString() => Convert.ToHexStringLower(Bytes);

    public static bool operator ==(Digest left, Digest right) => left.Equals(right);

    public static bool operator !=(Digest left, Digest right) => !left.Equals(right);
}
