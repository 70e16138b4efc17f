using Ringfence.Consent;
using Ringfence.Numbers;
using Ringfence.Server.Pages;
using Ringfence.Server.Storage;

namespace Ringfence.Server.People;

/// <summary>Where numbers are that staff write without a country: with their controller.</summary>
internal static class ControllerRegion
{
    /// <summary>The country of the controller of a page.</summary>
    public static async Task<Region> OfAsync(PageCall call)
    {
        var wanted = new RowsWanted { WithRecords = false };
        wanted.Documents.Add((await call.Installation.PartyAsync(call.Ledger, call.Cancel)).Bytes.ToArray());
        var party = (await call.Installation.Store.LoadAsync(call.Ledger.Ledger, wanted, call.Cancel)).Documents.FirstOrDefault();
        return party is null ? Region.None : Region.Of(PartyDocument.FromBytes(party.Bytes).Country);
    }
}
