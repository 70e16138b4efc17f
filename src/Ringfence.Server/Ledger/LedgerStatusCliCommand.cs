using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using NodaTime.Text;
using Ringfence.Ledger;
using Ringfence.Server.Cli;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Ledger;

/// <summary><c>ringfence ledger status</c>: whether a ledger may be relied on, how far it is signed, and who outside vouches for it.</summary>
internal static class LedgerStatusCliCommand
{
    private const int Indent = 2;
    private const int Labels = 18;

    public static Command Create(TimeProvider time)
    {
        var command = new Command("status", CliText.Say("Ledger.Status.Description")).OnLedger();
        command.SetAction((parsed, cancel) => StoreArguments.RunAsync(parsed, time, async (installation, stop) =>
        {
            var ledger = await installation.LedgerAsync(StoreArguments.ControllerOf(parsed), stop);
            var status = await LedgerState.ReadAsync(installation, ledger, stop);
            var warnings = Warnings(installation.NotaryOf(ledger));
            if (parsed.GetValue(Terminal.Json))
                Console.Out.WriteLine(CliJson.Write(json => Write(json, status, warnings)));
            else
                Write(TextSheet.On(Console.Out), status, warnings);
            return status.Standing.Readiness switch
            {
                LedgerReadiness.Ready => Exit.Done,
                LedgerReadiness.Unsure => Exit.NotReady,
                LedgerReadiness.RolledBack or LedgerReadiness.Forked => Exit.No,
            };
        }, cancel));
        return command;
    }

    /// <summary>What is not as it should be, and stops nothing.</summary>
    public static IReadOnlyList<string> Warnings(Notary notary)
    {
        var warnings = new List<string>();
        if (notary.LacksOutsideAnchor())
            warnings.Add(CliText.Say("Ledger.Warning.NoOutsideAnchor"));
        if (notary.TimestampFault is { } fault)
            warnings.Add(CliText.Say("Ledger.Warning.Timestamp", CliText.Say("Ledger.Timestamp." + fault)));
        if (notary.FolderFault is { } folder)
            warnings.Add(CliText.Say("Ledger.Warning.Folder", folder));
        if (notary.Clock.Anomaly is { } anomaly)
            warnings.Add(CliText.Say("Ledger.Warning.Clock." + anomaly.Word, (long)anomaly.By.TotalSeconds));
        return warnings;
    }

    private static void Write(TextSheet sheet, LedgerState status, IReadOnlyList<string> warnings)
    {
        Row("Origin", status.Ledger.Origin);
        Row("Records", CliText.Say("Ledger.Status.Signed", LedgerCliCommand.Count(status.Standing.Size), LedgerCliCommand.Count(status.Checkpoint?.Size ?? 0)));
        Row("Standing", CliText.Say("Ledger.Standing." + status.Standing.Readiness, LedgerCliCommand.Count(status.Standing.Size), LedgerCliCommand.Count(status.Standing.Known), status.Standing.Why ?? ""));
        foreach (var key in status.Keys)
            Row("Key", CliText.Say("Ledger.Status.Key." + key.State, SignerKey.WordOf(key.Use), key.Digest.ToString()[..8]));
        Row("Copies", CliText.Say("Ledger.Status.Copied", status.Folder, LedgerCliCommand.Count(status.Copied ?? 0)));
        Row("Stamped", status.Stamped is { } stamp
            ? CliText.Say("Ledger.Status.StampedAt", LedgerCliCommand.Count(stamp.Size), InstantPattern.General.Format(stamp.At))
            : CliText.Say("Ledger.Status.NotStamped"));
        foreach (var warning in warnings)
        {
            sheet.Blank();
            sheet.Paragraph(warning);
        }

        void Row(string key, string text) => sheet.Row(CliText.Say("Ledger.Status." + key), text, Indent, Labels);
    }

    private static void Write(Utf8JsonWriter json, LedgerState status, IReadOnlyList<string> warnings)
    {
        json.WriteStartObject();
        json.WriteString("controller", status.Ledger.Controller);
        json.WriteString("origin", status.Ledger.Origin);
        json.WriteNumber("size", status.Standing.Size);
        json.WriteNumber("signed", status.Checkpoint?.Size ?? 0);
        json.WriteString("standing", status.Standing.Readiness switch
        {
            LedgerReadiness.Ready => "ready",
            LedgerReadiness.Unsure => "unsure",
            LedgerReadiness.RolledBack => "rolled-back",
            LedgerReadiness.Forked => "fork",
        });
        json.WriteNumber("known", status.Standing.Known);
        json.WriteStartArray("keys");
        foreach (var key in status.Keys)
        {
            json.WriteStartObject();
            json.WriteString("use", SignerKey.WordOf(key.Use));
            json.WriteString("state", SignerState.Word(key.State));
            json.WriteString("vkey", VerifierKey.OfEcdsa(SignerKey.NameOf(key.Use, status.Ledger.Origin), key.Spki).ToString());
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteString("copies", status.Folder);
        json.WriteNumber("copied", status.Copied ?? 0);
        if (status.Stamped is { } stamp)
        {
            json.WriteNumber("stamped", stamp.Size);
            json.WriteString("stampedAt", InstantPattern.ExtendedIso.Format(stamp.At));
        }

        json.WriteStartArray("warnings");
        foreach (var warning in warnings)
            json.WriteStringValue(warning);
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
