using System.CommandLine;
using Ringfence.Server.Cli;

namespace Ringfence.Server.Ledger;

/// <summary><c>ringfence ledger rebuild</c>: makes everything anew that can be told from the records.</summary>
internal static class RebuildCliCommand
{
    public static Command Create(TimeProvider time)
    {
        var command = new Command("rebuild", CliText.Say("Rebuild.Description")).OnLedger();
        command.SetAction((parsed, cancel) => StoreArguments.RunAsync(parsed, time, async (installation, stop) =>
        {
            var ledger = await installation.LedgerAsync(StoreArguments.ControllerOf(parsed), stop);
            var (before, after) = await Rebuild.RunAsync(installation.Store, ledger.Ledger, null, stop);
            if (parsed.GetValue(Terminal.Json))
            {
                Console.Out.WriteLine(CliJson.Write(json =>
                {
                    json.WriteStartObject();
                    json.WriteString("before", before.ToString());
                    json.WriteString("after", after.ToString());
                    json.WriteBoolean("same", before == after);
                    json.WriteEndObject();
                }));
            }
            else
            {
                Console.Out.WriteLine(CliText.Say(before == after ? "Rebuild.Same" : "Rebuild.Other", before, after));
            }

            return before == after ? Exit.Done : Exit.No;
        }, cancel));
        return command;
    }
}
