using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Ringfence.Numbers;
using Ringfence.Rules;

namespace Ringfence.Gate;

/// <summary>All that rules ask of a telephone number, without the number: a verdict on these is the verdict on the number.</summary>
/// <remarks>Coarse enough to be kept where no number may be, so that the verdict can be computed anew when the number is long forgotten.</remarks>
public sealed record NumberFacts
{
    // What stands for the number itself in a history: rules ask whether it was the same one.
    internal const string Same = "same";
    internal const string Another = "other";

    private const int MostSets = 20_000;
    private static readonly ConcurrentDictionary<string, string[]> Sets = new(StringComparer.Ordinal);
    private static readonly ConditionalWeakTable<Rulebook, string[]> Beginnings = [];

    private readonly string[] zones = [];
    private readonly string[] states = [];

    /// <summary>Whether it is a number at all; if not, the rest is as good as not stated.</summary>
    public bool IsValid { get; init; } = true;

    /// <summary>ISO 3166-1 alpha-2, or <c>001</c>; none where no country's plan has it.</summary>
    public Region Region { get; init; }

    public NumberType Type { get; init; }

    /// <summary>Where the line may be, by tz name: of a landline its own zones, of any other those it can be carried about in.</summary>
    public IReadOnlyList<string> Zones { get => zones; init => zones = Shared(value); }

    /// <summary>States of its area code, ISO 3166-2.</summary>
    public IReadOnlyList<string> States { get => states; init => states = Shared(value); }

    /// <summary>As much of its beginning as rules look at, such as <c>+1264</c>; empty where none looks at it.</summary>
    public string Begins { get; init; } = "";

    internal string[] ZoneSet => zones;

    internal string[] StateSet => states;

    /// <summary>What rules ask of a person's number; null where none is stated.</summary>
    public static NumberFacts? Of(ContactedPerson person, Rulebook rules)
    {
        ArgumentNullException.ThrowIfNull(person);
        if (person.Phone is not { } phone)
            return person.Number;
        var number = NumberReader.Read(phone, Region.None).Number;
        var begins = BeginningOf(phone, rules);
        if (number.Digits == 0)
            return new NumberFacts { IsValid = false, Begins = begins };
        return new NumberFacts
        {
            Region = number.Region,
            Type = number.Type,
            Zones = Whereabouts.IsLandline(person, number.Type) ? number.Zones : number.ZonesIfMobile,
            States = number.Subdivisions,
            Begins = begins,
        };
    }

    /// <summary>As much of a number's beginning as rules look at: the longest beginning any of them names that it has.</summary>
    public static string BeginningOf(string number, Rulebook rules)
    {
        ArgumentNullException.ThrowIfNull(number);
        ArgumentNullException.ThrowIfNull(rules);
        foreach (var beginning in BeginningsOf(rules))
        {
            if (number.StartsWith(beginning, StringComparison.Ordinal))
                return beginning;
        }

        return "";
    }

    /// <summary>The beginnings that rules look at, the longest first.</summary>
    internal static string[] BeginningsOf(Rulebook rules) => Beginnings.GetValue(rules, LongestFirst);

    /// <summary>Compares by what it holds.</summary>
    public bool Equals(NumberFacts? other) =>
        other is not null && IsValid == other.IsValid && Region == other.Region && Type == other.Type && Begins == other.Begins
        && zones.AsSpan().SequenceEqual(other.zones) && states.AsSpan().SequenceEqual(other.states);

    public override int GetHashCode() => HashCode.Combine(IsValid, Region, Type, Begins, zones.Length, states.Length);

    // Whoever begins with the longest one begins with all shorter ones of the same beginning, and with no other.
    private static string[] LongestFirst(Rulebook rules) =>
    [
        .. rules.Rules.SelectMany(ConditionsOf).SelectMany(static condition => condition switch
        {
            NumberCondition { Prefixes: { } prefixes } => prefixes,
            CallerIdPrefixCondition caller => caller.Prefixes,
            _ => [],
        }).Distinct(StringComparer.Ordinal).OrderByDescending(static prefix => prefix.Length).ThenBy(static prefix => prefix, StringComparer.Ordinal),
    ];

    private static IEnumerable<Condition> ConditionsOf(Rule rule) => rule.When
        .Concat(rule.Unless.SelectMany(static entry => entry.Conditions))
        .Concat(rule.Body switch
        {
            GroundBody ground => ground.AnyOf.SelectMany(static entry => entry.Conditions),
            DemandBody demand => demand.Conditions,
            _ => [],
        });

    // One array for equal lists, as the numbering plan has them: what is known of a place is found by them.
    private static string[] Shared(IReadOnlyList<string> names)
    {
        if (names is string[] { Length: 0 } none)
            return none;
        var key = string.Join('\n', names);
        if (Sets.TryGetValue(key, out var known))
            return known;
        string[] made = [.. names];
        return Sets.Count < MostSets ? Sets.GetOrAdd(key, made) : made;
    }
}
