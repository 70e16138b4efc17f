using System.CommandLine;
using System.Text.Json;
using Ringfence.Server.Cli;
using Ringfence.Server.Sealing;

namespace Ringfence.Server.Ledger;

/// <summary><c>ringfence upkeep</c>: what has to be done now and then, as far as it is due. For a timer, where no server runs.</summary>
internal static class UpkeepCliCommand
{
    public static Command Create(TimeProvider time)
    {
        var command = new Command("upkeep", CliText.Say("Upkeep.Description")).OnStore();
        command.SetAction((parsed, cancel) => StoreArguments.RunAsync(parsed, time, async (installation, stop) =>
        {
            var outcome = await new Upkeep(installation).RunAsync(LedgerActors.Program, stop);
            if (parsed.GetValue(Terminal.Json))
                Console.Out.WriteLine(CliJson.Write(json => Write(json, outcome)));
            else
                Tell(outcome, parsed.GetValue(Terminal.Quiet));
            foreach (var fault in outcome.Faults)
                Terminal.Error(CliText.Say("Upkeep.Fault." + fault.Code, fault.Origin, fault.Code == "timestamp" ? CliText.Say("Ledger.Timestamp." + fault.Why) : fault.Why));
            return outcome.Faults.Count == 0 ? Exit.Done : outcome.Faults.Any(static fault => fault.Code is "signer" or "timestamp" or "anchor-folder") ? Exit.NotReady : Exit.No;
        }, cancel));
        return command;
    }

    private static void Tell(UpkeepOutcome outcome, bool quiet)
    {
        Say("Withdrawals", outcome.Withdrawals > 0, outcome.Withdrawals);
        Say("Erasures", outcome.Erasures > 0, outcome.Erasures);
        Say("Requests", outcome.Requests > 0, outcome.Requests);
        Say("Proofs", outcome.Proofs > 0, outcome.Proofs);
        Say("NewKek", outcome.NewKek is not null, outcome.NewKek?.ToString() ?? "");
        Say("Rewrapped", outcome.Rotation.Rewrapped > 0, LedgerCliCommand.Count(outcome.Rotation.Rewrapped));
        foreach (var (key, kids) in ((string, IReadOnlyList<Kid>)[])[("Keys.Gone", outcome.Keks.Destroyed), ("Keys.TakeOut", outcome.Keks.LeftToOperator), ("Keys.StillNeeded", outcome.Keks.StillNeeded)])
        {
            if (kids.Count > 0)
                Console.Out.WriteLine(CliText.Say(key, string.Join(", ", kids)));
        }

        foreach (var (origin, count) in outcome.Snapshots)
            Console.Out.WriteLine(CliText.Say("Upkeep.Snapshot", origin, LedgerCliCommand.Count(count)));
        foreach (var (origin, size) in quiet ? [] : outcome.Signed)
            Console.Out.WriteLine(CliText.Say("Upkeep.Signed", origin, LedgerCliCommand.Count(size)));

        void Say(string key, bool there, object what)
        {
            if (there)
                Console.Out.WriteLine(CliText.Say("Upkeep." + key, what));
        }
    }

    private static void Write(Utf8JsonWriter json, UpkeepOutcome outcome)
    {
        json.WriteStartObject();
        json.WriteNumber("withdrawals", outcome.Withdrawals);
        json.WriteNumber("erasures", outcome.Erasures);
        json.WriteNumber("requests", outcome.Requests);
        json.WriteNumber("proofs", outcome.Proofs);
        if (outcome.NewKek is { } kid)
            json.WriteString("newKek", kid.ToString());
        json.WriteNumber("rewrapped", outcome.Rotation.Rewrapped);
        foreach (var (name, kids) in ((string, IReadOnlyList<Kid>)[])[("destroyed", outcome.Keks.Destroyed), ("takeOut", outcome.Keks.LeftToOperator), ("stillNeeded", outcome.Keks.StillNeeded)])
        {
            json.WriteStartArray(name);
            foreach (var one in kids)
                json.WriteStringValue(one.ToString());
            json.WriteEndArray();
        }

        Pairs("snapshots", "count", outcome.Snapshots);
        Pairs("signed", "size", outcome.Signed);
        json.WriteStartArray("faults");
        foreach (var fault in outcome.Faults)
        {
            json.WriteStartObject();
            json.WriteString("origin", fault.Origin);
            json.WriteString("code", fault.Code);
            json.WriteString("why", fault.Why);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();

        void Pairs(string name, string number, IReadOnlyList<(string Origin, long Number)> pairs)
        {
            json.WriteStartArray(name);
            foreach (var (origin, many) in pairs)
            {
                json.WriteStartObject();
                json.WriteString("origin", origin);
                json.WriteNumber(number, many);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }
    }
}
