using System.Globalization;
using NodaTime;
using Ringfence.Gateways;
using Ringfence.Server.Codes;
using Ringfence.Server.Pages;
using Ringfence.Server.Rights;
using Ringfence.Server.Staff;

namespace Ringfence.Server.Consent;

/// <summary>What somebody may do and see once they have shown by a code that the number or address is theirs: take back a wish, see all that is known and what happened, and keep proof of it. By the link alone none of it.</summary>
internal static class OwnPages
{
    private const int MostOnPage = 10;
    private static readonly Duration OpenFor = Duration.FromMinutes(20);

    /// <summary><c>POST p/{controller}/{token}/code</c>.</summary>
    public static async Task<PageAnswer> SendAsync(PageCall call)
    {
        (await call.FormAsync()).Done();
        var view = await PreferencePages.ViewAsync(call);
        if (CodeWay.Of(call, view.Point) is not { } how)
            return await AskUs.ShowAsync(call);
        var target = Target(call, view, Token.New());
        await call.Served.Codes.SendAsync(target, how, call.Cancel);
        return await CodeAsync(call, view, target, isWrong: false);
    }

    /// <summary><c>POST p/{controller}/{token}/open</c>.</summary>
    public static async Task<PageAnswer> OpenAsync(PageCall call)
    {
        var form = await call.FormAsync();
        var (session, code) = (form.TextOrNull("session"), form.TextOrNull("code"));
        form.Done();
        var view = await PreferencePages.ViewAsync(call);
        if (!Token.Is(session))
            throw new PageFault(StatusCodes.Status400BadRequest, "missing-field", "session");
        var target = Target(call, view, session!);
        return await call.Served.Codes.TryAsync(target, code ?? "", call.Cancel) is null
            ? await CodeAsync(call, view, target, isWrong: true, StatusCodes.Status422UnprocessableEntity)
            : await ShowAsync(call, Open(call, view));
    }

    /// <summary><c>POST p/{controller}/{token}/history</c>: what happened, the newest first.</summary>
    public static async Task<PageAnswer> HistoryAsync(PageCall call)
    {
        var (view, form) = await RequireAsync(call);
        var text = form.TextOrNull("from");
        form.Done();
        _ = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var from);
        var history = await OwnHistory.ReadAsync(call, view.Found);
        return await call.PageAsync<HistoryPage>(call.T("Hist.H1"), await HistoryPage.Model.OfAsync(history, view, from, MostOnPage));
    }

    /// <summary><c>POST p/{controller}/{token}/receipt</c>: the signed proof of something they said.</summary>
    public static async Task<PageAnswer> ReceiptAsync(PageCall call)
    {
        var (view, form) = await RequireAsync(call);
        var text = form.Text("record");
        form.Done();
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seq) && view.Found.Person.Records.Any(record => record.Seq == seq && record.State is not null)
            ? await ReceiptOfAsync(call, seq) : throw new PageFault(StatusCodes.Status404NotFound, "nobody-here");
    }

    /// <summary><c>POST p/{controller}/{token}/copy</c>: everything that is held of them, to read or for machines.</summary>
    public static async Task<PageAnswer> CopyAsync(PageCall call)
    {
        var (view, form) = await RequireAsync(call);
        var isPage = form.Text("as") == "page";
        form.Done();
        var export = await Export.MakeAsync(call.Installation, call.Ledger, view.Found.Person.Sid, PreferencePages.Person, call.Language, call.Cancel);
        var (name, media, bytes) = isPage ? ("my-data.html", "text/html; charset=utf-8", export.Page) : ("my-data.json", "application/json; charset=utf-8", export.Json);
        return new PageAnswer.File(name, media, async (file, cancel) => await file.WriteAsync(bytes, cancel));
    }

    /// <summary>A view of somebody who has just told the right code.</summary>
    public static PreferenceView Open(PageCall call, PreferenceView view) => view with { Opened = call.Installation.Links.Open(call.Controller, CodeAct.Preferences, view.Point, call.Now + OpenFor) };

    /// <summary>The same of what a form carries that comes from whoever told a code not long ago; of any other, by the link alone.</summary>
    public static PreferenceView Opened(PageCall call, PreferenceView view, PageForm form) =>
        form.TextOrNull("opened") is { } opened && call.Installation.Links.IsOpened(call.Controller, CodeAct.Preferences, view.Point, opened, call.Now) ? view with { Opened = opened } : view;

    /// <summary>Their page as it is by now, with all there is.</summary>
    public static async Task<PageAnswer> ShowAsync(PageCall call, PreferenceView view, string? done = null)
    {
        // What was done just now is in it.
        var now = done is null ? view : await PreferencePages.ViewAsync(call) with { Opened = view.Opened, Done = done };
        return await PreferencePages.ShowAsync(call, now);
    }

    /// <summary>The signed proof of a record.</summary>
    public static async Task<PageAnswer> ReceiptOfAsync(PageCall call, long seq)
    {
        await call.Installation.NotaryOf(call.Ledger).CheckpointAsync(anchor: false, call.Cancel);
        var bytes = (await ReceiptFile.MakeAsync(call.Installation, call.Ledger, seq, call.Cancel)).ToBytes();
        return new PageAnswer.File(FormattableString.Invariant($"receipt-{seq}.json"), "application/json; charset=utf-8", async (file, cancel) => await file.WriteAsync(bytes, cancel));
    }

    private static async Task<(PreferenceView View, PageForm Form)> RequireAsync(PageCall call)
    {
        var form = await call.FormAsync();
        var view = Opened(call, await PreferencePages.ViewAsync(call), form);
        return view.Opened is not null ? (view, form) : throw new PageFault(StatusCodes.Status403Forbidden, "code-over");
    }

    // A code for one person's page opens no other's, though both had the same number one after the other.
    private static CodeTarget Target(PageCall call, PreferenceView view, string session) => new(call.Ledger, CodeAct.Preferences, session, view.Point, view.Found.Person.Sid.ToString());

    private static Task<PageAnswer> CodeAsync(PageCall call, PreferenceView view, CodeTarget target, bool isWrong, int status = StatusCodes.Status200OK) =>
        call.PageAsync<CodePage>(call.T("Code.H1"), new CodePage.Asked(view.Root + "/open", view.Root, view.Point.ToString(), [("session", target.Session)], isWrong), status);
}
