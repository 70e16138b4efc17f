using System.Collections.Concurrent;
using Ringfence.Consent;
using Ringfence.Ledger;
using Ringfence.Rules;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Consent;

/// <summary>What controllers are called by whose documents records name them. A document never changes, so each is read once for as long as the program runs.</summary>
internal static class PartyShelf
{
    private static readonly ConcurrentDictionary<Digest, string> Read = new();

    /// <summary>Whether it matters of a record who the controller is: what is agreed to there is agreed to for those who are named.</summary>
    public static bool IsWanted(LedgerRecord record) => record.Scope?.Service is not null;

    /// <summary>The legal names of some controllers; of a document that a ledger does not have, or that is no party, none.</summary>
    public static async Task<Func<Digest, string?>> OfAsync(ILedgerStore store, LedgerRow ledger, IEnumerable<Digest> controllers, CancellationToken cancel)
    {
        var wanted = new RowsWanted { WithRecords = false };
        wanted.Documents.UnionWith(controllers.Where(static digest => !Read.ContainsKey(digest)).Distinct().Select(static digest => digest.Bytes.ToArray()));
        if (wanted.Documents.Count > 0)
        {
            foreach (var row in (await store.LoadAsync(ledger.Ledger, wanted, cancel)).Documents)
            {
                if (NameOf(row.Bytes) is { } name)
                    Read[TreeHash.Sha256(row.Bytes)] = name;
            }
        }

        return digest => Read.GetValueOrDefault(digest);
    }

    private static string? NameOf(byte[] bytes)
    {
        try
        {
            return PartyDocument.FromBytes(bytes).Name;
        }
        catch (RuleFileException)
        {
            return null;
        }
    }
}
