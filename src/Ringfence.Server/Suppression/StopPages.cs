using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Server.Consent;
using Ringfence.Server.Ledger;
using Ringfence.Server.Pages;
using Ringfence.Server.People;

namespace Ringfence.Server.Suppression;

/// <summary>Where the link in a message ends it all: shown by GET, done by POST, at once, without asking back. Programs of mail providers do the same by one POST.</summary>
/// <remarks>Source: RFC 8058. No cookie, no redirect, and nothing to fill in.</remarks>
internal static class StopPages
{
    private const string Way = "one-click";

    /// <summary>What the page shows.</summary>
    internal sealed record Model(string To, bool IsDone);

    /// <summary><c>GET u/{controller}/{token}</c>: changes nothing, whoever follows the link.</summary>
    public static async Task<PageAnswer> ShowAsync(PageCall call)
    {
        var (found, link) = await FoundAsync(call);
        var closed = await Contacts.SuppressionsAsync(call.Installation, call.Ledger, [call.Installation.TagsOf(PointOf(found, link))], call.Cancel);
        return await PageAsync(call, found, link, new ClosedPoints(closed, found.Person.Records).AllSince(PointOf(found, link).Channels) is not null);
    }

    /// <summary><c>POST u/{controller}/{token}</c>.</summary>
    public static async Task<PageAnswer> StopAsync(PageCall call)
    {
        var (found, link) = await FoundAsync(call);
        await SayingNo.DoAsync(
            call.Installation, call.Ledger, PreferencePages.Person, [call.Installation.TagsOf(PointOf(found, link))], SuppressionScope.Everything,
            new RefusalFacts(SuppressedBy.Person, SuppressionKind.Suppression, Way),
            () => Task.FromResult<IReadOnlyList<PointTags>>([.. found.Points().Select(point => call.Installation.TagsOf(point.Point))]), null, call.Cancel);
        return await PageAsync(call, found, link, isDone: true);
    }

    private static Task<PageAnswer> PageAsync(PageCall call, FoundContact found, PersonLink link, bool isDone) => call.PageAsync<StopPage>(call.T("Pref.Stop"), new Model(PointOf(found, link).ToString(), isDone));

    private static Ringfence.People.ContactPoint PointOf(FoundContact found, PersonLink link) => found.Points().First(one => one.Id == link.Point).Point;

    // Whoever is erased, and a link that was not made here, are answered alike.
    private static async Task<(FoundContact Found, PersonLink Link)> FoundAsync(PageCall call) =>
        call.Installation.Links.TryRead(call.Controller, LinkAct.Stop, call.Path("token"), out var link)
            && await Contacts.FindAsync(call.Installation, call.Ledger, link.Subject, call.Cancel) is { Person.Status: not Ringfence.People.PersonStatus.Erased } found && found.Points().Any(one => one.Id == link.Point)
            ? (found, link) : throw new PageFault(StatusCodes.Status404NotFound, "no-link");
}
