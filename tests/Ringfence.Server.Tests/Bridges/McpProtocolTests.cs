using System.Diagnostics;
using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using System.Text;
using System.Text.Json;
using Ringfence.Server.Bridges.Mcp;
using Ringfence.Server.Hosting;
using Ringfence.Server.Staff;
using Ringfence.Server.Tests.Storage;
using Xunit;

namespace Ringfence.Server.Tests.Bridges;

/// <summary>The protocol as it is written: what goes over the lines, what over HTTP, and what is no message.</summary>
public sealed class McpProtocolTests
{
    private const string Hello = """{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}""";
    private const string Ready = """{"jsonrpc":"2.0","method":"notifications/initialized"}""";
    private const string Ask = """{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"may_i_contact","arguments":{"to":"+447400123456","channel":"sms","purpose":"offers"}}}""";

    private static Caller CallerOf(BridgeHouse house) => new(house.House.Ledger, "mcp", BridgeHouse.All);

    /// <summary>Sends lines, closes the stream, and gives what was answered.</summary>
    private static async Task<List<JsonElement>> TalkAsync(BridgeHouse house, byte[] sent)
    {
        using var output = new MemoryStream();
        var lines = new McpLines(new MemoryStream(sent), output);
        await using (lines)
        {
            await using var server = McpServers.Create(lines, new ApiInside(house.Served, CallerOf(house), house.Services), CultureInfo.GetCultureInfo("en"));
            await server.RunAsync(TestContext.Current.CancellationToken);
        }

        return [.. Encoding.UTF8.GetString(output.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonDocument.Parse(line).RootElement)];
    }

    private static Task<List<JsonElement>> TalkAsync(BridgeHouse house, params string[] sent) => TalkAsync(house, Encoding.UTF8.GetBytes(string.Concat(sent.Select(static line => line + "\n"))));

    private static JsonElement Of(List<JsonElement> answers, int id) => answers.Single(one => one.TryGetProperty("id", out var found) && found.ValueKind == JsonValueKind.Number && found.GetInt32() == id);

    private static int? CodeOf(JsonElement answer) => answer.TryGetProperty("error", out var error) ? error.GetProperty("code").GetInt32() : null;

    [Theory]
    [InlineData("2024-11-05", "2024-11-05")]
    [InlineData("2025-03-26", "2025-03-26")]
    [InlineData("2025-06-18", "2025-06-18")]
    [InlineData("2025-11-25", "2025-11-25")]
    [InlineData("1900-01-01", "2025-11-25")]
    public async Task The_revision_asked_for_is_spoken_where_it_is_known(string asked, string spoken)
    {
        await using var house = await BridgeHouse.BuildAsync();
        var answers = await TalkAsync(house, Hello.Replace("2025-11-25", asked, StringComparison.Ordinal), Ready, """{"jsonrpc":"2.0","id":1,"method":"ping"}""", """{"jsonrpc":"2.0","id":2,"method":"tools/list"}""");
        var result = Of(answers, 0).GetProperty("result");
        Assert.Equal((spoken, "ringfence"), (result.GetProperty("protocolVersion").GetString(), result.GetProperty("serverInfo").GetProperty("name").GetString()));
        Assert.True(result.GetProperty("capabilities").TryGetProperty("tools", out _));
        Assert.Contains("request_permit", result.GetProperty("instructions").GetString(), StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Object, Of(answers, 1).GetProperty("result").ValueKind);
        var tools = Of(answers, 2).GetProperty("result").GetProperty("tools").EnumerateArray().ToList();
        Assert.Equal(5, tools.Count);
        Assert.All(tools, static tool => Assert.False(tool.GetProperty("inputSchema").GetProperty("additionalProperties").GetBoolean()));
        Assert.Equal(3, answers.Count);
    }

