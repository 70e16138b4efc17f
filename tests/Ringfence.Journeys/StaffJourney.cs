using Microsoft.Playwright;
using Xunit;

namespace Ringfence.Journeys;

/// <summary>From the first start to a passkey, an invitation and a second person: in a browser, as people do it.</summary>
public sealed class StaffJourney(Browser browser) : IAsyncLifetime
{
    private const string Password = "seven grey herons wait";

    private readonly ServingProcess server = new();
    private string link = "";

    public async ValueTask InitializeAsync() => link = await server.StartAsync();

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Theory]
    [InlineData("en", 1280, ColorScheme.Light)]
    [InlineData("zh-Hans", 375, ColorScheme.Dark)]
    [InlineData("zh-Hant", 320, ColorScheme.Light)]
    public async Task The_first_run_leads_to_an_account_with_a_passkey_and_another_person_comes_in(string language, int width, ColorScheme scheme)
    {
        var page = await browser.OpenAsync(link + "?lang=" + language, width, scheme, script: true);
        var root = new Uri(link).GetLeftPart(UriPartial.Authority);
        await page.LookAsync(width, language);
        foreach (var (name, value) in new[]
        {
            ("legal", "Nordlicht Solar GmbH"), ("address", "Hafenstraße 1, 20457 Hamburg"), ("country", "DE"), ("word", "nordlicht"), ("contact", "privacy@nordlicht.example"), ("name", "Ada Byron"),
            ("email", "ada@nordlicht.example"), ("password", "passwordpassword"),
        })
        {
            await page.FillAsync($"[name={name}]", value);
        }

        await page.SelectOptionAsync("[name=language]", language);
        await page.ClickAsync("main button[type=submit]");
        await page.LookAsync(width, language);
        await page.FillAsync("[name=password]", Password);
        await page.ClickAsync("main button[type=submit]");
        await page.ArriveAsync("**/c/nordlicht/overview");

        // A device that asks for a finger, and gets it.
        var device = await page.Context.NewCDPSessionAsync(page);
        await device.SendAsync("WebAuthn.enable");
        await device.SendAsync("WebAuthn.addVirtualAuthenticator", new Dictionary<string, object>
        {
            ["options"] = new Dictionary<string, object>
            {
                ["protocol"] = "ctap2", ["transport"] = "internal", ["hasResidentKey"] = true, ["hasUserVerification"] = true, ["isUserVerified"] = true, ["automaticPresenceSimulation"] = true,
            },
        });
        foreach (var path in (string[])["account", "account/again", "c/nordlicht/team", "c/nordlicht/keys", "c/nordlicht/approvals"])
        {
            await page.GotoAsync($"{root}/{path}");
            await page.LookAsync(width, language);
        }

        await page.GotoAsync(root + "/account");
        await page.FillAsync("form[data-passkey] [name=name]", "laptop");
        await page.ClickAsync("form[data-passkey] button");
        // In the list: the hint beside the field speaks of laptops too.
        await page.WaitForSelectorAsync("ul.rows b:text-is('laptop')");
        await page.ClickAsync("form[action='/account/app/begin'] button");
        await page.ArriveAsync("**/account/app");
        await page.LookAsync(width, language);

        await page.GotoAsync(root + "/c/nordlicht/team");
        await page.FillAsync("form[action$=invite] [name=name]", "Bea Lund");
        await page.FillAsync("form[action$=invite] [name=email]", "bea@nordlicht.example");
        await page.CheckAsync("form[action$=invite] [value=agent]");
        await page.ClickAsync("form[action$=invite] button[type=submit]");
        var invitation = (await page.TextContentAsync("#link"))!.Trim();
        await page.LookAsync(width, language);

        await page.GotoAsync(root + "/account");
        await page.ClickAsync("main form[action='/sign-out'] button");
        await page.ArriveAsync("**/sign-in");
        await page.LookAsync(width);
        await page.ClickAsync("form[data-passkey] button");
        await page.ArriveAsync("**/c/nordlicht/overview");

        // The other person needs no script.
        var other = await browser.OpenAsync(invitation, width, scheme);
        await other.FillAsync("[name=password]", "eleven slow barges pass");
        await other.ClickAsync("main button[type=submit]");
        await other.FillAsync("[name=email]", "bea@nordlicht.example");
        await other.FillAsync("[name=password]", "eleven slow barges pass");
        await other.ClickAsync("form[action='/sign-in'] button[type=submit]");
        await other.ArriveAsync("**/c/nordlicht/overview");
        Assert.Equal(410, (await other.GotoAsync(link))!.Status);
        Assert.Equal(403, (await other.GotoAsync(root + "/c/nordlicht/team"))!.Status);
        await other.Context.CloseAsync();
        await page.Context.CloseAsync();
    }
}
