using Ringfence.Numbers;
using Ringfence.Server.Pages;

namespace Ringfence.Server.People;

/// <summary>Where numbers are that staff write without a country: with their controller.</summary>
internal static class ControllerRegion
{
    /// <summary>The country of the controller of a page.</summary>
    public static async Task<Region> OfAsync(PageCall call) => Region.Of((await call.Installation.PartyDocumentAsync(call.Ledger, call.Cancel)).Country);
}
