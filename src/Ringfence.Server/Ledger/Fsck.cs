using System.Globalization;
using NodaTime;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Server.Rights;
using Ringfence.Server.Storage;
using Ringfence.Server.Suppression;

namespace Ringfence.Server.Ledger;

/// <summary>Looks through a whole ledger and everything beside it. Changes nothing, and may run while others write.</summary>
/// <param name="installation">The installation.</param>
/// <param name="ledger">The ledger.</param>
/// <param name="full">Whether every sealed piece is opened, numbers are compared with what leads to them, and projections with what the records come to.</param>
internal sealed class Fsck(Installation installation, LedgerRow ledger, bool full)
{
    private const int MostTries = 5;

    // What clocks of two houses may differ by.
    private static readonly Duration Tolerance = Duration.FromMinutes(5);

    private readonly ILedgerStore store = installation.Store;
    private readonly FsckFindings findings = new();

    /// <summary>Told how many records have been gone through.</summary>
    public Action<long>? Progress { get; init; }

    /// <summary>How many records there are.</summary>
    public long Size { get; private set; }

    /// <summary>Ledgers that are known outside, and that the store has no trace of.</summary>
    public static async Task<IReadOnlyList<string>> MissingAsync(Installation installation, CancellationToken cancel)
    {
        var ledgers = await installation.LedgersAsync(cancel);
        var there = ledgers.Select(static row => row.Origin).ToHashSet(StringComparer.Ordinal);
        // One that was restored over is told of by the epoch that took its place.
        return [.. AnchorFolder.Origins(installation.Anchors.Folder).Where(origin => !there.Contains(origin) && !Epochs.IsPast(origin, ledgers))];
    }

    /// <summary>Looks.</summary>
    /// <exception cref="StoreException">The store can't be read.</exception>
    public async Task<FsckFindings> RunAsync(CancellationToken cancel)
    {
        HeadRow head;
        try
        {
            head = await store.HeadAsync(ledger.Ledger, cancel);
        }
        catch (StoreException e) when (e.Fault == StoreFault.NoLedger)
        {
            findings.StopGate("head-missing");
            return findings;
        }

        Size = head.Size;
        try
        {
            await RunAsync(head, cancel);
        }
        catch (Exception e) when (e is StoreException { Fault: StoreFault.Damaged } or OverflowException or InvalidCastException)
        {
            // A value that its column can't hold. Where a part can't be read, what depends on it can't be told either.
            findings.Fault("unreadable");
        }

        return findings;
    }

    private async Task RunAsync(HeadRow head, CancellationToken cancel)
    {
        var successor = await Epochs.SuccessorAsync(store, ledger, head, cancel);
        if (successor is not null)
            findings.Warn("epoch-closed", successor.Origin);
        var state = await StandingAsync(successor is not null, cancel);
        var keys = state?.Keys.Where(static key => key.Use == SignerUse.Log).Select(key => VerifierKey.OfEcdsa(ledger.Origin, key.Spki)).ToList();
        var folder = new AnchorFolder(installation.Anchors.Folder, ledger.Origin);
        var sealing = new FsckSealed(installation, ledger, findings, full);
        var records = new FsckRecords(store, ledger, head, findings, sealing, keys, [.. folder.Sizes()], Progress);
        var known = await records.RunAsync(cancel);
        foreach (var key in state?.Keys.Where(key => key.State == SignerKeyState.Active && !known.Keys.Contains(key.Digest.ToString())) ?? [])
            findings.Warn("key-untold", key.Digest.ToString()[..8]);

        await TilesAsync(records.Missing, cancel);
        await BeyondAsync(cancel);
        await DocumentsAsync(known, cancel);
        await new FsckAnchors(installation, ledger, findings).RunAsync(folder, known, head, keys, cancel);
        Clock(known, head);
        if (successor is not null)
        {
            await RequireBareAsync(cancel);
            return;
        }

        await sealing.EndAsync(known, cancel);
        await SuppressionsAsync(known, head.Size, cancel);
        await RowsAsync(known, sealing, head.Size, cancel);
        await LookupsAsync(known, sealing, cancel);
        await ErasuresAsync(known, cancel);
        if (full)
            await ProjectionsAsync(cancel);
    }

