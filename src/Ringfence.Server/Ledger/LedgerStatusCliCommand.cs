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

    private sealed record Status(
        LedgerRow Ledger, LedgerStanding Standing, long Signed, IReadOnlyList<SignerKey> Keys, AnchorOptions Anchors, long Copied, (long Size, NodaTime.Instant At)? Stamped,
        IReadOnlyList<string> Warnings);

    public static Command Create(TimeProvider time)
    {
        var command = new Command("status", CliText.Say("Ledger.Status.Description")).OnLedger();
        command.SetAction((parsed, cancel) => StoreArguments.RunAsync(parsed, time, async (installation, stop) =>
        {
            var status = await ReadAsync(installation, await installation.LedgerAsync(StoreArguments.ControllerOf(parsed), stop), stop);
            if (parsed.GetValue(Terminal.Json))
                Console.Out.WriteLine(CliJson.Write(json => Write(json, status)));
            else
                Write(TextSheet.On(Console.Out), status);
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

    private static async Task<Status> ReadAsync(Installation installation, LedgerRow ledger, CancellationToken cancel)
    {
        var notary = installation.NotaryOf(ledger);
        var standing = await notary.ExamineAsync(cancel);
        notary.Clock.Look(Micros.ToInstant((await installation.Store.HeadAsync(ledger.Ledger, cancel)).LastAt));
        IReadOnlyList<SignerKey> keys = [];
        try
        {
            keys = (await installation.Signer.StateAsync(ledger.Origin, cancel))?.Keys ?? [];
        }
        catch (SignerException)
        {
            // The standing tells of it.
        }

        var folder = new AnchorFolder(installation.Anchors.Folder, ledger.Origin);
        var sizes = folder.Sizes();
        return new Status(
            ledger, standing, (await installation.FilesOf(ledger).NewestAsync(cancel))?.Size ?? 0, keys, installation.Anchors, sizes.Count == 0 ? 0 : sizes[^1], NewestStamp(folder, sizes, installation.Anchors),
            Warnings(notary));
    }

    private static (long Size, NodaTime.Instant At)? NewestStamp(AnchorFolder folder, IReadOnlyList<long> sizes, AnchorOptions anchors)
    {
        foreach (var size in sizes.Reverse())
        {
            if (folder.ReadToken(size) is { } token && folder.Read(size) is { } kept
                && AnchorTimestamp.Read(token, kept.Note.Bytes.Span, anchors.Authority?.Certificate) is { } stamp)
                return (size, stamp.At);
        }

        return null;
    }

    private static void Write(TextSheet sheet, Status status)
    {
        Row("Origin", status.Ledger.Origin);
        Row("Records", CliText.Say("Ledger.Status.Signed", LedgerCliCommand.Count(status.Standing.Size), LedgerCliCommand.Count(status.Signed)));
        Row("Standing", CliText.Say("Ledger.Standing." + status.Standing.Readiness, LedgerCliCommand.Count(status.Standing.Size), LedgerCliCommand.Count(status.Standing.Known), status.Standing.Why ?? ""));
        foreach (var key in status.Keys)
            Row("Key", CliText.Say("Ledger.Status.Key." + key.State, SignerKey.WordOf(key.Use), key.Digest.ToString()[..8]));
        Row("Copies", CliText.Say("Ledger.Status.Copied", status.Anchors.Folder, LedgerCliCommand.Count(status.Copied)));
        Row("Stamped", status.Stamped is { } stamp
            ? CliText.Say("Ledger.Status.StampedAt", LedgerCliCommand.Count(stamp.Size), InstantPattern.General.Format(stamp.At))
            : CliText.Say("Ledger.Status.NotStamped"));
        foreach (var warning in status.Warnings)
        {
            sheet.Blank();
            sheet.Paragraph(warning);
        }

        void Row(string key, string text) => sheet.Row(CliText.Say("Ledger.Status." + key), text, Indent, Labels);
    }

    private static void Write(Utf8JsonWriter json, Status status)
    {
        json.WriteStartObject();
        json.WriteString("controller", status.Ledger.Controller);
        json.WriteString("origin", status.Ledger.Origin);
        json.WriteNumber("size", status.Standing.Size);
        json.WriteNumber("signed", status.Signed);
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
        json.WriteString("copies", status.Anchors.Folder);
        json.WriteNumber("copied", status.Copied);
        if (status.Stamped is { } stamp)
        {
            json.WriteNumber("stamped", stamp.Size);
            json.WriteString("stampedAt", InstantPattern.ExtendedIso.Format(stamp.At));
        }

        json.WriteStartArray("warnings");
        foreach (var warning in status.Warnings)
            json.WriteStringValue(warning);
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
