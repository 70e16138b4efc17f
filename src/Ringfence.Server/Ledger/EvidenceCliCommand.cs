using System.CommandLine;
using System.Globalization;
using Ringfence.Ledger;
using Ringfence.Server.Cli;
using Ringfence.Server.Consent;
using Ringfence.Server.Sealing;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Ledger;

/// <summary><c>ringfence ledger bundle</c>: some records with everything that proves them, in one file that is checked offline.</summary>
internal static class EvidenceCliCommand
{
    private static readonly Dictionary<string, CommitGroup> Groups = new(StringComparer.Ordinal)
    {
        ["person"] = CommitGroup.Person, ["evidence"] = CommitGroup.Evidence, ["note"] = CommitGroup.Note,
    };

    public static Command CreateBundle(TimeProvider time)
    {
        var seqs = new Option<string?>("--seq") { HelpName = "N,N", Description = CliText.Say("Bundle.Option.seq") };
        var sid = new Option<string?>("--sid") { HelpName = "SID", Description = CliText.Say("Bundle.Option.sid") };
        var open = new Option<string?>("--open") { HelpName = "person,evidence,note", Description = CliText.Say("Bundle.Option.open") };
        var file = new Option<string>("--out") { HelpName = "FILE", Required = true, Description = CliText.Say("Bundle.Option.out") };
        var command = new Command("bundle", CliText.Say("Bundle.Description")) { seqs, sid, open, file }.OnLedger();
        command.Validators.Add(result =>
        {
            if (result.GetValue(seqs) is null == (result.GetValue(sid) is null))
                result.AddError(CliText.Say("Bundle.SeqOrSid"));
        });
        seqs.Validators.Add(static result =>
        {
            if (result.Tokens.Count == 1 && ReadSeqs(result.Tokens[0].Value) is null)
                result.AddError(CliText.Say("BadOption", "--seq", result.Tokens[0].Value));
        });
        sid.Validators.Add(static result =>
        {
            if (result.Tokens.Count == 1 && !OpaqueId.TryParse(result.Tokens[0].Value, out _))
                result.AddError(CliText.Say("BadOption", "--sid", result.Tokens[0].Value));
        });
        open.Validators.Add(static result =>
        {
            if (result.Tokens.Count == 1 && ReadGroups(result.Tokens[0].Value) is null)
                result.AddError(CliText.Say("BadOption", "--open", result.Tokens[0].Value));
        });
        command.SetAction((parsed, cancel) => StoreArguments.RunAsync(parsed, time, async (installation, stop) =>
        {
            var ledger = await installation.LedgerAsync(StoreArguments.ControllerOf(parsed), stop);
            await installation.NotaryOf(ledger).CheckpointAsync(anchor: false, stop);
            var wanted = parsed.GetValue(seqs) is { } list ? ReadSeqs(list)! : await SeqsOfAsync(installation, ledger, parsed.GetValue(sid)!, stop);
            var bundle = await EvidenceBundle.GatherAsync(installation, ledger, wanted, ReadGroups(parsed.GetValue(open) ?? "")!, stop, scans: record => KeptScan.OpenAsync(installation, ledger, record, stop));
            await HandOutAsync(installation, ledger, StoreArguments.Actor(parsed), bundle.Revealed, "bundle", bundle.ToBytes(), parsed.GetValue(file)!, stop);
            Console.Out.WriteLine(CliText.Say("Bundle.Done", LedgerCliCommand.Count(bundle.Records.Count), parsed.GetValue(file)!));
            return Exit.Done;
        }, cancel));
        return command;
    }

    /// <summary>Writes a file, after it was written down who gets to see whom.</summary>
    public static async Task HandOutAsync(
        Installation installation, LedgerRow ledger, Actor actor, IReadOnlyCollection<OpaqueId> revealed, string view, byte[] bytes, string file, CancellationToken cancel)
    {
        // Nothing is shown that could not be written down, and no record is written for a file that can't be.
        using var stream = Create(file);
        var digest = TreeHash.Sha256(bytes);
        foreach (var sid in revealed)
            await (await installation.WriterAsync(ledger, cancel)).DoAsync(new RevealCommand(actor, sid, view, digest), cancel);
        await stream.WriteAsync(bytes, cancel);
        stream.SetLength(bytes.Length);
    }

    // It may hold what is personal: for whoever made it, and nobody else on the machine.
    private static FileStream Create(string file)
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = DurableFile.OwnerOnly;
        return new FileStream(file, options);
    }

    private static async Task<IReadOnlyList<long>> SeqsOfAsync(Installation installation, LedgerRow ledger, string sid, CancellationToken cancel)
    {
        _ = OpaqueId.TryParse(sid, out var person);
        var wanted = new RowsWanted();
        wanted.Subjects.Add(person.ToArray());
        var rows = await installation.Store.LoadAsync(ledger.Ledger, wanted, cancel);
        return rows.Records.Count > 0 ? [.. rows.Records.Keys] : throw new CommandRefusedException("not-a-contact");
    }

    private static IReadOnlyList<long>? ReadSeqs(string text)
    {
        var seqs = new SortedSet<long>();
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            if (!long.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var seq))
                return null;
            seqs.Add(seq);
        }

        return [.. seqs];
    }

    private static HashSet<CommitGroup>? ReadGroups(string text)
    {
        var groups = new HashSet<CommitGroup>();
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (!Groups.TryGetValue(part, out var group))
                return null;
            groups.Add(group);
        }

        return groups;
    }
}
