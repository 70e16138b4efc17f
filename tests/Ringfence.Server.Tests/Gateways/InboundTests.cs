using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Ringfence.Consent;
using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Server.Gateways;
using Ringfence.Server.Ledger;
using Ringfence.Server.People;
using Ringfence.Server.Rights;
using Ringfence.Server.Tests.Bridges;
using Ringfence.Server.Tests.Ledger;
using Xunit;

namespace Ringfence.Server.Tests.Gateways;

/// <summary>Whatever way a person says no, it is the same no: written down once, and the next decision refuses.</summary>
public sealed class InboundTests : IDisposable
{
    private const string Ann = BridgeHouse.Ann;
    private const string Ways = GatewayFolder.Files + """
        inbound:
          - { kind: kannel, controller: acme, secret-env: IN }
          - { kind: mail, controller: acme, secret-env: IN }
          - { kind: missed-call, controller: acme, secret-env: IN }
          - { kind: whatsapp, controller: acme, secret-env: IN, verify-env: VERIFY }
        """;

    private readonly GatewayFolder folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    private async Task<BridgeHouse> HouseAsync(string ways = Ways)
    {
        var house = await BridgeHouse.BuildAsync(also: InboundHooks.Map, gateways: folder.Open(ways));
        await house.YesAsync();
        Assert.Equal("allowed", await house.VerdictAsync("sms"));
        return house;
    }

    private static async Task<HttpStatusCode> SendAsync(BridgeHouse house, string path, byte[] body, string media, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(media);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        using var response = await house.Client.SendAsync(request, Cancel);
        return response.StatusCode;
    }

    private static Task<HttpStatusCode> SmsAsync(BridgeHouse house, string words, string id, string from = "447400123456", string secret = GatewayFolder.Secret) =>
        SendAsync(house, $"/hooks/kannel/acme/{secret}?id={id}", Encoding.UTF8.GetBytes(words), "text/plain; charset=\"UTF-8\"", ("X-Kannel-From", from), ("X-Kannel-To", "85290000000"));

    private static Task<HttpStatusCode> MailAsync(BridgeHouse house, string mail) => SendAsync(house, $"/hooks/mail/acme/{GatewayFolder.Secret}", Encoding.UTF8.GetBytes(mail.ReplaceLineEndings("\r\n")), "message/rfc822");

    private static Task<HttpStatusCode> WhatsappAsync(BridgeHouse house, string body, string? signature = null) => SendAsync(
        house, "/hooks/whatsapp/acme", Encoding.UTF8.GetBytes(body), "application/json", ("X-Hub-Signature-256", signature ?? Sign(body)));

    private static string Sign(string body) => "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(GatewayFolder.Secret), Encoding.UTF8.GetBytes(body)));

    private static string Whatsapp(BridgeHouse house, string words, string id = "wamid.1", TimeSpan ago = default) => $$$"""
        {"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{"messaging_product":"whatsapp",
        "messages":[{"from":"447400123456","id":"{{{id}}}","timestamp":"{{{(house.Time.GetUtcNow() - ago).ToUnixTimeSeconds()}}}","type":"text","text":{"body":"{{{words}}}"}}]}}]}]}
        """;

    private static async Task<ChannelSet> ClosedAsync(BridgeHouse house, string point = Ann) =>
        (await house.House.SuppressionsAsync(point)).Aggregate(ChannelSet.None, static (set, row) => set | (ChannelSet)row.Channels);

    [Theory]
    [InlineData("STOP", ChannelSet.Phone)]
    [InlineData("退订", ChannelSet.Phone)]
    [InlineData("please stop texting me", ChannelSet.Sms)]
    [InlineData("see you at the bus stop", ChannelSet.None)]
    [InlineData("HELP", ChannelSet.None)]
    public async Task A_no_by_text_message_is_in_force_at_once(string words, ChannelSet least)
    {
        await using var house = await HouseAsync();
        Assert.Equal(HttpStatusCode.OK, await SmsAsync(house, words, "1"));
        var closed = await ClosedAsync(house);
        Assert.Equal(least, closed & least);
        Assert.Equal(least == ChannelSet.None, closed == ChannelSet.None);
        Assert.Equal(least == ChannelSet.None ? "allowed" : "refused", await house.VerdictAsync("sms"));
    }

