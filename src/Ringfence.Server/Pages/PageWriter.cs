using System.Text.Encodings.Web;
using System.Text.Unicode;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.Logging.Abstractions;
using Ringfence.Server.Design;
using Ringfence.Server.Lists.Report;

namespace Ringfence.Server.Pages;

/// <summary>Writes a whole page: the frame, what stands in it, and the symbols that both use.</summary>
internal static class PageWriter
{
    // Chinese stays Chinese; what has a meaning in HTML is encoded all the same.
    private static readonly ServiceProvider Services = new ServiceCollection().AddSingleton(HtmlEncoder.Create(UnicodeRanges.All)).BuildServiceProvider();

    private static readonly Lazy<string> Hatches = new(static () => RenderAsync<Design.Charts.Hatches>([]).GetAwaiter().GetResult());

    /// <summary>Writes a page.</summary>
    /// <param name="call">The request.</param>
    /// <param name="title">Of the page.</param>
    /// <param name="frame">The frame around it.</param>
    public static async Task<string> WriteAsync<TPage>(PageCall call, string title, Type frame) where TPage : IComponent
    {
        var body = await RenderAsync<Framed>(new Dictionary<string, object?>
        {
            [nameof(Framed.Call)] = call,
            [nameof(Framed.Title)] = title,
            [nameof(Framed.Frame)] = frame,
            [nameof(Framed.Page)] = typeof(TPage),
        });
        if (frame == typeof(PublicFrame))
            return Public(call, title, body);
        // A chart is hatched by patterns that stand once in the page.
        var drawn = body.Contains("class=\"chart", StringComparison.Ordinal) || body.Contains("f-hx", StringComparison.Ordinal) ? Hatches.Value : "";
        // The report of an audit has parts that no other page has.
        var report = body.Contains("report-h1", StringComparison.Ordinal) ? $"<link rel=\"stylesheet\" href=\"{PageFiles.Address("report.css")}\" />\n" : "";
        return $"""
            <!doctype html>
            <html lang="{call.Words.Tag}"{ThemeOf(call.Http)}{(call.StaffOrNull is { LetterKeys: false } ? " data-keys=\"off\"" : "")}>
            <head>
            <meta charset="utf-8" />
            <meta name="viewport" content="width=device-width, initial-scale=1" />
            <title>{ReportLanguage.Encode(title)} · Ringfence</title>
            <link rel="icon" href="{PageFiles.Address("mark.svg")}" type="image/svg+xml" />
            <link rel="stylesheet" href="{PageFiles.Address("tokens.css")}" />
            <link rel="stylesheet" href="{PageFiles.Address("base.css")}" />
            <link rel="stylesheet" href="{PageFiles.Address("components.css")}" />
            {report}<script src="{PageFiles.Address("staff.js")}" type="module"></script>{(body.Contains(" data-passkey=", StringComparison.Ordinal) ? $"<script src=\"{PageFiles.Address("passkey.js")}\" type=\"module\"></script>" : "")}
            </head>
            <body class="{(frame == typeof(PlainFrame) ? "login" : "staff")}">
            <svg class="vh" width="0" height="0" aria-hidden="true"><defs>{drawn}</defs>{DesignFiles.Symbols(StandalonePage.IconsOf(body).Order(StringComparer.Ordinal))}</svg>
            {body}
            </body>
            </html>

            """;
    }

    // What people with an old phone read: two style sheets, no script.
    private static string Public(PageCall call, string title, string body) => $"""
        <!doctype html>
        <html lang="{call.Words.Tag}">
        <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex, nofollow" />
        <title>{ReportLanguage.Encode(title)}</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href="{PageFiles.Address("tokens.css")}" />
        <link rel="stylesheet" href="{PageFiles.Address("base.css")}" />
        </head>
        <body class="pub">
        <svg class="vh" width="0" height="0" aria-hidden="true">{DesignFiles.Symbols(StandalonePage.IconsOf(body).Order(StringComparer.Ordinal))}</svg>
        {body}
        </body>
        </html>

        """;

    /// <summary>Writes a part of a page that is there already: its symbols have to be.</summary>
    public static Task<string> PartAsync<TPart>(PageCall call) where TPart : StaffComponent =>
        RenderAsync<Bare>(new Dictionary<string, object?> { [nameof(Bare.Call)] = call, [nameof(Bare.Part)] = typeof(TPart) });

    // What the reader chose; a script remembers it. Anything else is no theme.
    private static string ThemeOf(HttpContext http) => http.Request.Cookies["theme"] switch
    {
        "dark" => " data-theme=\"dark\"",
        "light" => " data-theme=\"light\"",
        _ => "",
    };

    private static async Task<string> RenderAsync<T>(Dictionary<string, object?> parameters) where T : IComponent
    {
        await using var renderer = new HtmlRenderer(Services, NullLoggerFactory.Instance);
        return await renderer.Dispatcher.InvokeAsync(async () => (await renderer.RenderComponentAsync<T>(ParameterView.FromDictionary(parameters))).ToHtmlString());
    }
}
