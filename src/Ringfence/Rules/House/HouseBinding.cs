using NodaTime;
using NodaTime.Text;
using Ringfence.Files;
using Ringfence.Gate;

namespace Ringfence.Rules.House;

/// <summary>Puts house rules on a rulebook, and refuses those that would loosen it.</summary>
/// <remarks>
/// Invariant: a house rule is added, never put in the place of another, so that it can't take a reason away. What is refused here besides would
/// have no effect and makes believe it had one.
/// </remarks>
internal static class HouseBinding
{
    /// <summary>The pack and the rules that come on top.</summary>
    /// <exception cref="RuleFileException">A rule would be loosened, or one that is named is not there.</exception>
    public static (Pack Pack, IReadOnlyList<Rule> Rules) Bind(HouseRules house, Rulebook book)
    {
        var packs = book.Packs.ToDictionary(static pack => pack.Name, StringComparer.Ordinal);
        if (packs.ContainsKey(house.PackName))
            throw RuleFileException.At(new FilePlace(house.File, 1, 1), $"house rules of the name '{house.Name}' are in force already");

        foreach (var waived in house.Waiving)
            CheckWaiver(waived, book, packs);
        var rules = new List<Rule>();
        foreach (var stated in house.Stated)
        {
            if (book.Rules.FirstOrDefault(rule => rule.Id == stated.Rule.Id) is { } same)
                throw stated.Map.Wrong("id", $"'{same.Id}' is the id of a rule in {same.File} already");
            if (stated.Rule.InsteadOf is { } id)
            {
                rules.AddRange(Standing(stated, id, book));
                continue;
            }

            CheckPlace(stated, house, book);
            rules.Add(stated.Rule);
        }

        return (HouseReader.PackOf(house.Name, house.Title) with { Digest = house.Digest }, rules);
    }

    private static void CheckWaiver(FileText waived, Rulebook book, Dictionary<string, Pack> packs)
    {
        var versions = book.Rules.Where(rule => rule.Id == waived.Text).ToArray();
        if (versions.Length == 0)
            throw RuleFileException.At(waived.At, NoRule(waived.Text, book));
        if (versions.FirstOrDefault(static rule => rule.Grade is not ("self-regulation" or "house")) is { } law)
            throw RuleFileException.At(waived.At, $"'waives': {law.Id} is of grade {law.Grade}; only self-regulation and policy can be set aside");
        if (versions.Any(rule => packs.GetValueOrDefault(rule.Pack) is { Rest: true }))
            throw RuleFileException.At(waived.At, $"'waives': {waived.Text} stands in for law that nobody has stated yet, and can't be set aside");
        if (versions.Any(rule => packs.GetValueOrDefault(rule.Pack) is { IsHouse: true }))
            throw RuleFileException.At(waived.At, $"'waives': {waived.Text} is a rule of other house rules; change it there");
    }

    /// <summary>Figures for another rule: one rule for each of its versions, in the same conditions.</summary>
    private static IEnumerable<Rule> Standing(HouseRule stated, string id, Rulebook book)
    {
        var versions = book.Rules.Where(rule => rule.Id == id).ToArray();
        if (versions.Length == 0)
            throw stated.Map.Wrong("instead-of", NoRule(id, book));
        var bound = versions.Where(version => version.State == RuleState.InForce && Meet(stated.Rule, version)).ToArray();
        if (bound.Length == 0)
            throw stated.Map.Wrong("instead-of", $"{id} is not in force then");
        foreach (var version in bound)
        {
            var called = versions.Length == 1 ? id : $"{id} of {LocalDatePattern.Iso.Format(version.From)}";
            if (KindOf(version) != KindOf(stated.Rule))
                throw stated.Map.Wrong(stated.BodyKey!, $"{called} states {WordOf(version)}, not {stated.BodyKey}");
            var rule = HouseFigures.Of(stated, version);
            if (Looser(rule, version, called) is { } how)
                throw stated.Map.Wrong(stated.BodyKey!, how);
            yield return rule with
            {
                When = version.When,
                Unless = version.Unless,
                Reaches = version.Reaches,
                Aspect = version.Aspect,
                JudgesLike = version.JudgesAs,
                // A day before which it may have held already limits nothing.
                From = version.FromIsAtLatest || (!rule.FromIsAtLatest && rule.From > version.From) ? rule.From : version.From,
                FromIsAtLatest = rule.FromIsAtLatest && version.FromIsAtLatest,
                Until = Earlier(rule.Until, version.Until),
            };
        }
    }

