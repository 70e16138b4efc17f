using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Ringfence.Webhooks;

namespace Ringfence.Server.Tests.Webhooks;

/// <summary>What arrived at a receiver.</summary>
internal sealed record Received(string Id, string Timestamp, string Signature, byte[] Body)
{
    public JsonElement Json => JsonDocument.Parse(Body).RootElement;

    public string Type => Json.GetProperty("type").GetString()!;

    public JsonElement Data => Json.GetProperty("data");

    public long Record => Data.GetProperty("record").GetInt64();

    public string? Contact => Data.GetProperty("contact").GetString();
}

/// <summary>Another system, which is told of what happens: a server of its own on this machine.</summary>
internal sealed class Receiver : IAsyncDisposable
{
    private readonly WebApplication app;

    private Receiver(WebApplication app) => this.app = app;

    /// <summary>Where messages may be sent so that they reach it.</summary>
    public static WebhookReach Reach { get; } = new([IPNetwork.Parse("127.0.0.0/8")], Http: true);

    public string Url => app.Urls.Single() + "/hook";

    /// <summary>Everything that arrived, in order; a request that was not answered too.</summary>
    public ConcurrentQueue<Received> All { get; } = new();

    /// <summary>How it answers; otherwise 204.</summary>
    public Func<Received, HttpContext, Task>? Answers { get; set; }

    public static async Task<Receiver> StartAsync(int port = 0)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        var receiver = new Receiver(builder.Build());
        receiver.app.MapPost("/hook", receiver.TakeAsync);
        receiver.app.MapFallback(static http =>
        {
            http.Response.StatusCode = 404;
            return Task.CompletedTask;
        });
        await receiver.app.StartAsync();
        return receiver;
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        await app.StopAsync(now.Token);
        await app.DisposeAsync();
    }

    private async Task TakeAsync(HttpContext http)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body);
        var headers = http.Request.Headers;
        var received = new Received(headers[WebhookSignature.IdHeader]!, headers[WebhookSignature.TimestampHeader]!, headers[WebhookSignature.SignatureHeader]!, body.ToArray());
        All.Enqueue(received);
        if (Answers is { } answers)
            await answers(received, http);
        else
            http.Response.StatusCode = 204;
    }
}
