using System.Text.Json;
using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Server.People;
using Ringfence.Server.Sealing;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Ledger;

/// <summary>Compares what is sealed beside the records with what they committed to; opens every piece where that is asked for.</summary>
/// <param name="installation">Its keys open.</param>
/// <param name="findings">Takes what does not fit.</param>
/// <param name="open">Whether to open each.</param>
internal sealed class FsckSealed(Installation installation, FsckFindings findings, bool open)
{
    private static readonly CommitGroup[] Groups = [CommitGroup.Person, CommitGroup.Evidence, CommitGroup.Note];

    /// <summary>What each number and address is looked up by, and suppressed by through the first key, as the openings tell; empty where nothing is opened.</summary>
    public Dictionary<OpaqueId, (byte[] Lookup, byte[] Suppress)> Tags { get; } = [];

    /// <summary>Takes the rows of one record.</summary>
    /// <param name="rows">Sealed rows, in order.</param>
    /// <param name="seq">The record.</param>
    /// <param name="record">It, where it could be read.</param>
    /// <param name="known">Takes what is missing.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task CompareAsync(RowCursor<SealedRow> rows, long seq, LedgerRecord? record, FsckKnown known, CancellationToken cancel)
    {
        for (; rows.Has && rows.Current.Seq < seq; await rows.NextAsync())
            findings.Fault("sealed-unexpected", rows.Current.Seq);
        var there = 0;
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
                await OpenAsync(row, record, commitment, cancel);
        }

        foreach (var group in Groups)
        {
            if (record?.Commits?[group] is not null && (there & 1 << (int)group) == 0)
                known.MissingOpenings.Add((seq, record.Subject?.Sid));
        }
    }

    /// <summary>Once all records are known: what is missing has to be erased, and what is erased has to be gone.</summary>
    public async Task EndAsync(ILedgerStore store, long ledger, FsckKnown known, CancellationToken cancel)
    {
        foreach (var (seq, sid) in known.MissingOpenings)
        {
            // Between its two halves an erasure is told of by the first.
            if (!known.ErasedOpenings.Contains(seq) && (sid is not { } person || !known.Erased.Contains(person) || known.Gone.Contains(person)))
                findings.Fault("sealed-missing", seq);
        }

        foreach (var some in known.ErasedOpenings.Chunk(1000))
        {
            var wanted = new RowsWanted();
            wanted.Sealed.UnionWith(some);
            foreach (var row in (await store.LoadAsync(ledger, wanted, cancel)).Sealed)
                findings.Fault("sealed-erased", row.Seq);
        }
    }

    private async Task OpenAsync(SealedRow row, LedgerRecord record, Digest commitment, CancellationToken cancel)
    {
        if (record.Subject is not { } subject)
        {
            findings.Fault("sealed-unexpected", row.Seq);
            return;
        }

        try
        {
            using var sealer = await installation.Keyring.FindAsync(subject.Sid, cancel);
            if (sealer is null)
            {
                findings.Fault("sealed-without-key", row.Seq);
                return;
            }

            var group = (CommitGroup)row.Group;
            if (row.Nonce.Length != Sealer.NonceBytes || row.Ciphertext.Length < Sealer.TagBytes || !sealer.TryOpen(record.Id, group, new SealedBlob(row.Nonce, row.Ciphertext), out var opened) || Commitment.Of(opened.Salt, opened.Content) != commitment)
            {
                findings.Fault("sealed-differs", row.Seq);
                return;
            }

            if (group == CommitGroup.Person)
                Note(row.Seq, opened.Content);
        }
        catch (KeysException)
        {
            findings.Fault("sealed-without-key", row.Seq);
        }
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
