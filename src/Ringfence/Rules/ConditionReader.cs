using Ringfence.Files;
using Ringfence.Gate;

namespace Ringfence.Rules;

/// <summary>Reads mappings of conditions: <c>when</c>, <c>unless</c>, <c>demand</c>, and the alternatives of a ground.</summary>
internal sealed class ConditionReader(PlaceGroups groups, Pack? pack)
{
    // What stands behind each key; a key may ask several things.
    private static readonly Dictionary<string, Func<ConditionReader, RuleMap, string, IEnumerable<Condition>>> Readers = new(StringComparer.Ordinal)
    {
        ["channel"] = static (_, map, key) => [new WordCondition(WordFact.Channel, map.Mask<Channel>(key))],
        ["technique"] = static (_, map, key) => [new WordCondition(WordFact.Technique, map.Mask<Technique>(key))],
        ["class"] = static (_, map, key) => [new WordCondition(WordFact.Class, map.Mask<ContactClass>(key))],
        ["sector"] = static (_, map, key) => [new WordCondition(WordFact.Sector, map.Mask<Sector>(key))],
        ["audience"] = static (_, map, key) => [new WordCondition(WordFact.Audience, map.Mask<Audience>(key))],
        ["lineType"] = static (_, map, key) => [new WordCondition(WordFact.LineType, map.Mask<LineType>(key))],
        ["sourceKind"] = static (_, map, key) => [new WordCondition(WordFact.SourceKind, map.Mask<ContactSource>(key))],
        ["reassigned"] = static (_, map, key) => [new WordCondition(WordFact.Reassigned, map.Mask<ReassignedAnswer>(key))],
        ["place"] = static (reader, map, key) => [new PlaceCondition(reader.Groups.Places(map, key))],
        ["sellerIs"] = static (_, map, key) => [new SellerIsCondition(map.AnyFlags<SellerKinds>(key))],
        ["sellerCountry"] = static (reader, map, key) => [new SellerCountryCondition(reader.Groups.Places(map, key))],
        ["similar"] = Flag(FlagFact.Similar),
        ["relatesToContract"] = Flag(FlagFact.RelatesToContract),
        ["provenance"] = Flag(FlagFact.Provenance),
        ["verified"] = Flag(FlagFact.Verified),
        ["unlisted"] = Flag(FlagFact.Unlisted),
        ["balancingTest"] = Flag(FlagFact.BalancingTest),
        ["impactAssessment"] = Flag(FlagFact.ImpactAssessment),
        ["agentRegistered"] = Flag(FlagFact.AgentRegistered),
        ["agentTrained"] = Flag(FlagFact.AgentTrained),
        ["callerId"] = static (_, map, key) => CallerId(map.Map(key)),
        ["template"] = static (_, map, key) => Template(map.Map(key)),
        ["holds"] = static (_, map, key) => [new HoldsCondition(map.AnyFlags<ContentBlocks>(key))],
        ["optOutLive"] = static (_, map, key) => [new OptOutLiveCondition(map.Days(key))],
        ["abandonedAtMost"] = static (_, map, key) => [new AbandonedCondition(Percent(map, key))],
        ["selectedBy"] = static (_, map, key) => [new SelectedByCondition(map.AnyFlags<Selection>(key))],
        ["noticeGiven"] = static (_, map, key) => [new NoticeCondition(map.AnyFlags<Notices>(key))],
        ["emergency"] = static (reader, map, key) => reader.Emergency(map, key),
        ["registered"] = static (_, map, key) => Registered(map.Map(key)),
        ["refusedElsewhere"] = static (_, map, key) => map.True(key) ? [new RefusedElsewhereCondition()] : [],
        ["age"] = static (_, map, key) => Age(map.Map(key)),
        ["number"] = static (_, map, key) => Number(map.Map(key)),
        ["relation"] = static (_, map, key) => [GroundConditions.Relation(map.Map(key))],
        ["consent"] = static (_, map, key) => [GroundConditions.Consent(map.Map(key))],
        ["event"] = static (_, map, key) => [GroundConditions.Event(map.Map(key))],
    };

    private PlaceGroups Groups => groups;

    /// <summary>All keys a condition may have.</summary>
    public static IReadOnlyCollection<string> Keys => Readers.Keys;

    /// <summary>Reads a mapping that holds nothing but conditions, one at least.</summary>
    public IReadOnlyList<Condition> All(RuleMap map) => Read(map, null);