    // A closed log is there to be proved; all that was beside it went over to the epoch that took its place.
    private async Task RequireBareAsync(CancellationToken cancel)
    {
        await foreach (var row in store.SealedAsync(ledger.Ledger, long.MinValue, long.MaxValue, cancel))
            findings.Fault("closed-not-bare", row.Seq);
        await foreach (var seq in store.ScansAsync(ledger.Ledger, cancel))
            findings.Fault("closed-not-bare", seq);
        await foreach (var _ in store.LookupsAsync(ledger.Ledger, cancel))
            findings.Fault("closed-not-bare");
        await foreach (var _ in store.SuppressionsAsync(ledger.Ledger, cancel))
            findings.Fault("closed-not-bare");
        await foreach (var row in store.SubjectRecordsAsync(ledger.Ledger, cancel))
            findings.Fault("closed-not-bare", row.Seq);
        await foreach (var row in store.ConsentStatesAsync(ledger.Ledger, cancel))
            findings.Fault("closed-not-bare", row.Seq);
        await foreach (var row in store.RightsRequestsAsync(ledger.Ledger, cancel))
        {
            if (row is not { Tag: null, Nonce: null, Words: null })
                findings.Fault("closed-not-bare");
        }

        await foreach (var row in Rights.ResultTasks.AllAsync(store, ledger, cancel))
            findings.Fault("closed-not-bare", row.Seq);
        if ((await store.SubjectsAsync(ledger.Ledger, null, 1, cancel)).Count > 0)
            findings.Fault("closed-not-bare");
    }

    private async Task<SignerState?> StandingAsync(bool isClosed, CancellationToken cancel)
    {
        var notary = installation.NotaryOf(ledger);
        try
        {
            var standing = await notary.ExamineAsync(cancel);
            // Of a log that was closed, what is missing is why it was.
            if (standing.Readiness == LedgerReadiness.Forked || standing.Readiness == LedgerReadiness.RolledBack && !isClosed)
                findings.StopGate(standing.Readiness == LedgerReadiness.RolledBack ? "rolled-back" : "fork", standing.Known.ToString(CultureInfo.InvariantCulture));
        }
        catch (Exception e) when (e is StoreException { Fault: StoreFault.Damaged } or ArgumentException)
        {
            findings.StopGate("head-differs");
        }

        SignerState? state = null;
        try
        {
            state = await installation.Signer.StateAsync(ledger.Origin, cancel);
        }
        catch (SignerException)
        {
            // Told below: without the signer nobody knows.
        }

        if (state is null)
            findings.Fault("signer-unknown");
        else if (!isClosed && state.Size > 0 && (await store.CheckpointAsync(ledger.Ledger, state.Size, cancel))?.Size != state.Size)
            // What was signed and never kept is signed again with the next record; until then nobody but the signer has it.
            findings.Warn("checkpoint-unkept", state.Size.ToString(CultureInfo.InvariantCulture));
        if (notary.LacksOutsideAnchor())
            findings.Warn("no-outside-anchor");
        return state;
    }

    private async Task TilesAsync(List<Tile> missing, CancellationToken cancel)
    {
        // Those of records that are signed have to be there; the rest are put with the next checkpoint.
        var signed = (await store.CheckpointAsync(ledger.Ledger, Size, cancel))?.Size ?? 0;
        foreach (var tile in missing.Where(tile => IsFull(tile.Level, tile.Index, signed)))
            findings.Fault("tile-missing", tile.Path);
        var size = (await store.HeadAsync(ledger.Ledger, cancel)).Size;
        await foreach (var row in store.TilesAsync(ledger.Ledger, cancel))
        {
            if (row.Level is < 0 or > 6 || row.N < 0 || !IsFull(row.Level, row.N, size))
                findings.Fault("tile-unexpected", string.Create(CultureInfo.InvariantCulture, $"{row.Level}/{row.N}"));
        }
    }

    private static bool IsFull(int level, long n, long size) => n < size >> (Tile.LevelHeight * (level + 1));

    // Whatever stands after the end, as the end is by now.
    private async Task BeyondAsync(CancellationToken cancel)
    {
        var size = (await store.HeadAsync(ledger.Ledger, cancel)).Size;
        await foreach (var row in store.RecordsAsync(ledger.Ledger, size, long.MaxValue, cancel))
        {
            if (row.Seq >= (await store.HeadAsync(ledger.Ledger, cancel)).Size)
                findings.Fault("record-place", row.Seq);
        }

        await foreach (var row in store.SealedAsync(ledger.Ledger, size, long.MaxValue, cancel))
        {
            if (row.Seq >= (await store.HeadAsync(ledger.Ledger, cancel)).Size)
                findings.Fault("sealed-unexpected", row.Seq);
        }

        await foreach (var seq in store.ScansAsync(ledger.Ledger, cancel))
        {
            if (seq >= size && seq >= (await store.HeadAsync(ledger.Ledger, cancel)).Size)
                findings.Fault("scan-unexpected", seq);
        }
    }

