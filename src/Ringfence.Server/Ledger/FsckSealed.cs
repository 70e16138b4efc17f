using System.Text.Json;
using Ringfence.Consent;
using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Rules;
using Ringfence.Server.Consent;
using Ringfence.Server.People;
using Ringfence.Server.Sealing;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Ledger;

/// <summary>Compares what is sealed beside the records with what they committed to; opens every piece where that is asked for.</summary>
/// <param name="installation">Its keys open.</param>
/// <param name="ledger">The ledger.</param>
/// <param name="findings">Takes what does not fit.</param>
/// <param name="open">Whether to open each.</param>
internal sealed class FsckSealed(Installation installation, LedgerRow ledger, FsckFindings findings, bool open)
{
    private static readonly CommitGroup[] Groups = [CommitGroup.Person, CommitGroup.Evidence, CommitGroup.Note];

    // Records with a scan beside them.
    private readonly List<long> scans = [];

    /// <summary>What each number and address is looked up by, and suppressed by through the first key, as the openings tell; empty where nothing is opened.</summary>
    public Dictionary<OpaqueId, (byte[] Lookup, byte[] Suppress)> Tags { get; } = [];

    /// <summary>Takes the rows of one record.</summary>
    /// <param name="rows">Sealed rows, in order.</param>
    /// <param name="places">Where there are scans, in order.</param>
    /// <param name="seq">The record.</param>
    /// <param name="record">It, where it could be read.</param>
    /// <param name="known">Takes what is missing.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task CompareAsync(RowCursor<SealedRow> rows, RowCursor<long> places, long seq, LedgerRecord? record, FsckKnown known, CancellationToken cancel)
    {
        for (; rows.Has && rows.Current.Seq < seq; await rows.NextAsync())
            findings.Fault("sealed-unexpected", rows.Current.Seq);
        var there = 0;
        ConsentEvidence? evidence = null;
        for (; rows.Has && rows.Current.Seq == seq; await rows.NextAsync())
        {
            var row = rows.Current;
            if (record is null)
                continue;
            if (row.Group is < 0 or > (short)CommitGroup.Note || record.Commits?[(CommitGroup)row.Group] is not { } commitment)
            {
                findings.Fault("sealed-unexpected", seq);
                continue;
            }

            there |= 1 << row.Group;
            if (open)
                evidence = await OpenAsync(row, record, commitment, cancel) ?? evidence;
        }

        await CompareAsync(places, seq, record, evidence, known, cancel);

        foreach (var group in Groups)
        {
            if (record?.Commits?[group] is not null && (there & 1 << (int)group) == 0)
                known.MissingOpenings.Add((seq, record.Subject?.Sid));
        }
    }

    /// <summary>Once all records are known: what is missing has to be erased, and what is erased has to be gone.</summary>
    public async Task EndAsync(FsckKnown known, CancellationToken cancel)
    {
        var store = installation.Store;
        foreach (var (code, missing) in new[] { ("sealed-missing", known.MissingOpenings), ("scan-missing", known.MissingScans) })
        {
            foreach (var (seq, sid) in missing)
            {
                // Between its two halves an erasure is told of by the first.
                if (!known.ErasedOpenings.Contains(seq) && (sid is not { } person || !known.Erased.Contains(person) || known.Gone.Contains(person)))
                    findings.Fault(code, seq);
            }
        }

        foreach (var seq in scans.Where(known.ErasedOpenings.Contains))
        {
            if (await store.ScanAsync(ledger.Ledger, seq, cancel) is not null)
                findings.Fault("scan-erased", seq);
        }

        foreach (var some in known.ErasedOpenings.Chunk(1000))
        {
            var wanted = new RowsWanted();
            wanted.Sealed.UnionWith(some);
            foreach (var row in (await store.LoadAsync(ledger.Ledger, wanted, cancel)).Sealed)
                findings.Fault("sealed-erased", row.Seq);
        }
    }

    // The digest of a scan is in the evidence, which the record commits to.
    private async Task CompareAsync(RowCursor<long> places, long seq, LedgerRecord? record, ConsentEvidence? evidence, FsckKnown known, CancellationToken cancel)
    {
        for (; places.Has && places.Current < seq; await places.NextAsync())
            findings.Fault("scan-unexpected", places.Current);
        var isThere = places.Has && places.Current == seq;
        if (isThere)
            await places.NextAsync();
        if (record is null)
            return;
        if (isThere != KeptScan.IsBeside(record))
        {
            if (isThere)
                findings.Fault("scan-unexpected", seq);
            else
                known.MissingScans.Add((seq, record.Subject?.Sid));
            return;
        }

        if (!isThere)
            return;
        scans.Add(seq);
        if (!open)
            return;
        try
        {
            // Evidence that can't be opened has been told of.
            if (await KeptScan.OpenAsync(installation, ledger, record, cancel) is { } scan && evidence is not null && evidence.Scan != scan.Digest)
                findings.Fault("scan-differs", seq);
        }
        catch (StoreException e) when (e.Fault == StoreFault.Damaged)
        {
            findings.Fault("scan-differs", seq);
        }
        catch (KeysException)
        {
            findings.Fault("sealed-without-key", seq);
        }
    }

    private async Task<ConsentEvidence?> OpenAsync(SealedRow row, LedgerRecord record, Digest commitment, CancellationToken cancel)
    {
        if (record.Subject is not { } subject)
        {
            findings.Fault("sealed-unexpected", row.Seq);
            return null;
        }

        try
        {
            using var sealer = await installation.Keyring.FindAsync(subject.Sid, cancel);
            if (sealer is null)
            {
                findings.Fault("sealed-without-key", row.Seq);
                return null;
            }

            var group = (CommitGroup)row.Group;
            if (row.Nonce.Length != Sealer.NonceBytes || row.Ciphertext.Length < Sealer.TagBytes || !sealer.TryOpen(record.Id, group, new SealedBlob(row.Nonce, row.Ciphertext), out var opened) || Commitment.Of(opened.Salt, opened.Content) != commitment)
            {
                findings.Fault("sealed-differs", row.Seq);
                return null;
            }

            if (group == CommitGroup.Person)
                Note(row.Seq, opened.Content);
            return group == CommitGroup.Evidence && KeptScan.IsBeside(record) ? ConsentEvidence.FromBytes(opened.Content) : null;
        }
        catch (KeysException)
        {
            findings.Fault("sealed-without-key", row.Seq);
        }
        catch (RuleFileException)
        {
            findings.Fault("sealed-form", row.Seq);
        }

        return null;
    }

    private void Note(long seq, byte[] content)
    {
        PersonalData data;
        try
        {
            data = PersonalData.Read(content);
        }
        catch (JsonException)
        {
            findings.Fault("sealed-form", seq);
            return;
        }

        foreach (var (name, value) in (IEnumerable<KeyValuePair<string, string>>)[.. data.Phones ?? [], .. data.Emails ?? []])
        {
            if (!OpaqueId.TryParse(name, out var point) || !ContactPoint.TryRead(value, Ringfence.Numbers.Region.None, out var read))
            {
                findings.Fault("sealed-form", seq);
                continue;
            }

            var tags = installation.TagsOf(read);
            Tags[point] = (tags.Lookup, tags.Suppress[0]);
        }
    }
}
