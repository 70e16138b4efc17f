using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Ringfence.Server.Gate;
using Ringfence.Server.Staff;
using Ringfence.Server.Tests.Ledger;
using Xunit;

namespace Ringfence.Server.Tests.Hosting;

/// <summary>Questions that come in line by line, of any number.</summary>
public sealed class DecisionStreamTests : IAsyncLifetime
{
    private const string Ann = "+447400123456";

    private PermitHouse house = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => house = await PermitHouse.BuildAsync(null);

    public ValueTask DisposeAsync() => house.DisposeAsync();

    private Task<Wire> OpenAsync(ApiKey? key = null, string media = DecisionStream.Media) => Wire.OpenAsync(house.Api.Url, (key ?? house.Key).Show(), media);

    private static string CodeOf(JsonElement line) => line.TryGetProperty("code", out var code) ? $"{code.GetString()}@{line.GetProperty("line").GetInt64()}" : line.GetProperty("verdict").GetString()!;

    private static string Number(int i) => (447400120000L + i).ToString(CultureInfo.InvariantCulture);

    [Fact]
    public async Task Every_line_is_answered_by_a_line_in_its_place()
    {
        await house.YesAsync(Ann);
        await using var wire = await OpenAsync();
        string[] lines =
        [
            PermitHouse.Ask(Ann), "no json", PermitHouse.Ask("+447400123457"), "", "[]", """{"to":"x","channel":"sms","purpose":"offers"}""", PermitHouse.Ask(Ann)[..^1] + ",\"record\":true}", "{\"to\":\"\\ud800\"}",
            PermitHouse.Ask(Ann) + "\r",
        ];
        await wire.SendAsync(string.Join('\n', lines));
        await wire.EndAsync();
        Assert.Equal(["allowed", "bad-json@2", "refused", "bad-json@4", "wants-object@5", "not-a-point@6", "not-in-batch@7", "bad-text@8", "allowed"], (await wire.AllAsync()).Select(CodeOf));
        Assert.Equal((200, DecisionStream.Media), (wire.Status, wire.Media.Split(';')[0]));
    }

    [Fact]
    public async Task Who_asks_one_by_one_is_answered_one_by_one()
    {
        await using var wire = await OpenAsync();
        for (var i = 0; i < 20; i++)
        {
            await wire.SendAsync(PermitHouse.Ask("+" + Number(i)) + "\n");
            Assert.Equal("+" + Number(i), (await wire.NextAsync())!.Value.GetProperty("number").GetProperty("e164").GetString());
        }

        await wire.EndAsync();
        Assert.Null(await wire.NextAsync());
    }

    [Fact]
    public async Task A_stream_is_longer_than_any_request_may_be_and_its_answers_keep_the_order()
    {
        const int count = 6_000;
        await using var wire = await OpenAsync();
        var sent = 0L;
        var sending = Task.Run(async () =>
        {
            for (var i = 0; i < count; i++)
            {
                var line = PermitHouse.Ask("+" + Number(i)) + "\n";
                sent += line.Length;
                await wire.SendAsync(line);
            }

            await wire.EndAsync();
        }, Cancel);
        for (var i = 0; i < count; i++)
            Assert.Equal("+" + Number(i), (await wire.NextAsync())!.Value.GetProperty("number").GetProperty("e164").GetString());
        Assert.Null(await wire.NextAsync());
        await sending;
        // More than a request of any other kind may hold.
        Assert.InRange(sent, 5L << 20, long.MaxValue);
    }

    [Fact]
    public async Task A_line_that_is_too_long_is_passed_over_and_held_nowhere()
    {
        await using var wire = await OpenAsync();
        var sending = Task.Run(async () =>
        {
            await wire.SendAsync(PermitHouse.Ask(Ann) + "\n");
            var piece = new string('x', 1 << 16);
            for (var i = 0; i < 500; i++)
                await wire.SendAsync(piece);
            await wire.SendAsync("\n" + PermitHouse.Ask(Ann) + "\n" + new string(' ', DecisionStream.LongestLine + 1));
            await wire.EndAsync();
        }, Cancel);
        Assert.Equal(["refused", "line-too-long@2", "refused", "line-too-long@4"], (await wire.AllAsync()).Select(CodeOf));
        await sending;
    }

