using Ringfence.Server.Pages;

namespace Ringfence.Server.Staff;

/// <summary>Before what can't be taken back easily, people show again that it is them: who finds a browser open can't do it.</summary>
internal static class StepUp
{
    /// <summary>What the page shows.</summary>
    internal sealed record Model(string Next, bool WithCode, bool WithOutside, string? Fault);

    /// <summary>The way to show it; null: they have just done so, and may go on.</summary>
    /// <param name="call">Who asks.</param>
    /// <param name="next">The page that they come back to, such as the one with the form.</param>
    public static PageAnswer? Ask(PageCall call, string next) => Sessions.IsSteppedUp(call.Staff, call.Now) ? null : PageCall.SeeOther("/account/again?next=" + Uri.EscapeDataString(next));

    public static async Task<PageAnswer> ShowAsync(PageCall call) => await PageAsync(call, LocalPath.Of(call.Query("next")), null, StatusCodes.Status200OK);

    public static async Task<PageAnswer> DoAsync(PageCall call)
    {
        var form = await call.FormAsync();
        var (next, password, code) = (LocalPath.Of(form.TextOrNull("next")), form.Exact("password") ?? "", form.TextOrNull("code") ?? "");
        form.Done();
        var account = await AccountPages.MineAsync(call);
        return await call.Served.Entrance.SignIn.AgainAsync(call.Http, account, password, code) switch
        {
            Entry.In => PageCall.SeeOther(next),
            Entry.Wait => await PageAsync(call, next, "wait", StatusCodes.Status429TooManyRequests),
            _ => await PageAsync(call, next, "wrong-again", StatusCodes.Status422UnprocessableEntity),
        };
    }

    public static async Task<PageAnswer> PasskeyAsync(PageCall call)
    {
        var form = await call.FormAsync();
        var (next, credential) = (LocalPath.Of(form.TextOrNull("next")), form.Text("credential"));
        form.Done();
        var entrance = call.Served.Entrance;
        // Somebody else's is no proof of them.
        if (await entrance.Passkeys.EndAsync(call.Http, credential) is not { } account || account.Id != call.Staff.Account)
            return await PageAsync(call, next, "passkey", StatusCodes.Status422UnprocessableEntity);
        await entrance.Sessions.StepUpAsync(call.Http);
        return PageCall.SeeOther(next);
    }

    /// <summary>The page that asks for it.</summary>
    public static async Task<PageAnswer> PageAsync(PageCall call, string next, string? fault, int status)
    {
        var account = await AccountPages.MineAsync(call);
        return await call.PlainAsync<StepUpPage>(call.T("Again.Title"), new Model(next, account.Totp is not null, account.Outside is not null && call.Served.Entrance.Outside is not null, fault), status);
    }
}
