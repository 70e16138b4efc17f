using Microsoft.Playwright;
using Xunit;

[assembly: AssemblyFixture(typeof(Ringfence.Journeys.Browser))]
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Ringfence.Journeys;

/// <summary>The Chromium of the machine. Tests that need it are skipped by name where there is none.</summary>
public sealed class Browser : IAsyncLifetime
{
    private static readonly string? Executable =
        new[] { Environment.GetEnvironmentVariable("CHROME_PATH"), "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome" }
            .FirstOrDefault(File.Exists);

    private IPlaywright? playwright;
    private IBrowser? browser;

    public async ValueTask InitializeAsync()
    {
        if (Executable is null)
            return;
        playwright = await Playwright.CreateAsync();
        browser = await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = Executable,
            Args =
            [
                "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                "--disable-component-update", "--disable-sync",
            ],
        });
    }

    public async ValueTask DisposeAsync()
    {
        if (browser is not null)
            await browser.DisposeAsync();
        playwright?.Dispose();
    }

    /// <summary>Opens a page that may load nothing from anywhere else.</summary>
    public async Task<IPage> OpenAsync(string path, int width, ColorScheme scheme, bool script = false)
    {
        Assert.SkipWhen(browser is null, "No Chromium: apt-get install chromium, or set CHROME_PATH.");
        var context = await browser.NewContextAsync(new()
        {
            ViewportSize = new() { Width = width, Height = 900 },
            ColorScheme = scheme,
            JavaScriptEnabled = script,
            Offline = false,
        });
        var page = await context.NewPageAsync();
        await page.GotoAsync(new Uri(path).AbsoluteUri);
        return page;
    }
}
