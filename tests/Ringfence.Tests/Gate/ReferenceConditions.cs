using NodaTime;
using Ringfence.Gate;
using Ringfence.Rules;
using Ringfence.Rules.Calendars;

namespace Ringfence.Tests.Gate;

/// <summary>Conditions at one instant: true, false, or not known, with the facts that are wanting.</summary>
internal sealed partial class ReferenceMoment
{
    /// <summary>All hold: false where one is, unknown where none is false and one unknown.</summary>
    private Truth All(IReadOnlyList<Condition> conditions, bool permitting, ICollection<string>? wanting = null)
    {
        var all = Truth.True;
        foreach (var condition in conditions)
        {
            var facts = wanting is null ? null : new List<string>();
            var one = Of(condition, permitting, facts);
            if (one == Truth.Unknown && wanting is not null)
                facts!.ForEach(wanting.Add);
            all = (Truth)Math.Min((byte)all, (byte)one);
        }

        return all;
    }

    /// <param name="condition">What is asked.</param>
    /// <param name="permitting">Whether it helps; else it makes a rule apply. Only a place is read differently.</param>
    /// <param name="wanting">Gets the facts for which it is not known.</param>
    private Truth Of(Condition condition, bool permitting, ICollection<string>? wanting) => condition switch
    {
        WordCondition word => IsWord(word, wanting),
        FlagCondition flag => Flag(flag, wanting),
        PlaceCondition place => Place(place, permitting, wanting),
        SellerIsCondition seller => Known(asked.Seller.Is, "seller.is", wanting, kinds => (kinds & seller.Kinds) != 0),
        SellerCountryCondition seller => Known(asked.Seller.Country, "seller.country", wanting, country => ReferenceWhere.IsIn(country, seller.Places)),
        CallerIdPrefixCondition caller => Known(asked.Ask.CallerId?.Number, "ask.callerId.number", wanting, number => caller.Prefixes.Any(prefix => number.StartsWith(prefix, StringComparison.Ordinal))),
        NumberCondition number => Number(number, wanting),
        TemplateCondition template => Template(template, wanting),
        HoldsCondition holds => Blocks(wanting) is { } blocks ? Either((blocks & holds.Blocks) == holds.Blocks) : Truth.Unknown,
        OptOutLiveCondition live => Known(asked.Ask.Template?.OptOutLiveUntil, "ask.template.optOutLiveUntil", wanting, last => where.Days.All(zone => last >= Today(zone) + live.Lasts)),
        AbandonedCondition abandoned => Known(asked.Ask.Campaign?.AbandonedPercent, "ask.campaign.abandonedPercent", wanting, percent => percent <= abandoned.AtMost),
        SelectedByCondition selected => Known(asked.Ask.Campaign?.SelectedBy, "ask.campaign.selectedBy", wanting, by => (by & selected.By) != 0),
        NoticeCondition notice => Either(((asked.Contact.NoticesGiven ?? Notices.None) & notice.Notices) != 0),
        EmergencyCondition emergency => Known(asked.Emergency, "status.emergency", wanting, places => places.Any(place => ReferenceWhere.IsIn(place, emergency.Places) || emergency.Places.Any(state => state.Length > 2 && state[..2] == place))),
        RegisteredCondition registered => Known(asked.Seller.Registrations, "seller.registrations", wanting, held => held.Any(one => IsRegistered(one, registered))),
        RefusedElsewhereCondition => RefusedElsewhere(wanting),
        AgeCondition age => Known(asked.Contact.Age, "contact.age", wanting, known => known.IsUnder(age.Under)),
        RelationCondition relation => Relation(relation, wanting),
        ConsentCondition consent => Consent(consent, wanting),
        EventCondition happened => Event(happened, wanting),
        _ => throw new InvalidOperationException(condition.ToString()),
    };

