using System.Collections.Concurrent;
using System.Collections.Immutable;
using Ringfence.Rules;

namespace Ringfence.Gate;

/// <summary>One rule that may judge a contact, ready to be asked.</summary>
internal sealed class JudgingRule(Rule rule, bool candidate)
{
    public Rule Rule { get; } = rule;

    /// <summary>Whether it judges only because of one of several places where the person may be.</summary>
    public bool Candidate { get; } = candidate;

    public Condition[] When { get; } = [.. rule.When];

    public JudgingAlternative[] Unless { get; } = [.. rule.Unless.Select(one => new JudgingAlternative(rule, one))];

    /// <summary>The alternatives of a ground; empty for every other rule.</summary>
    public JudgingAlternative[] Grounds { get; } = rule.Body is GroundBody ground ? [.. ground.AnyOf.Select(one => new JudgingAlternative(rule, one))] : [];

    /// <summary>The conditions of a demand; empty for every other rule.</summary>
    public Condition[] Demanded { get; } = rule.Body is DemandBody demand ? [.. demand.Conditions] : [];

    public (Obligation Duty, Notices Once)[] Duties { get; } = JudgingAlternative.Of(rule, rule.Obliges);

    /// <summary>What is said because the rule is contested; null where it is not.</summary>
    public VerdictNote? Contested { get; } = rule.Contested is null ? null : new VerdictNote("contested", null, rule);

    /// <summary>What a note says; null for every other rule.</summary>
    public VerdictNote? Note { get; } = rule.Body is NoteBody note ? new VerdictNote(note.Code, null, rule) : null;

    public ReasonMarks Marks { get; } =
        (candidate ? ReasonMarks.Candidates : 0) | (rule.Contested is null ? 0 : ReasonMarks.Contested) | (rule.Grade == "house" ? ReasonMarks.House : 0);
}

/// <summary>A set of conditions of a rule, ready to be asked, with the duties that come with it.</summary>
internal sealed class JudgingAlternative(Rule rule, Alternative alternative)
{
    public Condition[] Conditions { get; } = [.. alternative.Conditions];

    public (Obligation Duty, Notices Once)[] Duties { get; } = Of(rule, alternative.Obliges);

    public static (Obligation Duty, Notices Once)[] Of(Rule rule, IReadOnlyList<RuleObligation> obliges) =>
        [.. obliges.Select(duty => (new Obligation(duty.Code, rule, duty.Detail), duty.Once))];
}

/// <summary>The rules that judge contacts of one channel with people of one whereabouts, and what has to be said about them.</summary>
/// <param name="Rules">The rules, those of other channels left out.</param>
/// <param name="Terms">How long consents last there.</param>
/// <param name="Superseding">Those of the rules by which an entry in a register cancels consents.</param>
/// <param name="Packs">The packs they come from.</param>
/// <param name="Notes">What has to be said about the places.</param>
internal sealed record JudgingRules(
    ImmutableArray<JudgingRule> Rules, ImmutableArray<Rule> Terms, ImmutableArray<JudgingRule> Superseding, ImmutableArray<Pack> Packs, ImmutableArray<VerdictNote> Notes);

/// <summary>Finds the rules that judge.</summary>
internal sealed class RuleSelection
{
    private const int MostKnown = 20_000;

    private readonly Rulebook book;
    private readonly Dictionary<string, Pack> packs;
    private readonly ConcurrentDictionary<(Whereabouts Where, Channel Channel, string? Seller), JudgingRules> known = new();

    public RuleSelection(Rulebook book)
    {
        this.book = book;
        packs = book.Packs.ToDictionary(pack => pack.Name, StringComparer.Ordinal);
    }

    /// <summary>The rules for one kind of contact.</summary>
    public JudgingRules Of(Whereabouts where, Channel channel, string? sellerCountry)
    {
        var key = (where, channel, sellerCountry);
        if (known.TryGetValue(key, out var rules))
            return rules;
        rules = Select(where, channel, sellerCountry);
        if (known.Count < MostKnown)
            known.TryAdd(key, rules);
        return rules;
    }

