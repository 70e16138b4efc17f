using System.Globalization;
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
    /// <summary>Writes the page.</summary>
    public static async Task WriteAsync(AuditReport report, TextWriter writer, CultureInfo language)
    {
        var say = ReportLanguage.Of(language);
        await StandalonePage.WriteAsync(
            writer, await RenderAsync(report, say), say.Tag, say.Say("Head.Title", report.FilesName(say)) + " · Ringfence", report.Ringfence, await RenderHatchesAsync(), ["f-wait", "f1", "f-rest", "f-un"]);
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
