using Microsoft.Playwright;
using Xunit;

namespace Ringfence.Journeys;

/// <summary>Somebody says yes, staff write it down and prove it; then they say no, and the gate refuses. In each language, with an accessibility scan of every page.</summary>
public sealed class PersonJourney(Browser browser)
{
    private const string Number = "020 7946 0018";

    [Theory]
    [InlineData("en", ColorScheme.Light, 1280)]
    [InlineData("zh-Hans", ColorScheme.Dark, 375)]
    [InlineData("zh-Hant", ColorScheme.Light, 375)]
    public async Task A_yes_is_written_down_and_proved_and_a_no_shuts_the_gate(string language, ColorScheme scheme, int width)
    {
        await using var server = new ServingProcess();
        await server.RunAsync("controller", "add", "ringmuster", "--party", "samples/party-ringmuster.yaml");
        await server.RunAsync("wording", "publish", "samples/wording-offers.yaml");
        var page = await browser.OpenAsync(await server.StartAsync("--facts", "samples/standing-facts.yaml"), width, scheme, script: true);
        await page.FillAsync("[name=name]", "Mira Okonkwo");
        await page.FillAsync("[name=email]", "mira@ringmuster.example");
        await page.FillAsync("[name=password]", "correct horse battery staple 7");
        await page.SelectOptionAsync("[name=language]", language);
        await page.ClickAsync("form.login-box button[type=submit]");
        await page.WaitForURLAsync("**/overview");

        // Nobody is known by the number yet; what may be done with it is said all the same.
        await page.EvaluateAsync("document.querySelector('#palette').showModal()");
        await page.FillAsync("#palette [name=q]", Number);
        await page.PressAsync("#palette [name=q]", "Enter");
        await page.Locator("#perm-sms").WaitForAsync();
        await LookAsync(page, language, width);
        await page.ClickAsync("form[action$='/consents/new'] button");
        await page.ClickAsync("form[action$='/consents/new'] button[type=submit]");
        await page.Locator("[name=page]").WaitForAsync();
        await LookAsync(page, language, width);
        await page.FillAsync("[name=page]", "https://ringmuster.example/offers");
        await page.ClickAsync("form[action$='/consents'] button[type=submit]");
        await page.Locator(".errors a[href='#f-ip']").WaitForAsync();
        await LookAsync(page, language, width);
        await page.FillAsync("[name=ip]", "192.0.2.7");
        await page.FillAsync("[name=name]", "Ann Example");
        await page.ClickAsync("form[action$='/consents'] button[type=submit]");
        await page.WaitForURLAsync("**/contacts/*?done=consent");
        Assert.Equal("Ann Example", await page.Locator("h1").InnerTextAsync());
        Assert.Equal(1, await page.Locator("#perm-sms.is-ok").CountAsync());
        await page.ClickAsync("details.ev summary");
        await LookAsync(page, language, width);
        Assert.DoesNotContain("2079460018", await page.InnerTextAsync("main"), StringComparison.Ordinal);
        await page.ClickAsync("form[action$='/number'] button");
        await page.GetByText("+442079460018").First.WaitForAsync();
        await LookAsync(page, language, width);

        await page.ClickAsync("nav a[href$='/prove']");
        await page.CheckAsync("[name=open][value=evidence]");
        await page.ClickAsync("form[action$='/prove'] button[type=submit]");
        await page.Locator("#checked").WaitForAsync();
        Assert.Equal(1, await page.Locator(".notice-wait, .notice-ok").CountAsync());
        await LookAsync(page, language, width);
        await page.ClickAsync("main .btns a[href*='/contacts/']");

        await page.ClickAsync("a[href$='/withdraw']");
        await LookAsync(page, language, width);
        await page.ClickAsync("main form button.btn-no-1");
        await page.WaitForURLAsync("**/contacts/*?done=withdrawn");
        var person = page.Url[..page.Url.IndexOf('?', StringComparison.Ordinal)];
        Assert.Equal(0, await page.Locator(".perm .is-ok").CountAsync());
        await LookAsync(page, language, width);
        await page.ClickAsync("form.ask button[type=submit]");
        await page.Locator(".verdict-no").WaitForAsync();
        await LookAsync(page, language, width);
        foreach (var act in new[] { "suppress", "merge", "export" })
        {
            await page.GotoAsync(person + "/" + act);
            await LookAsync(page, language, width);
        }

        await page.GotoAsync(server.Url + "/c/ringmuster/suppression");
        await LookAsync(page, language, width);
        await page.Context.CloseAsync();
    }

    private static async Task LookAsync(IPage page, string language, int width)
    {
        await page.LookAsync(width, language);
        Assert.DoesNotContain("7946", page.Url, StringComparison.Ordinal);
    }
}