    private JudgingRules Select(Whereabouts where, Channel channel, string? seller)
    {
        var places = Candidates(where);
        var judging = ImmutableArray.CreateBuilder<JudgingRule>();
        var used = new SortedSet<string>(StringComparer.Ordinal);
        var filled = Filled(where, places);
        foreach (var rule in book.Rules)
        {
            if (rule.State != RuleState.InForce || rule.Exposure is not null || rule.ConsentTerm is not null || !packs.TryGetValue(rule.JudgesAs, out var pack))
                continue;
            if (Judges(rule, pack, where, places, seller, filled) is not { } candidate)
                continue;
            used.Add(rule.Pack);
            if (rule.When.OfType<WordCondition>().All(c => c.What != WordFact.Channel || (c.Words >> (int)channel & 1) != 0))
                judging.Add(new JudgingRule(rule, candidate));
        }

        var everywhere = places.SelectMany(place => new[] { place, Whereabouts.CountryOf(place) })
            .Concat(where.NumberCountry is { } country ? [country] : []).ToImmutableHashSet(StringComparer.Ordinal);
        var terms = book.Rules
            .Where(rule => rule.State == RuleState.InForce && rule.ConsentTerm is { } term && term.Channels.Has(channel) && (term.Where.Overlaps(everywhere) || FillsTerm(rule, where, places, seller, filled)))
            .ToArray();
        used.UnionWith(terms.Select(rule => rule.Pack));
        // House rules are named even where none of theirs applies: by what they set aside they decide too.
        foreach (var pack in book.Packs.Where(pack => pack.IsHouse || pack.Covers.Overlaps(everywhere)))
            used.Add(pack.Name);
        return new JudgingRules(
            judging.ToImmutable(), [.. terms], [.. judging.Where(one => one.Rule.Body is RegisterBody { Supersedes: not Superseding.None })],
            [.. used.Where(packs.ContainsKey).Select(name => packs[name])], [.. Notes(places, where)]);
    }

    private bool FillsTerm(Rule rule, Whereabouts where, string[] places, string? seller, Aspects filled) =>
        rule.ConsentTerm!.Where.Count == 0 && packs.TryGetValue(rule.JudgesAs, out var pack) && Judges(rule, pack, where, places, seller, filled) is not null;

    // A country of which only the whole is known may be any of its states that have a pack.
    private string[] Candidates(Whereabouts where) =>
        [.. where.Places.SelectMany(place => place.Length > 2 ? [place] : StatesOf(place) is { Length: > 0 } states ? states : [place])];

    private string[] StatesOf(string country) =>
        [.. book.Packs.SelectMany(pack => pack.Covers).Where(place => place.Length > 2 && Whereabouts.CountryOf(place) == country).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>Whether a rule judges: null where not, else whether only as one of several candidates.</summary>
    private static bool? Judges(Rule rule, Pack pack, Whereabouts where, string[] places, string? seller, Aspects filled)
    {
        if (pack.Everywhere)
            return false;
        if (pack.Rest)
            return (filled & rule.Aspect) != 0 || (filled == Aspects.All && rule.Aspect == 0) ? false : null;

        var reaches = rule.Reaches;
        if (reaches.HasFlag(Reach.Controller) && (seller is null || pack.Covers.Contains(seller)))
            return false;
        if (reaches.HasFlag(Reach.AreaCode) && pack.Covers.Overlaps(where.AreaStates))
            return false;
        if (reaches.HasFlag(Reach.AreaCodeRebuttable) && !where.Documented && pack.Covers.Overlaps(where.AreaStates))
            return false;
        if (!reaches.HasFlag(Reach.Person))
            return null;
        if (where.NumberCountry is { } country && pack.Covers.Contains(country))
            return false;
        var covered = places.Count(place => Covers(pack, place));
        return covered == 0 ? null : covered < places.Length;
    }

    private static bool Covers(Pack pack, string place) => pack.Covers.Contains(place) || pack.Covers.Contains(Whereabouts.CountryOf(place));

    // A place whose pack is silent is filled where that pack says so, one without a pack in everything.
    private Aspects Filled(Whereabouts where, string[] places)
    {
        var all = where.NumberCountry is { } country && !places.Any(place => Whereabouts.CountryOf(place) == country) ? [.. places, country] : places;
        if (all.Length == 0)
            return Aspects.All;
        var filled = Aspects.None;
        foreach (var place in all)
        {
            var own = book.Packs.Where(pack => !pack.Baseline && Covers(pack, place)).ToArray();
            filled |= own.Length == 0 ? Aspects.All : own.Aggregate(Aspects.None, (sum, pack) => sum | pack.StrictDefault);
        }

        return filled;
    }

    private IEnumerable<VerdictNote> Notes(string[] places, Whereabouts where)
    {
        var all = places.Length > 0 ? places : where.NumberCountry is { } country ? [country] : [];
        if (all.Length == 0)
            yield return new VerdictNote("not-reviewed", null, null);
        foreach (var place in all)
        {
            var own = book.Packs.Where(pack => !pack.Baseline && Covers(pack, place)).ToArray();
            var stateless = place.Length > 2 && !own.Any(pack => pack.Covers.Contains(place)) && StatesOf(Whereabouts.CountryOf(place)).Length > 0;
            if (own.Length == 0 || own.Any(pack => pack.Reviewed is null) || stateless)
                yield return new VerdictNote("not-reviewed", place, null);
        }
    }
}
