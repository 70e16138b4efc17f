using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using NodaTime;
using Ringfence.Gate;
using Ringfence.Gateways;
using Ringfence.Ledger;
using Ringfence.Numbers;
using Ringfence.People;
using Ringfence.Rules;
using Ringfence.Server.Gateways;
using Ringfence.Server.Ledger;
using Ringfence.Server.People;
using Ringfence.Server.Suppression;
using Ringfence.Server.Tests.Bridges;
using Ringfence.Server.Tests.Ledger;
using Xunit;

namespace Ringfence.Server.Tests.Gateways;

/// <summary>What providers report later of a message: a block and a complaint close the channel, once; nothing else changes anything, and nobody is believed who can't know.</summary>
public sealed class ReportTests : IDisposable
{
    internal const string Ways = """
        format: ringfence/channels/v1
        reach: { networks: [127.0.0.0/8], http: loopback }
        gateways:
          - { name: texts, kind: kannel, url: "http://127.0.0.1:9/cgi-bin/sendsms", user: u, password-env: PASSWORD, from: "85290000000", reports: "http://127.0.0.1:5080", blocked: ["045", "0x0000000b"] }
          - { name: mail, kind: smtp, host: 127.0.0.1, port: 9, tls: none, from: news@acme.example, blocked: ["5.7.1"] }
          - { name: files, kind: file, folder: out, channels: [whatsapp] }
        inbound:
          - { kind: kannel, controller: acme, secret-env: IN, confirm: true }
          - { kind: mail, controller: acme, secret-env: IN }
          - { kind: missed-call, controller: acme, secret-env: IN }
          - { kind: whatsapp, controller: acme, secret-env: IN, verify-env: VERIFY, confirm: true }

        """;

    private const string Ann = BridgeHouse.Ann;
    private const string Bea = "bea@example.org";
    private const string Refused = "id:1 sub:001 dlvrd:000 submit date:2706091000 done date:2706091001 stat:UNDELIV err:045 text:";

    private readonly GatewayFolder folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    internal static ContactPoint Point(string text) => ContactPoint.TryRead(text, Region.None, out var point) ? point : throw new ArgumentException(text);

    internal static string Seal(BridgeHouse house, string point, string controller = "acme", TimeSpan ago = default) =>
        house.House.Installation.Seals.Seal(controller, point.Contains('@', StringComparison.Ordinal) ? Channel.Email : Channel.Sms, Point(point), Instant.FromDateTimeOffset(house.Time.GetUtcNow() - ago));

    internal static async Task<HttpStatusCode> KannelAsync(HttpClient client, string token, string status, string answer, string controller = "acme", HttpMethod? method = null)
    {
        using var request = new HttpRequestMessage(method ?? HttpMethod.Get, $"hooks/kannel/{controller}/report/{token}?status={status}&answer={Uri.EscapeDataString(answer)}");
        using var response = await client.SendAsync(request, Cancel);
        return response.StatusCode;
    }

    internal static async Task<HttpStatusCode> PostAsync(HttpClient client, string path, string body, string media, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(media);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        using var response = await client.SendAsync(request, Cancel);
        return response.StatusCode;
    }

    internal static Task<HttpStatusCode> MailAsync(HttpClient client, string mail) => PostAsync(client, $"hooks/mail/acme/{GatewayFolder.Secret}", mail.ReplaceLineEndings("\r\n"), "message/rfc822");

