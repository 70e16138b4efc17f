using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Rules;
using Ringfence.Server.Consent.Forms;
using Ringfence.Server.Tests.Consent;
using Ringfence.Server.Tests.Ledger;
using Xunit;

namespace Ringfence.Server.Tests.Gateways;

/// <summary>Every message says how it is ended, and that way ends it.</summary>
public sealed class WaysOutTests
{
    private const string Ann = "ann@example.org";
    private const string Host = "https://acme.example";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_mail_that_came_by_a_real_server_withdraws_by_its_one_click()
    {
        Assert.SkipUnless(File.Exists(RealPathTests.Python) && RealPathTests.Programs.Runs(RealPathTests.Python, "-c", "import aiosmtpd"), "No mail server to try: apt-get install python3-aiosmtpd.");
        var port = RealPathTests.FreePort();
        using var programs = new RealPathTests.Programs();
        var folder = Directory.CreateTempSubdirectory("rf-mail-").FullName;
        var box = Path.Combine(folder, "box");
        programs.Start(RealPathTests.Python, "-m", "aiosmtpd", "-n", "-l", $"127.0.0.1:{port}", "-c", "aiosmtpd.handlers.Mailbox", box);
        await RealPathTests.ListensAsync(port);
        await using var house = await OwnHouse.BuildAsync(null, $$"""
            format: ringfence/channels/v1
            gateways:
              - { name: mail, kind: smtp, host: 127.0.0.1, port: {{port}}, tls: none, from: news@acme.example, unsubscribe: unsubscribe@acme.example }
            """, address: new Uri(Host));
        var form = FormDocument.Read("form.yaml", (await File.ReadAllTextAsync(Path.Combine(Repository.Root, "samples", "form-offers.yaml"), Cancel)).Replace("Ringmuster Ltd", "Acme Ltd", StringComparison.Ordinal));
        await PublishedForms.PublishAsync(house.House.Installation, house.House.Ledger, House.Staff, form, Rulebook.Shipped, Cancel);
        await house.House.SaysAsync(Ann, channels: "email", purposes: "news");
        var path = await house.PathAsync(Ann);

        // They say yes by the code of a mail, and by that very mail they end it.
        var page = await house.Pages.GetAsync(path + "/more", null);
        var asked = await house.Pages.PostAsync(path + "/more", null, ("to", Ann), ("box", OwnHouse.All(page, "box").First(static box => box.EndsWith("/offers/email", StringComparison.Ordinal))));
        await house.Pages.Served.Afterwards.IdleAsync();
        using var mail = MimeKit.MimeMessage.Load(Assert.Single(Directory.GetFiles(Path.Combine(box, "new"))), Cancel);
        var code = Regex.Match(mail.TextBody!, @"\d{5} \d{5}").Value;
        Assert.Equal(HttpStatusCode.SeeOther, (await house.ConfirmAsync(path, asked, code)).Status);
        Assert.DoesNotContain(ReasonCode.Objected, await ReasonsAsync(house));
        Assert.Equal("List-Unsubscribe=One-Click", mail.Headers["List-Unsubscribe-Post"]);
        Assert.Contains($"Your choices: {Host}/{path}", mail.TextBody, StringComparison.Ordinal);
        var ways = Regex.Matches(mail.Headers["List-Unsubscribe"]!, "<([^>]+)>").Select(static way => way.Groups[1].Value).ToList();
        Assert.Equal("mailto:unsubscribe@acme.example?subject=stop%20" + ways[1].Split('/')[^1], ways[0]);
        Assert.StartsWith(Host + "/u/acme/", ways[1], StringComparison.Ordinal);
        Assert.Equal(2, ways.Count);
        var size = await house.Pages.SizeAsync();
        Assert.Equal(HttpStatusCode.OK, (await house.Pages.GetAsync(ways[1][(Host.Length + 1)..], null)).Status);
        Assert.Equal(size, await house.Pages.SizeAsync());
        using var click = new StringContent("List-Unsubscribe=One-Click", Encoding.ASCII, "application/x-www-form-urlencoded");
        Assert.Equal(HttpStatusCode.OK, (await house.Pages.SendAsync(HttpMethod.Post, ways[1][(Host.Length + 1)..], null, click, ("Origin", "https://mail.example"), ("Sec-Fetch-Site", "cross-site"))).Status);
        Assert.Contains(ReasonCode.Objected, await ReasonsAsync(house));
        programs.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Links_stand_in_mails_to_whom_somebody_knows_and_lead_where_the_house_says_whatever_the_request_did()
    {
        await using var house = await OwnHouse.BuildAsync(null, address: new Uri(Host));
        await house.House.SaysAsync(Ann, channels: "email");
        var path = await house.PathAsync(Ann);
        await house.Pages.SendAsync(HttpMethod.Post, path + "/code", null, new FormUrlEncodedContent([]), ("Host", "evil.example"));
        await house.Pages.PostAsync("why/acme", null, ("to", "nobody@example.org"));
        Assert.Equal([Ann, "nobody@example.org"], house.Folder.Messages().Select(static message => message.GetProperty("to").GetString()));
        var (known, unknown) = (house.Folder.Messages()[0], house.Folder.Messages()[1]);
        Assert.StartsWith(Host + "/u/acme/", known.GetProperty("oneClick").GetString(), StringComparison.Ordinal);
        Assert.Contains($"{Host}/{path}", known.GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain("evil", known.GetRawText(), StringComparison.Ordinal);
        Assert.False(unknown.TryGetProperty("oneClick", out _));
        Assert.DoesNotContain("/p/", unknown.GetProperty("text").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("inbound:\n  - { kind: kannel, controller: acme, secret-env: IN }\n", true)]
    [InlineData("inbound:\n  - { kind: kannel, controller: other, secret-env: IN }\n", false)]
    public async Task A_text_names_the_word_that_ends_it_where_somebody_would_hear_it(string inbound, bool isNamed)
    {
        await using var house = await OwnHouse.BuildAsync(null, GatewayFolder.Files + inbound + "codes: { places: [GB] }\n");
        await house.House.SaysAsync(OwnHouse.Ann);
        await house.Pages.PostAsync(await house.PathAsync(OwnHouse.Ann) + "/code", null);
        Assert.Equal(isNamed, Assert.Single(house.Folder.Messages()).GetProperty("text").GetString()!.EndsWith(" To stop all: reply STOP.", StringComparison.Ordinal));
    }

    [Fact]
    public void An_address_that_no_no_would_be_heard_at_is_refused()
    {
        using var folder = new GatewayFolder();
        const string yaml = "format: ringfence/channels/v1\ngateways:\n  - { name: mail, kind: smtp, host: h, tls: none, from: a@acme.example, unsubscribe: WHERE }\n";
        Assert.Throws<RuleFileException>(() => folder.Open(yaml.Replace("WHERE", "news@acme.example", StringComparison.Ordinal)));
        using var read = folder.Open(yaml.Replace("WHERE", "unsubscribe+acme@acme.example", StringComparison.Ordinal));
    }

    private static async Task<IReadOnlyList<ReasonCode>> ReasonsAsync(OwnHouse house) => await house.DecideAsync(Ann, Channel.Email, "offers") switch
    {
        Verdict.Refused refused => [.. refused.Reasons.Select(static reason => reason.Code)],
        Verdict.Deferred deferred => [.. deferred.Reasons.Select(static reason => reason.Code)],
        _ => [],
    };
}
