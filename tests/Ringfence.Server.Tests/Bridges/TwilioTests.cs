using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using Ringfence.Ledger;
using Ringfence.Server.Bridges.Twilio;
using Ringfence.Server.Ledger;
using Ringfence.Server.Suppression;
using Xunit;
using static Ringfence.Server.Tests.Bridges.TwilioCaller;

namespace Ringfence.Server.Tests.Bridges;

/// <summary>What Twilio calls, signed as it signs.</summary>
public sealed class TwilioTests
{
    private const string Ann = BridgeHouse.Ann;

    private static async Task<ChannelSet> ClosedAsync(BridgeHouse house, string number = Ann) =>
        (await house.House.SuppressionsAsync(number)).Aggregate(ChannelSet.None, static (set, row) => set | (ChannelSet)row.Channels);

    [Fact]
    public void The_signature_is_the_one_of_the_published_example()
    {
        // Source: https://www.twilio.com/docs/usage/security, the worked example.
        KeyValuePair<string, string>[] form =
        [
            new("CallSid", "CA1234567890ABCDE"), new("Caller", "+12349013030"), new("Digits", "1234"), new("From", "+12349013030"), new("To", "+18005551212"),
        ];
        const string address = "https://mycompany.com/myapp.php?foo=1&bar=2";
        Assert.True(TwilioSignature.IsOfForm(["12345"], address, form, "0/KCTR6DLpKmkAf8muzZqo1nDgQ="));
        Assert.True(TwilioSignature.IsOfForm(["12345"], "https://mycompany.com:443/myapp.php?foo=1&bar=2", form.Reverse(), "0/KCTR6DLpKmkAf8muzZqo1nDgQ="));
        Assert.False(TwilioSignature.IsOfForm(["12345"], address.Replace("bar=2", "bar=3", StringComparison.Ordinal), form, "0/KCTR6DLpKmkAf8muzZqo1nDgQ="));
        Assert.False(TwilioSignature.IsOfForm(["12346"], address, form, "0/KCTR6DLpKmkAf8muzZqo1nDgQ="));
    }

    [Theory]
    [InlineData("STOP", Ann, "STOP", ChannelSet.Phone)]
    [InlineData("Stop, please!", Ann, null, ChannelSet.Phone)]
    [InlineData("I never asked for this, take me off your list", Ann, null, ChannelSet.Phone)]
    [InlineData("退订", Ann, null, ChannelSet.Phone)]
    [InlineData("arrêt", Ann, "STOP", ChannelSet.Phone)]
    [InlineData("👎", Ann, null, ChannelSet.None)]
    [InlineData("no more messages here please", "whatsapp:" + Ann, null, ChannelSet.Phone)]
    [InlineData("When do you open tomorrow?", Ann, null, ChannelSet.None)]
    [InlineData("START", Ann, "START", ChannelSet.None)]
    [InlineData("HELP", Ann, "HELP", ChannelSet.None)]
    [InlineData("", Ann, null, ChannelSet.None)]
    public async Task A_no_by_message_is_written_down_and_any_other_is_not(string words, string from, string? type, ChannelSet closed)
    {
        await using var house = await HouseAsync();
        await house.YesAsync();
        var form = Message(words, from: from);
        var answer = TwiML(await PostAsync(house, "/hooks/twilio/acme/message", type is null ? form : [.. form, ("OptOutType", type)]));
        // Nobody is sent anything without a permit, an acknowledgement neither.
        Assert.False(answer.HasElements);
        var found = await ClosedAsync(house);
        if (words.StartsWith("no more", StringComparison.Ordinal))
            Assert.True((found & ChannelSet.Whatsapp) != 0);
        else
            Assert.Equal(closed, found);
        // What may be one holds the person until somebody has read it.
        if ((closed == ChannelSet.Phone || words == "👎") && from == Ann)
            Assert.Equal("refused", await house.VerdictAsync("sms"));
    }

