using System.Collections.Concurrent;
using Ringfence.Consent;
using Ringfence.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Consent;

/// <summary>What controllers are called by whose documents records name them. A document never changes, so each is read once for as long as the program runs.</summary>
internal static class PartyShelf
{
    private static readonly ConcurrentDictionary<Digest, string> Read = new();

    /// <summary>The legal names of the controllers of those records of whom it matters: what is agreed to there is agreed to for those who are named. Of a document that a ledger does not have, or that is no party, none.</summary>
    public static async ValueTask<Func<Digest, string?>> OfAsync(ILedgerStore store, LedgerRow ledger, IReadOnlyList<LedgerRecord> records, CancellationToken cancel)
    {
        foreach (var record in records)
        {
            // Its bytes are those of its address, or it says nothing under it.
            if (record.Scope?.Service is not null && !Read.ContainsKey(record.Controller) && await store.DocumentAsync(ledger, record.Controller, cancel) is { } row
                && TreeHash.Sha256(row.Bytes) == record.Controller && row.As("\"format\":\"ringfence/party/v1\""u8, PartyDocument.FromBytes) is { } party)
            {
                Read[record.Controller] = party.Name;
            }
        }

        return static digest => Read.GetValueOrDefault(digest);
    }
}
