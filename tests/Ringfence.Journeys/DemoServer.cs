using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Xunit;

namespace Ringfence.Journeys;

/// <summary>The demonstration, served by the program itself as anybody would start it.</summary>
public sealed partial class DemoServer : IAsyncLifetime
{
    private readonly ServingProcess server = new();

    /// <summary>Where it is, as browsers reach it.</summary>
    public string Url => server.Url;

    /// <summary>Who may sign in, and by which password: the program printed it.</summary>
    public (string Mail, string Password) Officer { get; private set; }

    public (string Mail, string Password) Agent { get; private set; }

    /// <summary>A privacy officer, too, for what takes two.</summary>
    public (string Mail, string Password) Second { get; private set; }

    public async ValueTask InitializeAsync()
    {
        (string, string)[] accounts = [.. (await server.StartAsync(Account(), 3, ["--demo"])).Select(static match => (match.Groups[1].Value, match.Groups[2].Value))];
        (Officer, Agent, Second) = (accounts[0], accounts[1], accounts[2]);
    }

    public ValueTask DisposeAsync() => server.DisposeAsync();

    /// <summary>A browser in which somebody is signed in.</summary>
    public async Task<IPage> SignInAsync(Browser browser, (string Mail, string Password) who, int width, ColorScheme scheme, string language = "en", bool script = true)
    {
        var page = await browser.OpenAsync($"{Url}/sign-in?lang={language}", width, scheme, script, language);
        await page.FillAsync("input[name=email]", who.Mail);
        await page.FillAsync("input[name=password]", who.Password);
        await page.ClickAsync("form[action=\"/sign-in\"] button");
        try
        {
            await page.ArriveAsync(url => url.Contains("/c/demo/", StringComparison.Ordinal), 15_000);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"{page.Url}: {await page.InnerTextAsync("body")}");
        }

        return page;
    }

    [GeneratedRegex(@"(\S+@demo\.invalid)\s.*?([A-Za-z0-9]{4}(?:-[A-Za-z0-9]{4}){3,})")]
    private static partial Regex Account();
}
