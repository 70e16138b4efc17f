using System.CommandLine;
using NodaTime;
using Ringfence.Consent;
using Ringfence.Rules;
using Ringfence.Server.Cli;
using Ringfence.Server.Gate;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Consent;

/// <summary><c>ringfence consent</c>: write down a question, a yes, its confirmation; and see how consents stand. A yes that can't be shown is not written down.</summary>
internal static class ConsentCliCommand
{
    public static Command Create(TimeProvider time) => new("consent", CliText.Say("Consent.Description"))
    {
        Take(time, ConsentStep.Record),
        Take(time, ConsentStep.Request),
        Take(time, ConsentStep.Confirm),
        Show(time),
    };

    private static Command Take(TimeProvider time, ConsentStep step)
    {
        var options = new ConsentOptions(step);
        var name = step switch { ConsentStep.Record => "record", ConsentStep.Request => "request", ConsentStep.Confirm => "confirm" };
        var command = new Command(name, CliText.Say($"Consent.{step}.Description")) { options.Point };
        options.AddTo(command);
        command.OnLedger().WithRegion();
        command.SetAction((parsed, cancel) => StoreArguments.GuardAsync(() =>
        {
            // Read before anything is opened.
            var evidence = parsed.GetValue(options.Evidence) is { } file
                ? ConsentEvidence.Read(file == TextFile.StandardInput ? CliText.Say("Consent.StandardInput") : file.Replace('\\', '/'), TextFile.Read(file))
                : null;
            var scan = parsed.GetValue(options.Scan) is { } paper ? ScanOf(paper) : null;
            return StoreArguments.RunAsync(parsed, time, async (installation, stop) =>
            {
                var ledger = await installation.LedgerAsync(StoreArguments.ControllerOf(parsed), stop);
                var tags = installation.TagsOf(StoreArguments.Point(parsed, parsed.GetValue(options.Point)!));
                var asked = options.Read(parsed, time, evidence);
                var taking = new ConsentTaking(installation, ledger, StoreArguments.Actor(parsed), tags, scan is null ? asked : asked.With(scan));
                var outcome = await taking.RunAsync(step, stop);
                return await TellAsync(parsed, installation, ledger, tags, step, outcome, stop);
            }, cancel);
        }));
        return command;
    }

    private static ScanFile ScanOf(string path)
    {
        try
        {
            return new FileInfo(path).Length > ScanFile.MostBytes ? throw new CommandRefusedException("scan-too-large")
                : ScanFile.Read(File.ReadAllBytes(path)) ?? throw new CommandRefusedException("scan-kind");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new UnusableFileException(CliText.Say(Directory.Exists(path) ? "File.IsFolder" : "File.Missing", path), e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UnusableFileException(CliText.Say("File.Unreadable", path, e.Message), e);
        }
    }

    private static async Task<int> TellAsync(ParseResult parsed, Installation installation, LedgerRow ledger, PointTags tags, ConsentStep step, ConsentOutcome outcome, CancellationToken cancel)
    {
        var asJson = parsed.GetValue(Terminal.Json);
        if (outcome.Written.Count == 0)
        {
            if (asJson)
                Console.Out.WriteLine(CliJson.Write(json =>
                {
                    json.WriteStartObject();
                    json.WriteBoolean("recorded", false);
                    ConsentPage.Write(json, outcome.Findings);
                    json.WriteEndObject();
                }));
            else
                ConsentPage.Write(TextSheet.On(Console.Error), outcome.Findings);
            Terminal.Error(CliText.Say("Consent.NotRecorded"));
            return Exit.No;
        }

        var overview = await ConsentOverview.ReadAsync(installation, ledger, tags, Instant.MaxValue, Now(installation), cancel);
        if (asJson)
        {
            Console.Out.WriteLine(CliJson.Write(json =>
            {
                json.WriteStartObject();
                json.WriteBoolean("recorded", true);
                ConsentPage.Write(json, outcome.Written, overview);
                json.WriteEndObject();
            }));
            return Exit.Done;
        }

        var sheet = TextSheet.On(Console.Out);
        sheet.Line(CliText.Say($"Consent.{step}.Done", tags.Point.ToString(), string.Join(", ", outcome.Written)));
        if (parsed.GetValue(Terminal.Quiet))
            return Exit.Done;
        ConsentPage.Write(sheet, overview);
        if (overview.Suppressions.Count > 0)
            sheet.Paragraph(CliText.Say("Consent.StillClosed"));
        return Exit.Done;
    }

    private static Command Show(TimeProvider time)
    {
        var point = new Argument<string>("POINT") { Description = CliText.Say("Contact.Argument.POINT") };
        var at = new Option<string?>("--at") { HelpName = "INSTANT", Description = CliText.Say("Consent.Option.asOf") };
        var command = new Command("show", CliText.Say("Consent.Show.Description")) { point, at }.OnLedger().WithRegion();
        command.SetAction((parsed, cancel) => StoreArguments.RunAsync(parsed, time, async (installation, stop) =>
        {
            var ledger = await installation.LedgerAsync(StoreArguments.ControllerOf(parsed), stop);
            var tags = installation.TagsOf(StoreArguments.Point(parsed, parsed.GetValue(point)!));
            var asOf = KnownContactOptions.InstantOf(parsed.GetValue(at), installation.Time);
            var overview = await ConsentOverview.ReadAsync(installation, ledger, tags, asOf, asOf, stop);
            // Who looks at what somebody agreed to is written down before it is shown.
            if (overview.Sid is { } sid)
                await (await installation.WriterAsync(ledger, stop)).DoAsync(new RevealCommand(StoreArguments.Actor(parsed), sid, "consents"), stop);
            if (parsed.GetValue(Terminal.Json))
            {
                Console.Out.WriteLine(CliJson.Write(json =>
                {
                    json.WriteStartObject();
                    json.WriteBoolean("known", overview.Sid is not null);
                    ConsentPage.Write(json, overview);
                    json.WriteEndObject();
                }));
            }
            else
            {
                var sheet = TextSheet.On(Console.Out);
                sheet.Paragraph(overview.Sid is null ? CliText.Say("Contact.Unknown", tags.Point.ToString()) : tags.Point.ToString());
                ConsentPage.Write(sheet, overview);
            }

            return overview.Sid is null && overview.Suppressions.Count == 0 ? Exit.No : Exit.Done;
        }, cancel));
        return command;
    }

    private static Instant Now(Installation installation) => Instant.FromDateTimeOffset(installation.Time.GetUtcNow());
}
