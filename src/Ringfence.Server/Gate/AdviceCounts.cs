using System.Collections.Concurrent;
using NodaTime;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Gate;

/// <summary>How many answers this server gave that nobody had written down, by controller. Safe for many threads; nothing of it outlasts the program.</summary>
internal sealed class AdviceCounts(TimeProvider time)
{
    private readonly ConcurrentDictionary<long, long[]> counts = new();

    /// <summary>Since when they are counted.</summary>
    public Instant Since { get; } = Instant.FromDateTimeOffset(time.GetUtcNow());

    /// <summary>Counts answers.</summary>
    public void Add(LedgerRow ledger, string verdict, int times)
    {
        var of = counts.GetOrAdd(ledger.Ledger, static _ => new long[3]);
        Interlocked.Add(ref of[verdict switch { "allowed" => 0, "deferred" => 1, _ => 2 }], times);
    }

    /// <summary>Those of a controller.</summary>
    public VerdictCounts Of(LedgerRow ledger) =>
        counts.TryGetValue(ledger.Ledger, out var of) ? new VerdictCounts(Volatile.Read(ref of[0]), Volatile.Read(ref of[1]), Volatile.Read(ref of[2])) : default;
}
