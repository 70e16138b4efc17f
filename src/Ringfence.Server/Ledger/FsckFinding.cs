using System.Globalization;

namespace Ringfence.Server.Ledger;

/// <summary>How much a finding weighs.</summary>
internal enum FsckWeight
{
    /// <summary>To be looked at; what is stored is whole.</summary>
    Warning,

    /// <summary>Something is not what it was, or is missing.</summary>
    Fault,

    /// <summary>A no may be missing, or the ledger is not the one that is known: nothing is permitted until it is cleared up.</summary>
    StopsGate,
}

/// <summary>Something that was found. Never anything personal: a code, and the place in the ledger.</summary>
/// <param name="Code">Stable, such as <c>leaf-differs</c>.</param>
/// <param name="Weight">How much it weighs.</param>
/// <param name="Place">Where: a record, a size, a tile, a digest; empty: the ledger as a whole.</param>
internal sealed record FsckFinding(string Code, FsckWeight Weight, string Place);

/// <summary>What was found in one ledger.</summary>
internal sealed class FsckFindings
{
    // A ledger that is torn apart has millions; the first of each kind say as much.
    private const int MostOfAKind = 20;

    private readonly List<FsckFinding> all = [];
    private readonly SortedDictionary<string, long> counts = new(StringComparer.Ordinal);

    /// <summary>The first of each kind, in the order in which they were found.</summary>
    public IReadOnlyList<FsckFinding> All => all;

    /// <summary>How many there are of each kind.</summary>
    public IReadOnlyDictionary<string, long> Counts => counts;

    /// <summary>Whether anything is not what it was.</summary>
    public bool HasFaults => all.Exists(static finding => finding.Weight != FsckWeight.Warning);

    /// <summary>Whether nothing may be permitted.</summary>
    public bool StopsGate => all.Exists(static finding => finding.Weight == FsckWeight.StopsGate);

    public void Fault(string code, long place) => Add(code, FsckWeight.Fault, place.ToString(CultureInfo.InvariantCulture));

    public void Fault(string code, string place = "") => Add(code, FsckWeight.Fault, place);

    public void Warn(string code, string place = "") => Add(code, FsckWeight.Warning, place);

    public void StopGate(string code, string place = "") => Add(code, FsckWeight.StopsGate, place);

    private void Add(string code, FsckWeight weight, string place)
    {
        counts[code] = counts.GetValueOrDefault(code) + 1;
        if (counts[code] <= MostOfAKind)
            all.Add(new FsckFinding(code, weight, place));
    }
}
