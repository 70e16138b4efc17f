using System.Net;
using Microsoft.AspNetCore.HttpOverrides;

namespace Ringfence.Server.Hosting;

/// <summary>The servers in front of this one whose word counts for where a request comes from. Of anybody else that is what the connection says.</summary>
internal static class Proxies
{
    /// <summary>Reads networks such as <c>127.0.0.1,10.1.0.0/16</c>; an empty text is none.</summary>
    public static bool TryRead(string text, out IReadOnlyList<System.Net.IPNetwork> networks)
    {
        var read = new List<System.Net.IPNetwork>();
        networks = read;
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (System.Net.IPNetwork.TryParse(part, out var network))
                read.Add(network);
            else if (IPAddress.TryParse(part, out var one))
                read.Add(new System.Net.IPNetwork(one, one.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? 32 : 128));
            else
                return false;
        }

        return true;
    }

    /// <summary>Takes their word, from hop to hop for as long as the next is one of them.</summary>
    public static void Use(WebApplication app, IReadOnlyList<System.Net.IPNetwork> networks)
    {
        if (networks.Count == 0)
            return;
        var options = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto, ForwardLimit = null };
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (var network in networks)
            options.KnownIPNetworks.Add(network);
        app.UseForwardedHeaders(options);
    }
}
