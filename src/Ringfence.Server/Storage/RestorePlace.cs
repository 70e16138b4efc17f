using System.Text.Json;
using System.Text.Json.Serialization;
using Ringfence.Server.Ledger;
using Ringfence.Server.Sealing;
using Ringfence.Server.Suppression;

namespace Ringfence.Server.Storage;

/// <summary>A ledger that was put back.</summary>
/// <param name="Origin">The origin under which it goes on.</param>
/// <param name="Held">How many records the backup held of it.</param>
/// <param name="Known">Where it goes on under a new origin: how many records are known to have been signed; else null.</param>
internal sealed record RestoredLedger(string Origin, long Held, long? Known);

/// <summary>What putting a backup back came to.</summary>
/// <param name="Ledgers">Each ledger that goes on.</param>
/// <param name="Lost">Origins of ledgers that are known outside and of which the backup holds nothing.</param>
/// <param name="ErasedAgain">How many people were forgotten again who came back with the backup.</param>
internal sealed record RestoreOutcome(IReadOnlyList<RestoredLedger> Ledgers, IReadOnlyList<string> Lost, int ErasedAgain);

/// <summary>How far a restore has come; on the disk before it goes further.</summary>
/// <param name="Backup">The digest of the backup's own list.</param>
/// <param name="Put">The files put among the keys, to be taken away where it comes to nothing.</param>
/// <param name="Outcome">Everything is put back and seen through, and what is left is to sign it and to move it into its place; null: it is not.</param>
internal sealed record RestoreNotes(string Backup, IReadOnlyList<string> Put, RestoreOutcome? Outcome);

/// <summary>
/// Where a backup is put back: a folder <c>restoring</c> in that of the data. It is moved into its place by one step, once all is done; while the folder is there nothing else starts.
/// </summary>
internal sealed class RestorePlace : IDisposable
{
    private const string FolderName = "restoring";
    private const string NotesName = "restore.json";
    private const string LockName = "lock";
    private const string Part = ".part";

    private readonly string data;
    private readonly KeysFolder keys;
    private readonly bool isNew;
    private FileStream? hold;

    private RestorePlace(string data, bool isNew, KeysFolder keys, FileStream hold) =>
        (this.data, this.isNew, this.keys, this.hold, Folder) = (data, isNew, keys, hold, Path.Combine(data, FolderName));

    /// <summary>Where the data is until it is in its place.</summary>
    public string Folder { get; }

    /// <summary>How far it has come; null: nowhere yet.</summary>
    public RestoreNotes? Notes { get; private set; }

    /// <summary>Takes the place for this process.</summary>
    /// <exception cref="BackupException">Code <c>busy</c>: another process restores there.</exception>
    public static RestorePlace Take(InstallationOptions options)
    {
        var data = Path.GetFullPath(options.Data);
        var folder = Path.Combine(data, FolderName);
        var isNew = !Directory.Exists(data);
        DurableFile.MakeFolder(folder);
        FileStream hold;
        try
        {
            var how = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None, BufferSize = 0 };
            if (!OperatingSystem.IsWindows())
                how.UnixCreateMode = DurableFile.OwnerOnly;
            hold = new FileStream(Path.Combine(folder, LockName), how);
        }
        catch (IOException e)
        {
            throw new BackupException("busy", folder, e);
        }

