namespace Ringfence.Rules.House;

/// <summary>Figures that stand in for those of another rule: what they leave out stays as it is there.</summary>
internal static class HouseFigures
{
    /// <summary>The rule with what it does not state taken from the rule it gives figures for; both are of one kind.</summary>
    public static Rule Of(HouseRule stated, Rule law)
    {
        var map = stated.Map.Map(stated.BodyKey!);
        var rule = stated.Rule;
        if (rule.ConsentTerm is { } term && law.ConsentTerm is { } other)
            return rule with { ConsentTerm = term with { Where = other.Where, Counts = map.Has("counts") ? term.Counts : other.Counts, Reconfirm = map.Has("then") ? term.Reconfirm : other.Reconfirm } };
        return rule with
        {
            Body = (rule.Body, law.Body) switch
            {
                (HoursBody own, HoursBody its) => own with
                {
                    ClosedOn = map.Has("closed-on") ? own.ClosedOn : its.ClosedOn,
                    OnPersonsClock = map.Has("clock") ? own.OnPersonsClock : its.OnPersonsClock,
                    FixedClocks = map.Has("clock") ? own.FixedClocks : its.FixedClocks,
                },
                (CapBody own, CapBody its) => own with
                {
                    Channels = map.Has("channels") ? own.Channels : its.Channels,
                    Outcomes = map.Has("outcomes") ? own.Outcomes : its.Outcomes,
                    Key = map.Has("key") ? own.Key : its.Key,
                },
                (CoolDownBody own, CoolDownBody its) => own with
                {
                    Channels = map.Has("channels") ? own.Channels : its.Channels,
                    Key = map.Has("key") ? own.Key : its.Key,
                },
                (RegisterBody own, RegisterBody its) => own with
                {
                    Screened = own.Screened ?? its.Screened,
                    BindsAfter = map.Has("binds-after") ? own.BindsAfter : its.BindsAfter,
                    BindsFromPublished = map.Has("binds-after") ? own.BindsFromPublished : its.BindsFromPublished,
                    OptIn = map.Has("opt-in") ? own.OptIn : its.OptIn,
                    Supersedes = map.Has("supersedes") ? own.Supersedes : its.Supersedes,
                },
                var (own, _) => own,
            },
        };
    }
}
