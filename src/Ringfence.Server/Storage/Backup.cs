using NodaTime;
using NodaTime.Text;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Server.Ledger;
using Ringfence.Server.Sealing;
using Ringfence.Server.Storage.Postgres;

namespace Ringfence.Server.Storage;

/// <summary>How far a backup has come.</summary>
internal enum BackupStep
{
    /// <summary>Its folders are made.</summary>
    Begun,

    /// <summary>The data is copied.</summary>
    Data,

    /// <summary>So is the keyring.</summary>
    Keyring,

    /// <summary>So are the erasures.</summary>
    Erasures,

    /// <summary>It says itself what it consists of: it is one from here on.</summary>
    Whole,
}

/// <summary>Copies an installation while it is in use: the data, the keyring and the erasure journal, each to a folder of its own, so that they can be kept apart.</summary>
internal static class Backup
{
    /// <summary>Takes one.</summary>
    /// <param name="installation">What is copied.</param>
    /// <param name="folder">Where to; empty, or not there yet.</param>
    /// <param name="keys">Where the key-encryption keys are copied to, never into the backup; null: they are not.</param>
    /// <param name="actor">Who does it.</param>
    /// <param name="cancel">Gives up; what was written is no backup.</param>
    /// <param name="reached">Called after each step; for tests that stop there.</param>
    /// <exception cref="BackupException">Code <c>not-empty</c>, <c>keys-inside</c> or <c>no-keys</c>.</exception>
    public static async Task<BackupManifest> TakeAsync(
        Installation installation, string folder, string? keys, Actor actor, CancellationToken cancel, Action<BackupStep>? reached = null)
    {
        folder = Path.GetFullPath(folder);
        RequireEmpty(folder);
        if (keys is not null && (Path.GetFullPath(keys) + Path.DirectorySeparatorChar).StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            throw new BackupException("keys-inside", keys);
        if (keys is not null && !File.Exists(installation.KeysFolder.KeyFile))
            throw new BackupException("no-keys", installation.KeysFolder.KeyFile);
        foreach (var part in (string[])["data", "keyring", "erasures"])
            DurableFile.MakeFolder(Path.Combine(folder, part));
        reached?.Invoke(BackupStep.Begun);

        var ledgers = await SignedAsync(installation, cancel);
        var files = new List<BackupFile>();
        // Invariant: the keyring is copied after the data, so that it holds the key of everybody in it; the journal last, so that nobody is missing who was erased by then.
        var data = installation.Options.Store.Connection is null ? BackupManifest.SqliteFile : BackupManifest.PostgresFile;
        await installation.Store.BackUpAsync(Path.Combine(folder, data), cancel);
        files.Add(await BackupManifest.FileAsync(folder, data, cancel));
        reached?.Invoke(BackupStep.Data);
        files.Add(await KeyringAsync(installation, folder, cancel));
        reached?.Invoke(BackupStep.Keyring);
        installation.Journal.CopyTo(Path.Combine(folder, BackupManifest.JournalFile));
        files.Add(await BackupManifest.FileAsync(folder, BackupManifest.JournalFile, cancel));
        if (File.Exists(installation.KeysFolder.Blocked))
        {
            DurableFile.Create(Path.Combine(folder, BackupManifest.BlockedFile), await File.ReadAllBytesAsync(installation.KeysFolder.Blocked, cancel));
            files.Add(await BackupManifest.FileAsync(folder, BackupManifest.BlockedFile, cancel));
        }

        foreach (var proof in Rights.KeptProofs.EverythingIn(installation.KeysFolder.Proofs))
        {
            DurableFile.MakeFolder(Path.Combine(folder, BackupManifest.ProofsFolder));
            var copy = BackupManifest.ProofsFolder + "/" + Path.GetFileName(proof);
            DurableFile.Create(Path.Combine(folder, copy), await File.ReadAllBytesAsync(proof, cancel));
            files.Add(await BackupManifest.FileAsync(folder, copy, cancel));
        }

        reached?.Invoke(BackupStep.Erasures);
        if (keys is not null)
            await CopyKeysAsync(installation, Path.GetFullPath(keys), cancel);
        var manifest = new BackupManifest(
            BackupManifest.CurrentFormat, InstantPattern.ExtendedIso.Format(Instant.FromDateTimeOffset(installation.Time.GetUtcNow())), RecordedDecision.EngineNow,
            installation.Options.Store.Connection is null ? "sqlite" : "postgres", installation.Keyring.Id, ledgers, files);
        DurableFile.Create(Path.Combine(folder, BackupManifest.Name), manifest.ToBytes());
        reached?.Invoke(BackupStep.Whole);
        await RecordAsync(installation, manifest, actor, cancel);
        return manifest;
    }

    /// <summary>Refuses a folder that holds something.</summary>
    /// <exception cref="BackupException">Code <c>not-empty</c>.</exception>
    public static void RequireEmpty(string folder)
    {
        if (File.Exists(folder) || (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any()))
            throw new BackupException("not-empty", folder);
    }

    private static async Task<List<BackupLedger>> SignedAsync(Installation installation, CancellationToken cancel)
    {
        var ledgers = new List<BackupLedger>();
        foreach (var ledger in await installation.NewestLedgersAsync(cancel))
        {
            var signed = await installation.NotaryOf(ledger).CheckpointAsync(anchor: false, cancel);
            if (signed is not null)
                ledgers.Add(new BackupLedger(ledger.Origin, signed.Size, signed.Checkpoint.Root.ToString()));
        }

        return ledgers;
    }

    private static async Task<BackupFile> KeyringAsync(Installation installation, string folder, CancellationToken cancel)
    {
        if (await installation.Keyring.BackUpAsync(Path.Combine(folder, BackupManifest.KeyringFile), cancel))
            return await BackupManifest.FileAsync(folder, BackupManifest.KeyringFile, cancel);
        await PostgresBackup.WriteAsync(installation.Options.KeyringConnection!, Path.Combine(folder, BackupManifest.KeyringDump), cancel);
        return await BackupManifest.FileAsync(folder, BackupManifest.KeyringDump, cancel);
    }

    private static async Task CopyKeysAsync(Installation installation, string folder, CancellationToken cancel)
    {
        DurableFile.MakeFolder(folder);
        var copy = Path.Combine(folder, Path.GetFileName(installation.KeysFolder.KeyFile));
        // Only the newest is worth keeping: an old one opens what was erased.
        var content = await File.ReadAllBytesAsync(installation.KeysFolder.KeyFile, cancel);
        if (File.Exists(copy))
            DurableFile.Replace(copy, content);
        else
            DurableFile.Create(copy, content);
    }

    private static async Task RecordAsync(Installation installation, BackupManifest manifest, Actor actor, CancellationToken cancel)
    {
        foreach (var ledger in await installation.NewestLedgersAsync(cancel))
        {
            if (manifest.Ledgers.FirstOrDefault(one => one.Origin == ledger.Origin) is { } taken)
                await (await installation.WriterAsync(ledger, cancel)).DoAsync(new CopiedCommand(RecordType.BackupTaken, actor, taken.Size, taken.Root), cancel);
        }
    }
}

/// <summary>Says that a backup was taken, or put back.</summary>
internal sealed class CopiedCommand(RecordType type, Actor actor, long size, string root) : LedgerCommand
{
    public override void Ask(RowsWanted wanted)
    {
    }

    public override byte[] Run(LedgerTurn turn) => new CommandAnswer(turn.Append(RecordDraft.Of(type, actor, record => record with
    {
        Detail = LeafValue.Map.Of(("size", size), ("root", root)),
    })).Seq, null).ToBytes();
}
