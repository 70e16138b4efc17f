using Ringfence.Server.Pages;
using Ringfence.Staff;

namespace Ringfence.Server.Staff;

/// <summary>What opens by a link that was passed on: to choose a password, and no more. Whoever did signs in as anybody does, second factor and all.</summary>
internal static class LinkPages
{
    /// <summary>What the page shows.</summary>
    internal sealed record Model(string Path, bool IsNew, Account Account, string? Name, string? Fault);

    public static Task<PageAnswer> ShowInvitationAsync(PageCall call) => ShowAsync(call, Links.Invitation);

    public static Task<PageAnswer> ShowWayBackAsync(PageCall call) => ShowAsync(call, Links.WayBack);

    public static Task<PageAnswer> AcceptAsync(PageCall call) => UseAsync(call, Links.Invitation);

    public static Task<PageAnswer> ResetAsync(PageCall call) => UseAsync(call, Links.WayBack);

    /// <summary>Where a link leads.</summary>
    public static string AddressOf(PageCall call, string kind, string token) => $"{call.Served.Entrance.RootOf(call.Http.Request)}/{kind}/{token}";

    private static async Task<PageAnswer> ShowAsync(PageCall call, string kind)
    {
        var account = await RequireAsync(call, kind);
        return await PageAsync(call, kind, account, account.Name, null, StatusCodes.Status200OK);
    }

    private static async Task<PageAnswer> UseAsync(PageCall call, string kind)
    {
        var account = await RequireAsync(call, kind);
        var form = await call.FormAsync();
        var (name, password) = (kind == Links.Invitation ? form.TextOrNull("name") ?? "" : account.Name, form.Exact("password") ?? "");
        form.Done();
        var entrance = call.Served.Entrance;
        if (!entrance.IsPrivate(call.Http.Request))
            return await PageAsync(call, kind, account, name, "open", StatusCodes.Status403Forbidden);
        if (Accounts.NameOf(name) is not { } called)
            return await PageAsync(call, kind, account, name, "name", StatusCodes.Status422UnprocessableEntity);
        if (PasswordRule.Judge(password, [account.Mail, called]) is var fault and not PasswordFault.None)
            return await PageAsync(call, kind, account, name, "password-" + fault.ToString().ToLowerInvariant(), StatusCodes.Status422UnprocessableEntity);
        if (!await entrance.Links.UseAsync(call.Path("token"), kind, account.Id, SignIn.Hash(password), call.Cancel))
            throw Over;
        if (kind == Links.Invitation)
            await entrance.Accounts.SetPersonAsync(account, called, account.Language ?? call.Words.Tag, account.LetterKeys, call.Cancel);
        return PageCall.SeeOther("/sign-in");
    }

    private static PageFault Over => new(StatusCodes.Status410Gone, "link-over");

    private static async Task<Account> RequireAsync(PageCall call, string kind) => await call.Served.Entrance.Links.FindAsync(call.Path("token"), kind, call.Cancel) ?? throw Over;

    private static Task<PageAnswer> PageAsync(PageCall call, string kind, Account account, string name, string? fault, int status) => call.PlainAsync<ChoosePasswordPage>(
        call.T(kind == Links.Invitation ? "Link.Invitation" : "Link.WayBack"), new Model($"/{kind}/{call.Path("token")}", kind == Links.Invitation, account, name, fault), status);
}
