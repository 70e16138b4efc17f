using Ringfence.Ledger;
using Ringfence.Server.Ledger;
using Ringfence.Server.Rights;
using Ringfence.Server.Sealing;
using Ringfence.Server.Storage.Postgres;
using Ringfence.Server.Suppression;

namespace Ringfence.Server.Storage;

/// <summary>How far a restore has come.</summary>
internal enum RestoreStep
{
    /// <summary>It is noted that one is begun.</summary>
    Begun,

    /// <summary>Keys that were missing are in their place.</summary>
    Keys,

    /// <summary>The data is there, in a place of its own.</summary>
    Data,

    /// <summary>The records are verified, and compared with what was signed.</summary>
    Verified,

    /// <summary>Ledgers of which something is missing go on under a new origin; who was erased is erased again; all of it is written down.</summary>
    Written,

    /// <summary>It is noted that nothing is left but to sign it and to move it into its place.</summary>
    Whole,

    /// <summary>It is signed.</summary>
    Signed,

    /// <summary>The data is in its place.</summary>
    Done,
}

/// <summary>Puts a backup back, into an empty place only; forgets again who was erased since; and goes on under the old origin only where nothing is missing that was signed.</summary>
/// <param name="folder">The backup.</param>
/// <param name="options">Where to: the data has to be empty; keys that are there are used, and what is missing of them is taken from the backup.</param>
/// <param name="actor">Who does it.</param>
/// <param name="time">The clock.</param>
/// <remarks>
/// Nothing of it is in force before all is done. Stopped before <see cref="RestoreStep.Whole"/>, the next attempt begins anew; after it, the same command goes on: begun anew it would
/// lack what was signed by then.
/// </remarks>
internal sealed class Restore(string folder, InstallationOptions options, Actor actor, TimeProvider time)
{
    // What was put back into databases by now, which this program drops nothing of.
    private readonly List<string> left = [];

    /// <summary>Where a copy of the key-encryption keys is; null: they are in their place, or in the environment.</summary>
    public string? Keys { get; init; }

    /// <summary>Whether a ledger of which signed records are missing is closed and goes on under a new origin; else it is refused.</summary>
    public bool NewEpoch { get; init; }

    /// <summary>Called after each step; for tests that stop there.</summary>
    public Action<RestoreStep>? Reached { get; init; }

    /// <summary>Does it.</summary>
    /// <exception cref="BackupException">It is no whole backup, the place is not empty, or signed records are missing. Nothing is put back then, but into databases that it names.</exception>
    /// <exception cref="StoreException">The records are damaged. Nothing is put back then.</exception>
    /// <exception cref="SignerException">Nobody signs. The same command goes on, or begins anew, when somebody does.</exception>
    public async Task<RestoreOutcome> RunAsync(CancellationToken cancel)
    {
        var manifest = await BackupManifest.ReadAsync(folder, cancel);
        RequireSameStores(manifest);
        using var place = RestorePlace.Take(options);
        if (place.Notes?.Outcome is { } whole)
        {
            if (place.Notes.Backup != manifest.Sha256)
                throw new BackupException("half-restored", place.Folder);
            return await EndAsync(place, whole, cancel);
        }

        place.Clear();
        RestoreOutcome outcome;
        try
        {
            await PutAsync(place, manifest, cancel);
            outcome = await WriteAsync(place, manifest, cancel);
        }
        catch (Exception e)
        {
            place.GiveUp();
            if (e is BackupException refused && left.Count > 0)
                throw new BackupException(refused.Code, refused.What, refused) { Left = string.Join(", ", left) };
            throw;
        }

        Reached?.Invoke(RestoreStep.Whole);
        return await EndAsync(place, outcome, cancel);
    }

    private void RequireSameStores(BackupManifest manifest)
    {
        if (manifest.Store == "postgres" != options.Store.Connection is not null)
            throw new BackupException("other-store", manifest.Store);
        var dumped = manifest.Files.Any(static file => file.Path == BackupManifest.KeyringDump);
        if (dumped != options.KeyringConnection is not null)
            throw new BackupException("other-keyring-store", dumped ? "postgres" : "sqlite");
    }

