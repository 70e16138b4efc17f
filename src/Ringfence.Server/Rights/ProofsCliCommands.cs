using System.CommandLine;
using System.Text.Json;
using Ringfence.Ledger;
using Ringfence.Server.Cli;
using Ringfence.Server.Ledger;
using Ringfence.Server.Sealing;

namespace Ringfence.Server.Rights;

/// <summary><c>ringfence rights proofs</c> and <c>proof</c>: what a law wants kept of the consents of people who were forgotten. There is no other way to see it.</summary>
internal static class ProofsCliCommands
{
    private static readonly HashSet<CommitGroup> Opened = [CommitGroup.Person, CommitGroup.Evidence];

    /// <summary><c>rights proofs</c>.</summary>
    public static Command CreateList(TimeProvider time)
    {
        var command = new Command("proofs", CliText.Say("Rights.Proofs.Description")).OnLedger();
        command.SetAction((parsed, cancel) => StoreArguments.RunAsync(parsed, time, async (installation, stop) =>
        {
            var ledger = await installation.LedgerAsync(StoreArguments.ControllerOf(parsed), stop);
            KeptProof[] proofs = [.. new KeptProofs(installation).All().Where(proof => proof.Controller == ledger.Controller)];
            if (parsed.GetValue(Terminal.Json))
            {
                Console.Out.WriteLine(CliJson.Write(json =>
                {
                    json.WriteStartArray();
                    foreach (var proof in proofs)
                        Write(json, proof);
                    json.WriteEndArray();
                }));
            }

            foreach (var proof in parsed.GetValue(Terminal.Json) ? [] : proofs)
                Console.Out.WriteLine(string.Join('\t', proof.Until, proof.Cites, proof.Rule, string.Join(',', proof.Seqs)));
            return Exit.Done;
        }, cancel));
        return command;
    }

    /// <summary><c>rights proof POINT</c>.</summary>
    public static Command CreateHandOut(TimeProvider time)
    {
        var point = new Argument<string>("POINT") { Description = CliText.Say("Rights.Argument.POINT") };
        var reason = new Option<string>("--for") { HelpName = string.Join('|', RevealProofCommand.Reasons), Required = true, Description = CliText.Say("Rights.Proof.Option.for") };
        reason.AcceptOnlyFromAmong(RevealProofCommand.Reasons);
        var file = new Option<string>("--out") { HelpName = "FILE", Required = true, Description = CliText.Say("Rights.Proof.Option.out") };
        var command = new Command("proof", CliText.Say("Rights.Proof.Description")) { point, reason, file }.OnLedger().WithRegion();
        command.SetAction((parsed, cancel) => StoreArguments.RunAsync(parsed, time, async (installation, stop) =>
        {
            var ledger = await installation.LedgerAsync(StoreArguments.ControllerOf(parsed), stop);
            var named = StoreArguments.Point(parsed, parsed.GetValue(point)!);
            var bundle = await HandOutAsync(installation, ledger, StoreArguments.Actor(parsed), named, parsed.GetValue(reason)!, stop);
            DurableFile.Create(Path.GetFullPath(parsed.GetValue(file)!), bundle.ToBytes());
            Console.Out.WriteLine(CliText.Say("Rights.Proof.Done", LedgerCliCommand.Count(bundle.Records.Count), parsed.GetValue(file)!));
            return Exit.Done;
        }, cancel));
        return command;
    }

    /// <summary>Gathers what is kept of the consents given with a number or address. That it is handed out is written down first.</summary>
    /// <exception cref="CommandRefusedException"><c>not-a-contact</c>: nothing is kept of it.</exception>
    public static async Task<EvidenceBundle> HandOutAsync(Installation installation, Storage.LedgerRow ledger, Actor actor, Ringfence.People.ContactPoint point, string reason, CancellationToken cancel)
    {
        var opened = await new KeptProofs(installation).OpenAsync(ledger, point, cancel);
        if (opened.Proofs.Count == 0)
            throw new CommandRefusedException("not-a-contact");
        _ = await (await installation.WriterAsync(ledger, cancel)).DoAsync(new RevealProofCommand(actor, opened.Proofs, reason), cancel);
        await installation.NotaryOf(ledger).CheckpointAsync(anchor: false, cancel);
        return await EvidenceBundle.GatherAsync(
            installation, ledger, opened.Proofs.SelectMany(static proof => proof.Rows).Select(static row => row.Seq).Distinct().Order(), Opened, cancel, opened.Of, record => Task.FromResult(opened.Scans.GetValueOrDefault(record.Seq)));
    }

    /// <summary>What is said of a proof: nothing of the person.</summary>
    public static void Write(Utf8JsonWriter json, KeptProof proof)
    {
        json.WriteStartObject();
        json.WriteString("until", proof.Until);
        json.WriteString("rule", proof.Rule);
        json.WriteString("cites", proof.Cites);
        json.WriteStartArray("records");
        foreach (var seq in proof.Seqs)
            json.WriteNumberValue(seq);
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