    private async Task DocumentsAsync(FsckKnown known, CancellationToken cancel)
    {
        var named = new Dictionary<Digest, string?>(known.Documents);
        await foreach (var row in store.DocumentsAsync(ledger.Ledger, cancel))
        {
            var digest = TreeHash.Sha256(row.Bytes);
            if (!digest.Bytes.SequenceEqual(row.Digest))
                findings.Fault("document-differs", Convert.ToHexStringLower(row.Digest));
            else if (!named.Remove(digest, out var kind))
                await UnnamedAsync(digest, cancel);
            else if (!IsMediaOf(kind, row))
                findings.Fault("document-media", digest.ToString());
        }

        foreach (var digest in named.Keys)
            findings.Fault("document-missing", digest.ToString());
    }

    // One that came with a record since is named by that.
    private async Task UnnamedAsync(Digest digest, CancellationToken cancel)
    {
        await foreach (var row in store.RecordsAsync(ledger.Ledger, Size, long.MaxValue, cancel))
        {
            if (RecordReader.TryRead(row.Body, out var record, out _) && (record.Notice?.Doc == digest || record.Pack?.Digest == digest || record.Controller == digest))
                return;
        }

        findings.Fault("document-unnamed", digest.ToString());
    }

    // Said by nothing that is signed, but by the bytes: it shows where somebody calls a document something else.
    private static bool IsMediaOf(string? kind, DocumentRow row) => kind switch
    {
        "token" => row.Media == AnchorTimestamp.Media,
        "passport" => row.Media == "application/yaml",
        "party" => row.Media == "application/json",
        "wording" => row.Media == (row.Bytes is [(byte)'{', ..] ? "application/json" : "text/plain; charset=utf-8"),
        "rules" => row.Media == "text/plain",
        "form" => row.Media == "application/json",
        "form-page" => row.Media == Consent.Forms.PublishedForms.PageMedia,
        _ => row.Media is "text/plain" or "application/json" or "application/yaml",
    };

    private async Task SuppressionsAsync(FsckKnown known, long from, CancellationToken cancel)
    {
        var erased = await ErasedNumbersAsync(known, cancel);
        for (var tries = 1; ; tries++)
        {
            // As of now, so that what was said meanwhile fits.
            var size = (await store.HeadAsync(ledger.Ledger, cancel)).Size;
            await foreach (var row in store.RecordsAsync(ledger.Ledger, from, size, cancel))
            {
                if (RecordReader.TryRead(row.Body, out var record, out _))
                    known.Suppressions.Add(record);
            }

            from = size;
            var audit = known.Suppressions.Copy();
            audit.MostChain = installation.SuppressionChain;
            var blocked = ErasedTags(erased, known);
            await foreach (var some in SuppressionSnapshot.WithRecordsAsync(store, ledger.Ledger, cancel))
            {
                foreach (var (row, record) in some.Where(one => one.Row.Seq is null || one.Row.Seq < size))
                    audit.Add(row, record);
                foreach (var (row, _) in some.Where(static one => one.Row is { LiftedSeq: null, Kind: >= (short)SuppressionKind.Objection }))
                {
                    // Until all tags went through the newest key, some stand under an older one; what is under none was told by the audit.
                    if (row.Chain < 1 || row.Chain > installation.SuppressionChain || row.Tag.Length != ContactTag.Size)
                        continue;
                    var tag = installation.Renewed(row.Tag, row.Chain);
                    if (blocked.TryGetValue(tag, out var channels) && SuppressionScope.Of(row).Covers(SuppressionScope.Everything with { Channels = channels }))
                        blocked.Remove(tag);
                }
            }

            var faults = audit.End();
            if (faults.Count + blocked.Count > 0 && tries < MostTries && (await store.HeadAsync(ledger.Ledger, cancel)).Size > size)
                continue;
            foreach (var fault in faults)
                findings.StopGate(CodeOf(fault.Fault), fault.Seq?.ToString(CultureInfo.InvariantCulture) ?? "");
            for (var left = blocked.Count; left > 0; left--)
                findings.StopGate("suppression-erased");
            return;
        }
    }