    private Truth IsWord(WordCondition word, ICollection<string>? wanting)
    {
        switch (word.What)
        {
            case WordFact.Channel:
                return Among(channels.Select(channel => (int)channel), word.Words, asked.Ask.Channel is null ? "ask.channel" : "ask.technique", wanting);
            case WordFact.Class:
                return Among(classes.Select(one => (int)one), word.Words, "ask.class", wanting);
            case WordFact.Technique:
                return One(asked.Ask.Technique, "ask.technique");
            case WordFact.Sector:
                return One(asked.Ask.Sector, "ask.sector");
            case WordFact.Audience:
                return One(asked.Contact.Audience, Audience);
            case WordFact.LineType:
                return One(where.LineType, "contact.lineType");
            case WordFact.SourceKind:
                return One(asked.Contact.Source, "contact.source.kind");
            case WordFact.Reassigned:
                return One<ReassignedAnswer>(asked.Contact.Reassigned ?? ReassignedAnswer.NotAsked, "contact.reassigned");
            default:
                throw new InvalidOperationException(word.What.ToString());
        }

        Truth One<T>(T? fact, string name) where T : struct, Enum =>
            Known(fact, name, wanting, value => (word.Words >> Convert.ToInt32(value, null) & 1) != 0);
    }

    private static Truth Among(IEnumerable<int> values, uint words, string name, ICollection<string>? wanting)
    {
        var (some, all) = (false, true);
        foreach (var value in values)
        {
            var isIn = (words >> value & 1) != 0;
            some |= isIn;
            all &= isIn;
        }

        if (some && !all)
            wanting?.Add(name);
        return all ? Truth.True : some ? Truth.Unknown : Truth.False;
    }

    private Truth Flag(FlagCondition flag, ICollection<string>? wanting)
    {
        var (ask, contact) = (asked.Ask, asked.Contact);
        (bool? Fact, string Name) fact = flag.What switch
        {
            FlagFact.Similar => (ask.Similar, "ask.similar"),
            FlagFact.RelatesToContract => (ask.RelatesToContract, "ask.relatesToContract"),
            FlagFact.Provenance => (contact.Provenance, "contact.source.provenance"),
            FlagFact.Verified => (contact.Verified, "contact.verified"),
            FlagFact.Unlisted => (contact.Unlisted, "contact.unlisted"),
            FlagFact.BalancingTest => (asked.Seller.BalancingTest, "seller.balancingTest"),
            FlagFact.ImpactAssessment => (asked.Seller.ImpactAssessment, "seller.impactAssessment"),
            FlagFact.AgentRegistered => (ask.Agent?.Registered, "ask.agent.registered"),
            FlagFact.AgentTrained => (ask.Agent?.Trained, "ask.agent.trained"),
            FlagFact.CallerIdShown => (ask.CallerId?.Shown, "ask.callerId.shown"),
            FlagFact.CallerIdEntitled => (ask.CallerId?.Entitled, "ask.callerId.entitled"),
            FlagFact.CallerIdDirectory => (ask.CallerId?.Directory, "ask.callerId.directory"),
            FlagFact.CallerIdAnswered => (ask.CallerId?.Answered, "ask.callerId.answered"),
            FlagFact.CallerIdRegistered => (ask.CallerId?.Registered, "ask.callerId.registered"),
            FlagFact.TemplateRegistered => (ask.Template?.Registered, "ask.template.registered"),
        };
        return Known(fact.Fact, fact.Name, wanting, value => value == flag.Wanted);
    }

    // A rule applies where the person may be there; an exception helps where they are for certain.
    private Truth Place(PlaceCondition place, bool permitting, ICollection<string>? wanting)
    {
        if (where.Candidates.Count == 0)
            return Unknown(wanting, Residence);
        var inside = where.Candidates.Count(candidate => ReferenceWhere.IsIn(candidate, place.Places));
        return inside == 0 ? Truth.False
            : inside == where.Candidates.Count || !permitting ? Truth.True
            : Unknown(wanting, Residence);
    }

