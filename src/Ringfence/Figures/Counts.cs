using System.Collections.Immutable;
using Ringfence.Ledger;

namespace Ringfence.Figures;

/// <summary>How many records of some days there are, by what they tell.</summary>
public sealed class Counts
{
    private readonly long[] types = new long[RecordWords.Types.All.Count];
    private readonly Dictionary<string, long> reasons = new(StringComparer.Ordinal);

    /// <summary>How many records of a type.</summary>
    public long this[RecordType type] => types[(int)type];

    /// <summary>Times that somebody said no when they were asked: neither a consent nor the end of one.</summary>
    public long Declined { get; private set; }

    /// <summary>Consents that were given here, or confirmed where that was asked for: those that a list brought are counted apart.</summary>
    public long Given { get; private set; }

    /// <summary>Times that somebody took back what they had said, or might have said.</summary>
    public long Withdrawn { get; private set; }

    /// <summary>Questions that were answered on the record, permits among them.</summary>
    public long Asked => this[RecordType.DecisionAllowed] + this[RecordType.DecisionDenied] + this[RecordType.PermitIssued];

    /// <summary>Of those answered with later.</summary>
    public long Deferred { get; private set; }

    /// <summary>Of those answered with no, or with later.</summary>
    public long HeldBack => this[RecordType.DecisionDenied];

    /// <summary>Those answered with no.</summary>
    public long Refused => HeldBack - Deferred;

    /// <summary>Of those held back, how many for which deciding reason: its word; most first.</summary>
    public ImmutableArray<(string Reason, long Count)> Reasons =>
        [.. reasons.Select(static one => (one.Key, one.Value)).OrderByDescending(static one => one.Value).ThenBy(static one => one.Key, StringComparer.Ordinal)];

    /// <summary>Counts a record.</summary>
    /// <param name="record">It.</param>
    /// <param name="isAnswer">Whether it confirms what was only asked for before.</param>
    internal void Take(LedgerRecord record, bool isAnswer)
    {
        types[(int)record.Type]++;
        if (isAnswer)
            Given++;
        if (record.Type is RecordType.ConsentGiven or RecordType.ConsentWithdrawn)
        {
            if (record.State == RecordState.Refused)
                Declined++;
            else if (record.Type == RecordType.ConsentGiven)
                Given++;
            else
                Withdrawn++;
        }

        if (record is not { Type: RecordType.DecisionDenied, Decision: { } decision })
            return;
        if (decision["verdict"]?.AsText == "deferred")
            Deferred++;
        if (ReasonOf(decision) is { } reason)
            reasons[reason] = reasons.GetValueOrDefault(reason) + 1;
    }

    /// <summary>Adds others.</summary>
    internal void Add(Counts other)
    {
        for (var i = 0; i < types.Length; i++)
            types[i] += other.types[i];
        Declined += other.Declined;
        Given += other.Given;
        Withdrawn += other.Withdrawn;
        Deferred += other.Deferred;
        foreach (var (reason, count) in other.reasons)
            reasons[reason] = reasons.GetValueOrDefault(reason) + count;
    }

    // The first decides. It is named by its rule and its code, or by its code alone.
    private static string? ReasonOf(LeafValue.Map decision) =>
        decision["reasons"] is LeafValue.List { Items: { Count: > 0 } items } && items[0].AsText is { } named ? named[(named.LastIndexOf(':') + 1)..] : null;
}