    /// <summary>Reads a mapping of conditions that may also oblige.</summary>
    public Alternative Alternative(RuleMap map) => new(Read(map, "obliges"), ObligationReader.Read(map));

    private List<Condition> Read(RuleMap map, string? besides)
    {
        var conditions = new List<Condition>();
        foreach (var key in map.Keys())
        {
            if (key == besides)
                continue;
            if (!Readers.TryGetValue(key, out var read))
                throw RuleFileException.At(map.PlaceOfKey(key), $"unknown condition {Spelling.NoneOf(key, Readers.Keys)}");
            conditions.AddRange(read(this, map, key));
        }

        return conditions.Count > 0 ? conditions : throw RuleFileException.At(map.At, "no condition is named");
    }

    private IEnumerable<Condition> Emergency(RuleMap map, string key)
    {
        _ = map.True(key);
        return pack is { Covers.Count: > 0 } ? [new EmergencyCondition(pack.Covers)] : throw map.Wrong(key, "this pack covers no places");
    }

    private static List<Condition> CallerId(RuleMap map)
    {
        var conditions = new List<Condition>();
        Add("shown", FlagFact.CallerIdShown);
        Add("entitled", FlagFact.CallerIdEntitled);
        Add("directory", FlagFact.CallerIdDirectory);
        Add("answered", FlagFact.CallerIdAnswered);
        Add("registered", FlagFact.CallerIdRegistered);
        if (map.Has("prefix"))
            conditions.Add(new CallerIdPrefixCondition(Prefixes(map)));
        return Complete(map, conditions);

        void Add(string key, FlagFact fact)
        {
            if (map.OptionalFlag(key) is { } wanted)
                conditions.Add(new FlagCondition(fact, wanted));
        }
    }

    private static List<Condition> Template(RuleMap map)
    {
        var conditions = new List<Condition>();
        var categories = map.Has("category") ? map.Mask<TemplateCategory>("category") : 0;
        var states = map.Has("status") ? map.Mask<TemplateStatus>("status") : 0;
        if ((categories | states) != 0)
            conditions.Add(new TemplateCondition(categories, states));
        if (map.OptionalFlag("registered") is { } registered)
            conditions.Add(new FlagCondition(FlagFact.TemplateRegistered, registered));
        return Complete(map, conditions);
    }

    private static List<Condition> Registered(RuleMap map)
    {
        var place = map.Text("place");
        if (!PlaceGroups.IsPlace(place))
            throw map.Wrong("place", $"'{place}' is no code of ISO 3166");
        var kinds = map.Names("kind");
        return kinds.Count == 0
            ? throw (map.Has("kind") ? map.Wrong("kind", "the list is empty") : map.Missing("kind"))
            : Complete(map, [new RegisteredCondition(place, kinds.ToHashSet(StringComparer.Ordinal))]);
    }

    // No law asks for another age than this; above it a minor would no longer be surely under it.
    private static List<Condition> Age(RuleMap map) => Complete(map, [new AgeCondition(map.Count("under", 1, 18))]);

    private static List<Condition> Number(RuleMap map)
    {
        var types = map.Has("type") ? map.Words<LineType>("type").ToHashSet() : null;
        var prefixes = map.Has("prefix") ? Prefixes(map) : null;
        return Complete(map, types is null && prefixes is null ? [] : [new NumberCondition(types, prefixes)]);
    }

    private static IReadOnlyList<string> Prefixes(RuleMap map)
    {
        var items = map.Items("prefix");
        foreach (var item in items)
        {
            if (item.Text.Length is < 2 or > 16 || item.Text[0] != '+' || item.Text.AsSpan(1).ContainsAnyExceptInRange('0', '9'))
                throw RuleFileException.At(item.At, $"'{item.Text}' is no beginning of a number in E.164, such as \"+1264\"");
        }

        return items.Count == 0 ? throw map.Wrong("prefix", "the list is empty") : [.. items.Select(item => item.Text)];
    }

    private static decimal Percent(RuleMap map, string key) =>
        map.OptionalAmount(key) is { } percent and <= 100 ? percent : throw map.Wrong(key, $"'{map.Text(key)}' is no percentage");

    private static List<Condition> Complete(RuleMap map, List<Condition> conditions)
    {
        map.Done();
        return conditions.Count > 0 ? conditions : throw RuleFileException.At(map.At, "nothing is asked");
    }

    private static Func<ConditionReader, RuleMap, string, IEnumerable<Condition>> Flag(FlagFact fact) =>
        (_, map, key) => [new FlagCondition(fact, map.OneOf(key, "true", "false") == "true")];
}
