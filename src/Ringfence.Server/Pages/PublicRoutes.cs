using Ringfence.Server.Consent;
using Ringfence.Server.Consent.Forms;
using Ringfence.Server.Consent.Notices;
using Ringfence.Server.People;
using Ringfence.Server.Rights;
using Ringfence.Server.Suppression;

namespace Ringfence.Server.Pages;

/// <summary>Every page for people who are contacted, and no other. GET shows; nothing is done but by POST.</summary>
internal static class PublicRoutes
{
    public static IReadOnlyList<PageRoute> All { get; } =
    [
        Shows("f/{controller}/{form}", PublicForms.ShowAsync),
        Does("f/{controller}/{form}", PublicForms.TakeAsync),
        Does("f/{controller}/{form}/confirm", PublicForms.ConfirmAsync),
        Shows("n/{controller}", PublicNotices.ShowAsync),
        Shows("n/{controller}/{hash}", PublicNotices.ShowVersionAsync),
        By(LinkAct.Stop, Shows("u/{controller}/{token}", StopPages.ShowAsync), StopPages.OfferAsync),
        By(LinkAct.Stop, Stops("u/{controller}/{token}", StopPages.StopAsync), StopPages.KeepAsync),
        Shows("p/{controller}", EntrancePages.ShowAsync),
        Does("p/{controller}", EntrancePages.SendAsync),
        Does("p/{controller}/open", EntrancePages.OpenAsync),
        By(LinkAct.Preferences, Shows("p/{controller}/{token}", PreferencePages.ShowAsync), StopPages.OfferAsync),
        By(LinkAct.Preferences, Stops("p/{controller}/{token}/stop", PreferencePages.StopAsync), StopPages.KeepAsync),
        // To take a tick away is a no, too.
        By(LinkAct.Preferences, Stops("p/{controller}/{token}", PreferencePages.SaveAsync), PreferencePages.KeepAsync),
        By(LinkAct.Preferences, Does("p/{controller}/{token}/code", OwnPages.SendAsync)),
        By(LinkAct.Preferences, Does("p/{controller}/{token}/open", OwnPages.OpenAsync)),
        By(LinkAct.Preferences, Does("p/{controller}/{token}/history", OwnPages.HistoryAsync)),
        By(LinkAct.Preferences, Does("p/{controller}/{token}/receipt", OwnPages.ReceiptAsync)),
        By(LinkAct.Preferences, Does("p/{controller}/{token}/copy", OwnPages.CopyAsync)),
        By(LinkAct.Preferences, Shows("p/{controller}/{token}/more", MorePages.ShowAsync)),
        By(LinkAct.Preferences, Does("p/{controller}/{token}/more", MorePages.SendAsync)),
        By(LinkAct.Preferences, Does("p/{controller}/{token}/more/confirm", MorePages.ConfirmAsync)),
        By(LinkAct.Lead, Shows("y/{controller}/{token}", LeadPages.ShowAsync)),
        By(LinkAct.Lead, Does("y/{controller}/{token}", LeadPages.ConfirmAsync)),
        By(LinkAct.Lead, Does("y/{controller}/{token}/code", LeadPages.SendAsync)),
        Shows("why/{controller}", WhyPages.AskAsync),
        Does("why/{controller}", WhyPages.SendAsync),
        Does("why/{controller}/show", WhyPages.ShowAsync),
        Stops("why/{controller}/stop", WhyPages.StopAsync),
        Does("why/{controller}/receipt", WhyPages.ReceiptAsync),
        Shows("r/{controller}", RequestPages.ShowAsync),
        // It may be a no: what is none is counted by the page itself.
        Stops("r/{controller}", RequestPages.TakeAsync),
        Does("r/{controller}/identify", RequestPages.IdentifyAsync),
        By(LinkAct.Request, Shows("r/{controller}/status/{token}", RequestPages.StatusAsync)),
    ];

    /// <summary>What else may stand below them: nothing, at any address.</summary>
    public static IReadOnlyList<PageRoute> Elsewhere { get; } =
        [.. All.Select(static route => route.Path[..route.Path.IndexOf('/', StringComparison.Ordinal)]).Distinct(StringComparer.Ordinal).SelectMany(static place => (PageRoute[])[Nothing(place), Nothing(place + "/{controller}/{**rest}")])];

    private static PageRoute Nothing(string path) => Shows(path, static _ => throw PageFault.Missing);

    private static PageRoute Shows(string path, Func<PageCall, Task<PageAnswer>> show) => new("GET", path, Access.Anyone, show) { IsPublic = true };

    private static PageRoute Does(string path, Func<PageCall, Task<PageAnswer>> act) => new("POST", path, Access.Anyone, act) { IsPublic = true };

    // Nobody gets there but by the link that they were sent.
    private static PageRoute By(LinkAct link, PageRoute route, Func<PageCall, PersonLink, Task<PageAnswer>>? whileAway = null) => route with { Link = link, WhileAway = whileAway };

    // By which somebody says no: nobody is turned away here.
    private static PageRoute Stops(string path, Func<PageCall, Task<PageAnswer>> act) => new("POST", path, Access.Anyone, act) { IsPublic = true, IsNo = true };
}
