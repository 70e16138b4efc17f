using System.Globalization;
using System.Runtime.InteropServices;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Rules;
using Ringfence.Server.Ledger;
using Ringfence.Server.Rights;
using Ringfence.Server.Sealing;
using Ringfence.Server.Suppression;

namespace Ringfence.Server.Storage;

/// <summary>One thing that the doctor looked at. Nothing personal.</summary>
/// <param name="Area">What it belongs to, in the order of <see cref="Doctor.Areas"/>.</param>
/// <param name="Code">Stable, such as <c>kek-due</c>.</param>
/// <param name="Verdict">In order, to be looked at, or refused: with a refused one nobody may be contacted.</param>
/// <param name="Place">Where: a path, a ledger, a setting.</param>
/// <param name="Value">What was found.</param>
/// <param name="Wanted">What it has to be, where it is not in order and there is one word for it.</param>
internal sealed record DoctorFinding(string Area, string Code, FindingVerdict Verdict, string Place, string Value, string? Wanted = null);

/// <summary>Looks at everything that an installation depends on, and changes nothing of what it holds.</summary>
/// <param name="options">The installation, whether it opens or not.</param>
/// <param name="gate">Gives the gate whose rules would be applied.</param>
/// <param name="time">The clock.</param>
internal sealed class Doctor(InstallationOptions options, Func<ContactGate> gate, TimeProvider time)
{
    /// <summary>What is looked at, in the order in which it is told.</summary>
    public static readonly string[] Areas = ["store", "keys", "signer", "ledger", "anchors", "clock", "rules", "erasures", "webhooks", "backups", "disk", "versions"];

    // A snapshot of suppressions, a burst of the keyring and a year of anchors take less.
    private const long LeastFree = 256L << 20;

    private readonly List<DoctorFinding> findings = [];

    /// <summary>Looks.</summary>
    public async Task<IReadOnlyList<DoctorFinding>> RunAsync(CancellationToken cancel)
    {
        if (IsNew())
            return [new DoctorFinding("store", "nothing-yet", FindingVerdict.Refuse, Place, "")];
        await StoreAsync(cancel);
        if (KeysPlace() is { } keys)
        {
            new DoctorKeys(options, time, findings).Look(keys);
            Waiting(keys);
        }

        Rules();
        Disks();
        Versions();
        // Where any of it is refused, what is within can't be opened, or tells nothing.
        if (findings.TrueForAll(static finding => finding.Verdict != FindingVerdict.Refuse || finding.Code is "spool-waiting" or "rules-unusable") && findings.TrueForAll(static finding => finding.Code != "store-in-use"))
            await WithinAsync(cancel);
        return [.. findings.OrderBy(static finding => Array.IndexOf(Areas, finding.Area))];
    }

    /// <summary>Looks at an installation that is in use here, and at one ledger of it.</summary>
    public async Task<IReadOnlyList<DoctorFinding>> RunInsideAsync(Installation installation, LedgerRow ledger, CancellationToken cancel)
    {
        Take(await installation.Store.ExamineAsync(cancel));
        if (KeysPlace() is { } keys)
        {
            new DoctorKeys(options, time, findings).Look(keys);
            Waiting(keys);
        }

        Rules();
        Disks();
        Versions();
        var within = new DoctorLedgers(installation, findings);
        await within.KeksAsync(cancel);
        await within.LookAsync(ledger, cancel);
        return [.. findings.OrderBy(static finding => Array.IndexOf(Areas, finding.Area))];
    }

    // The clocks of two machines are told with the clock, room with the disks.
    private void Take(IEnumerable<StoreFinding> found) => findings.AddRange(found.Select(one => new DoctorFinding(
        one.Code switch { "clock" => "clock", "free-space" => "disk", "engine" => "versions", _ => "store" }, one.Code == "clock" ? "clock-database" : one.Code, one.Verdict, PlaceOf(one.Code), one.Value, one.Wanted)));

    private async Task StoreAsync(CancellationToken cancel)
    {
        try
        {
            Take(await LedgerStores.ExamineAsync(options.Store, cancel));
        }
        catch (StoreException e)
        {
            var code = e.Fault switch
            {
                StoreFault.InUse => "store-in-use",
                StoreFault.OutOfReach => "store-away",
                StoreFault.Foreign => "store-foreign",
                StoreFault.Damaged => "store-damaged",
                _ => "store-unusable",
            };
            findings.Add(new DoctorFinding("store", code, e.Fault == StoreFault.InUse ? FindingVerdict.Warn : FindingVerdict.Refuse, Place, e.Message));
        }
    }

    private string Place => options.Store.Connection is { } connection ? Postgres.PostgresRestore.NameOf(connection) : Path.GetFullPath(options.Data);

    // Nothing of it was ever made: what is missing is not lost.
    private bool IsNew()
    {
        try
        {
            return options.Store.Connection is null && !File.Exists(Path.Combine(Place, StoreOptions.FileName)) && !Directory.Exists(KeysFolder.For(options.Keys, options.Data, options.Environment).Path)
                && WithdrawalSpool.IsEmpty(options.Data);
        }
        catch (KeysException)
        {
            return false;
        }
    }

