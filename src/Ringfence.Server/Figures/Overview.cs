using NodaTime;
using Ringfence.Figures;
using Ringfence.Ledger;

namespace Ringfence.Server.Figures;

/// <summary>What the overview shows.</summary>
/// <param name="Period">The days it is about.</param>
/// <param name="Needs">What needs somebody.</param>
/// <param name="FirstSteps">What a new house begins with; empty once it is done.</param>
/// <param name="Counted">How much of the ledger is counted, from 0 to 1.</param>
/// <param name="Ends">Which consents end when; null: not known yet.</param>
internal sealed record Overview(FigurePeriod Period, IReadOnlyList<Need> Needs, IReadOnlyList<FirstStep> FirstSteps, double Counted, ConsentEnds? Ends)
{
    /// <summary>As of when it is: what was written since may be in it or not. Null: it is as of now.</summary>
    public Instant? Since { get; init; }

    /// <summary>Who may be contacted at all; as of when, it says itself.</summary>
    public AudienceFigures Reach { get; init; } = new();

    /// <summary>What the period comes to.</summary>
    public required Counts Now { get; init; }

    /// <summary>What as many days before it came to.</summary>
    public required Counts Before { get; init; }

    /// <summary>The steps of its lines, with what each comes to.</summary>
    public required IReadOnlyList<(FigurePeriod Step, Counts Counts)> Steps { get; init; }

    /// <summary>How long those who withdrew waited until it counted, rising.</summary>
    public required IReadOnlyList<Duration> Waits { get; init; }

    /// <summary>Of each number of contacts how many people.</summary>
    public required IReadOnlyList<(int Contacts, long People)> Pressure { get; init; }

    /// <summary>Contacts with nobody that the ledger knows.</summary>
    public required long ContactsUnknown { get; init; }

    /// <summary>Consents that ended in a part of the period; null: not known yet.</summary>
    public long? EndedIn(FigurePeriod step) => Ends?.EndedIn(step);

    /// <summary>The middle of the waits; null: there are none.</summary>
    public Duration? UsualWait => Waits.Count == 0 ? null : Waits[(Waits.Count - 1) / 2];

    /// <summary>Reads all figures of the ledger in one go.</summary>
    public static Overview Of(FigureFollower figures, FigurePeriod period, ConsentEnds? ends) => figures.With((book, countedAt) =>
    {
        var (pressure, unknown) = book.PressureIn(period);
        return new Overview(period, [], [], countedAt is null ? Math.Min(.99, figures.Part) : 1, ends)
        {
            Since = countedAt,
            Now = book.Between(period),
            Before = book.Between(period.Before),
            Steps = [.. period.Steps().Select(step => (step, book.Between(step)))],
            Waits = book.WaitsIn(period),
            Pressure = pressure,
            ContactsUnknown = unknown,
        };
    });
}
