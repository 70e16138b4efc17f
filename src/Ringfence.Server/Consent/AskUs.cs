using Ringfence.Consent;
using Ringfence.Server.Pages;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Consent;

/// <summary>Whom to ask where no code can be sent: the controller, as its own document names it.</summary>
internal static class AskUs
{
    /// <summary>The page that says so. It depends on the controller alone.</summary>
    public static async Task<PageAnswer> ShowAsync(PageCall call) => await call.PageAsync<AskUsPage>(call.T("AskUs.H1"), await PartyAsync(call));

    private static async Task<PartyDocument?> PartyAsync(PageCall call)
    {
        var wanted = new RowsWanted { WithRecords = false };
        var party = await call.Installation.PartyAsync(call.Ledger, call.Cancel);
        wanted.Documents.Add(party.Bytes.ToArray());
        return (await call.Installation.Store.LoadAsync(call.Ledger.Ledger, wanted, call.Cancel)).Documents is [var row] ? PartyDocument.FromBytes(row.Bytes) : null;
    }
}
