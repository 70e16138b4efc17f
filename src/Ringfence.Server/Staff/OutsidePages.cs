using System.Text.Json;
using Ringfence.Server.Ledger;
using Ringfence.Server.Pages;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Staff;

/// <summary>Signing in at the firm's own identity provider. Only whoever has an account here, and has linked it while signed in, comes in by it.</summary>
internal static class OutsidePages
{
    private const string Kind = "outside";
    private const string Confirm = "outside-link";

    /// <summary>The way there: a link, for a form may lead to this server only.</summary>
    internal sealed record GoModel(string Host, string Address, string Back);

    /// <summary>Who somebody is elsewhere, to be linked with their account.</summary>
    internal sealed record LinkModel(string Host, string? Called, string Subject);

    // Signs nobody in but whoever the provider vouches for. All that is begun is begun for this browser.
    public static async Task<PageAnswer> GoAsync(PageCall call) =>
        await BeginAsync(call, LocalPath.Of(call.Query("next")), null, anew: false) is { } address ? PageCall.SeeOther(address) : await FaultAsync(call, "outside-away");

    /// <summary>Begins to link: by a form, so that no other site's link does.</summary>
    public static async Task<PageAnswer> BeginLinkAsync(PageCall call)
    {
        (await call.FormAsync()).Done();
        return StepUp.Ask(call, "/account") is { } ask ? ask : await LeadAsync(call, "/account", "/account", anew: false);
    }

    /// <summary>Somebody who is signed in here shows there that it is them.</summary>
    public static async Task<PageAnswer> AgainAsync(PageCall call)
    {
        var form = await call.FormAsync();
        var next = LocalPath.Of(form.TextOrNull("next"));
        form.Done();
        return await LeadAsync(call, next, "/account/again?next=" + Uri.EscapeDataString(next), anew: true);
    }

    public static async Task<PageAnswer> BackAsync(PageCall call)
    {
        var (entrance, cancel) = (call.Served.Entrance, call.Cancel);
        if (entrance.Outside is not { } outside)
            throw PageFault.Missing;
        if (await entrance.SignIn.StepAsync(call.Http, Kind, 1) is not { } begun)
            return await FaultAsync(call, "over");
        await entrance.SignIn.EndStepAsync(call.Http, begun.Hash);
        var step = JsonSerializer.Deserialize(begun.State, OutsideJson.Default.OutsideStep)!;
        Vouched? vouched;
        try
        {
            vouched = await outside.EndAsync(call.Http.Request.Query, step, entrance.RootOf(call.Http.Request), cancel);
        }
        catch (HttpRequestException)
        {
            return await FaultAsync(call, "outside-away");
        }

        if (vouched is null)
            return await FaultAsync(call, "outside");
        if (begun.Account is { } theirs)
        {
            // Whoever is signed in now may be another than who began.
            if (call.StaffOrNull?.Account != theirs)
                return await FaultAsync(call, "over");
            return step.Since is null ? await AskLinkAsync(call, theirs, vouched, outside) : await ShownAsync(call, step, vouched);
        }

        if (await entrance.Accounts.FindOutsideAsync(vouched.Key, cancel) is not { Status: AccountStatus.Active } account)
            return await FaultAsync(call, "outside");
        // What they have here is asked for where it was not asked for there.
        if (account.Totp is not null && !vouched.HasSecond)
        {
            await entrance.SignIn.BeginStepAsync(call.Http, "second", account.Id, []);
            return PageCall.SeeOther("/sign-in/second?next=" + Uri.EscapeDataString(step.Next));
        }

        // Who was signed in there already has shown nothing here.
        await entrance.SignIn.EnterAsync(call.Http, account, Kind, vouched.ShownAt);
        return PageCall.SeeOther(step.Next);
    }

    /// <summary>Links, once they saw whom the provider takes them for: somebody else may be signed in there.</summary>
    public static async Task<PageAnswer> LinkAsync(PageCall call)
    {
        (await call.FormAsync()).Done();
        var entrance = call.Served.Entrance;
        if (await entrance.SignIn.StepAsync(call.Http, Confirm, 1) is not { } begun || begun.Account != call.Staff.Account)
            return await FaultAsync(call, "over");
        await entrance.SignIn.EndStepAsync(call.Http, begun.Hash);
        try
        {
            await entrance.Accounts.SetOutsideAsync(begun.Account, begun.State, call.Cancel);
        }
        catch (StoreException e) when (e.Fault == StoreFault.Conflict)
        {
            throw new CommandRefusedException("outside-taken");
        }

        return PageCall.SeeOther("/account");
    }

    public static async Task<PageAnswer> UnlinkAsync(PageCall call)
    {
        (await call.FormAsync()).Done();
        if (StepUp.Ask(call, "/account") is { } ask)
            return ask;
        await call.Served.Entrance.Accounts.SetOutsideAsync(call.Staff.Account, null, call.Cancel);
        return PageCall.SeeOther("/account");
    }

    private static async Task<PageAnswer> AskLinkAsync(PageCall call, string account, Vouched vouched, Outside outside)
    {
        await call.Served.Entrance.SignIn.BeginStepAsync(call.Http, Confirm, account, vouched.Key);
        return await call.PlainAsync<OutsideLinkPage>(call.T("Outside.Link"), new LinkModel(outside.Host, vouched.Called, vouched.Subject));
    }

    private static async Task<PageAnswer> ShownAsync(PageCall call, OutsideStep step, Vouched vouched)
    {
        var account = await AccountPages.MineAsync(call);
        // Somebody else, or somebody who was signed in there before, is no proof of them; nor is one factor where they have two.
        if (account.Outside is not { } key || !key.AsSpan().SequenceEqual(vouched.Key) || !Outside.IsAnew(step, vouched) || (account.Totp is not null && !vouched.HasSecond))
            return await StepUp.PageAsync(call, step.Next, "outside-again", StatusCodes.Status422UnprocessableEntity);
        await call.Served.Entrance.Sessions.StepUpAsync(call.Http);
        return PageCall.SeeOther(step.Next);
    }

    private static async Task<PageAnswer> LeadAsync(PageCall call, string next, string back, bool anew) =>
        await BeginAsync(call, next, call.Staff.Account, anew) is { } address
            ? await call.PlainAsync<OutsideGoPage>(call.T("Account.Outside"), new GoModel(call.Served.Entrance.Outside!.Host, address, back)) : await FaultAsync(call, "outside-away");

    // Null: the provider does not answer.
    private static async Task<string?> BeginAsync(PageCall call, string next, string? account, bool anew)
    {
        var entrance = call.Served.Entrance;
        if (entrance.Outside is not { } outside)
            throw PageFault.Missing;
        try
        {
            var (address, step) = await outside.BeginAsync(entrance.RootOf(call.Http.Request), next, anew, call.Cancel);
            await entrance.SignIn.BeginStepAsync(call.Http, Kind, account, JsonSerializer.SerializeToUtf8Bytes(step, OutsideJson.Default.OutsideStep));
            return address;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private static Task<PageAnswer> FaultAsync(PageCall call, string fault) =>
        call.PlainAsync<SignInPage>(call.T("SignIn.Title"), new SignInPages.Model("/", null, fault), fault == "outside-away" ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status422UnprocessableEntity);
}
