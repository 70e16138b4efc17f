namespace Ringfence.Server.Hosting;

/// <summary>What tells how to call the program: the OpenAPI document, and a page to read it by that asks nothing of the network.</summary>
internal static class ApiPages
{
    public const string Document = "/openapi/v1.json";
    private const string Page = "docs";

    // The page brings its scripts and styles; some of its styles stand in the page.
    private const string PagePolicy = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

    private static readonly Lazy<byte[]> Bytes = new(static () =>
    {
        using var stream = typeof(ApiPages).Assembly.GetManifestResourceStream("openapi.json")!;
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    });

    /// <summary>The document, UTF-8.</summary>
    public static ReadOnlyMemory<byte> OpenApi => Bytes.Value;

    /// <summary>Serves both.</summary>
    public static void Map(WebApplication app)
    {
        app.Use(static (http, next) =>
        {
            if (http.Request.Path.StartsWithSegments("/" + Page, StringComparison.Ordinal))
                http.Response.Headers.ContentSecurityPolicy = PagePolicy;
            return next(http);
        });
        app.UseSwaggerUI(static options =>
        {
            options.RoutePrefix = Page;
            options.DocumentTitle = "Ringfence API";
            options.SwaggerEndpoint(Document, "v1");
            // Trying out happens against this server only; keys are not kept by the browser.
            options.ConfigObject.PersistAuthorization = false;
        });
        app.MapGet(Document, static http =>
        {
            http.Response.ContentType = "application/json; charset=utf-8";
            return http.Response.Body.WriteAsync(OpenApi, http.RequestAborted).AsTask();
        });
    }
}
