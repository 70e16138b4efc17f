using Ringfence.Consent;
using Ringfence.Server.Ledger;
using Ringfence.Server.Pages;
using Ringfence.Staff;

namespace Ringfence.Server.Consent.Notices;

/// <summary>The staff's page of the privacy notice: what is missing, what the program can't know, how it will look, and what was published. What is incomplete is not published.</summary>
internal static class NoticePages
{
    /// <summary><c>GET settings/notice</c>.</summary>
    public static async Task<PageAnswer> ShowAsync(PageCall call)
    {
        var setUp = await NoticeSetUp.OfAsync(call);
        var all = await PublishedNotices.AllAsync(call.Installation.Store, call.Ledger, call.Cancel);
        return await PageAsync(call, setUp, all, NoticeDraft.Start(setUp.Found, all.Count > 0 ? all[^1] : null, [.. all.Select(static one => one.Version)], call.Now), null, StatusCodes.Status200OK);
    }

    /// <summary><c>POST settings/notice</c>: looks at it, or publishes what was looked at.</summary>
    public static async Task<PageAnswer> MakeAsync(PageCall call)
    {
        var fields = await call.FormAsync();
        var (pressed, seen) = (fields.TextOrNull("do") ?? "look", fields.TextOrNull("seen"));
        var setUp = await NoticeSetUp.OfAsync(call);
        var draft = NoticeDraft.Read(fields, setUp.Found, pressed);
        fields.Done();
        if (pressed == "publish")
            call.Require(Right.PublishNotice);
        string? fault = null;
        // What is published has to be what was looked at; and what is set up may have changed since.
        if (pressed == "publish" && draft.Fault is null && seen == draft.Notice.Digest.ToString())
        {
            try
            {
                await PublishedNotices.PublishAsync(call.Installation, call.Ledger, call.Actor, draft.Notice, call.Cancel);
                call.Served.Notices.Forget(call.Ledger);
                return PageCall.SeeOther(call.At("settings/notice"));
            }
            catch (CommandRefusedException e) when (e.Code is "notice-incomplete" or "notice-version-taken" or "notice-same")
            {
                fault = call.T("Notice." + e.Code, draft.Notice.Version);
            }
        }

        var all = await PublishedNotices.AllAsync(call.Installation.Store, call.Ledger, call.Cancel);
        return await PageAsync(call, setUp, all, draft, fault, fault is null && draft.Fault is null ? StatusCodes.Status200OK : StatusCodes.Status422UnprocessableEntity);
    }

    private static Task<PageAnswer> PageAsync(PageCall call, NoticeSetUp setUp, IReadOnlyList<NoticeDocument> all, NoticeDraft draft, string? fault, int status) => call.PageAsync<NoticeRoomPage>(
        call.T("Settings.notice"), new NoticeMaking(setUp, all, draft.Notice, NoticeCheck.Of(draft.Notice), fault ?? (draft.Fault is { } why ? call.T("Form.Unread", why) : null)), status);
}

/// <summary>What the page of the notice shows.</summary>
/// <param name="SetUp">What is found.</param>
/// <param name="All">What was published, the newest last.</param>
/// <param name="Draft">What stands in the fields.</param>
/// <param name="Items">What a notice like this has to tell.</param>
/// <param name="Fault">Why it can't be kept or published; null: it can.</param>
internal sealed record NoticeMaking(NoticeSetUp SetUp, IReadOnlyList<NoticeDocument> All, NoticeDocument Draft, IReadOnlyList<NoticeFinding> Items, string? Fault)
{
    /// <summary>The one that holds; null: none was published.</summary>
    public NoticeDocument? Newest => All.Count > 0 ? All[^1] : null;

    /// <summary>In what the draft differs from it.</summary>
    public IReadOnlyList<NoticeChange> Changes => Newest is { } newest ? NoticeChange.Between(newest, Draft) : [];

    /// <summary>What is missing.</summary>
    public IReadOnlyList<NoticeFinding> Missing => [.. Items.Where(static item => !item.IsTold)];

    /// <summary>Whether it may be published.</summary>
    public bool Passes => Fault is null && Missing.Count == 0 && (Newest is null || Changes.Count > 0);

    /// <summary>Whether a purpose is one that the program found, which nobody can take out.</summary>
    public bool IsFound(NoticePurpose purpose) => SetUp.Found.Purposes.Any(one => one.Name == purpose.Name);
}