    [Fact]
    public async Task What_is_no_message_is_answered_and_the_next_one_is_heard()
    {
        await using var house = await BridgeHouse.BuildAsync();
        var deep = "{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"tools/call\",\"params\":{\"name\":\"may_i_contact\",\"arguments\":" + new string('[', 100_000) + new string(']', 100_000) + "}}";
        (string Sent, int Code)[] bad =
        [
            ("{", -32700), ("nonsense", -32700), ("\"\\ud800", -32700), (deep, -32700), ("""{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}""", -32700),
            ("[]", -32600), ($"[{Ask}]", -32600), ("1", -32600), ("null", -32600), ("{}", -32600), ("""{"jsonrpc":"1.0","id":4,"method":"ping"}""", -32600), ("""{"jsonrpc":"2.0","id":[1],"method":"ping"}""", -32600),
            ("""{"jsonrpc":"2.0","id":5,"method":17}""", -32600), (new string('x', McpMessages.MostBytes + 10), -32600), ("{\"jsonrpc\":\"2.0\",\"x\":\"" + new string('y', 3 << 20) + "\"}", -32600),
        ];
        var answers = await TalkAsync(house, [Hello, Ready, .. bad.Select(static one => one.Sent), "", "  \r", Ask]);
        Assert.Equal(bad.Select(static one => one.Code).Order(), answers.Select(CodeOf).OfType<int>().Order());
        Assert.Equal("refused", Of(answers, 7).GetProperty("result").GetProperty("structuredContent").GetProperty("verdict").GetString());
        Assert.DoesNotContain("nonsense", string.Concat(answers.Select(static one => one.GetRawText())), StringComparison.Ordinal);
        // Bytes that are no UTF-8, and a last line without an end.
        var odd = await TalkAsync(house, [.. "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\xff\"}\n"u8, .. Encoding.UTF8.GetBytes(Hello + "\n" + Ask)]);
        Assert.Equal("refused", Of(odd, 7).GetProperty("result").GetProperty("structuredContent").GetProperty("verdict").GetString());
    }

    [Fact]
    public async Task Unknown_methods_and_tools_are_errors_of_the_protocol()
    {
        await using var house = await BridgeHouse.BuildAsync();
        var answers = await TalkAsync(house, Hello, Ready,
            """{"jsonrpc":"2.0","id":1,"method":"resources/list"}""",
            """{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"dial","arguments":{}}}""",
            """{"jsonrpc":"2.0","id":3,"method":"tools/call"}""",
            """{"jsonrpc":"2.0","id":4,"method":"tools/call","params":{"arguments":{}}}""",
            """{"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"name":"may_i_contact","arguments":[1]}}""",
            """{"jsonrpc":"2.0","id":6,"method":"tools/call","params":{"name":"may_i_contact"}}""");
        Assert.Equal(-32601, CodeOf(Of(answers, 1)));
        Assert.Equal(-32602, CodeOf(Of(answers, 2)));
        Assert.All((int[])[3, 4, 5], id => Assert.True(CodeOf(Of(answers, id)) is -32602 or -32603 or -32600, Of(answers, id).ToString()));
        Assert.True(Of(answers, 6).GetProperty("result").GetProperty("isError").GetBoolean());
    }

    [Fact]
    public async Task Random_lines_never_end_it()
    {
        await using var house = await BridgeHouse.BuildAsync();
        var random = new Random(20261122);
        string[] pieces = ["{", "}", "[", "]", ":", ",", "\"jsonrpc\"", "\"2.0\"", "\"id\"", "\"method\"", "\"tools/call\"", "\"params\"", "\"name\"", "\"may_i_contact\"", "\"arguments\"", "null", "1e400", "-1", "\"\\u0000\"", "\"\ud800\"", "\"to\""];
        var sent = Enumerable.Range(0, 500).Select(i => i % 2 == 0
            ? string.Concat(Enumerable.Range(0, random.Next(1, 30)).Select(_ => pieces[random.Next(pieces.Length)]))
            : $$$"""{"jsonrpc":"2.0","id":{{{i + 100}}},"method":"tools/call","params":{"name":"may_i_contact","arguments":{"to":{{{pieces[random.Next(6, pieces.Length)]}}},"purpose":{{{pieces[random.Next(6, pieces.Length)]}}} """ + "}}}");
        var answers = await TalkAsync(house, [Hello, Ready, .. sent, Ask]);
        Assert.Equal("refused", Of(answers, 7).GetProperty("result").GetProperty("structuredContent").GetProperty("verdict").GetString());
        Assert.DoesNotContain(answers, static answer => CodeOf(answer) == -32603);
    }

