using Microsoft.Playwright;
using Xunit;

namespace Ringfence.Journeys;

/// <summary>What looks at every page sees something.</summary>
public sealed class SightTests(Browser browser)
{
    private const string Frame = "<!doctype html><html lang='en'><head><title>A page</title></head><body><main><h1>A page</h1>{0}</main></body></html>";

    [Theory]
    [InlineData("<p>Nothing wrong.</p>", "")]
    [InlineData("<img src='data:,'>", "image-alt")]
    [InlineData("<input>", "label")]
    [InlineData("<p style='color: #ccc; background: #fff'>Pale.</p>", "color-contrast")]
    [InlineData("<iframe title='A frame' srcdoc='In it'></iframe>", "a frame")]
    [InlineData("<div style='width: 900px'>Wide.</div>", "scrolls sideways")]
    [InlineData("<div style='width: 100px; overflow: clip'><span style='white-space: nowrap'>More than there is place for.</span></div>", "cut off")]
    [InlineData("<div style='width: 100px; overflow: hidden; text-overflow: ellipsis'><span style='white-space: nowrap'>More than there is place for.</span></div>", "")]
    [InlineData("<div style='width: 100px; overflow: auto' tabindex='0'><span style='white-space: nowrap'>More than there is place for.</span></div>", "")]
    [InlineData("<details><summary>More</summary><div style='width: 100px; overflow: clip'><span style='white-space: nowrap'>More than there is place for.</span></div></details>", "cut off")]
    [InlineData("<div style='display: flex; overflow: clip'><details><summary>More</summary><p>As much as there is place for.</p></details></div>", "")]
    [InlineData("<h1>Another</h1>", "2 h1")]
    public async Task A_fault_is_found_and_nothing_else(string part, string fault)
    {
        var page = await browser.OpenAsync("about:blank", 375, ColorScheme.Light, script: true);
        await page.SetContentAsync(Frame.Replace("{0}", part, StringComparison.Ordinal));
        var found = await page.FaultsAsync(375, "en");
        Assert.Equal(fault.Length == 0 ? [] : [fault], found.Select(one => one[..Math.Min(fault.Length, one.Length)]));
        await page.Context.CloseAsync();
    }

    [Theory]
    [InlineData("p { transition: color .2s }", true)]
    [InlineData("p::after { content: ''; animation: 1s turn infinite } @keyframes turn { to { opacity: 0 } }", true)]
    [InlineData("html { scroll-behavior: smooth }", true)]
    [InlineData("p { color: #000 }", false)]
    public async Task What_moves_is_seen(string style, bool moves)
    {
        var page = await browser.OpenAsync("about:blank", 375, ColorScheme.Light, script: true);
        await page.SetContentAsync(Frame.Replace("{0}", $"<style>{style}</style><p>Words.</p>", StringComparison.Ordinal));
        Assert.Equal(moves, (await page.MovingAsync()).Length > 0);
        await page.Context.CloseAsync();
    }
}
