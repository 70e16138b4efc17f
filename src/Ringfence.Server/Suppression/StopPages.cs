using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Server.Codes;
using Ringfence.Server.Consent;
using Ringfence.Server.Ledger;
using Ringfence.Server.Pages;
using Ringfence.Server.People;

namespace Ringfence.Server.Suppression;

/// <summary>Where the link in a message ends it all: shown by GET, done by POST, at once, without asking back. Programs of mail providers do the same by one POST.</summary>
/// <remarks>Source: RFC 8058. No cookie, no redirect, and nothing to fill in. While the store is away the no is kept: the link alone tells whose it is.</remarks>
internal static class StopPages
{
    private const string Way = "one-click";

    /// <summary>What the page shows.</summary>
    /// <param name="Name">Of the controller.</param>
    /// <param name="To">The number or address, masked; null: it can't be read now.</param>
    /// <param name="Action">Where the button leads.</param>
    /// <param name="IsDone">Whether nothing is left to be stopped.</param>
    /// <param name="IsInstead">Whether it stands in the place of their choices, which can't be shown now.</param>
    internal sealed record Model(string Name, string? To, string Action, bool IsDone, bool IsInstead = false);

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
            FactsOf(call) with { Answer = CodeWay.AnswerOf(call, PointOf(found, link).Kind) },
            () => Task.FromResult<IReadOnlyList<PointTags>>([.. found.Points().Select(point => call.Installation.TagsOf(point.Point))]), null, call.Cancel);
        return await PageAsync(call, found, link, isDone: true);
    }

    /// <summary>The button alone, while nothing of whose it is can be read: the same for everybody who was ever sent a link.</summary>
    public static Task<PageAnswer> OfferAsync(PageCall call, PersonLink link)
    {
        var isInstead = call.Route.Link != LinkAct.Stop;
        var model = new Model(NoKept.NameOf(call), null, call.Http.Request.Path.Value + (isInstead ? "/stop" : ""), IsDone: false, isInstead);
        return call.PageAsync<StopPage>(call.T("Pref.Stop"), model, isInstead ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK);
    }

    /// <summary>That it is done, to whoever has shown some time ago whose number or address it is: nothing else is told any more.</summary>
    public static Task<PageAnswer> DoneAsync(PageCall call, Ringfence.People.ContactPoint point) =>
        call.PageAsync<StopPage>(call.T("Pref.Stop"), new Model(NoKept.NameOf(call), point.ToString(), call.Http.Request.Path.Value!, IsDone: true));

    /// <summary>Keeps it, while nobody can look up whose it is.</summary>
    public static Task<PageAnswer> KeepAsync(PageCall call, PersonLink link) =>
        NoKept.ShowAsync(call, SayingNo.Keep(call.Installation, call.Path("controller"), link, PreferencePages.Person, [SuppressionScope.Everything], FactsOf(call)));

    private static RefusalFacts FactsOf(PageCall call) => new(SuppressedBy.Person, SuppressionKind.Suppression, call.Route.Link == LinkAct.Stop ? Way : PreferencePages.Way);

    private static Task<PageAnswer> PageAsync(PageCall call, FoundContact found, PersonLink link, bool isDone) =>
        call.PageAsync<StopPage>(call.T("Pref.Stop"), new Model(NoKept.NameOf(call), PointOf(found, link).ToString(), call.Http.Request.Path.Value!, isDone));

    private static Ringfence.People.ContactPoint PointOf(FoundContact found, PersonLink link) => found.Points().First(one => one.Id == link.Point).Point;

    // Whoever is erased, and a link that was not made here, are answered alike.
    private static async Task<(FoundContact Found, PersonLink Link)> FoundAsync(PageCall call) =>
        call.Link is { } link
            && await Contacts.FindAsync(call.Installation, call.Ledger, link.Subject, call.Cancel) is { Person.Status: not Ringfence.People.PersonStatus.Erased } found && found.Points().Any(one => one.Id == link.Point)
            ? (found, link) : throw new PageFault(StatusCodes.Status404NotFound, "no-link");
}
