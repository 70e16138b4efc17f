using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Ledger;

/// <summary>Compares permits with the records that issued, used and ended them: one that nobody issued is leave that nobody gave, one that is missing is a contact that nobody counts.</summary>
/// <remarks>
/// Number and agent stand in no record. Where the permit was for a known person, the number is that of the point which the record names; what the agent is called, and who an unknown number's
/// permit was for, only the row says.
/// </remarks>
internal sealed class FsckPermits
{
    private readonly Dictionary<OpaqueId, Told> told = [];

    private sealed record Told(OpaqueId Id, long Seq, Subject? Subject, LeafValue.Map? Decision, long? Expires)
    {
        public long? Redeemed { get; set; }

        public long? RedeemedSeq { get; set; }

        public long? EndedSeq { get; set; }

        public short? Outcome { get; set; }

        public long? OutcomeSeq { get; set; }
    }

    /// <summary>Takes the next record.</summary>
    public void Add(LedgerRecord record)
    {
        if (record.Type is not (RecordType.PermitIssued or RecordType.PermitRedeemed or RecordType.PermitRevoked or RecordType.ContactOutcome)
            || !OpaqueId.TryParse(record.Detail?["permit"]?.AsText, out var id))
        {
            return;
        }

        if (record.Type == RecordType.PermitIssued)
        {
            told[id] = new Told(id, record.Seq, record.Subject, record.Decision, record.Detail!["expires"]?.AsNumber);
            return;
        }

        if (!told.TryGetValue(id, out var permit))
            return;
        switch (record.Type)
        {
            case RecordType.PermitRedeemed:
                (permit.Redeemed, permit.RedeemedSeq) = (Micros.Of(record.At), record.Seq);
                break;
            case RecordType.PermitRevoked:
                permit.EndedSeq = record.Seq;
                break;
            case RecordType.ContactOutcome when Words<Outcome>.TryParse(record.Detail!["outcome"]?.AsText ?? "", out var outcome):
                (permit.Outcome, permit.OutcomeSeq) = ((short)outcome, record.Seq);
                break;
        }
    }

    /// <summary>What does not fit.</summary>
    /// <param name="rows">The permits there are.</param>
    /// <param name="known">Who was erased: their permits went with them.</param>
    /// <param name="isOf">Whether a permit's number is that of a point, as its row has it; null where that can't be told.</param>
    /// <param name="mostKeys">How many keys there are by now.</param>
    /// <param name="full">Whether what was asked is compared with the decision it was permitted by.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<List<(string Code, long Seq)>> CompareAsync(
        IAsyncEnumerable<PermitRow> rows, FsckKnown known, Func<OpaqueId, PermitRow, bool?> isOf, int mostKeys, bool full, CancellationToken cancel)
    {
        var faults = new List<(string, long)>();
        var missing = new HashSet<OpaqueId>(told.Keys);
        await foreach (var row in rows.WithCancellation(cancel))
        {
            if (row.Id.Length != OpaqueId.Size || !missing.Remove(new OpaqueId(row.Id)))
                faults.Add(("permit-unknown", row.Seq));
            else if (told[new OpaqueId(row.Id)] is var permit && permit.Subject is { } subject && known.Erased.Contains(subject.Sid))
                faults.Add(("permit-erased", permit.Seq));
            else if (!IsAsTold(row, permit) || full && !IsAsDecided(row, permit) || row.Chain < 1 || row.Chain > mostKeys || permit.Subject?.Point is { } point && isOf(point, row) == false)
                faults.Add(("permit-differs", permit.Seq));
        }

        foreach (var id in missing)
        {
            if (told[id] is var permit && (permit.Subject is not { } subject || !known.Erased.Contains(subject.Sid)))
                faults.Add(("permit-missing", permit.Seq));
        }

        return faults;
    }

    private static bool IsAsTold(PermitRow row, Told permit) =>
        row.Seq == permit.Seq && row.Expires == permit.Expires && row.Sid.AsSpan().SequenceEqual(permit.Subject?.Sid.ToArray())
        && row.Redeemed == permit.Redeemed && row.RedeemedSeq == permit.RedeemedSeq && row.EndedSeq == permit.EndedSeq && row.Outcome == permit.Outcome && row.OutcomeSeq == permit.OutcomeSeq;

    private static bool IsAsDecided(PermitRow row, Told permit)
    {
        // A decision that can't be read is told of as what it is, by whoever replays it.
        if (permit.Decision is not { } whole || !RecordedDecision.TryRead(whole, out var decision))
            return true;
        var ask = decision.Situation.Ask;
        return row.Issued == Micros.Of(decision.Situation.At) && row.Channel == (short?)ask.Channel && row.Purpose == ask.Purpose
            && IsNamed(row.Subject, ask.Subject) && IsNamed(row.Campaign, ask.Campaign?.Id) && (row.Agent is null) == (ask.Agent?.Id is null);
    }

    // A decision has another name in the place of one that is no plain word.
    private static bool IsNamed(string? inRow, string? inRecord) => inRow == inRecord || inRow is not null && inRecord is not null && !LeafText.Allows(inRow);
}