    [Fact]
    public async Task Who_takes_no_answers_is_not_listened_to()
    {
        await using var wire = await OpenAsync();
        var line = PermitHouse.Ask(Ann) + "\n";
        // What lies between the two is what pipes and sockets hold, a few megabytes at most; a hundred would fit in memory.
        var sent = 0L;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        try
        {
            for (; sent < 100L << 20; sent += line.Length)
            {
                patience.CancelAfter(TimeSpan.FromSeconds(3));
                await wire.SendAsync(line, patience.Token);
            }

            Assert.Fail("All of it was taken.");
        }
        catch (OperationCanceledException) when (!Cancel.IsCancellationRequested)
        {
        }

        Assert.InRange(sent, 1, 40L << 20);
    }

    [Fact]
    public async Task Who_goes_away_is_worked_for_no_more()
    {
        var wire = await OpenAsync();
        await wire.SendAsync(PermitHouse.Ask(Ann) + "\n");
        Assert.NotNull(await wire.NextAsync());
        await wire.DisposeAsync();
        // The server stops at once: nothing hangs on the one that went.
        await house.Api.StopAsync().WaitAsync(TimeSpan.FromSeconds(15), Cancel);
    }

    [Fact]
    public async Task A_server_that_stops_says_from_which_line_on_to_ask_again()
    {
        await using var wire = await OpenAsync();
        await wire.SendAsync(PermitHouse.Ask(Ann) + "\n");
        Assert.Equal("refused", CodeOf((await wire.NextAsync())!.Value));
        var stopping = house.Api.StopAsync();
        Assert.Equal("stopping@2", CodeOf((await wire.NextAsync())!.Value));
        Assert.Null(await wire.NextAsync());
        await wire.DisposeAsync();
        await stopping.WaitAsync(TimeSpan.FromSeconds(15), Cancel);
    }

    [Fact]
    public async Task A_key_that_is_revoked_ends_the_stream_that_was_begun_with_it()
    {
        var key = await house.Api.KeyAsync(ApiScopes.Decide);
        await using var wire = await OpenAsync(key);
        await wire.SendAsync(PermitHouse.Ask(Ann) + "\n");
        Assert.NotNull(await wire.NextAsync());
        await house.House.DoAsync(new RevokeApiKeyCommand(House.Staff, key.Id));
        var until = DateTime.UtcNow.AddSeconds(20);
        JsonElement answer;
        do
        {
            Assert.True(DateTime.UtcNow < until);
            await Task.Delay(100, Cancel);
            await wire.SendAsync(PermitHouse.Ask(Ann) + "\n");
            answer = (await wire.NextAsync())!.Value;
        }
        while (!answer.TryGetProperty("code", out _));
        Assert.StartsWith("no-access@", CodeOf(answer), StringComparison.Ordinal);
        Assert.Null(await wire.NextAsync());
    }

    [Fact]
    public async Task Nobody_waits_for_ever_for_the_next_line()
    {
        await house.DisposeAsync();
        house = await PermitHouse.BuildAsync(null, streamPatience: TimeSpan.FromMilliseconds(300));
        await using var wire = await OpenAsync();
        await wire.SendAsync(PermitHouse.Ask(Ann) + "\n" + PermitHouse.Ask(Ann)[..40]);
        Assert.Equal(["refused", "idle@2"], (await wire.AllAsync()).Select(CodeOf));
    }

    [Fact]
    public async Task Only_lines_of_json_are_a_stream_and_a_shut_gate_is_told_at_once()
    {
        await using (var wire = await OpenAsync(media: "application/json"))
        {
            await wire.EndAsync();
            Assert.Equal((415, "wants-ndjson"), (await wire.AllAsync())[0] is var refused ? (wire.Status, refused.GetProperty("code").GetString()) : default);
        }

        await using var none = await OpenAsync();
        await none.EndAsync();
        Assert.Empty(await none.AllAsync());
        Assert.Equal(200, none.Status);
    }

    [Fact]
    public async Task Whatever_comes_in_is_answered_line_by_line_and_never_by_a_fault()
    {
        var random = new Random(20271);
        var good = Encoding.UTF8.GetBytes(PermitHouse.Ask(Ann));
        await using var wire = await OpenAsync();
        var lines = 0;
        var sending = Task.Run(async () =>
        {
            for (var i = 0; i < 3_000; i++)
            {
                byte[] line = random.Next(3) == 0 ? new byte[random.Next(200)] : [.. good];
                if (line.Length != good.Length || random.Next(20) == 0)
                    random.NextBytes(line);
                for (var flips = random.Next(4); flips > 0 && line.Length > 0; flips--)
                    line[random.Next(line.Length)] = (byte)random.Next(256);
                line = [.. line.Where(static one => one != (byte)'\n'), (byte)'\n'];
                lines++;
                // In pieces that have nothing to do with lines.
                for (var from = 0; from < line.Length;)
                {
                    var some = Math.Min(line.Length - from, random.Next(4) == 0 ? random.Next(1, 60) : line.Length);
                    await wire.SendAsync(line.AsMemory(from, some), Cancel);
                    from += some;
                }
            }

            await wire.EndAsync();
        }, Cancel);
        var answers = await wire.AllAsync();
        await sending;
        Assert.Equal(lines, answers.Count);
        Assert.DoesNotContain(answers, static answer => answer.TryGetProperty("code", out var code) && code.GetString() == "fault");
        for (var i = 0; i < answers.Count; i++)
            Assert.True(!answers[i].TryGetProperty("line", out var at) || at.GetInt64() == i + 1);
    }