    private static async Task<(HttpStatusCode Status, string Text)> PostAsync(BridgeHouse house, string? key, string body, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "mcp") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation("Accept", "application/json, text/event-stream");
        if (key is not null)
            request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + key);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        using var response = await house.Client.SendAsync(request);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Over_http_each_message_is_a_request_of_its_own()
    {
        await using var house = await BridgeHouse.BuildAsync();
        var key = (await house.KeyAsync(ApiScopes.Decide)).Show();
        var hello = await PostAsync(house, key, Hello);
        Assert.Equal(HttpStatusCode.OK, hello.Status);
        Assert.Contains("\"2025-11-25\"", hello.Text, StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.Accepted, ""), await PostAsync(house, key, Ready));
        Assert.Equal((HttpStatusCode.Accepted, ""), await PostAsync(house, key, """{"jsonrpc":"2.0","id":1,"result":{}}"""));
        // No word of before is needed.
        var asked = await PostAsync(house, key, Ask, ("MCP-Protocol-Version", "2025-06-18"));
        Assert.Contains("\"verdict\":\"refused\"", asked.Text, StringComparison.Ordinal);
        foreach (var (status, body, headers) in new (HttpStatusCode, string, (string, string)[])[]
        {
            (HttpStatusCode.BadRequest, Ask, [("MCP-Protocol-Version", "1900-01-01")]),
            (HttpStatusCode.BadRequest, "{", []),
            (HttpStatusCode.BadRequest, $"[{Ask}]", []),
            (HttpStatusCode.Forbidden, Ask, [("Origin", "https://evil.example")]),
            (HttpStatusCode.Forbidden, Ask, [("Origin", "null")]),
            (HttpStatusCode.RequestEntityTooLarge, new string(' ', McpMessages.MostBytes + 1), []),
            // The newest revision says in headers what the body says.
            (HttpStatusCode.BadRequest, Ask, [("MCP-Protocol-Version", "2026-07-28")]),
            (HttpStatusCode.BadRequest, Ask, [("MCP-Protocol-Version", "2026-07-28"), ("Mcp-Method", "tools/call"), ("Mcp-Name", "explain")]),
        })
            Assert.Equal(status, (await PostAsync(house, key, body, headers)).Status);
        foreach (var method in (HttpMethod[])[HttpMethod.Get, HttpMethod.Delete])
        {
            using var request = new HttpRequestMessage(method, "mcp");
            using var response = await house.Client.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.Equal((HttpStatusCode.MethodNotAllowed, "POST"), (response.StatusCode, response.Content.Headers.Allow.Single()));
        }
    }

    [Fact]
    public async Task Over_http_nobody_is_let_in_without_a_good_key()
    {
        await using var house = await BridgeHouse.BuildAsync();
        var good = await house.KeyAsync(BridgeHouse.All);
        var revoked = await house.KeyAsync(BridgeHouse.All);
        await house.House.DoAsync(new RevokeApiKeyCommand(Ledger.House.Staff, revoked.Id));
        foreach (var key in (string?[])[null, "", "x", revoked.Show(), (good with { Id = revoked.Id }).Show(), (good with { Controller = "other" }).Show(), good.Show()[..^1]])
        {
            foreach (var body in (string[])[Hello, Ask, "{"])
                Assert.Equal(HttpStatusCode.Unauthorized, (await PostAsync(house, key, body)).Status);
        }
    }

    [Fact]
    public async Task The_program_answers_what_was_sent_before_its_input_was_closed_and_ends()
    {
        var folder = Directory.CreateTempSubdirectory("rf-mcp-").FullName;
        try
        {
            var options = Ledger.House.In(folder);
            await ServedProcess.FoundAsync(options);
            var start = new ProcessStartInfo(ServedProcess.Program[0], [.. ServedProcess.Program[1..], "mcp", "--data", options.Data, "--keys", options.Keys!, "--controller", "acme"])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            using var process = Process.Start(start)!;
            await process.StandardInput.WriteAsync($"{Hello}\n");
            await process.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
            Assert.Contains("\"2025-11-25\"", await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
            await process.StandardInput.WriteAsync($"{Ready}\n{Ask}\n");
            process.StandardInput.Close();
            var answers = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            var complained = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.True(process.ExitCode == 0, complained);
            Assert.True(answers.Contains("\"verdict\":\"refused\"", StringComparison.Ordinal), answers + complained);
            Assert.DoesNotContain("7400123456", complained, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