    // No record names the numbers of people who were erased any more, but the list beside the erasure journal does.
    private async Task<ILookup<OpaqueId, ErasedNumber>> ErasedNumbersAsync(FsckKnown known, CancellationToken cancel)
    {
        using var key = await installation.Keyring.ErasedKeyAsync(cancel);
        var numbers = new ErasedNumbers(installation.KeysFolder.Blocked, key);
        var all = numbers.ReadAll();
        if (numbers.CountUnreadable() is > 0 and var count)
            findings.Warn("blocked-unreadable", count.ToString(CultureInfo.InvariantCulture));
        foreach (var sid in known.Blocked.Where(sid => !all.Contains(sid)))
            findings.Fault("blocked-missing", sid.ToString());
        return all;
    }

    // They are blocked for good.
    private Dictionary<byte[], ChannelSet> ErasedTags(ILookup<OpaqueId, ErasedNumber> erased, FsckKnown known)
    {
        var tags = new Dictionary<byte[], ChannelSet>(ByteArrays.Equal);
        foreach (var number in erased.Where(person => known.Erased.Contains(person.Key)).SelectMany(static person => person).Where(number => number.Controller == ledger.Controller))
        {
            var tag = installation.Renewed(number.TagBytes, number.Chain);
            tags[tag] = tags.GetValueOrDefault(tag) | (ChannelSet)number.Channels;
        }

        return tags;
    }

    // What stands in rows of their own and is told of by records: as of now, so that what was written meanwhile fits.
    private async Task RowsAsync(FsckKnown known, FsckSealed sealing, long from, CancellationToken cancel)
    {
        using var secrets = await Webhooks.WebhookSecrets.OpenAsync(installation.Keyring, create: false, cancel);
        for (var tries = 1; ; tries++)
        {
            var size = (await store.HeadAsync(ledger.Ledger, cancel)).Size;
            await foreach (var row in store.RecordsAsync(ledger.Ledger, from, size, cancel))
            {
                if (!RecordReader.TryRead(row.Body, out var record, out _))
                    continue;
                known.ApiKeys.Add(record);
                known.Imports.Add(record);
                known.Permits.Add(record);
                if (record is { Type: RecordType.ErasureRequested, Subject: { } erased })
                    known.Erased.Add(erased.Sid);
                known.Webhooks.Add(record);
                known.Rules.Add(record);
                known.Requests.Add(record);
            }

            from = size;
            var (keys, imports) = (new List<ApiKeyRow>(), new List<BatchRow>());
            await foreach (var row in store.ApiKeysAsync(ledger.Ledger, cancel))
                keys.Add(row);
            await foreach (var row in store.BatchesAsync(ledger.Ledger, cancel))
                imports.Add(row);
            var webhooks = new List<WebhookRow>();
            await foreach (var row in store.WebhooksAsync(ledger.Ledger, cancel))
                webhooks.Add(row);
            var rules = new List<RuleChangeRow>();
            await foreach (var row in store.RuleChangesAsync(ledger.Ledger, cancel))
                rules.Add(row);
            IReadOnlyList<(string Code, long Seq)> faults =
            [
                .. known.Rules.Compare(rules),
                .. known.ApiKeys.Compare(keys), .. known.Imports.Compare(imports), .. known.Webhooks.Compare(webhooks, secrets),
                .. await known.Requests.CompareAsync(
                    store.RightsRequestsAsync(ledger.Ledger, cancel), point => sealing.Tags.TryGetValue(point, out var tags) ? tags.Lookup : null, full ? installation : null, installation.Journal.ReadAll().ToHashSet(), cancel),
                .. await known.Permits.CompareAsync(store.PermitsAsync(ledger.Ledger, cancel), known, IsOf, installation.SuppressionChain, full, cancel),
            ];
            if (faults.Count > 0 && tries < MostTries && (await store.HeadAsync(ledger.Ledger, cancel)).Size > size)
                continue;
            foreach (var (code, seq) in faults)
                findings.Fault(code, seq);
            return;
        }

        // Both keyed hashes are of the number that the person's records name.
        bool? IsOf(OpaqueId point, PermitRow row)
        {
            if (!sealing.Tags.TryGetValue(point, out var tags))
                return null;
            return tags.Lookup.AsSpan().SequenceEqual(row.Tag) && row.Suppress.Length == ContactTag.Size
                && installation.Renewed(row.Suppress, row.Chain).AsSpan().SequenceEqual(installation.Renewed(tags.Suppress, 1));
        }
    }

