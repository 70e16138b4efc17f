using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Xunit;

namespace Ringfence.Journeys;

/// <summary>The whole way of a yes and a no, on a phone, in each language, with script and without: staff make a form, a person agrees, is contacted, changes their mind, asks why, stops it, comes back, asks for their data and complains. What is done at a page is seen at the gate.</summary>
public sealed partial class PublicJourney(Browser browser, PublicHouse house) : IClassFixture<PublicHouse>
{
    private const int Phone = 375;
    private const string Go = "main form button.btn-1";

    private string language = "en";
    private bool script;

    [Theory]
    [InlineData("en", true, 1)]
    [InlineData("zh-Hans", false, 2)]
    [InlineData("zh-Hant", true, 3)]
    public async Task A_form_is_answered_and_whoever_agreed_has_the_last_word(string tongue, bool withScript, int number)
    {
        (language, script) = (tongue, withScript);
        var (phone, mail, stranger, form) = ($"+44740012345{number}", $"ann{number}@example.org", $"+44740012399{number}", "news-" + language.ToLowerInvariant());
        var staff = await house.SignInAsync(browser, Phone, language, script);
        await MakeFormAsync(staff, form);
        await PublishNoticeAsync(staff);

        await AgreeAsync(form, phone, mail);
        Assert.Equal(("allowed", null), await house.AskAsync(phone, "sms"));
        await house.ContactAsync(phone, "sms");

        var link = await SendLinkAsync(staff, phone);
        await ChangeAsync(link, phone);
        await AskWhyAndStopAsync(phone);
        Assert.Equal(("refused", "objected"), await house.AskAsync(phone, "sms"));
        await SeeRefusedAsync(staff);
        await ComeBackAsync(link, phone);
        Assert.Equal(("allowed", null), await house.AskAsync(phone, "sms"));

        await AskForDataAsync(mail, await ReadNoticeAsync());
        await ComplainAsync(stranger);
        await ConfirmLeadAsync(number, $"+44740012388{number}");
    }

    private async Task MakeFormAsync(IPage page, string form)
    {
        await page.GotoAsync(house.Url + "/c/ringmuster/forms");
        await SeeAsync(page);
        await page.ClickAsync(".page-head a.btn-1");
        foreach (var (name, value) in new[]
        {
            ("id", form), ("version", "1"), ("sender", "Ringmuster Ltd"), ("offered-in", "GB, SG, TW"), ("notice-page", "https://ringmuster.example/privacy"), ("notice-version", "3"), ("stop-page", "https://ringmuster.example/stop"), ("stop-steps", "2"),
            ("p.0.about.en", "offers for kitchen appliances"), ("p.0.about.zh-Hans", "厨房电器的优惠"), ("p.0.about.zh-Hant", "廚房電器的優惠"),
            ("b.0.text.en", "May we tell you about kitchens?"), ("b.0.text.zh-Hans", "可以向您介绍厨房产品吗？"), ("b.0.text.zh-Hant", "可以向您介紹廚房產品嗎？"),
        })
        {
            await page.FillAsync($"[name=\"{name}\"]", value);
        }

        // An e-mail box has nothing to be about; the check says so beside it, and the field that is added mends it.
        await page.ClickAsync("button[value=add-box]");
        await page.FillAsync("[name=\"b.3.name\"]", "offers-email");
        await page.SelectOptionAsync("[name=\"b.3.channel\"]", "email");
        await page.ClickAsync(".btn[value=look]");
        const string Box = "fieldset:has([name=\"b.3.name\"])";
        await page.WaitForSelectorAsync(Box + " code:text('point-not-asked')");
        Assert.Equal(0, await page.Locator("button[value=publish]").CountAsync());
        await SeeAsync(page, "01-refused", Box);
        await page.ClickAsync("button[value=add-field]");
        await page.ClickAsync("button[value=\"up 4\"]");
        await page.ClickAsync("button[value=publish]");
        await page.WaitForSelectorAsync("svg.qr");
        await SeeAsync(page, "02-steps", "section[aria-labelledby=steps]");
        await SeeAsync(page, "03-share", "section[aria-labelledby=share]");
        Assert.Contains($"/f/ringmuster/{form}", await page.InnerTextAsync("section[aria-labelledby=share]"), StringComparison.Ordinal);
    }

