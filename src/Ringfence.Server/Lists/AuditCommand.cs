using System.CommandLine;
using NodaTime;
using Ringfence.Lists;
using Ringfence.Server.Cli;
using Ringfence.Server.Lists.Reading;
using Ringfence.Server.Lists.Report;

namespace Ringfence.Server.Lists;

/// <summary><c>ringfence audit</c>.</summary>
internal static class AuditCommand
{
    /// <summary>The command.</summary>
    public static Command Create(TimeProvider time)
    {
        var command = AuditArguments.Of(new Command("audit", CliText.Say("Audit.Description")));
        // On a thread of its own: the command line listens to Ctrl-C only once the action has given the first one back.
        command.SetAction((parsed, cancel) => Task.Run(() => RunAsync(parsed, time, cancel), CancellationToken.None));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, TimeProvider time, CancellationToken cancel)
    {
        if (!AuditArguments.TryRead(parsed, LocalDate.FromDateTime(time.GetLocalNow().DateTime), out var options))
            return Exit.Unusable;
        var quiet = parsed.GetValue(Terminal.Quiet);
        AuditReport report;
        try
        {
            report = await AuditAsync(options, quiet, cancel);
        }
        catch (UnreadableListException e)
        {
            var why = CliText.SayOr("Unreadable." + e.Code, "Unreadable.not-a-list", [.. e.Arguments]);
            Terminal.Error(e.File is null ? why : CliText.Say("Unreadable.In", e.File, why));
            return Exit.Unusable;
        }
        catch (ColumnMapException e)
        {
            Terminal.Error(CliText.Say("Map." + e.Code, e.Word, string.Join(", ", e.Known)));
            return Exit.Unusable;
        }
        catch (OperationCanceledException)
        {
            Terminal.Error(CliText.Say("Stopped"));
            return Exit.Stopped;
        }
        catch (OutFolderException e)
        {
            Terminal.Error(CliText.Say("Out." + e.Code, options.Out, e.Name));
            return e.Code is "not-ours" or "holds-list" ? Exit.Unusable : Exit.NotReady;
        }
        catch (UnauthorizedAccessException)
        {
            Terminal.Error(CliText.Say("NoAccess", options.Out));
            return Exit.NotReady;
        }
        catch (IOException e)
        {
            Terminal.Error(DiskFull.Is(e) ? CliText.Say("DiskFull", options.Out) : CliText.Say("Io", options.Out, e.Message));
            return Exit.NotReady;
        }

        // From here on the report is written, and no failure may say that it is not.
        if (parsed.GetValue(Terminal.Json))
            await PrintJsonAsync(report);
        else
            Print(report, options, quiet);
        return report.RejectedLines > 0 ? Exit.Rejected : Exit.Done;
    }

    private static Task<AuditReport> AuditAsync(AuditOptions options, bool quiet, CancellationToken cancel)
    {
        var showsProgress = !quiet && !Console.IsErrorRedirected;
        var progress = new ProgressBar(
            showsProgress ? Console.Error : null, (rows, rate, left) => CliText.Say("Progress", rows, rate, left), showsProgress ? Terminal.Width : 0);
        return AuditRun.RunAsync(options, progress, cancel);
    }

    private static async Task PrintJsonAsync(AuditReport report)
    {
        await using var output = Console.OpenStandardOutput();
        ReportJson.Write(report, output);
    }

    private static void Print(AuditReport report, AuditOptions options, bool quiet)
    {
        if (!quiet)
            AuditSummary.Write(report, Console.Out, options.Language, Terminal.Width, Terminal.Colour);
        Console.Out.WriteLine(CliText.Say("Audit.Written", ReportLanguage.Visible(Path.Combine(options.Out, "report.html"))));
    }
}
