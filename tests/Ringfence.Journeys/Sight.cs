using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using Xunit;

namespace Ringfence.Journeys;

/// <summary>What every page is held to, whoever it is for.</summary>
internal static class Sight
{
    private static readonly string[] Rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
    // Of a picture in a guide; what is below is more of the same.
    private const int Tallest = 900;
    private static readonly string? Pictures = Environment.GetEnvironmentVariable("RINGFENCE_SHOTS");

    /// <summary>What a page has that WCAG 2.2 AA forbids, or that does not fit: nothing, where all is well.</summary>
    /// <param name="page">The page as it stands.</param>
    /// <param name="width">How wide it may be, in CSS pixels.</param>
    /// <param name="language">The language it says it is in; none: any.</param>
    /// <param name="isScanned">Whether it is looked through for what WCAG forbids; if not, only for whether it fits.</param>
    /// <param name="script">Whether the browser runs script. If not, nothing in the page can scan it: what it shows is scanned in a browser that does.</param>
    public static async Task<IReadOnlyList<string>> FaultsAsync(this IPage page, int width, string? language = null, bool script = true, bool isScanned = true)
    {
        List<string> faults = [];
        if (await page.EvaluateAsync<int>("document.documentElement.scrollWidth") is var wide && wide > width)
            faults.Add($"scrolls sideways: {wide} of {width}: {string.Join(" | ", await page.EvaluateAsync<string[]>("width => [...document.querySelectorAll('main *')].filter(e => e.getBoundingClientRect().right > width).map(e => e.outerHTML.slice(0, 100)).slice(-4)", width))}");
        if (await page.Locator("h1").CountAsync() is var titles and not 1)
            faults.Add($"{titles} h1");
        if (language is not null && await page.EvaluateAsync<string>("document.documentElement.lang") is var own && own != language)
            faults.Add($"in {own}, not in {language}");
        if (page.Frames.Count > 1)
            faults.Add("a frame, which is not looked into");
        if (!isScanned)
            return faults;
        var found = script ? await ScanAsync(page) : await ScanElsewhereAsync(page);
        faults.AddRange(found.Violations.Select(static v => $"{v.Id}: {v.Help}: {string.Join(" | ", v.Nodes.Take(3).Select(static n => n.Html))}"));
        return faults;
    }

    /// <summary>Demands that a page has no fault. With RINGFENCE_SHOTS set to a folder, and a name given, a picture is kept there: of a part of it, or of the page from its top.</summary>
    public static async Task LookAsync(this IPage page, int width, string? language = null, string? name = null, bool script = true, string? part = null)
    {
        if (Pictures is not null && name is not null)
        {
            var path = Path.Combine(Pictures, $"{name}-{language ?? "en"}.png");
            // What stays at the edge of the window would stand in the middle of it.
            const string Still = ".bar-mobile { display: none !important; }";
            if (part is not null)
                await page.Locator(part).ScreenshotAsync(new() { Path = path, Style = Still });
            else
                await page.ScreenshotAsync(new() { Path = path, FullPage = true, Style = Still, Clip = new() { Width = width, Height = Math.Min(Tallest, await page.EvaluateAsync<int>("document.documentElement.scrollHeight")) } });
        }

        var faults = await page.FaultsAsync(width, language, script);
        Assert.True(faults.Count == 0, $"{page.Url}\n{string.Join('\n', faults)}");
    }

    // In the page itself: the other way, which looks into frames, opens another page for each scan, and that takes longer than the scan.
#pragma warning disable CS0618 // as long as it is there
    private static Task<AxeResult> ScanAsync(IPage page) => page.Locator("html").RunAxeLegacy(new AxeRunOptions { RunOnly = RunOnlyOptions.Tags(Rules), ResultTypes = [ResultType.Violations] });
#pragma warning restore CS0618

    private static async Task<AxeResult> ScanElsewhereAsync(IPage page)
    {
        var shown = await page.ContentAsync();
        await using var context = await page.Context.Browser!.NewContextAsync(new() { ViewportSize = new() { Width = page.ViewportSize!.Width, Height = page.ViewportSize.Height } });
        var other = await context.NewPageAsync();
        await other.RouteAsync(page.Url, route => route.FulfillAsync(new() { ContentType = "text/html; charset=utf-8", Body = shown }));
        await other.GotoAsync(page.Url);
        return await ScanAsync(other);
    }
}
