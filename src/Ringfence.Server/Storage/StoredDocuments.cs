using Ringfence.Ledger;
using Ringfence.Rules;

namespace Ringfence.Server.Storage;

/// <summary>Documents that a ledger keeps, by their digests and as what they are.</summary>
internal static class StoredDocuments
{
    /// <summary>Understands the canonical JSON of one kind of document.</summary>
    public delegate T Reading<out T>(ReadOnlySpan<byte> json);

    /// <summary>The one of a digest; null where the ledger does not keep it.</summary>
    public static async Task<DocumentRow?> DocumentAsync(this ILedgerStore store, LedgerRow ledger, Digest digest, CancellationToken cancel)
    {
        var wanted = new RowsWanted { WithRecords = false };
        wanted.Documents.Add(digest.Bytes.ToArray());
        return (await store.LoadAsync(ledger.Ledger, wanted, cancel)).Documents is [var row] ? row : null;
    }

    /// <summary>A document as one of a kind; null: it is something else.</summary>
    /// <param name="row">The document.</param>
    /// <param name="format">How that kind begins: <c>"format":"..."</c>. Most documents are something else, and an error for each would take long.</param>
    /// <param name="read">Understands it.</param>
    public static T? As<T>(this DocumentRow row, ReadOnlySpan<byte> format, Reading<T> read) where T : class
    {
        if (row.Media != "application/json" || row.Bytes.AsSpan().IndexOf(format) < 0)
            return null;
        try
        {
            return read(row.Bytes);
        }
        catch (RuleFileException)
        {
            return null;
        }
    }
}
