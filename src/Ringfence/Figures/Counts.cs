using System.Collections.Immutable;
using Ringfence.Ledger;

namespace Ringfence.Figures;

/// <summary>How many records of some days there are, by what they tell.</summary>
public sealed class Counts
{
    private readonly long[] types = new long[RecordWords.Types.All.Count];
    private readonly long[] kinds = new long[Enum.GetValues<FigureKind>().Length];
    private readonly Dictionary<string, long> reasons = new(StringComparer.Ordinal);

    /// <summary>How many records of a type.</summary>
    public long this[RecordType type] => types[(int)type];

    /// <summary>How many records count as something.</summary>
    public long this[FigureKind kind]
    {
        get
        {
            if (kind != FigureKind.Withdrawn)
                return kinds[(int)kind];
            var sum = 0L;
            for (var one = FigureKind.Withdrawn; one <= FigureKind.WaitLonger; one++)
                sum += kinds[(int)one];
            return sum;
        }
    }

    /// <summary>Times that somebody said no when they were asked: neither a consent nor the end of one.</summary>
    public long Declined => this[FigureKind.Declined];

    /// <summary>Consents that were given here, or confirmed where that was asked for: those that a list brought are counted apart.</summary>
    public long Given => this[FigureKind.Given];

    /// <summary>Times that somebody took back what they had said, or might have said.</summary>
    public long Withdrawn => this[FigureKind.Withdrawn];

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
    /// <param name="kind">What it counts as, beyond its type.</param>
    internal void Take(LedgerRecord record, FigureKind? kind)
    {
        types[(int)record.Type]++;
        if (kind is { } known)
            kinds[(int)known]++;
        if (record is not { Type: RecordType.DecisionDenied, Decision: { } decision })
            return;
        if (decision["verdict"]?.AsText == "deferred")
            Deferred++;
        if (ReasonOf(decision) is { } reason)
            reasons[reason] = reasons.GetValueOrDefault(reason) + 1;
    }

    /// <summary>Counts a record as something else than before: of a permit it shows later what becomes of it.</summary>
    internal void Turn(FigureKind before, FigureKind now)
    {
        kinds[(int)before]--;
        kinds[(int)now]++;
    }

    /// <summary>Adds others.</summary>
    internal void Add(Counts other)
    {
        for (var i = 0; i < types.Length; i++)
            types[i] += other.types[i];
        for (var i = 0; i < kinds.Length; i++)
            kinds[i] += other.kinds[i];
        Deferred += other.Deferred;
        foreach (var (reason, count) in other.reasons)
            reasons[reason] = reasons.GetValueOrDefault(reason) + count;
    }

    // The first decides. It is named by its rule and its code, or by its code alone.
    private static string? ReasonOf(LeafValue.Map decision) =>
        decision["reasons"] is LeafValue.List { Items: { Count: > 0 } items } && items[0].AsText is { } named ? named[(named.LastIndexOf(':') + 1)..] : null;
}