    private async Task PutAsync(RestorePlace place, BackupManifest manifest, CancellationToken cancel)
    {
        var database = options.Store.Connection;
        if (database is null)
            place.RequireEmpty();
        else if (!await PostgresRestore.IsEmptyAsync(database, cancel))
            throw new BackupException("not-empty", PostgresRestore.NameOf(database));
        var missing = MissingKeys();
        place.Note(new RestoreNotes(manifest.Sha256, [.. missing.Select(static one => one.Place)], null));
        Reached?.Invoke(RestoreStep.Begun);
        foreach (var (copy, to) in missing)
            RestorePlace.Put(copy, to);
        if (options.KeyringConnection is { } keyring && await PostgresRestore.IsEmptyAsync(keyring, cancel))
        {
            left.Add(PostgresRestore.NameOf(keyring));
            await PostgresRestore.RunAsync(keyring, Path.Combine(folder, BackupManifest.KeyringDump), cancel);
        }

        Reached?.Invoke(RestoreStep.Keys);
        if (database is null)
        {
            RestorePlace.Put(Path.Combine(folder, BackupManifest.SqliteFile), Path.Combine(place.Folder, StoreOptions.FileName));
        }
        else
        {
            left.Add(PostgresRestore.NameOf(database));
            await PostgresRestore.CloseAsync(database, cancel);
            await PostgresRestore.RunAsync(database, Path.Combine(folder, BackupManifest.PostgresFile), cancel);
        }

        Reached?.Invoke(RestoreStep.Data);
    }

    // What is in its place is newer than any copy.
    private List<(string Copy, string Place)> MissingKeys()
    {
        var place = KeysFolder.For(options.Keys, options.Data, options.Environment);
        var missing = new List<(string Copy, string Place)>();
        if (options.Environment(KeyProvider.Variable) is not { Length: > 0 } && !File.Exists(place.KeyFile))
        {
            var copy = Keys is null ? null : Path.Combine(Keys, Path.GetFileName(place.KeyFile));
            missing.Add(copy is not null && File.Exists(copy) ? (copy, place.KeyFile) : throw new BackupException("no-keys", place.KeyFile));
        }

        var keyring = Path.Combine(place.Keyring, Path.GetFileName(BackupManifest.KeyringFile));
        if (options.KeyringConnection is null && !File.Exists(keyring))
            missing.Add((Path.Combine(folder, BackupManifest.KeyringFile), keyring));
        if (!File.Exists(place.Journal))
            missing.Add((Path.Combine(folder, BackupManifest.JournalFile), place.Journal));
        var blocked = Path.Combine(folder, BackupManifest.BlockedFile);
        if (!File.Exists(place.Blocked) && File.Exists(blocked))
            missing.Add((blocked, place.Blocked));
        return missing;
    }

    // As it will be used, but for where the data is, and past the door that is closed to everybody else.
    private InstallationOptions Aside(RestorePlace place) => options with
    {
        Store = options.Store.Connection is { } database ? options.Store with { Connection = PostgresRestore.Through(database) } : options.Store with { Folder = place.Folder },
        Data = place.Folder,
        Keys = KeysFolder.For(options.Keys, options.Data, options.Environment).Path,
        Anchors = options.Anchors ?? AnchorOptions.Of(null, null, null, options.Data, options.Environment),
    };

