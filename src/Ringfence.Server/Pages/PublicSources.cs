using System.Buffers.Binary;
using System.Net;
using System.Security.Cryptography;
using Ringfence.Ledger;
using Ringfence.Server.People;

namespace Ringfence.Server.Pages;

/// <summary>How many requests come from where, or by which link, so that no one source keeps others waiting. It takes the same little memory whoever comes, and keeps no address. Safe for many threads.</summary>
/// <remarks>Counted in several rows under keyed hashes; the least of them counts, so that sources that share a place in one row seldom share all. It may count too many, never too few.</remarks>
/// <param name="time">The clock.</param>
/// <param name="most">Requests of one source in a minute; 0: as many as it likes.</param>
internal sealed class PublicSources(TimeProvider time, int most)
{
    /// <summary>What holds where nothing is said: many people share an address, nobody reads ten pages a second.</summary>
    public const int Default = 600;

    /// <summary>Seconds after which somebody who was turned away is let in again, as the header says it.</summary>
    public const string RetryAfter = "10";

    private const int Rows = 4;
    private const int Places = 1 << 16;

    // Six steps to a minute: who was turned away need not wait for long.
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(10);
    private const int StepsInMinute = 6;

    private readonly byte[] secret = RandomNumberGenerator.GetBytes(32);
    private int[] counts = new int[Rows * Places];
    private long step;

    /// <summary>Takes one request of a source; false: it has to wait.</summary>
    public bool Take(IPAddress? source) => Take(Prefix(source, stackalloc byte[16]));

    /// <summary>Takes one request by a link that was made here, wherever it comes from; false: it was followed as often as a source may come.</summary>
    public bool Take(PersonLink link)
    {
        Span<byte> ids = stackalloc byte[2 * OpaqueId.Size];
        link.Subject.CopyTo(ids);
        link.Point.CopyTo(ids[OpaqueId.Size..]);
        return Take(ids);
    }

    private bool Take(ReadOnlySpan<byte> who)
    {
        if (most == 0)
            return true;
        var now = time.GetUtcNow().UtcTicks / Step.Ticks;
        if (Volatile.Read(ref step) != now && Interlocked.Exchange(ref step, now) != now)
            Volatile.Write(ref counts, new int[Rows * Places]);
        var rows = Volatile.Read(ref counts);
        Span<byte> hash = stackalloc byte[32];
        HMACSHA256.HashData(secret, who, hash);
        var least = int.MaxValue;
        for (var row = 0; row < Rows; row++)
            least = Math.Min(least, Interlocked.Increment(ref rows[(row * Places) + BinaryPrimitives.ReadUInt16LittleEndian(hash[(row * 2)..])]));
        return least <= Math.Max(1, most / StepsInMinute);
    }

    // Whoever has one IPv6 address has all of its network.
    private static ReadOnlySpan<byte> Prefix(IPAddress? source, Span<byte> bytes)
    {
        if (source is null)
            return [];
        if (source.IsIPv4MappedToIPv6)
            source = source.MapToIPv4();
        source.TryWriteBytes(bytes, out var written);
        return bytes[..(written == 4 ? 4 : 8)];
    }
}
