using System.Text.Json;
using Ringfence.Server.Ledger;
using Ringfence.Server.Pages;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Staff;

/// <summary>Signing in at the firm's own identity provider. Only whoever has an account here, and has linked it while signed in, comes in by it.</summary>
internal static class OutsidePages
{
    private const string Kind = "outside";

    // A link and no form: a form may lead to this server only. All that is begun is begun for this browser.
    public static Task<PageAnswer> GoAsync(PageCall call) => GoAsync(call, LocalPath.Of(call.Query("next")), null);

    public static async Task<PageAnswer> LinkAsync(PageCall call) => StepUp.Ask(call, "/account") is { } ask ? ask : await GoAsync(call, "/account", call.Staff.Account);

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
        if (begun.Account is { } linking)
            return await LinkAsync(call, linking, vouched);
        if (await entrance.Accounts.FindOutsideAsync(vouched.Key, cancel) is not { Status: AccountStatus.Active } account)
            return await FaultAsync(call, "outside");
        // What they have here is asked for where it was not asked for there.
        if (account.Totp is not null && !vouched.HasSecond)
        {
            await entrance.SignIn.BeginStepAsync(call.Http, "second", account.Id, []);
            return PageCall.SeeOther("/sign-in/second?next=" + Uri.EscapeDataString(step.Next));
        }

        await entrance.SignIn.EnterAsync(call.Http, account, Kind);
        return PageCall.SeeOther(step.Next);
    }

    public static async Task<PageAnswer> UnlinkAsync(PageCall call)
    {
        (await call.FormAsync()).Done();
        if (StepUp.Ask(call, "/account") is { } ask)
            return ask;
        await call.Served.Entrance.Accounts.SetOutsideAsync(call.Staff.Account, null, call.Cancel);
        return PageCall.SeeOther("/account");
    }

    private static async Task<PageAnswer> LinkAsync(PageCall call, string account, Vouched vouched)
    {
        // Whoever is signed in now may be another than who began.
        if (call.StaffOrNull?.Account != account)
            return await FaultAsync(call, "over");
        try
        {
            await call.Served.Entrance.Accounts.SetOutsideAsync(account, vouched.Key, call.Cancel);
        }
        catch (StoreException e) when (e.Fault == StoreFault.Conflict)
        {
            throw new CommandRefusedException("outside-taken");
        }

        return PageCall.SeeOther("/account");
    }

    private static async Task<PageAnswer> GoAsync(PageCall call, string next, string? account)
    {
        var entrance = call.Served.Entrance;
        if (entrance.Outside is not { } outside)
            throw PageFault.Missing;
        try
        {
            var (address, step) = await outside.BeginAsync(entrance.RootOf(call.Http.Request), next, call.Cancel);
            await entrance.SignIn.BeginStepAsync(call.Http, Kind, account, JsonSerializer.SerializeToUtf8Bytes(step, OutsideJson.Default.OutsideStep));
            return PageCall.SeeOther(address);
        }
        catch (HttpRequestException)
        {
            return await FaultAsync(call, "outside-away");
        }
    }

    private static Task<PageAnswer> FaultAsync(PageCall call, string fault) =>
        call.PlainAsync<SignInPage>(call.T("SignIn.Title"), new SignInPages.Model("/", null, fault), fault == "outside-away" ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status422UnprocessableEntity);
}
