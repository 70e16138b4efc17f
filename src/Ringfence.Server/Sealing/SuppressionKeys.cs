using System.Security.Cryptography;
using System.Text;

namespace Ringfence.Server.Sealing;

/// <summary>The keys by which numbers and addresses are suppressed: the first makes a tag, each later one wraps the tags there are, without the numbers.</summary>
/// <remarks>Whoever has these keys and the tags can find out every number by trying all. Neither leaves the program.</remarks>
internal sealed class SuppressionKeys : IDisposable
{
    /// <summary>Bytes of a tag.</summary>
    public const int TagBytes = 32;

    private readonly byte[][] keys;

    /// <param name="keys">32 bytes each, oldest first; they are its own from now on.</param>
    public SuppressionKeys(IReadOnlyCollection<byte[]> keys)
    {
        ArgumentOutOfRangeException.ThrowIfZero(keys.Count);
        this.keys = [.. keys];
    }

    /// <summary>How many keys there are: the chain that a tag of <see cref="Tag"/> went through.</summary>
    public int Versions => keys.Length;

    /// <summary>The tag of a number or address through all keys.</summary>
    /// <param name="point">E.164 with <c>+</c>, or an e-mail address in small letters.</param>
    public byte[] Tag(string point) => Renew(HMACSHA256.HashData(keys[0], Encoding.UTF8.GetBytes("ringfence/suppress/v1\0" + point)), chain: 1);

    /// <summary>Brings a tag up to the newest key.</summary>
    /// <param name="tag">A tag.</param>
    /// <param name="chain">How many keys it went through.</param>
    public byte[] Renew(byte[] tag, int chain)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(chain, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(chain, Versions);
        for (var next = chain; next < keys.Length; next++)
            tag = HMACSHA256.HashData(keys[next].AsSpan(), [.. "ringfence/suppress/wrap\0"u8, .. tag]);
        return tag;
    }

    public void Dispose()
    {
        foreach (var key in keys)
            CryptographicOperations.ZeroMemory(key);
    }
}
