namespace Ringfence.Server.Sealing;

/// <summary>Where the keys of an installation lie: beside its data, never in it.</summary>
/// <remarks>
/// Three places that are backed up one by one, none with the data: <see cref="KeyFile"/>, of which only the newest copy is kept;
/// <see cref="Keyring"/>, which is worth nothing without it; <see cref="Journal"/>, which is kept for ever.
/// </remarks>
internal sealed class KeysFolder
{
    /// <summary>Names the folder where no option does.</summary>
    public const string Variable = "RINGFENCE_KEYS";

    private KeysFolder(string path) => Path = path;

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>The file of key-encryption keys.</summary>
    public string KeyFile => System.IO.Path.Combine(Path, "kek");

    /// <summary>The folder of the keyring, where it is on SQLite.</summary>
    public string Keyring => System.IO.Path.Combine(Path, "keyring");

    /// <summary>The erasure journal.</summary>
    public string Journal => System.IO.Path.Combine(Path, "erasures", "erasures.journal");

    /// <summary>The blocked numbers of erased people, sealed: beside the journal, and kept with it.</summary>
    public string Blocked => System.IO.Path.Combine(Path, "erasures", "erasures.blocked");

    /// <summary>The proofs of consent of erased people that a law wants kept, sealed: beside the journal, too.</summary>
    public string Proofs => System.IO.Path.Combine(Path, "erasures", "proofs");

    /// <summary>The folder for data that lies at a place: the one asked for, else that of <see cref="Variable"/>, else <c>&lt;data&gt;-keys</c>.</summary>
    /// <param name="asked">What <c>--keys</c> says; null if it isn't given.</param>
    /// <param name="data">The folder of the data.</param>
    /// <param name="environment">Environment variables.</param>
    /// <exception cref="KeysException">Code <c>not-apart</c>: one lies in the other, by whatever links.</exception>
    public static KeysFolder For(string? asked, string data, Func<string, string?> environment)
    {
        data = Real(System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(data)));
        var keys = asked ?? environment(Variable) switch { { Length: > 0 } named => named, _ => data + "-keys" };
        keys = Real(System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(keys)));
        return Within(keys, data) || Within(data, keys) ? throw KeysException.NotApart(keys, data) : new KeysFolder(keys);
    }

    /// <summary>Opens the keyring with its keys, and the erasure journal. Who stands in the journal has no key then, whatever the keyring was restored from.</summary>
    /// <param name="postgres">The connection string of the keyring's own database; null where it is on SQLite in this folder.</param>
    /// <param name="create">Whether what is missing is made. Only for a ledger that has no record yet: what is missing otherwise is lost, and a new one in its place would hide that.</param>
    /// <param name="environment">Environment variables.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="KeysException">Something is missing or not in order. Nothing is open then.</exception>
    public async Task<(Keyring Keyring, ErasureJournal Journal)> OpenAsync(string? postgres, bool create, Func<string, string?> environment, TimeProvider time, CancellationToken cancel)
    {
        var make = create && string.IsNullOrEmpty(environment(KeyProvider.Variable)) && !File.Exists(KeyFile);
        var provider = make ? Sealing.KeyFile.Create(KeyFile, Kid.Today(time)) : KeyProvider.Open(this, environment);
        KeyringStore? store = null;
        ErasureJournal? journal = null;
        try
        {
            store = postgres is null ? SqliteKeyringStore.Open(Keyring, create) : await PostgresKeyringStore.OpenAsync(postgres, create, cancel);
            journal = ErasureJournal.Open(Journal, create);
            var keyring = await Sealing.Keyring.OpenAsync(store, provider, create, time, cancel);
            await keyring.DestroyAgainAsync(journal.ReadAll(), cancel);
            return (keyring, journal);
        }
        catch
        {
            journal?.Dispose();
            if (store is not null)
                await store.DisposeAsync();
            provider.Dispose();
            throw;
        }
    }

    private static bool Within(string path, string folder)
    {
        // Where file names don't tell case, two spellings are one folder.
        var compare = OperatingSystem.IsLinux() ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase;
        return (path + System.IO.Path.DirectorySeparatorChar).StartsWith(
            System.IO.Path.TrimEndingDirectorySeparator(folder) + System.IO.Path.DirectorySeparatorChar, compare);
    }

    // The path without links, as far as it exists.
    private static string Real(string path)
    {
        if (System.IO.Path.GetDirectoryName(path) is not { } parent)
            return path;
        var here = System.IO.Path.Combine(Real(parent), System.IO.Path.GetFileName(path));
        var folder = new DirectoryInfo(here);
        return folder.LinkTarget is null ? here : Real(folder.ResolveLinkTarget(returnFinalTarget: true)!.FullName);
    }
}
