using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Ringfence.Webhooks;

namespace Ringfence.Server.Webhooks;

/// <summary>Makes what speaks HTTP to addresses that somebody named, and to no others: what a name leads to is looked up once, every answer to that has to be one that may be reached, and the connection goes to the very address that was looked at.</summary>
internal static class ReachHandler
{
    private static readonly TimeSpan ConnectPatience = TimeSpan.FromSeconds(5);

    // After that a name is looked up anew.
    private static readonly TimeSpan ConnectionLife = TimeSpan.FromMinutes(1);

    private const int MostHeaders = 16;

    /// <param name="reach">Where it may speak to.</param>
    /// <param name="resolve">What a name leads to; null: as the system says.</param>
    /// <param name="connect">Connects; null: a socket.</param>
    public static SocketsHttpHandler Create(WebhookReach reach, Func<string, CancellationToken, Task<IPAddress[]>>? resolve = null, Func<IPEndPoint, CancellationToken, Task<Stream>>? connect = null)
    {
        resolve ??= Dns.GetHostAddressesAsync;
        connect ??= ConnectAsync;
        return new SocketsHttpHandler
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
        };

        async Task<Stream> ReachAsync(DnsEndPoint where, bool tls, CancellationToken cancel)
        {
            // A literal address is looked at as what it is; a name is looked up once.
            var addresses = IPAddress.TryParse(where.Host.Trim('[', ']'), out var literal) ? [literal] : await resolve(where.Host, cancel);
            // One that may not be reached among them is no mistake of anybody's: none of them is.
            if (addresses.Length == 0 || !Array.TrueForAll(addresses, address => reach.Allows(address, where.Port, tls)))
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
    }

    /// <summary>Whether something went wrong on the way, and not in here.</summary>
    public static bool IsOfTheWay(Exception e) => e is HttpRequestException or IOException or SocketException or AuthenticationException or ForbiddenAddressException;

    /// <summary>Of what went wrong a word: messages name hosts and addresses.</summary>
    public static string FaultOf(Exception e)
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

    /// <summary>A name leads to where nothing may be sent.</summary>
    private sealed class ForbiddenAddressException : Exception;
}
