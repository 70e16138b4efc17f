using Ringfence.Consent;
using Ringfence.Server.Hosting;
using Ringfence.Server.Pages;

namespace Ringfence.Server.Suppression;

/// <summary>What somebody is told whose no came while the store is away: that it is kept, which is said of nothing that is not on the disk; or that it is not, and how else to say it.</summary>
internal static class NoKept
{
    /// <summary>What the page shows.</summary>
    /// <param name="Name">Of the controller.</param>
    /// <param name="IsKept">Whether it is kept.</param>
    /// <param name="HasRest">Whether it came with something else, which is not.</param>
    /// <param name="Party">Who the controller is; null: nobody can tell now.</param>
    internal sealed record Model(string Name, bool IsKept, bool HasRest, PartyDocument? Party);

    /// <summary>The page. Like what programs are told it acknowledges nothing, since other machines do not know of it.</summary>
    /// <param name="call">The request.</param>
    /// <param name="told"><see cref="SayingNo.Kept"/> or <see cref="SayingNo.NotKept"/>.</param>
    /// <param name="hasRest">Whether the form held something else, too.</param>
    public static Task<PageAnswer> ShowAsync(PageCall call, ApiFault told, bool hasRest = false)
    {
        var isKept = told.Code == SayingNo.Kept;
        return call.PageAsync<NoKeptPage>(
            call.T(isKept ? "NoKept.Title" : "NotKept.Title"), new Model(NameOf(call), isKept, hasRest, call.Served.Names.LastOf(call.Path("controller"))), told.Status);
    }

    /// <summary>How the controller in the path is called, as far as that is known now.</summary>
    public static string NameOf(PageCall call) => call.Served.Names.LastNameOf(call.Path("controller"));
}
