using System.Net;
using Ringfence.Server.Webhooks;

namespace Ringfence.Server.Gateways;

/// <summary>One request to a provider, with an end to patience and to what is read of the answer.</summary>
internal static class HttpAttempt
{
    /// <returns>The status and the body; or no status, and a word of why: <c>timeout</c>, <c>connection</c>, <c>tls</c>, <c>name</c>, <c>address</c>.</returns>
    public static async Task<(HttpStatusCode? Status, byte[] Body, string? Fault)> SendAsync(HttpMessageInvoker client, HttpRequestMessage request, TimeSpan patience, int most, CancellationToken cancel)
    {
        request.Version = HttpVersion.Version11;
        request.Headers.TryAddWithoutValidation("User-Agent", "Ringfence");
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        both.CancelAfter(patience);
        try
        {
            using var response = await client.SendAsync(request, both.Token);
            var body = new byte[most];
            await using var stream = await response.Content.ReadAsStreamAsync(both.Token);
            var length = await stream.ReadAtLeastAsync(body, most, throwOnEndOfStream: false, both.Token);
            return (response.StatusCode, body[..length], null);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return (null, [], "timeout");
        }
        catch (Exception e) when (ReachHandler.IsOfTheWay(e))
        {
            return (null, [], ReachHandler.FaultOf(e));
        }
    }
}
