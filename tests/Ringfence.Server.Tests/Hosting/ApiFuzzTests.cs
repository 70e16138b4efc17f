using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Ringfence.Server.Hosting;
using Ringfence.Server.Staff;
using Xunit;

namespace Ringfence.Server.Tests.Hosting;

/// <summary>Whatever is sent, however it is sent: it is answered or hung up on, never with a fault of ours, and others are served meanwhile.</summary>
public sealed class ApiFuzzTests : IAsyncLifetime
{
    private static readonly ApiScopes All = Enum.GetValues<ApiScopes>().Aggregate(static (set, one) => set | one);
    private static readonly JsonElement Document = JsonDocument.Parse(ApiPages.OpenApi).RootElement;

    private ApiHouse api = null!;
    private ApiKey key = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        api = await ApiHouse.BuildAsync(limits: "none");
        key = await api.KeyAsync(All);
    }

    public async ValueTask DisposeAsync() => await api.DisposeAsync();

    [Fact]
    public async Task No_json_makes_a_fault()
    {
        // RINGFENCE_TEST_FUZZ=100000 for more; what failed is told with what was sent.
        var rounds = int.Parse(Environment.GetEnvironmentVariable("RINGFENCE_TEST_FUZZ") ?? "1500", System.Globalization.CultureInfo.InvariantCulture);
        var random = new Random(20261122);
        var routes = ApiRoutes.All.Where(static route => route is { Method: "POST", ReadsBody: false, Stream: null }).ToArray();
        var understood = 0;
        for (var i = 0; i < rounds; i++)
        {
            var route = routes[random.Next(routes.Length)];
            var body = Mutated(Examples(route), random);
            var path = route.Path.Replace("{id}", Id(random), StringComparison.Ordinal);
            var answer = await api.SendAsync(HttpMethod.Post, path, key.Show(), new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } }, Headers(random));
            Assert.True((int)answer.Status < 500, $"{route.Path} {Encoding.Latin1.GetString(body)[..Math.Min(body.Length, 2000)]}: {answer}");
            understood += (int)answer.Status < 300 ? 1 : 0;
        }

        // Else nothing would go deeper than the parser.
        Assert.True(understood > rounds / 100, $"{understood}");
    }

    [Fact]
    public async Task No_path_and_no_method_makes_a_fault()
    {
        var random = new Random(7);
        string[] methods = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "CONNECT2", "x"];
        foreach (var route in ApiRoutes.All)
        {
            for (var i = 0; i < 12; i++)
            {
                var path = route.Path.Replace("{id}", Id(random), StringComparison.Ordinal).Replace("{**path}", Id(random) + "/" + Id(random), StringComparison.Ordinal);
                var answer = await api.SendAsync(new HttpMethod(methods[random.Next(methods.Length)]), path, key.Show(), null);
                Assert.True((int)answer.Status < 500, $"{path}: {answer}");
            }
        }
    }

    [Fact]
    public async Task No_list_and_no_form_makes_a_fault_and_nothing_of_it_stays()
    {
        var random = new Random(3);
        const string boundary = "frontier";
        var form = Encoding.UTF8.GetBytes($"--{boundary}\r\nContent-Disposition: form-data; name=\"source\"\r\n\r\nform\r\n--{boundary}\r\nContent-Disposition: form-data; name=\"list\"; filename=\"a.csv\"\r\nContent-Type: text/csv\r\n\r\nphone\n+447400123456\n\r\n--{boundary}--\r\n");
        for (var i = 0; i < 300; i++)
        {
            var bytes = Fuzz.Damaged(form, random);
            using var content = new ByteArrayContent(bytes);
            content.Headers.TryAddWithoutValidation("Content-Type", random.Next(4) switch { 0 => "multipart/form-data", 1 => "multipart/form-data; boundary=" + new string('x', 200), _ => "multipart/form-data; boundary=" + boundary });
            var answer = await api.SendAsync(HttpMethod.Post, "imports?" + (i % 2 == 0 ? "" : "dryRun=true"), key.Show(), content);
            Assert.True((int)answer.Status < 500 || answer.Code == "imports-waiting", $"{Encoding.Latin1.GetString(bytes)}: {answer}");
        }

        // What was taken waits, for nobody brings it in here; nothing else is there.
        foreach (var folder in Directory.GetDirectories(Path.Combine(api.House.Installation.Options.Data, "imports")))
            Assert.True(File.Exists(Path.Combine(folder, "job.json")));
    }

    [Theory]
    [InlineData("text/plain", "{}")]
    [InlineData("application/json; charset=utf-16", "{}")]
    [InlineData("application/x-www-form-urlencoded", "to=%2B447400123456")]
    [InlineData("application/json; charset=\"", "{}")]
    [InlineData("/", "{}")]
    public async Task A_wrong_kind_of_body_is_refused(string media, string body)
    {
        foreach (var route in ApiRoutes.All.Where(static route => route.Method == "POST"))
        {
            using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            content.Headers.TryAddWithoutValidation("Content-Type", media);
            var answer = await api.SendAsync(HttpMethod.Post, route.Path.Replace("{id}", "x", StringComparison.Ordinal), key.Show(), content);
            Assert.True((int)answer.Status is >= 400 and < 500, $"{route.Path}: {answer}");
        }
    }

    [Theory]
    [InlineData(100_000, 1)]
    [InlineData(1_000_000, 1)]
    [InlineData(5 << 20, 0)]
    public async Task What_is_deep_or_large_is_refused(int size, int deep)
    {
        var body = deep == 1 ? "{\"to\":" + new string('[', size) + new string(']', size) + "}" : "{\"to\":\"" + new string('1', size) + "\"}";
        foreach (var route in ApiRoutes.All.Where(static route => route.Method == "POST" && !route.ReadsBody))
        {
            try
            {
                var answer = await api.PostAsync(route.Path.Replace("{id}", "x", StringComparison.Ordinal), key, body);
                Assert.True((int)answer.Status is >= 400 and < 500, $"{route.Path}: {answer}");
            }
            catch (HttpRequestException)
            {
                // Hung up on while it still sent.
            }
        }

        Assert.Equal(HttpStatusCode.OK, (await AskAsync()).Status);
    }

    [Fact]
    public async Task Whatever_comes_over_the_wire_others_are_served()
    {
        var at = new Uri(api.Url);
        var start = $"POST /api/v1/decisions HTTP/1.1\r\nHost: {at.Authority}\r\nAuthorization: Bearer {key.Show()}\r\nContent-Type: application/json\r\n";
        string[] said =
        [
            "\r\n\r\n\r\n", "GET\r\n\r\n", "\0\0\0\0", "POST / HTTP/9.9\r\n\r\n", $"{start}Content-Length: -1\r\n\r\n", $"{start}Content-Length: 5\r\nContent-Length: 6\r\n\r\n{{}}   ",
            $"{start}Content-Length: 99999999999999999999\r\n\r\n", $"{start}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", $"{start}Transfer-Encoding: chunked\r\n\r\nzz\r\n", $"{start}Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nx",
            $"{start}Transfer-Encoding: gzip\r\n\r\nx", $"{start}Content-Length: 100\r\n\r\n{{\"to\":", $"{start}X: {new string('x', 100_000)}\r\n\r\n", start + string.Concat(Enumerable.Range(0, 500).Select(static i => $"X{i}: y\r\n")) + "\r\n",
            $"GET /{new string('a', 100_000)} HTTP/1.1\r\n\r\n", $"GET /api/v1/decisions/%zz%00%ff HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key.Show()}\r\n\r\n", $"{start}Host: two\r\n\r\n", "GET /api/v1/decisions/x HTTP/1.1\r\n\r\n",
            $"{start}Authorization: Bearer other\r\nContent-Length: 2\r\n\r\n{{}}", $"{start}Idempotency-Key: a\r\nIdempotency-Key: b\r\nContent-Length: 2\r\n\r\n{{}}", $"{start}Accept-Language: {new string(',', 5_000)}\r\nContent-Length: 2\r\n\r\n{{}}",
            $"{start}Accept-Language: zh;q=9999999999999, \u00ff\r\nContent-Length: 2\r\n\r\n{{}}", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", $"{start}Expect: 200-maybe\r\nContent-Length: 2\r\n\r\n{{}}", $"{start}Upgrade: websocket\r\nConnection: Upgrade\r\nContent-Length: 2\r\n\r\n{{}}",
        ];
        foreach (var bytes in said.Select(Encoding.Latin1.GetBytes))
        {
            using var socket = await ConnectAsync(at);
            await SendAsync(socket, bytes);
            // Half closed: nothing more comes from here.
            socket.Shutdown(SocketShutdown.Send);
            var answer = await ReadAsync(socket);
            // A version or an encoding that is not spoken here is told so by 501 and 505.
            Assert.False(answer.StartsWith("HTTP/1.1 500", StringComparison.Ordinal) || answer.StartsWith("HTTP/1.1 503", StringComparison.Ordinal), $"{Encoding.Latin1.GetString(bytes)[..Math.Min(200, bytes.Length)]}: {answer}");
            Assert.Equal(HttpStatusCode.OK, (await AskAsync()).Status);
        }
    }

    [Fact]
    public async Task Whoever_sends_slowly_or_not_at_all_keeps_nobody_waiting()
    {
        var at = new Uri(api.Url);
        var sockets = new List<Socket>();
        try
        {
            for (var i = 0; i < 200; i++)
            {
                var socket = await ConnectAsync(at);
                sockets.Add(socket);
                await SendAsync(socket, Encoding.ASCII.GetBytes((i % 3) switch
                {
                    0 => "POST /api/v1/decisions HT",
                    1 => $"POST /api/v1/decisions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key.Show()}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{{",
                    _ => "",
                }));
            }

            for (var i = 0; i < 20; i++)
                Assert.Equal(HttpStatusCode.OK, (await AskAsync()).Status);
            // Those who began a body and send no more are hung up on.
            var slow = await ReadAsync(sockets[1]);
            Assert.True(slow.Length == 0 || slow.StartsWith("HTTP/1.1 408", StringComparison.Ordinal), slow);
        }
        finally
        {
            sockets.ForEach(static socket => socket.Dispose());
        }
    }

    private static string Examples(ApiRoute route)
    {
        var operation = Document.GetProperty("paths").GetProperty(ApiRoutes.Root + route.Path).GetProperty("post");
        return operation.TryGetProperty("requestBody", out var body) && body.GetProperty("content").GetProperty("application/json").TryGetProperty("example", out var example) ? example.GetRawText() : """{"outcome":"delivered"}""";
    }

    // A field is taken out, put in, or made something else; then perhaps bytes are.
    private static byte[] Mutated(string example, Random random)
    {
        using var document = JsonDocument.Parse(example);
        var fields = document.RootElement.EnumerateObject().Select(static field => (field.Name, Value: field.Value.GetRawText())).ToList();
        for (var changes = random.Next(4); changes > 0 && fields.Count > 0; changes--)
        {
            var at = random.Next(fields.Count);
            switch (random.Next(4))
            {
                case 0:
                    fields.RemoveAt(at);
                    break;
                case 1:
                    string[] names = ["at", "region", "channels", "purposes", "evidence", "facts", "controller", "state", "record", "source", "technique", "agent", "request", "residence", "via", "way", "kind", "by", "x\\u0000"];
                    fields.Add((names[random.Next(names.Length)], Fuzz.Odd[random.Next(Fuzz.Odd.Length)]));
                    break;
                default:
                    fields[at] = (fields[at].Name, Fuzz.Odd[random.Next(Fuzz.Odd.Length)]);
                    break;
            }
        }

        var text = Encoding.UTF8.GetBytes("{" + string.Join(',', fields.Select(static field => $"\"{field.Name}\":{field.Value}")) + "}");
        return random.Next(3) == 0 ? Fuzz.Damaged(text, random) : text;
    }

    private static string Id(Random random)
    {
        string[] ids =
        [
            "x", "dec_0", "dec_7", "dec_-1", "dec_99999999999999999999", "dec_", "per_", "per_" + new string('0', 32), "per_zz", "imp_" + new string('f', 32), new string('0', 32), new string('a', 3_000), "%00", "%2e%2e", "%ff%fe", "a%2fb", "*", "null", "..", "'", "\"",
        ];
        return ids[random.Next(ids.Length)];
    }

    private static (string, string)[] Headers(Random random) => random.Next(5) switch
    {
        0 => [("Idempotency-Key", new string('k', random.Next(1, 300)))],
        1 => [("Idempotency-Key", "same"), ("Accept-Language", "zh-TW, *;q=0.1")],
        2 => [("Accept-Language", "xx-yy;q=z,,,;;"), ("Accept", "image/png")],
        _ => [],
    };

    private Task<Answered> AskAsync() => api.PostAsync("decisions", key, """{"to":"+447400123456","channel":"sms","purpose":"offers"}""");

    private static async Task<Socket> ConnectAsync(Uri at)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(at.Host, at.Port, Cancel);
        return socket;
    }

    private static async Task SendAsync(Socket socket, byte[] bytes)
    {
        try
        {
            for (var sent = 0; sent < bytes.Length;)
                sent += await socket.SendAsync(bytes.AsMemory(sent), Cancel);
        }
        catch (SocketException)
        {
            // Hung up on while it still sent.
        }
    }

    private static async Task<string> ReadAsync(Socket socket)
    {
        var text = new StringBuilder();
        var buffer = new byte[16 << 10];
        try
        {
            for (int read; (read = await socket.ReceiveAsync(buffer.AsMemory(), Cancel)) > 0;)
                text.Append(Encoding.Latin1.GetString(buffer, 0, read));
        }
        catch (SocketException)
        {
        }

        return text.ToString();
    }
}
