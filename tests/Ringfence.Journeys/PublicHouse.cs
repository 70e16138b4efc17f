using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Playwright;
using Xunit;

namespace Ringfence.Journeys;

/// <summary>The program, serving a firm whose messages go into a folder, as the people who are contacted and the staff meet it.</summary>
public sealed class PublicHouse : IAsyncLifetime
{
    private const string Mail = "mira@ringmuster.example";
    private const string Password = "correct horse battery staple 7";
    private const string Secret = "what is typed in at google";

    private readonly ServingProcess server = new();
    private readonly Outbox outbox;
    private readonly HttpClient http = new();
    private string link = "";

    public PublicHouse() => outbox = new(Path.Combine(server.Folder, "outbox"));

    /// <summary>Where it is, as browsers reach it.</summary>
    public string Url => server.Url;

    /// <summary>What an auditor pins.</summary>
    private string Policy => Path.Combine(server.Folder, "policy");

    public async ValueTask InitializeAsync()
    {
        // All of them come from one machine, and their numbers are neighbours. One code goes to a browser that did no work for it: the walk without script.
        await server.WriteAsync("channels.yaml", """
            format: ringfence/channels/v1
            gateways:
              - { name: folder, kind: file, folder: outbox }
            inbound:
              - kind: google-leads
                controller: ringmuster
                secret-file: google.secret
                forms:
                  - { form: news-en@1, language: en, lead-forms: ["1"], fields: { phone: PHONE_NUMBER }, boxes: { offers-sms: { question: may_we_text_you, yes: ["Yes"] } } }
                  - { form: news-zh-hans@1, language: zh-Hans, lead-forms: ["2"], fields: { phone: PHONE_NUMBER }, boxes: { offers-sms: { question: may_we_text_you, yes: ["Yes"] } } }
                  - { form: news-zh-hant@1, language: zh-Hant, lead-forms: ["3"], fields: { phone: PHONE_NUMBER }, boxes: { offers-sms: { question: may_we_text_you, yes: ["Yes"] } } }
            codes: { places: [GB], per-source-and-hour: 1000, per-prefix-and-hour: 1000, work: 4, without-work: 1 }
            """);
        await server.WriteAsync("google.secret", Secret);
        var settings = await server.WriteAsync("ringfence.yaml", "channels: channels.yaml\n");
        await server.RunAsync("controller", "add", "ringmuster", "--party", "samples/party-ringmuster.yaml");
        var key = await server.RunAsync("keys", "api", "add", "walk", "--scopes", "decide,permit", "--quiet");
        await File.WriteAllTextAsync(Policy, await server.RunAsync("ledger", "policy"));

        http.BaseAddress = new Uri(Url + "/api/v1/");
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key.Trim());
        link = await server.StartAsync("--facts", "samples/standing-facts.yaml", "--public-url", Url, "--config", settings);
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await server.DisposeAsync();
    }

    /// <summary>A browser in which the privacy officer is signed in, and is spoken to in a language. Whoever comes first makes the account.</summary>
    public async Task<IPage> SignInAsync(Browser browser, int width, string language, bool script)
    {
        if (link.Length > 0)
        {
            var first = await browser.OpenAsync(link, width, ColorScheme.Light, script, language);
            await first.FillAsync("[name=name]", "Mira Okonkwo");
            await first.FillAsync("[name=email]", Mail);
            await first.FillAsync("[name=password]", Password);
            await first.ClickAsync("form.login-box button[type=submit]");
            await first.ArriveAsync("**/overview");
            await first.Context.CloseAsync();
            link = "";
        }

        var page = await browser.OpenAsync(Url + "/sign-in", width, ColorScheme.Light, script, language);
        await page.FillAsync("input[name=email]", Mail);
        await page.FillAsync("input[name=password]", Password);
        await page.ClickAsync("form[action='/sign-in'] button");
        await page.ArriveAsync("**/c/ringmuster/**");
        await page.GotoAsync(Url + "/account");
        await page.SelectOptionAsync("#language", language);
        await page.ClickAsync("form[action='/account/me'] button[type=submit]");
        await page.WaitForSelectorAsync($"html[lang={language}]");
        return page;
    }

    /// <summary>The next message to a number or address that nobody has read yet, once it is there.</summary>
    public Task<JsonElement> NextAsync(string to) => outbox.NextAsync(to);

    /// <summary>The code in the next message to a number or address.</summary>
    public Task<string> CodeAsync(string to) => outbox.CodeAsync(to);

    /// <summary>What the gate answers of a number or address, and why: the verdict, and the code of the reason that decides it.</summary>
    public async Task<(string Verdict, string? Reason)> AskAsync(string to, string channel)
    {
        var answer = await PostAsync("decisions", new { to, channel, purpose = "offers" }, HttpStatusCode.OK);
        return (answer.GetProperty("verdict").GetString()!, answer.GetProperty("reasons").EnumerateArray().Select(static reason => reason.GetProperty("code").GetString()).FirstOrDefault());
    }

    /// <summary>Makes one contact, as a program in front of a gateway does: a permit, its use, and what became of it.</summary>
    public async Task ContactAsync(string to, string channel)
    {
        var permit = (await PostAsync("permits", new { to, channel, purpose = "offers" }, HttpStatusCode.Created)).GetProperty("permit").GetString();
        await PostAsync($"permits/{permit}/redeem", new { }, HttpStatusCode.OK);
        await PostAsync($"permits/{permit}/outcome", new { outcome = "delivered" }, HttpStatusCode.OK);
    }

    /// <summary>Does what a social network does when somebody fills in a form of it.</summary>
    public async Task LeadAsync(int form, string phone)
    {
        using var network = new HttpClient();
        object[] answers = [new { column_id = "PHONE_NUMBER", string_value = phone }, new { column_id = "may_we_text_you", string_value = "Yes" }];
        using var answer = await network.PostAsJsonAsync(Url + "/hooks/google-leads/ringmuster", new { lead_id = phone, form_id = form, google_key = Secret, user_column_data = answers }, TestContext.Current.CancellationToken);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>Does what a mail program does with the address that a message carries for it: RFC 8058.</summary>
    public async Task ClickAsync(Uri address)
    {
        using var mailProgram = new HttpClient();
        using var click = new FormUrlEncodedContent([new("List-Unsubscribe", "One-Click")]);
        using var answer = await mailProgram.PostAsync(address, click, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    /// <summary>Saves what a click downloads, a receipt, and has it checked by the auditor's program.</summary>
    /// <returns>Where it lies.</returns>
    public async Task<string> VerifyAsync(IPage page, string button)
    {
        var receipt = Path.Combine(server.Folder, Path.GetRandomFileName());
        await (await page.RunAndWaitForDownloadAsync(() => page.ClickAsync(button))).SaveAsAsync(receipt);
        // Nobody outside has seen this ledger yet: all of it agrees, and that is what 3 says.
        Assert.Equal((3, true), await CheckAsync(receipt));
        return receipt;
    }

    /// <summary>Has it say more than they agreed to; then it does not stand.</summary>
    public async Task ForgeAsync(string receipt)
    {
        var forged = await File.ReadAllTextAsync(receipt, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(receipt, forged.Replace("4 times a month", "9 times a month", StringComparison.Ordinal).Replace("每月最多 4 次", "每月最多 9 次", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        Assert.Equal((1, false), await CheckAsync(receipt));
    }

    private async Task<(int Exit, bool IsWhole)> CheckAsync(string receipt)
    {
        var start = new ProcessStartInfo("dotnet", [RingfenceProcess.Verifier, "receipt", receipt, "--policy", Policy]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, (await output + await errors).Contains("\"failed\":[]", StringComparison.Ordinal));
    }

    private async Task<JsonElement> PostAsync(string path, object body, HttpStatusCode expected)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body), Headers = { { "Idempotency-Key", Guid.NewGuid().ToString() } } };
        using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.StatusCode == expected, $"{path}: {answer.StatusCode} {text}");
        return JsonSerializer.Deserialize<JsonElement>(text);
    }
}
