using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Xml.Linq;
using Ringfence.Ledger;
using Ringfence.Server.Bridges.Mcp;
using Ringfence.Server.Tests.Hosting;
using Xunit;
using static Ringfence.Server.Tests.Bridges.TwilioCaller;

namespace Ringfence.Server.Tests.Bridges;

/// <summary>Whatever comes over a bridge: it is answered or hung up on, without a fault of ours and in time, nobody is let through who said no, and others are served.</summary>
public sealed class BridgeFuzzTests
{
    private const string Ann = BridgeHouse.Ann;

    // RINGFENCE_TEST_FUZZ=100000 for more; what failed is told with what was sent.
    private static readonly int Rounds = int.Parse(Environment.GetEnvironmentVariable("RINGFENCE_TEST_FUZZ") ?? "600", System.Globalization.CultureInfo.InvariantCulture);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly string[] Messages =
    [
        """{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"x","version":"1"}}}""",
        """{"jsonrpc":"2.0","id":"a","method":"tools/list","params":{"cursor":"x"}}""",
        """{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"may_i_contact","arguments":{"to":"+447400123456","region":"GB","channel":"sms","purpose":"offers","technique":"bulk","at":"2027-06-09T10:00:00Z","facts":{"ask":{"class":"marketing"}},"language":"en"}}}""",
        """{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"request_permit","arguments":{"to":"+447400123456","channel":"voice","purpose":"offers","technique":"manual","facts":{},"idempotency_key":"k"}}}""",
        """{"jsonrpc":"2.0","id":4,"method":"tools/call","params":{"name":"report_outcome","arguments":{"permit":"per_00000000000000000000000000000000","outcome":"sent"}}}""",
        """{"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"name":"record_opt_out","arguments":{"to":"+447400123477","words":"stop it","via":"sms","channels":["sms","voice"],"purposes":["offers"]}}}""",
        """{"jsonrpc":"2.0","id":6,"method":"tools/call","params":{"name":"explain","arguments":{"decision":"dec_1","language":"zh-Hans"}}}""",
        """{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":2,"reason":"x"}}""",
        """{"jsonrpc":"2.0","id":7,"method":"ping"}""",
    ];

    private static readonly string[] Names = ["jsonrpc", "id", "method", "params", "name", "arguments", "_meta", "to", "at", "facts", "channels", "words", "error", "result", "x\\u0000"];

