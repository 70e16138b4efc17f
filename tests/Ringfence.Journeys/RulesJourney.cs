using Microsoft.Playwright;
using Xunit;

namespace Ringfence.Journeys;

/// <summary>Rules of a controller's own: one person sends them in and sees what they would change, another, on a phone and in another language, puts them in force; the gate goes by them, until two took them out again.</summary>
public sealed class RulesJourney(Browser browser, DemoServer demo) : IClassFixture<DemoServer>
{
    private const string House = """
        house: quiet
        name: { en: Quiet weeks, zh-Hans: 安静的几周, zh-Hant: 安靜的幾週 }
        rules:
          - id: house-quiet
            says: { en: We write to nobody by SMS., zh-Hans: 我们不发短信。, zh-Hant: 我們不傳簡訊。 }
            when: { channel: [sms] }
            refuse: platform

        """;

    [Fact]
    public async Task Two_people_put_rules_in_force_and_take_them_out_and_the_gate_goes_by_them()
    {
        var mine = await demo.SignInAsync(browser, demo.Officer, 1280, ColorScheme.Light);
        var other = await demo.SignInAsync(browser, demo.Second, 375, ColorScheme.Dark, "zh-Hant");
        Assert.DoesNotContain("我們不傳簡訊", await AskAsync(other), StringComparison.Ordinal);

        // What is not in order is told with its place, and nothing is asked for.
        await mine.GotoAsync(demo.Url + "/c/demo/rules/new");
        await mine.LookAsync(1280);
        await SendAsync(mine, House + "rulez: 1\n");
        await mine.WaitForSelectorAsync(".errors");
        Assert.Contains(":8:1", await mine.InnerTextAsync(".errors"), StringComparison.Ordinal);
        await mine.LookAsync(1280);

        await SendAsync(mine, House);
        await mine.ArriveAsync("**/rules/changes/*");
        var change = mine.Url.Split('?')[0];
        // Everybody was asked about by both gates: the page comes back by itself until it is done.
        await mine.WaitForSelectorAsync("section:has(> header #p-everybody) p.faint", new() { Timeout = 60_000 });
        await mine.LookAsync(1280);
        Assert.Equal(0, await mine.Locator("form[action$='/agree']").CountAsync());
        await mine.ClickAsync("section:has(> header #p-everybody) td a");
        await mine.ArriveAsync("**/people?*");
        await mine.LookAsync(1280);
        Assert.NotEqual(0, await mine.Locator("tbody .perm, tbody .pl").CountAsync());

        await other.GotoAsync(change);
        await other.WaitForSelectorAsync("section:has(> header #p-everybody) p.faint", new() { Timeout = 60_000 });
        await other.LookAsync(375);
        await other.ClickAsync("form[action$='/agree'] button");
        await other.WaitForSelectorAsync("main:not(:has(form[action$='/agree']))");
        await other.LookAsync(375);
        Assert.Contains("Mira Okonkwo", await other.InnerTextAsync(".answer"), StringComparison.Ordinal);
        Assert.Contains("我們不傳簡訊", await AskAsync(other), StringComparison.Ordinal);
        await other.LookAsync(375);

        // Out of force in the same way, the other one asking.
        await other.GotoAsync(demo.Url + "/c/demo/rules");
        await other.LookAsync(375);
        await other.ClickAsync("form[action$='/rules/retire'] button");
        await other.ArriveAsync("**/rules/changes/*");
        await mine.GotoAsync(other.Url);
        await mine.WaitForSelectorAsync("section:has(> header #p-everybody) p.faint", new() { Timeout = 60_000 });
        await mine.LookAsync(1280);
        await mine.ClickAsync("form[action$='/agree'] button");
        await mine.WaitForSelectorAsync("main:not(:has(form[action$='/agree']))");
        Assert.DoesNotContain("我們不傳簡訊", await AskAsync(other), StringComparison.Ordinal);
        await other.Context.CloseAsync();
        await mine.Context.CloseAsync();
    }

    // In the words of the rule, as whoever asks reads them.
    private async Task<string> AskAsync(IPage page)
    {
        await page.GotoAsync(demo.Url + "/c/demo/gate/ask");
        await page.FillAsync("[name=to]", "+442079460999");
        await page.SelectOptionAsync("[name=channel]", "sms");
        await page.FillAsync("[name=purpose]", "offers");
        await page.ClickAsync("form[action$='/gate/ask'] button[type=submit]");
        await page.WaitForSelectorAsync(".verdict");
        return await page.InnerTextAsync("main");
    }

    private static async Task SendAsync(IPage page, string text)
    {
        await page.SetInputFilesAsync("#f-file", new FilePayload { Name = "quiet.yaml", MimeType = "application/yaml", Buffer = System.Text.Encoding.UTF8.GetBytes(text) });
        await page.ClickAsync("form[action$='/rules/new'] button[type=submit]");
    }
}
