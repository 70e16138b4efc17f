using Ringfence.Staff;

namespace Ringfence.Server.Pages;

/// <summary>Where one may go from a page: no link leads to what is not there, or not open to whoever reads it.</summary>
internal static class PageWays
{
    /// <summary>The address of a page of this controller; null: there is none, or whoever asks may not see it.</summary>
    /// <param name="call">The request.</param>
    /// <param name="path">Below the controller.</param>
    /// <param name="query">What follows the question mark.</param>
    public static string? WayTo(this PageCall call, string path, string? query = null) =>
        PageRoutes.All.FirstOrDefault(route => route.Method == "GET" && route.Path == PageRoute.OfController + path) is { } page
        && page.Access switch { Access.Needs needs => call.May(needs.Right), _ => true }
            ? call.At(path) + (query is null ? "" : "?" + query)
            : null;

    /// <summary>The address of a page of no controller; null: there is none.</summary>
    public static string? WayOut(string path) => PageRoutes.All.Any(route => route.Method == "GET" && route.Path == path) ? "/" + path : null;
}