    internal static Task<HttpStatusCode> WhatsappAsync(HttpClient client, string value)
    {
        var body = $$"""{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{{value}}}]}]}""";
        return PostAsync(client, "hooks/whatsapp/acme", body, "application/json", ("X-Hub-Signature-256", "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(GatewayFolder.Secret), Encoding.UTF8.GetBytes(body)))));
    }

    /// <summary>A report that a mail did not arrive, as RFC 3464 has it.</summary>
    internal static string Bounce(string? token, string status, string action = "failed", string part = "message/rfc822") => $"""
        From: Mail Delivery <mailer-daemon@example.org>
        To: news@acme.example
        Subject: unsubscribe
        Auto-Submitted: auto-replied
        MIME-Version: 1.0
        Content-Type: multipart/report; report-type=delivery-status; boundary="b"

        --b
        Content-Type: text/plain

        stop
        --b
        Content-Type: message/delivery-status

        Reporting-MTA: dns; mx.example.org

        Final-Recipient: rfc822; bea@example.org
        Action: {action}
        Status: {status}
        Diagnostic-Code: smtp; 550 {status} no

        --b
        Content-Type: {part}

        {(token is null ? "X-Other: x" : "X-Ringfence-Report: " + token)}
        From: news@acme.example
        To: bea@example.org
        Subject: offers

        Hello
        --b--

        """;

    /// <summary>A report that somebody called a mail abuse, as RFC 5965 has it.</summary>
    internal static string Complaint(string? token, string type = "abuse") => $"""
        From: <abusedesk@example.com>
        To: <abuse@acme.example>
        Subject: FW: offers
        MIME-Version: 1.0
        Content-Type: multipart/report; report-type=feedback-report; boundary="b"

        --b
        Content-Type: text/plain

        This is an email abuse report.
        --b
        Content-Type: message/feedback-report

        Feedback-Type: {type}
        User-Agent: SomeGenerator/1.0
        Version: 1
        Original-Rcpt-To: bea@example.org

        --b
        Content-Type: message/rfc822

        {(token is null ? "X-Other: x" : "X-Ringfence-Report: " + token)}
        From: news@acme.example
        Subject: offers

        Hello
        --b--

        """;

    private async Task<BridgeHouse> HouseAsync()
    {
        var house = await BridgeHouse.BuildAsync(also: InboundHooks.Map, gateways: folder.Open(Ways));
        await house.YesAsync();
        Assert.Equal("allowed", await house.VerdictAsync("sms"));
        return house;
    }

    private static async Task<(ChannelSet Closed, SuppressedBy? By)> ClosedAsync(BridgeHouse house, string point) =>
        await house.House.SuppressionsAsync(point) is [var row] ? ((ChannelSet)row.Channels, (SuppressedBy)row.By) : (ChannelSet.None, null);

    private static async Task LiftAsync(BridgeHouse house, string point) => await house.House.DoAsync(
        LiftCommand.AsError(House.Staff, house.House.Tags(point), Assert.Single(await house.House.SuppressionsAsync(point)).Seq!.Value, "eve", """{"reason":"slip"}"""u8.ToArray()));

    [Fact]
    public async Task A_block_that_the_carrier_reports_closes_text_messages_once()
    {
        await using var house = await HouseAsync();
        var token = Seal(house, Ann);
        Assert.Equal(HttpStatusCode.OK, await KannelAsync(house.Client, token, "2", Refused));
        Assert.Equal((ChannelSet.Sms, SuppressedBy.Platform), await ClosedAsync(house, Ann));
        Assert.Equal(("refused", "allowed"), (await house.VerdictAsync("sms"), await house.VerdictAsync("voice")));
        // The person's own page of events tells it, and a report that comes again is no other.
        Assert.Contains((await house.House.FindAsync(Ann))!.Person.Records, static record => record.Type == RecordType.SuppressionAdded);
        await LiftAsync(house, Ann);
        var size = await house.House.SizeAsync();
        Assert.Equal(HttpStatusCode.OK, await KannelAsync(house.Client, token, "2", Refused));
        Assert.Equal(size, await house.House.SizeAsync());
        // Of another message it is another: what the carrier did not even take.
        Assert.Equal(HttpStatusCode.OK, await KannelAsync(house.Client, Seal(house, Ann), "16", "NACK/0x0000000B/Blocked"));
        Assert.Equal((ChannelSet.Sms, SuppressedBy.Platform), await ClosedAsync(house, Ann));
    }

    [Theory]
    [InlineData("1", "id:1 stat:DELIVRD err:045 text:")]
    [InlineData("2", "id:1 stat:UNDELIV err:001 text:")]
    [InlineData("2", "id:1 stat:UNDELIV err:0450 text:")]
    [InlineData("2", "")]
    [InlineData("4", Refused)]
    [InlineData("8", Refused)]
    [InlineData("16", "NACK/0x0000000c/")]
    [InlineData("16", "NACK/")]
    [InlineData("-2", Refused)]
    [InlineData("99999999999", Refused)]
    [InlineData("%25d", "%25A")]
    [InlineData("2", "err:")]
    public async Task Whatever_else_the_carrier_reports_changes_nothing(string status, string answer)
    {
        await using var house = await HouseAsync();
        var size = await house.House.SizeAsync();
        Assert.Equal(HttpStatusCode.OK, await KannelAsync(house.Client, Seal(house, Ann), status, answer));
        Assert.Equal(size, await house.House.SizeAsync());
        Assert.Equal("allowed", await house.VerdictAsync("sms"));
    }

    [Fact]
    public async Task A_report_that_was_not_asked_for_is_believed_by_nobody()
    {
        await using var house = await HouseAsync();
        await house.House.Installation.AddControllerAsync("other", "ledger.example/other", House.Acme, Cancel);
        var size = await house.House.SizeAsync();
        var token = Seal(house, Ann);
        for (var at = 0; at < token.Length; at++)
            Assert.Equal((at, HttpStatusCode.Forbidden), (at, await KannelAsync(house.Client, token[..at] + (token[at] == 'A' ? 'B' : 'A') + token[(at + 1)..], "2", Refused)));
        foreach (var bad in (string[])["x", token[..^1], token + "A", token.ToUpperInvariant(), Seal(house, Bea), Seal(house, Ann, "other"), house.House.Installation.Links.Make("acme", LinkAct.Stop, default), new string('A', 5_000)])
            Assert.Equal(HttpStatusCode.Forbidden, await KannelAsync(house.Client, bad, "2", Refused));
        Assert.Equal(HttpStatusCode.Forbidden, await KannelAsync(house.Client, token, "2", Refused, "other"));
        // Only as Kannel asks, and not a week later.
        foreach (var method in (HttpMethod[])[HttpMethod.Head, HttpMethod.Post, HttpMethod.Options])
            Assert.NotEqual(HttpStatusCode.OK, await KannelAsync(house.Client, token, "2", Refused, method: method));
        Assert.Equal(HttpStatusCode.OK, await KannelAsync(house.Client, Seal(house, Ann, ago: TimeSpan.FromDays(8)), "2", Refused));
        Assert.Equal(size, await house.House.SizeAsync());
        Assert.DoesNotContain("447400123456", Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(token)), StringComparison.Ordinal);
        Assert.Equal("sms", house.House.Installation.Seals.Open("acme", token)!.ToString());
    }

    [Fact]
    public async Task A_complaint_about_a_mail_is_a_no_to_mail()
    {
        await using var house = await HouseAsync();
        var size = await house.House.SizeAsync();
        // Not believed, of another controller, or about something else.
        foreach (var mail in (string[])[Complaint(null), Complaint("x"), Complaint(Seal(house, Bea, "other")), Complaint(Seal(house, Ann)), Complaint(Seal(house, Bea), "not-spam"), Complaint(Seal(house, Bea), "auth-failure"), Complaint(Seal(house, Bea), "x"),
            Complaint(Seal(house, Bea) + "\nX-Ringfence-Report: " + Seal(house, Bea))])
            Assert.Equal(HttpStatusCode.OK, await MailAsync(house.Client, mail));
        Assert.Equal(size, await house.House.SizeAsync());
        // Weeks later, too: who complains has the mail.
        var complaint = Complaint(Seal(house, Bea, ago: TimeSpan.FromDays(40)));
        Assert.Equal(HttpStatusCode.OK, await MailAsync(house.Client, complaint));
        Assert.Equal((ChannelSet.Email, SuppressedBy.Complaint), await ClosedAsync(house, Bea));
        size = await house.House.SizeAsync();
        Assert.Equal(HttpStatusCode.OK, await MailAsync(house.Client, complaint));
        Assert.Equal(size, await house.House.SizeAsync());
    }

    [Fact]
    public async Task A_mail_that_did_not_arrive_changes_nothing_unless_its_server_says_that_they_block_us()
    {
        await using var house = await HouseAsync();
        var size = await house.House.SizeAsync();
        foreach (var mail in (string[])[Bounce(Seal(house, Bea), "5.1.1"), Bounce(Seal(house, Bea), "5.2.2"), Bounce(Seal(house, Bea), "4.7.1"), Bounce(Seal(house, Bea), "5.7.1", "delayed"), Bounce(Seal(house, Bea), "5.7.1", "relayed"), Bounce(Seal(house, Bea), ""),
            Bounce(Seal(house, Bea), "5.7.17"), Bounce(null, "5.7.1"), Bounce("x", "5.7.1"), Bounce(Seal(house, Bea, "other"), "5.7.1"), Bounce(Seal(house, Ann), "5.7.1"), Bounce(Seal(house, Bea, ago: TimeSpan.FromDays(8)), "5.7.1"), Bounce(Seal(house, Bea), "5.7.1", part: "text/plain")])
            Assert.Equal(HttpStatusCode.OK, await MailAsync(house.Client, mail));
        Assert.Equal(size, await house.House.SizeAsync());
        foreach (var (address, part) in ((string, string)[])[(Bea, "message/rfc822"), ("cid@example.org", "text/rfc822-headers")])
        {
            Assert.Equal(HttpStatusCode.OK, await MailAsync(house.Client, Bounce(Seal(house, address), "5.7.1 (blocked)", part: part)));
            Assert.Equal((ChannelSet.Email, SuppressedBy.Platform), await ClosedAsync(house, address));
        }
    }

    [Fact]
    public async Task What_whatsapp_tells_of_others_never_hides_a_no()
    {
        await using var house = await HouseAsync();
        var now = house.Time.GetUtcNow().ToUnixTimeSeconds();
        var size = await house.House.SizeAsync();
        // Codes that nobody knows, that are no numbers, and what is no list of them.
        foreach (var errors in (string[])["[]", "[{\"code\":131026}]", "[{\"code\":131049}]", "[{\"code\":999999}]", "[{\"code\":\"131050\"}]", "[{\"code\":1e30}]", "[7,null,\"x\",{}]", "{}", "7"])
            Assert.Equal(HttpStatusCode.OK, await WhatsappAsync(house.Client, $$"""{"statuses":[{"id":"w1","recipient_id":"447400123456","status":"failed","timestamp":"{{now}}","errors":{{errors}} }]}"""));
        Assert.Equal(HttpStatusCode.OK, await WhatsappAsync(house.Client, """{"statuses":[7,{"id":7},{"status":"played"}]}"""));
        Assert.Equal(size, await house.House.SizeAsync());
        var blocked = $$"""{"statuses":[{"id":"w2","recipient_id":"447400123456","status":"failed","timestamp":"{{now}}","errors":[7,{"code":"x"},{"code":131050}]}]}""";
        Assert.Equal(HttpStatusCode.OK, await WhatsappAsync(house.Client, blocked));
        Assert.Equal((ChannelSet.Whatsapp, SuppressedBy.Platform), await ClosedAsync(house, Ann));
        await LiftAsync(house, Ann);
        size = await house.House.SizeAsync();
        Assert.Equal(HttpStatusCode.OK, await WhatsappAsync(house.Client, blocked));
        Assert.Equal(size, await house.House.SizeAsync());
        // What is too old, and comes in one with a no, does not hide it.
        Assert.Equal(HttpStatusCode.OK, await WhatsappAsync(house.Client, $$"""
            {"statuses":[{"id":"w3","recipient_id":"447400123456","status":"failed","timestamp":"{{now - 700_000}}","errors":[{"code":131050}]}],
             "messages":[{"from":"447400123456","id":"w4","timestamp":"{{now}}","type":"text","text":{"body":"STOP"} }]}
            """));
        Assert.Equal("refused", await house.VerdictAsync("sms"));
    }

    [Fact]
    public async Task Twilio_says_of_whom_it_has_a_stop()
    {
        await using var house = await TwilioCaller.HouseAsync();
        await house.YesAsync();
        (string, string)[] Form(string code, string sid, string to = Ann) => [("MessageSid", sid), ("AccountSid", "AC1"), ("To", to), ("MessageStatus", "failed"), ("ErrorCode", code)];
        var size = await house.House.SizeAsync();
        foreach (var form in ((string, string)[][])[Form("30003", "SM1"), Form("", "SM2"), Form("21610", "SM3", "x"), Form("21610", "SM4", "whatsapp:x")])
            TwilioCaller.TwiML(await TwilioCaller.PostAsync(house, "/hooks/twilio/acme/outcome", form));
        Assert.Equal(HttpStatusCode.Forbidden, (await TwilioCaller.PostAsync(house, "/hooks/twilio/acme/outcome", Form("21610", "SM5"), new string('8', 32))).Status);
        Assert.Equal(size, await house.House.SizeAsync());
        TwilioCaller.TwiML(await TwilioCaller.PostAsync(house, "/hooks/twilio/acme/outcome", Form("21610", "SM6")));
        Assert.Equal((ChannelSet.Sms, SuppressedBy.Platform), await ClosedAsync(house, Ann));
        TwilioCaller.TwiML(await TwilioCaller.PostAsync(house, "/hooks/twilio/acme/outcome", Form("21610", "SM7", "whatsapp:+447400123499")));
        Assert.Equal((ChannelSet.Whatsapp, SuppressedBy.Platform), await ClosedAsync(house, "+447400123499"));
    }

    [Fact]
    public async Task A_code_of_the_houses_own_provider_is_a_block_at_once()
    {
        await using var house = await House.BuildAsync();
        using var gateways = GatewaySet.Of([new Refusing("5.7.1")]);
        Assert.Equal("refused-blocked", (await Sending.SendAsync(house.Installation, gateways, house.Ledger, OutMessage.Of("m1", Channel.Email, Point(Bea), "x"), Cancel)).Word);
        Assert.Equal((ChannelSet.Email, SuppressedBy.Platform), Assert.Single(await house.SuppressionsAsync(Bea)) is var row ? ((ChannelSet)row.Channels, (SuppressedBy)row.By) : default);
        using var others = GatewaySet.Of([new Refusing("5.7.2")]);
        Assert.Equal("refused-content", (await Sending.SendAsync(house.Installation, others, house.Ledger, OutMessage.Of("m2", Channel.Email, Point("cid@example.org"), "x"), Cancel)).Word);
        Assert.Empty(await house.SuppressionsAsync("cid@example.org"));
    }

    [Fact]
    public async Task A_block_that_was_kept_while_the_store_was_away_stays_the_providers()
    {
        await using var house = await House.BuildAsync();
        Installation.Spool(house.Installation.Options, new SpooledWithdrawal("1", "acme", Ann, (int)ChannelSet.Sms, null, "api", "gateway", 1_800_000_000_000_000, (short)SuppressedBy.Platform));
        Assert.Equal(1, await house.Installation.ApplySpoolAsync(Cancel));
        Assert.Equal((short)SuppressedBy.Platform, Assert.Single(await house.SuppressionsAsync(Ann)).By);
    }

    [Theory]
    [InlineData("kind: kannel, url: \"https://8.8.8.8/s\", user: u, password-env: PASSWORD, from: \"1\", reports: \"ftp://x\"", "reports")]
    [InlineData("kind: kannel, url: \"https://8.8.8.8/s\", user: u, password-env: PASSWORD, from: \"1\", reports: \"http://x/y\"", "reports")]
    [InlineData("kind: kannel, url: \"https://8.8.8.8/s\", user: u, password-env: PASSWORD, from: \"1\", blocked: [\"045\"]", "blocked")]
    [InlineData("kind: kannel, url: \"https://8.8.8.8/s\", user: u, password-env: PASSWORD, from: \"1\", reports: \"http://x\", blocked: [\"0 4\"]", "0 4")]
    [InlineData("kind: smtp, host: x, from: a@b.example, blocked: [\"5.1.1\"]", "5.1.1")]
    [InlineData("kind: smtp, host: x, from: a@b.example, blocked: [\"4.7.1\"]", "4.7.1")]
    [InlineData("kind: smtp, host: x, from: a@b.example, blocked: [\"550\"]", "550")]
    [InlineData("kind: whatsapp, url: \"https://graph.facebook.com\", number-id: \"1\", token-env: PASSWORD, blocked: [\"1\"]", "blocked")]
    public void What_can_be_no_block_is_no_setting(string gateway, string named) => Assert.Contains(
        named, Assert.Throws<RuleFileException>(() => folder.Open("format: ringfence/channels/v1\ngateways:\n  - { name: a, " + gateway + " }\n")).Message, StringComparison.Ordinal);

    private sealed class Refusing(string code) : IChannelGateway
    {
        public GatewaySetting Setting { get; } = new() { Name = "b", Kind = GatewayKind.Smtp, Channels = ChannelSet.Email, Blocked = ["5.7.1"] };

        public Task<Delivery> SendAsync(OutMessage message, CancellationToken cancel) => Task.FromResult<Delivery>(new Delivery.Refused(RefusedFor.Content, code));

        public void Dispose()
        {
        }
    }
}
