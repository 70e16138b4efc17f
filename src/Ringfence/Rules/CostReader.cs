using Ringfence.Files;
using Ringfence.Gate;

namespace Ringfence.Rules;

/// <summary>Reads the bodies that the audit knows too: what a breach may cost, and how long consents last.</summary>
internal static class CostReader
{
    public static ExposureRule Exposure(RuleMap map, PlaceGroups groups)
    {
        var rule = new ExposureRule(
            map.Text("jurisdiction"),
            groups.Places(map, "where"),
            Channels(map),
            map.OneOf("per", "contact", "all") == "contact",
            map.Text("currency"),
            map.OptionalAmount("least"),
            map.OptionalAmount("most"),
            map.OptionalAmount("turnover-percent"),
            map.Names("leaves-out"));
        map.Done();

        if (rule.Jurisdiction != "EU" && !PlaceGroups.IsPlace(rule.Jurisdiction))
            throw map.Wrong("jurisdiction", $"'{rule.Jurisdiction}' is neither EU nor a code of ISO 3166");
        if (rule.Currency.Length != 3 || !rule.Currency.All(char.IsAsciiLetterUpper))
            throw map.Wrong("currency", "three capital letters are wanted");
        if (rule.Most is null && rule.TurnoverPercent is null)
            throw map.Wrong("most", "neither an amount nor a share of turnover is given");
        if (rule.Least > rule.Most)
            throw map.Wrong("least", "is more than the most");
        if (rule.TurnoverPercent > 100)
            throw map.Wrong("turnover-percent", "is more than all");
        return rule;
    }

    public static ConsentTermRule ConsentTerm(RuleMap map, PlaceGroups groups, Pack? pack)
    {
        var rule = new ConsentTermRule(
            map.Has("where") || pack is null ? groups.Places(map, "where") : pack.Covers,
            Channels(map),
            map.Days("lasts"),
            map.OneOf("even-if-longer-agreed", "true", "false") == "true",
            map.OptionalWord<ConsentClock>("counts") ?? ConsentClock.Renewal,
            map.Has("then") && map.OneOf("then", "consent-expired", "reconfirm") == "reconfirm");
        map.Done();
        return rule;
    }

    private static ChannelSet Channels(RuleMap map) => GroundConditions.ChannelsOf(map) ?? throw map.Missing("channels");
}
