using NodaTime;
using Ringfence.Figures;
using Ringfence.Server.Pages;
using Ringfence.Staff;

namespace Ringfence.Server.Figures;

/// <summary>What is to be done today, and how things stand.</summary>
internal static class OverviewPages
{
    // Who may be contacted is there, with its age, or not counted yet since the start: that takes longer than anybody waits.
    private static readonly TimeSpan ReachPatience = TimeSpan.FromMilliseconds(50);

    /// <summary>The overview; of whoever may not see figures, what concerns everybody.</summary>
    public static async Task<PageAnswer> ShowAsync(PageCall call)
    {
        if (!call.May(Right.SeeFigures))
            return await call.PageAsync<ShortOverviewPage>(call.T("Room.overview"));
        var figures = call.Served.Figures.Of(call.Ledger);
        var began = call.Installation.Time.GetTimestamp();
        var isNew = await figures.CatchUpAsync(Left(), call.Cancel);
        var ends = await figures.EndsAsync(Left(), call.Cancel);
        var period = FigurePeriod.Read(call.Query, call.Now.InUtc().Date);
        var reach = await AudienceFigures.OfAsync(call, () => Left() < ReachPatience ? Left() : ReachPatience);
        var overview = Overview.Of(figures, period, ends);
        // Before all is counted nobody can tell what was never done; afterwards it may have been done since, and the page says as of when it is.
        var known = overview.Counted < 1 ? null : figures;
        return await call.PageAsync<OverviewPage>(call.T("Room.overview"), overview with
        {
            Needs = await Needs.OfAsync(call, known, ends, reach),
            FirstSteps = known is null ? [] : await Needs.FirstStepsAsync(call, known),
            Since = Earlier(isNew ? null : overview.Since, ends is null ? null : figures.SinceOf(ends)),
            Reach = reach,
        });

        TimeSpan Left() => call.Served.Figures.Patience - call.Installation.Time.GetElapsedTime(began) is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private static Instant? Earlier(Instant? one, Instant? other) => one is { } first && other is { } second ? Instant.Min(first, second) : one ?? other;
}
