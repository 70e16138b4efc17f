using Ringfence.Consent;
using Ringfence.Ledger;
using Ringfence.Server.Pages;

namespace Ringfence.Server.Consent.Notices;

/// <summary>A controller's privacy notice, for everybody: the one that holds, and those that held.</summary>
internal static class PublicNotices
{
    /// <summary>A notice as it is shown.</summary>
    /// <param name="Notice">The notice.</param>
    /// <param name="Newest">The one that holds.</param>
    /// <param name="Older">Those before it, the newest first.</param>
    internal sealed record Model(NoticeDocument Notice, NoticeDocument Newest, IReadOnlyList<NoticeDocument> Older);

    // Whoever wants to go further back asks.
    private const int MostListed = 12;

    /// <summary><c>GET n/{controller}</c>.</summary>
    public static async Task<PageAnswer> ShowAsync(PageCall call)
    {
        var all = await call.Served.Notices.OfAsync(call.Ledger);
        return await PageAsync(call, all, all.Count > 0 ? all[^1] : throw PageFault.Missing);
    }

    /// <summary><c>GET n/{controller}/{hash}</c>: as it was.</summary>
    public static async Task<PageAnswer> ShowVersionAsync(PageCall call)
    {
        var all = await call.Served.Notices.OfAsync(call.Ledger);
        return await PageAsync(call, all, Digest.TryParse(call.Path("hash"), out var digest) && all.FirstOrDefault(one => one.Digest == digest) is { } notice ? notice : throw PageFault.Missing);
    }

    /// <summary>Where the notice of a controller is.</summary>
    public static string PathOf(string controller) => "/n/" + Uri.EscapeDataString(controller);

    /// <summary>The same as browsers reach it.</summary>
    public static Uri AddressOf(PageCall call) => new(call.Site, PathOf(call.Controller));

    private static Task<PageAnswer> PageAsync(PageCall call, IReadOnlyList<NoticeDocument> all, NoticeDocument notice) =>
        call.PageAsync<NoticeShownPage>(NoticePage.TitleOf(notice, call.Words.Tag), new Model(notice, all[^1], [.. all.SkipLast(1).Reverse().Take(MostListed)]));
}
