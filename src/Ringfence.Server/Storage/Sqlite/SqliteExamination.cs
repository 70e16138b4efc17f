using System.Globalization;

namespace Ringfence.Server.Storage.Sqlite;

/// <summary>What the doctor is told of the embedded store.</summary>
internal static class SqliteExamination
{
    // Room for a burst of the write-ahead file and for a start that empties it.
    private const long LeastFree = 1L << 30;

    private const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>All findings, by what they are about.</summary>
    public static IEnumerable<StoreFinding> Of(SqliteSession session, string path, StoreOptions options, CancellationToken cancel)
    {
        var folder = Path.GetDirectoryName(path)!;
        yield return new StoreFinding("engine", FindingVerdict.Fine, $"SQLite {SqliteSession.EngineVersion}", null);
        yield return FileSystems.Judge(folder, options.MountTable);
        foreach (var finding in SqliteSettings.Findings(session))
            yield return finding;
        foreach (var finding in SqliteSchema.Compare(session))
            yield return finding;
        foreach (var migration in SqliteSchema.Applied(session))
            yield return new StoreFinding($"migration-{migration.Number}", FindingVerdict.Fine, Convert.ToHexStringLower(migration.Digest), null);
        yield return session.Ask("select count(*) from tile_rebuild") == "0"
            ? new StoreFinding("tile-rebuild", FindingVerdict.Fine, "none", null)
            : new StoreFinding("tile-rebuild", FindingVerdict.Refuse, "tiles may be dropped", "no row in tile_rebuild");
        foreach (var finding in Files(path))
            yield return finding;
        yield return Free(folder, new FileInfo(path).Length);
        yield return Pages(session, options, cancel);
    }

    private static IEnumerable<StoreFinding> Files(string path)
    {
        if (OperatingSystem.IsWindows())
            yield break;
        var folder = Path.GetDirectoryName(path)!;
        foreach (var file in (string[])[folder, path, path + "-wal", path + "-shm", Path.Combine(folder, SqliteLock.FileName)])
        {
            if (!Path.Exists(file))
                continue;
            var mode = File.GetUnixFileMode(file);
            var value = Convert.ToString((int)mode, 8);
            var code = "mode-" + (file == folder ? "folder" : Path.GetFileName(file));
            yield return (mode & Others) == 0
                ? new StoreFinding(code, FindingVerdict.Fine, value, null)
                : new StoreFinding(code, FindingVerdict.Warn, value, file == folder ? "700" : "600");
        }
    }

    // A backup on the same disk takes as much again.
    private static StoreFinding Free(string folder, long used)
    {
        var free = new DriveInfo(folder).AvailableFreeSpace;
        var wanted = Math.Max(LeastFree, used);
        var value = string.Create(CultureInfo.InvariantCulture, $"{free >> 20} MB");
        return free >= wanted
            ? new StoreFinding("free-space", FindingVerdict.Fine, value, null)
            : new StoreFinding("free-space", FindingVerdict.Warn, value, string.Create(CultureInfo.InvariantCulture, $"{wanted >> 20} MB"));
    }

    private static StoreFinding Pages(SqliteSession session, StoreOptions options, CancellationToken cancel)
    {
        if (!options.ReadEveryPage)
            return new StoreFinding("pages", FindingVerdict.Fine, "not read", null);
        using var _ = cancel.Register(session.Interrupt);
        var answer = session.Ask("pragma quick_check(1)") ?? "unknown";
        return answer == "ok"
            ? new StoreFinding("pages", FindingVerdict.Fine, answer, null)
            : new StoreFinding("pages", FindingVerdict.Refuse, answer, "ok: restore a backup");
    }
}
