using System.Security.Cryptography;
using System.Text;

namespace Ringfence.Server.Sealing;

/// <summary>A key for keyed hashes, 256 random bits, for one use. Dispose of it when done.</summary>
internal sealed class SecretKey : IDisposable
{
    /// <summary>Bytes of a key, and of a keyed hash.</summary>
    public const int Length = 32;

    private const int MostOnStack = 512;

    private readonly byte[] key;
    private readonly KeyedHash hash;

    /// <param name="key">32 bytes, which are its own from now on.</param>
    public SecretKey(byte[] key)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(key.Length, Length);
        this.key = key;
        hash = new KeyedHash(key);
    }

    /// <summary>HMAC-SHA256 of <c>use || 0x00 || text</c>.</summary>
    /// <param name="use">What the hash is for, such as <c>ringfence/lookup/v1</c>; without a zero byte.</param>
    /// <param name="text">What is hashed.</param>
    public byte[] Mac(string use, string text)
    {
        var length = Encoding.UTF8.GetMaxByteCount(use.Length + 1 + text.Length);
        Span<byte> bytes = length <= MostOnStack ? stackalloc byte[length] : new byte[length];
        var written = Encoding.UTF8.GetBytes(use, bytes);
        bytes[written++] = 0;
        written += Encoding.UTF8.GetBytes(text, bytes[written..]);
        var mac = new byte[Length];
        hash.Of(bytes[..written], mac);
        CryptographicOperations.ZeroMemory(bytes);
        return mac;
    }

    public void Dispose()
    {
        hash.Dispose();
        CryptographicOperations.ZeroMemory(key);
    }
}
