using Ringfence.Gate;

namespace Ringfence.Rules.House;

/// <summary>Whether a house rule speaks of the same contacts as a rule of law.</summary>
internal static class HouseOverlap
{
    private const uint AllWords = uint.MaxValue;

    /// <summary>
    /// Whether they share a channel, a class and a kind of person, and the law asks nothing else that the house rule does not ask as well: a law for some
    /// trades or sellers is no contradiction to a figure for all.
    /// </summary>
    public static bool Meet(Rule house, Rule law)
    {
        if (house.ConsentTerm is { } term && law.ConsentTerm is { } other)
            return (term.Channels & other.Channels) != 0;
        if ((Words(house, WordFact.Channel) & Words(law, WordFact.Channel)) == 0 || (Words(house, WordFact.Class) & Words(law, WordFact.Class)) == 0 ||
            (Words(house, WordFact.Audience) & Words(law, WordFact.Audience)) == 0)
            return false;
        return law.When.All(condition => condition switch
        {
            WordCondition { What: WordFact.Channel or WordFact.Class or WordFact.Audience } or PlaceCondition => true,
            WordCondition word => (Words(house, word.What) & ~word.Words) == 0,
            _ => house.When.Contains(condition),
        });
    }

    /// <summary>Whether the rule judges people of a place.</summary>
    public static bool Covers(Rule law, string place, Rulebook book)
    {
        if (law.ConsentTerm is { Where.Count: > 0 } term)
            return term.Where.Contains(place) || term.Where.Contains(Whereabouts.CountryOf(place));
        if (law.When.OfType<PlaceCondition>().FirstOrDefault() is { } asked && !asked.Places.Contains(place) && !asked.Places.Contains(Whereabouts.CountryOf(place)))
            return false;
        if (book.Packs.FirstOrDefault(pack => pack.Name == law.JudgesAs) is not { } pack)
            return false;
        return pack.Everywhere || (pack.Rest ? Fills(law, place, book) : Covers(pack, place));
    }

    private static bool Fills(Rule law, string place, Rulebook book)
    {
        var own = book.Packs.Where(pack => !pack.Baseline && Covers(pack, place)).ToArray();
        return own.Length == 0 || own.Any(pack => (pack.StrictDefault & law.Aspect) != 0);
    }

    private static bool Covers(Pack pack, string place) => pack.Covers.Contains(place) || pack.Covers.Contains(Whereabouts.CountryOf(place));

    private static uint Words(Rule rule, WordFact fact) => rule.When.OfType<WordCondition>().FirstOrDefault(condition => condition.What == fact)?.Words ?? AllWords;
}
