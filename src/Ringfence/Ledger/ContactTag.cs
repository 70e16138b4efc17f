using System.Security.Cryptography;
using System.Text;

namespace Ringfence.Ledger;

/// <summary>A keyed hash of a number or address, by which it is found again without being kept. It never leaves the program, not even in a log.</summary>
/// <remarks>
/// There are so few numbers that anybody who has the key can try them all: its secrecy is all that protects them. A key that is rotated wraps what is
/// there without knowing the numbers, so a tag may have gone through several.
/// </remarks>
public readonly struct ContactTag : IEquatable<ContactTag>
{
    /// <summary>How many bytes it has.</summary>
    public const int Size = 32;

    // A mail address has at most 254 characters (RFC 5321, section 4.5.3.1.3, less the angle brackets); more is not tagged on the stack.
    private const int OnStack = 512;

    private readonly Digest value;

    /// <param name="bytes">Exactly 32 bytes, as they were stored.</param>
    /// <exception cref="ArgumentException">There are more or fewer.</exception>
    public ContactTag(ReadOnlySpan<byte> bytes) => value = new(bytes);

    private static ReadOnlySpan<byte> TagPrefix => "ringfence/suppress/v1\0"u8;

    private static ReadOnlySpan<byte> WrapPrefix => "ringfence/suppress/wrap\0"u8;

    /// <summary>Tags a number or address: <c>HMAC-SHA256(key, "ringfence/suppress/v1" || 0x00 || point)</c>.</summary>
    /// <param name="key">Random, never in the database.</param>
    /// <param name="point">E.164 with the +, whole; or a mail address in lower case. Spelled in one way, else it is not found again.</param>
    /// <exception cref="ArgumentException">There is no key, or no point.</exception>
    public static ContactTag Of(ReadOnlySpan<byte> key, ReadOnlySpan<char> point)
    {
        var longest = LongestOf(point);
        var bytes = longest <= OnStack ? stackalloc byte[OnStack] : new byte[longest];
        return Keyed(key, bytes[..Fill(point, bytes)]);
    }

    /// <summary>The same, many times with one key.</summary>
    /// <param name="keyed">An HMAC-SHA256 with the key, to which nothing was added; so it is left.</param>
    /// <param name="point">As above.</param>
    /// <exception cref="ArgumentException">There is no point, or the hash is another.</exception>
    public static ContactTag By(IncrementalHash keyed, ReadOnlySpan<char> point)
    {
        ArgumentNullException.ThrowIfNull(keyed);
        if (keyed.AlgorithmName.Name != "HMACSHA256")
            throw new ArgumentException("Tags are made by HMAC-SHA256.", nameof(keyed));
        var longest = LongestOf(point);
        var bytes = longest <= OnStack ? stackalloc byte[OnStack] : new byte[longest];
        bytes = bytes[..Fill(point, bytes)];
        Span<byte> tag = stackalloc byte[Size];
        keyed.AppendData(bytes);
        keyed.GetHashAndReset(tag);
        CryptographicOperations.ZeroMemory(bytes);
        return new(tag);
    }

    /// <summary>Tags a number or address with the first key and wraps the tag with each of the others, in the order in which they came into use.</summary>
    /// <exception cref="ArgumentException">There is no key, or no point.</exception>
    public static ContactTag Through(IReadOnlyList<byte[]> keys, ReadOnlySpan<char> point)
    {
        ArgumentNullException.ThrowIfNull(keys);
        if (keys.Count == 0)
            throw new ArgumentException("There is no key.", nameof(keys));
        var tag = Of(keys[0], point);
        for (var i = 1; i < keys.Count; i++)
            tag = tag.Wrap(keys[i]);
        return tag;
    }

    /// <summary>The tag under one more key: <c>HMAC-SHA256(key, "ringfence/suppress/wrap" || 0x00 || tag)</c>.</summary>
    /// <exception cref="ArgumentException">There is no key.</exception>
    public ContactTag Wrap(ReadOnlySpan<byte> key)
    {
        Span<byte> bytes = stackalloc byte[WrapPrefix.Length + Size];
        WrapPrefix.CopyTo(bytes);
        value.Bytes.CopyTo(bytes[WrapPrefix.Length..]);
        return Keyed(key, bytes);
    }

    /// <summary>The 32 bytes, to be stored or sealed.</summary>
    public byte[] ToArray() => value.Bytes.ToArray();

    /// <summary>Writes the 32 bytes.</summary>
    public void CopyTo(Span<byte> to) => value.Bytes.CopyTo(to);

    /// <summary>Commits to the tag.</summary>
    public Digest CommitWith(ReadOnlySpan<byte> salt) => Commitment.Of(salt, value.Bytes);

    public bool Equals(ContactTag other) => value == other.value;

    public override bool Equals(object? obj) => obj is ContactTag other && Equals(other);

    public override int GetHashCode() => value.GetHashCode();

    /// <summary>For logs: nothing of the tag.</summary>
    public override string ToString() => "tag";

    public static bool operator ==(ContactTag left, ContactTag right) => left.Equals(right);

    public static bool operator !=(ContactTag left, ContactTag right) => !left.Equals(right);

    private static int LongestOf(ReadOnlySpan<char> point) =>
        point.IsEmpty ? throw new ArgumentException("There is nothing to tag.", nameof(point)) : TagPrefix.Length + Encoding.UTF8.GetMaxByteCount(point.Length);

    private static int Fill(ReadOnlySpan<char> point, Span<byte> bytes)
    {
        TagPrefix.CopyTo(bytes);
        return TagPrefix.Length + Encoding.UTF8.GetBytes(point, bytes[TagPrefix.Length..]);
    }

    private static ContactTag Keyed(ReadOnlySpan<byte> key, Span<byte> bytes)
    {
        // An empty key would make a hash that everybody can compute.
        if (key.IsEmpty)
            throw new ArgumentException("There is no key.", nameof(key));
        Span<byte> tag = stackalloc byte[Size];
        HMACSHA256.HashData(key, bytes, tag);
        CryptographicOperations.ZeroMemory(bytes);
        return new(tag);
    }
}
