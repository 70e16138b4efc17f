using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;

namespace Ringfence.Server.Sealing;

/// <summary>The <c>sid</c> of a person: 128 random bits, written as 32 small hex digits. It is derived from nothing.</summary>
internal readonly record struct SubjectId(UInt128 Value)
{
    /// <summary>Bytes of an id.</summary>
    public const int Bytes = 16;

    /// <summary>Hex digits of an id.</summary>
    public const int Digits = 32;

    private static readonly SearchValues<char> SmallHex = SearchValues.Create("0123456789abcdef");

    /// <summary>A new id.</summary>
    public static SubjectId New() => Read(RandomNumberGenerator.GetBytes(Bytes));

    /// <summary>Reads the 16 bytes that <see cref="Write"/> writes.</summary>
    public static SubjectId Read(ReadOnlySpan<byte> bytes) => new(BinaryPrimitives.ReadUInt128BigEndian(bytes));

    /// <summary>Reads 32 small hex digits; false for anything else.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out SubjectId sid)
    {
        sid = default;
        if (text is not { Length: Digits } || text.AsSpan().ContainsAnyExcept(SmallHex))
            return false;
        sid = new SubjectId(UInt128.Parse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
        return true;
    }

    /// <summary>Writes 16 bytes, the highest first.</summary>
    public void Write(Span<byte> bytes) => BinaryPrimitives.WriteUInt128BigEndian(bytes, Value);

    /// <summary>The 16 bytes.</summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[Bytes];
        Write(bytes);
        return bytes;
    }

    /// <summary>The 32 hex digits.</summary>
    public override string ToString() => Value.ToString("x32", CultureInfo.InvariantCulture);
}
