using NodaTime.Text;
using Ringfence.Server.Cli;
using Ringfence.Server.Ledger;
using Ringfence.Server.Sealing;

namespace Ringfence.Server.Storage;

/// <summary>Looks at where the keys lie, and who may read them.</summary>
/// <param name="options">The installation.</param>
/// <param name="time">The clock.</param>
/// <param name="findings">Takes what is found.</param>
internal sealed class DoctorKeys(InstallationOptions options, TimeProvider time, List<DoctorFinding> findings)
{
    private const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>What is wrong with keys, in the language of the run; it says what to do, too.</summary>
    public static string Say(KeysException e) => CliText.SayOr("Keys." + e.Code, "Keys.other", [.. e.Arguments.DefaultIfEmpty(e.Message)]);

    /// <summary>Looks.</summary>
    public void Look(KeysFolder keys)
    {
        Provider(keys);
        if (options.KeyringConnection is null)
            Try("keyring", keys.Keyring, () => RequireThere(Path.Combine(keys.Keyring, "keyring.db"), KeysException.NoKeyring));
        Try("journal", keys.Journal, () => RequireThere(keys.Journal, KeysException.NoJournal));
        Modes(keys);
        // A folder that is copied with the data takes the keys along, whatever the paths say.
        if (!OperatingSystem.IsWindows() && Directory.Exists(keys.Path) && Directory.Exists(options.Data) && Path.GetDirectoryName(keys.Path) == Path.GetDirectoryName(Path.GetFullPath(options.Data)))
            findings.Add(new DoctorFinding("keys", "keys-beside", FindingVerdict.Warn, keys.Path, Path.GetFullPath(options.Data)));
        else
            findings.Add(new DoctorFinding("keys", "keys-apart", FindingVerdict.Fine, keys.Path, ""));
    }

    private void Provider(KeysFolder keys)
    {
        try
        {
            using var provider = KeyProvider.Open(keys, options.Environment);
            var today = Kid.Today(time);
            var current = provider.Current.Kid;
            findings.Add(today < current.Until
                ? new DoctorFinding("keys", "kek", FindingVerdict.Fine, current.ToString(), LocalDatePattern.Iso.Format(current.Until))
                : new DoctorFinding("keys", "kek-due", FindingVerdict.Warn, current.ToString(), LocalDatePattern.Iso.Format(current.Until)));
            for (var i = 0; i + 1 < provider.Kids.Count; i++)
            {
                var from = provider.Kids[i].DestroyFrom(provider.Kids[i + 1]);
                var day = LocalDatePattern.Iso.Format(from);
                findings.Add(today < from
                    ? new DoctorFinding("keys", "kek-old", FindingVerdict.Fine, provider.Kids[i].ToString(), day)
                    : new DoctorFinding("keys", "kek-overdue", FindingVerdict.Warn, provider.Kids[i].ToString(), day));
            }

            if (current.Day > today)
                findings.Add(new DoctorFinding("clock", "kek-ahead", FindingVerdict.Warn, current.ToString(), LocalDatePattern.Iso.Format(today)));
        }
        catch (KeysException e)
        {
            Add(e, keys.KeyFile);
        }
    }

    private void Modes(KeysFolder keys)
    {
        if (OperatingSystem.IsWindows())
            return;
        string[] all =
        [
            keys.Path, keys.Keyring, Path.Combine(keys.Keyring, "keyring.db"), Path.GetDirectoryName(keys.Journal)!, keys.Journal, keys.Blocked, keys.Proofs, Path.Combine(keys.Path, "signer"),
            Suppression.WithdrawalSpool.FileIn(options.Data),
        ];
        foreach (var path in all.Where(Path.Exists))
        {
            var mode = File.GetUnixFileMode(path);
            var (value, wanted) = (Convert.ToString((int)mode, 8), Directory.Exists(path) ? "700" : "600");
            findings.Add(new DoctorFinding("keys", "mode", (mode & Others) == 0 ? FindingVerdict.Fine : FindingVerdict.Warn, path, value, (mode & Others) == 0 ? null : wanted));
        }
    }

    private static void RequireThere(string path, Func<string, KeysException> missing)
    {
        if (!File.Exists(path))
            throw missing(path);
        DurableFile.RequireOwnFolder(Path.GetDirectoryName(path)!);
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 0);
        DurableFile.RequireOwnerOnly(file);
    }

    private void Try(string code, string place, Action look)
    {
        try
        {
            look();
            findings.Add(new DoctorFinding("keys", code, FindingVerdict.Fine, place, ""));
        }
        catch (KeysException e)
        {
            Add(e, place);
        }
        catch (UnauthorizedAccessException e)
        {
            Add(KeysException.NoAccess(place, e), place);
        }
        catch (IOException)
        {
            // The framework asks for a lock that its holder has; who holds it looks after it.
            findings.Add(new DoctorFinding("keys", code, FindingVerdict.Fine, place, ""));
        }
    }

    private void Add(KeysException e, string place) => findings.Add(new DoctorFinding("keys", "keys-" + e.Code, FindingVerdict.Refuse, place, Say(e)));
}