    [Fact]
    public async Task A_no_in_words_is_answered_once_where_the_house_wants_that_and_nothing_else_ever_is()
    {
        await using var house = await HouseAsync(Ways.Replace("kind: kannel, controller: acme", "kind: kannel, controller: acme, confirm: true", StringComparison.Ordinal).Replace("kind: whatsapp, controller: acme", "kind: whatsapp, controller: acme, confirm: true", StringComparison.Ordinal));
        // What is no no, what may be one, and what is one without a word get no answer.
        Assert.Equal(HttpStatusCode.OK, await SmsAsync(house, "see you at the bus stop", "1", from: "447400123401"));
        Assert.Equal(HttpStatusCode.OK, await SmsAsync(house, "who is this?", "2", from: "447400123402"));
        Assert.Equal(HttpStatusCode.OK, await SendAsync(house, $"/hooks/missed-call/acme/{GatewayFolder.Secret}", "from=%2B447400123403&id=3"u8.ToArray(), "application/x-www-form-urlencoded"));
        Assert.Equal(HttpStatusCode.OK, await MailAsync(house, "From: ann@example.org\nTo: unsubscribe@acme.example\nMessage-ID: <1@example.org>\n\nstop\n"));
        Assert.Equal(HttpStatusCode.OK, await SmsAsync(house, "STOP", "4"));
        await house.Served.Afterwards.IdleAsync();
        var answer = Assert.Single(folder.Messages());
        Assert.Equal((Ann, "sms", "Acme Ltd: your no is noted and in force. We will not write about it again."), (answer.GetProperty("to").GetString(), answer.GetProperty("channel").GetString(), answer.GetProperty("text").GetString()));
        Assert.Equal("refused", await house.VerdictAsync("sms"));
        // The same once more, another no, and another way are taken and not answered.
        Assert.Equal(HttpStatusCode.OK, await SmsAsync(house, "STOP", "4"));
        await house.YesAsync();
        Assert.Equal(HttpStatusCode.OK, await SmsAsync(house, "STOP", "5"));
        Assert.Equal(HttpStatusCode.OK, await WhatsappAsync(house, Whatsapp(house, "STOP")));
        await house.Served.Afterwards.IdleAsync();
        Assert.Single(folder.Messages());
    }

    [Theory]
    [InlineData("HELP", "Acme Ltd: messages from this number come from us. To stop all: reply STOP.")]
    [InlineData("Hilfe!", "Acme Ltd: Nachrichten von dieser Nummer kommen von uns. Alles beenden: Antwort STOP.")]
    [InlineData("帮助", "Acme Ltd：此号码发出的消息来自我们。 如需全部停止，请回复 STOP。")]
    public async Task A_help_word_is_answered_once_in_a_day_with_who_writes_and_how_it_ends(string words, string told)
    {
        await using var house = await HouseAsync(Ways.Replace("kind: kannel, controller: acme", "kind: kannel, controller: acme, confirm: true", StringComparison.Ordinal));
        var size = await house.House.SizeAsync();
        Assert.Equal(HttpStatusCode.OK, await SmsAsync(house, words, "1"));
        Assert.Equal(HttpStatusCode.OK, await SmsAsync(house, words, "2"));
        await house.Served.Afterwards.IdleAsync();
        var answer = Assert.Single(folder.Messages());
        Assert.Equal((Ann, "sms", told), (answer.GetProperty("to").GetString(), answer.GetProperty("channel").GetString(), answer.GetProperty("text").GetString()));
        Assert.Equal(size, await house.House.SizeAsync());
        Assert.Equal("allowed", await house.VerdictAsync("sms"));
        // A no after it is answered for itself.
        Assert.Equal(HttpStatusCode.OK, await SmsAsync(house, "STOP", "3"));
        await house.Served.Afterwards.IdleAsync();
        Assert.Equal(2, folder.Messages().Count);
    }

