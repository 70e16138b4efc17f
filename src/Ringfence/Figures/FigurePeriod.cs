using System.Globalization;
using NodaTime;
using NodaTime.Text;

namespace Ringfence.Figures;

/// <summary>The days that figures are about: [From, Until), in UTC.</summary>
/// <param name="From">The first day.</param>
/// <param name="Until">The day after the last.</param>
public sealed record FigurePeriod(LocalDate From, LocalDate Until)
{
    /// <summary>What is shown where nothing is asked for.</summary>
    public const int UsualDays = 30;

    /// <summary>The longest period: a line of more steps tells nothing.</summary>
    public const int MostDays = 3_660;

    // A line with more points than these is read as a whole, and not day by day.
    private const int MostSingleDays = 62;
    private const int MostWeeks = 400;

    /// <summary>How many days it has.</summary>
    public int Days => Period.DaysBetween(From, Until);

    /// <summary>The last day.</summary>
    public LocalDate Last => Until.PlusDays(-1);

    /// <summary>As many days just before, to compare with.</summary>
    public FigurePeriod Before => new(From.PlusDays(-Days), From);

    /// <summary>The last so many days, today among them.</summary>
    public static FigurePeriod Of(int days, LocalDate today) => new(today.PlusDays(1 - days), today.PlusDays(1));

    /// <summary>The last twelve months, today among them.</summary>
    public static FigurePeriod OfYear(LocalDate today) => new(today.PlusYears(-1).PlusDays(1), today.PlusDays(1));

    /// <summary>Reads what an address says: <c>days</c>, <c>months=12</c>, or <c>from</c> and <c>to</c>, both of which count. What can't be read is as if it was not said.</summary>
    public static FigurePeriod Read(Func<string, string?> said, LocalDate today)
    {
        ArgumentNullException.ThrowIfNull(said);
        if (Day(said("from")) is { } from)
        {
            var to = Day(said("to")) ?? today;
            if (to >= from && Period.DaysBetween(from, to) < MostDays)
                return new FigurePeriod(from, to.PlusDays(1));
        }

        if (said("months") == "12")
            return OfYear(today);
        return Of(int.TryParse(said("days"), NumberStyles.None, CultureInfo.InvariantCulture, out var days) && days is > 0 and <= MostDays ? days : UsualDays, today);
    }

    /// <summary>The steps of a line over it: days, weeks or months, each [From, Until); the first and the last may be cut off.</summary>
    public IReadOnlyList<FigurePeriod> Steps()
    {
        var steps = new List<FigurePeriod>();
        for (var at = From; at < Until;)
        {
            var next = Days <= MostSingleDays ? at.PlusDays(1)
                : Days <= MostWeeks ? at.Next(IsoDayOfWeek.Monday)
                : new LocalDate(at.Year, at.Month, 1).PlusMonths(1);
            var until = next < Until ? next : Until;
            steps.Add(new FigurePeriod(at, until));
            at = until;
        }

        return steps;
    }

    /// <summary>As an address says it.</summary>
    public string Query => $"from={LocalDatePattern.Iso.Format(From)}&to={LocalDatePattern.Iso.Format(Last)}";

    // Nobody keeps records of another century, and days near the end of the calendar can't be added to.
    private static LocalDate? Day(string? text) =>
        text is not null && LocalDatePattern.Iso.Parse(text) is { Success: true } read && read.Value.Year is >= 1900 and <= 2999 ? read.Value : null;
}
