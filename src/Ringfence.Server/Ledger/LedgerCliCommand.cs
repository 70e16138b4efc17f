using System.CommandLine;
using System.Globalization;
using Ringfence.Server.Cli;

namespace Ringfence.Server.Ledger;

/// <summary><c>ringfence ledger</c>: what stands in a ledger and how it is signed, and what an auditor needs of it.</summary>
internal static class LedgerCliCommand
{
    private const int Indent = 2;
    private const int Labels = 16;

    public static Command Create(TimeProvider time) => new("ledger", CliText.Say("Ledger.Description"))
    {
        Status(time),
        Publish(time),
        Policy(time),
        RebuildCliCommand.Create(time),
    };

    private static Command Status(TimeProvider time)
    {
        var command = new Command("status", CliText.Say("Ledger.Status.Description")).OnLedger();
        command.SetAction((parsed, cancel) => StoreArguments.RunAsync(parsed, time, async (installation, stop) =>
        {
            var ledger = await installation.LedgerAsync(StoreArguments.ControllerOf(parsed), stop);
            var notary = installation.NotaryOf(ledger);
            var standing = await notary.ExamineAsync(stop);
            var head = await installation.Store.HeadAsync(ledger.Ledger, stop);
            var newest = await installation.FilesOf(ledger).NewestAsync(stop);
            var signed = newest?.Checkpoint.Size ?? 0;
            if (parsed.GetValue(Terminal.Json))
            {
                Console.Out.WriteLine(CliJson.Write(json =>
                {
                    json.WriteStartObject();
                    json.WriteString("origin", ledger.Origin);
                    json.WriteNumber("size", head.Size);
                    json.WriteNumber("signed", signed);
                    json.WriteString("readiness", standing.Readiness.ToString());
                    json.WriteBoolean("anchoredOutside", !notary.LacksOutsideAnchor());
                    json.WriteEndObject();
                }));
            }
            else
            {
                var sheet = TextSheet.On(Console.Out);
                Row(sheet, "Origin", ledger.Origin);
                Row(sheet, "Size", head.Size.ToString("N0", CultureInfo.InvariantCulture));
                Row(sheet, "Signed", signed.ToString("N0", CultureInfo.InvariantCulture));
                Row(sheet, "Standing", CliText.Say("Ledger.Readiness." + standing.Readiness));
                if (notary.LacksOutsideAnchor())
                    sheet.Paragraph(CliText.Say("Ledger.NoAnchor"), Indent);
            }

            return standing.Readiness is LedgerReadiness.RolledBack or LedgerReadiness.Forked ? Exit.No : Exit.Done;
        }, cancel));
        return command;
    }

    private static Command Publish(TimeProvider time)
    {
        var folder = new Argument<string>("DIR") { Description = CliText.Say("Ledger.Argument.DIR") };
        var command = new Command("publish", CliText.Say("Ledger.Publish.Description")) { folder }.OnLedger();
        command.SetAction((parsed, cancel) => StoreArguments.RunAsync(parsed, time, async (installation, stop) =>
        {
            var ledger = await installation.LedgerAsync(StoreArguments.ControllerOf(parsed), stop);
            var notary = installation.NotaryOf(ledger);
            await notary.CheckpointAsync(anchor: false, stop);
            var done = await new PublishedFolder(installation.Store, ledger, installation.FilesOf(ledger), notary.Tiles, parsed.GetValue(folder)!).PublishAsync(stop);
            if (parsed.GetValue(Terminal.Json))
            {
                Console.Out.WriteLine(CliJson.Write(json =>
                {
                    json.WriteStartObject();
                    json.WriteNumber("size", done.Size);
                    json.WriteNumber("written", done.Written);
                    json.WriteEndObject();
                }));
            }
            else
            {
                Console.Out.WriteLine(CliText.Say("Ledger.Published", done.Size.ToString("N0", CultureInfo.InvariantCulture), done.Written.ToString("N0", CultureInfo.InvariantCulture)));
            }

            return Exit.Done;
        }, cancel));
        return command;
    }

    // The file an auditor starts from: they compare its keys with what they were given by another way, and keep it.
    private static Command Policy(TimeProvider time)
    {
        var command = new Command("policy", CliText.Say("Ledger.Policy.Description")).OnLedger();
        command.SetAction((parsed, cancel) => StoreArguments.RunAsync(parsed, time, async (installation, stop) =>
        {
            var ledger = await installation.LedgerAsync(StoreArguments.ControllerOf(parsed), stop);
            foreach (var key in await installation.NotaryOf(ledger).KeysAsync(stop))
                Console.Out.WriteLine($"log {key}");
            Console.Out.WriteLine("quorum none");
            return Exit.Done;
        }, cancel));
        return command;
    }

    private static void Row(TextSheet sheet, string label, string text) => sheet.Row(CliText.Say("Ledger." + label), text, Indent, Labels);
}
