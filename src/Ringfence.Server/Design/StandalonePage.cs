using System.Security.Cryptography;
using System.Text;
using Ringfence.Server.Lists.Report;

namespace Ringfence.Server.Design;

/// <summary>A page in one file that needs nothing but itself, on the screen and on paper. It holds no script, asks nothing of the network, and its own policy forbids both.</summary>
internal static class StandalonePage
{
    private static readonly string[] Sheets = ["tokens.css", "base.css", "components.css", "report.css"];

    // The ring alone, percent-encoded by hand: '#' would start a fragment.
    private const string Mark =
        "%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24' stroke='%230b5a70' fill='%230b5a70'%3E%3Cpath d='M20.46 8.92A9 9 0 1 1 15.08 3.54' fill='none' stroke-width='2.6' stroke-linecap='round'/%3E%3Ccircle cx='12' cy='12' r='2.7' stroke='none'/%3E%3C/svg%3E";

    /// <summary>Writes the page.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="body">What stands in it, as HTML.</param>
    /// <param name="tag">Its language, BCP 47.</param>
    /// <param name="title">Its title, as text.</param>
    /// <param name="version">The version of the program that made it; null: not said.</param>
    /// <param name="definitions">Patterns of charts, as SVG.</param>
    /// <param name="drawn">Classes that stand in those only.</param>
    public static async Task WriteAsync(TextWriter writer, string body, string tag, string title, string? version = null, string definitions = "", params IReadOnlyList<string> drawn)
    {
        body = WithoutIndents(body);
        var symbols = DesignFiles.Symbols(IconsOf(body).Order(StringComparer.Ordinal));
        var styles = Styles(body, drawn);
        var policy = $"default-src 'none'; style-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(styles)))}'; img-src data:; base-uri 'none'; form-action 'none'";
        var generator = ReportLanguage.Encode(version is null ? "Ringfence" : "Ringfence " + version);
        await writer.WriteAsync($"""
            <!doctype html>
            <html lang="{tag}">
            <head>
            <meta charset="utf-8" />
            <meta http-equiv="Content-Security-Policy" content="{policy}" />
            <meta name="viewport" content="width=device-width, initial-scale=1" />
            <meta name="generator" content="{generator}" />
            <meta name="referrer" content="no-referrer" />
            <title>{ReportLanguage.Encode(title)}</title>
            <link rel="icon" href="data:image/svg+xml,{Mark}" />
            <style>{styles}</style>
            </head>
            <body>
            <svg class="vh" width="0" height="0" aria-hidden="true"><defs>{definitions}</defs>{symbols}</svg>
            {body}
            </body>
            </html>

            """);
    }

    // No part of the page keeps its blanks, so those before a line are weight only.
    private static string WithoutIndents(string html) =>
        string.Join('\n', html.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));

    private static string Styles(string body, IEnumerable<string> drawn)
    {
        var classes = UsedStyles.ClassesOf(body);
        classes.UnionWith(["vh", .. drawn]);
        return string.Concat(Sheets.Select(name => UsedStyles.Keep(DesignFiles.Read(name), classes)));
    }

    /// <summary>The symbols that a page uses.</summary>
    public static HashSet<string> IconsOf(string body)
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
}
