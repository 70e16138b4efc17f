using NodaTime;
using Ringfence.Gate;

namespace Ringfence.Rules;

public abstract partial record Condition
{
    /// <summary>Whether it holds; unknown where a fact is wanting.</summary>
    internal abstract Truth Holds(Judgement judgement);

    /// <summary>The fact it asks for, as situations call it; null where one that is missing has a strict stand-in.</summary>
    internal abstract string? Fact { get; }

    private protected static Truth Is(bool? known, bool wanted = true) => known is { } value ? value == wanted ? Truth.True : Truth.False : Truth.Unknown;
}

public sealed partial record WordCondition
{
    private static readonly string?[] Facts =
        ["ask.channel", "ask.technique", "ask.class", "ask.sector", null, "contact.lineType", "contact.source.kind", "contact.reassigned"];

    internal override string? Fact => Facts[(int)What];

    internal override Truth Holds(Judgement judgement) =>
        judgement.Word(What) is >= 0 and var word ? (Words >> word & 1) != 0 ? Truth.True : Truth.False : Truth.Unknown;
}

public sealed partial record FlagCondition
{
    private static readonly string[] Facts =
    [
        "ask.similar", "ask.relatesToContract", "contact.source.provenance", "contact.verified", "contact.unlisted", "seller.balancingTest",
        "seller.impactAssessment", "ask.agent.registered", "ask.agent.trained", "ask.callerId.shown", "ask.callerId.entitled", "ask.callerId.directory",
        "ask.callerId.answered", "ask.callerId.registered", "ask.template.registered",
    ];

    internal override string? Fact => Facts[(int)What];

    internal override Truth Holds(Judgement judgement)
    {
        var facts = judgement.Facts;
        return Is(
            What switch
            {
                FlagFact.Similar => facts.Ask.Similar,
                FlagFact.RelatesToContract => facts.Ask.RelatesToContract,
                FlagFact.Provenance => facts.Contact.Provenance,
                FlagFact.Verified => facts.Contact.Verified,
                FlagFact.Unlisted => facts.Contact.Unlisted,
                FlagFact.BalancingTest => facts.Seller.BalancingTest,
                FlagFact.ImpactAssessment => facts.Seller.ImpactAssessment,
                FlagFact.AgentRegistered => facts.Ask.Agent?.Registered,
                FlagFact.AgentTrained => facts.Ask.Agent?.Trained,
                FlagFact.CallerIdShown => facts.Ask.CallerId?.Shown,
                FlagFact.CallerIdEntitled => facts.Ask.CallerId?.Entitled,
                FlagFact.CallerIdDirectory => facts.Ask.CallerId?.Directory,
                FlagFact.CallerIdAnswered => facts.Ask.CallerId?.Answered,
                FlagFact.CallerIdRegistered => facts.Ask.CallerId?.Registered,
                FlagFact.TemplateRegistered => facts.Ask.Template?.Registered,
            },
            Wanted);
    }
}

public sealed partial record PlaceCondition
{
    internal override string? Fact => null;

    // For certain only where every candidate is there; possibly where one is.
    internal override Truth Holds(Judgement judgement)
    {
        var candidates = judgement.Where.Places;
        if (candidates.Length == 0)
            return Truth.Unknown;
        var inside = 0;
        var unsure = false;
        foreach (var place in candidates)
        {
            if (Places.Contains(place) || (place.Length > 2 && Places.Contains(Whereabouts.CountryOf(place))))
                inside++;
            else if (place.Length == 2 && AnyStateOf(place))
                unsure = true;
        }

        return inside == candidates.Length ? Truth.True : inside > 0 || unsure ? Truth.Unknown : Truth.False;
    }

    private bool AnyStateOf(string country)
    {
        foreach (var place in Places)
        {
            if (place.Length > 2 && place.StartsWith(country, StringComparison.Ordinal))
                return true;
        }

        return false;
    }
}

public sealed partial record SellerIsCondition
{
    internal override string? Fact => "seller.is";

    internal override Truth Holds(Judgement judgement) => Is(judgement.Facts.Seller.Is is { } kinds ? (kinds & Kinds) != 0 : null);
}

public sealed partial record SellerCountryCondition
{
    internal override string? Fact => "seller.country";

    internal override Truth Holds(Judgement judgement) => Is(judgement.Facts.Seller.Country is { } country ? Places.Contains(country) : null);
}

public sealed partial record CallerIdPrefixCondition
{
    internal override string? Fact => "ask.callerId.number";

    internal override Truth Holds(Judgement judgement) => Is(judgement.Facts.Ask.CallerId?.Number is { } number ? StartsWithAny(number, Prefixes) : null);

    internal static bool StartsWithAny(string number, IReadOnlyList<string> prefixes)
    {
        for (var i = 0; i < prefixes.Count; i++)
        {
            if (number.StartsWith(prefixes[i], StringComparison.Ordinal))
                return true;
        }

        return false;
    }
}

public sealed partial record NumberCondition
{
    internal override string? Fact => "contact.phone";

    internal override Truth Holds(Judgement judgement)
    {
        if ((judgement.Facts.Contact.Phone ?? judgement.Facts.Contact.Number?.Begins) is not { } phone)
            return Truth.Unknown;
        if (Prefixes is not null && !CallerIdPrefixCondition.StartsWithAny(phone, Prefixes))
            return Truth.False;
        return Types is null ? Truth.True : judgement.NumberLine is { } type ? Is(Types.Contains(type)) : Truth.Unknown;
    }
}

public sealed partial record TemplateCondition
{
    internal override string? Fact => "ask.template";

