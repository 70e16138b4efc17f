using Ringfence.Figures;
using Ringfence.Server.Pages;
using Ringfence.Staff;

namespace Ringfence.Server.Figures;

/// <summary>What is to be done today, and how things stand.</summary>
internal static class OverviewPages
{
    // A page is not held up longer; what is not counted by then is counted beside, and the page says how far it is.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(1_500);

    private static readonly TimeSpan ReachPatience = TimeSpan.FromMilliseconds(700);

    /// <summary>The overview; of whoever may not see figures, what concerns everybody.</summary>
    public static async Task<PageAnswer> ShowAsync(PageCall call)
    {
        if (!call.May(Right.SeeFigures))
            return await call.PageAsync<ShortOverviewPage>(call.T("Room.overview"));
        var figures = call.Served.Figures.Of(call.Ledger);
        var isCounted = await figures.CatchUpAsync(Patience, call.Cancel);
        var ends = isCounted ? await figures.EndsAsync(Patience, call.Cancel) : figures.Ends;
        var period = FigurePeriod.Read(call.Query, call.Now.InUtc().Date);
        var reach = await AudienceFigures.OfAsync(call, ReachPatience);
        // Before all is counted nobody can tell what was never done.
        var needs = await Needs.OfAsync(call, isCounted ? figures : null, ends, reach);
        var overview = Overview.Of(figures, period, needs, isCounted ? await Needs.FirstStepsAsync(call, figures) : [], ends) with { Reach = reach };
        return await call.PageAsync<OverviewPage>(call.T("Room.overview"), isCounted ? overview : overview with { Counted = Math.Min(.99, figures.Part) });
    }
}
