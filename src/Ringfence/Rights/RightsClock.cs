using NodaTime;
using NodaTime.Text;
using Ringfence.Files;
using Ringfence.Gate;

namespace Ringfence.Rights;

/// <summary>How long one regime gives for the answer to one kind of request.</summary>
/// <param name="Regime">Its word: <c>eu</c>, <c>uk</c>, <c>ch</c>, <c>cn</c>, <c>tw</c>, <c>mo</c>.</param>
/// <param name="Kind">The kind of request.</param>
/// <param name="First">From the day of receipt on: months or days.</param>
/// <param name="Extension">What may be added, where the person is told why within the first period; null: nothing.</param>
/// <param name="Pauses">Whether days count for nothing in which something is awaited that only the person can give.</param>
/// <param name="EndsOnWorkingDay">Whether an end on a Saturday, Sunday or public holiday moves to the next working day.</param>
/// <param name="Unverified">What of the three nobody has verified: it may be so, and moves no date.</param>
/// <param name="Certainty"><c>verified</c>, <c>secondary</c>, <c>to-verify</c>; <c>house</c>: no law fixes a time.</param>
/// <param name="Source">The provision.</param>
public sealed record RightsClock(string Regime, RightsKind Kind, Period First, Period? Extension, bool Pauses, bool EndsOnWorkingDay, RightsDelay Unverified, string Certainty, string Source)
{
    /// <summary>Whether something that moves an end back is so for certain.</summary>
    public bool IsSure(RightsDelay delay) => (Unverified & delay) == 0;
}

/// <summary>What moves the end of a clock back.</summary>
[Flags]
public enum RightsDelay : byte
{
    None = 0,
    Extension = 1,
    Pause = 2,
    WorkingDay = 4,
}

/// <summary>The clocks there are, read from <c>rights-clocks.tsv</c>.</summary>
public static class RightsClocks
{
    private const int Columns = 9;

    private static readonly Lazy<(IReadOnlyList<RightsClock> Clocks, IReadOnlyDictionary<string, string> Places)> Read = new(static () => Parse(EmbeddedFiles.Text("rights-clocks.tsv")));

    /// <summary>Every clock.</summary>
    public static IReadOnlyList<RightsClock> All => Read.Value.Clocks;

    /// <summary>The words of the regimes, in the order of the file.</summary>
    public static IReadOnlyList<string> Regimes { get; } = [.. Read.Value.Clocks.Select(static clock => clock.Regime).Distinct(StringComparer.Ordinal)];

    /// <summary>The regime of a country; null: none that has a clock here.</summary>
    /// <param name="country">ISO 3166-1; null: not known.</param>
    public static string? RegimeOf(string? country) => country is null ? null : Read.Value.Places.GetValueOrDefault(country);

    /// <summary>The clocks that hold for a request.</summary>
    /// <param name="regimes">Words of the regimes that may apply. Empty, or one that nobody knows among them: nobody knows, and every clock there is holds, so that the shortest counts.</param>
    /// <param name="kind">What is asked for.</param>
    public static IReadOnlyList<RightsClock> Of(IReadOnlyCollection<string> regimes, RightsKind kind) =>
        [.. All.Where(clock => clock.Kind == kind && (regimes.Count == 0 || regimes.Contains(clock.Regime) || regimes.Any(static regime => !Regimes.Contains(regime))))];

    internal static (IReadOnlyList<RightsClock> Clocks, IReadOnlyDictionary<string, string> Places) Parse(string text)
    {
        var clocks = new List<RightsClock>();
        var places = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1))
        {
            var cells = line.TrimEnd('\r').Split('\t');
            if (cells.Length != Columns)
                throw new FormatException($"A line of rights-clocks.tsv has {cells.Length} cells.");
            foreach (var place in cells[1].Split(','))
            {
                if (!places.TryAdd(place, cells[0]) && places[place] != cells[0])
                    throw new FormatException($"{place} is in two regimes.");
            }

            foreach (var word in cells[2].Split(','))
            {
                if (!Words<RightsKind>.TryParse(word, out var kind) || clocks.Exists(clock => clock.Regime == cells[0] && clock.Kind == kind))
                    throw new FormatException($"{cells[0]} {word}: no kind of request, or a second clock of it.");
                var unverified = (IsUnsure(cells[4]) ? RightsDelay.Extension : 0) | (IsUnsure(cells[5]) ? RightsDelay.Pause : 0) | (IsUnsure(cells[6]) ? RightsDelay.WorkingDay : 0);
                clocks.Add(new RightsClock(cells[0], kind, PeriodOf(cells[3]), cells[4] == "-" ? null : PeriodOf(cells[4].TrimEnd('?')), IsYes(cells[5].TrimEnd('?')), IsYes(cells[6].TrimEnd('?')), unverified, cells[7], cells[8]));
            }
        }

        return (clocks, places);
    }

    private static Period PeriodOf(string text) => PeriodPattern.NormalizingIso.Parse(text).Value;

    // Behind what loosens, a question mark: so we are told, and nobody has verified it.
    private static bool IsUnsure(string cell) => cell.EndsWith('?');

    private static bool IsYes(string cell) => cell switch { "yes" => true, "no" => false, _ => throw new FormatException($"'{cell}' is neither yes nor no.") };
}
