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
        await page.ArriveAsync("**/overview");

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
        await page.ArriveAsync("**/contacts/*?done=consent");
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
        await page.ArriveAsync("**/contacts/*?done=withdrawn");
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

    [Fact]
    public async Task A_signed_paper_is_scanned_kept_and_taken_along_without_script()
    {
        const int width = 375;
        await using var server = new ServingProcess();
        await server.RunAsync("controller", "add", "ringmuster", "--party", "samples/party-ringmuster.yaml");
        var words = await File.ReadAllTextAsync(Path.Combine(RingfenceProcess.Root, "samples", "wording-offers.yaml"), TestContext.Current.CancellationToken);
        await server.RunAsync("wording", "publish", await server.WriteAsync("paper.yaml", words.Replace("kind: box", "kind: signature", StringComparison.Ordinal)));
        // The first of them wrote the command line down.
        var paper = await server.WriteAsync("paper.docx", "%PDF-1.7\nSigned by Ann Example\n%%EOF\n");
        var evidence = await server.WriteAsync("evidence.yaml", "method: paper\nplace: Counter 3\nrecorder: { kind: staff, ref: mia }\n");
        await server.RunAsync("consent", "record", "+442079460018", "--evidence", evidence, "--wording", "offers", "--shown-in", "en", "--name", "Ann Example", "--scan", paper);
        var page = await browser.OpenAsync(await server.StartAsync("--facts", "samples/standing-facts.yaml"), width, ColorScheme.Light);
        await page.FillAsync("[name=name]", "Mira Okonkwo");
        await page.FillAsync("[name=email]", "mira@ringmuster.example");
        await page.FillAsync("[name=password]", "correct horse battery staple 7");
        await page.ClickAsync("form.login-box button[type=submit]");
        await page.GotoAsync(server.Url + "/c/ringmuster/contacts");
        await page.ClickAsync("th a[href*='/contacts/']");
        var person = page.Url;

        await page.GotoAsync(person + "/consent");
        await page.ClickAsync("main form button[type=submit]");
        await page.Locator("[name=scan][type=file]").WaitForAsync();
        await page.LookAsync(width, script: false);
        await page.ClickAsync("details.more summary");
        await page.FillAsync("[name=device]", "Tablet 3");
        await page.SetInputFilesAsync("[name=scan]", await server.WriteAsync("scan.pdf", "<svg onload='alert(1)'/>"));
        await page.ClickAsync("form[action$='/consent'][enctype] button[type=submit]");
        await page.Locator(".errors a[href='#f-scan']").WaitForAsync();
        Assert.Equal("Tablet 3", await page.InputValueAsync("[name=device]"));
        await page.LookAsync(width, script: false);
        await page.SetInputFilesAsync("[name=scan]", paper);
        await page.ClickAsync("form[action$='/consent'][enctype] button[type=submit]");
        await page.ArriveAsync("**/contacts/*?done=consent");

        Assert.Equal(2, await page.Locator("form[action$='/scan']").CountAsync());
        await page.ClickAsync("details.ev summary >> nth=0");
        await page.LookAsync(width, script: false);
        var download = await page.RunAndWaitForDownloadAsync(() => page.ClickAsync("form[action$='/scan'] button >> nth=0"));
        Assert.Matches("^scan-[0-9]+\\.pdf$", download.SuggestedFilename);
        Assert.Equal(await File.ReadAllBytesAsync(paper, TestContext.Current.CancellationToken), await File.ReadAllBytesAsync(await download.PathAsync(), TestContext.Current.CancellationToken));
        await page.Context.CloseAsync();
    }

    private static async Task LookAsync(IPage page, string language, int width)
    {
        await page.LookAsync(width, language);
        Assert.DoesNotContain("7946", page.Url, StringComparison.Ordinal);
    }
}
