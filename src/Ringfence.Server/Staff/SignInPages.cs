using Ringfence.Server.Pages;

namespace Ringfence.Server.Staff;

/// <summary>Signing in and out.</summary>
internal static class SignInPages
{
    /// <summary>What the page shows.</summary>
    /// <param name="Mail">What was typed before; it stands in the page alone, never in an address.</param>
    /// <param name="Fault">The text <c>SignIn.Fault.KEY</c>; null: nothing went wrong.</param>
    internal sealed record Model(string Next, string? Mail, string? Fault);

    public static async Task<PageAnswer> ShowAsync(PageCall call)
    {
        var next = LocalPath.Of(call.Query("next"));
        return call.StaffOrNull is not null ? PageCall.SeeOther(next) : await PageAsync(call, new Model(next, null, null), StatusCodes.Status200OK);
    }

    public static async Task<PageAnswer> SignInAsync(PageCall call)
    {
        var form = await call.FormAsync();
        var (next, mail, password) = (LocalPath.Of(form.TextOrNull("next")), form.TextOrNull("email") ?? "", form.Exact("password") ?? "");
        form.Done();
        var entrance = call.Served.Entrance;
        if (!entrance.IsPrivate(call.Http.Request))
            return await PageAsync(call, new Model(next, mail, "open"), StatusCodes.Status403Forbidden);
        return await entrance.SignIn.PasswordAsync(call.Http, mail, password) switch
        {
            Entry.In => PageCall.SeeOther(next),
            Entry.Second => PageCall.SeeOther("/sign-in/second?next=" + Uri.EscapeDataString(next)),
            Entry.Wait => await PageAsync(call, new Model(next, mail, "wait"), StatusCodes.Status429TooManyRequests),
            _ => await PageAsync(call, new Model(next, mail, "wrong"), StatusCodes.Status422UnprocessableEntity),
        };
    }

    public static Task<PageAnswer> ShowSecondAsync(PageCall call) => SecondAsync(call, new Model(LocalPath.Of(call.Query("next")), null, null), StatusCodes.Status200OK);

    public static async Task<PageAnswer> SecondAsync(PageCall call)
    {
        var form = await call.FormAsync();
        var (next, code) = (LocalPath.Of(form.TextOrNull("next")), form.TextOrNull("code") ?? "");
        form.Done();
        return await call.Served.Entrance.SignIn.SecondAsync(call.Http, code) switch
        {
            Entry.In => PageCall.SeeOther(next),
            Entry.Wait => await SecondAsync(call, new Model(next, null, "wait"), StatusCodes.Status429TooManyRequests),
            Entry.Over => await PageAsync(call, new Model(next, null, "over"), StatusCodes.Status422UnprocessableEntity),
            _ => await SecondAsync(call, new Model(next, null, "wrong-code"), StatusCodes.Status422UnprocessableEntity),
        };
    }

    /// <summary>What the browser is asked for a passkey; for the page's script.</summary>
    public static async Task<PageAnswer> PasskeyOptionsAsync(PageCall call)
    {
        (await call.FormAsync()).Done();
        return new PageAnswer.Json(System.Text.Encoding.UTF8.GetBytes(await call.Served.Entrance.Passkeys.BeginAsync(call.Http)));
    }

    public static async Task<PageAnswer> PasskeyAsync(PageCall call)
    {
        var form = await call.FormAsync();
        var (next, credential) = (LocalPath.Of(form.TextOrNull("next")), form.Text("credential"));
        form.Done();
        var entrance = call.Served.Entrance;
        if (await entrance.Passkeys.EndAsync(call.Http, credential) is not { } account)
            return await PageAsync(call, new Model(next, null, "passkey"), StatusCodes.Status422UnprocessableEntity);
        await entrance.SignIn.EnterAsync(call.Http, account, "passkey");
        return PageCall.SeeOther(next);
    }

    public static Task<PageAnswer> ShowHelpAsync(PageCall call) => call.PlainAsync<SignInHelpPage>(call.T("SignIn.Help.Title"));

    public static async Task<PageAnswer> SignOutAsync(PageCall call)
    {
        (await call.FormAsync()).Done();
        await call.Served.Entrance.Sessions.EndAsync(call.Http);
        return PageCall.SeeOther("/sign-in");
    }

    private static Task<PageAnswer> PageAsync(PageCall call, Model model, int status) => call.PlainAsync<SignInPage>(call.T("SignIn.Title"), model, status);

    private static Task<PageAnswer> SecondAsync(PageCall call, Model model, int status) => call.PlainAsync<SecondFactorPage>(call.T("SignIn.Second.Title"), model, status);
}
