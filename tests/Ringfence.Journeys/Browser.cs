using System.Diagnostics;
using Microsoft.Playwright;
using Xunit;

[assembly: AssemblyFixture(typeof(Ringfence.Journeys.Browser))]
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Ringfence.Journeys;

/// <summary>The Chromium of the machine. Tests that need it are skipped by name where there is none.</summary>
public sealed class Browser : IAsyncLifetime
{
    private static readonly string? Executable = new[]
    {
        Environment.GetEnvironmentVariable("CHROME_PATH"), "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome", "/snap/bin/chromium",
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome", "/Applications/Chromium.app/Contents/MacOS/Chromium",
    }.FirstOrDefault(Answers);

    private IPlaywright? playwright;
    private IBrowser? browser;

    // Some systems have a script of that name which only tells how to get the browser.
    private static bool Answers(string? path)
    {
        if (!File.Exists(path))
            return false;
        using var process = Process.Start(new ProcessStartInfo(path, "--version") { RedirectStandardOutput = true, RedirectStandardError = true })!;
        return process.WaitForExit(TimeSpan.FromSeconds(30)) && process.ExitCode == 0;
    }

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
    public async Task<IPage> OpenAsync(string path, int width, ColorScheme scheme, bool script = false, string? language = null)
    {
        var context = await NewAsync(new()
        {
            ViewportSize = new() { Width = width, Height = 900 },
            ColorScheme = scheme,
            JavaScriptEnabled = script,
            Offline = false,
            Locale = language,
        });
        var page = await context.NewPageAsync();
        await page.GotoAsync(new Uri(path).AbsoluteUri);
        return page;
    }

    /// <summary>A browser of its own, set otherwise.</summary>
    public Task<IBrowserContext> NewAsync(BrowserNewContextOptions options)
    {
        Assert.SkipWhen(browser is null, "No Chromium: install the package chromium, or set CHROME_PATH.");
        return browser.NewContextAsync(options);
    }
}
