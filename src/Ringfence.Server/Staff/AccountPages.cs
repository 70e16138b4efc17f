using Ringfence.Server.Pages;
using Ringfence.Staff;

namespace Ringfence.Server.Staff;

/// <summary>What people see and change of their own account.</summary>
internal static class AccountPages
{
    private const string Page = "/account";

    /// <summary>What the page shows.</summary>
    /// <param name="Fault">The text <c>Account.Fault.KEY</c>, about the part it names.</param>
    internal sealed record Model(Account Account, IReadOnlyList<Passkey> Passkeys, int CodesLeft, IReadOnlyList<Session> Sessions, string? Here, string? Fault);

    /// <summary>An app that is to make codes from now on.</summary>
    internal sealed record AppModel(string Picture, string Secret, string? Fault);

    /// <summary>Codes to be written down, shown once.</summary>
    internal sealed record CodesModel(IReadOnlyList<string> Codes);

    /// <summary>The account of whoever asks.</summary>
    /// <exception cref="PageFault">It is gone.</exception>
    public static async Task<Account> MineAsync(PageCall call) => await call.Served.Entrance.Accounts.FindAsync(call.Staff.Account, call.Cancel) ?? throw PageFault.Missing;

    public static Task<PageAnswer> ShowAsync(PageCall call) => ShowAsync(call, null, StatusCodes.Status200OK);

    public static async Task<PageAnswer> SaveAsync(PageCall call)
    {
        var form = await call.FormAsync();
        var (name, language, letters) = (form.TextOrNull("name"), form.TextOrNull("language"), form.Has("letters"));
        form.Done();
        var account = await MineAsync(call);
        if (name is null || Accounts.NameOf(name) is not { } called || (language is not null && !LanguageTexts.Tags.Contains(language)))
            return await ShowAsync(call, "name", StatusCodes.Status422UnprocessableEntity);
        await call.Served.Entrance.Accounts.SetPersonAsync(account, called, language, letters, call.Cancel);
        return PageCall.SeeOther(Page);
    }

    public static async Task<PageAnswer> PasswordAsync(PageCall call)
    {
        var form = await call.FormAsync();
        var (now, wanted) = (form.Exact("current") ?? "", form.Exact("password") ?? "");
        form.Done();
        var (entrance, account) = (call.Served.Entrance, await MineAsync(call));
        if (StepUp.Ask(call, Page) is { } ask)
            return ask;
        if (PasswordRule.Judge(wanted, [account.Mail, account.Name]) is var fault and not PasswordFault.None)
            return await ShowAsync(call, "password-" + fault.ToString().ToLowerInvariant(), StatusCodes.Status422UnprocessableEntity);
        if (account.Password is not null && !SignIn.IsPassword(account, now))
            return await ShowAsync(call, "current", StatusCodes.Status422UnprocessableEntity);
        await entrance.Accounts.SetPasswordAsync(account.Id, SignIn.Hash(wanted), entrance.Sessions.HashOf(call.Http), call.Cancel);
        return PageCall.SeeOther(Page);
    }

    public static async Task<PageAnswer> BeginAppAsync(PageCall call)
    {
        (await call.FormAsync()).Done();
        if (StepUp.Ask(call, Page) is { } ask)
            return ask;
        await call.Served.Entrance.SignIn.BeginStepAsync(call.Http, "app", (await MineAsync(call)).Id, System.Security.Cryptography.RandomNumberGenerator.GetBytes(Totp.SecretBytes));
        return PageCall.SeeOther("/account/app");
    }

    public static async Task<PageAnswer> ShowAppAsync(PageCall call)
    {
        var account = await MineAsync(call);
        return await call.Served.Entrance.SignIn.LookAsync(call.Http, "app") is { } step && step.Account == account.Id ? await AppAsync(call, account, step.State, null) : PageCall.SeeOther(Page);
    }

