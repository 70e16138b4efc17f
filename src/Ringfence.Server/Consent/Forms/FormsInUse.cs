using System.Collections.Concurrent;
using Ringfence.Consent;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Consent.Forms;

/// <summary>The forms that controllers have published, held for a moment: many people look at one, and all documents are read to find it.</summary>
internal sealed class FormsInUse(Installation installation)
{
    // Whoever publishes one finds it within so long.
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(3);

    private readonly ConcurrentDictionary<long, (Task<IReadOnlyList<FormDocument>> Forms, long ReadAt)> known = new();
    private readonly ReadDocuments<FormDocument> documents = new(PublishedForms.Read);

    /// <summary>Those of a ledger, by name, the newest version of each last.</summary>
    public Task<IReadOnlyList<FormDocument>> OfAsync(LedgerRow ledger)
    {
        var now = installation.Time.GetTimestamp();
        // However many ask at once, one of them reads; what failed is read again.
        return known.AddOrUpdate(
            ledger.Ledger, _ => (ReadAsync(ledger), now),
            (_, held) => held.Forms.IsFaulted || installation.Time.GetElapsedTime(held.ReadAt, now) >= Fresh ? (ReadAsync(ledger), now) : held).Forms;
    }

    private async Task<IReadOnlyList<FormDocument>> ReadAsync(LedgerRow ledger) => PublishedForms.InOrder(await documents.OfAsync(installation.Store, ledger));
}
