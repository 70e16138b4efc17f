using Ringfence.Ledger;
using Ringfence.Server.Rules;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Ledger;

/// <summary>Compares the changes of a controller's own rules with the records that asked for and answered them: rules that nobody put in force, or that are gone though nobody retired them.</summary>
internal sealed class FsckRules
{
    private readonly Dictionary<string, RuleChangeRow> told = new(StringComparer.Ordinal);

    /// <summary>Takes the next record.</summary>
    public void Add(LedgerRecord record)
    {
        if (RuleChangeRecords.Asked(record) is { } asked)
            told[asked.Id] = asked;
        else if (RuleChangeRecords.Answered(record) is { } answered && told.TryGetValue(answered.Id, out var row))
            told[answered.Id] = row with { AnsweredBy = record.Actor.Ref, AnsweredSeq = record.Seq, Agreed = answered.Agreed };
    }

    /// <summary>What does not fit.</summary>
    /// <param name="rows">The changes there are.</param>
    public IReadOnlyList<(string Code, long Seq)> Compare(IEnumerable<RuleChangeRow> rows)
    {
        var faults = new List<(string, long)>();
        var missing = told.Values.ToDictionary(static row => row.Id, StringComparer.Ordinal);
        foreach (var row in rows)
        {
            if (!missing.Remove(row.Id, out var record))
                faults.Add(("rules-unknown", row.Seq));
            else if (!row.Doc.AsSpan().SequenceEqual(record.Doc) || row with { Doc = record.Doc } != record)
                faults.Add(("rules-differ", record.Seq));
        }

        return [.. faults, .. missing.Values.Select(static row => ("rules-missing", row.Seq))];
    }
}
