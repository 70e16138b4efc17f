using System.CommandLine;
using Ringfence.Server.Cli;

namespace Ringfence.Server.Storage;

/// <summary><c>ringfence backup</c> and <c>ringfence restore</c>.</summary>
internal static class BackupCliCommands
{
    /// <summary><c>backup DIR</c>.</summary>
    public static Command CreateBackup(TimeProvider time)
    {
        var folder = new Argument<string>("DIR") { Description = CliText.Say("Backup.Argument.DIR") };
        var keys = new Option<string?>("--with-keys") { HelpName = "DIR", Description = CliText.Say("Backup.Option.with-keys") };
        var command = new Command("backup", CliText.Say("Backup.Description")) { folder, keys }.OnLedger();
        command.SetAction((parsed, cancel) => StoreArguments.RunAsync(parsed, time, async (installation, stop) =>
        {
            var manifest = await Backup.TakeAsync(installation, parsed.GetValue(folder)!, parsed.GetValue(keys), StoreArguments.Actor(parsed), stop);
            if (parsed.GetValue(Terminal.Json))
            {
                Console.Out.WriteLine(System.Text.Encoding.UTF8.GetString(manifest.ToBytes()).ReplaceLineEndings("\n"));
                return Exit.Done;
            }

            Console.Out.WriteLine(CliText.Say("Backup.Done", Path.GetFullPath(parsed.GetValue(folder)!)));
            foreach (var ledger in manifest.Ledgers)
                Console.Out.WriteLine("  " + CliText.Say("Backup.Ledger", ledger.Origin, ledger.Size));
            Console.Out.WriteLine(CliText.Say(parsed.GetValue(keys) is null ? "Backup.NoKeys" : "Backup.Keys", parsed.GetValue(keys) ?? ""));
            return Exit.Done;
        }, cancel));
        return command;
    }

    /// <summary><c>restore DIR</c>.</summary>
    public static Command CreateRestore(TimeProvider time)
    {
        var folder = new Argument<string>("DIR") { Description = CliText.Say("Restore.Argument.DIR") };
        var keys = new Option<string?>("--with-keys") { HelpName = "DIR", Description = CliText.Say("Restore.Option.with-keys") };
        var epoch = new Option<bool>("--new-epoch") { Description = CliText.Say("Restore.Option.new-epoch") };
        var command = new Command("restore", CliText.Say("Restore.Description")) { folder, keys, epoch }.OnLedger();
        command.SetAction((parsed, cancel) => StoreArguments.GuardAsync(async () =>
        {
            var outcome = await new Restore(parsed.GetValue(folder)!, StoreArguments.Options(parsed), StoreArguments.Actor(parsed), time)
            {
                Keys = parsed.GetValue(keys), NewEpoch = parsed.GetValue(epoch),
            }.RunAsync(cancel);
            if (parsed.GetValue(Terminal.Json))
            {
                Console.Out.WriteLine(Json(outcome));
                return Exit.Done;
            }

            foreach (var ledger in outcome.Ledgers)
            {
                Console.Out.WriteLine(ledger.Known is { } known
                    ? CliText.Say("Restore.Epoch", ledger.Origin, ledger.Held, known)
                    : CliText.Say("Restore.Ledger", ledger.Origin, ledger.Held));
            }

            foreach (var lost in outcome.Lost)
                Terminal.Error(CliText.Say("Restore.Lost", lost));
            Console.Out.WriteLine(CliText.Say("Restore.Erased", outcome.ErasedAgain));
            return Exit.Done;
        }));
        return command;
    }

    private static string Json(RestoreOutcome outcome) => CliJson.Write(json =>
    {
        json.WriteStartObject();
        json.WriteStartArray("ledgers");
        foreach (var ledger in outcome.Ledgers)
        {
            json.WriteStartObject();
            json.WriteString("origin", ledger.Origin);
            json.WriteNumber("held", ledger.Held);
            if (ledger.Known is { } known)
                json.WriteNumber("known", known);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("lost");
        foreach (var lost in outcome.Lost)
            json.WriteStringValue(lost);
        json.WriteEndArray();
        json.WriteNumber("erasedAgain", outcome.ErasedAgain);
        json.WriteEndObject();
    });
}