    [Fact]
    public async Task Nobody_is_answered_where_the_house_does_not_say_so()
    {
        await using var house = await HouseAsync();
        Assert.Equal(HttpStatusCode.OK, await SmsAsync(house, "STOP", "1"));
        Assert.Equal(HttpStatusCode.OK, await SmsAsync(house, "HELP", "2"));
        await house.Served.Afterwards.IdleAsync();
        Assert.Empty(folder.Messages());
    }

    [Fact]
    public async Task What_comes_again_is_taken_once_and_what_shows_no_secret_not_at_all()
    {
        await using var house = await HouseAsync();
        var size = await house.House.SizeAsync();
        foreach (var secret in (string[])["x", GatewayFolder.Secret + "x", GatewayFolder.Secret[..^1], "x%20y", GatewayFolder.Secret.ToUpperInvariant()])
            Assert.Equal(HttpStatusCode.Forbidden, await SmsAsync(house, "STOP", "1", secret: secret));
        using (var got = await house.Client.GetAsync($"/hooks/kannel/acme/{GatewayFolder.Secret}?id=1&from=447400123456&text=STOP", Cancel))
            Assert.False(got.IsSuccessStatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, await SendAsync(house, $"/hooks/kannel/other/{GatewayFolder.Secret}", "STOP"u8.ToArray(), "text/plain"));
        Assert.Equal(size, await house.House.SizeAsync());

        Assert.Equal(HttpStatusCode.OK, await SmsAsync(house, "STOP", "1"));
        // They say yes again; the old no, sent once more, takes nothing back.
        await house.YesAsync();
        size = await house.House.SizeAsync();
        Assert.Equal(HttpStatusCode.OK, await SmsAsync(house, "STOP", "1"));
        Assert.Equal(size, await house.House.SizeAsync());
        Assert.Equal(HttpStatusCode.OK, await SmsAsync(house, "STOP", "2"));
        Assert.True(await house.House.SizeAsync() > size);
        // Short codes and names are nobody.
        size = await house.House.SizeAsync();
        Assert.Equal(HttpStatusCode.OK, await SmsAsync(house, "STOP", "3", from: "Bank"));
        Assert.Equal(HttpStatusCode.OK, await SmsAsync(house, "STOP", "4", from: "12345"));
        Assert.Equal(size, await house.House.SizeAsync());
    }

    [Fact]
    public async Task What_may_be_a_no_leaves_the_person_alone_until_somebody_has_read_it()
    {
        await using var house = await HouseAsync();
        Assert.Equal(HttpStatusCode.OK, await SmsAsync(house, "who is this?", "1"));
        Assert.NotEqual("allowed", await house.VerdictAsync("sms"));
        Assert.NotEqual("allowed", await house.VerdictAsync("voice"));
        Assert.Equal(ChannelSet.None, await ClosedAsync(house));
        var found = (await house.House.FindAsync(Ann))!.Person;
        Assert.Equal(PersonStatus.Held, found.Status);
        Assert.Equal(1, (await InboundTasks.WaitingAsync(house.House.Installation, house.House.Ledger, Cancel))!.Value.People);
        // What comes again, and what else they ask, is the same one person who waits.
        Assert.Equal(HttpStatusCode.OK, await SmsAsync(house, "who is this?", "1"));
        Assert.Equal(HttpStatusCode.OK, await SmsAsync(house, "how did you get my number", "2"));
        Assert.Equal(1, (await InboundTasks.WaitingAsync(house.House.Installation, house.House.Ledger, Cancel))!.Value.People);
        // Whoever has read it decides nothing about what else holds them.
        await house.House.DoAsync(new HoldCommand(House.Staff, found.Sid, "legal-claim"));
        var several = await Assert.ThrowsAsync<CommandRefusedException>(() => Holds.EndAsync(house.House.Installation, house.House.Ledger, House.Staff, found.Sid, null, Cancel));
        Assert.Equal(("held-for-several", "legal-claim, unclear"), (several.Code, Assert.Single(several.Arguments)));
        await Holds.EndAsync(house.House.Installation, house.House.Ledger, House.Staff, found.Sid, HoldCommand.Unclear, Cancel);
        Assert.Null(await InboundTasks.WaitingAsync(house.House.Installation, house.House.Ledger, Cancel));
        Assert.Equal(PersonStatus.Held, (await house.House.FindAsync(Ann))!.Person.Status);
        Assert.NotEqual("allowed", await house.VerdictAsync("sms"));
        await Holds.EndAsync(house.House.Installation, house.House.Ledger, House.Staff, found.Sid, null, Cancel);
        Assert.Null(await InboundTasks.WaitingAsync(house.House.Installation, house.House.Ledger, Cancel));
        Assert.Equal("allowed", await house.VerdictAsync("sms"));
        // Of whom nobody knows more than the number there is nobody to read it of: the channel is closed.
        Assert.Equal(HttpStatusCode.OK, await SmsAsync(house, "who is this?", "3", from: "447400999999"));
        Assert.Equal(ChannelSet.Sms, await ClosedAsync(house, "+447400999999"));
    }

