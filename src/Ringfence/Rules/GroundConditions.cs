using NodaTime;
using Ringfence.Gate;

namespace Ringfence.Rules;

/// <summary>Reads the conditions on which a contact can rest: a relation, a consent, something that happened.</summary>
internal static class GroundConditions
{
    // More of them in one history is a slip of the pen.
    private const int MostEvents = 1000;

    public static RelationCondition Relation(RuleMap map)
    {
        var relation = new RelationCondition(
            map.Mask<RelationKind>("kinds"),
            map.Has("subject") && map.OneOf("subject", "same") == "same",
            map.True("contactGiven"),
            map.True("refusalOffered"),
            map.True("inForce"),
            AgeOf(map));
        map.Done();
        return relation;
    }

    public static ConsentCondition Consent(RuleMap map)
    {
        var consent = new ConsentCondition
        {
            Needs = map.Has("needs") ? map.AnyFlags<EvidenceItems>("needs") : EvidenceItems.None,
            AnyChannel = map.Has("channel") && map.OneOf("channel", "any") == "any",
            AnyPurpose = map.Has("purpose") && map.OneOf("purpose", "any") == "any",
            Age = AgeOf(map),
            Counts = map.OptionalWord<ConsentClock>("counts") ?? ConsentClock.Grant,
            SinceListing = map.OptionalName("sinceListing"),
            SinceEvent = map.Has("sinceEvent") ? map.Words<Outcome>("sinceEvent").ToHashSet() : null,
            TimeScope = map.Has("timeScope") ? Hours(map.OneOf("timeScope", "slot", "hours", "night")) : HoursAgreed.Any,
            Methods = map.Has("methods") ? map.Words<ConsentMethod>("methods").ToHashSet() : null,
            OnRegister = map.True("onRegister"),
            Request = map.Has("request") ? map.AnyFlags<RequestItems>("request") : RequestItems.None,
        };
        map.Done();
        if (consent.Age is null && map.Has("counts"))
            throw map.Wrong("counts", "from when does what count? 'within' or 'lessThan' is missing");
        return consent;
    }

    public static EventCondition Event(RuleMap map)
    {
        var happened = new EventCondition(
            map.Words<Outcome>("outcomes").ToHashSet(),
            ChannelsOf(map) ?? ChannelSet.None,
            KeyOf(map, "same"),
            AgeOf(map),
            map.Has("atLeast") ? map.Count("atLeast", 1, MostEvents) : 1);
        map.Done();
        return happened;
    }

    /// <summary>The channels named under <c>channels</c>; null where the key is not there.</summary>
    public static ChannelSet? ChannelsOf(RuleMap map) =>
        map.Has("channels") ? (ChannelSet)map.Mask<Channel>("channels") : null;

    /// <summary>What has to be the same; nothing where the key is not there.</summary>
    public static EventKey KeyOf(RuleMap map, string key) =>
        map.Has(key) ? map.AnyFlags<EventKey>(key) : EventKey.None;

    /// <summary>A calendar whose working days are counted, where <c>counting: working-days</c> says so; null where days are just days.</summary>
    public static string? WorkingDaysOf(RuleMap map, string counting)
    {
        if (counting == "working-days")
            return map.Name("calendar");
        return map.Has("calendar") ? throw map.Wrong("calendar", "is for counting: working-days") : null;
    }

    /// <summary><c>within</c> or <c>lessThan</c>, with what is counted; null where neither is there.</summary>
    private static AgeLimit? AgeOf(RuleMap map)
    {
        var inside = map.Has("within");
        if (inside && map.Has("lessThan"))
            throw map.Wrong("lessThan", "either 'within' or 'lessThan'");
        var key = inside ? "within" : "lessThan";
        var lasts = map.OptionalPeriod(key);
        var counting = map.Has("counting") ? map.OneOf("counting", "days", "elapsed", "working-days") : "days";
        var calendar = WorkingDaysOf(map, counting);
        if (lasts is null)
            return map.Has("counting") ? throw map.Wrong("counting", "what is counted? 'within' or 'lessThan' is missing") : null;

        if (counting == "elapsed")
            return new AgeLimit(lasts, inside, null, map.Elapsed(key));
        if (lasts.HasTimeComponent)
            throw map.Wrong(key, "hours need counting: elapsed");
        if (calendar is not null && lasts is not { Years: 0, Months: 0, Weeks: 0 })
            throw map.Wrong(key, "working days are counted in days, such as P10D");
        return new AgeLimit(lasts, inside, calendar, null);
    }

    private static HoursAgreed Hours(string word) => word switch
    {
        "slot" => HoursAgreed.Slot,
        "hours" => HoursAgreed.Hours,
        _ => HoursAgreed.Night,
    };
}
