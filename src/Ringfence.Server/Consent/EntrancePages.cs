using Ringfence.Gateways;
using Ringfence.Ledger;
using Ringfence.Numbers;
using Ringfence.People;
using Ringfence.Server.Codes;
using Ringfence.Server.Hosting;
using Ringfence.Server.Ledger;
using Ringfence.Server.Pages;
using Ringfence.Server.People;
using Ringfence.Server.Staff;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Consent;

/// <summary>The way in for whoever has no link at hand: a number or an address, and the code that went there. To one that nobody is known by nothing is sent, and whoever asked is told the same, as fast.</summary>
internal static class EntrancePages
{
    /// <summary><c>GET p/{controller}</c>.</summary>
    public static Task<PageAnswer> ShowAsync(PageCall call) => AskAsync(call, new FormState());

    /// <summary><c>POST p/{controller}</c>.</summary>
    public static async Task<PageAnswer> SendAsync(PageCall call)
    {
        var (form, state) = (await call.FormAsync(), new FormState());
        var to = state.Keep("to", form.TextOrNull("to"));
        form.Done();
        if (await WhyPages.PointAsync(call, to) is not { } point)
        {
            state.Blame("to", call.T("WhyMe.BadTo"));
            return await AskAsync(call, state, StatusCodes.Status422UnprocessableEntity);
        }

        if (CodeWay.Of(call, point) is not { } how)
            return await AskUs.ShowAsync(call);
        var target = Target(call, Token.New(), point);
        var served = call.Served;
        // How long it takes to find somebody, and to send, is nobody's to measure.
        call.Afterwards(() => SendAsync(served, target, how));
        return await CodeAsync(call, target, isWrong: false);
    }

    /// <summary><c>POST p/{controller}/open</c>.</summary>
    public static async Task<PageAnswer> OpenAsync(PageCall call)
    {
        var form = await call.FormAsync();
        var (to, session, code) = (form.TextOrNull("to"), form.TextOrNull("session"), form.TextOrNull("code"));
        form.Done();
        if (!ContactPoint.TryRead(to ?? "", Region.None, out var point) || !Token.Is(session))
            throw new PageFault(StatusCodes.Status400BadRequest, "missing-field", "to");
        var target = Target(call, session!, point);
        if (await call.Served.Codes.TryAsync(target, code ?? "", call.Cancel) is null)
            return await CodeAsync(call, target, isWrong: true, StatusCodes.Status422UnprocessableEntity);
        // They may have been forgotten while the code was on its way.
        if (await LinkAsync(call.Installation, call.Ledger, point, call.Cancel) is not { } link || await PreferenceView.ReadAsync(call, link) is not { } view)
            throw new PageFault(StatusCodes.Status404NotFound, "no-link");
        return await OwnPages.ShowAsync(call, OwnPages.Open(call, view));
    }

    /// <summary>What stands in a link to somebody's choices; null: nobody is known by the number or address.</summary>
    public static async Task<PersonLink?> LinkAsync(Installation installation, LedgerRow ledger, ContactPoint point, CancellationToken cancel) =>
        await Contacts.FindAsync(installation, ledger, installation.TagsOf(point), cancel, withIdle: false) is { Person.Status: not PersonStatus.Erased } found
            && found.Points().Where(one => one.Point.Equals(point)).Select(static one => (OpaqueId?)one.Id).FirstOrDefault() is { } id ? new PersonLink(found.Person.Sid, id) : null;

    private static async Task SendAsync(Served served, CodeTarget target, CodeSending how)
    {
        var isKnown = await LinkAsync(served.Installation, target.Ledger, target.Point, CancellationToken.None) is not null;
        _ = await served.Codes.SendAsync(target, how with { IsHeldBack = !isKnown }, CancellationToken.None);
    }

    private static CodeTarget Target(PageCall call, string session, ContactPoint point) => new(call.Ledger, CodeAct.Preferences, session, point);

    private static Task<PageAnswer> AskAsync(PageCall call, FormState state, int status = StatusCodes.Status200OK) => call.PageAsync<EntrancePage>(call.T("Pref.Title"), state, status);

    private static Task<PageAnswer> CodeAsync(PageCall call, CodeTarget target, bool isWrong, int status = StatusCodes.Status200OK)
    {
        var path = "/p/" + Uri.EscapeDataString(call.Controller);
        return call.PageAsync<CodePage>(call.T("Code.H1"), new CodePage.Asked(path + "/open", path, target.Point.ToString(), [("to", target.Point.Value), ("session", target.Session)], isWrong) { IfKnown = true }, status);
    }
}
