using Ringfence.Server.Consent;
using Ringfence.Server.Consent.Forms;
using Ringfence.Server.Consent.Notices;
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
        Shows("u/{controller}/{token}", StopPages.ShowAsync),
        Stops("u/{controller}/{token}", StopPages.StopAsync),
        Shows("p/{controller}", EntrancePages.ShowAsync),
        Does("p/{controller}", EntrancePages.SendAsync),
        Does("p/{controller}/open", EntrancePages.OpenAsync),
        Shows("p/{controller}/{token}", PreferencePages.ShowAsync),
        Stops("p/{controller}/{token}/stop", PreferencePages.StopAsync),
        // To take a tick away is a no, too.
        Stops("p/{controller}/{token}", PreferencePages.SaveAsync),
        Does("p/{controller}/{token}/code", OwnPages.SendAsync),
        Does("p/{controller}/{token}/open", OwnPages.OpenAsync),
        Does("p/{controller}/{token}/history", OwnPages.HistoryAsync),
        Does("p/{controller}/{token}/receipt", OwnPages.ReceiptAsync),
        Does("p/{controller}/{token}/copy", OwnPages.CopyAsync),
        Shows("p/{controller}/{token}/more", MorePages.ShowAsync),
        Does("p/{controller}/{token}/more", MorePages.SendAsync),
        Does("p/{controller}/{token}/more/confirm", MorePages.ConfirmAsync),
        Shows("why/{controller}", WhyPages.AskAsync),
        Does("why/{controller}", WhyPages.SendAsync),
        Does("why/{controller}/show", WhyPages.ShowAsync),
        Stops("why/{controller}/stop", WhyPages.StopAsync),
        Does("why/{controller}/receipt", WhyPages.ReceiptAsync),
        Shows("r/{controller}", RequestPages.ShowAsync),
        // It may be a no: what is none is counted by the page itself.
        Stops("r/{controller}", RequestPages.TakeAsync),
        Does("r/{controller}/identify", RequestPages.IdentifyAsync),
        Shows("r/{controller}/status/{token}", RequestPages.StatusAsync),
    ];

    private static PageRoute Shows(string path, Func<PageCall, Task<PageAnswer>> show) => new("GET", path, Access.Anyone, show) { IsPublic = true };

    private static PageRoute Does(string path, Func<PageCall, Task<PageAnswer>> act) => new("POST", path, Access.Anyone, act) { IsPublic = true };

    // By which somebody says no: nobody is turned away here.
    private static PageRoute Stops(string path, Func<PageCall, Task<PageAnswer>> act) => new("POST", path, Access.Anyone, act) { IsPublic = true, IsNo = true };
}
