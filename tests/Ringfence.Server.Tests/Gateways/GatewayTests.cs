using System.Net;
using System.Text;
using System.Text.Json;
using MailKit.Net.Smtp;
using Ringfence.Gate;
using Ringfence.Gateways;
using Ringfence.Numbers;
using Ringfence.People;
using Ringfence.Rules;
using Ringfence.Server.Cli;
using Ringfence.Server.Gateways;
using Ringfence.Server.Tests.Ledger;
using Xunit;

namespace Ringfence.Server.Tests.Gateways;

/// <summary>What gateways make of a message, and of an answer.</summary>
public sealed class GatewayTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static ContactPoint Point(string text) => ContactPoint.TryRead(text, Region.None, out var point) ? point : throw new ArgumentException(text);

    [Fact]
    public async Task A_file_holds_the_whole_message()
    {
        using var folder = new GatewayFolder();
        using var gateways = folder.Open(GatewayFolder.Files);
        var delivery = await gateways.Of("acme", Channel.Email)!.SendAsync(OutMessage.Of("m1", Channel.Email, Point("ann@example.org"), "Hello", "A subject") with { OneClick = new Uri("https://acme.example/u/t") }, Cancel);
        Assert.Equal(new Delivery.Accepted("m1"), delivery);
        var message = Assert.Single(folder.Messages());
        Assert.Equal(("email", "ann@example.org", "Hello", "A subject", "https://acme.example/u/t"), (message.GetProperty("channel").GetString(), message.GetProperty("to").GetString(), message.GetProperty("text").GetString(), message.GetProperty("subject").GetString(), message.GetProperty("oneClick").GetString()));
    }

    [Fact]
    public void A_message_holds_nothing_that_is_read_as_something_else_on_the_way()
    {
        Assert.Throws<ArgumentException>(() => OutMessage.Of("m1", Channel.Email, Point("ann@example.org"), "x", "a\r\nBcc: bob@example.org"));
        Assert.Throws<ArgumentException>(() => OutMessage.Of("../m1", Channel.Email, Point("ann@example.org"), "x"));
        Assert.Throws<ArgumentException>(() => OutMessage.Of("m1", Channel.Sms, Point("ann@example.org"), "x"));
        Assert.Equal("m1 sms", OutMessage.Of("m1", Channel.Sms, Point("+447400123456"), "secret").ToString());
    }

    [Fact]
    public void A_controller_of_its_own_gateway_goes_before_what_is_for_all()
    {
        using var folder = new GatewayFolder();
        using var gateways = folder.Open("""
            format: ringfence/channels/v1
            gateways:
              - { name: all, kind: file, folder: a, channels: [sms] }
              - { name: ours, kind: file, folder: b, channels: [sms], controllers: [acme] }
            """);
        Assert.Equal(("ours", "all", null), (gateways.Of("acme", Channel.Sms)?.Setting.Name, gateways.Of("other", Channel.Sms)?.Setting.Name, gateways.Of("acme", Channel.Email)?.Setting.Name));
    }

    [Theory]
    [InlineData("gateways: [{ name: a, kind: kannel, url: \"http://10.1.2.3/sendsms\", user: u, password-env: PASSWORD, from: \"1\" }]", "url-scheme")]
    [InlineData("gateways: [{ name: a, kind: kannel, url: \"https://10.1.2.3/sendsms\", user: u, password-env: PASSWORD, from: \"1\" }]", "url-address")]
    [InlineData("gateways: [{ name: a, kind: kannel, url: \"http://127.0.0.1:13013/\", user: u, password-env: PASSWORD, from: \"1\" }]", "url-scheme")]
    [InlineData("gateways: [{ name: a, kind: kannel, url: \"https://sms.example/\", user: u, password: p, from: \"1\" }]", "password-file")]
    [InlineData("gateways: [{ name: a, kind: smtp, host: h, from: a@acme.example, tls: none, user: u, password-env: PASSWORD }]", "without TLS")]
    [InlineData("gateways: [{ name: a, kind: pigeon }]", "pigeon")]
    [InlineData("gateways: [{ name: a, kind: file, folder: x }, { name: a, kind: file, folder: y }]", "twice")]
    [InlineData("inbound: [{ kind: google-leads, controller: acme, secret-env: IN }]", "forms")]
    [InlineData("inbound: [{ kind: meta-leads, controller: acme, secret-env: IN, verify-env: V, forms: [{ form: a@1, language: en, lead-forms: ['1'], fields: { p: q }, boxes: { b: { checkbox: c } } }] }]", "token-file")]
    [InlineData("inbound: [{ kind: google-leads, controller: acme, secret-env: IN, forms: [{ form: a, language: en, lead-forms: ['1'], fields: { p: q }, boxes: { b: { question: c, yes: [Y] } } }] }]", "version")]
    [InlineData("inbound: [{ kind: google-leads, controller: acme, secret-env: IN, forms: [{ form: a@1, language: en, lead-forms: [], fields: { p: q }, boxes: { b: { question: c, yes: [Y] } } }] }]", "lead-forms")]
    [InlineData("inbound: [{ kind: google-leads, controller: acme, secret-env: IN, forms: [{ form: a@1, language: en, lead-forms: ['1/2'], fields: { p: q }, boxes: { b: { question: c, yes: [Y] } } }] }]", "1/2")]
    [InlineData("inbound: [{ kind: google-leads, controller: acme, secret-env: IN, forms: [{ form: a@1, language: en, lead-forms: ['1'], fields: { }, boxes: { b: { question: c, yes: [Y] } } }] }]", "nothing")]
    [InlineData("inbound: [{ kind: google-leads, controller: acme, secret-env: IN, forms: [{ form: a@1, language: en, lead-forms: ['1'], fields: { p: q }, boxes: { b: { question: c } } }] }]", "word for word")]
    [InlineData("inbound: [{ kind: google-leads, controller: acme, secret-env: IN, forms: [{ form: a@1, language: en, lead-forms: ['1'], fields: { p: q }, boxes: { b: { question: c, yes: [' '] } } }] }]", "'yes'")]
    [InlineData("inbound: [{ kind: google-leads, controller: acme, secret-env: IN, forms: [{ form: a@1, language: en, lead-forms: ['1'], fields: { p: q }, boxes: { b: { checkbox: c } } }] }]", "is wanted")]
    [InlineData("inbound: [{ kind: google-leads, controller: acme, secret-env: IN, forms: [{ form: a@1, language: en, lead-forms: ['1'], fields: { p: q }, boxes: { b: { question: c, yes: [Y] }, d: { question: c, yes: [Z] } } }] }]", "two boxes")]
    [InlineData("inbound: [{ kind: google-leads, controller: acme, secret-env: IN, forms: [{ form: a@1, language: en, lead-forms: ['1', '1'], fields: { p: q }, boxes: { b: { question: c, yes: [Y] } } }] }]", "twice")]
    [InlineData("codes: { per-lead-form-and-hour: 0 }", "per-lead-form-and-hour")]
    [InlineData("codes: { places: [DEU] }", "DEU")]
    [InlineData("codes: { per-day: 0 }", "per-day")]
    [InlineData("codes: { work: 17 }", "work")]
    [InlineData("codes: { without-work: 10 }", "without-work")]
    public void A_file_that_is_not_in_order_is_refused_where_it_is_not(string yaml, string named) =>
        Assert.Contains(named, Assert.Throws<RuleFileException>(() => ChannelsFile.Read("channels.yaml", "format: ringfence/channels/v1\n" + yaml)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_secret_that_is_missing_or_short_stops_the_start()
    {
        using var folder = new GatewayFolder();
        Assert.Throws<UnusableFileException>(() => folder.Open("format: ringfence/channels/v1\ninbound: [{ kind: mail, controller: acme, secret-env: NOTHING }]"));
        Assert.Throws<UnusableFileException>(() => folder.Open("format: ringfence/channels/v1\ninbound: [{ kind: mail, controller: acme, secret-env: PASSWORD }]"));
    }

    [Theory]
    [InlineData(SmtpErrorCode.RecipientNotAccepted, 550, "5.1.1 User unknown", "nobody", "5.1.1")]
    [InlineData(SmtpErrorCode.RecipientNotAccepted, 550, "Invalid recipient: <x@example.org>", "nobody", "550")]
    [InlineData(SmtpErrorCode.RecipientNotAccepted, 550, "5.7.1 Blocked by policy", "content", "5.7.1")]
    [InlineData(SmtpErrorCode.RecipientNotAccepted, 552, "5.2.2 Mailbox full", "later", "5.2.2")]
    [InlineData(SmtpErrorCode.RecipientNotAccepted, 450, "4.2.1 Try again", "later", "4.2.1")]
    [InlineData(SmtpErrorCode.MessageNotAccepted, 554, "5.6.0 Message refused", "content", "5.6.0")]
    [InlineData(SmtpErrorCode.SenderNotAccepted, 550, "5.1.8 Who are you", "account", "5.1.8")]
    [InlineData(SmtpErrorCode.UnexpectedStatusCode, 535, "5.7.8 Bad credentials", "account", "5.7.8")]
    [InlineData(SmtpErrorCode.UnexpectedStatusCode, 421, "Too busy", "later", "421")]
    public void What_a_mail_server_says_is_understood(SmtpErrorCode at, int status, string text, string word, string code) => Check(SmtpGateway.Judge(at, status, text), word, code);

    [Theory]
    [InlineData(202, "0: Accepted for delivery", "accepted", "m1")]
    [InlineData(202, "3: Queued for later delivery", "accepted", "m1")]
    [InlineData(403, "Authorization failed for sendsms", "account", "password")]
    [InlineData(400, "Invalid receiver number", "nobody", "status")]
    [InlineData(400, "Empty text not allowed", "content", "status")]
    [InlineData(503, "Temporal failure", "later", "status")]
    [InlineData(302, "", "account", "redirect")]
    public void What_kannel_says_is_understood(int status, string body, string word, string code) => Check(KannelGateway.Judge((HttpStatusCode)status, body, "m1"), word, code);

    [Theory]
    [InlineData(200, """{"messaging_product":"whatsapp","messages":[{"id":"wamid.1"}]}""", "accepted", "wamid.1")]
    [InlineData(400, """{"error":{"code":131050}}""", "blocked", "131050")]
    [InlineData(400, """{"error":{"code":131026}}""", "nobody", "131026")]
    [InlineData(400, """{"error":{"code":131049}}""", "later", "131049")]
    [InlineData(400, """{"error":{"code":132001}}""", "content", "132001")]
    [InlineData(401, """{"error":{"code":190}}""", "account", "190")]
    [InlineData(429, """{"error":{"code":130429}}""", "later", "130429")]
    [InlineData(502, "<html>", "later", "status")]
    [InlineData(200, "[]", "later", "status")]
    public void What_whatsapp_says_is_understood(int status, string body, string word, string code) => Check(WhatsappGateway.Judge((HttpStatusCode)status, Encoding.UTF8.GetBytes(body)), word, code);

    private static void Check(Delivery delivery, string word, string code) => Assert.Equal(
        (word is "accepted" or "later" ? word : "refused-" + word, code),
        (delivery.Word, delivery switch { Delivery.Accepted accepted => accepted.Reference, Delivery.Refused refused => refused.Code, Delivery.Later later => later.Code, _ => "" }));

    [Fact]
    public async Task Neither_number_nor_password_stands_in_an_address()
    {
        using var answers = new Answers("0: Accepted for delivery", HttpStatusCode.Accepted);
        using var kannel = new KannelGateway(new GatewaySetting { Name = "k", Kind = GatewayKind.Kannel, Channels = ChannelSet.Sms, Url = "https://sms.example/cgi-bin/sendsms", User = "u", From = "85290000000" }, "word", new HttpMessageInvoker(answers));
        Assert.Equal("accepted", (await kannel.SendAsync(OutMessage.Of("m1", Channel.Sms, Point("+447400123456"), "驗證碼 1"), Cancel)).Word);
        Assert.Equal(("https://sms.example/cgi-bin/sendsms", "驗證碼 1", "+447400123456", "2", "word"), (answers.Url, answers.Body, answers.Headers["X-Kannel-To"], answers.Headers["X-Kannel-Coding"], answers.Headers["X-Kannel-Password"]));

        using var meta = new Answers("""{"messages":[{"id":"wamid.1"}]}""", HttpStatusCode.OK);
        using var whatsapp = new WhatsappGateway(new GatewaySetting { Name = "w", Kind = GatewayKind.Whatsapp, Channels = ChannelSet.Whatsapp, Url = "https://graph.example/v23.0", From = "1061", Template = "code" }, "token", new HttpMessageInvoker(meta));
        Assert.Equal("accepted", (await whatsapp.SendAsync(OutMessage.Of("m2", Channel.Whatsapp, Point("+447400123456"), "x") with { Code = "12345 67890", Language = "zh-Hant" }, Cancel)).Word);
        Assert.Equal(("https://graph.example/v23.0/1061/messages", "Bearer token"), (meta.Url, meta.Headers["Authorization"]));
        var sent = JsonDocument.Parse(meta.Body).RootElement;
        Assert.Equal(("+447400123456", "template", "code", "zh_TW"), (sent.GetProperty("to").GetString(), sent.GetProperty("type").GetString(), sent.GetProperty("template").GetProperty("name").GetString(), sent.GetProperty("template").GetProperty("language").GetProperty("code").GetString()));
        Assert.All(sent.GetProperty("template").GetProperty("components").EnumerateArray(), static component => Assert.Equal("12345 67890", component.GetProperty("parameters")[0].GetProperty("text").GetString()));
    }

    [Fact]
    public async Task Who_blocks_us_at_the_provider_is_left_alone_there()
    {
        await using var house = await House.BuildAsync();
        using var folder = new GatewayFolder();
        using var gateways = folder.Open(GatewayFolder.Files);
        var message = OutMessage.Of("m1", Channel.Whatsapp, Point("+447400123456"), "x");
        Assert.Equal("accepted", (await Sending.SendAsync(house.Installation, gateways, house.Ledger, message, Cancel)).Word);
        Assert.Empty(await house.SuppressionsAsync("+447400123456"));
        using var blocking = GatewaySet.Of([new Blocking()]);
        Assert.Equal("refused-blocked", (await Sending.SendAsync(house.Installation, blocking, house.Ledger, message, Cancel)).Word);
        var row = Assert.Single(await house.SuppressionsAsync("+447400123456"));
        Assert.Equal((ChannelSet.Whatsapp, SuppressedBy.Platform), ((ChannelSet)row.Channels, (SuppressedBy)row.By));
    }

    private sealed class Blocking : IChannelGateway
    {
        public GatewaySetting Setting { get; } = new() { Name = "b", Kind = GatewayKind.Whatsapp, Channels = ChannelSet.Whatsapp };

        public Task<Delivery> SendAsync(OutMessage message, CancellationToken cancel) => Task.FromResult(WhatsappGateway.OfError(131050));

        public void Dispose()
        {
        }
    }

    private sealed class Answers(string answer, HttpStatusCode status) : HttpMessageHandler
    {
        public string Url { get; private set; } = "";

        public string Body { get; private set; } = "";

        public Dictionary<string, string> Headers { get; } = [];

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            (Url, Body) = (request.RequestUri!.ToString(), await request.Content!.ReadAsStringAsync(cancellationToken));
            foreach (var (name, values) in request.Headers)
                Headers[name] = string.Join(' ', values);
            return new HttpResponseMessage(status) { Content = new StringContent(answer) };
        }
    }
}
