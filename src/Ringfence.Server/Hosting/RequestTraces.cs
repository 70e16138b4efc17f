using System.Diagnostics;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Ringfence.Server.Hosting;

/// <summary>One span for each request of the API, sent to where the operator collects them (OTLP over HTTP): which route, what was answered, how long it took. Nothing of whom it was about.</summary>
internal static class RequestTraces
{
    private const string Name = "Ringfence";

    // Of requests that nobody traces from outside one in a hundred: a dialer asks thousands of times a second.
    private const double Share = 0.01;

    private static readonly ActivitySource Source = new(Name);

    /// <summary>Begins to send them; until it is disposed.</summary>
    /// <param name="endpoint">Of the collector, such as <c>http://127.0.0.1:4318/v1/traces</c>.</param>
    public static IDisposable Send(Uri endpoint) => Sdk.CreateTracerProviderBuilder()
        .AddSource(Name)
        .SetSampler(new ParentBasedSampler(new TraceIdRatioBasedSampler(Share)))
        .ConfigureResource(static resource => resource.AddService("ringfence", serviceVersion: typeof(RequestTraces).Assembly.GetName().Version?.ToString(3)))
        .AddOtlpExporter(exporter => (exporter.Endpoint, exporter.Protocol) = (endpoint, OtlpExportProtocol.HttpProtobuf))
        .Build();

    /// <summary>Begins the span of a request, within that of the caller where they tell of one; null: nobody wants it.</summary>
    public static Activity? Begin(HttpContext http, ApiRoute route)
    {
        if (!Source.HasListeners())
            return null;
        // What it says beside the ids may be anything, and is not passed on.
        _ = ActivityContext.TryParse(http.Request.Headers.TraceParent, null, isRemote: true, out var parent);
        var span = Source.StartActivity($"{route.Method} {ApiRoutes.Root}{route.Path}", ActivityKind.Server, parent);
        // Source: OpenTelemetry semantic conventions for HTTP servers.
        span?.SetTag("http.request.method", route.Method).SetTag("http.route", ApiRoutes.Root + route.Path);
        return span;
    }

    /// <summary>Says what was answered.</summary>
    public static void End(Activity? span, ApiAnswer answer)
    {
        if (span is null)
            return;
        span.SetTag("http.response.status_code", answer.Status);
        if (answer.Status >= StatusCodes.Status500InternalServerError)
            span.SetStatus(ActivityStatusCode.Error);
    }
}