    [Fact]
    public async Task No_message_of_an_agent_makes_a_fault()
    {
        await using var house = await BridgeHouse.BuildAsync();
        await house.House.WithdrawAsync(Ann);
        var key = (await house.KeyAsync(BridgeHouse.All)).Show();
        var random = new Random(20261122);
        var used = 0;
        for (var i = 0; i < Rounds; i++)
        {
            var body = Fuzz.Mutated(Messages[random.Next(Messages.Length)], random, Names);
            var (status, text) = await SayAsync(house, key, body, random);
            Assert.True((int)status < 500, $"{Encoding.Latin1.GetString(body)[..Math.Min(body.Length, 2000)]}: {(int)status} {text}");
            // What the protocol calls an internal error is a fault as well.
            Assert.False(text.Contains("-32603", StringComparison.Ordinal), $"{Encoding.Latin1.GetString(body)}: {text}");
            Assert.DoesNotContain("\"next\":\"contact\"", text, StringComparison.Ordinal);
            used += text.Contains("structuredContent", StringComparison.Ordinal) ? 1 : 0;
        }

        // Else nothing would go deeper than the protocol.
        Assert.True(used > Rounds / 10, $"{used}");
        var deep = new string('[', 100_000) + new string(']', 100_000);
        foreach (var body in (string[])[deep, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":" + deep + "}", Messages[2].Replace("{\"class\":\"marketing\"}", new string('[', 33) + new string(']', 33), StringComparison.Ordinal), Messages[2].Replace("+447400123456", new string('1', 1 << 20), StringComparison.Ordinal), new string('x', 5 << 20)])
        {
            try
            {
                var (status, text) = await SayAsync(house, key, Encoding.UTF8.GetBytes(body), null);
                Assert.True((int)status is >= 400 and < 500 || text.Contains("\"isError\":true", StringComparison.Ordinal), $"{(int)status} {text[..Math.Min(500, text.Length)]}");
            }
            catch (HttpRequestException)
            {
                // Hung up on while it still sent.
            }
        }

        Assert.Contains("\"next\":\"do_not_contact\"", (await SayAsync(house, key, Encoding.UTF8.GetBytes(Messages[2]), null)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_call_of_a_dialplan_makes_a_fault_or_keeps_others_waiting()
    {
        await using var house = await BridgeHouse.BuildAsync();
        await house.YesAsync();
        await using var desk = await AgiAsterisk.BuildAsync(house, patience: TimeSpan.FromSeconds(5));
        string[] scripts = ["acme/voice.manual/offers", "acme/voice-auto.predictive/offers/GB", "acme/outcome", "acme/optout", "acme/optout/GB", "other/voice/offers", "acme", "", "///", "acme/voice.manual/offers?x=1", "%61cme/voice/offers", "acme/VOICE/offers"];
        // Nobody who agreed is among them.
        string[] arguments = ["+447400123477", "07400 123477", "per_00000000000000000000000000000000", "ANSWER", "", "token=", "\"", "\\", new string('7', 1_500), "\u202e", "x y", "\t", "${EXTEN}"];
        string[] replies = ["200 result=1\n", "200 result=-1\n", "510 Invalid or unknown command\n", "520-Usage\n520 End\n", "HANGUP\n", "100 Trying...\n200 result=1\n", "200 result=1 (timeout)\n", "\n", "x", "200 result=", "\0\n", new string('y', 5_000) + "\n"];
        await Parallel.ForAsync(0, Rounds / 2, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (round, cancel) =>
        {
            var random = new Random(round);
            var said = Encoding.UTF8.GetBytes(AgiChannel.Environment(scripts[random.Next(scripts.Length)], [.. Enumerable.Range(0, random.Next(4)).Select(_ => arguments[random.Next(arguments.Length)])]).Replace(Ann, "+447400123478", StringComparison.Ordinal));
            if (random.Next(3) == 0)
                said = Fuzz.Damaged(said, random);
            foreach (var command in await TalkAsync(desk, said, random, replies, cancel).WaitAsync(Patience, cancel))
                Assert.DoesNotContain("permitted\"", command, StringComparison.Ordinal);
        });
        Assert.Equal("permitted", (await desk.CallAsync("acme/voice.manual/offers", [Ann])).Verdict);
        Assert.Single(await house.House.RecordsAsync(), static record => record.Type == RecordType.PermitRedeemed);
    }

    [Fact]
    public async Task No_request_that_is_signed_makes_a_fault()
    {
        await using var house = await HouseAsync();
        var random = new Random(20261122);
        string[] ways = ["message", "call", "outcome"];
        string[] names = ["MessageSid", "CallSid", "From", "To", "Body", "Direction", "OptOutType", "DialCallStatus", "MessageStatus", "CallStatus", "NumMedia", "x", "", "\0", "字"];
        string[] values =
        [
            "SM1", "CA1", "+447400123477", "whatsapp:+447400123477", "whatsapp:", "client:x", "07400123477", "STOP", "stop", "START", "退订", "hello", "inbound", "outbound-api", "completed", "busy", "delivered", "", " ", "\0", "\u202e", "\r\nX: y", "<x/>", "&#0;", "\ufffe",
            "per_00000000000000000000000000000000", new string('x', 300), new string('字', 5_000), "a@example.org", "=1+1", "9223372036854775808",
        ];
        string[] queries = ["", "?purpose=offers&technique=manual", "?permit=per_00000000000000000000000000000000", "?permit=" + new string('x', 150), "?permit=%00", "?permit=..%2f..%2fkeys", "?purpose=%f0%9f%91%8e&technique=x", "?channel=sms&purpose=offers", "?callerId=%22%3e&purpose=offers&technique=manual", "?x=%zz", "?bodySHA256=0"];
        for (var i = 0; i < Rounds; i++)
        {
            var path = $"/hooks/twilio/acme/{ways[random.Next(ways.Length)]}{queries[random.Next(queries.Length)]}";
            (string, string)[] form = [.. Enumerable.Range(0, random.Next(8)).Select(_ => (Name: names[random.Next(names.Length)], values[random.Next(values.Length)])).DistinctBy(static one => one.Name)];
            var (status, text) = await PostAsync(house, path, form).WaitAsync(Patience, TestContext.Current.CancellationToken);
            Assert.True((int)status < 500, $"{path} {Encode(form)}: {(int)status} {text}");
            if (status != HttpStatusCode.OK)
                continue;
            Assert.Empty(XDocument.Parse(text).Descendants("Dial"));
        }

        // JSON, which is signed by its digest: deep, twice over, and no object.
        foreach (var body in (string[])["[]", "1", "null", "{\"From\":1}", "{\"From\":\"a\",\"From\":\"b\"}", "{\"MessageSid\":{\"x\":[]},\"From\":[\"+447400123477\"],\"Body\":null}", "{\"From\":" + new string('[', 30_000) + "}", "{\"Body\":\"\\ud800\",\"From\":\"+447400123477\",\"MessageSid\":\"SM3\"}", "{\"From\":\"\\u0000\"}", "\xff"])
        {
            var bytes = Encoding.Latin1.GetBytes(body);
            var path = "/hooks/twilio/acme/message?bodySHA256=" + Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes));
            var (status, text) = await SendAsync(house, path[1..], body, Sign(Token, Public + path, []), "application/json");
            Assert.True((int)status < 500, $"{body}: {(int)status} {text}");
        }

        TwiML(await PostAsync(house, "/hooks/twilio/acme/message", Message("STOP", "SM-last")));
        Assert.NotEmpty(await house.House.SuppressionsAsync(Ann));
    }

    private static async Task<(HttpStatusCode Status, string Text)> SayAsync(BridgeHouse house, string key, byte[] body, Random? random)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, McpEndpoint.Path[1..]) { Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } } };
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + key);
        request.Headers.TryAddWithoutValidation("Accept", "application/json, text/event-stream");
        (string Name, string Value)[] odd =
        [
            ("MCP-Protocol-Version", "2026-07-28"), ("MCP-Protocol-Version", "2025-06-18"), ("MCP-Protocol-Version", "x"), ("Mcp-Method", "tools/call"), ("Mcp-Name", "may_i_contact"), ("Mcp-Name", "=?base64?x?="), ("Mcp-Name", "=?base64?"), ("Mcp-Session-Id", "x"),
            ("Origin", "null"), ("Last-Event-ID", "1"), ("Accept-Language", "xx;q=z"),
        ];
        for (var some = random?.Next(3) ?? 0; some > 0; some--)
        {
            var (name, value) = odd[random!.Next(odd.Length)];
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await house.Client.SendAsync(request).WaitAsync(Patience, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync();
        if (response.Content.Headers.ContentType?.MediaType == "application/json" && text.Length > 0)
            JsonDocument.Parse(text).Dispose();
        return (response.StatusCode, text);
    }

    // What was said by the other end until it hung up.
    private static async Task<List<string>> TalkAsync(AgiAsterisk desk, byte[] said, Random random, string[] replies, CancellationToken cancel)
    {
        var heard = new List<string>();
        using var client = new TcpClient();
        await client.ConnectAsync(desk.Place, cancel);
        await using var stream = client.GetStream();
        try
        {
            await stream.WriteAsync(said, cancel);
            if (random.Next(2) == 0)
                client.Client.Shutdown(SocketShutdown.Send);
            using var reader = new StreamReader(stream, Encoding.ASCII);
            while (await reader.ReadLineAsync(cancel) is { } command)
            {
                heard.Add(command);
                await stream.WriteAsync(Encoding.Latin1.GetBytes(replies[random.Next(2) == 0 ? 0 : random.Next(replies.Length)]), cancel);
            }
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            // Hung up on.
        }

        return heard;
    }
}
