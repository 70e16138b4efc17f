using Ringfence.Server.Pages;
using Ringfence.Server.Suppression;

namespace Ringfence.Server.Consent.Forms;

/// <summary>Where somebody types the code that confirms what they filled in in a form of a social network. Every link looks the same here, those that lead to nothing too: what it leads to is looked up when a code is told.</summary>
internal static class LeadPages
{
    /// <summary>What the page shows.</summary>
    /// <param name="Path">Its own address.</param>
    /// <param name="IsWrong">Whether a code was told, and was none.</param>
    /// <param name="IsSent">Whether another code was asked for.</param>
    internal sealed record Model(string Path, bool IsWrong = false, bool IsSent = false);

    /// <summary>The address of the page.</summary>
    public static string PathOf(string controller, string token) => $"/y/{Uri.EscapeDataString(controller)}/{Uri.EscapeDataString(token)}";

    /// <summary><c>GET y/{controller}/{token}</c>: looks nothing up.</summary>
    public static Task<PageAnswer> ShowAsync(PageCall call) => PageAsync(call, isWrong: false);

    /// <summary><c>POST y/{controller}/{token}</c>.</summary>
    public static async Task<PageAnswer> ConfirmAsync(PageCall call)
    {
        var form = await call.FormAsync();
        var code = form.TextOrNull("code") ?? "";
        form.Done();
        if (call.Link is not { } link || await LeadConfirming.ReadAsync(call.Installation, call.Ledger, link, call.Cancel) is not { } lead || await lead.ConfirmAsync(call, code) is not { Count: > 0 } confirmed)
            return await PageAsync(call, isWrong: true, status: StatusCodes.Status422UnprocessableEntity);
        // Whoever had said no, and shows by a code that it is them, takes back so much of it.
        await OwnNoes.LiftAsync(call, PreferencePages.Person, call.Installation.TagsOf(lead.Point), lead.SaidAt, confirmed);
        return PageCall.SeeOther($"{PreferencePages.PathOf(call, lead.Person)}?done=agreed&lang={call.Words.Tag}");
    }

    /// <summary><c>POST y/{controller}/{token}/code</c>: another code, to where the first one went and nowhere else. Whoever asks is answered before anybody looks.</summary>
    public static async Task<PageAnswer> SendAsync(PageCall call)
    {
        (await call.FormAsync()).Done();
        var (served, ledger, source) = (call.Served, call.Ledger, call.Http.Connection.RemoteIpAddress);
        if (call.Link is { } link)
            call.Afterwards(() => LeadConfirming.SendAsync(served, ledger, link, source, null));
        return await PageAsync(call, isWrong: false, isSent: true);
    }

    private static Task<PageAnswer> PageAsync(PageCall call, bool isWrong, bool isSent = false, int status = StatusCodes.Status200OK) =>
        call.PageAsync<LeadPage>(call.T("Lead.H1"), new Model(PathOf(call.Controller, call.Path("token")), isWrong, isSent), status);
}
