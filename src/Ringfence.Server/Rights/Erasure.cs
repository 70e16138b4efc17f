using NodaTime;
using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Server.Ledger;
using Ringfence.Server.People;
using Ringfence.Server.Sealing;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Rights;

/// <summary>How far an erasure has come: each step is durable before the next begins.</summary>
internal enum ErasureStep
{
    /// <summary>It is noted that one is begun.</summary>
    Noted,

    /// <summary>The ledger says so; openings, ways to the person and projections are gone; the numbers are blocked.</summary>
    Requested,

    /// <summary>The person stands in the erasure journal.</summary>
    Journaled,

    /// <summary>The person's key is destroyed.</summary>
    KeyDestroyed,

    /// <summary>The ledger lists what can't be opened any more.</summary>
    Completed,

    /// <summary>No free page and no log of the store keeps what was deleted.</summary>
    Scrubbed,

    /// <summary>Nothing is left to do.</summary>
    Done,
}

/// <summary>What an erasure came to.</summary>
/// <param name="Sid">The person.</param>
/// <param name="Live">When the data was gone from what is in use.</param>
/// <param name="Backups">The first day on which no backup can be read either.</param>
/// <param name="Already">It had been done before.</param>
/// <param name="Records">The records that tell of it.</param>
/// <param name="Kept">The proofs of consent that a law wants kept.</param>
internal sealed record ErasureOutcome(OpaqueId Sid, Instant Live, LocalDate Backups, bool Already, IReadOnlyList<long> Records, IReadOnlyList<KeptProof> Kept);

/// <summary>Forgets people for good: crash-safe, in an order in which every stop leaves either nothing done or something that the next start goes on with.</summary>
internal sealed class Erasure(Installation installation, LedgerRow ledger, Actor actor)
{
    // A number added while it was being erased; a second try sees it.
    private const int MostTries = 5;

    private readonly PendingErasures pending = PendingErasures.Of(installation.KeysFolder);

    /// <summary>Called after each step; for tests that stop there.</summary>
    public Action<ErasureStep>? Reached { get; init; }

