using System.Diagnostics;
using Npgsql;
using Ringfence.Ledger;
using Ringfence.Server.Ledger;
using Ringfence.Server.Rights;
using Ringfence.Server.Sealing;

namespace Ringfence.Server.Storage;

/// <summary>What putting a backup back came to.</summary>
/// <param name="Ledgers">Each ledger with how many records it held.</param>
/// <param name="Epochs">Those that go on under a new origin, with how many records had been signed of them.</param>
/// <param name="ErasedAgain">How many people were forgotten again who came back with the backup.</param>
internal sealed record RestoreOutcome(IReadOnlyList<(LedgerRow Ledger, long Size)> Ledgers, IReadOnlyList<(LedgerRow Ledger, long Held, long Known)> Epochs, int ErasedAgain);

/// <summary>Puts a backup back, into an empty place only; forgets again who was erased since; and goes on under the old origin only where nothing is missing that was signed.</summary>
internal static class Restore
{
    /// <summary>Does it.</summary>
    /// <param name="folder">The backup.</param>
    /// <param name="options">Where to: the data has to be empty; keys that are there are used, and what is missing of them is taken from the backup.</param>
    /// <param name="keys">Where a copy of the key-encryption keys is; null: they are in their place, or in the environment.</param>
    /// <param name="newEpoch">Whether a ledger of which signed records are missing is closed and goes on under a new origin; else it is refused.</param>
    /// <param name="actor">Who does it.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancel">Gives up; the place is then to be emptied.</param>
    /// <exception cref="BackupException">It is no whole backup, the place is not empty, or signed records are missing.</exception>
    /// <exception cref="StoreException">The records are damaged.</exception>
    public static async Task<RestoreOutcome> RunAsync(string folder, InstallationOptions options, string? keys, bool newEpoch, Actor actor, TimeProvider time, CancellationToken cancel)
    {
        var manifest = await BackupManifest.ReadAsync(folder, cancel);
        var toPostgres = options.Store.Connection is not null;
        if (manifest.Store == "postgres" != toPostgres)
            throw new BackupException("other-store", manifest.Store);
        Backup.RequireEmpty(Path.GetFullPath(options.Data));
        PutKeys(folder, KeysFolder.For(options.Keys, options.Data, options.Environment), keys, options);
        if (toPostgres)
            await PutPostgresAsync(Path.Combine(folder, BackupManifest.PostgresFile), options.Store.Connection!, cancel);
        else
            PutSqlite(Path.Combine(folder, BackupManifest.SqliteFile), options.Store.Folder!);
        try
        {
            return await CheckAsync(manifest, options, newEpoch, actor, time, cancel);
        }
        catch (BackupException e) when (e.Code is "signed-missing" or "forked" or "other-keyring" && !toPostgres)
        {
            // What was refused is not left where a start would take it up.
            Directory.Delete(options.Store.Folder!, recursive: true);
            throw;
        }
    }

    private static async Task<RestoreOutcome> CheckAsync(BackupManifest manifest, InstallationOptions options, bool newEpoch, Actor actor, TimeProvider time, CancellationToken cancel)
    {
        await using var installation = await Installation.OpenAsync(options, time, cancel);
        if (installation.Keyring.Id != manifest.Keyring)
            throw new BackupException("other-keyring", installation.Keyring.Id);
        var (kept, epochs, again) = (new List<(LedgerRow, long)>(), new List<(LedgerRow, long, long)>(), 0);
        foreach (var ledger in await installation.NewestLedgersAsync(cancel))
        {
            var head = await LogCheck.RunAsync(installation.Store, ledger, cancel);
            var standing = await installation.NotaryOf(ledger).ExamineAsync(cancel);
            if (standing.Readiness == LedgerReadiness.Forked)
                throw new BackupException("forked", ledger.Origin);
            var goesOn = ledger;
            if (standing.Readiness != LedgerReadiness.Ready)
            {
                if (!newEpoch)
                    throw new BackupException("signed-missing", $"{ledger.Origin}: {head.Size} < {standing.Known}");
                goesOn = await NewEpoch.BeginAsync(installation, ledger, head, standing.Known, actor, cancel);
                epochs.Add((goesOn, head.Size, standing.Known));
            }

            var erasure = new Erasure(installation, goesOn, LedgerActors.Program);
            again += await erasure.ReplayJournalAsync(cancel);
            again += await Erasure.ResumeFromRecordsAsync(installation, goesOn, cancel);
            await (await installation.WriterAsync(goesOn, cancel)).DoAsync(
                new CopiedCommand(RecordType.RestorePerformed, actor, head.Size, new Frontier(head.Size, head.Frontier).Root.ToString()), cancel);
            await installation.NotaryOf(goesOn).CheckpointAsync(anchor: true, cancel);
            kept.Add((goesOn, head.Size));
        }

        await installation.Store.ScrubFreedAsync(cancel);
        return new RestoreOutcome(kept, epochs, again);
    }