    private string PlaceOf(string code) => code switch
    {
        "mode-folder" or "free-space" => Place,
        _ when code.StartsWith("mode-", StringComparison.Ordinal) => Path.Combine(Place, code["mode-".Length..]),
        _ => code,
    };

    private KeysFolder? KeysPlace()
    {
        try
        {
            return KeysFolder.For(options.Keys, options.Data, options.Environment);
        }
        catch (KeysException e)
        {
            findings.Add(new DoctorFinding("keys", "keys-" + e.Code, FindingVerdict.Refuse, Path.GetFullPath(options.Data), DoctorKeys.Say(e)));
            return null;
        }
    }

    // What a start goes on with, before anything else.
    private void Waiting(KeysFolder keys)
    {
        var pending = PendingErasures.Of(keys).All().Count;
        findings.Add(pending == 0
            ? new DoctorFinding("erasures", "erasures-ended", FindingVerdict.Fine, keys.Journal, "0")
            : new DoctorFinding("erasures", "erasure-pending", FindingVerdict.Warn, keys.Journal, pending.ToString(CultureInfo.InvariantCulture)));
        findings.Add(WithdrawalSpool.IsEmpty(options.Data)
            ? new DoctorFinding("erasures", "spool-empty", FindingVerdict.Fine, WithdrawalSpool.FileIn(options.Data), "0")
            : new DoctorFinding("erasures", "spool-waiting", FindingVerdict.Refuse, WithdrawalSpool.FileIn(options.Data), string.Create(CultureInfo.InvariantCulture, $"{new FileInfo(WithdrawalSpool.FileIn(options.Data)).Length} B")));
        try
        {
            RestorePlace.RequireNone(options.Data);
        }
        catch (BackupException e)
        {
            findings.Add(new DoctorFinding("backups", e.Code, FindingVerdict.Refuse, e.What, ""));
        }
    }

    private void Rules()
    {
        try
        {
            var rules = gate().Rules;
            findings.Add(new DoctorFinding("rules", "rules", FindingVerdict.Fine, "", RulebookArchive.Of(rules).Digest.ToString()));
            findings.AddRange(rules.Packs.Select(static pack => new DoctorFinding("rules", "pack", FindingVerdict.Fine, pack.Name, pack.Digest)));
        }
        catch (Exception e) when (e is Cli.UnusableFileException or RuleFileException)
        {
            findings.Add(new DoctorFinding("rules", "rules-unusable", FindingVerdict.Refuse, "", e.Message));
        }
    }

    private void Disks()
    {
        var anchors = (options.Anchors ?? AnchorOptions.Of(null, null, null, options.Data, options.Environment)).Folder;
        foreach (var (what, folder) in ((string, string)[])[("keys", options.Keys ?? options.Data + "-keys"), ("anchors", anchors)])
        {
            var there = Path.GetFullPath(folder);
            while (!Directory.Exists(there) && Path.GetDirectoryName(there) is { } above)
                there = above;
            var free = new DriveInfo(there).AvailableFreeSpace;
            var value = string.Create(CultureInfo.InvariantCulture, $"{free >> 20} MB");
            findings.Add(free >= LeastFree
                ? new DoctorFinding("disk", "free-space-" + what, FindingVerdict.Fine, folder, value)
                : new DoctorFinding("disk", "free-space-" + what, FindingVerdict.Warn, folder, value, string.Create(CultureInfo.InvariantCulture, $"{LeastFree >> 20} MB")));
        }
    }

    private void Versions()
    {
        findings.Add(new DoctorFinding("versions", "program", FindingVerdict.Fine, "ringfence", RecordedDecision.EngineNow));
        findings.Add(new DoctorFinding("versions", "runtime", FindingVerdict.Fine, RuntimeInformation.RuntimeIdentifier, RuntimeInformation.FrameworkDescription));
        findings.Add(new DoctorFinding("versions", "zones", FindingVerdict.Fine, "tzdb", RecordedDecision.TzNow));
    }

    private async Task WithinAsync(CancellationToken cancel)
    {
        try
        {
            await using var installation = await Installation.OpenAsync(options with { AsItIs = true }, time, cancel);
            var within = new DoctorLedgers(installation, findings);
            await within.KeksAsync(cancel);
            var ledgers = await installation.NewestLedgersAsync(cancel);
            if (ledgers.Count == 0)
                findings.Add(new DoctorFinding("ledger", "no-ledger", FindingVerdict.Warn, Place, "0"));
            foreach (var ledger in ledgers)
                await within.LookAsync(ledger, cancel);
        }
        catch (KeysException e)
        {
            findings.Add(new DoctorFinding("keys", "keys-" + e.Code, FindingVerdict.Refuse, KeysPlace()?.Path ?? "", DoctorKeys.Say(e)));
        }
        catch (StoreException e)
        {
            findings.Add(new DoctorFinding("store", "store-unusable", FindingVerdict.Refuse, Place, e.Message));
        }
    }
}
