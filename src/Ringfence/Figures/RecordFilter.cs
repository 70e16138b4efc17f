using Ringfence.Ledger;

namespace Ringfence.Figures;

/// <summary>Which records are meant.</summary>
/// <param name="Types">Those of these types; empty: of every one.</param>
/// <param name="Kind">Those that count as this; null: as anything.</param>
/// <param name="Period">Those of these days; null: of every one.</param>
public sealed record RecordFilter(IReadOnlyCollection<RecordType> Types, FigureKind? Kind, FigurePeriod? Period)
{
    /// <summary>Every record there is.</summary>
    public static RecordFilter Everything { get; } = new([], null, null);

    /// <summary>No others than those at these places, rising: the kind and the days are in them already. Null: what the records themselves tell counts.</summary>
    public IReadOnlyList<long>? Among { get; init; }

    /// <summary>How often, with <see cref="FigureKind.Contacted"/>.</summary>
    public ContactTimes? Times { get; init; }
}