    [Fact]
    public async Task A_no_on_whatsapp_is_taken_when_it_is_signed_byte_for_byte()
    {
        await using var house = await HouseAsync();
        var size = await house.House.SizeAsync();
        var body = Whatsapp(house, "STOP");
        var good = Sign(body);
        foreach (var bad in (string[])["", "sha256=", good[..^1], good + "0", good["sha256=".Length..], "sha1=" + good["sha256=".Length..]])
            Assert.Equal(HttpStatusCode.Forbidden, await WhatsappAsync(house, body, bad));
        for (var at = "sha256=".Length; at < good.Length; at += 5)
            Assert.Equal(HttpStatusCode.Forbidden, await WhatsappAsync(house, body, good[..at] + (good[at] == '0' ? '1' : '0') + good[(at + 1)..]));
        // The same said otherwise is not what was signed; and what is eight days old is nobody's news.
        Assert.Equal(HttpStatusCode.Forbidden, await WhatsappAsync(house, body.Replace("\"object\"", " \"object\"", StringComparison.Ordinal), good));
        Assert.Equal(HttpStatusCode.BadRequest, await WhatsappAsync(house, Whatsapp(house, "STOP", ago: TimeSpan.FromDays(8))));
        Assert.Equal(HttpStatusCode.BadRequest, await WhatsappAsync(house, "{"));
        Assert.Equal(HttpStatusCode.OK, await WhatsappAsync(house, """{"entry":[{"changes":[{"value":{"statuses":[{"id":"x","status":"delivered"}]}}]}]}"""));
        Assert.Equal(size, await house.House.SizeAsync());

        Assert.Equal(HttpStatusCode.OK, await WhatsappAsync(house, body));
        Assert.Equal("refused", await house.VerdictAsync("sms"));
        size = await house.House.SizeAsync();
        Assert.Equal(HttpStatusCode.OK, await WhatsappAsync(house, body));
        Assert.Equal(size, await house.House.SizeAsync());
    }

    [Fact]
    public async Task Whoever_stops_in_whatsapp_itself_or_blocks_us_there_is_left_alone_there()
    {
        await using var house = await HouseAsync();
        var now = house.Time.GetUtcNow().ToUnixTimeSeconds();
        Assert.Equal(HttpStatusCode.OK, await WhatsappAsync(house, $$$$"""{"entry":[{"changes":[{"value":{"user_preferences":[{"wa_id":"447400123456","category":"marketing_messages","value":"stop","timestamp":{{{{now}}}}}]}}]}]}"""));
        Assert.Equal(ChannelSet.Whatsapp, await ClosedAsync(house));
        Assert.Equal(HttpStatusCode.OK, await WhatsappAsync(house, $$$$"""{"entry":[{"changes":[{"value":{"statuses":[{"id":"w2","recipient_id":"447400555555","status":"failed","timestamp":"{{{{now}}}}","errors":[{"code":131050}]}]}}]}]}"""));
        Assert.Equal(ChannelSet.Whatsapp, await ClosedAsync(house, "+447400555555"));
    }

