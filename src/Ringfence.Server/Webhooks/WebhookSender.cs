using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
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

/// <summary>Sends a message to an address that somebody named, and to no other: what its name leads to is looked up once, every answer to that has to be one that may be reached, and the connection goes to the very address that was looked at.</summary>
internal sealed class WebhookSender : IDisposable
{
    /// <summary>How long one attempt may take, all in all.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan ConnectPatience = TimeSpan.FromSeconds(5);

    // After that a name is looked up anew.
    private static readonly TimeSpan ConnectionLife = TimeSpan.FromMinutes(1);

    // A receiver that asks for longer is asked again all the same.
    private static readonly Duration MostAfter = Duration.FromHours(24);

    // A yes fits into far less; the rest is not read.
    private const int MostAnswer = 4096;
    private const int MostHeaders = 16;

    private readonly TimeProvider time;
    private readonly HttpMessageInvoker client;
    private readonly Func<string, CancellationToken, Task<IPAddress[]>> resolve;
    private readonly Func<IPEndPoint, CancellationToken, Task<Stream>> connect;

    /// <param name="reach">Where messages may be sent.</param>
    /// <param name="time">The clock.</param>
    /// <param name="resolve">What a name leads to; null: as the system says.</param>
    /// <param name="connect">Connects; null: a socket.</param>
    public WebhookSender(WebhookReach reach, TimeProvider time, Func<string, CancellationToken, Task<IPAddress[]>>? resolve = null, Func<IPEndPoint, CancellationToken, Task<Stream>>? connect = null)
    {
        (Reach, this.time) = (reach, time);
        this.resolve = resolve ?? Dns.GetHostAddressesAsync;
        this.connect = connect ?? ConnectAsync;
        client = new HttpMessageInvoker(new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            Credentials = null,
            PreAuthenticate = false,
            ConnectTimeout = ConnectPatience,
            PooledConnectionLifetime = ConnectionLife,
            MaxResponseHeadersLength = MostHeaders,
            MaxResponseDrainSize = 0,
            ActivityHeadersPropagator = null,
            ConnectCallback = (context, cancel) => new ValueTask<Stream>(ReachAsync(context.DnsEndPoint, context.InitialRequestMessage.RequestUri!.Scheme == Uri.UriSchemeHttps, cancel)),
        });
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
        catch (Exception e) when (e is HttpRequestException or IOException or SocketException or AuthenticationException or ForbiddenAddressException)
        {
            return new Sent(null, FaultOf(e));
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

    private async Task<Stream> ReachAsync(DnsEndPoint where, bool tls, CancellationToken cancel)
    {
        // A literal address is looked at as what it is; a name is looked up once.
        var addresses = IPAddress.TryParse(where.Host.Trim('[', ']'), out var literal) ? [literal] : await resolve(where.Host, cancel);
        // One that may not be reached among them is no mistake of anybody's: none of them is.
        if (addresses.Length == 0 || !Array.TrueForAll(addresses, address => Reach.Allows(address, where.Port, tls)))
            throw new ForbiddenAddressException();
        for (var i = 0; ; i++)
        {
            try
            {
                return await connect(new IPEndPoint(addresses[i], where.Port), cancel);
            }
            catch (SocketException) when (i < addresses.Length - 1)
            {
                // The next one of them may answer.
            }
        }
    }

    private static async Task<Stream> ConnectAsync(IPEndPoint to, CancellationToken cancel)
    {
        var socket = new Socket(to.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(to, cancel);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    // Of what went wrong a word: messages name hosts and addresses.
    private static string FaultOf(Exception e)
    {
        for (var inner = e; inner is not null; inner = inner.InnerException)
        {
            switch (inner)
            {
                case ForbiddenAddressException:
                    return "address";
                case AuthenticationException:
                    return "tls";
                case SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData }:
                    return "name";
            }
        }

        return e is HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } ? "tls" : e is HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } ? "name" : "connection";
    }

    /// <summary>A name leads to where messages may not go.</summary>
    private sealed class ForbiddenAddressException : Exception;
}