    // What nobody can know stands in no notice before somebody says it. One is for all languages.
    private async Task PublishNoticeAsync(IPage page)
    {
        await page.GotoAsync(house.Url + "/c/ringmuster/settings/notice");
        if (await page.Locator("a[href^='/n/ringmuster']").CountAsync() > 0)
            return;
        await SeeAsync(page);
        await page.FillAsync("[name=version]", "1");
        await page.FillAsync("[name=storage]", "GB");
        await page.SelectOptionAsync("[name=\"p.0.basis\"]", "consent");
        foreach (var what in new[] { "contact-data", "consent-proof", "contact-records", "refusals" })
        {
            await page.SelectOptionAsync($"[name=\"t.{what}.time\"]", what == "refusals" ? "" : "P3Y");
            await page.SelectOptionAsync($"[name=\"t.{what}.from\"]", what == "refusals" ? "while-contacting" : "end-of-consent");
            await page.SelectOptionAsync($"[name=\"t.{what}.then\"]", "deleted");
        }

        await page.ClickAsync(".btn[value=look]");
        await page.ClickAsync("button[value=publish]");
        await page.WaitForSelectorAsync("a[href^='/n/ringmuster']");
        await SeeAsync(page);
    }

    private async Task AgreeAsync(string form, string phone, string mail)
    {
        var page = await OpenAsync($"{house.Url}/f/ringmuster/{form}?lang={language}");
        await SeeAsync(page, "04-form");
        Assert.Equal(0, await page.Locator("input:checked").CountAsync());
        await page.CheckAsync("input[value=offers-sms]");
        await page.CheckAsync("input[value=offers-email]");
        await page.ClickAsync(Go);
        await page.WaitForSelectorAsync("[aria-invalid=true]");
        await SeeAsync(page, "05-mistake");
        Assert.True(await page.IsCheckedAsync("input[value=offers-sms]"));
        await page.FillAsync("[name=phone]", phone);
        await page.FillAsync("[name=email]", mail);
        await page.ClickAsync(Go);
        await page.WaitForSelectorAsync("#code-1");
        await SeeAsync(page, "06-code");
        // Nothing counts before the code is told.
        Assert.Equal("refused", (await house.AskAsync(phone, "sms")).Verdict);
        foreach (var index in new[] { 0, 1 })
            await page.FillAsync($"#code-{index}", await house.CodeAsync(await page.InputValueAsync($"[name=\"to.{index}\"]")));
        await page.ClickAsync(Go);
        await page.WaitForSelectorAsync("main:not(:has(form))");
        await SeeAsync(page, "07-confirmed");
        await page.Context.CloseAsync();
    }

    // Filled in elsewhere: what brings the code leads to where it is told.
    private async Task ConfirmLeadAsync(int form, string phone)
    {
        await house.LeadAsync(form, phone);
        Assert.Equal("refused", (await house.AskAsync(phone, "sms")).Verdict);
        var page = await OpenAsync(Link().Match((await house.NextAsync(phone)).GetProperty("text").GetString()!).Value);
        await SeeAsync(page, "18-lead");
        await page.FillAsync("[name=code]", "00000 00000");
        await page.ClickAsync(Go);
        await page.WaitForSelectorAsync("[aria-invalid=true]");
        await SeeAsync(page);
        await page.ClickAsync("form[action*='/code'] button");
        await page.WaitForSelectorAsync(".notice-ok");
        await SeeAsync(page);
        Assert.Equal("refused", (await house.AskAsync(phone, "sms")).Verdict);
        await page.FillAsync("[name=code]", await house.CodeAsync(phone));
        await page.ClickAsync(Go);
        await page.ArriveAsync("**done=agreed**");
        await SeeAsync(page);
        Assert.Equal(("allowed", null), await house.AskAsync(phone, "sms"));
        await page.Context.CloseAsync();
    }