        var place = new RestorePlace(data, isNew, KeysFolder.For(options.Keys, options.Data, options.Environment), hold);
        var notes = Path.Combine(folder, NotesName);
        place.Notes = File.Exists(notes) ? JsonSerializer.Deserialize(File.ReadAllBytes(notes), RestoreJson.Default.RestoreNotes) : null;
        return place;
    }

    /// <summary>Refuses to go on where a restore was begun and not ended.</summary>
    /// <exception cref="BackupException">Code <c>half-restored</c>.</exception>
    public static void RequireNone(string data)
    {
        var folder = Path.Combine(Path.GetFullPath(data), FolderName);
        if (Directory.Exists(folder))
            throw new BackupException("half-restored", folder);
    }

    /// <summary>Refuses a place that holds something. Withdrawals that could not be put into the ledger yet may wait there: they come first when it is back.</summary>
    /// <exception cref="BackupException">Code <c>not-empty</c>.</exception>
    public void RequireEmpty()
    {
        var spool = Path.GetFileName(WithdrawalSpool.FileIn(data));
        if (Directory.EnumerateFileSystemEntries(data).Select(Path.GetFileName).Any(name => name != FolderName && name != spool && name != spool + WithdrawalSpool.LockSuffix && name != "lost+found"))
            throw new BackupException("not-empty", data);
    }

    /// <summary>Notes how far it has come.</summary>
    public void Note(RestoreNotes notes)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(notes, RestoreJson.Default.RestoreNotes);
        var file = Path.Combine(Folder, NotesName);
        if (File.Exists(file))
            DurableFile.Replace(file, bytes);
        else
            DurableFile.Create(file, bytes);
        Notes = notes;
    }

    /// <summary>Puts a file there, whole or not at all.</summary>
    /// <exception cref="BackupException">Code <c>missing</c>.</exception>
    public static void Put(string copy, string place)
    {
        if (!File.Exists(copy))
            throw new BackupException("missing", copy);
        DurableFile.MakeFolder(Path.GetDirectoryName(Path.GetFullPath(place))!);
        var part = place + Part;
        File.Delete(part);
        using (var to = DurableFile.CreateNew(part))
        {
            using var from = File.OpenRead(copy);
            from.CopyTo(to);
            to.Flush(flushToDisk: true);
        }

        File.Move(part, place, overwrite: false);
        DurableFile.SyncFolder(Path.GetDirectoryName(Path.GetFullPath(place))!);
    }

    /// <summary>Takes away what an attempt left that came to nothing, so that the next begins as if there had been none.</summary>
    public void Clear()
    {
        foreach (var file in Notes?.Put ?? [])
        {
            // Whatever the notes say: nothing but keys, and nothing beyond their folder.
            var full = Path.GetFullPath(file);
            if (!full.StartsWith(keys.Path + Path.DirectorySeparatorChar, StringComparison.Ordinal))
                continue;
            foreach (var one in (string[])[full, full + Part, full + "-wal", full + "-shm"])
                File.Delete(one);
        }

        // Its own notes last: until then another attempt knows what to take away.
        foreach (var file in Directory.EnumerateFiles(Folder).Where(static file => Path.GetFileName(file) is not (NotesName or LockName)).ToList())
            File.Delete(file);
        File.Delete(Path.Combine(Folder, NotesName));
        Notes = null;
    }

    /// <summary>Whether the data is in its place already, and nothing but the folder is left to be taken away.</summary>
    public bool IsPublished => !File.Exists(Path.Combine(Folder, StoreOptions.FileName)) && File.Exists(Path.Combine(data, StoreOptions.FileName));

    /// <summary>Moves the data into its place: in force from here on.</summary>
    public void Publish()
    {
        var file = Path.Combine(Folder, StoreOptions.FileName);
        if (File.Exists(file + "-wal") && new FileInfo(file + "-wal").Length > 0)
            throw new StoreException(StoreFault.InUse, $"Another program has {file} open. Close it and run the same command again.");
        if (File.Exists(file))
            File.Move(file, Path.Combine(data, StoreOptions.FileName), overwrite: false);
        DurableFile.SyncFolder(data);
        Leave();
    }

    /// <summary>Gives the place up: what was not there before is not there after.</summary>
    public void GiveUp()
    {
        Clear();
        Leave();
        if (isNew)
            Directory.Delete(data);
    }

    /// <summary>Leaves the place when all is done.</summary>
    public void Leave()
    {
        hold?.Dispose();
        hold = null;
        Directory.Delete(Folder, recursive: true);
        DurableFile.SyncFolder(data);
    }

    public void Dispose() => hold?.Dispose();
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(RestoreNotes))]
internal sealed partial class RestoreJson : JsonSerializerContext;