    private Truth Number(NumberCondition number, ICollection<string>? wanting)
    {
        if (asked.Contact.Phone is not { } phone)
            return Unknown(wanting, "contact.phone");
        if (number.Prefixes is { } prefixes && !prefixes.Any(prefix => phone.StartsWith(prefix, StringComparison.Ordinal)))
            return Truth.False;
        return number.Types is { } types ? Known(ReferenceWhere.ByPlan(where.Phone?.Type), "contact.phone", wanting, types.Contains) : Truth.True;
    }

    private Truth Template(TemplateCondition template, ICollection<string>? wanting)
    {
        var category = template.Categories == 0 ? Truth.True
            : Known(asked.Ask.Template?.Category, "ask.template", wanting, value => (template.Categories >> (int)value & 1) != 0);
        var status = template.States == 0 ? Truth.True
            : Known(asked.Ask.Template?.Status, "ask.template", wanting, value => (template.States >> (int)value & 1) != 0);
        return (Truth)Math.Min((byte)category, (byte)status);
    }

    /// <summary>What script or message hold; null where that is not known.</summary>
    private ContentBlocks? Blocks(ICollection<string>? wanting)
    {
        var spoken = channels.Count(channel => channel is Channel.Voice or Channel.VoiceAuto);
        var blocks = spoken == channels.Count ? asked.Ask.Script : spoken == 0 ? asked.Ask.Template?.Holds : null;
        if (blocks is null)
            wanting?.Add(spoken == channels.Count ? "ask.script" : spoken == 0 ? "ask.template.holds" : "ask.channel");
        return blocks;
    }

    private bool IsRegistered(Registration held, RegisteredCondition wanted) =>
        (held.Place == "any" || held.Place == wanted.Place) && (held.Kind == "any" || wanted.Kinds.Contains(held.Kind))
        && where.Days.All(zone => !(held.From > Today(zone)) && !(held.Until < Today(zone)));

    private Truth RefusedElsewhere(ICollection<string>? wanting)
    {
        if (asked.Suppressions is not { } entries)
            return Unknown(wanting, "suppressions");
        var found = Truth.False;
        foreach (var entry in entries)
        {
            if (entry.Program is null || IsOurs(entry.Controller) == Truth.False)
                continue;
            found = Truth.True;
        }

        return found;
    }

    private Truth Relation(RelationCondition relation, ICollection<string>? wanting)
    {
        if (asked.Contact.Relations is not { } held)
            return Unknown(wanting, "contact.relation");
        var best = Truth.False;
        foreach (var one in held)
        {
            if ((relation.Kinds >> (int)one.Kind & 1) == 0)
                continue;
            var fits = Truth.True;
            if (relation.SameSubject)
                And(Same(one.Subject, asked.Ask.Subject));
            if (relation.ContactGiven)
                And(Maybe(one.ContactGiven));
            if (relation.RefusalOffered)
                And(Maybe(one.RefusalOffered));
            And(Either(IsPast(one.From)));
            if (relation.InForce && !whateverTime)
                And(OnDays(zone => IsInForce(one, zone)));
            if (relation.Age is { } age && !whateverTime)
                And(OnDays(zone => IsInForce(one, zone) || IsInside((one.Until ?? one.From).DayIn(zone), age, Today(zone))));
            best = (Truth)Math.Max((byte)best, (byte)fits);

            void And(Truth other) => fits = (Truth)Math.Min((byte)fits, (byte)other);
        }

        if (best == Truth.Unknown)
            wanting?.Add("contact.relation");
        return best;
    }

    private bool IsInForce(Relation relation, DateTimeZone zone) =>
        relation.Until is { } last ? !relation.IsMomentary && Today(zone) <= last.DayIn(zone) : !relation.IsMomentary;