    // Staff find the person by the number and send them the link to their own page.
    private async Task<string> SendLinkAsync(IPage page, string phone)
    {
        await page.GotoAsync(house.Url + "/c/ringmuster/contacts");
        await page.FillAsync("main #q", phone);
        await page.PressAsync("main #q", "Enter");
        await page.ClickAsync("main a[href$='/own-page'], main table tbody a[href*='/contacts/']");
        if (!page.Url.EndsWith("/own-page", StringComparison.Ordinal))
        {
            await page.WaitForSelectorAsync("main a[href$='/own-page']");
            await page.ClickAsync("main a[href$='/own-page']");
        }

        await page.CheckAsync("[name=asked]");
        await page.ClickAsync("button[value=send]");
        await page.WaitForSelectorAsync(".notice-ok");
        await SeeAsync(page);
        Assert.DoesNotContain(phone[1..], page.Url, StringComparison.Ordinal);
        return Link().Match((await house.NextAsync(phone)).GetProperty("text").GetString()!).Value;
    }

    // Staff ask the gate on the person's page, and are told why not.
    private async Task SeeRefusedAsync(IPage page)
    {
        await page.GotoAsync(page.Url[..page.Url.IndexOf("/own-page", StringComparison.Ordinal)]);
        await page.SelectOptionAsync("form.ask [name=channel]", "sms");
        await page.FillAsync("form.ask [name=purpose]", "offers");
        await page.ClickAsync("form.ask button[type=submit]");
        await page.WaitForSelectorAsync(".verdict-no");
        await SeeAsync(page, "11-decision", ".verdict-no");
        await page.Context.CloseAsync();
    }

    private async Task ChangeAsync(string link, string phone)
    {
        var page = await OpenAsync(link);
        await SeeAsync(page, "08-choices");
        await WishAsync(page, from: "36000", until: "64800", often: "1-P1M", pause: "P1M");
        await page.ArriveAsync("**done=saved**");
        await SeeAsync(page);
        Assert.Equal(("deferred", "preference"), await house.AskAsync(phone, "sms"));

        // By the link alone there is only less. Whoever tells the code ends the pause.
        await page.ClickAsync("form[action*='/code'] button");
        await page.WaitForSelectorAsync("[name=code]");
        await SeeAsync(page);
        await page.FillAsync("[name=code]", await house.CodeAsync(phone));
        await page.ClickAsync(Go);
        await page.WaitForSelectorAsync("form[action*='/history']");
        await SeeAsync(page);
        await WishAsync(page, from: "0", until: "86400", often: "", pause: "");
        await page.WaitForSelectorAsync(".notice-ok");
        await SeeAsync(page);
        Assert.Equal(("allowed", null), await house.AskAsync(phone, "sms"));
        await page.ClickAsync("form[action*='/history'] button");
        await page.WaitForSelectorAsync("form[action*='/receipt']");
        await SeeAsync(page, "09-history");
        await house.ForgeAsync(await house.VerifyAsync(page, "form[action*='/receipt'] button >> nth=0"));
        await page.Context.CloseAsync();
    }

    private static async Task WishAsync(IPage page, string from, string until, string often, string pause)
    {
        foreach (var (name, value) in new[] { ("from", from), ("until", until), ("often", often), ("pause", pause) })
            await page.SelectOptionAsync($"[name={name}]", value);
        await page.ClickAsync(Go);
    }

    private async Task AskWhyAndStopAsync(string phone)
    {
        var page = await OpenAsync($"{house.Url}/why/ringmuster?lang={language}");
        await SeeAsync(page);
        await page.FillAsync("[name=to]", phone);
        await page.ClickAsync(Go);
        await page.WaitForSelectorAsync("[name=code]");
        await SeeAsync(page);
        await page.FillAsync("[name=code]", await house.CodeAsync(phone));
        await page.ClickAsync(Go);
        await page.WaitForSelectorAsync("form.stop");
        await SeeAsync(page, "10-why");
        Assert.Contains("https://ringmuster.example/stop", await page.InnerTextAsync("blockquote.words"), StringComparison.Ordinal);
        Assert.Equal(language, await page.GetAttributeAsync("blockquote.words", "lang"));
        _ = await house.VerifyAsync(page, "form[action*='/receipt'] button");
        await page.ClickAsync("form.stop button");
        await page.WaitForSelectorAsync(".notice-ok");
        await SeeAsync(page, "11-stopped");
        await page.Context.CloseAsync();
    }

