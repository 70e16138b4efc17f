using System.Globalization;
using System.Text.Json;
using NodaTime;
using NodaTime.Text;
using Ringfence.Ledger;
using Ringfence.Server.Ledger;

namespace Ringfence.Server.Storage;

/// <summary>A backup in the folder of backups.</summary>
/// <param name="Name">Of its folder.</param>
/// <param name="Manifest">What it says of itself; null: it is not whole, or can't be read.</param>
internal sealed record KeptBackup(string Name, BackupManifest? Manifest)
{
    /// <summary>Bytes of its files.</summary>
    public long Bytes => Manifest?.Files.Sum(static file => file.Bytes) ?? 0;

    /// <summary>When it was taken.</summary>
    public Instant? At => Manifest is not null && InstantPattern.ExtendedIso.Parse(Manifest.MadeAt) is { Success: true } read ? read.Value : null;
}

/// <summary>Backups that staff take from their pages: one after the other, into a folder beside the data that stays when the data is put back.</summary>
internal sealed class BackupDesk(Installation installation)
{
    private const int LongestName = 60;

    private readonly Lock starting = new();
    private Task running = Task.CompletedTask;

    /// <summary>Where they are kept on the server.</summary>
    public string Folder { get; } = Path.TrimEndingDirectorySeparator(Path.GetFullPath(installation.Options.Data)) + "-backups";

    /// <summary>Which one is being taken; null: none is.</summary>
    public string? Running { get; private set; }

    /// <summary>Why the last one failed: its code; null: it did not.</summary>
    public string? Fault { get; private set; }

    /// <summary>Those that are there, the newest first.</summary>
    public IReadOnlyList<KeptBackup> List() => Directory.Exists(Folder)
        ? [.. Directory.EnumerateDirectories(Folder).Select(static path => Path.GetFileName(path)).Where(name => name != Running).Select(Read).OrderByDescending(static one => one.At ?? Instant.MinValue).ThenByDescending(static one => one.Name, StringComparer.Ordinal)]
        : [];

    /// <summary>Begins one, and returns before it is done.</summary>
    /// <param name="name">Of its folder: small letters, digits and hyphens; null: the time.</param>
    /// <param name="actor">Who takes it.</param>
    /// <exception cref="CommandRefusedException"><c>bad-backup-name</c>, <c>backup-there</c>, <c>backup-runs</c>.</exception>
    public string Begin(string? name, Actor actor)
    {
        name ??= installation.Time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'-'HHmmss", CultureInfo.InvariantCulture);
        // One part of a path, and nothing that leads out of the folder.
        if (name.Length > LongestName || !char.IsAsciiLetterOrDigit(name[0]) || !name.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'))
            throw new CommandRefusedException("bad-backup-name");
        var path = Path.Combine(Folder, name);
        if (Path.Exists(path))
            throw new CommandRefusedException("backup-there", name);
        lock (starting)
        {
            if (!running.IsCompleted)
                throw new CommandRefusedException("backup-runs");
            (Running, Fault) = (name, null);
            running = Task.Run(() => TakeAsync(path, actor));
        }

        return name;
    }

    /// <summary>Ends when the one that is being taken is done; for tests.</summary>
    internal Task WaitAsync() => running;

    private async Task TakeAsync(string path, Actor actor)
    {
        try
        {
            await Backup.TakeAsync(installation, path, null, actor, CancellationToken.None);
        }
        catch (Exception e) when (e is BackupException or StoreException or IOException or UnauthorizedAccessException or Sealing.KeysException or SignerException or LedgerAlarmException or CommandRefusedException)
        {
            Fault = e switch
            {
                BackupException backup => backup.Code,
                SignerException => "signer",
                LedgerAlarmException => "ledger",
                StoreException { Fault: StoreFault.Full } => "full",
                IOException io when Cli.DiskFull.Is(io) => "full",
                _ => "failed",
            };
        }
        finally
        {
            Running = null;
        }
    }

    // What it says of itself; whether every byte is right is looked at when it is put back.
    private KeptBackup Read(string name)
    {
        try
        {
            return new KeptBackup(name, JsonSerializer.Deserialize(File.ReadAllBytes(Path.Combine(Folder, name, BackupManifest.Name)), BackupJson.Default.BackupManifest));
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            return new KeptBackup(name, null);
        }
    }
}