    [Fact]
    public async Task Whatsapp_is_told_that_the_address_is_ours_and_nobody_else_is()
    {
        await using var house = await HouseAsync();
        async Task<(HttpStatusCode, string)> AskAsync(string query)
        {
            using var answer = await house.Client.GetAsync("/hooks/whatsapp/acme?" + query, Cancel);
            return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancel));
        }

        Assert.Equal((HttpStatusCode.OK, "1158201444"), await AskAsync($"hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token={GatewayFolder.Verify}"));
        Assert.Equal(HttpStatusCode.Forbidden, (await AskAsync("hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=x")).Item1);
        Assert.Equal(HttpStatusCode.Forbidden, (await AskAsync($"hub.mode=subscribe&hub.challenge=%3Cscript%3E&hub.verify_token={GatewayFolder.Verify}")).Item1);
    }

    [Fact]
    public async Task A_mail_is_read_as_what_a_person_wrote()
    {
        await using var house = await HouseAsync();
        const string bea = "bea@example.org";
        async Task<ChannelSet> AfterAsync(string mail)
        {
            Assert.Equal(HttpStatusCode.OK, await MailAsync(house, mail));
            return await ClosedAsync(house, bea);
        }

        // A machine that answers, a question, a quotation of our own words: no no.
        Assert.Equal(ChannelSet.None, await AfterAsync("From: bea@example.org\nTo: news@acme.example\nMessage-ID: <1@x>\nAuto-Submitted: auto-replied\nSubject: away\n\nUnsubscribe me\n"));
        Assert.Equal(ChannelSet.None, await AfterAsync("From: bea@example.org\nTo: news@acme.example\nMessage-ID: <2@x>\nSubject: Re: offers\n\nWhen do you open tomorrow?\n\n> To unsubscribe reply STOP\n"));
        Assert.NotEqual(ChannelSet.None, await AfterAsync("From: Bea <bea@example.org>\nTo: news@acme.example\nMessage-ID: <3@x>\nSubject: Re: offers\nContent-Type: text/html; charset=utf-8\n\n<p>Please <b>unsubscribe</b> me from your list.</p>\n"));
        // What stands in the subject counts too, but for one of ours; and so does what stands in the mark-up beside an empty text.
        foreach (var (n, mail, isNo) in new[]
        {
            (10, "Subject: Unsubscribe\n\nSent from my iPhone\n", true), (11, "Subject: STOP: no more of this\n\n\n", true), (12, "Subject: Re: How to unsubscribe\n\nThanks, that helps.\n", false),
            (13, "Subject: 回复：如何退订\n\n谢谢\n", false), (14, "Subject: Lunch\n\nAt one?\n", false), (15, "Subject: please remove me from your list\n\n-- \nDee\n", true),
            (16, "Subject: hello\nMIME-Version: 1.0\nContent-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\n \n--b\nContent-Type: text/html\n\n<p>Please unsubscribe me.</p>\n--b--\n", true),
        })
        {
            Assert.Equal(HttpStatusCode.OK, await MailAsync(house, $"From: dee{n}@example.org\nTo: news@acme.example\nMessage-ID: <{n}@x>\n{mail}"));
            Assert.Equal((n, isNo), (n, await ClosedAsync(house, $"dee{n}@example.org") != ChannelSet.None));
        }

        // The address that List-Unsubscribe names, whatever is written to it.
        Assert.Equal(HttpStatusCode.OK, await MailAsync(house, "From: cid@example.org\nTo: unsubscribe+abc@acme.example\nMessage-ID: <4@x>\nSubject: x\n\n"));
        Assert.Equal(ChannelSet.Email, await ClosedAsync(house, "cid@example.org"));
    }

    [Fact]
    public async Task A_mail_that_ends_one_of_ours_closes_the_address_it_went_to_wherever_it_comes_from()
    {
        await using var house = await HouseAsync();
        const string bea = "bea@example.org";
        await house.House.SaysAsync(bea, channels: "email");
        var found = (await house.House.FindAsync(bea))!;
        var link = new PersonLink(found.Person.Sid, found.Points().Single().Id);
        string Mail(string token, int n) => $"From: bea@forwarded.example\nTo: unsubscribe@acme.example\nMessage-ID: <{n}@x>\nSubject: stop {token}\n\n";
        var links = house.House.Installation.Links;
        foreach (var wrong in new[] { "", "x", links.Make("acme", LinkAct.Preferences, link), links.Make("other", LinkAct.Stop, link) })
            Assert.Equal(HttpStatusCode.OK, await MailAsync(house, Mail(wrong, 1)));
        Assert.Equal(ChannelSet.None, await ClosedAsync(house, bea));
        var mail = Mail(links.Make("acme", LinkAct.Stop, link), 2);
        Assert.Equal(HttpStatusCode.OK, await MailAsync(house, mail));
        Assert.Equal((ChannelSet.Email, ChannelSet.Email), (await ClosedAsync(house, bea), await ClosedAsync(house, "bea@forwarded.example")));
        var size = await house.House.SizeAsync();
        Assert.Equal(HttpStatusCode.OK, await MailAsync(house, mail));
        Assert.Equal(size, await house.House.SizeAsync());
    }

    [Theory]
    [InlineData("KITCHEN", true)]
    [InlineData(" kitchen. ", true)]
    [InlineData("which kitchen?", false)]
    [InlineData("GARDEN", false)]
    public async Task Whoever_answers_what_they_were_told_to_answer_has_said_no(string words, bool isNo)
    {
        await using var house = await HouseAsync();
        var wording = House.Offers with
        {
            Id = "kitchen",
            Stop = House.Offers.Stop with { Reply = "KITCHEN" },
            Texts = new Dictionary<string, WordingWords> { ["en"] = House.Offers.Texts["en"] with { Text = House.Offers.Texts["en"].Text.Replace("STOP", "KITCHEN", StringComparison.Ordinal) } },
        };
        await house.House.DoAsync(new PublishCommand(House.Staff, "wording", "application/json", wording.ToBytes(), "en", wording.Version));
        Assert.Equal(HttpStatusCode.OK, await SmsAsync(house, words, "1"));
        Assert.Equal(isNo, await ClosedAsync(house) != ChannelSet.None);
    }

    [Theory]
    [InlineData("audio", "\"audio\":{\"id\":\"1\",\"voice\":true}", true)]
    [InlineData("image", "\"image\":{\"id\":\"1\"}", true)]
    [InlineData("unsupported", "\"errors\":[{\"code\":131051}]", true)]
    [InlineData("image", "\"image\":{\"id\":\"1\",\"caption\":\"our new kitchen\"}", false)]
    [InlineData("sticker", "\"sticker\":{\"id\":\"1\"}", false)]
    [InlineData("location", "\"location\":{\"latitude\":1,\"longitude\":2}", false)]
    public async Task What_nobody_has_heard_yet_may_be_a_no(string type, string body, bool isHeld)
    {
        await using var house = await HouseAsync();
        var text = Whatsapp(house, "x").Replace("\"type\":\"text\",\"text\":{\"body\":\"x\"}", $"\"type\":\"{type}\",{body}", StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, await WhatsappAsync(house, text));
        Assert.Equal(isHeld ? PersonStatus.Held : PersonStatus.Contactable, (await house.House.FindAsync(Ann))!.Person.Status);
    }

    [Fact]
    public async Task Whoever_rings_the_number_that_ends_it_all_is_left_alone_by_everything()
    {
        await using var house = await HouseAsync();
        var path = $"/hooks/missed-call/acme/{GatewayFolder.Secret}";
        Assert.Equal(HttpStatusCode.BadRequest, await SendAsync(house, path, "from=%2B447400123456"u8.ToArray(), "application/x-www-form-urlencoded"));
        Assert.Equal(HttpStatusCode.OK, await SendAsync(house, path, "from=%2B447400123456&id=c1"u8.ToArray(), "application/x-www-form-urlencoded"));
        Assert.Equal(("refused", "refused"), (await house.VerdictAsync("sms"), await house.VerdictAsync("voice")));
        Assert.Equal(ChannelSet.Phone, await ClosedAsync(house) & ChannelSet.Phone);
    }

    [Fact]
    public async Task Nothing_of_a_message_stands_in_what_is_told_of_it()
    {
        Assert.Equal("sms keyword", new InboundMessage("1", Channel.Sms, Ann, "STOP", "keyword").ToString());
        await using var house = await HouseAsync();
        // Too much to be a message.
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, await SendAsync(house, $"/hooks/mail/acme/{GatewayFolder.Secret}", new byte[(1 << 20) + 1], "message/rfc822"));
    }
}