    // Only they themselves open what they stopped: they see the words again, and tell a code.
    private async Task ComeBackAsync(string link, string phone)
    {
        var page = await OpenAsync(link);
        Assert.Equal(0, await page.Locator("form.stop").CountAsync());
        await SeeAsync(page);
        await page.ClickAsync("a[href*='/more']");
        await page.WaitForSelectorAsync("input[name=box]");
        Assert.Equal(0, await page.Locator("input:checked").CountAsync());
        await SeeAsync(page, "12-again");
        await page.FillAsync("[name=to]", phone);
        await page.CheckAsync("input[name=box][value$='/offers/sms'] >> nth=0");
        await page.ClickAsync(Go);
        await page.WaitForSelectorAsync("[name=code]");
        await page.FillAsync("[name=code]", await house.CodeAsync(phone));
        await page.ClickAsync(Go);
        await page.WaitForSelectorAsync(".notice-ok");
        await SeeAsync(page);
        await page.Context.CloseAsync();
    }

    private async Task<IPage> ReadNoticeAsync()
    {
        var page = await OpenAsync($"{house.Url}/n/ringmuster?lang={language}");
        await SeeAsync(page, "13-notice");
        return page;
    }

    private async Task AskForDataAsync(string mail, IPage page)
    {
        await page.GotoAsync($"{house.Url}/r/ringmuster?lang={language}");
        await SeeAsync(page, "14-rights");
        await page.CheckAsync("[name=what][value=access]");
        await page.FillAsync("[name=to]", mail);
        await page.ClickAsync(Go);
        await page.WaitForSelectorAsync("[name=code]");
        await SeeAsync(page, "15-request");
        await page.FillAsync("[name=code]", await house.CodeAsync(mail));
        await page.ClickAsync(Go);
        await page.ArriveAsync("**done=shown**");
        await SeeAsync(page, "16-status");
        var number = (await page.InnerTextAsync("h1")).Split().Single(static word => word.StartsWith("R-", StringComparison.Ordinal));

        // The acknowledgement names the request and where it stands, and carries what a mail program's own button posts to.
        var acknowledged = await house.NextAsync(mail);
        Assert.Contains(number, acknowledged.GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.Contains($"{house.Url}/r/ringmuster/status/", acknowledged.GetProperty("text").GetString(), StringComparison.Ordinal);
        var click = new Uri(acknowledged.GetProperty("oneClick").GetString()!);
        await page.GotoAsync(click.AbsoluteUri + "?lang=" + language);
        await SeeAsync(page);
        // What they stopped by their telephone is stopped at their address: they showed both to be theirs. It can be said once more.
        Assert.Equal(("refused", "objected"), await house.AskAsync(mail, "email"));
        await house.ClickAsync(click);
        Assert.Equal(("refused", "objected"), await house.AskAsync(mail, "email"));
        await page.GotoAsync(click.AbsoluteUri + "?lang=" + language);
        Assert.Equal(0, await page.Locator("form.stop").CountAsync());
        await SeeAsync(page);
        await page.Context.CloseAsync();
    }

    private async Task ComplainAsync(string stranger)
    {
        Assert.NotEqual("suppressed", (await house.AskAsync(stranger, "sms")).Reason);
        var page = await OpenAsync($"{house.Url}/r/ringmuster?lang={language}");
        await page.CheckAsync("[name=what][value=complaint]");
        await page.FillAsync("[name=to]", stranger);
        await page.FillAsync("[name=text]", "…");
        await page.ClickAsync(Go);
        await page.WaitForSelectorAsync(".notice-ok");
        await SeeAsync(page, "17-complaint");
        Assert.Equal(("refused", "suppressed"), await house.AskAsync(stranger, "sms"));
        await page.Context.CloseAsync();
    }

    [GeneratedRegex(@"http://\S+")]
    private static partial Regex Link();

    private Task<IPage> OpenAsync(string path) => browser.OpenAsync(path, Phone, ColorScheme.Light, script, language);

    private Task SeeAsync(IPage page, string? name = null, string? part = null) => page.LookAsync(Phone, language, name, script, part);
}