    private Truth Event(EventCondition wanted, ICollection<string>? wanting)
    {
        if (asked.History is not { } history)
            return Unknown(wanting, "history");
        var (sure, possible) = (0, 0);
        foreach (var one in history)
        {
            if (!wanted.Outcomes.Contains(one.Outcome))
                continue;
            var fits = Alike(one, wanted.Channels, wanted.Same);
            if (one.At > asked.At)
                fits = Truth.False;
            if (wanted.Age is { } age)
            {
                fits = (Truth)Math.Min((byte)fits, (byte)(age.Elapsed is { } elapsed
                    ? Either(age.LastDayInside ? at <= one.At + elapsed : at < one.At + elapsed)
                    : OnDays(zone => IsInside(one.At.InZone(zone).Date, age, Today(zone)))));
            }

            sure += fits == Truth.True ? 1 : 0;
            possible += fits == Truth.False ? 0 : 1;
        }

        return sure >= wanted.AtLeast ? Truth.True : possible >= wanted.AtLeast ? Unknown(wanting, "history") : Truth.False;
    }

    /// <summary>Whether something in the history was to this controller, on one of these channels, about the same.</summary>
    private Truth Alike(PastEvent one, ChannelSet on, EventKey key)
    {
        var ask = asked.Ask;
        var fits = IsOurs(one.Controller);
        if (on != ChannelSet.None)
            And(one.Channel is { } channel ? Either(on.Has(channel)) : Truth.Unknown);
        if (key.HasFlag(EventKey.Subject))
            And(Same(one.Subject, ask.Subject));
        if (key.HasFlag(EventKey.Number))
            And(Same(one.Number, asked.Contact.Phone));
        if (key.HasFlag(EventKey.Agent))
            And(Same(one.Agent, ask.Agent?.Id));
        if (key.HasFlag(EventKey.Campaign))
            And(Same(one.Campaign, ask.Campaign?.Id));
        if (key.HasFlag(EventKey.Channel))
            And(one.Channel is not { } used || !channels.Contains(used) ? one.Channel is null ? Truth.Unknown : Truth.False : channels.Count == 1 ? Truth.True : Truth.Unknown);
        return fits;

        void And(Truth other) => fits = (Truth)Math.Min((byte)fits, (byte)other);
    }

    private Truth IsOurs(string? controller) =>
        controller is null or "any" ? Truth.True
        // Without a controller the contact is refused for that.
        : Either(controller == asked.Ask.Controller);

    /// <summary>Whether a day is young enough today.</summary>
    private static bool IsInside(LocalDate day, AgeLimit age, LocalDate today)
    {
        var passed = new DayCount(age.Lasts, age.WorkingDaysOf).After(day);
        return age.LastDayInside ? today <= passed : today < passed;
    }

    private static bool Covers(string agreed, string purpose) => purpose == agreed || purpose.StartsWith(agreed + ":", StringComparison.Ordinal);

    private static Truth Same(string? one, string? other) => one is null || other is null ? Truth.Unknown : Either(one == other);

    private static Truth Maybe(bool? fact) => fact is { } known ? Either(known) : Truth.Unknown;

    private static Truth Either(bool isTrue) => isTrue ? Truth.True : Truth.False;

    /// <summary>What holds in every candidate zone is true, in none false.</summary>
    private Truth OnDays(Func<DateTimeZone, bool> holds)
    {
        var sure = where.Days.Count(holds);
        return sure == where.Days.Length ? Truth.True : sure == 0 ? Truth.False : Truth.Unknown;
    }

    private static Truth Known<T>(T? fact, string name, ICollection<string>? wanting, Func<T, bool> holds) where T : struct =>
        fact is { } known ? Either(holds(known)) : Unknown(wanting, name);

    private static Truth Known<T>(T? fact, string name, ICollection<string>? wanting, Func<T, bool> holds) where T : class =>
        fact is { } known ? Either(holds(known)) : Unknown(wanting, name);

    private static Truth Unknown(ICollection<string>? wanting, string name)
    {
        wanting?.Add(name);
        return Truth.Unknown;
    }
}
