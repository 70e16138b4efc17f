using System.Collections.Concurrent;
using Ringfence.Consent;
using Ringfence.Ledger;
using Ringfence.Rules;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Consent;

/// <summary>What the wordings prove that records name. A document never changes, so each is read once for as long as the program runs.</summary>
internal static class WordingShelf
{
    // Some languages of each version of each wording of each controller; beyond that they are read again.
    private const int Most = 1000;

    private static readonly ConcurrentDictionary<(Digest Doc, string Language), WordingProof?> Read = new();

    /// <summary>What can be told of some notices; of a document that a ledger does not have, or that is no wording, nothing.</summary>
    public static async Task<Func<Notice?, WordingProof?>> OfAsync(ILedgerStore store, LedgerRow ledger, IEnumerable<Notice> notices, CancellationToken cancel)
    {
        var named = notices.Where(static notice => notice.Lang is not null).Select(static notice => (notice.Doc, Language: notice.Lang!)).Distinct().ToArray();
        var found = new Dictionary<(Digest, string), WordingProof?>();
        foreach (var one in named)
        {
            if (Read.TryGetValue(one, out var proof))
                found[one] = proof;
        }

        var wanted = new RowsWanted { WithRecords = false };
        wanted.Documents.UnionWith(named.Where(one => !found.ContainsKey(one)).Select(static one => one.Doc.Bytes.ToArray()));
        if (wanted.Documents.Count > 0)
        {
            foreach (var row in (await store.LoadAsync(ledger.Ledger, wanted, cancel)).Documents)
            {
                foreach (var one in named.Where(one => one.Doc.Bytes.SequenceEqual(row.Digest)))
                    found[one] = Keep(one, ProofOf(row.Bytes, one.Language));
            }
        }

        return notice => notice?.Lang is { } language ? found.GetValueOrDefault((notice.Doc, language)) : null;
    }

    private static WordingProof? Keep((Digest, string) one, WordingProof? proof)
    {
        if (Read.Count >= Most)
            Read.Clear();
        Read[one] = proof;
        return proof;
    }

    // Its bytes are those of its address, or it proves nothing under it.
    private static WordingProof? ProofOf(byte[] bytes, string language)
    {
        try
        {
            return WordingProof.Of(WordingDocument.FromBytes(bytes), language);
        }
        catch (RuleFileException)
        {
            return null;
        }
    }
}
