namespace Ringfence.Rules;

/// <summary>Finds the calendars that a rule names.</summary>
internal static class CalendarUse
{
    /// <summary>Each calendar, with the key of the rule under which it is named.</summary>
    public static IEnumerable<(string Key, string Calendar)> Of(Rule rule) =>
        All(rule).Where(static use => use.Calendar is not null).Select(static use => (use.Key, use.Calendar!));

    private static IEnumerable<(string Key, string? Calendar)> All(Rule rule) =>
    [
        .. In("when", rule.When),
        .. rule.Unless.SelectMany(static alternative => In("unless", alternative.Conditions)),
        .. rule.Body switch
        {
            HoursBody hours => hours.ClosedOn.Select(static calendar => ("hours", (string?)calendar)),
            RegisterBody register => [("register", register.Screened?.AtMost?.WorkingDaysOf), ("register", register.BindsAfter?.WorkingDaysOf)],
            GroundBody ground => ground.AnyOf.SelectMany(static alternative => In("ground", alternative.Conditions)),
            DemandBody demand => In("demand", demand.Conditions),
            _ => [],
        },
    ];

    private static IEnumerable<(string Key, string? Calendar)> In(string key, IEnumerable<Condition> conditions) => conditions.Select(condition => (key, condition switch
    {
        RelationCondition relation => relation.Age?.WorkingDaysOf,
        ConsentCondition consent => consent.Age?.WorkingDaysOf,
        EventCondition happened => happened.Age?.WorkingDaysOf,
        _ => null,
    }));
}
