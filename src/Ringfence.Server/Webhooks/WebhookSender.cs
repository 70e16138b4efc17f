using System.Globalization;
using System.Net;
using System.Text.Json;
using NodaTime;
using Ringfence.Webhooks;

namespace Ringfence.Server.Webhooks;

/// <summary>How one attempt ended.</summary>
/// <param name="Status">HTTP status; null: there was no answer.</param>
/// <param name="Fault">Stable word of why it failed; null: it arrived.</param>
/// <param name="Confirmed">Whether the answer said that it was obeyed.</param>
/// <param name="After">For how long the receiver asked to be left alone; null: it did not.</param>
internal sealed record Sent(short? Status, string? Fault, bool Confirmed = false, Duration? After = null);

/// <summary>Sends a message to an address that somebody named, and to no other (<see cref="ReachHandler"/>).</summary>
internal sealed class WebhookSender : IDisposable
{
    /// <summary>How long one attempt may take, all in all.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    // A receiver that asks for longer is asked again all the same.
    private static readonly Duration MostAfter = Duration.FromHours(24);

    // A yes fits into far less; the rest is not read.
    private const int MostAnswer = 4096;

    private readonly TimeProvider time;
    private readonly HttpMessageInvoker client;

    /// <param name="reach">Where messages may be sent.</param>
    /// <param name="time">The clock.</param>
    /// <param name="resolve">What a name leads to; null: as the system says.</param>
    /// <param name="connect">Connects; null: a socket.</param>
    public WebhookSender(WebhookReach reach, TimeProvider time, Func<string, CancellationToken, Task<IPAddress[]>>? resolve = null, Func<IPEndPoint, CancellationToken, Task<Stream>>? connect = null)
    {
        (Reach, this.time) = (reach, time);
        client = new HttpMessageInvoker(ReachHandler.Create(reach, resolve, connect));
    }

    public WebhookReach Reach { get; }

    /// <summary>Makes one attempt. Whatever goes wrong is an outcome.</summary>
    /// <param name="url">Where to.</param>
    /// <param name="secrets">What signs, the newest first.</param>
    /// <param name="id">The name of the message: the same at each attempt.</param>
    /// <param name="body">What is told.</param>
    /// <param name="cancel">Gives up; nobody knows then whether it arrived.</param>
    public async Task<Sent> SendAsync(string url, IReadOnlyList<byte[]> secrets, string id, byte[] body, CancellationToken cancel)
    {
        // Once more, for the rules may have become narrower since it was added.
        if (!Reach.TryRead(url, out var where, out var fault))
            return new Sent(null, fault);
        if (secrets.Count == 0)
            return new Sent(null, "secret");
        using var patience = new CancellationTokenSource(Patience, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancel);
        try
        {
            using var request = Request(where, secrets, id, body);
            using var response = await client.SendAsync(request, both.Token);
            return await OutcomeAsync(response, both.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return new Sent(null, "timeout");
        }
        catch (Exception e) when (ReachHandler.IsOfTheWay(e))
        {
            return new Sent(null, ReachHandler.FaultOf(e));
        }
    }

    public void Dispose() => client.Dispose();

    private HttpRequestMessage Request(Uri where, IReadOnlyList<byte[]> secrets, string id, byte[] body)
    {
        var timestamp = time.GetUtcNow().ToUnixTimeSeconds();
        var content = new ByteArrayContent(body);
        content.Headers.TryAddWithoutValidation("Content-Type", "application/json; charset=utf-8");
        var request = new HttpRequestMessage(HttpMethod.Post, where) { Content = content, Version = HttpVersion.Version11, VersionPolicy = HttpVersionPolicy.RequestVersionOrLower };
        request.Headers.TryAddWithoutValidation("User-Agent", "Ringfence");
        request.Headers.TryAddWithoutValidation(WebhookSignature.IdHeader, id);
        request.Headers.TryAddWithoutValidation(WebhookSignature.TimestampHeader, timestamp.ToString(CultureInfo.InvariantCulture));
        request.Headers.TryAddWithoutValidation(WebhookSignature.SignatureHeader, WebhookSignature.Sign(secrets, id, timestamp, body));
        return request;
    }

    private async Task<Sent> OutcomeAsync(HttpResponseMessage response, CancellationToken cancel)
    {
        var status = (short)response.StatusCode;
        if (response.IsSuccessStatusCode)
            return new Sent(status, null, await SaysConfirmedAsync(response, cancel));
        var fault = status switch
        {
            410 => "gone",
            429 => "too-many",
            >= 300 and < 400 => "redirect",
            _ => "status",
        };
        return new Sent(status, fault, After: status is 429 or 503 ? AfterOf(response) : null);
    }

    // It comes from the very host that the message went to, by its own certificate: who else should know.
    private static async Task<bool> SaysConfirmedAsync(HttpResponseMessage response, CancellationToken cancel)
    {
        if (response.Content.Headers.ContentType?.MediaType != "application/json")
            return false;
        var answer = new byte[MostAnswer + 1];
        await using var stream = await response.Content.ReadAsStreamAsync(cancel);
        var length = await stream.ReadAtLeastAsync(answer, answer.Length, throwOnEndOfStream: false, cancel);
        if (length > MostAnswer)
            return false;
        try
        {
            using var json = JsonDocument.Parse(answer.AsMemory(0, length), new JsonDocumentOptions { MaxDepth = 8, AllowDuplicateProperties = false });
            return json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("confirmed", out var said) && said.ValueKind == JsonValueKind.True;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private Duration? AfterOf(HttpResponseMessage response)
    {
        var asked = response.Headers.RetryAfter switch
        {
            { Delta: { } delta } => Duration.FromTimeSpan(delta),
            { Date: { } date } => Duration.FromTimeSpan(date - time.GetUtcNow()),
            _ => Duration.Zero,
        };
        return asked <= Duration.Zero ? null : Duration.Min(asked, MostAfter);
    }
}
