using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using Ringfence.Server.Cli;
using Ringfence.Server.Hosting;
using Ringfence.Server.Ledger;
using Ringfence.Server.Staff;
using Ringfence.Server.Storage;
using Ringfence.Staff;

namespace Ringfence.Server.Pages;

/// <summary>Serves the pages of the list, and no others: tells who asks and whether they may, in one place.</summary>
internal static class PageHost
{
    // Nothing in a page is run or loaded but what this server serves as a file of its own.
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    private const string VisitCookie = "ringfence-visit";

    // While something is told as it happens, whoever hears it is asked for again: nobody listens for longer than they may.
    private static readonly TimeSpan StillIn = TimeSpan.FromSeconds(4);

    /// <summary>Serves them.</summary>
    public static void Map(WebApplication app, Served served) => Map(app, served, PageRoutes.All);

    /// <summary>The same with other pages; for trying.</summary>
    internal static void Map(WebApplication app, Served served, IReadOnlyList<PageRoute> routes)
    {
        PageFiles.Map(app);
        PublicHost.Map(app, served);
        foreach (var route in routes)
            app.MapMethods("/" + route.Path, [route.Method], http => ServeAsync(http, served, route)).WithMetadata(route);
    }

    /// <summary>Whether whoever asks wants to read a page, and not what programs read.</summary>
    public static bool IsReader(HttpContext http) =>
        !http.Request.Path.StartsWithSegments("/api", StringComparison.Ordinal) && http.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);

    /// <summary>Says that there is no such page.</summary>
    public static Task MissingAsync(HttpContext http, Served served) =>
        ServeAsync(http, served, new PageRoute(http.Request.Method, "", Access.Anyone, static _ => throw PageFault.Missing) { ReadsBody = true });

    /// <summary>What a browser's forms carry, made from what only that browser and this server know.</summary>
    public static string FormTokenOf(string secret) => WebEncoders.Base64UrlEncode(SHA256.HashData(Encoding.UTF8.GetBytes("ringfence form\0" + secret)));

    private static async Task ServeAsync(HttpContext http, Served served, PageRoute route)
    {
        var headers = http.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        // Without any referrer a browser would not say where a form stood either.
        headers["Referrer-Policy"] = "same-origin";
        headers.CacheControl = "no-store";
        PageCall? call = null;
        PageAnswer answer;
        try
        {
            call = await CallAsync(http, served, route);
            // Here, and not where it was found out: what is set in there is forgotten on the way back.
            CultureInfo.CurrentUICulture = call.Language;
            answer = await LetInAsync(call) ?? await route.Do(call);
            await SendAsync(http, call, answer);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
        }
#pragma warning disable CA1031 // whatever it is, the reader gets a page that says so, and no word of what was inside
        catch (Exception failure)
#pragma warning restore CA1031
        {
            if (http.Response.HasStarted)
            {
                http.Abort();
                return;
            }

            // Who asks may not be known, or the store may be what is away.
            await SendAsync(http, null, await FaultAsync(call ?? Nobody(http, served, route), failure));
        }
    }

    private static async Task<PageCall> CallAsync(HttpContext http, Served served, PageRoute route)
    {
        var staff = await served.Staff(http);
        var words = PageCall.WordsOf(staff?.Language ?? LanguageOf(http));
        LedgerRow? ledger = null;
        if (route.IsOfController && staff is not null)
        {
            var controller = (string)http.Request.RouteValues["controller"]!;
            // One that does not exist, and one where they are nobody, are answered alike.
            ledger = staff.For(controller) == Right.None ? null
                : (await served.Installation.NewestLedgersAsync(http.RequestAborted)).FirstOrDefault(row => row.Controller == controller);
            if (ledger is null)
                throw PageFault.Missing;
            await served.InForce.LookAsync(ledger);
        }

        return new PageCall(served, http, route, staff, ledger, staff?.FormToken ?? FormTokenOf(VisitOf(http)), words)
        {
            Controllers = staff is null ? new Dictionary<string, string>() : await served.Names.OfAsync(staff.Rights.Keys, http.RequestAborted),
        };
    }

    private static PageCall Nobody(HttpContext http, Served served, PageRoute route) =>
        new(served, http, route, null, null, "", PageCall.WordsOf(LanguageOf(http)));

    // Null: they may go on.
    private static async Task<PageAnswer?> LetInAsync(PageCall call)
    {
        switch (call.Route.Access)
        {
            case Access.Open:
                break;
            case Access.Known or Access.Needs when call.StaffOrNull is null:
                return PageCall.SeeOther(call.Http.Request.Method == HttpMethods.Get ? "/sign-in?next=" + Uri.EscapeDataString(call.Http.Request.Path + call.Http.Request.QueryString) : "/sign-in");
            case Access.Needs needs:
                call.Require(needs.Right);
                break;
            case Access.Known:
                break;
        }

        if (HttpMethods.IsGet(call.Http.Request.Method))
            return null;
        RequireSameSite(call.Http.Request);
        if (!call.Route.ReadsBody)
            call.RequireToken(call.Http.Request.HasFormContentType ? (await call.FieldsAsync())[PageForm.Token] : (string?)null);
        return null;
    }

    // What browsers say of where a form stood can't be set by the page it stood in. Older ones say nothing: the token remains.
    private static void RequireSameSite(HttpRequest request)
    {
        var origin = request.Headers.Origin.ToString();
        var site = request.Headers["Sec-Fetch-Site"].ToString();
        var isOurs = origin.Length == 0 || (Uri.TryCreate(origin, UriKind.Absolute, out var from) && string.Equals(from.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase));
        if (!isOurs || site is not ("" or "same-origin" or "none"))
            throw new PageFault(StatusCodes.Status403Forbidden, "foreign-form");
    }

    private static string LanguageOf(HttpContext http)
    {
        var said = http.Request.Query["lang"].ToString();
        // Whoever chose a language reads the next page in it, too.
        if (LanguageTexts.Tags.Contains(said))
            http.Response.Cookies.Append("lang", said, new CookieOptions { HttpOnly = true, SameSite = SameSiteMode.Lax, Secure = http.Request.IsHttps, Path = "/", IsEssential = true });
        var asked = said.Length > 0 ? said : http.Request.Cookies["lang"];
        return asked is not null && LanguageTexts.Tags.Contains(asked) ? asked : LanguageTexts.TagOf(ApiHost.LanguageOf(http));
    }

    // Before somebody signs in nothing but this tells their browser from another.
    private static string VisitOf(HttpContext http)
    {
        if (http.Request.Cookies[VisitCookie] is { Length: 43 } visit)
            return visit;
        visit = WebEncoders.Base64UrlEncode(RandomNumberGenerator.GetBytes(32));
        http.Response.Cookies.Append(VisitCookie, visit, new CookieOptions { HttpOnly = true, SameSite = SameSiteMode.Strict, Secure = http.Request.IsHttps, Path = "/", IsEssential = true });
        return visit;
    }

    /// <summary>The page that says what went wrong.</summary>
    public static async Task<PageAnswer> FaultAsync(PageCall call, Exception failure)
    {
        if (failure is PageFault fault)
        {
            // Who is nobody here has no administrator to ask.
            var key = fault.Key == PageFault.Missing.Key && (call.Route.IsPublic || call.StaffOrNull is null) ? "nobody-here" : fault.Key;
            return await FaultPageAsync(call, fault.Status, call.T("Fault." + key + ".Title"), call.T("Fault." + key, [.. fault.Arguments]));
        }

        // Everything else is told as programs are told it.
        var told = ApiProblem.Of(failure, call.Language);
        if (told.Status == StatusCodes.Status500InternalServerError)
            ServerLog.Fault(call.Http, call.Route.Method, "/" + call.Route.Path, failure);
        using var json = JsonDocument.Parse(told.Bytes);
        return await FaultPageAsync(call, told.Status, call.T(told.Status >= StatusCodes.Status500InternalServerError ? "Fault.away.Title" : "Fault.refused.Title"), json.RootElement.GetProperty("title").GetString()!);
    }

    private static Task<PageAnswer> FaultPageAsync(PageCall call, int status, string title, string text) =>
        call.PageAsync<FaultPage>(title, new FaultPage.Fault(title, text), status);

    /// <summary>Sends an answer.</summary>
    public static async Task SendAsync(HttpContext http, PageCall? call, PageAnswer answer)
    {
        var response = http.Response;
        switch (answer)
        {
            case PageAnswer.Html page:
                response.StatusCode = page.Status;
                response.ContentType = "text/html; charset=utf-8";
                var bytes = Encoding.UTF8.GetBytes(page.Text);
                response.ContentLength = bytes.Length;
                await response.Body.WriteAsync(bytes, http.RequestAborted);
                break;
            case PageAnswer.SeeOther other:
                response.StatusCode = StatusCodes.Status303SeeOther;
                response.Headers.Location = other.Path;
                break;
            case PageAnswer.Json json:
                response.ContentType = ApiAnswer.JsonMedia;
                await response.Body.WriteAsync(json.Bytes, http.RequestAborted);
                break;
            case PageAnswer.File file:
                response.ContentType = file.Media;
                response.Headers.ContentDisposition = $"attachment; filename=\"{file.Name}\"";
                await file.Write(response.Body, http.RequestAborted);
                break;
            case PageAnswer.Events events:
                await TellAsync(http, call!, events);
                break;
        }
    }

    private static async Task TellAsync(HttpContext http, PageCall call, PageAnswer.Events events)
    {
        var time = call.Installation.Time;
        http.Response.ContentType = "text/event-stream; charset=utf-8";
        await http.Response.Body.FlushAsync(http.RequestAborted);
        var seen = time.GetTimestamp();
        await foreach (var data in events.Data.WithCancellation(http.RequestAborted))
        {
            if (time.GetElapsedTime(seen) > StillIn)
            {
                if (await call.Served.Staff(http) is not { } staff || (call.Route.Access is Access.Needs needs && (staff.For(call.Controller) & needs.Right) != needs.Right))
                    return;
                seen = time.GetTimestamp();
            }

            await http.Response.Body.WriteAsync(Encoding.UTF8.GetBytes($"event: {events.Name}\ndata: {data}\n\n"), http.RequestAborted);
            await http.Response.Body.FlushAsync(http.RequestAborted);
        }
    }
}
