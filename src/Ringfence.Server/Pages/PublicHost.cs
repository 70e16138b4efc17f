using System.Collections.Concurrent;
using System.Globalization;
using Ringfence.Server.Hosting;
using Ringfence.Server.Ledger;
using Ringfence.Server.People;
using Ringfence.Server.Storage;
using Ringfence.Server.Suppression;

namespace Ringfence.Server.Pages;

/// <summary>Serves the pages that are for everybody who is contacted: without script, cookies or sign-in. Who comes is told by what they bring with them, and by nothing else.</summary>
internal static class PublicHost
{
    // Nothing runs, nothing is loaded but our style sheets.
    private const string Rules = "default-src 'none'; " + Loads;

    // One page runs one script of ours, where the operator wants work for a code.
    private const string RulesWithScript = "default-src 'none'; script-src 'self'; " + Loads;

    private const string Loads = "style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors ";

    private const string Policy = Rules + "'none'";

    /// <summary>The policy of a page that some sites may show inside theirs.</summary>
    /// <param name="sites">Origins; empty: none may.</param>
    /// <param name="hasScript">Whether it runs a script of ours.</param>
    public static string PolicyFor(IReadOnlyList<string> sites, bool hasScript = false) => (hasScript ? RulesWithScript : Rules) + (sites.Count == 0 ? "'none'" : string.Join(' ', sites));

    // The parts of an address that are no secret, and that somebody may type by hand.
    private static readonly string[] Typed = ["controller", "form", "hash"];

    // Whoever runs the server does not wait for a mail server that hangs.
    private static readonly TimeSpan AfterAnswers = TimeSpan.FromSeconds(5);

    /// <summary>Serves them.</summary>
    public static void Map(WebApplication app, Served served)
    {
        var controllers = new PublicControllers(served.Installation);
        var (busy, late) = (new BusyPages(served), new LateNoes());
        foreach (var route in PublicRoutes.All)
            app.MapMethods("/" + route.Path, HttpMethods.IsGet(route.Method) ? [route.Method, HttpMethods.Head] : [route.Method], http => LetInAsync(http, served, route, busy, late, (link, isBeyond) => ServeAsync(http, served, controllers, route, link, isBeyond))).WithMetadata(route);
        // Whatever else stands below them, by any method, is an address that somebody got wrong.
        foreach (var route in PublicRoutes.Elsewhere)
            app.Map("/" + route.Path, http => LetInAsync(http, served, route, busy, late, (link, isBeyond) => ServeAsync(http, served, controllers, route, link, isBeyond))).WithMetadata(route);
        app.Lifetime.ApplicationStopping.Register(() => served.Afterwards.EndAsync(AfterAnswers).GetAwaiter().GetResult());
        app.Lifetime.ApplicationStopped.Register(late.Dispose);
    }

    // Before anything is read, looked up or drawn: whoever comes too often costs next to nothing.
    private static Task LetInAsync(HttpContext http, Served served, PageRoute route, BusyPages busy, LateNoes late, Func<PersonLink?, bool, Task> serve)
    {
        Fold(http.Request.RouteValues);
        var link = LinkOf(http, served, route);
        // Behind one address there may be thousands, each with a link of their own: whoever looks, or says no, by one that was made here is counted by it. The next one counts for where it comes from.
        if (link is { } theirs && (route.IsNo || HttpMethods.IsGet(route.Method)) && served.Sources.Take(theirs))
            return serve(link, false);
        if (served.Sources.Take(http.Connection.RemoteIpAddress))
            return serve(link, false);
        // Somebody's no is never turned away.
        if (route.IsNo)
            return late.HearAsync(() => serve(link, true), http.RequestAborted);
        Head(http);
        return busy.SendAsync(http, LanguageOf(http));
    }

    // A phone begins with a capital, and what ends a sentence is taken for a part of it. Words are small letters wherever they are kept; what stands in a link is as it was made.
    private static void Fold(RouteValueDictionary values)
    {
        foreach (var name in Typed)
        {
            if (values.TryGetValue(name, out var word))
                values[name] = Fold((string)word!);
        }
    }

    private static string Fold(string word)
    {
        var end = word.Length;
        while (end > 0 && word.Length - end < PersonLinks.MostBehind && !char.IsAsciiLetterOrDigit(word[end - 1]) && word[end - 1] != '-')
            end--;
        return word[..end].ToLowerInvariant();
    }

    // By what stands in it alone: whether it leads to anybody is asked later, and looks the same from here.
    private static PersonLink? LinkOf(HttpContext http, Served served, PageRoute route) =>
        route.Link is { } act && served.Installation.Links.TryRead((string)http.Request.RouteValues["controller"]!, act, (string?)http.Request.RouteValues["token"], out var link) ? link : null;

