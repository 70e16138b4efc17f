using System.Globalization;
using NodaTime;
using NodaTime.Text;
using Ringfence.Files;
using Ringfence.Gate;

namespace Ringfence.Rights;

/// <summary>How long one regime gives for the answer to one kind of request.</summary>
/// <param name="Regime">Its word: <c>eu</c>, <c>uk</c>, <c>ch</c>, <c>cn</c>, <c>tw</c>, <c>mo</c>, <c>us-ca</c>.</param>
/// <param name="Kind">The kind of request.</param>
/// <param name="Confirm">Within which they are told that it was received; null: no law fixes that.</param>
/// <param name="First">Within which it is answered.</param>
/// <param name="Extension">What may be added, where the person is told why within the first period; null: nothing.</param>
/// <param name="Pauses">Whether days count for nothing in which something is awaited that only the person can give.</param>
/// <param name="EndsOnWorkingDay">Whether an end on a Saturday, Sunday or public holiday moves to the next working day.</param>
/// <param name="Unverified">What of the three nobody has verified: it may be so, and moves no date.</param>
/// <param name="Certainty"><c>verified</c>, <c>secondary</c>, <c>to-verify</c>; <c>house</c>: no law fixes a time.</param>
/// <param name="Source">The provision.</param>
public sealed record RightsClock(string Regime, RightsKind Kind, RightsSpan? Confirm, RightsSpan First, Period? Extension, bool Pauses, bool EndsOnWorkingDay, RightsDelay Unverified, string Certainty, string Source)
{
    /// <summary>Whether something that moves an end back is so for certain.</summary>
    public bool IsSure(RightsDelay delay) => (Unverified & delay) == 0;
}

/// <summary>A time from the day of receipt on, which itself is not counted: months and days, or business days.</summary>
/// <param name="Period">Months and days; none of business days.</param>
/// <param name="BusinessDays">How many; 0: it is not counted in them.</param>
/// <remarks>Our reading: every day but Sunday is a business day, for the law that is known here names neither Saturdays nor a calendar; so the end comes early rather than late.</remarks>
public sealed record RightsSpan(Period Period, int BusinessDays)
{
    /// <summary>The last day of it.</summary>
    /// <param name="received">The day of receipt.</param>
    public LocalDate After(LocalDate received)
    {
        var day = received + Period;
        for (var left = BusinessDays; left > 0;)
        {
            day = day.PlusDays(1);
            left -= day.DayOfWeek == IsoDayOfWeek.Sunday ? 0 : 1;
        }

        return day;
    }
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
    private const int Columns = 10;

    // Behind a number that is one of business days.
    private const char BusinessDays = 'B';

    private static readonly Lazy<(IReadOnlyList<RightsClock> Clocks, IReadOnlyDictionary<string, string> Places)> Read = new(static () => Parse(EmbeddedFiles.Text("rights-clocks.tsv")));

    /// <summary>Every clock.</summary>
    public static IReadOnlyList<RightsClock> All => Read.Value.Clocks;

    /// <summary>The words of the regimes, in the order of the file.</summary>
    public static IReadOnlyList<string> Regimes { get; } = [.. Read.Value.Clocks.Select(static clock => clock.Regime).Distinct(StringComparer.Ordinal)];

    /// <summary>The regime of a place; null: none that has a clock here.</summary>
    /// <param name="place">ISO 3166-1, or ISO 3166-2, which has that of its country where it has none of its own; null: not known.</param>
    public static string? RegimeOf(string? place) => place is null ? null : Read.Value.Places.GetValueOrDefault(place) ?? Read.Value.Places.GetValueOrDefault(place.Split('-')[0]);

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
                var unverified = (IsUnsure(cells[5]) ? RightsDelay.Extension : 0) | (IsUnsure(cells[6]) ? RightsDelay.Pause : 0) | (IsUnsure(cells[7]) ? RightsDelay.WorkingDay : 0);
                clocks.Add(new RightsClock(
                    cells[0], kind, cells[3] == "-" ? null : SpanOf(cells[3]), SpanOf(cells[4]), cells[5] == "-" ? null : PeriodOf(cells[5].TrimEnd('?')), IsYes(cells[6].TrimEnd('?')), IsYes(cells[7].TrimEnd('?')), unverified,
                    cells[8], cells[9]));
            }
        }

        return (clocks, places);
    }

    private static RightsSpan SpanOf(string text) =>
        text.EndsWith(BusinessDays) && int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var days) ? new RightsSpan(Period.Zero, days) : new RightsSpan(PeriodOf(text), 0);

    private static Period PeriodOf(string text) => PeriodPattern.NormalizingIso.Parse(text).Value;

    // Behind what loosens, a question mark: so we are told, and nobody has verified it.
    private static bool IsUnsure(string cell) => cell.EndsWith('?');

    private static bool IsYes(string cell) => cell switch { "yes" => true, "no" => false, _ => throw new FormatException($"'{cell}' is neither yes nor no.") };
}
