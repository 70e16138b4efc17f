using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using Ringfence.Server.Design;

namespace Ringfence.Server.Pages;

/// <summary>What pages bring along: styles, the script, the mark. Their addresses hold their digest, so that a browser may keep them for ever.</summary>
internal static class PageFiles
{
    private static readonly FrozenDictionary<string, (string Version, string Media, byte[] Bytes)> Files = new Dictionary<string, string>
    {
        ["tokens.css"] = "text/css; charset=utf-8",
        ["base.css"] = "text/css; charset=utf-8",
        ["components.css"] = "text/css; charset=utf-8",
        ["report.css"] = "text/css; charset=utf-8",
        ["staff.js"] = "text/javascript; charset=utf-8",
        ["passkey.js"] = "text/javascript; charset=utf-8",
        ["work.js"] = "text/javascript; charset=utf-8",
        ["mark.svg"] = "image/svg+xml",
    }.ToFrozenDictionary(static file => file.Key, static file =>
    {
        var text = DesignFiles.Read(file.Key);
        var bytes = Encoding.UTF8.GetBytes(file.Key.EndsWith(".css", StringComparison.Ordinal) ? UsedStyles.Small(text) : text);
        return (Convert.ToHexStringLower(SHA256.HashData(bytes))[..16], file.Value, bytes);
    });

    /// <summary>Where a file is to be had.</summary>
    public static string Address(string name) => $"/assets/{Files[name].Version}/{name}";

    // What other sites load has an address that stays, so that a browser asks again now and then.
    private static readonly byte[] Embed = Encoding.UTF8.GetBytes(DesignFiles.Read("embed.js"));

    /// <summary>Serves them.</summary>
    public static void Map(WebApplication app)
    {
        MapOwn(app);
        app.MapGet("/embed.js", static async (HttpContext http) =>
        {
            http.Response.ContentType = "text/javascript; charset=utf-8";
            http.Response.ContentLength = Embed.Length;
            http.Response.Headers.CacheControl = "public, max-age=3600";
            http.Response.Headers["Cross-Origin-Resource-Policy"] = "cross-origin";
            http.Response.Headers.XContentTypeOptions = "nosniff";
            await http.Response.Body.WriteAsync(Embed, http.RequestAborted);
        });
    }

    private static void MapOwn(WebApplication app) => app.MapGet("/assets/{version}/{name}", static async (HttpContext http, string version, string name) =>
    {
        if (!Files.TryGetValue(name, out var file) || file.Version != version)
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        http.Response.ContentType = file.Media;
        http.Response.ContentLength = file.Bytes.Length;
        http.Response.Headers.CacheControl = "public, max-age=31536000, immutable";
        await http.Response.Body.WriteAsync(file.Bytes, http.RequestAborted);
    });
}
