using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Ringfence.Server.Staff;

namespace Ringfence.Server.Hosting;

/// <summary>The API of a server elsewhere. Whatever is not an answer of it is silence, and silence lets nobody be contacted.</summary>
internal sealed class ApiAway : IApi, IDisposable
{
    // Whoever waits longer is better off with a no.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private const long MostBytes = 8 << 20;

    private readonly HttpClient client;

    /// <summary>Calls a server with a key.</summary>
    public ApiAway(Uri server, string key)
    {
        // A server that sends elsewhere is not the one that the key is for.
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(2), ConnectTimeout = TimeSpan.FromSeconds(5) };
        client = new HttpClient(handler) { BaseAddress = new Uri(server, ApiRoutes.Root), Timeout = Patience, MaxResponseContentBufferSize = MostBytes };
        client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", "Bearer " + key);
    }

    // The server says so when it is asked.
    public bool May(ApiScopes scope) => true;

    public async Task<ApiReply> CallAsync(string method, string path, JsonObject? body, string? key, CultureInfo language, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (body is not null)
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        request.Headers.TryAddWithoutValidation("Accept-Language", LanguageTexts.TagOf(language));
        if (key is not null)
            request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        try
        {
            using var response = await client.SendAsync(request, cancel);
            if (response.Content.Headers.ContentType?.MediaType is not ("application/json" or "application/problem+json"))
                return ApiReply.Silence;
            using var document = await JsonDocument.ParseAsync(await response.Content.ReadAsStreamAsync(cancel), cancellationToken: cancel);
            return document.RootElement.ValueKind == JsonValueKind.Object ? new ApiReply((int)response.StatusCode, document.RootElement.Clone()) : ApiReply.Silence;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or JsonException || (e is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            return ApiReply.Silence;
        }
    }

    public void Dispose() => client.Dispose();
}
