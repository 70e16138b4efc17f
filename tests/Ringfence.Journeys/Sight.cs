using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using Xunit;

namespace Ringfence.Journeys;

/// <summary>What every page is held to, whoever it is for.</summary>
internal static class Sight
{
    private static readonly string[] Rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
    // Words that reach beyond the edge of a box which shows nothing there, and neither scrolls nor ends them in dots. What is folded is unfolded to look at it.
    private const string CutOff = """
        () => {
        const folded = [...document.querySelectorAll('details:not([open])')];
        folded.forEach(details => details.open = true);
        const found = [...document.querySelectorAll('body *')].filter(element => [...element.childNodes].some(words => {
          if (words.nodeType !== Node.TEXT_NODE || !words.data.trim() || !element.checkVisibility())
            return false;
          const range = document.createRange();
          range.selectNodeContents(words);
          const right = Math.max(0, ...[...range.getClientRects()].map(part => part.right));
          for (let box = element; right > 0 && box; box = box.parentElement) {
            const style = getComputedStyle(box), edge = box.getBoundingClientRect();
            if (style.overflowX === 'auto' || style.overflowX === 'scroll' || style.textOverflow === 'ellipsis' || style.position === 'fixed' || style.clipPath !== 'none' || edge.width <= 1)
              return false;
            if ((style.overflowX === 'hidden' || style.overflowX === 'clip') && right > edge.right + 1)
              return true;
          }
          return false;
        })).slice(0, 4).map(element => element.outerHTML.slice(0, 100));
        folded.forEach(details => details.open = false);
        return found;
        }
        """;
    // What moves, or would as soon as somebody points at it.
    private const string Moving = """
        () => [...document.getAnimations().map(one => one.effect.target), ...[...document.querySelectorAll('*')].filter(element => [null, '::before', '::after'].some(part => {
          const style = getComputedStyle(element, part);
          return style.animationName !== 'none' || /[1-9]/.test(style.transitionDuration) || style.scrollBehavior === 'smooth';
        }))].slice(0, 4).map(element => element.outerHTML.slice(0, 100))
        """;
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
        if (await page.EvaluateAsync<string[]>(CutOff) is { Length: > 0 } cut)
            faults.Add($"cut off: {string.Join(" | ", cut)}");
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

    /// <summary>What moves in a page, though whoever looks at it asked for stillness.</summary>
    public static Task<string[]> MovingAsync(this IPage page) => page.EvaluateAsync<string[]>(Moving);

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
