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

    private readonly ConcurrentDictionary<long, (IReadOnlyList<WordingDocument> Wordings, long ReadAt)> known = new();

    /// <summary>Those of a ledger, by name, the newest version of each first.</summary>
    public async Task<IReadOnlyList<WordingDocument>> OfAsync(LedgerRow ledger, CancellationToken cancel)
    {
        if (known.TryGetValue(ledger.Ledger, out var held) && installation.Time.GetElapsedTime(held.ReadAt) < Fresh)
            return held.Wordings;
        var found = new List<WordingDocument>();
        await foreach (var wording in PublishedWordings.AllAsync(installation.Store, ledger, cancel))
            found.Add(wording);
        IReadOnlyList<WordingDocument> sorted = [.. found.OrderBy(static one => one.Id, StringComparer.Ordinal).ThenByDescending(static one => one.Version.Length).ThenByDescending(static one => one.Version, StringComparer.Ordinal)];
        known[ledger.Ledger] = (sorted, installation.Time.GetTimestamp());
        return sorted;
    }

    /// <summary>The purposes that they ask for, each once.</summary>
    public async Task<IReadOnlyList<string>> PurposesAsync(LedgerRow ledger, CancellationToken cancel) =>
        [.. (await OfAsync(ledger, cancel)).SelectMany(static wording => wording.Purposes).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
}
