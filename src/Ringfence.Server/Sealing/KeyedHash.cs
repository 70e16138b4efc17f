using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Ringfence.Server.Sealing;

/// <summary>HMAC-SHA256 with one key, over and over, by several threads: setting one up costs more than hashing a number.</summary>
/// <param name="key">The key; it stays its owner's, who keeps it until this is disposed of.</param>
internal sealed class KeyedHash(byte[] key) : IDisposable
{
    // One for each thread that is at it at once; the bag gives a thread back what it laid down last.
    private readonly ConcurrentBag<IncrementalHash> idle = [];
    private volatile bool disposed;

    /// <summary>The hash of some bytes.</summary>
    public void Of(ReadOnlySpan<byte> bytes, Span<byte> hash)
    {
        var one = Take();
        one.AppendData(bytes);
        one.GetHashAndReset(hash);
        GiveBack(one);
    }

    /// <summary>One that nothing was added to yet; to be given back as it was taken.</summary>
    public IncrementalHash Take()
    {
        // Invariant: nothing is hashed by the zeros that are left of a key. It would match nothing.
        ObjectDisposedException.ThrowIf(disposed, this);
        return idle.TryTake(out var one) ? one : IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
    }

    public void GiveBack(IncrementalHash one)
    {
        if (disposed)
            one.Dispose();
        else
            idle.Add(one);
    }

    public void Dispose()
    {
        disposed = true;
        while (idle.TryTake(out var one))
            one.Dispose();
    }
}
