using System.Collections.Concurrent;
using Ringfence.Consent;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Consent;

/// <summary>The wordings that controllers have published, held for as long as it takes to fill in a form: all documents are read to find them.</summary>
internal sealed class WordingsInUse(Installation installation)
{
    // Whoever publishes one finds it in a form within so long.
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(3);

    private readonly ConcurrentDictionary<long, (Task<IReadOnlyList<WordingDocument>> Wordings, long ReadAt)> known = new();
    private readonly ReadDocuments<WordingDocument> documents = new(PublishedWordings.Read);

    /// <summary>Those of a ledger, by name, the newest version of each first.</summary>
    public Task<IReadOnlyList<WordingDocument>> OfAsync(LedgerRow ledger, CancellationToken cancel)
    {
        var now = installation.Time.GetTimestamp();
        // However many ask at once, one of them reads; what failed is read again.
        return known.AddOrUpdate(
            ledger.Ledger, _ => (ReadAsync(ledger), now),
            (_, held) => held.Wordings.IsFaulted || installation.Time.GetElapsedTime(held.ReadAt, now) >= Fresh ? (ReadAsync(ledger), now) : held).Wordings.WaitAsync(cancel);
    }

    private async Task<IReadOnlyList<WordingDocument>> ReadAsync(LedgerRow ledger) =>
        [.. (await documents.OfAsync(installation.Store, ledger)).OrderBy(static one => one.Id, StringComparer.Ordinal).ThenByDescending(static one => one.Version.Length).ThenByDescending(static one => one.Version, StringComparer.Ordinal)];

    /// <summary>The purposes that they ask for, each once.</summary>
    public async Task<IReadOnlyList<string>> PurposesAsync(LedgerRow ledger, CancellationToken cancel) =>
        [.. (await OfAsync(ledger, cancel)).SelectMany(static wording => wording.Purposes).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
}
