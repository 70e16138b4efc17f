using System.Collections.Concurrent;
using Ringfence.Ledger;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Consent;

/// <summary>What controllers have published of one kind, held for a moment: many people look at one, and all documents are read to find it. None ever changes, so each is understood once. Safe for many threads.</summary>
/// <param name="installation">The installation.</param>
/// <param name="read">Understands one; null: it is of another kind.</param>
/// <param name="inOrder">Puts them in order.</param>
internal sealed class DocumentsInUse<TDocument>(Installation installation, Func<DocumentRow, TDocument?> read, Func<IEnumerable<TDocument>, IReadOnlyList<TDocument>> inOrder) where TDocument : class
{
    // Whoever publishes one finds it within so long.
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(3);

    // An import keeps the words of a list as they were, and may bring very many.
    private const int MostUnderstood = 10_000;

    private readonly ConcurrentDictionary<long, (Task<IReadOnlyList<TDocument>> All, long ReadAt)> known = new();
    private readonly ConcurrentDictionary<Digest, TDocument?> understood = new();

    /// <summary>Those of a ledger, in order.</summary>
    public Task<IReadOnlyList<TDocument>> OfAsync(LedgerRow ledger)
    {
        var now = installation.Time.GetTimestamp();
        // However many ask at once, one of them reads; what failed is read again.
        return known.AddOrUpdate(
            ledger.Ledger, _ => (ReadAsync(ledger), now),
            (_, held) => held.All.IsFaulted || installation.Time.GetElapsedTime(held.ReadAt, now) >= Fresh ? (ReadAsync(ledger), now) : held).All;
    }

    /// <summary>Reads them anew the next time: one was published.</summary>
    public void Forget(LedgerRow ledger) => known.TryRemove(ledger.Ledger, out _);

    private async Task<IReadOnlyList<TDocument>> ReadAsync(LedgerRow ledger)
    {
        var found = new List<TDocument>();
        await foreach (var row in installation.Store.DocumentsAsync(ledger.Ledger, CancellationToken.None))
        {
            var digest = new Digest(row.Digest);
            if (!understood.TryGetValue(digest, out var document))
            {
                if (understood.Count >= MostUnderstood)
                    understood.Clear();
                understood[digest] = document = read(row);
            }

            if (document is not null)
                found.Add(document);
        }

        return inOrder(found);
    }
}
