using System.Buffers;
using System.Security.Cryptography;

namespace Ringfence.Ledger;

/// <summary>What stands in a record in place of personal data: it fixes the data and, once the salt is gone, tells nothing of it.</summary>
public static class Commitment
{
    /// <summary>How many bytes a salt has, random and new for each commitment.</summary>
    public const int SaltSize = 32;

    private static ReadOnlySpan<byte> Prefix => "ringfence/commit/v1\0"u8;

    /// <summary>Commits to a plaintext: <c>SHA-256("ringfence/commit/v1" || 0x00 || salt || plaintext)</c>.</summary>
    /// <param name="salt">Exactly 32 random bytes.</param>
    /// <param name="plaintext">Any bytes.</param>
    /// <exception cref="ArgumentException">The salt has more or fewer bytes.</exception>
    public static Digest Of(ReadOnlySpan<byte> salt, ReadOnlySpan<byte> plaintext)
    {
        if (salt.Length != SaltSize)
            throw new ArgumentException("A salt has 32 bytes.", nameof(salt));
        var length = Prefix.Length + SaltSize + plaintext.Length;
        var borrowed = length <= 512 ? null : ArrayPool<byte>.Shared.Rent(length);
        var bytes = (borrowed ?? stackalloc byte[512])[..length];
        Prefix.CopyTo(bytes);
        salt.CopyTo(bytes[Prefix.Length..]);
        plaintext.CopyTo(bytes[(Prefix.Length + SaltSize)..]);
        var commitment = TreeHash.Sha256(bytes);
        // What was committed to must not lie about in memory that somebody else borrows next.
        CryptographicOperations.ZeroMemory(bytes);
        if (borrowed is not null)
            ArrayPool<byte>.Shared.Return(borrowed);
        return commitment;
    }
}
