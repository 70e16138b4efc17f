using NodaTime.Text;
using Ringfence.Gate;

namespace Ringfence.Rules;

/// <summary>Reads rule files, strictly: what is missing, unknown or malformed is an error that names file, line and column.</summary>
internal static class RuleReader
{
    /// <summary>How sure a file is of what it says, the surest first.</summary>
    public static readonly string[] Certainties = ["verified", "secondary", "to-verify"];

    private static readonly string[] Grades = ["statute", "regulation", "case-law", "self-regulation", "platform", "house"];

    /// <summary>Reads one version of a rule.</summary>
    /// <param name="file">Its path, <c>rules/(pack)/(rule)/(first day).yaml</c>, with which the content has to agree.</param>
    /// <param name="text">Its content.</param>
    /// <param name="groups">Groups of places the file may name.</param>
    /// <param name="pack">Its pack; null where the folder has none: then it may only state exposure, or a consent's term with its places.</param>
    /// <exception cref="RuleFileException">The file is not in order.</exception>
    public static Rule Read(string file, TextReader text, PlaceGroups groups, Pack? pack)
    {
        var map = RuleMap.Read(file, text);
        var conditions = new ConditionReader(groups, pack);
        var when = map.OptionalMap("when") is { } asked ? conditions.All(asked) : [];
        var bodies = new BodyReader(map, conditions, groups, pack, when);
        var rule = new Rule
        {
            File = file,
            Id = map.Name("id"),
            Name = map.Has("name") ? map.Texts("name") : null,
            Says = map.Texts("says"),
            Cites = map.Text("cites"),
            Sources = [.. map.Addresses("source"), .. map.Addresses("also")],
            Certainty = map.OneOf("certainty", Certainties),
            Grade = map.OneOf("grade", Grades),
            From = map.Day("from"),
            FromIsAtLatest = map.Has("from-is") && map.OneOf("from-is", "at-latest") == "at-latest",
            Until = map.OptionalDay("until"),
            State = map.Has("state") && map.OneOf("state", "disabled", "suspended") is var state
                ? state == "disabled" ? RuleState.Disabled : RuleState.Suspended
                : RuleState.InForce,
            Contested = map.OptionalText("contested"),
            Reading = map.OptionalText("reading"),
            Pack = file.Split('/') is [_, var folder, ..] ? folder : "",
            Reaches = PackReader.ReachOf(map, pack?.Reaches ?? Reach.Person),
            Aspect = map.Flags<Aspects>("aspect"),
            When = when,
            Unless = [.. map.Maps("unless").Select(conditions.Alternative)],
            Exposure = bodies.Exposure(),
            ConsentTerm = bodies.ConsentTerm(),
            Body = bodies.Body(),
            Obliges = ObligationReader.Read(map),
            ObligesOnlyWhenApplied = map.Has("obliges-when") && map.OneOf("obliges-when", "applied") == "applied",
        };
        map.Done();
        Check(map, rule, pack, bodies.Stated);
        return rule;
    }

    private static void Check(RuleMap map, Rule rule, Pack? pack, IReadOnlyList<string> bodies)
    {
        var isOfAudit = rule.Exposure is not null || rule.ConsentTerm is not null;
        if (bodies.Count > 1)
            throw map.Wrong(bodies[1], $"a rule has one body, and this one has {string.Join(" and ", bodies)}");
        if (bodies.Count == 0 && rule.Obliges.Count == 0)
            throw map.Missing(string.Join("', '", BodyReader.Bodies));
        if (rule.Until <= rule.From)
            throw map.Wrong("until", "the end is not after the beginning");
        if (map.Items("source").Count != 1)
            throw map.Has("source") ? map.Wrong("source", "one address is wanted; the others stand in 'also'") : map.Missing("source");
        if (isOfAudit && rule.Name is null)
            throw map.Missing("name");
        if (!isOfAudit && rule.Name is not null)
            throw map.Wrong("name", "is for exposure and consent-term; other rules are called by their id");
        if (rule.Exposure is not null && (rule.When.Count > 0 || rule.Unless.Count > 0))
            throw map.Wrong(map.Has("when") ? "when" : "unless", "exposure states whom it reaches by 'where' and 'channels'");
        if (rule.Exposure is { } cost && !cost.Jurisdiction.Equals(rule.Pack, StringComparison.OrdinalIgnoreCase))
            throw map.Wrong("exposure", $"jurisdiction '{cost.Jurisdiction}' belongs in rules/{cost.Jurisdiction.ToLowerInvariant()}, not in rules/{rule.Pack}");
        if (rule.ObligesOnlyWhenApplied && rule.Obliges.Count == 0)
            throw map.Missing("obliges");
        if (rule.Exposure is null && pack is null && !isOfAudit)
            throw map.Wrong("id", $"rules/{rule.Pack}/{PackReader.FileName} is missing");
        if (pack is not { Rest: true } && rule.Aspect != Aspects.None)
            throw map.Wrong("aspect", "is for the pack that covers the rest; other packs say strict-default");
        if (rule.File != PathOf(map, rule, pack))
            throw map.Wrong("id", $"by its id and first day the file should be {PathOf(map, rule, pack)}");
    }

    /// <summary>Where a version of a rule lives: its id without the prefix of the pack, marked <c>exposure-</c> where it states a cost.</summary>
    private static string PathOf(RuleMap map, Rule rule, Pack? pack)
    {
        var kind = rule.Exposure is null ? "" : "exposure-";
        var prefix = pack?.Prefix ?? rule.Pack;
        // The regimes of a cost are called by country, whatever its rules begin with.
        if (rule.Exposure is not null && !rule.Id.StartsWith(prefix + "-", StringComparison.Ordinal))
            prefix = rule.Pack;
        if (!rule.Id.StartsWith(prefix + "-", StringComparison.Ordinal))
            throw map.Wrong("id", $"'{rule.Id}' has to begin with the prefix of its pack, '{prefix}-'");
        return $"rules/{rule.Pack}/{kind}{rule.Id[(prefix.Length + 1)..]}/{LocalDatePattern.Iso.Format(rule.From)}.yaml";
    }
}
