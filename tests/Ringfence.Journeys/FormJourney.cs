using Microsoft.Playwright;
using Xunit;

namespace Ringfence.Journeys;

/// <summary>From nothing to a yes: staff make a form on a phone, publish it, and a person answers it.</summary>
public sealed class FormJourney(Browser browser, DemoServer demo) : IClassFixture<DemoServer>
{
    private const int Phone = 375;

    [Theory]
    [InlineData("en", true)]
    [InlineData("zh-Hans", false)]
    [InlineData("zh-Hant", true)]
    public async Task A_form_is_made_published_and_answered(string language, bool script)
    {
        var page = await demo.SignInAsync(browser, demo.Officer, Phone, ColorScheme.Light, language, script);
        await page.GotoAsync(demo.Url + "/c/demo/forms");
        await page.LookAsync(Phone, language, script: script);
        await page.ClickAsync(".page-head a.btn-1");
        var id = "news-" + language.ToLowerInvariant();
        foreach (var (name, value) in new[]
        {
            ("id", id), ("sender", "Ringmuster Ltd"), ("offered-in", "GB, SG, TW"), ("notice-page", "https://ringmuster.example/privacy"), ("notice-version", "3"), ("stop-page", "https://ringmuster.example/stop"),
            ("p.0.about.en", "offers for kitchen appliances"), ("p.0.about.zh-Hans", "厨房电器的优惠"), ("p.0.about.zh-Hant", "廚房電器的優惠"),
            ("b.0.text.en", "May we tell you about kitchens?"), ("b.0.text.zh-Hans", "可以向您介绍厨房产品吗？"), ("b.0.text.zh-Hant", "可以向您介紹廚房產品嗎？"),
        })
        {
            await page.FillAsync($"[name=\"{name}\"]", value);
        }

        // An e-mail box has nothing to be about; the check says so beside it, and the field that is added mends it.
        await page.ClickAsync("button[value=add-box]");
        await page.SelectOptionAsync("[name=\"b.3.channel\"]", "email");
        await page.ClickAsync(".btn[value=look]");
        Assert.Contains("point-not-asked", await page.InnerTextAsync("fieldset:has([name=\"b.3.name\"])"), StringComparison.Ordinal);
        Assert.Equal(0, await page.Locator("button[value=publish]").CountAsync());
        await page.LookAsync(Phone, language, script: script);
        await page.ClickAsync("button[value=add-field]");
        await page.ClickAsync("button[value=\"up 4\"]");
        await page.ClickAsync("button[value=publish]");
        await page.WaitForSelectorAsync("svg.qr");
        await page.LookAsync(Phone, language, script: script);
        await page.Context.CloseAsync();

        page = await browser.OpenAsync($"{demo.Url}/f/demo/{id}?lang={language}", Phone, ColorScheme.Light, script, language);
        await page.LookAsync(Phone, language, script: script);
        Assert.Equal(0, await page.Locator("input:checked").CountAsync());
        await page.CheckAsync("input[value=offers-sms]");
        await page.ClickAsync("button.btn-1");
        await page.WaitForSelectorAsync("[aria-invalid=true]");
        await page.LookAsync(Phone, language, script: script);
        Assert.True(await page.IsCheckedAsync("input[value=offers-sms]"));
        await page.FillAsync("[name=phone]", "+447400123456");
        await page.ClickAsync("button.btn-1");
        await page.WaitForSelectorAsync("main:not(:has(form))");
        await page.LookAsync(Phone, language, script: script);
        await page.Context.CloseAsync();
    }
}
