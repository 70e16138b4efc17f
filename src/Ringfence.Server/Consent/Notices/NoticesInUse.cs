using System.Collections.Concurrent;
using Ringfence.Consent;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Consent.Notices;

/// <summary>What several versions come to.</summary>
internal static class NoticeVersions
{
    /// <summary>The newest that says something that matters beyond the one before it: whoever agreed earlier has to be asked again. Null: none does.</summary>
    public static NoticeDocument? AsksAgain(this IReadOnlyList<NoticeDocument> all)
    {
        for (var i = all.Count - 1; i > 0; i--)
        {
            if (NoticeChange.Between(all[i - 1], all[i]).Any(static change => change.Matters))
                return all[i];
        }

        return null;
    }
}

/// <summary>The notices that controllers have published, held for a moment: many people look at one, and all documents are read to find it.</summary>
internal sealed class NoticesInUse(Installation installation)
{
    // Whoever publishes one finds it within so long.
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(3);

    private readonly ConcurrentDictionary<long, (Task<IReadOnlyList<NoticeDocument>> Notices, long ReadAt)> known = new();

    /// <summary>Those of a ledger, the newest last.</summary>
    public Task<IReadOnlyList<NoticeDocument>> OfAsync(LedgerRow ledger)
    {
        var now = installation.Time.GetTimestamp();
        // However many ask at once, one of them reads; what failed is read again.
        return known.AddOrUpdate(
            ledger.Ledger, _ => (ReadAsync(ledger), now),
            (_, held) => held.Notices.IsFaulted || installation.Time.GetElapsedTime(held.ReadAt, now) >= Fresh ? (ReadAsync(ledger), now) : held).Notices;
    }

    /// <summary>Reads them anew the next time: one was published.</summary>
    public void Forget(LedgerRow ledger) => known.TryRemove(ledger.Ledger, out _);

    private Task<IReadOnlyList<NoticeDocument>> ReadAsync(LedgerRow ledger) => PublishedNotices.AllAsync(installation.Store, ledger, CancellationToken.None);
}
