namespace Ringfence.Server.Storage.Sqlite;

/// <summary>What the connection that writes is set to, and what it says that it is set to.</summary>
/// <remarks>Source: https://www.sqlite.org/pragma.html.</remarks>
internal static class SqliteSettings
{
    // Set, and read back. "extra" (3) forces every commit to the disk; "secure_delete" overwrites what is deleted.
    private static readonly (string Name, string Set, string Wanted, FindingVerdict Otherwise)[] All =
    [
        ("journal_mode", "wal", "wal", FindingVerdict.Refuse),
        ("synchronous", "extra", "3", FindingVerdict.Refuse),
        ("checkpoint_fullfsync", "on", "1", FindingVerdict.Refuse),
        ("fullfsync", "on", "1", FindingVerdict.Refuse),
        ("secure_delete", "on", "1", FindingVerdict.Refuse),
        ("foreign_keys", "on", "1", FindingVerdict.Refuse),
        ("recursive_triggers", "on", "1", FindingVerdict.Refuse),
        ("trusted_schema", "off", "0", FindingVerdict.Refuse),
        ("wal_autocheckpoint", "0", "0", FindingVerdict.Refuse),
    ];

    // 128 MB for pages; keys of people come in no order, and each touches another page: some 25,000 of them in one transaction of an import.
    private const int CacheKilobytes = 131_072;

    // What the write-ahead file is cut back to when a burst is over: as much as it takes between two checkpoints, or it would have to be given room on the disk again each time.
    private const int LogBytes = 160 << 20;

    public static IEnumerable<string> Names => All.Select(static setting => setting.Name);

    /// <summary>Sets the connection that writes.</summary>
    public static void Apply(SqliteSession session)
    {
        // The journal's mode is the file's: it is set where the file is made, and only read back here.
        foreach (var setting in All.Skip(1))
            session.Run($"pragma {setting.Name} = {setting.Set}");
        session.Run($"pragma cache_size = -{CacheKilobytes}; pragma journal_size_limit = {LogBytes}");
    }

    /// <summary>What each is.</summary>
    public static IEnumerable<StoreFinding> Findings(SqliteSession session) =>
        All.Select(setting => Judge(setting.Name, session.Ask($"pragma {setting.Name}") ?? "unknown"))
            .Append(session.Ask("pragma auto_vacuum") is "2"
                ? new StoreFinding("auto_vacuum", FindingVerdict.Fine, "2", null)
                : new StoreFinding("auto_vacuum", FindingVerdict.Warn, session.Ask("pragma auto_vacuum") ?? "unknown", "2: freed pages are given back after an erasure"));

    /// <summary>Judges one.</summary>
    public static StoreFinding Judge(string name, string value)
    {
        var setting = Array.Find(All, setting => setting.Name == name);
        return value == setting.Wanted
            ? new StoreFinding(name, FindingVerdict.Fine, value, null)
            : new StoreFinding(name, setting.Otherwise, value, setting.Wanted);
    }
}
