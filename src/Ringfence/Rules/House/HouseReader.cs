using System.Security.Cryptography;
using System.Text;
using NodaTime;
using Ringfence.Files;
using Ringfence.Rules.Calendars;

namespace Ringfence.Rules.House;

/// <summary>Reads a file of house rules by itself, strictly; whether it goes with a rulebook is for <see cref="HouseBinding"/>.</summary>
internal static class HouseReader
{
    /// <summary>What the ids of house rules begin with.</summary>
    public const string Prefix = "house-";

    // A rule without a first day always held: that of a house file is the day it is used from, which its digest tells.
    private static readonly LocalDate Always = new(1, 1, 1);

    private const byte AllWeek = 0b111_1111;
    private const int DayInSeconds = 24 * 60 * 60;

    // The bodies that state figures, which another rule's may stand in for.
    private static readonly string[] WithFigures = ["hours", "cap", "cool-down", "register", "consent-term"];

    /// <summary>Reads a file.</summary>
    /// <exception cref="RuleFileException">It is not in order.</exception>
    public static HouseRules Read(string file, string text)
    {
        using var reader = new StringReader(text);
        var map = RuleMap.Read(file, reader);
        var name = map.Name("house");
        var title = map.Has("name") ? TextsOf(map, "name") : new RuleText($"House rules: {name}", $"内部规则：{name}", $"內部規則：{name}");
        var pack = PackOf(name, title);
        var rules = map.Maps("rules").Select(rule => RuleOf(file, rule, name, pack)).ToArray();
        _ = map.Names("waives");
        var waives = map.Items("waives");
        map.Done();

        if (rules.Length == 0 && waives.Count == 0)
            throw map.Missing("rules");
        foreach (var same in rules.GroupBy(static rule => rule.Rule.Id).Where(static same => same.Count() > 1))
            throw same.Last().Map.Wrong("id", $"'{same.Key}' stands in this file already");
        return new HouseRules(file, text, name, title, DigestOf(text), waives, rules);
    }

    /// <summary>The pack of a house file: it covers everywhere, as it is the sender's own.</summary>
    public static Pack PackOf(string name, RuleText title) =>
        new() { Name = Prefix + name, Prefix = Prefix + name, Title = title, Covers = new HashSet<string>(), Everywhere = true, IsHouse = true };

    private static HouseRule RuleOf(string file, RuleMap map, string house, Pack pack)
    {
        var conditions = new ConditionReader(PlaceGroups.Shipped, null);
        var when = map.OptionalMap("when") is { } asked ? conditions.All(asked) : [];
        var bodies = new BodyReader(map, conditions, PlaceGroups.Shipped, pack, when);
        var rule = new Rule
        {
            File = file,
            Id = map.Name("id"),
            Says = TextsOf(map, "says"),
            Cites = map.OptionalText("cites") ?? $"House rules, {house}",
            Sources = [.. map.Addresses("source")],
            Certainty = "verified",
            Grade = "house",
            IsOfHouse = true,
            From = map.OptionalDay("from") ?? Always,
            FromIsAtLatest = !map.Has("from"),
            Until = map.OptionalDay("until"),
            Reading = map.OptionalText("reading"),
            Pack = pack.Name,
            When = when,
            Unless = [.. map.Maps("unless").Select(conditions.Alternative)],
            InsteadOf = map.OptionalName("instead-of"),
            ConsentTerm = bodies.ConsentTerm(),
            Body = bodies.Body(),
            Obliges = ObligationReader.Read(map),
            ObligesOnlyWhenApplied = map.Has("obliges-when") && map.OneOf("obliges-when", "applied") == "applied",
        };
        if (map.Has("exposure"))
            throw map.Wrong("exposure", "what a breach costs is for the law to say");
        map.Done();
        Check(map, rule, bodies.Stated);
        return new HouseRule(map, rule);
    }

    private static void Check(RuleMap map, Rule rule, IReadOnlyList<string> bodies)
    {
        if (!rule.Id.StartsWith(Prefix, StringComparison.Ordinal))
            throw map.Wrong("id", $"'{rule.Id}' has to begin with '{Prefix}', so that nobody takes it for law");
        if (bodies.Count > 1)
            throw map.Wrong(bodies[1], $"a rule has one body, and this one has {string.Join(" and ", bodies)}");
        if (bodies.Count == 0 && rule.Obliges.Count == 0)
            throw map.Missing(string.Join("', '", BodyReader.Bodies.Where(static body => body != "exposure")));
        if (rule.Until <= rule.From)
            throw map.Wrong("until", "the end is not after the beginning");
        if (rule.ObligesOnlyWhenApplied && rule.Obliges.Count == 0)
            throw map.Missing("obliges");
        foreach (var (key, calendar) in CalendarUse.Of(rule).Where(static use => !HolidayCalendars.Shipped.Names.Contains(use.Calendar)))
            throw map.Wrong(key, $"there is no calendar '{calendar}'");

        var conditional = map.Has("when") ? "when" : map.Has("unless") ? "unless" : null;
        if (rule.InsteadOf is not null && (bodies.Count == 0 || !WithFigures.Contains(bodies[0])))
            throw map.Wrong("instead-of", $"gives other figures; only {string.Join(", ", WithFigures)} have any");
        if (rule.InsteadOf is not null && conditional is not null)
            throw map.Wrong(conditional, $"is that of {rule.InsteadOf}; a rule with conditions of its own comes on top, without 'instead-of'");
        if (rule.ConsentTerm is not null && conditional is not null)
            throw map.Wrong(conditional, "consent-term states whom it reaches by 'where' and 'channels'");
        if (rule.InsteadOf is not null && map.OptionalMap("consent-term")?.Has("where") == true)
            throw map.Wrong("consent-term", $"'where' is that of {rule.InsteadOf}");
        if (rule is { Body: HoursBody { ClosedOn.Count: 0 } hours, InsteadOf: null } && IsAlwaysOpen(hours))
            throw map.Wrong("hours", "these are open around the clock, and close nothing");
    }

    /// <summary>Whether the windows of the week leave nothing closed: such hours only name days.</summary>
    public static bool IsAlwaysOpen(HoursBody hours) =>
        (hours.Open.Where(static window => window is { From: 0, Until: DayInSeconds }).Aggregate(0, static (days, window) => days | window.Days) & AllWeek) == AllWeek;

    /// <summary>A text in one language or more; what is not there is said in another, the nearest first.</summary>
    private static RuleText TextsOf(RuleMap map, string key)
    {
        if (map.Find(key) is FileText)
        {
            var one = map.Text(key);
            return new RuleText(one, one, one);
        }

        var texts = map.Map(key);
        var (en, hans, hant) = (texts.OptionalText("en"), texts.OptionalText("zh-Hans"), texts.OptionalText("zh-Hant"));
        texts.Done();
        if ((en ?? hans ?? hant) is not { } any)
            throw map.Wrong(key, "no language is there; known are en, zh-Hans, zh-Hant");
        return new RuleText(en ?? any, hans ?? hant ?? any, hant ?? hans ?? any);
    }

    // Not over the path: the same rules have one digest, wherever they lie.
    private static string DigestOf(string text)
    {
        var content = text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        return $"sha256:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(content)))}";
    }
}
