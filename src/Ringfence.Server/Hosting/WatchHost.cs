using System.Text;
using System.Text.Json;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Hosting;

/// <summary>What operators look at, on a port of its own: <c>/live</c>, <c>/ready</c>, <c>/metrics</c>. Nothing of it tells of anybody.</summary>
internal static class WatchHost
{
    /// <summary>Builds it; whoever asked starts and stops it.</summary>
    public static WebApplication Build(Served served, Meters meters, params ReadOnlySpan<string> urls)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls(urls.ToArray());
        builder.WebHost.ConfigureKestrel(static server =>
        {
            server.AddServerHeader = false;
            server.Limits.MaxRequestBodySize = 0;
        });
        ServerLog.Use(builder.Logging);
        var app = builder.Build();
        app.UseMiddleware<Secured>();
        app.MapGet("/live", static http => TextAsync(http, StatusCodes.Status200OK, "alive\n", "text/plain; charset=utf-8"));
        app.MapGet("/ready", http => ReadyAsync(http, served));
        app.MapGet("/metrics", http => TextAsync(http, StatusCodes.Status200OK, meters.Write(), "text/plain; version=0.0.4; charset=utf-8"));
        return app;
    }

    // Ready is who can be reached by those who say no, and knows whether anybody may be contacted. Each ledger is told by name.
    private static async Task ReadyAsync(HttpContext http, Served served)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        patience.CancelAfter(TimeSpan.FromSeconds(2));
        var shut = new SortedDictionary<string, string>(StringComparer.Ordinal);
        string? store = null;
        try
        {
            foreach (var ledger in await served.Installation.NewestLedgersAsync(patience.Token))
            {
                if (served.WhyMute(ledger) is { } why)
                    shut[ledger.Controller] = why;
            }
        }
        catch (StoreException e)
        {
            store = e.Fault.ToString();
        }
        catch (OperationCanceledException)
        {
            store = "no answer";
        }

        var answer = ApiAnswer.Json(store is null && shut.Count == 0 ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable, json => Write(json, store, shut));
        await TextAsync(http, answer.Status, Encoding.UTF8.GetString(answer.Bytes.Span), answer.Media);
    }

    private static void Write(Utf8JsonWriter json, string? store, SortedDictionary<string, string> shut)
    {
        json.WriteStartObject();
        json.WriteBoolean("ready", store is null && shut.Count == 0);
        if (store is not null)
            json.WriteString("store", store);
        json.WriteStartObject("shut");
        foreach (var (controller, why) in shut)
            json.WriteString(controller, why);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static Task TextAsync(HttpContext http, int status, string text, string media)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = media;
        http.Response.Headers.CacheControl = "no-store";
        return http.Response.WriteAsync(text, http.RequestAborted);
    }
}
