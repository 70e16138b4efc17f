using System.Security.Cryptography;
using System.Text;

namespace Ringfence.Server.Sealing;

/// <summary>A key-encryption key: 256 random bits that wrap other keys, and nothing else.</summary>
/// <remarks>
/// A wrapped key is <c>nonce (12) || ciphertext || tag (16)</c> of AES-256-GCM. Nonces are random: with 2^32 of them under one key the chance of a repetition is
/// 2^-32 (NIST SP 800-38D, section 8.3), and an epoch wraps each key of the keyring once or twice.
/// </remarks>
internal sealed class Kek : IDisposable
{
    /// <summary>Bytes of a key.</summary>
    public const int Bytes = 32;

    /// <summary>By how many bytes a wrapped key is longer.</summary>
    public const int Overhead = NonceBytes + TagBytes;

    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    private readonly Lock one = new(); // AesGcm may be used by one thread at a time
    private readonly AesGcm cipher;
    private readonly byte[] name;
    private readonly byte[] key = GC.AllocateArray<byte>(Bytes, pinned: true);

    /// <param name="kid">Its name.</param>
    /// <param name="key">32 bytes, which are copied.</param>
    public Kek(Kid kid, ReadOnlySpan<byte> key)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(key.Length, Bytes);
        Kid = kid;
        name = Encoding.UTF8.GetBytes("|" + kid);
        key.CopyTo(this.key);
        cipher = new AesGcm(key, TagBytes);
    }

    /// <summary>Its name.</summary>
    public Kid Kid { get; }

    /// <summary>The key itself, for the file it is kept in.</summary>
    public ReadOnlySpan<byte> Key => key;

    /// <summary>Wraps a key.</summary>
    /// <param name="purpose">What is wrapped and for whom, such as <c>ringfence/dek|sid</c>; a wrapped key opens under the same purpose alone.</param>
    /// <param name="secret">The key.</param>
    /// <param name="wrapped">Takes <see cref="Overhead"/> bytes more.</param>
    public void Wrap(string purpose, ReadOnlySpan<byte> secret, Span<byte> wrapped)
    {
        Span<byte> bound = stackalloc byte[MostBound];
        bound = bound[..Bind(purpose, bound)];
        var nonce = wrapped[..NonceBytes];
        Ringfence.Server.Ledger.Fresh.Fill(nonce);
        lock (one)
            cipher.Encrypt(nonce, secret, wrapped[NonceBytes..^TagBytes], wrapped[^TagBytes..], bound);
    }

    /// <summary>Opens a wrapped key; false if it was wrapped by another key, for another purpose, or was altered.</summary>
    public bool TryUnwrap(string purpose, ReadOnlySpan<byte> wrapped, Span<byte> secret)
    {
        if (wrapped.Length != secret.Length + Overhead)
            return false;
        Span<byte> bound = stackalloc byte[MostBound];
        bound = bound[..Bind(purpose, bound)];
        try
        {
            lock (one)
                cipher.Decrypt(wrapped[..NonceBytes], wrapped[NonceBytes..^TagBytes], wrapped[^TagBytes..], secret, bound);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }

    public void Dispose()
    {
        cipher.Dispose();
        CryptographicOperations.ZeroMemory(key);
    }

    private const int MostBound = 128;

    // purpose|kid
    private int Bind(string purpose, Span<byte> bound)
    {
        var length = Encoding.UTF8.GetBytes(purpose, bound);
        name.CopyTo(bound[length..]);
        return length + name.Length;
    }
}