    // What is in its place is newer than any copy; a journal most of all.
    private static void PutKeys(string folder, KeysFolder place, string? keys, InstallationOptions options)
    {
        if (options.Environment(KeyProvider.Variable) is not { Length: > 0 } && !File.Exists(place.KeyFile))
        {
            var copy = keys is null ? null : Path.Combine(keys, Path.GetFileName(place.KeyFile));
            if (copy is null || !File.Exists(copy))
                throw new BackupException("no-keys", place.KeyFile);
            Put(copy, place.KeyFile);
        }

        if (options.KeyringConnection is null && !Directory.Exists(place.Keyring))
            Put(Path.Combine(folder, BackupManifest.KeyringFile), Path.Combine(place.Keyring, Path.GetFileName(BackupManifest.KeyringFile)));
        if (!File.Exists(place.Journal))
            Put(Path.Combine(folder, BackupManifest.JournalFile), place.Journal);
        var blocked = Path.Combine(folder, BackupManifest.BlockedFile);
        if (!File.Exists(place.Blocked) && File.Exists(blocked))
            Put(blocked, place.Blocked);
    }

    private static void PutSqlite(string copy, string folder) => Put(copy, Path.Combine(folder, StoreOptions.FileName));

    private static void Put(string copy, string place)
    {
        if (!File.Exists(copy))
            throw new BackupException("missing", copy);
        DurableFile.MakeFolder(Path.GetDirectoryName(Path.GetFullPath(place))!);
        using (var to = DurableFile.CreateNew(place))
        {
            using var from = File.OpenRead(copy);
            from.CopyTo(to);
            to.Flush(flushToDisk: true);
        }

        DurableFile.SyncFolder(Path.GetDirectoryName(Path.GetFullPath(place))!);
    }

    private static async Task PutPostgresAsync(string dump, string connection, CancellationToken cancel)
    {
        var settings = new NpgsqlConnectionStringBuilder(connection);
        await using (var source = NpgsqlDataSource.Create(connection))
        await using (var count = source.CreateCommand("select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname not in ('pg_catalog', 'information_schema') and n.nspname not like 'pg_toast%'"))
        {
            if ((long)(await count.ExecuteScalarAsync(cancel))! > 0)
                throw new BackupException("not-empty", settings.Database ?? "");
        }

        var start = new ProcessStartInfo("pg_restore", ["--no-password", "--no-owner", "--exit-on-error", "--single-transaction", $"--dbname={settings.Database ?? settings.Username}", dump]) { RedirectStandardError = true };
        foreach (var (name, value) in Postgres.PostgresBackup.Environs(settings))
            start.Environment[name] = value;
        Process restore;
        try
        {
            restore = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new BackupException("no-tool", "pg_restore", e);
        }

        using (restore)
        {
            var words = await restore.StandardError.ReadToEndAsync(cancel);
            await restore.WaitForExitAsync(cancel);
            if (restore.ExitCode != 0)
                throw new StoreException(StoreFault.OutOfReach, $"pg_restore failed: {words.Trim()}");
        }
    }
}
