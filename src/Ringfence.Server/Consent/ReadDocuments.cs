using System.Collections.Concurrent;
using Ringfence.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Consent;

/// <summary>Documents of one kind that were read before. None ever changes, so each is understood once, however often all are looked through. Safe for many threads.</summary>
/// <param name="read">Understands one; null: it is of another kind.</param>
internal sealed class ReadDocuments<TDocument>(Func<DocumentRow, TDocument?> read) where TDocument : class
{
    // An import keeps the words of a list as they were, and may bring very many.
    private const int Most = 10_000;

    private readonly ConcurrentDictionary<Digest, TDocument?> known = new();

    /// <summary>All of a ledger, in no order.</summary>
    public async Task<List<TDocument>> OfAsync(ILedgerStore store, LedgerRow ledger)
    {
        var found = new List<TDocument>();
        await foreach (var row in store.DocumentsAsync(ledger.Ledger, CancellationToken.None))
        {
            var digest = new Digest(row.Digest);
            if (!known.TryGetValue(digest, out var document))
            {
                if (known.Count >= Most)
                    known.Clear();
                known[digest] = document = read(row);
            }

            if (document is not null)
                found.Add(document);
        }

        return found;
    }
}
