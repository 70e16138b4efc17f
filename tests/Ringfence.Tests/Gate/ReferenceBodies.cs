using NodaTime;
using Ringfence.Gate;
using Ringfence.Rules;
using Ringfence.Rules.Calendars;

namespace Ringfence.Tests.Gate;

/// <summary>What each body of a rule says at one instant.</summary>
internal sealed partial class ReferenceMoment
{
    private void Judge(Rule rule)
    {
        var wanting = new List<string>();
        var when = All(rule.When, permitting: false, wanting);
        if (when == Truth.False)
            return;

        if (rule.Contested is not null)
            notes.Add(("contested", null, rule));
        var used = rule.Unless.FirstOrDefault(entry => All(entry.Conditions, permitting: true) == Truth.True);
        if (used is not null)
        {
            Oblige(used.Obliges, rule);
            if (!rule.ObligesOnlyWhenApplied)
                Oblige(rule.Obliges, rule);
            return;
        }

        Oblige(rule.Obliges, rule);
        switch (rule.Body)
        {
            case GroundBody ground:
                Ground(rule, ground);
                break;
            case RefuseBody refuse:
                wanting.RemoveAll(fact => fact is Audience or Residence);
                if (when == Truth.Unknown && wanting.Count > 0)
                    Because(ReasonCode.MissingFact, rule, Facts(wanting));
                else
                    Because(refuse.Code, rule, refuse.Item);
                break;
            case DemandBody demand:
                Demand(rule, demand);
                break;
            case ContentBody content:
                var facts = new List<string>();
                if (Blocks(facts) is not { } blocks)
                    Because(ReasonCode.MissingFact, rule, Facts(facts));
                else if ((content.Blocks & ~blocks) is var missing and not 0)
                    Because(ReasonCode.MessageDefective, rule, ItemsOf(missing));
                break;
            case HoursBody hours:
                Hours(rule, hours);
                break;
            case CapBody cap:
                Cap(rule, ReasonCode.Cap, cap.Most, cap.Window, cap.Channels, cap.Outcomes, cap.Key);
                break;
            case CoolDownBody rest:
                CoolDown(rule, rest);
                break;
            case RegisterBody body:
                Register(rule, body);
                break;
            case NoteBody note:
                notes.Add((note.Code, null, rule));
                break;
            case null:
                break;
            default:
                throw new InvalidOperationException(rule.File);
        }
    }

    private void Ground(Rule rule, GroundBody ground)
    {
        foreach (var alternative in ground.AnyOf)
        {
            if (All(alternative.Conditions, permitting: true) != Truth.True)
                continue;
            Oblige(alternative.Obliges, rule);
            return;
        }

        // Where one fits, it is not the consent that is wanting.
        var asking = ground.AnyOf.SelectMany(alternative => alternative.Conditions.OfType<ConsentCondition>()).Where(condition => Of(condition, permitting: true, null) != Truth.True).ToArray();
        if (asked.Consents is not { } consents)
        {
            Because(ReasonCode.MissingFact, rule, "consents");
            return;
        }

        var (nearest, items) = (Miss.NoConsent, (string?)null);
        foreach (var condition in asking)
        {
            foreach (var consent in consents)
            {
                var (miss, what) = MissOf(consent, condition);
                if (miss != Miss.None && (miss > nearest || (miss == nearest && what is not null && (items is null || what.Count(c => c == ',') < items.Count(c => c == ',')))))
                    (nearest, items) = (miss, what);
            }
        }

        if (nearest == Miss.NoConsent)
        {
            whateverTime = true;
            var byTimeAlone = ground.AnyOf.Any(alternative => alternative.Conditions.OfType<RelationCondition>().Any() && All(alternative.Conditions, permitting: true) == Truth.True);
            whateverTime = false;
            Because(byTimeAlone ? ReasonCode.RelationEnded : ground.Missing, rule, null);
            return;
        }

        Because(CodeOf(nearest), rule, items);
    }

    private static ReasonCode CodeOf(Miss miss) => miss switch
    {
        Miss.NoConsent => ReasonCode.NoConsent,
        Miss.Controller => ReasonCode.Controller,
        Miss.Channel => ReasonCode.Channel,
        Miss.Purpose => ReasonCode.Purpose,
        Miss.Withdrawn => ReasonCode.Withdrawn,
        Miss.Reconfirm => ReasonCode.Reconfirm,
        Miss.Expired => ReasonCode.ConsentExpired,
        Miss.Superseded => ReasonCode.ConsentSuperseded,
        Miss.Unverified => ReasonCode.ConsentUnverified,
        Miss.Hours or Miss.Defective => ReasonCode.ConsentDefective,
        Miss.None => throw new InvalidOperationException("It fits."),
    };

    private void Demand(Rule rule, DemandBody demand)
    {
        var wanting = new List<string>();
        switch (All(demand.Conditions, permitting: true, wanting))
        {
            case Truth.False:
                Because(demand.Else, rule, demand.Item);
                break;
            // Audience and place have a strict reading of their own.
            case Truth.Unknown when !wanting.Exists(fact => fact is not (Audience or Residence)):
                Because(demand.Else, rule, demand.Item);
                break;
            case Truth.Unknown:
                wanting.RemoveAll(fact => fact is Audience or Residence);
                Because(ReasonCode.MissingFact, rule, Facts(wanting));
                break;
            case Truth.True:
                break;
        }
    }

    private void Hours(Rule rule, HoursBody hours)
    {
        if (hours.OnPersonsClock && where.Zones.Length == 0)
            Because(ReasonCode.MissingFact, rule, "contact.zone");
        var codes = (hours.OnPersonsClock ? where.Zones : []).Concat(hours.FixedClocks).Select(zone => ClosedBy(hours, zone)).OfType<ReasonCode>().ToArray();
        if (codes.Length > 0)
            Because(codes.Max(), rule, null);
    }