    // The codes are shown in the answer itself: they are kept nowhere from which another page could show them.
    public static async Task<PageAnswer> AppAsync(PageCall call)
    {
        var form = await call.FormAsync();
        var code = form.TextOrNull("code") ?? "";
        form.Done();
        var (entrance, account) = (call.Served.Entrance, await MineAsync(call));
        if (await entrance.SignIn.StepAsync(call.Http, "app", 10) is not { } step || step.Account != account.Id)
            return PageCall.SeeOther(Page);
        if (await entrance.Factors.BeginAsync(account, step.State, code, call.Cancel) is not { } codes)
            return await AppAsync(call, account, step.State, "wrong-code");
        await entrance.SignIn.EndStepAsync(call.Http, step.Hash);
        // Whoever came in without it, elsewhere, is out.
        await entrance.Sessions.EndOthersAsync(call.Http, account.Id);
        return await call.PlainAsync<RecoveryCodesPage>(call.T("Codes.Title"), new CodesModel(codes));
    }

    public static async Task<PageAnswer> EndAppAsync(PageCall call)
    {
        (await call.FormAsync()).Done();
        if (StepUp.Ask(call, Page) is { } ask)
            return ask;
        await call.Served.Entrance.Factors.EndAsync(await MineAsync(call), call.Cancel);
        return PageCall.SeeOther(Page);
    }

    public static async Task<PageAnswer> RenewCodesAsync(PageCall call)
    {
        (await call.FormAsync()).Done();
        var account = await MineAsync(call);
        if (StepUp.Ask(call, Page) is { } ask)
            return ask;
        return account.Totp is null ? PageCall.SeeOther(Page) : await call.PlainAsync<RecoveryCodesPage>(call.T("Codes.Title"), new CodesModel(await call.Served.Entrance.Factors.RenewAsync(account, call.Cancel)));
    }

    public static async Task<PageAnswer> PasskeyOptionsAsync(PageCall call)
    {
        (await call.FormAsync()).Done();
        return Sessions.IsSteppedUp(call.Staff, call.Now)
            ? new PageAnswer.Json(System.Text.Encoding.UTF8.GetBytes(await call.Served.Entrance.Passkeys.BeginMakingAsync(call.Http, await MineAsync(call))))
            : new PageAnswer.Json("{\"again\":true}"u8.ToArray());
    }

    public static async Task<PageAnswer> AddPasskeyAsync(PageCall call)
    {
        var form = await call.FormAsync();
        var (name, credential) = (form.TextOrNull("name") ?? "", form.Text("credential"));
        form.Done();
        if (StepUp.Ask(call, Page) is { } ask)
            return ask;
        return await call.Served.Entrance.Passkeys.EndMakingAsync(call.Http, await MineAsync(call), name, credential)
            ? PageCall.SeeOther(Page) : await ShowAsync(call, "passkey", StatusCodes.Status422UnprocessableEntity);
    }

    public static async Task<PageAnswer> RemovePasskeyAsync(PageCall call)
    {
        var form = await call.FormAsync();
        var handle = form.Text("passkey");
        form.Done();
        if (StepUp.Ask(call, Page) is { } ask)
            return ask;
        await call.Served.Entrance.Passkeys.RemoveAsync((await MineAsync(call)).Id, handle, call.Cancel);
        return PageCall.SeeOther(Page);
    }

    public static async Task<PageAnswer> EndSessionAsync(PageCall call)
    {
        var form = await call.FormAsync();
        var handle = form.TextOrNull("session");
        form.Done();
        var sessions = call.Served.Entrance.Sessions;
        if (handle is null)
            await sessions.EndOthersAsync(call.Http, call.Staff.Account);
        else
            await sessions.EndAsync(call.Staff.Account, handle, call.Cancel);
        return PageCall.SeeOther(Page);
    }

    private static async Task<PageAnswer> ShowAsync(PageCall call, string? fault, int status)
    {
        var (entrance, account) = (call.Served.Entrance, await MineAsync(call));
        return await call.PageAsync<AccountPage>(
            call.T("Account.Title"),
            new Model(
                account, await entrance.Passkeys.ListAsync(account.Id, call.Cancel), await entrance.Factors.LeftAsync(account.Id, call.Cancel), await entrance.Sessions.ListAsync(account.Id, call.Cancel),
                entrance.Sessions.HandleOf(call.Http), fault), status);
    }

    private static Task<PageAnswer> AppAsync(PageCall call, Account account, byte[] secret, string? fault) => call.PlainAsync<AppPage>(
        call.T("App.Title"), new AppModel(QrPicture.PathOf(Totp.Address(secret, account.Mail)), Totp.Show(secret), fault), fault is null ? StatusCodes.Status200OK : StatusCodes.Status422UnprocessableEntity);
}
