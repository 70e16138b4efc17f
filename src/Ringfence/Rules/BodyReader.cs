using NodaTime;
using Ringfence.Gate;

namespace Ringfence.Rules;

/// <summary>Reads what a rule does: the one body it has.</summary>
internal sealed class BodyReader(RuleMap rule, ConditionReader conditions, PlaceGroups groups, Pack? pack, IReadOnlyList<Condition> when)
{
    // A rule that permits more in one window than this limits nothing.
    private const int MostContacts = 1000;

    /// <summary>The keys of bodies.</summary>
    public static readonly string[] Bodies =
        ["ground", "refuse", "demand", "content", "hours", "cap", "cool-down", "register", "consent-term", "note", "exposure"];

    private static readonly string[] NoteCodes = ["contested", "not-law", "advice"];

    /// <summary>The bodies that are there; one is right.</summary>
    public IReadOnlyList<string> Stated { get; } = [.. Bodies.Where(rule.Has)];

    /// <summary>What the gate does; null for exposure, the term of a consent, and rules that only oblige.</summary>
    public RuleBody? Body()
    {
        var body = Stated switch
        {
            ["ground", ..] => Ground(rule.Map("ground")),
            ["refuse", ..] => new RefuseBody(Refusal(rule, "refuse"), Item()),
            ["demand", ..] => new DemandBody(conditions.All(rule.Map("demand")), Refusal(rule, "else"), Item()),
            ["content", ..] => new ContentBody(rule.AnyFlags<ContentBlocks>("content")),
            ["hours", ..] => Hours(rule.Map("hours")),
            ["cap", ..] => Cap(rule.Map("cap")),
            ["cool-down", ..] => CoolDown(rule.Map("cool-down")),
            ["register", ..] => RegisterReader.Read(rule.Map("register")),
            ["note", ..] => new NoteBody(rule.OneOf("note", NoteCodes)),
            _ => (RuleBody?)null,
        };
        if (body is not DemandBody && rule.Has("else"))
            throw rule.Wrong("else", "belongs to 'demand'");
        if (body is not (DemandBody or RefuseBody) && rule.Has("item"))
            throw rule.Wrong("item", "belongs to 'refuse' or 'demand'");
        return body;
    }

    public ExposureRule? Exposure() => rule.OptionalMap("exposure") is { } map ? CostReader.Exposure(map, groups) : null;

    public ConsentTermRule? ConsentTerm() => rule.OptionalMap("consent-term") is { } map ? CostReader.ConsentTerm(map, groups, pack) : null;

    private GroundBody Ground(RuleMap map)
    {
        var anyOf = map.Maps("any-of");
        if (anyOf.Count == 0)
            throw map.Has("any-of") ? map.Wrong("any-of", "the list is empty") : map.Missing("any-of");
        var missing = map.Has("code") && map.OneOf("code", "no-consent", "basis") == "basis" ? ReasonCode.Basis : ReasonCode.NoConsent;
        map.Done();
        return new GroundBody([.. anyOf.Select(conditions.Alternative)], missing);
    }

    private static HoursBody Hours(RuleMap map)
    {
        var open = map.Maps("open");
        if (open.Count == 0)
            throw map.Has("open") ? map.Wrong("open", "no window is named; 'refuse' closes for good") : map.Missing("open");
        var windows = open.Select(WindowReader.Read).ToArray();
        var closedOn = map.Names("closed-on");
        var clocks = map.Items("clock");
        map.Done();

        var zones = new List<DateTimeZone>();
        var onPersons = clocks.Count == 0;
        foreach (var clock in clocks)
        {
            if (clock.Text == "person")
                onPersons = true;
            else
                zones.Add(DateTimeZoneProviders.Tzdb.GetZoneOrNull(clock.Text) ?? throw RuleFileException.At(clock.At, $"'{clock.Text}' is neither 'person', nor a zone such as Asia/Seoul, nor an offset such as UTC-06:00"));
        }

        return new HoursBody(windows, closedOn, onPersons, zones);
    }

    private CapBody Cap(RuleMap map)
    {
        var cap = new CapBody(
            map.Count("most", 1, MostContacts),
            Window(map),
            GroundConditions.ChannelsOf(map) ?? ChannelsOfWhen() ?? ChannelSet.All,
            map.Has("outcomes") ? map.Words<Outcome>("outcomes").ToHashSet() : null,
            GroundConditions.KeyOf(map, "key"));
        map.Done();
        return cap;
    }

    private static CapWindow Window(RuleMap map)
    {
        if (map.Has("within") == map.Has("per"))
            throw map.Has("per") ? map.Wrong("per", "either 'within' or 'per'") : map.Missing("within' or 'per");
        var counting = map.Has("counting") ? map.OneOf("counting", "days", "elapsed") : null;
        if (map.Has("per"))
            return counting is null ? new CapWindow(null, null, map.Word<CalendarUnit>("per")) : throw map.Wrong("counting", "belongs to 'within'");

        if (counting == "elapsed" || (counting is null && map.OptionalPeriod("within")!.HasTimeComponent))
            return new CapWindow(map.Elapsed("within"), null, null);
        if (counting is null)
            throw map.Wrong("within", "are these counting: days, or counting: elapsed?");
        return map.Days("within") is { Years: 0, Months: 0 } days
            ? new CapWindow(null, checked((days.Weeks * 7) + days.Days), null)
            : throw map.Wrong("within", "a window of calendar days is given in days, such as P30D");
    }

    private CoolDownBody CoolDown(RuleMap map)
    {
        var after = map.Words<Outcome>("after").ToHashSet();
        var channels = GroundConditions.ChannelsOf(map) ?? ChannelsOfWhen() ?? ChannelSet.None;
        var key = GroundConditions.KeyOf(map, "key");
        var lasts = map.OptionalPeriod("lasts");
        var counting = map.Has("counting") ? map.OneOf("counting", "full-days", "elapsed") : null;
        ReasonCode? forEver = map.Has("else") ? Refusal(map, "else") : null;
        map.Done();

        if ((lasts is null) == (forEver is null))
            throw lasts is null ? map.Missing("lasts") : map.Wrong("else", "a refusal without end has no 'lasts'");
        if (lasts is null)
            return counting is null ? new CoolDownBody(after, null, null, channels, key, forEver) : throw map.Wrong("counting", "belongs to 'lasts'");
        if (counting == "elapsed" || (counting is null && lasts.HasTimeComponent))
            return new CoolDownBody(after, null, map.Elapsed("lasts"), channels, key, null);
        return counting is null
            ? throw map.Wrong("lasts", "are these counting: full-days, or counting: elapsed?")
            : new CoolDownBody(after, map.Days("lasts"), null, channels, key, null);
    }

    /// <summary>The channels that <c>when</c> names; null where it names none.</summary>
    private ChannelSet? ChannelsOfWhen() =>
        when.OfType<WordCondition>().FirstOrDefault(condition => condition.What == WordFact.Channel) is { } asked ? (ChannelSet)asked.Words : null;

    /// <summary>A code that refuses; what time cures is stated as hours, a cap or a rest.</summary>
    private static ReasonCode Refusal(RuleMap map, string key)
    {
        var code = map.Word<ReasonCode>(key);
        return code < ReasonCode.Hours ? code : throw map.Wrong(key, $"'{map.Text(key)}' is a deferral, which only hours, cap and cool-down give");
    }

    private string? Item() => rule.Has("item") ? string.Join(',', rule.Names("item")) : null;
}
