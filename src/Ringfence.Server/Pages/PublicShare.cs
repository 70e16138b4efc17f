using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Ringfence.Server.Codes;

namespace Ringfence.Server.Pages;

/// <summary>What a form for everybody takes in an hour: so many of one source, and so many of all. The store counts for all servers, by a hash that changes with the hour.</summary>
internal static class PublicShare
{
    // A household fills in some; a company behind one address more. Beyond that somebody plays with it.
    private const int FromOneSource = 30;
    private const int FromAll = 3000;
    private const int Hour = 3600;

    /// <summary>Takes one; false: the source, whatever else is counted, or all together have had theirs.</summary>
    /// <param name="call">The request.</param>
    /// <param name="form">Which form.</param>
    /// <param name="also">Counts something else of what the source's share let through; null: nothing.</param>
    public static async Task<bool> TakeAsync(PageCall call, string form, Func<Task<bool>>? also = null)
    {
        var (store, ledger, hour) = (call.Installation.Store, call.Ledger.Ledger, call.Now.ToUnixTimeSeconds() / Hour);
        // Through a proxy on this machine everybody comes from here: they are not one.
        if (call.Http.Connection.RemoteIpAddress is { } address && !IPAddress.IsLoopback(address))
        {
            var source = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{CodeCounts.NetworkOf(address)} {hour} {form}")))[..24];
            if ((await store.CountAsync(ledger, $"{form}:source:{source}", hour, 1, call.Cancel)).Taken > FromOneSource)
                return false;
        }

        if (also is not null && !await also())
            return false;
        // Last, and only of what the others let through: nobody uses up what is there for all.
        return (await store.CountAsync(ledger, form + ":all", hour, 1, call.Cancel)).Taken <= FromAll;
    }

    /// <summary>What whoever is beyond a share is told.</summary>
    /// <param name="call">The request.</param>
    /// <param name="seconds">After which they are let in again; null: the hour.</param>
    public static PageFault TooOften(PageCall call, string? seconds = null)
    {
        call.Http.Response.Headers.RetryAfter = seconds ?? Hour.ToString(CultureInfo.InvariantCulture);
        return new PageFault(StatusCodes.Status429TooManyRequests, "too-often");
    }
}
