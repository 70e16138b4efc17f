using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Server.Ledger;
using Ringfence.Server.Lists;
using Ringfence.Server.Storage;

namespace Ringfence.Server.People.Import;

/// <summary>Makes batches ready beside the serial order of the ledger: keyed hashes, keys, sealed records. Safe for several threads.</summary>
/// <remarks>
/// What is looked up here may have changed when the batch has its turn; there everything is looked up again, and what does not hold any more is made anew.
/// </remarks>
internal sealed class RowPreparation(ImportSetting setting, ImportRecords records, IReadOnlyList<ReadList> lists)
{
    // A batch has some thousand rows.
    private const int UnknownThatTell = 2;
    private const int BatchesBetweenLooks = 8;

    private int unknownBatches;

    private readonly WordingDocuments documents = new();
    private readonly NewContacts newContacts = new(records);
    private readonly StoredNames names = new(setting.Installation, setting.Ledger);
    private readonly LinkedRows linkedRows = new(setting, records.Batch, lists);

    /// <summary>Makes a batch ready.</summary>
    public PreparedBatch Prepare(ImportedBatch batch)
    {
        var rows = batch.Rows.ConvertAll(row => Tagged(row, batch.List));
        var settled = batch.Settled.ConvertAll(row => Tagged(row, batch.List));
        var stored = settled.Count == 0 && IsLikelyUnknown() ? new StoredRows() : Load(rows.Concat(settled));
        var known = stored.Lookups.ToDictionary(static row => row.Tag, static row => new OpaqueId(row.Sid), ByteArrays.Equal);
        var into = stored.Subjects.Where(static row => row.MergedInto is not null).ToDictionary(static row => new OpaqueId(row.Sid), static row => new OpaqueId(row.MergedInto!));
        MakeReady(rows, known, stored);
        return new PreparedBatch(batch, rows, settled, known, settled.Count == 0 ? [] : linkedRows.Of(stored), into, names.Of(stored));
    }

    private StoredRows Load(IEnumerable<PreparedRow> rows)
    {
        var wanted = new RowsWanted();
        foreach (var tags in rows.SelectMany(static row => row.Points))
        {
            wanted.Points.Add(tags.Lookup);
            wanted.Suppressions.UnionWith(tags.Suppress);
        }

        var stored = setting.Store.LoadAsync(setting.Ledger.Ledger, wanted, CancellationToken.None).GetAwaiter().GetResult();
        Interlocked.Exchange(ref unknownBatches, stored.Lookups.Count + stored.Suppressions.Count == 0 ? Volatile.Read(ref unknownBatches) + 1 : 0);
        return stored;
    }

    // Where nobody of some batches is known, it is taken that nobody of the next ones is either; from time to time it is looked again.
    private bool IsLikelyUnknown() =>
        Volatile.Read(ref unknownBatches) is var unknown && unknown >= UnknownThatTell && Interlocked.Increment(ref unknownBatches) % BatchesBetweenLooks != 0;

    private void MakeReady(List<PreparedRow> rows, Dictionary<byte[], OpaqueId> known, StoredRows stored)
    {
        var suppressions = stored.Suppressions.ToLookup(static row => row.Tag, ByteArrays.Equal);
        ChannelSet[] ClosedOf(IReadOnlyList<PointTags> points)
        {
            var closed = new ChannelSet[points.Count];
            // In most batches nobody stands on the list.
            for (var i = 0; i < closed.Length && suppressions.Count > 0; i++)
                closed[i] = newContacts.ClosedBy(points[i].Suppress.SelectMany(tag => suppressions[tag]));
            return closed;
        }

        var likely = new List<(PreparedRow Row, ChannelSet[] Phones, ChannelSet[] Emails)>(rows.Count);
        foreach (var row in rows)
        {
            if (row.Row.IsUnreadable || row.Row.IsLeftOut || row.Row.Person != row.Row.At || row.Points.Count == 0 || known.Count > 0 && row.Points.Any(tags => known.ContainsKey(tags.Lookup)))
                continue;
            var (phones, emails) = (ClosedOf(row.Phones), ClosedOf(row.Emails));
            if (NewContacts.IsOpen(row, phones, emails))
                likely.Add((row, phones, emails));
        }

        if (likely.Count == 0)
            return;
        var sids = Fresh.Ids(likely.Count);
        // Invariant: a person's key is on the disk before anything that it seals.
        using var keys = setting.KeysFor(sids);
        for (var i = 0; i < likely.Count; i++)
        {
            var (row, phones, emails) = likely[i];
            row.Ready = newContacts.Make(row, sids[i], phones, emails, static _ => false);
            using var sealer = keys.SealerOf(i);
            foreach (var draft in row.Ready.Drafts)
                draft.Seal(sealer);
        }
    }

    private PreparedRow Tagged(ImportedRow row, ReadList list) => new()
    {
        Row = row,
        List = list,
        Phones = Tags(row.Phones, static number => ContactPoint.Of(number)),
        Emails = Tags(row.Emails, static email => ContactPoint.OfEmail(email)),
        Guessed = Tags(row.Guessed, static number => ContactPoint.Of(number)),
        Documents = row.Consents.Count == 0 ? [] : [.. row.Consents.Select(consent => documents.Of(row, consent.Wording))],
    };

    private PointTags[] Tags<T>(IReadOnlyList<T> of, Func<T, ContactPoint> point)
    {
        if (of.Count == 0)
            return [];
        var tags = new PointTags[of.Count];
        for (var i = 0; i < tags.Length; i++)
            tags[i] = setting.Installation.TagsOf(point(of[i]));
        return tags;
    }
}

/// <summary>A batch that is ready for its turn.</summary>
/// <param name="Batch">The rows as they were read.</param>
/// <param name="Rows">Rows to be written.</param>
/// <param name="Settled">Rows that an earlier run has written.</param>
/// <param name="Known">Whom numbers and addresses led to when it was made ready.</param>
/// <param name="LinkedBy">By which row of this import they came to lead there, where settled rows are handed in.</param>
/// <param name="MergedInto">Who was merged into whom.</param>
/// <param name="Names">Keys of the names of people who were known.</param>
internal sealed record PreparedBatch(
    ImportedBatch Batch, IReadOnlyList<PreparedRow> Rows, IReadOnlyList<PreparedRow> Settled, IReadOnlyDictionary<byte[], OpaqueId> Known,
    IReadOnlyDictionary<byte[], int> LinkedBy, IReadOnlyDictionary<OpaqueId, OpaqueId> MergedInto, IReadOnlyDictionary<OpaqueId, ulong> Names);
