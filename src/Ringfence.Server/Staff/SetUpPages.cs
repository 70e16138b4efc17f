using Ringfence.Server.Ledger;
using Ringfence.Server.Pages;
using Ringfence.Staff;

namespace Ringfence.Server.Staff;

/// <summary>The first run: who the controller is, and the first account.</summary>
internal static class SetUpPages
{
    /// <summary>What the page shows.</summary>
    /// <param name="Fields">What was typed before, but for the password.</param>
    /// <param name="Faults">By field, the text <c>SetUp.Fault.KEY</c>.</param>
    /// <param name="Controllers">Those there are already; none: the first is made.</param>
    internal sealed record Model(string Token, IReadOnlyDictionary<string, string> Fields, IReadOnlyDictionary<string, string> Faults, IReadOnlyList<string> Controllers);

    public static async Task<PageAnswer> ShowAsync(PageCall call)
    {
        var token = await RequireOpenAsync(call);
        return await PageAsync(call, new Model(token, new Dictionary<string, string> { ["language"] = call.Words.Tag }, new Dictionary<string, string>(), await ControllersAsync(call)), StatusCodes.Status200OK);
    }

    public static async Task<PageAnswer> DoAsync(PageCall call)
    {
        var token = await RequireOpenAsync(call);
        var controllers = await ControllersAsync(call);
        var form = await call.FormAsync();
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        // The page may have been shown before there was a controller: somebody else, or the same before the program died, has founded it since.
        foreach (var name in (string[])[.. NewController.Fields, "name", "email", "language"])
            fields[name] = form.TextOrNull(name) ?? "";
        var password = form.Exact("password") ?? "";
        form.Done();
        var faults = new Dictionary<string, string>(StringComparer.Ordinal);
        var party = controllers.Count == 0 ? NewController.Read(fields, faults) : null;
        var (mail, called) = (Accounts.MailOf(fields["email"]), Accounts.NameOf(fields["name"]));
        if (mail is null)
            faults["email"] = "email";
        if (called is null)
            faults["name"] = "name";
        if (!LanguageTexts.Tags.Contains(fields["language"]))
            faults["language"] = "language";
        if (PasswordRule.Judge(password, [fields["email"], fields["name"], fields.GetValueOrDefault("legal", "")]) is var fault and not PasswordFault.None)
            faults["password"] = "password-" + fault.ToString().ToLowerInvariant();
        if (!call.Served.Entrance.IsPrivate(call.Http.Request))
            faults["password"] = "open";
        if (faults.Count > 0)
            return await PageAsync(call, new Model(token, fields, faults, controllers), StatusCodes.Status422UnprocessableEntity);
        var account = await call.Served.Entrance.SetUp.DoAsync(
            token, party is null ? null : (fields["word"], NewController.OriginOf(call, fields["word"]), party), mail!, called!, fields["language"], SignIn.Hash(password), call.Cancel) ?? throw Closed;
        await call.Installation.SignWrittenAsync(call.Cancel);
        await call.Served.Entrance.SignIn.EnterAsync(call.Http, account, "password");
        return PageCall.SeeOther("/");
    }

    private static PageFault Closed => new(StatusCodes.Status410Gone, "set-up-closed");

    private static async Task<string> RequireOpenAsync(PageCall call) => await call.Served.Entrance.SetUp.IsOpenAsync(call.Path("token"), call.Cancel) ? call.Path("token") : throw Closed;

    private static async Task<IReadOnlyList<string>> ControllersAsync(PageCall call) => [.. (await call.Installation.NewestLedgersAsync(call.Cancel)).Select(static row => row.Controller)];

    private static Task<PageAnswer> PageAsync(PageCall call, Model model, int status) => call.PlainAsync<SetUpPage>(call.T("SetUp.Title"), model, status);
}