    private static void Head(HttpContext http)
    {
        var headers = http.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        // An address may be somebody's key to their choices.
        headers["Referrer-Policy"] = "no-referrer";
        headers["X-Robots-Tag"] = "noindex, nofollow";
        headers.CacheControl = "no-store";
    }

    private static async Task ServeAsync(HttpContext http, Served served, PublicControllers controllers, PageRoute route, PersonLink? link, bool isBeyond)
    {
        Head(http);
        var words = PageCall.WordsOf(LanguageOf(http));
        CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo(words.Tag);
        var call = new PageCall(served, http, route, null, null, "", words)
        {
            IsBeyondLimit = isBeyond,
            Link = link,
            // Whoever has said no may go: it is heard all the same.
            Cancel = route.IsNo && link is not null ? CancellationToken.None : http.RequestAborted,
        };
        PageAnswer answer;
        try
        {
            try
            {
                var ledger = (http.Request.RouteValues["controller"] is string controller ? await controllers.FindAsync(controller, call.Cancel) : null) ?? throw PageFault.Missing;
                call = call with { LedgerOrNull = ledger, Controllers = await served.Names.OfAsync([ledger.Controller], call.Cancel) };
                answer = await route.Do(call);
            }
            catch (Exception away) when (StoreAway.Is(away) && link is not null && route.WhileAway is not null)
            {
                answer = await route.WhileAway(call, link.Value);
            }
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            return;
        }
        catch (PageFault fault) when (fault.Status == StatusCodes.Status404NotFound)
        {
            if (IsProgram(http))
            {
                await ApiProblem.SendAsync(http, ApiProblem.Of(new ApiFault(StatusCodes.Status404NotFound, "no-such-path"), call.Language));
                return;
            }

            answer = await call.PageAsync<MistypedPage>(MistypedPage.TitleOf(call, fault), fault, fault.Status);
        }
        catch (ApiFault told) when (told.Code is SayingNo.Kept or SayingNo.NotKept)
        {
            answer = await NoKept.ShowAsync(call, told);
        }
#pragma warning disable CA1031 // whatever it is, the reader gets a page that says so, and no word of what was inside
        catch (Exception failure)
#pragma warning restore CA1031
        {
            answer = await PageHost.FaultAsync(call, failure);
        }

        try
        {
            await PageHost.SendAsync(http, call, answer);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // They have gone; what they asked for is done.
        }
    }

    // What the page's address says, else the browser. Nothing is kept.
    private static string LanguageOf(HttpContext http)
    {
        var said = http.Request.Query["lang"].ToString();
        return LanguageTexts.Tags.FirstOrDefault(tag => string.Equals(tag, said, StringComparison.OrdinalIgnoreCase)) ?? LanguageTexts.TagOf(ApiHost.LanguageOf(http));
    }

    // Whoever asks for JSON, and not for a page, reads no page. Browsers, old ones and those within other programs too, ask for a page or for anything.
    private static bool IsProgram(HttpContext http)
    {
        var accept = http.Request.Headers.Accept.ToString();
        return accept.Contains("json", StringComparison.OrdinalIgnoreCase) && !accept.Contains("text/html", StringComparison.OrdinalIgnoreCase);
    }
}

/// <summary>The ledgers of controllers by their words, as of the last seconds: whoever asks for many pages does not ask the store each time. While it is away they are as they were read last, whoever read them.</summary>
internal sealed class PublicControllers(Installation installation)
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<string, LedgerRow> known = new(StringComparer.Ordinal);
    private long readAt;
    private bool isRead;

    /// <summary>The ledger of a controller; null: there is no such.</summary>
    public async ValueTask<LedgerRow?> FindAsync(string controller, CancellationToken cancel)
    {
        if (!Volatile.Read(ref isRead) || installation.Time.GetElapsedTime(Volatile.Read(ref readAt)) > Fresh)
        {
            try
            {
                Know(await installation.NewestLedgersAsync(cancel));
                Volatile.Write(ref readAt, installation.Time.GetTimestamp());
                Volatile.Write(ref isRead, true);
            }
            catch (Exception away) when (StoreAway.Is(away))
            {
                Know(installation.LedgersAsLastRead);
                // Of one that nobody has read nobody can say either that there is none.
                if (!known.ContainsKey(controller))
                    throw;
            }
        }

        return known.GetValueOrDefault(controller);
    }

    private void Know(IReadOnlyList<LedgerRow> ledgers)
    {
        foreach (var ledger in ledgers)
            known[ledger.Controller] = ledger;
    }
}
