using Ringfence.Ledger;
using Ringfence.Numbers;
using Ringfence.People;
using Ringfence.Rights;
using Ringfence.Server.Rights;
using Ringfence.Server.Sealing;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Ledger;

/// <summary>Compares what people ask for by law with the records that tell of it: by these rows staff see what waits, and until when.</summary>
internal sealed class FsckRequests
{
    private readonly Dictionary<OpaqueId, Told> told = [];

    private sealed record Told(RightsCase Case, OpaqueId? Point, List<long> Records);

    /// <summary>Takes the next record.</summary>
    public void Add(LedgerRecord record)
    {
        if (RightsCase.IdOf(record) is not { } id)
            return;
        if (!told.TryGetValue(id, out var there))
        {
            if (RightsCase.Of([record]) is { } begun)
                told[id] = new Told(begun, record.Subject?.Point, [record.Seq]);
            return;
        }

        there.Records.Add(record.Seq);
        told[id] = there with { Case = there.Case.With(record) };
    }

    /// <summary>What does not fit.</summary>
    /// <param name="rows">The requests there are.</param>
    /// <param name="tagOf">By what the number or address of a person is looked up; null: not known.</param>
    /// <param name="installation">Opens what is sealed; null: it is not to be opened.</param>
    /// <param name="erased">Whose keys were destroyed.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<IReadOnlyList<(string Code, long Seq)>> CompareAsync(
        IAsyncEnumerable<RightsRequestRow> rows, Func<OpaqueId, byte[]?> tagOf, Installation? installation, IReadOnlySet<OpaqueId> erased, CancellationToken cancel)
    {
        var faults = new List<(string, long)>();
        var missing = told.Keys.ToHashSet();
        await foreach (var row in rows.WithCancellation(cancel))
        {
            if (row.Id.Length != OpaqueId.Size || !missing.Remove(new OpaqueId(row.Id)))
            {
                faults.Add(("request-unknown", 0));
                continue;
            }

            var one = told[new OpaqueId(row.Id)];
            var seq = one.Records[0];
            if (!IsAsTold(row, one, tagOf))
                faults.Add(("request-differs", seq));
            else if (!one.Case.IsForgotten && erased.Contains(one.Case.Id))
                faults.Add(("request-erased", seq));
            else if (!one.Case.IsForgotten && installation is not null && !await OpensAsync(installation, row, one.Case, cancel))
                faults.Add(("request-words", seq));
        }

        return [.. faults, .. missing.Select(id => ("request-missing", told[id].Records[0]))];
    }

    private static bool IsAsTold(RightsRequestRow row, Told one, Func<OpaqueId, byte[]?> tagOf)
    {
        var record = RequestRows.Of(one.Case, one.Records, null, null);
        if (row with { Id = record.Id, Tag = null, Nonce = null, Words = null } != record)
            return false;
        if (one.Case.IsForgotten)
            return row is { Tag: null, Nonce: null, Words: null };
        return row is { Tag.Length: ContactTag.Size, Nonce.Length: Sealer.NonceBytes, Words.Length: >= Sealer.TagBytes }
            && (one.Point is not { } point || tagOf(point) is not { } tag || tag.AsSpan().SequenceEqual(row.Tag));
    }

    // What is sealed is what the last record that speaks of it committed to, and it came for the number or address that it is found by.
    private static async Task<bool> OpensAsync(Installation installation, RightsRequestRow row, RightsCase told, CancellationToken cancel)
    {
        try
        {
            return await RequestWords.ExamineAsync(installation, row, cancel) is var (words, digest) && digest == told.Written
                && ContactPoint.TryRead(words.Point, Region.None, out var point) && installation.TagsOf(point).Lookup.AsSpan().SequenceEqual(row.Tag);
        }
        catch (Exception e) when (e is KeysException or StoreException or System.Text.Json.JsonException)
        {
            return false;
        }
    }
}
