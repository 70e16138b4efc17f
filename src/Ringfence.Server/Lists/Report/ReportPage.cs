using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.Logging.Abstractions;
using Ringfence.Lists;
using Ringfence.Server.Design;

namespace Ringfence.Server.Lists.Report;

/// <summary>Writes <c>report.html</c>: one file that needs nothing but itself, on the screen and on paper.</summary>
internal static class ReportPage
{
    /// <summary>Writes the page. It holds no script, asks nothing of the network, and its own policy forbids both.</summary>
    public static async Task WriteAsync(AuditReport report, TextWriter writer, CultureInfo language)
    {
        var say = ReportLanguage.Of(language);
        var body = WithoutIndents(await RenderAsync(report, say));
        var symbols = DesignFiles.Symbols(IconsOf(body).Order(StringComparer.Ordinal));
        var styles = Styles(body);
        var policy = $"default-src 'none'; style-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(styles)))}'; img-src data:; base-uri 'none'; form-action 'none'";
        var title = ReportLanguage.Encode(say.Say("Head.Title", report.FilesName(say)) + " · Ringfence");
        await writer.WriteAsync($"""
            <!doctype html>
            <html lang="{say.Tag}">
            <head>
            <meta charset="utf-8" />
            <meta http-equiv="Content-Security-Policy" content="{policy}" />
            <meta name="viewport" content="width=device-width, initial-scale=1" />
            <meta name="generator" content="Ringfence {ReportLanguage.Encode(report.Ringfence)}" />
            <meta name="referrer" content="no-referrer" />
            <title>{title}</title>
            <link rel="icon" href="data:image/svg+xml,{Mark}" />
            <style>{styles}</style>
            </head>
            <body>
            <svg class="vh" width="0" height="0" aria-hidden="true"><defs>{await RenderHatchesAsync()}</defs>{symbols}</svg>
            {body}
            </body>
            </html>

            """);
    }

    private static readonly string[] Sheets = ["tokens.css", "base.css", "components.css", "report.css"];

    // The ring alone, percent-encoded by hand: '#' would start a fragment.
    private const string Mark =
        "%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24' stroke='%230b5a70' fill='%230b5a70'%3E%3Cpath d='M20.46 8.92A9 9 0 1 1 15.08 3.54' fill='none' stroke-width='2.6' stroke-linecap='round'/%3E%3Ccircle cx='12' cy='12' r='2.7' stroke='none'/%3E%3C/svg%3E";

    // No part of the page keeps its blanks, so those before a line are weight only.
    private static string WithoutIndents(string html) =>
        string.Join('\n', html.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));

    private static string Styles(string body)
    {
        var classes = UsedStyles.ClassesOf(body);
        classes.UnionWith(["vh", "f-wait", "f1", "f-rest", "f-un"]);
        return string.Concat(Sheets.Select(name => UsedStyles.Keep(DesignFiles.Read(name), classes)));
    }

    private static HashSet<string> IconsOf(string body)
    {
        const string use = "<use href=\"#";
        var icons = new HashSet<string>(StringComparer.Ordinal);
        for (var at = body.IndexOf(use, StringComparison.Ordinal); at >= 0; at = body.IndexOf(use, at, StringComparison.Ordinal))
        {
            at += use.Length;
            icons.Add(body[at..body.IndexOf('"', at)]);
        }

        return icons;
    }

    private static async Task<string> RenderAsync(AuditReport report, ReportLanguage language) => await RenderAsync<ReportDocument>(
        new Dictionary<string, object?> { [nameof(ReportDocument.Report)] = report, [nameof(ReportDocument.Language)] = language });

    private static async Task<string> RenderHatchesAsync() => await RenderAsync<Design.Charts.Hatches>([]);

    private static async Task<string> RenderAsync<T>(Dictionary<string, object?> parameters) where T : IComponent
    {
        await using var services = new ServiceCollection().AddSingleton(HtmlEncoder.Create(UnicodeRanges.All)).BuildServiceProvider();
        await using var renderer = new HtmlRenderer(services, NullLoggerFactory.Instance);
        return await renderer.Dispatcher.InvokeAsync(async () =>
            (await renderer.RenderComponentAsync<T>(ParameterView.FromDictionary(parameters))).ToHtmlString());
    }
}
