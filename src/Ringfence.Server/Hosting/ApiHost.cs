using System.Globalization;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Ringfence.Server.Staff;

namespace Ringfence.Server.Hosting;

/// <summary>The HTTP API of an installation.</summary>
internal static class ApiHost
{
    // A thousand questions with facts of their own; what is larger is no question.
    private const long MostBytes = 4 << 20;

    private static readonly CultureInfo English = CultureInfo.GetCultureInfo("en");

    /// <summary>Builds it; whoever asked starts and stops it.</summary>
    /// <param name="served">What is served.</param>
    /// <param name="urls">Where it listens.</param>
    public static WebApplication Build(Served served, params ReadOnlySpan<string> urls) => Build(served, ApiRoutes.All, urls);

    /// <summary>The same with other ways to call it; for measuring.</summary>
    internal static WebApplication Build(Served served, IReadOnlyList<ApiRoute> routes, params ReadOnlySpan<string> urls)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls(urls.ToArray());
        builder.WebHost.ConfigureKestrel(static server => Limit(server));
        ServerLog.Use(builder.Logging);
        var app = builder.Build();
        var callers = new Callers(served.Installation);
        Proxies.Use(app, served.Proxies);
        app.UseMiddleware<Secured>();
        ApiPages.Map(app);
        app.UseRouting();
        foreach (var route in routes)
        {
            app.MapMethods(ApiRoutes.Root + route.Path, [route.Method], http => ServeAsync(http, served, callers, route)).WithMetadata(route);
        }

        Bridges.Mcp.McpEndpoint.Map(app, served, callers);
        Pages.PageHost.Map(app, served);
        app.MapFallback(http => Pages.PageHost.IsReader(http) ? Pages.PageHost.MissingAsync(http, served) : ApiProblem.SendAsync(http, ApiProblem.Of(new ApiFault(StatusCodes.Status404NotFound, "no-such-path"), LanguageOf(http))));
        return app;
    }

    /// <summary>The language a caller asks for; English where it is none of ours.</summary>
    public static CultureInfo LanguageOf(HttpContext http)
    {
        if (http.Request.Headers.AcceptLanguage.Count == 0)
            return English;
        foreach (var asked in http.Request.GetTypedHeaders().AcceptLanguage.OrderByDescending(static one => one.Quality ?? 1))
        {
            if (Cli.Terminal.OfTag(asked.Value.ToString()) is { } language)
                return language;
        }

        return English;
    }

    private static void Limit(KestrelServerOptions server)
    {
        server.AddServerHeader = false;
        server.Limits.MaxRequestBodySize = MostBytes;
        server.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        server.Limits.MaxRequestHeadersTotalSize = 16 << 10;
        server.Limits.MaxConcurrentConnections = 10_000;
    }

    private static async Task ServeAsync(HttpContext http, Served served, Callers callers, ApiRoute route)
    {
        // Whatever is said while this is served is said in the caller's language.
        var language = CultureInfo.CurrentUICulture = LanguageOf(http);
        using var span = RequestTraces.Begin(http, route);
        var answer = await AnswerAsync(http, route, language, async () =>
        {
            var caller = await callers.FindAsync(http.Request.Headers.Authorization, mayBeOld: route.Scope == ApiScopes.Withdraw, http.RequestAborted) ?? throw new ApiFault(StatusCodes.Status401Unauthorized, "no-access");
            if ((caller.Scopes & route.Scope) == 0)
                throw new ApiFault(StatusCodes.Status403Forbidden, "no-scope", null, ScopeWords.Of(route.Scope));
            await LimitAsync(served, caller, route.Scope, http.Response.Headers, http.RequestAborted);
            await LookAsync(served, caller, route);
            if (route.Stream is { } stream)
            {
                await stream(new ApiCall(served, http, caller, default, language)
                {
                    IsStillIn = async () => await callers.FindAsync(http.Request.Headers.Authorization, mayBeOld: false, http.RequestAborted) is { } still && (still.Scopes & route.Scope) != 0,
                });
                return null;
            }

            var body = route.ReadsBody ? ReadOnlyMemory<byte>.Empty : await BodyAsync(http);
            return await route.Do(new ApiCall(served, http, caller, body, language));
        });
        if (answer is null)
            return;
        RequestTraces.End(span, answer);
        await ApiProblem.SendAsync(http, answer);
    }

    /// <summary>Looks which rules are in force, where the answer goes by them.</summary>
    public static ValueTask LookAsync(Served served, Caller caller, ApiRoute route) =>
        (route.Scope & (ApiScopes.Decide | ApiScopes.Permit)) == 0 ? default : served.InForce.LookAsync(caller.Ledger);

    /// <summary>Takes one request of what is left to a caller, and tells them how they stand.</summary>
    /// <exception cref="ApiFault"><c>too-often</c>.</exception>
    public static async ValueTask LimitAsync(Served served, Caller caller, ApiScopes scope, IHeaderDictionary told, CancellationToken cancel)
    {
        if (await served.Budgets.TakeAsync(caller, scope, cancel) is not { } standing)
            return;
        RateHeaders.Write(standing, told);
        if (!standing.IsGranted)
            throw new ApiFault(StatusCodes.Status429TooManyRequests, "too-often");
    }

    /// <summary>Serves a call, and tells what went wrong in the form that callers know; null: it is sent already, or nobody waits for it any more.</summary>
    public static async Task<ApiAnswer?> AnswerAsync(HttpContext http, ApiRoute route, CultureInfo language, Func<Task<ApiAnswer?>> serve)
    {
        try
        {
            return await serve();
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            return null;
        }
#pragma warning disable CA1031 // whatever it is, the caller gets an answer in the form they know, and no word of what was inside
        catch (Exception failure)
#pragma warning restore CA1031
        {
            var answer = ApiProblem.Of(failure, language);
            if (answer.Status == StatusCodes.Status500InternalServerError)
                ServerLog.Fault(http, route, failure);
            // Of an answer that is on its way already the end can't be told otherwise.
            if (http.Response.HasStarted)
            {
                http.Abort();
                return null;
            }

            return answer;
        }
    }

    /// <summary>What was sent as JSON.</summary>
    /// <exception cref="ApiFault">It is none.</exception>
    public static async Task<ReadOnlyMemory<byte>> BodyAsync(HttpContext http)
    {
        if (!http.Request.HasJsonContentType() && (http.Request.ContentLength > 0 || http.Request.Headers.TransferEncoding.Count > 0))
            throw new ApiFault(StatusCodes.Status415UnsupportedMediaType, "wants-json");
        using var bytes = new MemoryStream((int)Math.Clamp(http.Request.ContentLength ?? 0, 0, MostBytes));
        try
        {
            await http.Request.Body.CopyToAsync(bytes, http.RequestAborted);
        }
        catch (IOException e) when (e is not Microsoft.AspNetCore.Http.BadHttpRequestException)
        {
            // Pieces whose lengths can't be.
            throw new ApiFault(StatusCodes.Status400BadRequest, "bad-request");
        }

        return bytes.GetBuffer().AsMemory(0, (int)bytes.Length);
    }
}

/// <summary>What is said to whatever shows an answer: nothing in it is to be run, framed or guessed at.</summary>
internal sealed class Secured(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext http)
    {
        var headers = http.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'";
        headers["Referrer-Policy"] = "no-referrer";
        return next(http);
    }
}
