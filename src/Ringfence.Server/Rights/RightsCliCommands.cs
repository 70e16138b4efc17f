using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using NodaTime.Text;
using Ringfence.Ledger;
using Ringfence.Server.Cli;
using Ringfence.Server.Ledger;
using Ringfence.Server.People;
using Ringfence.Server.Sealing;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Rights;

/// <summary><c>ringfence export</c>, <c>erase</c>, <c>hold</c> and <c>release</c>: what people may ask for by law.</summary>
internal static class RightsCliCommands
{
    private const string JsonName = "export.json";
    private const string PageName = "export.html";
    private const int Indent = 2;
    private const int Labels = 18;

    /// <summary><c>export POINT</c>.</summary>
    public static Command CreateExport(TimeProvider time)
    {
        var point = Point();
        var to = new Option<string?>("--out") { HelpName = "DIR", Description = CliText.Say("Export.Option.out") };
        var command = new Command("export", CliText.Say("Export.Description")) { point, to }.OnLedger().WithRegion();
        command.SetAction((parsed, cancel) => StoreArguments.RunAsync(parsed, time, async (installation, stop) =>
        {
            var ledger = await installation.LedgerAsync(StoreArguments.ControllerOf(parsed), stop);
            var sid = await StoreArguments.SidAsync(installation, ledger, parsed, parsed.GetValue(point)!, stop);
            var json = parsed.GetValue(Terminal.Json);
            var folder = parsed.GetValue(to) ?? "export";
            if (!json && Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
                throw new CommandRefusedException("not-empty", folder);
            var export = await Export.MakeAsync(installation, ledger, sid, StoreArguments.Actor(parsed), CultureInfo.CurrentUICulture, stop);
            if (json)
            {
                await using var output = Console.OpenStandardOutput();
                await output.WriteAsync(export.Json, stop);
                return Exit.Done;
            }

            DurableFile.MakeFolder(Path.GetFullPath(folder));
            DurableFile.Create(Path.Combine(Path.GetFullPath(folder), JsonName), export.Json);
            DurableFile.Create(Path.Combine(Path.GetFullPath(folder), PageName), export.Page);
            Console.Out.WriteLine(CliText.Say("Export.Done", Path.Combine(folder, PageName), Path.Combine(folder, JsonName), export.Seq));
            return Exit.Done;
        }, cancel));
        return command;
    }

    /// <summary><c>erase POINT</c>.</summary>
    public static Command CreateErase(TimeProvider time)
    {
        var point = Point();
        var reason = new Option<string>("--reason") { HelpName = string.Join('|', EraseCommand.Reasons), Description = CliText.Say("Erase.Option.reason"), DefaultValueFactory = static _ => EraseCommand.Reasons[0] };
        reason.AcceptOnlyFromAmong(EraseCommand.Reasons);
        var command = new Command("erase", CliText.Say("Erase.Description")) { point, reason }.OnLedger().WithRegion();
        command.SetAction((parsed, cancel) => StoreArguments.RunAsync(parsed, time, async (installation, stop) =>
        {
            var ledger = await installation.LedgerAsync(StoreArguments.ControllerOf(parsed), stop);
            var sid = await StoreArguments.SidAsync(installation, ledger, parsed, parsed.GetValue(point)!, stop);
            var outcome = await new Erasure(installation, ledger, StoreArguments.Actor(parsed)).RunAsync(sid, parsed.GetValue(reason)!, stop);
            var told = await Parties.RecipientsAsync(installation.Store, ledger, CancellationToken.None);
            if (parsed.GetValue(Terminal.Json))
                Console.Out.WriteLine(Json(outcome, told));
            else
                Write(TextSheet.On(Console.Out), outcome, told);
            return Exit.Done;
        }, cancel));
        return command;
    }

    /// <summary><c>hold POINT</c>.</summary>
    public static Command CreateHold(TimeProvider time)
    {
        var point = Point();
        var reason = Reason("Hold.Option.reason", isRequired: true);
        var command = new Command("hold", CliText.Say("Hold.Description")) { point, reason }.OnLedger().WithRegion();
        command.SetAction((parsed, cancel) => HoldAsync(parsed, time, parsed.GetValue(point)!, "Hold.", async (installation, ledger, sid, stop) =>
            CommandAnswer.Read(await (await installation.WriterAsync(ledger, stop)).DoAsync(new HoldCommand(StoreArguments.Actor(parsed), sid, parsed.GetValue(reason)!), stop)), cancel));
        return command;
    }

    /// <summary><c>release POINT</c>.</summary>
    public static Command CreateRelease(TimeProvider time)
    {
        var point = Point();
        var reason = Reason("Release.Option.reason", isRequired: false);
        var command = new Command("release", CliText.Say("Release.Description")) { point, reason }.OnLedger().WithRegion();
        command.SetAction((parsed, cancel) => HoldAsync(parsed, time, parsed.GetValue(point)!, "Release.", (installation, ledger, sid, stop) =>
            Holds.EndAsync(installation, ledger, StoreArguments.Actor(parsed), sid, parsed.GetValue(reason), stop), cancel));
        return command;
    }

    private static Argument<string> Point() => new("POINT") { Description = CliText.Say("Rights.Argument.POINT") };

    private static Option<string?> Reason(string says, bool isRequired)
    {
        var reason = new Option<string?>("--reason") { HelpName = string.Join('|', HoldCommand.Reasons), Required = isRequired, Description = CliText.Say(says) };
        reason.AcceptOnlyFromAmong(HoldCommand.Reasons);
        return reason;
    }

    private static Task<int> HoldAsync(
        ParseResult parsed, TimeProvider time, string point, string says, Func<Installation, LedgerRow, OpaqueId, CancellationToken, Task<CommandAnswer>> act, CancellationToken cancel) =>
        StoreArguments.RunAsync(parsed, time, async (installation, stop) =>
        {
            var ledger = await installation.LedgerAsync(StoreArguments.ControllerOf(parsed), stop);
            var sid = await StoreArguments.SidAsync(installation, ledger, parsed, point, stop);
            var answer = await act(installation, ledger, sid, stop);
            Console.Out.WriteLine(parsed.GetValue(Terminal.Json) ? answer.ToJson() : CliText.Say(says + (answer.Already ? "Already" : "Done"), answer.Seq));
            return Exit.Done;
        }, cancel);

    private static void Write(TextSheet sheet, ErasureOutcome outcome, IReadOnlyList<DocumentRow> told)
    {
        sheet.Paragraph(CliText.Say(outcome.Already ? "Erase.Already" : "Erase.Done"));
        Row("Live", outcome.Live.ToString("uuuu-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture));
        Row("Backups", LocalDatePattern.Iso.Format(outcome.Backups));
        Row("Records", string.Join(", ", outcome.Records));
        if (outcome.Kept.Count > 0)
            sheet.Heading(CliText.Say("Erase.Kept"));
        foreach (var proof in outcome.Kept)
            sheet.Row(proof.Cites, CliText.Say("Erase.Kept.Until", proof.Until, string.Join(", ", proof.Seqs), proof.Rule), Indent, Labels);
        sheet.Heading(CliText.Say("Erase.Told"));
        if (told.Count == 0)
            sheet.Paragraph(CliText.Say("Erase.Told.None"), Indent);
        foreach (var party in told)
            sheet.Row(Parties.Name(party) ?? "", Parties.Contact(party), Indent, Labels);

        void Row(string key, string text) => sheet.Row(CliText.Say("Erase." + key), text, Indent, Labels);
    }

    private static string Json(ErasureOutcome outcome, IReadOnlyList<DocumentRow> told) => CliJson.Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("sid", outcome.Sid.ToString());
        json.WriteBoolean("already", outcome.Already);
        json.WriteString("erasedLive", InstantPattern.ExtendedIso.Format(outcome.Live));
        json.WriteString("erasedInBackups", LocalDatePattern.Iso.Format(outcome.Backups));
        json.WriteStartArray("records");
        foreach (var seq in outcome.Records)
            json.WriteNumberValue(seq);
        json.WriteEndArray();
        json.WriteStartArray("kept");
        foreach (var proof in outcome.Kept)
            ProofsCliCommands.Write(json, proof);
        json.WriteEndArray();
        json.WriteStartArray("toBeTold");
        foreach (var party in told)
        {
            using var document = JsonDocument.Parse(party.Bytes);
            document.RootElement.WriteTo(json);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });
}
