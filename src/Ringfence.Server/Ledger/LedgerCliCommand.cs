using System.CommandLine;
using System.Globalization;
using Ringfence.Ledger;
using Ringfence.Server.Cli;
using Ringfence.Server.Suppression;

namespace Ringfence.Server.Ledger;

/// <summary><c>ringfence ledger</c>: have a ledger signed, published, and shown to others.</summary>
internal static class LedgerCliCommand
{
    /// <summary>The command with all that stands under it.</summary>
    public static Command Create(TimeProvider time) => new("ledger", CliText.Say("Ledger.Description"))
    {
        LedgerStatusCliCommand.Create(time),
        Checkpoint(time),
        Policy(time),
        Publish(time),
        EvidenceCliCommand.CreateBundle(time),
        Snapshot(time),
        RebuildCliCommand.Create(time),
        new Command("key", CliText.Say("Ledger.Key.Description")) { AddKey(time), RetireKey(time) },
    };

    private static Command Checkpoint(TimeProvider time)
    {
        var anchor = new Option<bool>("--anchor") { Description = CliText.Say("Ledger.Checkpoint.Option.anchor") };
        var command = new Command("checkpoint", CliText.Say("Ledger.Checkpoint.Description")) { anchor }.OnLedger();
        command.SetAction((parsed, cancel) => StoreArguments.RunAsync(parsed, time, async (installation, stop) =>
        {
            var notary = installation.NotaryOf(await installation.LedgerAsync(StoreArguments.ControllerOf(parsed), stop));
            var signed = await notary.CheckpointAsync(parsed.GetValue(anchor), stop) ?? throw new CommandRefusedException("nothing-signed");
            Console.Out.Write(signed.Note.ToString());
            foreach (var warning in LedgerStatusCliCommand.Warnings(notary))
                Terminal.Error(warning);
            // Who asked for it to be carried outside wants to know that it was.
            return parsed.GetValue(anchor) && (notary.TimestampFault ?? notary.FolderFault) is not null ? Exit.NotReady : Exit.Done;
        }, cancel));
        return command;
    }

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

    private static Command Publish(TimeProvider time)
    {
        var folder = new Argument<string>("DIR") { Description = CliText.Say("Ledger.Argument.DIR") };
        var command = new Command("publish", CliText.Say("Ledger.Publish.Description")) { folder }.OnLedger();
        command.SetAction((parsed, cancel) => StoreArguments.RunAsync(parsed, time, async (installation, stop) =>
        {
            var ledger = await installation.LedgerAsync(StoreArguments.ControllerOf(parsed), stop);
            var notary = installation.NotaryOf(ledger);
            await notary.CheckpointAsync(anchor: false, stop);
            var outcome = await new PublishedFolder(installation.Store, ledger, installation.FilesOf(ledger), notary.Tiles, parsed.GetValue(folder)!).PublishAsync(stop);
            Console.Out.WriteLine(parsed.GetValue(Terminal.Json)
                ? CliJson.Write(json =>
                {
                    json.WriteStartObject();
                    json.WriteNumber("size", outcome.Size);
                    json.WriteNumber("written", outcome.Written);
                    json.WriteEndObject();
                })
                : CliText.Say("Ledger.Published", Count(outcome.Size), Count(outcome.Written)));
            return Exit.Done;
        }, cancel));
        return command;
    }

    private static Command Snapshot(TimeProvider time)
    {
        var command = new Command("snapshot", CliText.Say("Ledger.Snapshot.Description")).OnLedger();
        command.SetAction((parsed, cancel) => StoreArguments.RunAsync(parsed, time, async (installation, stop) =>
        {
            var ledger = await installation.LedgerAsync(StoreArguments.ControllerOf(parsed), stop);
            var (seq, count) = await SuppressionSnapshot.TakeAsync(installation, ledger, StoreArguments.Actor(parsed), stop);
            Console.Out.WriteLine(CliText.Say("Ledger.Snapshot.Done", Count(count), Count(seq)));
            return Exit.Done;
        }, cancel));
        return command;
    }

    private static Command AddKey(TimeProvider time)
    {
        var use = new Option<string>("--use") { HelpName = "log|receipts", DefaultValueFactory = static _ => "log", Description = CliText.Say("Ledger.Key.Option.use") };
        use.AcceptOnlyFromAmong("log", "receipts");
        var command = new Command("add", CliText.Say("Ledger.Key.Add.Description")) { use }.OnLedger();
        command.SetAction((parsed, cancel) => StoreArguments.RunAsync(parsed, time, async (installation, stop) =>
        {
            var ledger = await installation.LedgerAsync(StoreArguments.ControllerOf(parsed), stop);
            var which = parsed.GetValue(use) == "receipts" ? SignerUse.Receipts : SignerUse.Log;
            var key = await installation.NotaryOf(ledger).AddKeyAsync(which, StoreArguments.Actor(parsed), stop);
            Console.Out.WriteLine(CliText.Say("Ledger.Key.Added", VerifierKey.OfEcdsa(SignerKey.NameOf(which, ledger.Origin), key.Spki)));
            return Exit.Done;
        }, cancel));
        return command;
    }

    private static Command RetireKey(TimeProvider time)
    {
        var id = new Argument<string>("KEY") { Description = CliText.Say("Ledger.Key.Argument.KEY") };
        id.Validators.Add(static result =>
        {
            if (result.Tokens[0].Value is not { Length: 8 } text || !text.All(char.IsAsciiHexDigitLower))
                result.AddError(CliText.Say("Ledger.Key.BadKey", result.Tokens[0].Value));
        });
        var command = new Command("retire", CliText.Say("Ledger.Key.Retire.Description")) { id }.OnLedger();
        command.SetAction((parsed, cancel) => StoreArguments.RunAsync(parsed, time, async (installation, stop) =>
        {
            var ledger = await installation.LedgerAsync(StoreArguments.ControllerOf(parsed), stop);
            await installation.NotaryOf(ledger).RetireKeyAsync(parsed.GetValue(id)!, StoreArguments.Actor(parsed), stop);
            Console.Out.WriteLine(CliText.Say("Ledger.Key.Retired", parsed.GetValue(id)!));
            return Exit.Done;
        }, cancel));
        return command;
    }

    /// <summary>A number for people.</summary>
    public static string Count(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
