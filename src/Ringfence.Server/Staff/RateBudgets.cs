using System.Collections.Concurrent;
using System.Globalization;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Staff;

/// <summary>The limits of all callers, on this server. Of nobody who was not let in anything is kept.</summary>
/// <param name="store">Counts for all servers.</param>
/// <param name="time">The clock.</param>
/// <param name="limits">The limits.</param>
internal sealed class RateBudgets(ILedgerStore store, TimeProvider time, IReadOnlyList<RateLimit> limits)
{
    private readonly ConcurrentDictionary<(long Ledger, string Bucket), RateBudget> budgets = new();

    /// <summary>Takes one request of a caller; null: nothing limits it. Of several limits the one is told that leaves least.</summary>
    public async ValueTask<RateStanding?> TakeAsync(Caller caller, ApiScopes scope, CancellationToken cancel)
    {
        RateStanding? least = null;
        List<RateBudget>? taken = null;
        foreach (var limit in limits)
        {
            if (!limit.IsFor(scope))
                continue;
            var budget = BudgetOf(limit, caller);
            var standing = await budget.TakeAsync(time.GetUtcNow(), cancel);
            if (!standing.IsGranted)
            {
                foreach (var other in taken ?? [])
                    other.GiveBack();
                return standing;
            }

            (taken ??= []).Add(budget);
            if (least is null || standing.Left < least.Left)
                least = standing;
        }

        return least;
    }

    private RateBudget BudgetOf(RateLimit limit, Caller caller)
    {
        // What another server counts by another window is another count.
        var bucket = string.Create(CultureInfo.InvariantCulture, $"{(limit.OfController ? "" : caller.Id)}/{limit.Name}/{(long)limit.Window.TotalSeconds}");
        var ledger = caller.Ledger.Ledger;
        return budgets.GetOrAdd((ledger, bucket), _ => new RateBudget(limit, (step, add, cancel) => store.CountAsync(ledger, bucket, step, add, cancel)));
    }
}

/// <summary>What an answer tells of limits.</summary>
internal static class RateHeaders
{
    /// <summary>Source: draft-ietf-httpapi-ratelimit-headers-10.</summary>
    public static void Write(RateStanding standing, IHeaderDictionary headers)
    {
        var (limit, seconds) = (standing.Limit, (long)Math.Ceiling(standing.Until.TotalSeconds));
        headers["RateLimit-Policy"] = string.Create(CultureInfo.InvariantCulture, $"\"{limit.Name}\";q={limit.Count};w={(long)limit.Window.TotalSeconds}");
        headers["RateLimit"] = string.Create(CultureInfo.InvariantCulture, $"\"{limit.Name}\";r={standing.Left};t={seconds}");
        if (!standing.IsGranted)
            headers.RetryAfter = Math.Max(1, seconds).ToString(CultureInfo.InvariantCulture);
    }
}
