using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace AskFirst;

/// <summary>Calls Ringfence. What is asked for is done once, however often it has to be sent.</summary>
internal sealed class RingfenceClient : IDisposable
{
    private const int Tries = 6;
    private readonly HttpClient http;

    public RingfenceClient(string url, string key)
    {
        http = new HttpClient { BaseAddress = new Uri(url.TrimEnd('/') + "/api/v1/"), Timeout = TimeSpan.FromSeconds(10) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
    }

    public Task<JsonElement> PostAsync(string path, object? body = null) => CallAsync(HttpMethod.Post, path, body ?? new { });

    public Task<JsonElement> GetAsync(string path) => CallAsync(HttpMethod.Get, path, null);

    public void Dispose() => http.Dispose();

    private async Task<JsonElement> CallAsync(HttpMethod method, string path, object? body)
    {
        // The same for every try.
        var key = Guid.NewGuid().ToString();
        for (var tried = 1; ; tried++)
        {
            var wait = TimeSpan.FromSeconds(0.1 * Math.Pow(2, tried));
            try
            {
                using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body), Headers = { { "Idempotency-Key", key } } };
                using var answer = await http.SendAsync(request);
                var said = await answer.Content.ReadFromJsonAsync<JsonElement>();
                if (answer.IsSuccessStatusCode)
                    return said;
                if ((int)answer.StatusCode is not (429 or 502 or 503 or 504) || tried == Tries)
                    throw new RingfenceProblemException((int)answer.StatusCode, said);
                wait = answer.Headers.RetryAfter?.Delta ?? wait;
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException or JsonException && tried < Tries)
            {
                // No answer, or half of one: it may have been done or not.
            }

            await Task.Delay(wait);
        }
    }
}

/// <summary>What the server refuses: the code is stable, the message is for people.</summary>
internal sealed class RingfenceProblemException(int status, JsonElement problem) : Exception(problem.GetProperty("title").GetString())
{
    public int Status { get; } = status;

    public string Code { get; } = problem.GetProperty("code").GetString()!;
}
