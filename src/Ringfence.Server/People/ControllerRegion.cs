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
        try
        {
            return Region.Of((await call.Installation.PartyDocumentAsync(call.Ledger, call.Cancel)).Country);
        }
        catch (Exception away) when (StoreAway.Is(away) && call.Served.Names.LastOf(call.Controller) is not null)
        {
            // Whoever types a number to say no is heard while the store is away, too.
            return Region.Of(call.Served.Names.LastOf(call.Controller)!.Country);
        }
    }
}