    /// <summary>A rule that names a place must not state what a rule of that place contradicts.</summary>
    private static void CheckPlace(HouseRule stated, HouseRules house, Rulebook book)
    {
        var rule = stated.Rule;
        var places = rule.ConsentTerm?.Where ?? rule.When.OfType<PlaceCondition>().FirstOrDefault()?.Places;
        if (places is null or { Count: 0 } || KindOf(rule) is null || rule.Body is HoursBody hours && HouseReader.IsAlwaysOpen(hours))
            return;
        foreach (var law in book.Rules)
        {
            if (law.State != RuleState.InForce || KindOf(law) != KindOf(rule) || house.Waives.Contains(law.Id) || !Meet(rule, law) || !HouseOverlap.Meet(rule, law))
                continue;
            if (places.FirstOrDefault(place => HouseOverlap.Covers(law, place, book)) is not { } place || Contradicts(rule, law) is not { } how)
                continue;
            var policy = law.Grade is "self-regulation" or "house" ? "; 'waives' can set that policy aside" : "";
            throw stated.Map.Wrong(stated.BodyKey!, $"in {place} this {how}{policy}");
        }
    }

    // Hours say of every minute whether it is open. Two counts may each be the stricter one in its own way: there, only one that is looser in everything contradicts.
    private static string? Contradicts(Rule rule, Rule law) =>
        rule.Body is CapBody or CoolDownBody && Looser(law, rule, "") is not null ? null : Looser(rule, law, law.Id);

    /// <summary>Whether figures are shown to be as strict as others in all; rules without figures are, where all else is the same.</summary>
    internal static bool IsAsStrict(Rule rule, Rule law) =>
        KindOf(rule) == KindOf(law) && (KindOf(rule) is null || Looser(rule, law, "") is null)
        && (rule.ConsentTerm is not { } term || law.ConsentTerm is not { } other || (term.Where.IsSupersetOf(other.Where) && (term.Reconfirm || !other.Reconfirm)));

    /// <summary>The key behind which the figures of a rule stand; null: it states none.</summary>
    internal static string? BodyKeyOf(Rule rule) => KindOf(rule)?.Split(' ')[0];

    /// <summary>In what a rule is looser than another of its kind; null where it is as strict in all.</summary>
    private static string? Looser(Rule rule, Rule law, string called) => (rule.Body, law.Body) switch
    {
        (HoursBody a, HoursBody b) => LooserHours.Than(a, b, called),
        (CapBody a, CapBody b) => LooserCounts.Cap(a, b, called),
        (CoolDownBody a, CoolDownBody b) => LooserCounts.Rest(a, b, called),
        (RegisterBody a, RegisterBody b) => LooserAges.Register(a, b, called),
        _ => rule.ConsentTerm is { } term && law.ConsentTerm is { } other ? LooserAges.Term(term, other, called) : null,
    };

    /// <summary>What kind of figures a rule states; null for none. Two registers are of one kind where they have one name.</summary>
    private static string? KindOf(Rule rule) => rule switch
    {
        { ConsentTerm: not null } => "consent-term",
        { Body: HoursBody } => "hours",
        { Body: CapBody } => "cap",
        { Body: CoolDownBody } => "cool-down",
        { Body: RegisterBody register } => $"register {register.Name}",
        _ => null,
    };

    private static string WordOf(Rule rule) => KindOf(rule) ?? "no figures";

    private static bool Meet(Rule a, Rule b) =>
        (b.Until is not { } until || a.FromIsAtLatest || a.From < until) && (a.Until is not { } end || b.FromIsAtLatest || b.From < end);

    private static LocalDate? Earlier(LocalDate? a, LocalDate? b) => a is null ? b : b is null || a < b ? a : b;

    private static string NoRule(string id, Rulebook book) =>
        $"there is no rule '{id}'{(Spelling.Nearest(id, [.. book.Rules.Select(static rule => rule.Id).Distinct()]) is { } near ? $"; was '{near}' meant?" : "")}";
}
