using Ringfence.Ledger;
using Ringfence.Server.Ledger;
using Ringfence.Server.Lists;
using Ringfence.Server.Storage;

namespace Ringfence.Server.People.Import;

/// <summary>Which rows of an import made numbers and addresses lead to somebody.</summary>
/// <remarks>
/// An import that goes on finds the people of its settled rows as they were found when these were written: what a later row linked did not lead anywhere then. The row stands in the
/// sealed evidence of the record that first names the point.
/// </remarks>
/// <param name="setting">Where it is read.</param>
/// <param name="batch">The import.</param>
/// <param name="lists">Its lists.</param>
internal sealed class LinkedRows(ImportSetting setting, ImportBatch batch, IReadOnlyList<ReadList> lists)
{
    /// <summary>The row by which each tag came to lead to its person, counted over all lists from 0; none for what was linked before the import.</summary>
    public Dictionary<byte[], int> Of(StoredRows rows)
    {
        var carrying = new Dictionary<long, LedgerRecord>();
        var first = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var (seq, row) in rows.Records)
        {
            if (seq < batch.From || StoredRecord.Read(row) is not { Commits: { Person: not null, Evidence: not null } } record || record.Detail?["batch"]?.AsText != batch.Id)
                continue;
            carrying.Add(seq, record);
            foreach (var name in (ReadOnlySpan<string>)["emails", "phones"])
            {
                foreach (var point in (record.Detail[name] as LeafValue.List)?.Items ?? [])
                    first[point.AsText!] = Math.Min(seq, first.GetValueOrDefault(point.AsText!, seq));
            }
        }

        var rowOf = RowsOf(carrying);
        var linked = new Dictionary<byte[], int>(ByteArrays.Equal);
        foreach (var lookup in rows.Lookups)
        {
            if (first.TryGetValue(new OpaqueId(lookup.Point).ToString(), out var seq) && rowOf.TryGetValue(seq, out var row))
                linked[lookup.Tag] = row;
        }

        return linked;
    }

    private Dictionary<long, int> RowsOf(Dictionary<long, LedgerRecord> records)
    {
        var wanted = new RowsWanted { WithRecords = false };
        wanted.Sealed.UnionWith(records.Keys);
        var found = new Dictionary<long, int>();
        if (wanted.Sealed.Count == 0)
            return found;
        foreach (var blob in setting.Store.LoadAsync(setting.Ledger.Ledger, wanted, CancellationToken.None).GetAwaiter().GetResult().Sealed)
        {
            if (blob.Group != (short)CommitGroup.Evidence
                || setting.Installation.OpenAsync(records[blob.Seq], blob, CancellationToken.None).GetAwaiter().GetResult() is not { } opened)
            {
                continue;
            }

            var evidence = ImportEvidence.Read(opened.Content);
            if (lists.FirstOrDefault(list => list.Sha256 == evidence.File) is { } list)
                found[blob.Seq] = list.FirstRow + evidence.Row - 1;
        }

        return found;
    }
}