    [Fact]
    public async Task A_message_that_comes_again_is_taken_once()
    {
        await using var house = await HouseAsync();
        await house.YesAsync();
        var form = Message("STOP");
        TwiML(await PostAsync(house, "/hooks/twilio/acme/message", form));
        var size = await house.House.SizeAsync();
        // They said yes again since; the old no, sent once more by whoever caught it, takes nothing back.
        await house.YesAsync();
        var after = await house.House.SizeAsync();
        Assert.True(after > size);
        TwiML(await PostAsync(house, "/hooks/twilio/acme/message", form));
        Assert.Equal(after, await house.House.SizeAsync());
        TwiML(await PostAsync(house, "/hooks/twilio/acme/message", Message("STOP", "SM2")));
        Assert.True(await house.House.SizeAsync() > after);
    }

    [Fact]
    public async Task What_is_not_signed_as_it_stands_is_refused_and_changes_nothing()
    {
        await using var house = await HouseAsync();
        await house.YesAsync();
        var size = await house.House.SizeAsync();
        const string path = "/hooks/twilio/acme/message";
        var form = Message("STOP");
        var good = Sign(Token, Public + path, form);
        var body = Encode(form);
        (string Path, string Body, string? Signature)[] forged =
        [
            (path, body, null), (path, body, ""), (path, body, "x"), (path, body, good[..^1]), (path, body, good.ToUpperInvariant()),
            (path, body.Replace("STOP", "STOp", StringComparison.Ordinal), good), (path, body + "&x=1", good), (path, body[..^4], good), (path, "", good),
            (path + "?purpose=offers", body, good), ("/hooks/twilio/acme/call", body, good), ("/hooks/twilio/other/message", body, good), ("/hooks/twilio/none/message", body, good),
            // Signed by a token that is somebody's, or for an address that is not ours.
            (path, body, Sign(new string('9', 32), Public + path, form)), (path, body, Sign(Token, house.Client.BaseAddress!.ToString().TrimEnd('/') + path, form)), (path, body, Sign(Token, "http" + Public[5..] + path, form)),
            // A controller that is none here.
            ("/hooks/twilio/nobody/message", body, Sign(Token, Public + "/hooks/twilio/nobody/message", form)),
        ];
        foreach (var one in forged)
        {
            var answer = await SendAsync(house, one.Path[1..], one.Body, one.Signature);
            Assert.True(answer.Status == HttpStatusCode.Forbidden && answer.Text.Contains("not-signed", StringComparison.Ordinal), $"{one}: {answer}");
        }

        // Every bit counts.
        var bytes = Convert.FromBase64String(good);
        for (var bit = 0; bit < bytes.Length * 8; bit += 7)
        {
            var flipped = (byte[])bytes.Clone();
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(house, path[1..], body, Convert.ToBase64String(flipped))).Status);
        }

        Assert.Equal(size, await house.House.SizeAsync());
        // The token of before is good while it is exchanged; the parts of a form may come in any order.
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(house, path, [.. form.Reverse()], OldToken)).Status);
    }

    [Fact]
    public async Task Bodies_that_cannot_be_read_are_refused_and_never_a_fault()
    {
        await using var house = await HouseAsync();
        const string path = "hooks/twilio/acme/message";
        (string Body, string Media, int[] Status)[] odd =
        [
            ("Body=\xff\xfe", "application/x-www-form-urlencoded", [400]), ("Body=%FF", "application/x-www-form-urlencoded", [400, 403]), ("%", "application/x-www-form-urlencoded", [403]),
            ("=", "application/x-www-form-urlencoded", [403]), (new string('&', 1_000), "application/x-www-form-urlencoded", [400, 403]), (string.Join('&', Enumerable.Range(0, 500).Select(static i => $"a{i}=1")), "application/x-www-form-urlencoded", [400]),
            ("Body=" + new string('x', 70_000), "application/x-www-form-urlencoded", [413]), ("{}", "application/json", [403]), ("{", "application/json", [403]), ("x", "text/plain", [415]), ("x", "multipart/form-data; boundary=x", [415]),
            ("Body=STOP", "application/x-www-form-urlencoded; charset=utf-16", [403]),
        ];
        foreach (var (body, media, status) in odd)
        {
            var answer = await SendAsync(house, path, body, "0/KCTR6DLpKmkAf8muzZqo1nDgQ=", media);
            Assert.True(status.Contains((int)answer.Status), $"{media}: {answer}");
        }

        var random = new Random(20261122);
        string[] pieces = ["Body", "=", "&", "%", "%00", "+", "From", "STOP", "\xe9", ";", "MessageSid", "{", "\"", ":"];
        for (var i = 0; i < 300; i++)
        {
            var body = string.Concat(Enumerable.Range(0, random.Next(0, 20)).Select(_ => pieces[random.Next(pieces.Length)]));
            Assert.True((int)(await SendAsync(house, path, body, "x", i % 3 == 0 ? "application/json" : "application/x-www-form-urlencoded")).Status is >= 400 and < 500);
        }

        // Signed and still not usable: no id, a sender that is no number.
        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync(house, "/hooks/twilio/acme/message", [("From", Ann), ("Body", "STOP")])).Status);
        TwiML(await PostAsync(house, "/hooks/twilio/acme/message", Message("STOP", from: "ACMEINFO")));
        foreach (var method in (HttpMethod[])[HttpMethod.Get, HttpMethod.Head, HttpMethod.Put])
        {
            using var request = new HttpRequestMessage(method, path);
            using var response = await house.Client.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        }
    }

    [Fact]
    public async Task A_body_in_json_is_told_by_its_digest_in_the_address()
    {
        await using var house = await HouseAsync();
        const string body = """{"MessageSid":"SM9","From":"+447400123456","Body":"stop"}""";
        var path = "/hooks/twilio/acme/message?bodySHA256=" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(body)));
        var signature = Sign(Token, Public + path, []);
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(house, path[1..], body.Replace("stop", "stoq", StringComparison.Ordinal), signature, "application/json")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(house, path[1..] + "0", body, signature, "application/json")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(house, "hooks/twilio/acme/message", body, Sign(Token, Public + "/hooks/twilio/acme/message", []), "application/json")).Status);
        Assert.Equal(ChannelSet.None, await ClosedAsync(house));
        TwiML(await SendAsync(house, path[1..], body, signature, "application/json"));
        Assert.Equal(ChannelSet.Phone, await ClosedAsync(house));
    }

    [Fact]
    public async Task A_call_is_put_through_with_a_permit_and_its_outcome_told()
    {
        await using var house = await HouseAsync();
        const string path = "/hooks/twilio/acme/call?purpose=offers&technique=manual&callerId=%2B442071234567";
        var none = TwiML(await PostAsync(house, path, Call()));
        Assert.Equal(("Reject", "rejected"), (none.Elements().Single().Name.LocalName, none.Elements().Single().Attribute("reason")?.Value));
        await house.YesAsync();
        var dial = TwiML(await PostAsync(house, path, Call(sid: "CA2"))).Elements().Single();
        Assert.Equal(("Dial", "+442071234567", Ann), (dial.Name.LocalName, dial.Attribute("callerId")?.Value, dial.Element("Number")?.Value));
        var action = new Uri(dial.Attribute("action")!.Value);
        Assert.StartsWith(Public + "/hooks/twilio/acme/outcome?permit=per_", action.ToString(), StringComparison.Ordinal);
        // The retry of a lost answer puts the same call through.
        var again = TwiML(await PostAsync(house, path, Call(sid: "CA2"))).Elements().Single();
        Assert.Equal(dial.ToString(), again.ToString());
        var told = action.PathAndQuery["/rf".Length..];
        TwiML(await PostAsync(house, told, [("CallSid", "CA2"), ("DialCallStatus", "no-answer"), ("CallStatus", "in-progress")]));
        TwiML(await PostAsync(house, told, [("CallSid", "CA2"), ("DialCallStatus", "ringing")]));
        Assert.Equal([RecordType.ConsentGiven, RecordType.PermitIssued, RecordType.PermitRedeemed, RecordType.ContactOutcome], (await house.House.FindAsync(Ann))!.Person.Records.Select(static record => record.Type));
    }

    [Theory]
    [InlineData("/hooks/twilio/acme/call?purpose=offers", "inbound", Ann, "Reject")]
    [InlineData("/hooks/twilio/acme/call?technique=manual", "inbound", Ann, "Reject")]
    [InlineData("/hooks/twilio/acme/call?purpose=offers&purpose=offers&technique=manual", "inbound", Ann, "Reject")]
    [InlineData("/hooks/twilio/acme/call?purpose=offers&technique=manual&channel=pigeon", "inbound", Ann, "Reject")]
    [InlineData("/hooks/twilio/acme/call?purpose=offers&technique=manual", "inbound", "client:bob", "Reject")]
    [InlineData("/hooks/twilio/acme/call?purpose=offers&technique=manual", "inbound", "ann@example.org", "Reject")]
    [InlineData("/hooks/twilio/acme/call?purpose=offers&technique=manual", "outbound-api", Ann, "Hangup")]
    [InlineData("/hooks/twilio/acme/call?purpose=offers&technique=manual", "outbound-dial", Ann, "Hangup")]
    public async Task Whatever_is_no_plain_yes_is_not_put_through(string path, string direction, string to, string verb)
    {
        await using var house = await HouseAsync();
        await house.YesAsync();
        Assert.Equal(verb, TwiML(await PostAsync(house, path, Call(to, direction))).Elements().Single().Name.LocalName);
        Assert.DoesNotContain(RecordType.PermitIssued, (await house.House.FindAsync(Ann))!.Person.Records.Select(static record => record.Type));
    }

    [Fact]
    public async Task Where_the_gate_is_shut_no_call_is_put_through_and_a_no_is_heard()
    {
        await using var house = await HouseAsync();
        await house.YesAsync();
        Installation.Spool(house.House.Installation.Options, new SpooledWithdrawal(Fresh.Id().ToString(), "acme", "+447400123499", (int)ChannelSet.All, null, "api", "x", 1));
        Assert.Equal("Reject", TwiML(await PostAsync(house, "/hooks/twilio/acme/call?purpose=offers&technique=manual", Call())).Elements().Single().Name.LocalName);
        TwiML(await PostAsync(house, "/hooks/twilio/acme/message", Message("STOP")));
        Assert.Equal(ChannelSet.Phone, await ClosedAsync(house));
    }

    [Theory]
    [InlineData("acme:0123456789abcdef0123456789abcdef", "https://x.example", null, 1)]
    [InlineData("acme:0123456789abcdef0123456789abcdef acme:fedcba9876543210fedcba9876543210", "https://x.example/", null, 2)]
    [InlineData("acme:0123456789abcdef0123456789abcdef", "http://127.0.0.1:5080", null, 1)]
    [InlineData("", null, null, 0)]
    [InlineData("acme", "https://x.example", "Twilio.BadTokens", 0)]
    [InlineData("acme:short", "https://x.example", "Twilio.BadTokens", 0)]
    [InlineData("acme:0123456789abcdef0123456789abcdef", null, "Twilio.BadAddress", 0)]
    [InlineData("acme:0123456789abcdef0123456789abcdef", "http://x.example", "Twilio.BadAddress", 0)]
    [InlineData("acme:0123456789abcdef0123456789abcdef", "https://x.example?y", "Twilio.BadAddress", 0)]
    public void Tokens_and_the_address_are_taken_only_as_they_should_be(string tokens, string? address, string? amiss, int count)
    {
        var read = TwilioAccounts.Read(tokens, address, out var wrong);
        Assert.Equal((amiss, count), (wrong, read?.Tokens.GetValueOrDefault("acme")?.Count ?? 0));
    }
}
