using Ringfence.Consent;
using Ringfence.Numbers;
using Ringfence.People;
using Ringfence.Rules;
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
        string[] asked = [.. controllers.Count == 0 ? (string[])["legal", "word", "address", "country", "contact", "officer", "officer-email"] : [], "name", "email", "language"];
        foreach (var name in asked)
            fields[name] = form.TextOrNull(name) ?? "";
        var password = form.Exact("password") ?? "";
        form.Done();
        var faults = new Dictionary<string, string>(StringComparer.Ordinal);
        var party = controllers.Count == 0 ? PartyOf(fields, faults) : null;
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
        var origin = $"{call.Served.Address?.Host ?? "ringfence.local"}/{fields.GetValueOrDefault("word")}";
        var account = await call.Served.Entrance.SetUp.DoAsync(
            token, party is null ? null : (fields["word"], origin, party), mail!, called!, fields["language"], SignIn.Hash(password), call.Cancel) ?? throw Closed;
        await call.Installation.SignWrittenAsync(call.Cancel);
        await call.Served.Entrance.SignIn.EnterAsync(call.Http, account, "password");
        return PageCall.SeeOther("/");
    }

    private static PageFault Closed => new(StatusCodes.Status410Gone, "set-up-closed");

    private static PartyDocument? PartyOf(Dictionary<string, string> fields, Dictionary<string, string> faults)
    {
        foreach (var name in (string[])["legal", "address"])
        {
            if (fields[name].Length is 0 or > 300 || fields[name].Any(char.IsControl))
                faults[name] = name;
        }

        // Whoever types it as a name is understood.
        fields["word"] = fields["word"].ToLowerInvariant();
        if (!ControllerCliCommand.IsWord(fields["word"]))
            faults["word"] = "word";
        fields["country"] = fields["country"].ToUpperInvariant();
        if (fields["country"].Length != 2 || Places.Country(fields["country"]) != Region.Of(fields["country"]))
            faults["country"] = "country";
        if (Accounts.MailOf(fields["contact"]) is null)
            faults["contact"] = "email";
        if ((fields["officer"].Length > 0 || fields["officer-email"].Length > 0) && Accounts.MailOf(fields["officer-email"]) is null)
            faults["officer-email"] = "email";
        if (faults.Count > 0)
            return null;
        try
        {
            // Read back as it will be read ever after: what that would refuse is refused now.
            return PartyDocument.FromBytes(new PartyDocument
            {
                Id = fields["word"], Kind = PartyKind.Controller, Name = fields["legal"], Address = fields["address"], Country = fields["country"],
                Contact = new PartyContact(null, fields["contact"], null, null),
                PrivacyOfficer = fields["officer-email"].Length == 0 ? null : new PartyContact(fields["officer"] is { Length: > 0 } officer ? officer : null, fields["officer-email"], null, null),
            }.ToBytes());
        }
        catch (RuleFileException)
        {
            faults["legal"] = "party";
            return null;
        }
    }

    private static async Task<string> RequireOpenAsync(PageCall call) => await call.Served.Entrance.SetUp.IsOpenAsync(call.Path("token"), call.Cancel) ? call.Path("token") : throw Closed;

    private static async Task<IReadOnlyList<string>> ControllersAsync(PageCall call) => [.. (await call.Installation.NewestLedgersAsync(call.Cancel)).Select(static row => row.Controller)];

    private static Task<PageAnswer> PageAsync(PageCall call, Model model, int status) => call.PlainAsync<SetUpPage>(call.T("SetUp.Title"), model, status);
}