    /// <summary>Forgets a person, with all that were merged with them.</summary>
    /// <exception cref="CommandRefusedException"><c>not-a-contact</c>, <c>held</c>.</exception>
    public async Task<ErasureOutcome> RunAsync(OpaqueId sid, string reason, CancellationToken cancel)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                return await TryAsync(sid, reason, cancel);
            }
            catch (CommandRefusedException e) when (e.Code == "changed-meanwhile" && tries < MostTries)
            {
            }
        }
    }

    /// <summary>Goes on with what an earlier run began. To be called before anything else is done with an installation.</summary>
    /// <returns>How many were ended.</returns>
    public static async Task<int> ResumeAsync(Installation installation, CancellationToken cancel)
    {
        var pending = PendingErasures.Of(installation.KeysFolder);
        var ended = 0;
        var ledgers = (await installation.LedgersAsync(cancel)).ToDictionary(static row => row.Ledger);
        foreach (var same in pending.All().GroupBy(static one => one.Ledger))
        {
            if (!ledgers.TryGetValue(same.Key, out var ledger))
                continue;
            var erasure = new Erasure(installation, ledger, new Actor(ActorKind.System, "ringfence"));
            foreach (var (_, sid) in same)
            {
                if (await erasure.IsRequestAsync(sid, cancel))
                {
                    await erasure.ForgetRequestsAsync([sid], cancel);
                    ended++;
                    continue;
                }

                if (await erasure.IsPendingAsync(sid, cancel))
                {
                    await erasure.EndAsync([sid], cancel);
                    ended++;
                }

                pending.Remove(same.Key, sid);
            }
        }

        return ended;
    }

    /// <summary>Ends every erasure that the ledger knows as begun, noted or not: after a restore, when the notes may be of another day.</summary>
    /// <returns>How many were ended.</returns>
    public static async Task<int> ResumeFromRecordsAsync(Installation installation, LedgerRow ledger, CancellationToken cancel)
    {
        var open = await OpenInRecordsAsync(installation.Store, ledger, cancel);
        var erasure = new Erasure(installation, ledger, new Actor(ActorKind.System, "ringfence"));
        if (open.Count > 0)
            await erasure.EndAsync([.. open], cancel);
        return open.Count;
    }

    /// <summary>Persons whose erasure the ledger knows as begun and not as ended.</summary>
    public static async Task<HashSet<OpaqueId>> OpenInRecordsAsync(ILedgerStore store, LedgerRow ledger, CancellationToken cancel)
    {
        var open = new HashSet<OpaqueId>();
        await foreach (var row in store.RecordsAsync(ledger.Ledger, 0, long.MaxValue, cancel))
        {
            // Few are about erasures; only those are worth reading as what they say.
            if (row.Body.AsSpan().IndexOf("\"type\":\"erasure."u8) < 0)
                continue;
            var record = StoredRecord.Read(row);
            if (record is { Type: RecordType.ErasureRequested, Subject: { } begun })
                open.Add(begun.Sid);
            else if (record is { Type: RecordType.ErasureCompleted, Subject: { } ended })
                open.Remove(ended.Sid);
        }

        return open;
    }

    private async Task<ErasureOutcome> TryAsync(OpaqueId sid, string reason, CancellationToken cancel)
    {
        var found = await Contacts.FindAsync(installation, ledger, sid, cancel) ?? throw new CommandRefusedException("not-a-contact");
        var person = found.Person;
        OpaqueId[] all = [person.Sid, .. person.Merged];
        var writer = await installation.WriterAsync(ledger, cancel);
        if (person.Status != PersonStatus.Erased)
        {
            foreach (var one in all)
                pending.Add(ledger.Ledger, one);
            Reached?.Invoke(ErasureStep.Noted);
        }

        CommandAnswer answer;
        var proofs = new KeptProofs(installation);
        IReadOnlyList<KeptProof> kept = [];
        try
        {
            PointTags[] points = [.. found.Points().Select(point => installation.TagsOf(point.Point)).DistinctBy(static tags => tags.Point)];
            if (person.Status is not (PersonStatus.Erased or PersonStatus.Held))
            {
                await KeepNumbersAsync(person.Sid, points, cancel);
                kept = await proofs.KeepAsync(ledger, found, cancel);
            }

            answer = CommandAnswer.Read(await writer.DoAsync(new EraseCommand(actor, person.Sid, points, person.CarriedBy, reason, new ErasureKeeps(kept, [.. ErasureKeeps.Proving(person)])), cancel));
        }
        catch (CommandRefusedException)
        {
            foreach (var one in all)
                pending.Remove(ledger.Ledger, one);
            await proofs.EndAsync(kept, CancellationToken.None);
            throw;
        }

        Reached?.Invoke(ErasureStep.Requested);
        var records = new List<long>(answer.Also ?? [answer.Seq]);
        // From here on nobody may give up: what is begun is ended, by this process or the next.
        var backups = await EndAsync(all, CancellationToken.None, records);
        foreach (var one in all)
            pending.Remove(ledger.Ledger, one);
        Reached?.Invoke(ErasureStep.Done);
        if (!answer.Already)
            await AnchorAsync();
        return new ErasureOutcome(person.Sid, Instant.FromDateTimeOffset(installation.Time.GetUtcNow()), backups, answer.Already, records, proofs.Of(ledger, person.Sid));
    }

    /// <summary>Forgets again, in a ledger that was restored from before their erasure, everybody who stands in the erasure journal; and blocks their numbers again.</summary>
    /// <returns>How many it was.</returns>
    public async Task<int> ReplayJournalAsync(CancellationToken cancel)
    {
        ILookup<OpaqueId, ErasedNumber> numbers;
        using (var key = await installation.Keyring.ErasedKeyAsync(cancel))
            numbers = new ErasedNumbers(installation.KeysFolder.Blocked, key).ReadAll();
        var writer = await installation.WriterAsync(ledger, cancel);
        var again = 0;
        await ForgetRequestsAgainAsync(writer, cancel);
        foreach (var sid in installation.Journal.ReadAll().Distinct())
        {
            LedgerRecord[] own = await OwnAsync(sid, cancel);
            var blocks = numbers[sid].Where(number => number.Controller == ledger.Controller).ToArray();
            // Who erased them in another controller's name has nothing here.
            if (own.Length == 0 && blocks.Length == 0)
                continue;
            var answer = CommandAnswer.Read(await writer.DoAsync(
                new EraseAgainCommand(actor, sid, blocks, installation.SuppressionKeys, [.. own.Where(static record => record.Type == RecordType.SuppressionAdded).Select(static record => record.Seq)]), cancel));
            again += answer.Already ? 0 : 1;
            if (!answer.Already || CompleteErasureCommand.IsPending(own))
                await EndAsync([sid], CancellationToken.None);
        }

        return again;
    }

    /// <summary>Forgets the requests of somebody of whom nothing else is held. Stopped anywhere, it can be done again, and the next start does it.</summary>
    public async Task ForgetRequestsAsync(IReadOnlyCollection<OpaqueId> requests, CancellationToken cancel)
    {
        var writer = await installation.WriterAsync(ledger, cancel);
        foreach (var id in requests)
            pending.Add(ledger.Ledger, id);
        Reached?.Invoke(ErasureStep.Noted);
        var journaled = installation.Journal.ReadAll().ToHashSet();
        foreach (var id in requests.Where(id => !journaled.Contains(id)))
            installation.Journal.Append(id);
        Reached?.Invoke(ErasureStep.Journaled);
        _ = await installation.Keyring.DestroyAsync(requests, CancellationToken.None);
        Reached?.Invoke(ErasureStep.KeyDestroyed);
        _ = await writer.DoAsync(new ForgetRequestsCommand(actor, requests), CancellationToken.None);
        Reached?.Invoke(ErasureStep.Completed);
        await installation.Store.ScrubFreedAsync(CancellationToken.None);
        foreach (var id in requests)
            pending.Remove(ledger.Ledger, id);
        Reached?.Invoke(ErasureStep.Done);
    }

    // Those that came back with an old backup, though their keys were destroyed.
    private async Task ForgetRequestsAgainAsync(LedgerWriter writer, CancellationToken cancel)
    {
        var erased = installation.Journal.ReadAll().ToHashSet();
        var back = new List<OpaqueId>();
        await foreach (var row in installation.Store.RightsRequestsAsync(ledger.Ledger, cancel))
        {
            if (row.Tag is not null && erased.Contains(new OpaqueId(row.Id)))
                back.Add(new OpaqueId(row.Id));
        }

        if (back.Count > 0)
            _ = await writer.DoAsync(new ForgetRequestsCommand(actor, back), cancel);
    }

    // On the disk before anything is forgotten: afterwards nobody knows them any more.
    private async Task KeepNumbersAsync(OpaqueId sid, IEnumerable<PointTags> points, CancellationToken cancel)
    {
        using var key = await installation.Keyring.ErasedKeyAsync(cancel);
        var keys = installation.SuppressionKeys.Current;
        new ErasedNumbers(installation.KeysFolder.Blocked, key).Add(points.Select(tags => new ErasedNumber(
            ledger.Controller, sid.ToString(), System.Buffers.Text.Base64Url.EncodeToString(tags.Under(keys)[^1]), (short)keys.Versions, (int)tags.Point.Channels)));
    }

    private async Task<LocalDate> EndAsync(OpaqueId[] sids, CancellationToken cancel, List<long>? records = null)
    {
        var journaled = installation.Journal.ReadAll().ToHashSet();
        // What they asked for is sealed by keys of its own; their records tell which.
        var requests = new HashSet<OpaqueId>();
        foreach (var sid in sids)
            requests.UnionWith((await OwnAsync(sid, cancel)).Select(Ringfence.Rights.RightsCase.IdOf).OfType<OpaqueId>());
        OpaqueId[] gone = [.. sids, .. requests];
        foreach (var sid in gone.Where(sid => !journaled.Contains(sid)))
            installation.Journal.Append(sid);
        Reached?.Invoke(ErasureStep.Journaled);

        var backups = await installation.Keyring.DestroyAsync(gone, cancel);
        Reached?.Invoke(ErasureStep.KeyDestroyed);

        var writer = await installation.WriterAsync(ledger, cancel);
        var answer = CommandAnswer.Read(await writer.DoAsync(new CompleteErasureCommand(actor, sids), cancel));
        records?.AddRange(answer.Also ?? []);
        Reached?.Invoke(ErasureStep.Completed);

        await installation.Store.ScrubFreedAsync(cancel);
        Gate.Snapshot.Snapshots.Forget(installation, ledger, sids);
        Reached?.Invoke(ErasureStep.Scrubbed);
        return backups;
    }

    // An erasure is proved from outside as soon as may be. Where nobody signs now, the next that is signed holds it too.
    private async Task AnchorAsync()
    {
        try
        {
            await installation.NotaryOf(ledger).CheckpointAsync(anchor: true, CancellationToken.None);
        }
        catch (SignerException)
        {
            installation.NotaryOf(ledger).WantAnchor();
        }
    }

    private async Task<LedgerRecord[]> OwnAsync(OpaqueId sid, CancellationToken cancel)
    {
        var wanted = new RowsWanted();
        wanted.Subjects.Add(sid.ToArray());
        var rows = await installation.Store.LoadAsync(ledger.Ledger, wanted, cancel);
        return [.. rows.Records.Values.Select(StoredRecord.Read).Where(record => record.Subject?.Sid == sid)];
    }

    private async Task<bool> IsRequestAsync(OpaqueId id, CancellationToken cancel)
    {
        var wanted = new RowsWanted { WithRecords = false };
        wanted.RightsRequests.Add(id.ToArray());
        return (await installation.Store.LoadAsync(ledger.Ledger, wanted, cancel)).RightsRequests.Count > 0;
    }

    private async Task<bool> IsPendingAsync(OpaqueId sid, CancellationToken cancel)
    {
        var own = await OwnAsync(sid, cancel);
        if (CompleteErasureCommand.IsPending(own))
            return true;
        // Ended by the ledger, and perhaps not scrubbed yet.
        if (own.Any(static record => record.Type == RecordType.ErasureCompleted))
            await installation.Store.ScrubFreedAsync(cancel);
        return false;
    }
}