    private ReasonCode? ClosedBy(HoursBody hours, DateTimeZone zone)
    {
        var now = at.InZone(zone).LocalDateTime;
        if (hours.ClosedOn.Any(calendar => HolidayCalendars.Shipped.Named(calendar).IsHoliday(now.Date) != false))
            return ReasonCode.Holiday;
        if (!hours.Open.Any(window => window.IsOn(now.DayOfWeek)))
            return ReasonCode.RestDay;
        return hours.Open.Any(window => window.IsOn(now.DayOfWeek) && window.Holds(now.TimeOfDay.SecondOfDay())) ? null : ReasonCode.Hours;
    }

    private void Cap(Rule? rule, ReasonCode code, int most, CapWindow window, ChannelSet on, IReadOnlySet<Outcome>? outcomes, EventKey key)
    {
        if (asked.History is not { } history)
        {
            if (rule is not null)
                Because(ReasonCode.MissingFact, rule, "history");
            return;
        }

        var counted = history.Where(one => (outcomes?.Contains(one.Outcome) ?? one.IsAttempt) && one.At <= asked.At && Alike(one, on, key) != Truth.False).ToArray();
        var isFull = window.Elapsed is { } elapsed
            ? counted.Count(one => at < one.At + elapsed) >= most
            : where.Days.Any(zone => counted.Count(one => IsInWindow(one.At.InZone(zone).Date, window, Today(zone))) >= most);
        if (isFull)
            Because(code, rule, null);
    }

    private static bool IsInWindow(LocalDate day, CapWindow window, LocalDate today) => window switch
    {
        { Days: { } days } => day > today.PlusDays(-days),
        { Unit: CalendarUnit.Day } => day == today,
        { Unit: CalendarUnit.Week } => Monday(day) == Monday(today),
        { Unit: CalendarUnit.Month } => (day.Year, day.Month) == (today.Year, today.Month),
        _ => throw new InvalidOperationException("A window is one of three."),
    };

    private static LocalDate Monday(LocalDate day) => day.PlusDays(1 - (int)day.DayOfWeek);

    private void CoolDown(Rule rule, CoolDownBody rest)
    {
        if (asked.History is not { } history)
        {
            Because(ReasonCode.MissingFact, rule, "history");
            return;
        }

        foreach (var one in history)
        {
            if (!rest.After.Contains(one.Outcome) || one.At > asked.At || Alike(one, rest.Channels, rest.Key) == Truth.False)
                continue;
            if (rest.Else is { } forEver)
            {
                if (!HasConsentedSince(Moment.At(one.At)))
                    Because(forEver, rule, null);
            }
            else if (rest.Elapsed is { } elapsed ? at < one.At + elapsed : where.Days.Any(zone => Today(zone) <= one.At.InZone(zone).Date + rest.FullDays!))
                Because(ReasonCode.CoolDown, rule, null);
        }
    }

    private void Register(Rule rule, RegisterBody body)
    {
        if (asked.Registers is not { } registers)
        {
            Because(ReasonCode.MissingFact, rule, "registers");
            return;
        }

        if (!registers.TryGetValue(body.Name, out var screening))
        {
            Because(ReasonCode.RegisterMissing, rule, body.Name);
            return;
        }

        // A screening without its result is none.
        if (screening.Listed is not { } listed)
        {
            Because(ReasonCode.RegisterMissing, rule, body.Name);
            return;
        }

        if (body.Screened is { } age && !(screening.ScreenedAt is { } screened && IsFresh(screened, age)))
            Because(ReasonCode.RegisterStale, rule, body.Name);
        if (body.OptIn ? !listed : listed && Binds(body, screening))
            Because(ListedCode(rule, body), rule, body.Name);
    }

    private bool IsFresh(Moment screened, ScreeningAge age)
    {
        if (!IsPast(screened))
            return false;
        return where.Days.All(zone => age.AtMost is { } most
            ? Today(zone) <= most.After(screened.DayIn(zone))
            : (screened.DayIn(zone).Year, screened.DayIn(zone).Month) == (Today(zone).Year, Today(zone).Month));
    }

    private bool Binds(RegisterBody body, Screening screening)
    {
        if (body.BindsAfter is not { } after || ((body.BindsFromPublished ? screening.PublishedAt : null) ?? screening.ListedAt) is not { } since)
            return true;
        return where.Days.Any(zone => Today(zone) >= after.After(since.DayIn(zone)));
    }

    /// <summary>The code of a listing: what an exception misses by alone.</summary>
    private ReasonCode ListedCode(Rule rule, RegisterBody body)
    {
        var byConsent = rule.Unless
            .Where(entry => All([.. entry.Conditions.Where(condition => condition is not ConsentCondition)], permitting: true) == Truth.True)
            .SelectMany(entry => entry.Conditions.OfType<ConsentCondition>());
        whateverTime = true;
        var byRelation = rule.Unless.Any(entry => All(entry.Conditions, permitting: true) == Truth.True);
        whateverTime = false;
        var nearest = byConsent.SelectMany(condition => (asked.Consents ?? []).Select(consent => MissOf(consent, condition).Miss)).DefaultIfEmpty(Miss.NoConsent).Max();
        return nearest switch
        {
            Miss.Expired or Miss.Superseded => CodeOf(nearest),
            _ when body.OptIn => ReasonCode.NoConsent,
            _ => byRelation ? ReasonCode.RelationEnded : ReasonCode.Register,
        };
    }
}