    private static string CodeOf(SuppressionFault fault) => fault switch
    {
        SuppressionFault.SnapshotDiffers => "suppression-snapshot",
        SuppressionFault.Missing => "suppression-missing",
        SuppressionFault.Differs => "suppression-differs",
        SuppressionFault.LiftDiffers => "suppression-lifted",
        SuppressionFault.KeptDiffers => "suppression-kept",
    };

    private async Task LookupsAsync(FsckKnown known, FsckSealed sealing, CancellationToken cancel)
    {
        var wanted = new HashSet<byte[]>(ByteArrays.Equal);
        foreach (var (point, tags) in sealing.Tags)
        {
            if (known.Points.TryGetValue(point, out var sid) && !known.Erased.Contains(sid))
                wanted.Add(tags.Lookup);
        }

        await foreach (var row in store.LookupsAsync(ledger.Ledger, cancel))
        {
            if (row.Sid.Length != OpaqueId.Size || row.Point.Length != OpaqueId.Size)
            {
                findings.Fault("lookup-nobody");
                continue;
            }

            var (sid, point) = (new OpaqueId(row.Sid), new OpaqueId(row.Point));
            var place = sid.ToString();
            if (!known.Persons.Contains(sid))
            {
                if (!await IsNewAsync(sid, cancel))
                    findings.Fault("lookup-nobody", place);
            }
            else if (known.Erased.Contains(sid))
            {
                findings.Fault("lookup-erased", place);
            }
            else if (!known.Points.TryGetValue(point, out var whose) || whose != sid)
            {
                if (!await IsNewAsync(sid, cancel))
                    findings.Fault("lookup-point", place);
            }
            else if (full && (!sealing.Tags.TryGetValue(point, out var tags) || !tags.Lookup.AsSpan().SequenceEqual(row.Tag)))
            {
                findings.Fault("lookup-differs", place);
            }

            wanted.Remove(row.Tag);
        }

        for (var left = wanted.Count; left > 0; left--)
            findings.Fault("lookup-missing");
    }

    // Whoever came, or got another number, since the records were read.
    private async Task<bool> IsNewAsync(OpaqueId sid, CancellationToken cancel)
    {
        var asked = new RowsWanted();
        asked.Subjects.Add(sid.ToArray());
        return (await store.LoadAsync(ledger.Ledger, asked, cancel)).SubjectRecords.Exists(row => row.Seq >= Size);
    }

    private async Task ErasuresAsync(FsckKnown known, CancellationToken cancel)
    {
        var journaled = installation.Journal.ReadAll().ToHashSet();
        foreach (var sid in known.Gone.Where(sid => !journaled.Contains(sid)))
            findings.Fault("journal-missing", sid.ToString());
        foreach (var sid in journaled)
        {
            try
            {
                using var sealer = await installation.Keyring.FindAsync(sid, cancel);
                if (sealer is not null)
                    findings.Fault("journal-key", sid.ToString());
            }
            catch (Sealing.KeysException)
            {
                // It is there, opened or not.
                findings.Fault("journal-key", sid.ToString());
            }
        }

        foreach (var sid in known.Erased.Where(sid => !known.Gone.Contains(sid)))
            findings.Warn("erasure-pending", sid.ToString());
    }

    private async Task ProjectionsAsync(CancellationToken cancel)
    {
        for (var tries = 1; ; tries++)
        {
            var before = (await store.HeadAsync(ledger.Ledger, cancel)).Size;
            bool alike;
            try
            {
                alike = await Rebuild.DigestAsync(store, ledger.Ledger, cancel) == await StateDigest.OfAsync(store, ledger.Ledger, cancel);
            }
            catch (StoreException e) when (e.Fault == StoreFault.Damaged)
            {
                // What is wrong with the records has been told.
                findings.Fault("projections-unknown");
                return;
            }

            if (!alike && (await store.HeadAsync(ledger.Ledger, cancel)).Size != before)
            {
                if (tries < MostTries)
                    continue;
                findings.Warn("projections-unknown");
            }
            else if (!alike)
            {
                findings.Fault("projections-differ");
            }

            return;
        }
    }

    private void Clock(FsckKnown known, HeadRow head)
    {
        if (head.LastAt > Micros.Of(Instant.FromDateTimeOffset(installation.Time.GetUtcNow()) + Tolerance))
            findings.Warn("clock-behind");
        if (known.ClockAnomalies > 0)
            findings.Warn("clock-anomalies", known.ClockAnomalies.ToString(CultureInfo.InvariantCulture));
    }
}