    private async Task<RestoreOutcome> WriteAsync(RestorePlace place, BackupManifest manifest, CancellationToken cancel)
    {
        await using var installation = await Installation.OpenAsync(Aside(place), time, cancel);
        if (installation.Keyring.Id != manifest.Keyring)
            throw new BackupException("other-keyring", installation.Keyring.Id);
        var ledgers = new List<(LedgerRow Ledger, HeadRow Head, string Origin, long? Known)>();
        foreach (var ledger in await installation.LedgersAsync(cancel))
            await LogCheck.RunAsync(installation.Store, ledger, cancel);
        foreach (var ledger in await installation.NewestLedgersAsync(cancel))
        {
            var (origin, known) = await MissingAsync(installation, ledger, cancel);
            ledgers.Add((ledger, await installation.Store.HeadAsync(ledger.Ledger, cancel), origin, known));
        }

        // A ledger of which the backup holds nothing at all was founded after it.
        if (!NewEpoch && await Fsck.MissingAsync(installation, cancel) is [var unknown, ..])
            throw new BackupException("ledger-missing", unknown);
        Reached?.Invoke(RestoreStep.Verified);

        await MergeErasuresAsync(installation, cancel);
        // What ended since the copy was made would open again: sessions, links, whatever was begun.
        await Ringfence.Server.Staff.Accounts.EndEverybodyAsync(installation.Store.Local, cancel);
        // Whether a message went after the copy was made nobody knows; none goes twice.
        await ResultTasks.DoubtAsync(installation.Store, cancel);
        var (restored, again) = (new List<RestoredLedger>(), 0);
        foreach (var (ledger, head, origin, known) in ledgers)
        {
            var goesOn = known is { } missing ? await Storage.NewEpoch.BeginAsync(installation, ledger, head, origin, missing, actor, cancel) : ledger;
            // What was wrapped by a key since is so again, so that the numbers of erased people are found among the entries of the backup.
            await SuppressionRotation.FinishAsync(installation, goesOn, LedgerActors.Program, cancel);
            again += await new Erasure(installation, goesOn, LedgerActors.Program).ReplayJournalAsync(cancel);
            again += await Erasure.ResumeFromRecordsAsync(installation, goesOn, cancel);
            await (await installation.WriterAsync(goesOn, cancel)).DoAsync(
                new CopiedCommand(RecordType.RestorePerformed, actor, head.Size, new Frontier(head.Size, head.Frontier).Root.ToString()), cancel);
            restored.Add(new RestoredLedger(goesOn.Origin, head.Size, known));
        }

        await installation.Store.ScrubFreedAsync(cancel);
        Reached?.Invoke(RestoreStep.Written);
        var outcome = new RestoreOutcome(restored, await Fsck.MissingAsync(installation, cancel), again);
        // Invariant: nothing was signed so far, so that a fresh attempt would have come to the same. From here on one would not.
        place.Note(place.Notes! with { Outcome = outcome });
        return outcome;
    }

    /// <returns>Under which origin more was signed than is held, and how much; null: nothing is missing.</returns>
    private async Task<(string Origin, long? Known)> MissingAsync(Installation installation, LedgerRow ledger, CancellationToken cancel)
    {
        var later = await Epochs.LaterAsync(installation, ledger, cancel);
        var standing = await installation.NotaryOf(ledger).ExamineAsync(cancel);
        if (standing.Readiness == LedgerReadiness.Forked)
            throw new BackupException("forked", ledger.Origin);
        if (later is null && standing.Readiness == LedgerReadiness.Ready)
            return (ledger.Origin, null);
        var (origin, known) = later ?? (ledger.Origin, standing.Known);
        return NewEpoch ? (origin, known) : throw new BackupException("signed-missing", $"{origin}: {standing.Size} < {known}");
    }

    // The journal in place is mostly the newer one; where it isn't, who stands in either is erased.
    private async Task MergeErasuresAsync(Installation installation, CancellationToken cancel)
    {
        var there = installation.Journal.ReadAll().ToHashSet();
        var more = ErasureJournal.ReadCopy(Path.Combine(folder, BackupManifest.JournalFile)).Where(sid => !there.Contains(sid)).Distinct().ToList();
        foreach (var sid in more)
            installation.Journal.Append(sid);
        await installation.Keyring.DestroyAgainAsync(more, cancel);

        await new KeptProofs(installation).TakeBackAsync(Path.Combine(folder, BackupManifest.ProofsFolder), cancel);
        using var key = await installation.Keyring.ErasedKeyAsync(cancel);
        var numbers = new ErasedNumbers(installation.KeysFolder.Blocked, key);
        var known = numbers.ReadAll().SelectMany(static one => one).ToHashSet();
        numbers.Add(new ErasedNumbers(Path.Combine(folder, BackupManifest.BlockedFile), key).ReadAll().SelectMany(static one => one).Where(number => !known.Contains(number)));
    }

    private async Task<RestoreOutcome> EndAsync(RestorePlace place, RestoreOutcome outcome, CancellationToken cancel)
    {
        if (place.IsPublished)
        {
            place.Leave();
            return outcome;
        }

        if (options.Store.Connection is null)
            place.RequireEmpty();
        await using (var installation = await Installation.OpenAsync(Aside(place), time, cancel))
        {
            foreach (var ledger in await installation.NewestLedgersAsync(cancel))
                await installation.NotaryOf(ledger).CheckpointAsync(anchor: true, cancel);
        }

        Reached?.Invoke(RestoreStep.Signed);
        if (options.Store.Connection is { } database)
            await PostgresRestore.OpenAsync(database, cancel);
        place.Publish();
        Reached?.Invoke(RestoreStep.Done);
        return outcome;
    }
}
