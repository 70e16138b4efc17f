using System.Net;
using Microsoft.AspNetCore.Connections;
using Ringfence.Server.Hosting;
using Ringfence.Server.Staff;

namespace Ringfence.Server.Bridges.Agi;

/// <summary>Where Asterisk servers ask, on a port of its own that speaks nothing but FastAGI.</summary>
internal static class AgiHost
{
    /// <summary>Holds the API keys in whose name is asked, parted by blanks: one for each controller.</summary>
    public const string KeyVariable = "RINGFENCE_AGI_KEY";

    /// <summary>Holds what the dialplan has to show; needed where others than this machine can reach the port.</summary>
    public const string SecretVariable = "RINGFENCE_AGI_TOKEN";

    // A dialler that has more calls in preparation at one instant is not one that this port is for.
    private const int MostConnections = 512;
    private const int ShortestSecret = 16;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Builds it; whoever asked starts and stops it.</summary>
    public static WebApplication Build(Served served, IPEndPoint place, IReadOnlyDictionary<string, string> keys, string? secret, TimeSpan? patience = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        AgiDesk? desk = null;
        builder.WebHost.ConfigureKestrel(server =>
        {
            server.Limits.MaxConcurrentConnections = MostConnections;
            server.Listen(place, listen => listen.Run(connection => desk!.ServeAsync(connection)));
        });
        ServerLog.Use(builder.Logging);
        var app = builder.Build();
        desk = new AgiDesk(served, new Callers(served.Installation), keys, secret, patience ?? Patience, app.Services);
        return app;
    }

    /// <summary>Reads where and for whom it is to answer.</summary>
    /// <returns>What is amiss: a key of the texts; null: nothing.</returns>
    public static string? TryRead(string text, Func<string, string?> environment, out IPEndPoint? place, out Dictionary<string, string> keys, out string? secret)
    {
        keys = new Dictionary<string, string>(StringComparer.Ordinal);
        secret = environment(SecretVariable) is { Length: > 0 } said ? said : null;
        // A port alone is that of this machine.
        if (!IPEndPoint.TryParse(text.Contains(':', StringComparison.Ordinal) ? text : "127.0.0.1:" + text, out place) || place.Port == 0)
            return "Agi.BadPlace";
        foreach (var word in (environment(KeyVariable) ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!ApiKey.TryRead(word, out var key) || !keys.TryAdd(key.Controller, word))
                return "Agi.BadKey";
        }

        if (keys.Count == 0)
            return "Agi.BadKey";
        if (secret is null ? !IPAddress.IsLoopback(place.Address) : secret.Length < ShortestSecret)
            return "Agi.NoSecret";
        return null;
    }
}
