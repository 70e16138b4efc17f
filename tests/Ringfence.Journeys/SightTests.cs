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
    [InlineData("<h1>Another</h1>", "2 h1")]
    public async Task A_fault_is_found_and_nothing_else(string part, string fault)
    {
        var page = await browser.OpenAsync("about:blank", 375, ColorScheme.Light, script: true);
        await page.SetContentAsync(Frame.Replace("{0}", part, StringComparison.Ordinal));
        var found = await page.FaultsAsync(375, "en");
        Assert.Equal(fault.Length == 0 ? [] : [fault], found.Select(one => one[..Math.Min(fault.Length, one.Length)]));
        await page.Context.CloseAsync();
    }
}
