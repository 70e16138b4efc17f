using System.CommandLine;
using System.Text.Json;
using Ringfence.Server.Cli;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Ledger;

/// <summary><c>ringfence verify</c>: look through the ledgers and everything beside them, and say what is not as it should be.</summary>
internal static class FsckCliCommand
{
    private const int Indent = 2;
    private const int Labels = 26;

    private sealed record Looked(LedgerRow Ledger, long Size, FsckFindings Findings);

    public static Command Create(TimeProvider time)
    {
        var full = new Option<bool>("--full") { Description = CliText.Say("Verify.Option.full") };
        var command = new Command("verify", CliText.Say("Verify.Description")) { full }.OnLedger();
        command.SetAction((parsed, cancel) => StoreArguments.RunAsync(parsed, time, async (installation, stop) =>
        {
            var controller = StoreArguments.ControllerOf(parsed);
            // All of a controller's epochs: those that were closed are looked at still.
            var ledgers = (await installation.LedgersAsync(stop)).Where(row => controller is null || row.Controller == controller).ToList();
            var missing = controller is null ? await Fsck.MissingAsync(installation, stop) : [];
            if (ledgers.Count == 0 && missing.Count == 0)
                _ = await installation.LedgerAsync(controller, stop);
            var quiet = parsed.GetValue(Terminal.Quiet);
            var looked = missing.Select(Gone).ToList();
            foreach (var ledger in ledgers)
            {
                var one = await LookAsync(installation, ledger, parsed.GetValue(full), quiet, stop);
                looked.Add(one);
                new LastVerify(
                    NodaTime.Instant.FromDateTimeOffset(installation.Time.GetUtcNow()), StoreArguments.Actor(parsed).Ref, one.Size, parsed.GetValue(full),
                    LastVerify.Results[one.Findings.StopsGate ? 2 : one.Findings.HasFaults ? 1 : 0]).Keep(installation.Options.Data, ledger);
            }

            if (parsed.GetValue(Terminal.Json))
                Console.Out.WriteLine(CliJson.Write(json => Write(json, looked)));
            else
                Write(TextSheet.On(Console.Out), looked);
            return looked.Exists(static one => one.Findings.HasFaults) ? Exit.No : Exit.Done;
        }, cancel, whenDamaged: "Store.Damaged.Verify"));
        return command;
    }

    // Known by the copies of its checkpoints, and nowhere in the store.
    private static Looked Gone(string origin)
    {
        var findings = new FsckFindings();
        findings.StopGate("ledger-missing");
        return new Looked(new LedgerRow(0, "", origin, 0, 1, 1), 0, findings);
    }

    private static async Task<Looked> LookAsync(Installation installation, LedgerRow ledger, bool full, bool quiet, CancellationToken cancel)
    {
        var progress = quiet || Console.IsErrorRedirected
            ? ProgressBar.None
            : new ProgressBar(Console.Error, static (rows, rate, left) => CliText.Say("Verify.Progress", rows, rate, left), Terminal.Width);
        try
        {
            progress.Begin((await installation.Store.HeadAsync(ledger.Ledger, cancel)).Size);
        }
        catch (StoreException e) when (e.Fault == StoreFault.NoLedger)
        {
            // The look will tell of it.
        }

        var fsck = new Fsck(installation, ledger, full) { Progress = records => progress.Step(records, records) };
        var findings = await fsck.RunAsync(cancel);
        progress.End();
        return new Looked(ledger, fsck.Size, findings);
    }

    private static void Write(TextSheet sheet, List<Looked> looked)
    {
        foreach (var (ledger, size, findings) in looked)
        {
            sheet.Heading(ledger.Origin);
            sheet.Paragraph(CliText.Say("Verify.Looked", LedgerCliCommand.Count(size)), Indent);
            foreach (var code in findings.All.Select(static finding => finding.Code).Distinct())
            {
                var some = findings.All.Where(finding => finding.Code == code).ToList();
                var places = some.Select(static finding => finding.Place).Where(static place => place.Length > 0).ToList();
                var more = findings.Counts[code] - some.Count;
                sheet.Blank();
                sheet.Row(code, CliText.Say("Verify.Weight." + some[0].Weight) + " " + CliText.Say("Verify." + code), Indent, Labels);
                if (places.Count > 0)
                    sheet.Row("", CliText.Say("Verify.Places", string.Join(", ", places) + (more > 0 ? CliText.Say("Verify.More", LedgerCliCommand.Count(more)) : "")), Indent, Labels);
            }
        }

        sheet.Blank();
        sheet.Paragraph(CliText.Say(
            looked.Exists(static one => one.Findings.StopsGate) ? "Verify.End.StopsGate" : looked.Exists(static one => one.Findings.HasFaults) ? "Verify.End.Faults" : "Verify.End.Whole"));
    }

    private static void Write(Utf8JsonWriter json, List<Looked> looked)
    {
        json.WriteStartArray();
        foreach (var (ledger, size, findings) in looked)
        {
            json.WriteStartObject();
            json.WriteString("origin", ledger.Origin);
            json.WriteNumber("size", size);
            json.WriteBoolean("whole", !findings.HasFaults);
            json.WriteBoolean("stopsGate", findings.StopsGate);
            json.WriteStartObject("counts");
            foreach (var (code, count) in findings.Counts)
                json.WriteNumber(code, count);
            json.WriteEndObject();
            json.WriteStartArray("findings");
            foreach (var finding in findings.All)
            {
                json.WriteStartObject();
                json.WriteString("code", finding.Code);
                json.WriteString("weight", finding.Weight switch
                {
                    FsckWeight.Warning => "warning",
                    FsckWeight.Fault => "fault",
                    FsckWeight.StopsGate => "stops-gate",
                });
                if (finding.Place.Length > 0)
                    json.WriteString("place", finding.Place);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