    /// <summary>A request by hand, over a socket: sent in pieces while the answer is read.</summary>
    private sealed class Wire(Socket socket, NetworkStream stream) : IAsyncDisposable
    {
        private readonly MemoryStream body = new();
        private long taken;
        private bool ended;

        public int Status { get; private set; }

        public string Media { get; private set; } = "";

        public static async Task<Wire> OpenAsync(string url, string key, string media)
        {
            var place = new Uri(url);
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { SendBufferSize = 1 << 16, ReceiveBufferSize = 1 << 16 };
            await socket.ConnectAsync(place.Host, place.Port, Cancel);
            var wire = new Wire(socket, new NetworkStream(socket));
            await wire.RawAsync(Encoding.ASCII.GetBytes($"POST /api/v1/decisions/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\nContent-Type: {media}\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"), Cancel);
            return wire;
        }

        public Task SendAsync(string text, CancellationToken? cancel = null) => SendAsync(Encoding.UTF8.GetBytes(text), cancel ?? Cancel);

        public Task SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancel) =>
            bytes.IsEmpty ? Task.CompletedTask : RawAsync([.. Encoding.ASCII.GetBytes(bytes.Length.ToString("x", CultureInfo.InvariantCulture) + "\r\n"), .. bytes.Span, (byte)'\r', (byte)'\n'], cancel);

        public Task EndAsync() => RawAsync("0\r\n\r\n"u8.ToArray(), Cancel);

        public async Task<IReadOnlyList<JsonElement>> AllAsync()
        {
            var all = new List<JsonElement>();
            while (await NextAsync() is { } line)
                all.Add(line);
            return all;
        }

        /// <summary>The next line of the answer; null: it has ended.</summary>
        public async Task<JsonElement?> NextAsync()
        {
            if (Status == 0)
                await HeadAsync();
            while (true)
            {
                var held = body.GetBuffer().AsSpan((int)taken, (int)(body.Length - taken));
                var end = held.IndexOf((byte)'\n');
                if (end < 0 && ended)
                    end = held.Length > 0 ? held.Length : -1;
                if (end >= 0)
                {
                    var line = held[..end].ToArray();
                    taken = Math.Min(body.Length, taken + end + 1);
                    return JsonDocument.Parse(line).RootElement;
                }

                if (ended)
                    return null;
                await MoreAsync();
            }
        }

        public ValueTask DisposeAsync()
        {
            stream.Dispose();
            socket.Dispose();
            return ValueTask.CompletedTask;
        }

        private Task RawAsync(byte[] bytes, CancellationToken cancel) => stream.WriteAsync(bytes, cancel).AsTask();

        private async Task HeadAsync()
        {
            var length = -1;
            for (var line = await LineAsync(); line.Length > 0; line = await LineAsync())
            {
                if (Status == 0)
                    Status = int.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture);
                else if (line.StartsWith("Content-Type:", StringComparison.OrdinalIgnoreCase))
                    Media = line[13..].Trim();
                else if (line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase))
                    length = int.Parse(line[15..], CultureInfo.InvariantCulture);
            }

            if (length < 0)
                return;
            var whole = new byte[length];
            await stream.ReadExactlyAsync(whole, Cancel);
            body.Write(whole);
            ended = true;
        }

        // One chunk of the answer.
        private async Task MoreAsync()
        {
            var size = int.Parse(await LineAsync(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            var chunk = new byte[size];
            await stream.ReadExactlyAsync(chunk, Cancel);
            await LineAsync();
            body.Write(chunk);
            ended = size == 0;
        }

        private async Task<string> LineAsync()
        {
            var line = new StringBuilder();
            var one = new byte[1];
            while (true)
            {
                await stream.ReadExactlyAsync(one, Cancel);
                if (one[0] == (byte)'\n')
                    return line.ToString().TrimEnd('\r');
                line.Append((char)one[0]);
            }
        }
    }
}
