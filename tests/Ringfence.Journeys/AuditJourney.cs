using System.Diagnostics;
using Microsoft.Playwright;
using Xunit;

namespace Ringfence.Journeys;

/// <summary>The sample lists audited once per language.</summary>
public sealed class SampleReports : IAsyncLifetime
{
    private readonly string root = Directory.CreateTempSubdirectory("ringfence-journey-").FullName;

    public string Report(string language) => Path.Combine(root, language, "report.html");

    public async ValueTask InitializeAsync()
    {
        foreach (var language in new[] { "en", "zh-Hans", "zh-Hant" })
        {
            var (exit, _, errors) = await RingfenceProcess.RunAsync(
                "audit", "samples/leads-2000.csv", "samples/leads-zh-utf8bom-300.csv", "samples/leads-zh-gb18030-200.csv", "--as-of", "2026-11-21",
                "--controller", "Ringmuster Ltd", "--turnover", "25M", "--lang", language, "--out", Path.Combine(root, language));
            Assert.True(exit is 0 or 4, errors);
        }
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(root, recursive: true);
        return ValueTask.CompletedTask;
    }
}

public sealed class AuditJourney(Browser browser, SampleReports reports) : IClassFixture<SampleReports>
{
    public static TheoryData<string, ColorScheme, int> Views
    {
        get
        {
            var views = new TheoryData<string, ColorScheme, int>();
            foreach (var language in new[] { "en", "zh-Hans", "zh-Hant" })
            {
                foreach (var scheme in new[] { ColorScheme.Light, ColorScheme.Dark })
                {
                    views.Add(language, scheme, 375);
                    views.Add(language, scheme, 1280);
                }
            }

            return views;
        }
    }

    [Theory, MemberData(nameof(Views))]
    public async Task The_report_is_accessible_and_fits_its_width(string language, ColorScheme scheme, int width)
    {
        var page = await browser.OpenAsync(reports.Report(language), width, scheme, script: true);
        await page.LookAsync(width, language);
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task The_report_reads_without_script_and_loads_nothing()
    {
        var page = await browser.OpenAsync(reports.Report("en"), 1280, ColorScheme.Light);
        Assert.Equal(1, await page.Locator("h1").CountAsync());
        Assert.Equal(0, await page.Locator("script[src], link[href^=http], img[src^=http]").CountAsync());
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task Every_file_the_report_links_to_is_there()
    {
        var page = await browser.OpenAsync(reports.Report("zh-Hans"), 1280, ColorScheme.Light, script: true);
        var links = await page.EvaluateAsync<string[]>("[...document.querySelectorAll('a[href]')].map(a => a.getAttribute('href'))");
        var files = links.Where(static l => l.EndsWith(".csv", StringComparison.Ordinal) || l.EndsWith(".json", StringComparison.Ordinal)).Distinct().ToList();
        Assert.NotEmpty(files);
        Assert.All(files, file => Assert.True(File.Exists(Path.Combine(Path.GetDirectoryName(reports.Report("zh-Hans"))!, file)), file));
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task Stopped_in_the_middle_it_leaves_no_file_behind()
    {
        // What runs in the background of a script is told to pay no heed to Ctrl-C, and so are all that it starts.
        Assert.SkipWhen(IgnoresInterrupts(), "these tests run where Ctrl-C is ignored");
        var folder = Directory.CreateTempSubdirectory("ringfence-journey-").FullName;
        try
        {
            var list = Path.Combine(folder, "long.csv");
            await using (var writer = new StreamWriter(list))
            {
                await writer.WriteLineAsync("name,phone,notes");
                for (var i = 0; i < 3_000_000; i++)
                    await writer.WriteLineAsync($"Person {i},+1 602 555 0{i % 1000:000},call after 6pm");
            }

            var output = Path.Combine(folder, "out");
            using var process = RingfenceProcess.Start("audit", list, "--out", output);
            while (!Directory.Exists(output) && !process.HasExited)
                await Task.Delay(5, TestContext.Current.CancellationToken);
            await Task.Delay(300, TestContext.Current.CancellationToken);
            using (var kill = Process.Start("kill", ["-INT", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]))
                await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Equal(130, process.ExitCode);
            Assert.Equal(["long.csv"], Directory.GetFileSystemEntries(folder).Select(Path.GetFileName));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static bool IgnoresInterrupts()
    {
        const int interrupt = 1 << 1;
        const string mask = "SigIgn:";
        return OperatingSystem.IsLinux() && File.ReadLines("/proc/self/status").FirstOrDefault(static line => line.StartsWith(mask, StringComparison.Ordinal)) is { } line
            && (ulong.Parse(line[mask.Length..], System.Globalization.NumberStyles.HexNumber | System.Globalization.NumberStyles.AllowLeadingWhite, System.Globalization.CultureInfo.InvariantCulture) & interrupt) != 0;
    }
}