    internal override Truth Holds(Judgement judgement)
    {
        var template = judgement.Facts.Ask.Template;
        var category = Categories == 0 ? Truth.True : Is(template?.Category is { } c ? (Categories >> (int)c & 1) != 0 : null);
        var state = States == 0 ? Truth.True : Is(template?.Status is { } s ? (States >> (int)s & 1) != 0 : null);
        return category < state ? category : state;
    }
}

public sealed partial record HoldsCondition
{
    internal override string? Fact => "ask.template.holds";

    internal override Truth Holds(Judgement judgement) => Is(judgement.Content is { } content ? (content & Blocks) == Blocks : null);
}

public sealed partial record OptOutLiveCondition
{
    internal override string? Fact => "ask.template.optOutLiveUntil";

    internal override Truth Holds(Judgement judgement)
    {
        if (judgement.Facts.Ask.Template?.OptOutLiveUntil is not { } last)
            return Truth.Unknown;
        foreach (ref readonly var clock in judgement.Clocks)
        {
            if (last < clock.Date + Lasts)
                return Truth.False;
        }

        return Truth.True;
    }
}

public sealed partial record AbandonedCondition
{
    internal override string? Fact => "ask.campaign.abandonedPercent";

    internal override Truth Holds(Judgement judgement) => Is(judgement.Facts.Ask.Campaign?.AbandonedPercent is { } percent ? percent <= AtMost : null);
}

public sealed partial record SelectedByCondition
{
    internal override string? Fact => "ask.campaign.selectedBy";

    internal override Truth Holds(Judgement judgement) => Is(judgement.Facts.Ask.Campaign?.SelectedBy is { } by ? (by & By) != 0 : null);
}

public sealed partial record NoticeCondition
{
    internal override string? Fact => null;

    internal override Truth Holds(Judgement judgement) => Is(((judgement.Facts.Contact.NoticesGiven ?? Notices.None) & Notices) != 0);
}

public sealed partial record EmergencyCondition
{
    internal override string? Fact => "status.emergency";

    internal override Truth Holds(Judgement judgement) => Is(judgement.Facts.Emergency is { } places ? Any(places) : null);

    // One declared for a whole country holds in its states, and one for a state may hold for whoever lives in the country.
    private bool Any(IReadOnlyList<string> declared)
    {
        for (var i = 0; i < declared.Count; i++)
        {
            if (Places.Contains(declared[i]) || (declared[i].Length > 2 && Places.Contains(Whereabouts.CountryOf(declared[i]))) || (declared[i].Length == 2 && Places.Any(place => Whereabouts.CountryOf(place) == declared[i])))
                return true;
        }

        return false;
    }
}

public sealed partial record RegisteredCondition
{
    internal override string? Fact => "seller.registrations";

    internal override Truth Holds(Judgement judgement)
    {
        if (judgement.Facts.Seller.Registrations is not { } registrations)
            return Truth.Unknown;
        for (var i = 0; i < registrations.Count; i++)
        {
            var one = registrations[i];
            if ((one.Place == Place || one.Place == "any") && (Kinds.Contains(one.Kind) || one.Kind == "any") && Valid(one, judgement.Clocks))
                return Truth.True;
        }

        return Truth.False;
    }

    private static bool Valid(Registration registration, ReadOnlySpan<LocalClock> clocks)
    {
        foreach (ref readonly var clock in clocks)
        {
            if (registration.From > clock.Date || registration.Until < clock.Date)
                return false;
        }

        return true;
    }
}

public sealed partial record RefusedElsewhereCondition
{
    internal override string? Fact => "suppressions";

    internal override Truth Holds(Judgement judgement) =>
        Is(judgement.Facts.Suppressions is { } entries ? Any(entries, judgement) : null);

    private static bool Any(IReadOnlyList<SuppressionEntry> entries, Judgement judgement)
    {
        for (var i = 0; i < entries.Count; i++)
        {
            if (entries[i].Program is not null && judgement.IsOfController(entries[i].Controller))
                return true;
        }

        return false;
    }
}

public sealed partial record AgeCondition
{
    internal override string? Fact => "contact.age";

    internal override Truth Holds(Judgement judgement) => Is(judgement.Facts.Contact.Age is { } age ? age.IsUnder(Under) : null);
}

public sealed partial record RelationCondition
{
    internal override string? Fact => "contact.relation";

    internal override Truth Holds(Judgement judgement) => judgement.FindRelation(this, out _, out _);
}

public sealed partial record ConsentCondition
{
    internal override string? Fact => "consents";

    internal override Truth Holds(Judgement judgement) => judgement.FindConsent(this, out _, out _);
}

public sealed partial record EventCondition
{
    internal override string? Fact => "history";

    internal override Truth Holds(Judgement judgement) => judgement.FindEvents(this);
}

public sealed partial record AgeLimit
{
    /// <summary>Whether something that was then is still inside, in every zone where the person may be.</summary>
    internal bool Holds(Judgement judgement, Moment since)
    {
        foreach (ref readonly var clock in judgement.Clocks)
        {
            if (!Holds(judgement, since, clock))
                return false;
        }

        return true;
    }

    /// <summary>Whether it is still inside on one clock.</summary>
    internal bool Holds(Judgement judgement, Moment since, in LocalClock clock)
    {
        if (Elapsed is { } elapsed)
        {
            var end = since.StartIn(clock.Zone) + elapsed;
            return LastDayInside ? judgement.At <= end : judgement.At < end;
        }

        var last = DayCount.After(since.DayIn(clock.Zone), Lasts, WorkingDaysOf);
        return LastDayInside ? clock.Date <= last : clock.Date < last;
    }
}
