using System.Collections.Concurrent;
using Xunit;

namespace Ringfence.Journeys;

/// <summary>The program, serving a controller in a folder of its own, behind a proxy that lets the first try of a change through and loses the answer.</summary>
public sealed class ServedForExamples : IAsyncLifetime
{
    private readonly ServingProcess server = new();
    private readonly ConcurrentDictionary<string, bool> seen = new();
    private readonly HttpClient onward = new();
    private WebApplication? proxy;
    private int lost;

    /// <summary>Where the proxy is.</summary>
    public string Url => proxy!.Urls.Single();

    public string Key { get; private set; } = "";

    /// <summary>Answers that were lost so far.</summary>
    public int Lost => lost;

    public async ValueTask InitializeAsync()
    {
        await server.RunAsync("controller", "add", "ringmuster", "--party", "samples/party-ringmuster.yaml");
        await server.RunAsync("wording", "publish", "samples/wording-letters.yaml");
        Key = (await server.RunAsync("keys", "api", "add", "examples", "--scopes", "consent,contacts,decide,permit,withdraw", "--quiet")).Trim();
        await server.StartAsync("--facts", "samples/standing-facts.yaml");
        onward.BaseAddress = new Uri(server.Url);

        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        proxy = builder.Build();
        proxy.Run(PassAsync);
        await proxy.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (proxy is not null)
            await proxy.DisposeAsync();
        onward.Dispose();
        await server.DisposeAsync();
    }

    private async Task PassAsync(HttpContext http)
    {
        using var request = new HttpRequestMessage(new HttpMethod(http.Request.Method), http.Request.Path.Value);
        if (http.Request.ContentLength > 0)
            request.Content = new StreamContent(http.Request.Body) { Headers = { ContentLength = http.Request.ContentLength } };
        else if (http.Request.Headers.TransferEncoding.Count > 0)
            request.Content = new StreamContent(http.Request.Body);
        foreach (var (name, value) in http.Request.Headers)
        {
            if (name is "Authorization" or "Idempotency-Key")
                request.Headers.TryAddWithoutValidation(name, (string?)value);
            else if (name is "Content-Type")
                request.Content?.Headers.TryAddWithoutValidation(name, (string?)value);
        }

        using var answer = await onward.SendAsync(request);
        var body = await answer.Content.ReadAsByteArrayAsync();
        if (http.Request.Method == "POST" && http.Request.Path != "/api/v1/decisions" && answer.StatusCode != System.Net.HttpStatusCode.UnprocessableEntity
            && seen.TryAdd(http.Request.Headers["Idempotency-Key"].ToString(), true))
        {
            Interlocked.Increment(ref lost);
            http.Abort();
            return;
        }

        http.Response.StatusCode = (int)answer.StatusCode;
        http.Response.ContentType = answer.Content.Headers.ContentType?.ToString();
        await http.Response.Body.WriteAsync(body);
    }
}
