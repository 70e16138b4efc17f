using Ringfence.Server.Pages;

namespace Ringfence.Server.Consent;

/// <summary>Whom to ask where no code can be sent: the controller, as its own document names it.</summary>
internal static class AskUs
{
    /// <summary>The page that says so. It depends on the controller alone.</summary>
    public static async Task<PageAnswer> ShowAsync(PageCall call) => await call.PageAsync<AskUsPage>(call.T("AskUs.H1"), await call.Installation.PartyDocumentAsync(call.Ledger, call.Cancel));
}
