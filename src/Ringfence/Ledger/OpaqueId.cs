using System.Buffers.Binary;
using System.Globalization;

namespace Ringfence.Ledger;

/// <summary>128 random bits that name a record, a person or a point of contact, and tell nothing of it. Written as 32 lower-case hex digits.</summary>
/// <param name="Value">The bits, the first byte highest.</param>
public readonly record struct OpaqueId(UInt128 Value)
{
    /// <summary>How many bytes it has.</summary>
    public const int Size = 16;

    /// <param name="bytes">Exactly 16 bytes, made by whoever may be random.</param>
    /// <exception cref="ArgumentException">There are more or fewer.</exception>
    public OpaqueId(ReadOnlySpan<byte> bytes)
        : this(bytes.Length == Size ? BinaryPrimitives.ReadUInt128BigEndian(bytes) : throw new ArgumentException("An id has 16 bytes.", nameof(bytes)))
    {
    }

    /// <summary>Writes the 16 bytes.</summary>
    public void CopyTo(Span<byte> to) => BinaryPrimitives.WriteUInt128BigEndian(to, Value);

    /// <summary>The 16 bytes.</summary>
    public byte[] ToArray()
    {
        var bytes = new byte[Size];
        CopyTo(bytes);
        return bytes;
    }

    /// <summary>Reads exactly 32 lower-case hex digits.</summary>
    public static bool TryParse(ReadOnlySpan<char> hex, out OpaqueId value)
    {
        Span<byte> bytes = stackalloc byte[Size];
        var read = LowerHex.TryRead(hex, bytes);
        value = read ? new OpaqueId(bytes) : default;
        return read;
    }

    /// <summary>Reads exactly 32 lower-case hex digits.</summary>
    public static bool TryParse(ReadOnlySpan<byte> hex, out OpaqueId value)
    {
        Span<byte> bytes = stackalloc byte[Size];
        var read = LowerHex.TryRead(hex, bytes);
        value = read ? new OpaqueId(bytes) : default;
        return read;
    }

    public override string ToString() => Value.ToString("x32", CultureInfo.InvariantCulture);
}
