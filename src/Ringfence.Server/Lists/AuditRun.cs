using System.Diagnostics;
using Ringfence.Lists;
using Ringfence.Server.Cli;
using Ringfence.Server.Lists.Reading;
using Ringfence.Server.Lists.Report;

namespace Ringfence.Server.Lists;

/// <summary>One audit from beginning to end: lists in, a folder with the report and its files out.</summary>
internal static class AuditRun
{
    /// <summary>Audits lists and writes the report and its files into the folder of the options.</summary>
    /// <exception cref="UnreadableListException">A file is no list, or another one by now.</exception>
    /// <exception cref="ColumnMapException">The user's map does not fit.</exception>
    /// <exception cref="OutFolderException">No report can go to that folder.</exception>
    /// <exception cref="OperationCanceledException">Stopped; nothing is left behind.</exception>
    public static async Task<AuditReport> RunAsync(AuditOptions options, ProgressBar progress, CancellationToken cancel)
    {
        var watch = Stopwatch.StartNew();
        using var folder = new OutFolder(options.Out);
        folder.Spare(options.Files);
        var stamps = new ListStamps(options.Files);
        AuditReport report;
        try
        {
            report = Audit.Run(options, folder, new NextSteps(NextStepTexts.For, options.Language), progress, cancel);
        }
        catch (Exception e) when (e is not (OperationCanceledException or UnreadableListException) && stamps.Changed() is not null)
        {
            // Two readings that disagree break what the audit rests on, anywhere.
            throw UnreadableListException.Changed(stamps.Changed()!);
        }
        finally
        {
            progress.End();
        }

        if (stamps.Changed() is { } changed)
            throw UnreadableListException.Changed(changed);
        report = report with { Seconds = Math.Round(watch.Elapsed.TotalSeconds, 2) };
        await using (var stream = folder.Create("audit.json"))
            ReportJson.Write(report, stream);
        await using (var stream = new StreamWriter(folder.Create("report.html")))
            await ReportPage.WriteAsync(report, stream, options.Language);
        cancel.ThrowIfCancellationRequested();
        folder.Complete();
        return report;
    }
}
