using NodaTime;
using Ringfence.Numbers;

namespace Ringfence.Rules;

/// <summary>How long a consent lasts where the law itself sets a term.</summary>
public static class ConsentTerms
{
    // Asked once per consent of a list: by country, so that where no law sets a term the answer costs next to nothing.
    // A consent that only has to be confirmed, or whose time runs from the person's last act, has not ended by what a list tells.
    private static readonly Lazy<Dictionary<Region, Rule[]>> Terms = new(() => Rulebook.Shipped.OfAudit
        .Where(rule => rule.ConsentTerm is { Reconfirm: false, Counts: not ConsentClock.Activity })
        .SelectMany(rule => rule.ConsentTerm?.Where ?? new HashSet<string>(), (rule, place) => (Place: Region.Of(place), Rule: rule))
        .GroupBy(pair => pair.Place, pair => pair.Rule)
        .ToDictionary(rules => rules.Key, rules => rules.ToArray()));

    /// <summary>The last day, in force on <paramref name="asOf"/>, on which a consent still holds; null where the law sets no term.</summary>
    /// <remarks>For a consent that states no end of its own; for one that does, give it as <c>agreedUntil</c>.</remarks>
    public static LocalDate? LastDay(Region place, Channel channel, LocalDate givenOn, LocalDate asOf) =>
        LastDay(place, channel, givenOn, null, asOf);

    /// <summary>The last day on which a consent still holds by law, by what was agreed, or by both; null where neither ends it.</summary>
    /// <param name="place">The country of the person; none sets no term.</param>
    /// <param name="channel">The channel of the contact.</param>
    /// <param name="givenOn">The day it was given or last expressly renewed.</param>
    /// <param name="agreedUntil">The last day that the consent itself states; null where it states none.</param>
    /// <param name="asOf">The day whose law counts.</param>
    /// <remarks>
    /// Our reading: of "within two years", "at most one year" and "after three months" the anniversary is outside, so the last day
    /// is the one before it. Where several terms apply the earliest ends the consent.
    /// </remarks>
    public static LocalDate? LastDay(Region place, Channel channel, LocalDate givenOn, LocalDate? agreedUntil, LocalDate asOf)
    {
        var last = agreedUntil;
        if (!Terms.Value.TryGetValue(place, out var rules))
            return last;

        foreach (var rule in rules)
        {
            var term = rule.ConsentTerm!;
            if (!rule.HoldsOn(asOf) || !term.Channels.Has(channel))
                continue;
            if (agreedUntil is not null && !term.EvenIfLongerAgreed)
                continue;
            var end = EndOf(givenOn, term.Lasts);
            last = last is { } other && other < end ? other : end;
        }

        return last;
    }

    // A year so late that the term leaves the calendar has not ended.
    private static LocalDate EndOf(LocalDate givenOn, Period lasts) =>
        givenOn.Calendar.MaxYear - givenOn.Year <= lasts.Years + (lasts.Months / 12) + 1 ? LocalDate.MaxIsoValue : (givenOn + lasts).PlusDays(-1);
}
