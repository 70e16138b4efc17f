using Microsoft.Playwright;
using Xunit;

namespace Ringfence.Journeys;

/// <summary>A list on its way in a real browser: brought, its columns looked at, audited, tried, imported and undone; in Traditional Chinese, on a phone, and in the dark.</summary>
public sealed class ListJourney(Browser browser) : IAsyncLifetime
{
    private readonly ServingProcess server = new();
    private string setUp = "";

    public async ValueTask InitializeAsync() => setUp = await server.StartAsync();

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task A_list_is_brought_audited_imported_and_undone_in_traditional_Chinese()
    {
        var page = await browser.OpenAsync(setUp, 1280, ColorScheme.Light, script: true);
        await SignInAsync(page, "zh-Hant");
        await page.GotoAsync(server.Url + "/c/ringmuster/imports");
        await SeenAsync(page, "index");

        await page.SetInputFilesAsync("#list", Path.Combine(RingfenceProcess.Root, "samples", "leads-2000.csv"));
        await page.ClickAsync("form[data-upload] button[type=submit]");
        // Reading shows how far it is and leads on by itself.
        await page.ArriveAsync("**/columns", 60_000);
        Assert.Contains("leads-2000.csv", await page.InnerTextAsync("main"), StringComparison.Ordinal);
        await SeenAsync(page, "columns");

        await page.ClickAsync("form[action$='/columns'] button.btn-1");
        await page.ArriveAsync("**/audit");
        await SeenAsync(page, "audit");
        var audit = page.Url;
        var figure = page.Locator(".grades a.fig").First;
        var count = await figure.InnerTextAsync();
        await figure.ClickAsync();
        await page.ArriveAsync("**/rows?**");
        Assert.Contains(count, await page.InnerTextAsync("#count"), StringComparison.Ordinal);
        Assert.Contains("•••", await page.InnerTextAsync("#rows"), StringComparison.Ordinal);
        await SeenAsync(page, "rows");
        // A filter acts at once, in place.
        var before = await page.InnerTextAsync("#count");
        await page.SelectOptionAsync("#f-grade", "never");
        await page.WaitForFunctionAsync("before => document.getElementById('count').innerText !== before", before);
        await page.GotoAsync(audit.Replace("/audit", "/rejected", StringComparison.Ordinal));
        await SeenAsync(page, "rejected");

        await page.GotoAsync(audit.Replace("/audit", "/choose", StringComparison.Ordinal));
        await SeenAsync(page, "choose");
        await page.SelectOptionAsync("#source", "form");
        await page.ClickAsync("button[value=try]");
        await page.WaitForSelectorAsync("#trial-f-contacts", new() { Timeout = 60_000 });
        await SeenAsync(page, "tried");
        await page.ClickAsync("button[value=import]");
        await page.WaitForSelectorAsync("#f-contacts", new() { Timeout = 120_000 });
        Assert.Contains("1,494", await page.InnerTextAsync("h1"), StringComparison.Ordinal);
        await SeenAsync(page, "imported");

        await page.ClickAsync("a[href$='/undo']");
        await SeenAsync(page, "undo");
        await page.ClickAsync("main form button.btn-1");
        await page.WaitForFunctionAsync("() => document.querySelector('h1')?.textContent.includes('已復原')", null, new() { Timeout = 120_000 });
        await SeenAsync(page, "undone");
        await page.GotoAsync(server.Url + "/c/ringmuster/imports");
        Assert.Contains("已復原", await page.InnerTextAsync("main table"), StringComparison.Ordinal);
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task Without_script_every_step_is_a_page_that_works()
    {
        var page = await browser.OpenAsync(setUp, 375, ColorScheme.Dark);
        await SignInAsync(page, "en");
        await page.GotoAsync(server.Url + "/c/ringmuster/imports");
        await page.SetInputFilesAsync("#list", Path.Combine(RingfenceProcess.Root, "samples", "leads-zh-gb18030-200.csv"));
        await page.ClickAsync("form[data-upload] button[type=submit]");
        for (var tries = 0; tries < 100 && page.Url.EndsWith("/reading", StringComparison.Ordinal); tries++)
        {
            await Task.Delay(100, TestContext.Current.CancellationToken);
            await page.ReloadAsync();
        }

        Assert.EndsWith("/columns", page.Url, StringComparison.Ordinal);
        await page.ClickAsync("form[action$='/columns'] button.btn-1");
        Assert.EndsWith("/audit", page.Url, StringComparison.Ordinal);
        await page.Context.CloseAsync();
    }

    private static async Task SignInAsync(IPage page, string language)
    {
        foreach (var (name, value) in new[] { ("legal", "Ringmuster Ltd"), ("address", "1 Example Road, Exampleton"), ("country", "GB"), ("word", "ringmuster"), ("contact", "privacy@ringmuster.example"), ("name", "Mira Okonkwo"), ("email", "mira@ringmuster.example"), ("password", "seven grey herons wait") })
            await page.FillAsync($"[name={name}]", value);
        await page.SelectOptionAsync("[name=language]", language);
        await page.ClickAsync("main form button.btn-1");
        await page.ArriveAsync("**/c/ringmuster/**");
    }

    // The page as it is, at the width of a desk and of a phone, in the light and in the dark.
    private static async Task SeenAsync(IPage page, string name)
    {
        foreach (var (width, scheme) in new[] { (1280, ColorScheme.Light), (375, ColorScheme.Dark), (320, ColorScheme.Light) })
        {
            await page.SetViewportSizeAsync(width, 900);
            await page.EmulateMediaAsync(new() { ColorScheme = scheme });
            if (Environment.GetEnvironmentVariable("RINGFENCE_SHOTS") is { Length: > 0 } folder)
                await page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{name}-{width}-{scheme}.png"), FullPage = true });
            Assert.Empty((await page.FaultsAsync(width)).Select(fault => $"{name} {width}: {fault}"));
        }

        await page.SetViewportSizeAsync(1280, 900);
        await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Light });
    }
}
