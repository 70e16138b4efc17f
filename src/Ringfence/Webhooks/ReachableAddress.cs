using System.Net;
using System.Net.Sockets;

namespace Ringfence.Webhooks;

/// <summary>Which addresses belong to the open Internet. Everything that is set aside for anything else is not: this machine, this house, the provider's own machines, ways through which another address is meant.</summary>
/// <remarks>Source: the IANA registries of special-purpose addresses for IPv4 and IPv6 (RFC 6890 and what came after it).</remarks>
public static class ReachableAddress
{
    // What is written beside each is whom one would reach there.
    private static readonly IPNetwork[] SetAside4 =
    [
        Of("0.0.0.0/8"),          // this network; a socket takes 0.0.0.0 for this machine
        Of("10.0.0.0/8"),         // private
        Of("100.64.0.0/10"),      // shared behind a provider; some clouds keep their metadata here
        Of("127.0.0.0/8"),        // this machine
        Of("168.63.129.16/32"),   // a cloud's own host, though the address is a public one
        Of("169.254.0.0/16"),     // link-local: metadata of most clouds
        Of("172.16.0.0/12"),      // private
        Of("192.0.0.0/24"),       // protocol assignments; metadata of another cloud
        Of("192.0.2.0/24"),       // documentation
        Of("192.31.196.0/24"),    // AS112
        Of("192.52.193.0/24"),    // multicast tunnels
        Of("192.88.99.0/24"),     // 6to4 relays
        Of("192.168.0.0/16"),     // private
        Of("192.175.48.0/24"),    // AS112
        Of("198.18.0.0/15"),      // benchmarks
        Of("198.51.100.0/24"),    // documentation
        Of("203.0.113.0/24"),     // documentation
        Of("224.0.0.0/4"),        // multicast
        Of("240.0.0.0/4"),        // reserved, and broadcast
    ];

    // Outside of it are this machine, mapped and translated IPv4, private, link-local, site-local and multicast addresses.
    private static readonly IPNetwork Unicast6 = Of("2000::/3");

    private static readonly IPNetwork[] SetAside6 =
    [
        Of("2001::/23"),          // protocol assignments, and Teredo, by which IPv4 is meant
        Of("2001:db8::/32"),      // documentation
        Of("2002::/16"),          // 6to4, by which IPv4 is meant
        Of("2620:4f:8000::/48"),  // AS112
        Of("3fff::/20"),          // documentation
    ];

    /// <summary>Whether it is an address of the open Internet.</summary>
    public static bool IsPublic(IPAddress address) => address.AddressFamily switch
    {
        AddressFamily.InterNetwork => !Array.Exists(SetAside4, network => network.Contains(address)),
        // By a mapped address IPv4 is meant. To be asked first: the framework compares it with networks of IPv6 by its last four bytes, and found ::ffff:10.0.0.1 in 2000::/3.
        AddressFamily.InterNetworkV6 => !address.IsIPv4MappedToIPv6 && address.ScopeId == 0 && Unicast6.Contains(address) && !Array.Exists(SetAside6, network => network.Contains(address)),
        _ => false,
    };

    private static IPNetwork Of(string network) => IPNetwork.Parse(network);
}
