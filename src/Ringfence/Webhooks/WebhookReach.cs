using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;

namespace Ringfence.Webhooks;

/// <summary>Where messages may be sent: to the open Internet by https, and to the networks that whoever runs the program named.</summary>
/// <param name="Networks">Networks that may be reached although they are none of the open Internet, at any port.</param>
/// <param name="Http">Whether this machine itself may be reached without TLS, where its network is among them: for trying things out.</param>
public sealed record WebhookReach(IReadOnlyList<IPNetwork> Networks, bool Http = false)
{
    private const int LongestUrl = 2_000;
    private const int LongestHost = 253;

    // Behind any other port of the open Internet is hardly a receiver, and often something that was never meant to be talked to.
    private static readonly int[] Ports = [443, 8443];

    private static readonly SearchValues<char> HostCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789.-");

    /// <summary>The open Internet alone.</summary>
    public static WebhookReach Internet { get; } = new([]);

    /// <summary>Reads networks such as <c>10.1.0.0/16,fd00:1::/64</c>.</summary>
    public static bool TryRead(string? networks, bool http, [NotNullWhen(true)] out WebhookReach? reach)
    {
        var read = new List<IPNetwork>();
        reach = null;
        foreach (var one in (networks ?? "").Split([',', ' '], StringSplitOptions.RemoveEmptyEntries))
        {
            // A single address is a network of its own.
            if (!IPNetwork.TryParse(one, out var network) && !(IPAddress.TryParse(one, out var address) && TryWhole(address, out network)))
                return false;
            read.Add(network);
        }

        reach = new WebhookReach(read, http);
        return true;
    }

    /// <summary>Whether a connection may be made.</summary>
    /// <param name="address">The very address that is connected to.</param>
    /// <param name="port">The port.</param>
    /// <param name="tls">Whether TLS is spoken on it.</param>
    public bool Allows(IPAddress address, int port, bool tls)
    {
        // A mapped address is another way to write one that whoever named the network did not think of.
        if (address.IsIPv4MappedToIPv6)
            return false;
        var named = Networks.Any(network => network.Contains(address));
        if (!tls)
            return Http && named && IPAddress.IsLoopback(address);
        return named || (Ports.Contains(port) && ReachableAddress.IsPublic(address));
    }

    /// <summary>Reads the address of a receiver, and says whether it could be one. Where its name leads is looked at each time it is connected to.</summary>
    /// <param name="text">As somebody wrote it.</param>
    /// <param name="url">As it is kept: the host in small ASCII letters.</param>
    /// <param name="fault">What is wrong with it: <c>url-malformed</c>, <c>url-scheme</c>, <c>url-user</c>, <c>url-fragment</c>, <c>url-host</c>, <c>url-port</c>, <c>url-address</c>.</param>
    public bool TryRead(string text, [NotNullWhen(true)] out Uri? url, [NotNullWhen(false)] out string? fault)
    {
        url = null;
        fault = FaultOf(text, out var read);
        if (fault is null)
            url = read;
        return fault is null;
    }

    private string? FaultOf(string text, out Uri? url)
    {
        url = null;
        // What readers of addresses take for something else than it looks: blanks, control characters, backslashes.
        if (text.Length is 0 or > LongestUrl || text.Any(static c => c is <= ' ' or '\\' or '\u007f' || char.IsControl(c) || char.IsWhiteSpace(c)) || !Uri.TryCreate(text, UriKind.Absolute, out var read))
            return "url-malformed";
        if (read.Scheme != Uri.UriSchemeHttps && !(read.Scheme == Uri.UriSchemeHttp && Http))
            return "url-scheme";
        var start = read.Scheme.Length + 3;
        if (!text.StartsWith(read.Scheme + "://", StringComparison.OrdinalIgnoreCase))
            return "url-malformed";
        var end = text.AsSpan(start).IndexOfAny('/', '?', '#');
        var authority = end < 0 ? text[start..] : text[start..(start + end)];
        if (authority.Contains('@', StringComparison.Ordinal) || read.UserInfo.Length > 0)
            return "url-user";
        if (text.Contains('#', StringComparison.Ordinal))
            return "url-fragment";
        if (HostOf(read, authority) is not { } host)
            return "url-host";
        if (IPAddress.TryParse(host.Trim('[', ']'), out var address) && !Allows(address, read.Port, read.Scheme == Uri.UriSchemeHttps))
            return Ports.Contains(read.Port) || !ReachableAddress.IsPublic(address) ? "url-address" : "url-port";
        // A name may lead into a named network; where none is named it can't.
        if (address is null && Networks.Count == 0 && !Ports.Contains(read.Port))
            return "url-port";
        if (read.Port == 0)
            return "url-port";
        var rest = read.GetComponents(UriComponents.PathAndQuery, UriFormat.UriEscaped);
        url = new Uri(string.Create(CultureInfo.InvariantCulture, $"{read.Scheme}://{host}{(read.IsDefaultPort ? "" : $":{read.Port}")}{rest}"));
        return null;
    }

    // A name, or an address written the one way in which addresses are written: 2130706433, 0x7f.1 and 0177.0.0.1 are addresses, too, to those who want them to be.
    private static string? HostOf(Uri url, string authority)
    {
        var written = authority;
        if (authority.LastIndexOf(':') is var colon && colon > authority.LastIndexOf(']') && colon >= 0)
            written = authority[..colon];
        if (written.Length == 0 || written.Contains('%', StringComparison.Ordinal))
            return null;
        if (url.HostNameType == UriHostNameType.IPv6)
            return IPAddress.TryParse(written.Trim('[', ']'), out var six) && six.ScopeId == 0 ? $"[{six}]" : null;
        if (url.HostNameType == UriHostNameType.IPv4)
            return IPAddress.TryParse(written, out var four) && four.ToString() == written ? written : null;
        if (url.HostNameType != UriHostNameType.Dns)
            return null;
        string host;
        try
        {
            host = new IdnMapping().GetAscii(written).ToLowerInvariant();
        }
        catch (ArgumentException)
        {
            return null;
        }

        var labels = host.Split('.');
        var isName = host.Length <= LongestHost && !host.AsSpan().ContainsAnyExcept(HostCharacters)
            && Array.TrueForAll(labels, static label => label.Length is > 0 and <= 63 && label[0] != '-' && label[^1] != '-')
            // No name ends in a number, and what does is read as an address by somebody.
            && char.IsAsciiLetter(labels[^1][0]) && !IPAddress.TryParse(host, out _);
        return isName ? host : null;
    }

    private static bool TryWhole(IPAddress address, out IPNetwork network)
    {
        network = new IPNetwork(address, address.GetAddressBytes().Length * 8);
        return true;
    }
}
