using System.Runtime.CompilerServices;
using NodaTime;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Rules;

namespace Ringfence.Rights;

/// <summary>What somebody said of a consent.</summary>
public enum ResultSaid : byte
{
    /// <summary>Yes.</summary>
    Consent,

    /// <summary>No, and there was no yes before.</summary>
    Refusal,

    /// <summary>No, after a yes.</summary>
    Withdrawal,
}

/// <summary>The duty to tell somebody, who gave, refused or took back a consent, what came of it.</summary>
/// <remarks>
/// Source: Network Act of South Korea, art. 50(7), and its decree, art. 62-2, as the rule says. Our reading: the day of the statement is not counted, and days are those of the place. Whom a rule concerns is as the gate
/// has it: who lives there, and whose number is of there. What else a rule asks is taken to hold unless it is known not to: who is told once too often loses nothing.
/// </remarks>
/// <param name="Rule">The rule that wants it.</param>
/// <param name="Within">How soon, from the day of the statement.</param>
/// <param name="Zones">Whose days count, by tz name: those of the place.</param>
/// <param name="IsAlone">Whether every place that is known of the person is one of this rule's: no other law has a say in a message to them.</param>
public sealed record ResultDuty(Rule Rule, Period Within, ValueList<string> Zones, bool IsAlone)
{
    private static readonly ConditionalWeakTable<Rulebook, RuleOfAnswer[]> Known = [];

    /// <summary>The strictest that holds; null: none does.</summary>
    /// <param name="rulebook">The rules.</param>
    /// <param name="places">ISO 3166 codes of where the person is, or may be.</param>
    /// <param name="channels">The channels that the statement is about.</param>
    /// <param name="at">When it was made.</param>
    public static ResultDuty? Of(Rulebook rulebook, IReadOnlyCollection<string> places, ChannelSet channels, Instant at)
    {
        ArgumentNullException.ThrowIfNull(rulebook);
        ArgumentNullException.ThrowIfNull(places);
        ResultDuty? strictest = null;
        foreach (var one in Known.GetValue(rulebook, static rules => [.. OfAnswers(rules)]))
        {
            string[] here = [.. places.Where(place => one.Covers.Contains(place) || one.Covers.Contains(Whereabouts.CountryOf(place)))];
            if (here.Length == 0 || !MayConcern(one.Rule, channels))
                continue;
            var duty = new ResultDuty(one.Rule, one.Within, [.. here.SelectMany(PlaceZones.Of).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)], here.Length == places.Count);
            var day = duty.DayOf(at);
            if ((one.Rule.FromIsAtLatest || one.Rule.From <= day) && (one.Rule.Until is not { } until || day < until) && (strictest is null || duty.DueOf(at) < strictest.DueOf(at)))
                strictest = duty;
        }

        return strictest;
    }

    /// <summary>The day of a statement; where zones differ, the earliest.</summary>
    public LocalDate DayOf(Instant at) => Clocks().Min(zone => at.InZone(zone).Date);

    /// <summary>The last day on which they may be told.</summary>
    public LocalDate DueOf(Instant at) => DayOf(at) + Within;

    /// <summary>The first instant at which it is too late.</summary>
    public Instant LateAt(Instant at) => Clocks().Min(zone => zone.AtStartOfDay(DueOf(at).PlusDays(1)).ToInstant());

    // A place without a zone of its own has the days of Greenwich.
    private IEnumerable<DateTimeZone> Clocks() => Zones.Select(static zone => DateTimeZoneProviders.Tzdb.GetZoneOrNull(zone)).OfType<DateTimeZone>().DefaultIfEmpty(DateTimeZone.Utc);

    private static IEnumerable<RuleOfAnswer> OfAnswers(Rulebook rulebook) =>
        from rule in rulebook.Rules
        where rule.State == RuleState.InForce
        from duty in rule.Obliges
        where duty.Detail is { OfAnswer: true, Within: not null }
        from pack in rulebook.Packs
        where pack.Name == rule.JudgesAs
        select new RuleOfAnswer(rule, duty.Detail!.Within!, pack.Covers);

    private static bool MayConcern(Rule rule, ChannelSet channels) => rule.When.OfType<WordCondition>().All(condition => condition.What switch
    {
        WordFact.Channel => ((int)channels & condition.Words) != 0,
        WordFact.Class => (condition.Words >> (int)ContactClass.Marketing & 1) != 0,
        _ => true,
    });

    private sealed record RuleOfAnswer(Rule Rule, Period Within, IReadOnlySet<string> Covers);
}
