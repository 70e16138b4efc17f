using NodaTime;
using Ringfence.Gate;
using Ringfence.Rules;

namespace Ringfence.Tests.Gate;

/// <summary>Whether a consent fits at one instant and, where not, how near it comes.</summary>
internal sealed partial class ReferenceMoment
{
    /// <summary>How a consent misses, the nearest last; the list under <c>ground</c> in <c>docs/reference/rules.md</c>.</summary>
    private enum Miss
    {
        NoConsent,
        Controller,
        Channel,
        Purpose,
        Withdrawn,
        Superseded,
        Expired,
        Reconfirm,
        Hours,
        Unverified,
        Defective,
        None,
    }

    private Truth Consent(ConsentCondition wanted, ICollection<string>? wanting)
    {
        if (asked.Consents is not { } consents)
            return Unknown(wanting, "consents");
        if (consents.Any(consent => MissOf(consent, wanted).Miss == Miss.None))
            return Truth.True;
        // One that fits but for what nobody stated may be one that fits.
        return consents.Any(consent => MissOf(consent, wanted, suppose: true).Miss == Miss.None) ? Unknown(wanting, "consents") : Truth.False;
    }

    /// <summary>What is wrong with a consent first, in the order of the list.</summary>
    /// <param name="consent">The consent.</param>
    /// <param name="wanted">What is asked of it.</param>
    /// <param name="suppose">Whether what nobody stated is supposed to be as wanted.</param>
    private (Miss Miss, string? Items) MissOf(GivenConsent consent, ConsentCondition wanted, bool suppose = false)
    {
        var ask = asked.Ask;
        if (consent.Controllers is { } named && !(ask.Controller is { } asking && named.Contains(asking)))
            return (Miss.Controller, null);
        if (!wanted.AnyChannel && !channels.All(channel => consent.Channels.Has(channel)))
            return (Miss.Channel, null);
        if (!CoversTechnique(consent) && !(suppose && ask.Technique is null && consent.Techniques is not { Count: 0 }))
            return (Miss.Channel, null);
        if (!wanted.AnyPurpose && !(ask.Purpose is { } purpose && consent.Purposes.Any(agreed => Covers(agreed, purpose))))
            return (Miss.Purpose, null);
        if (consent.Subject is { } subject && subject != ask.Subject && !(suppose && ask.Subject is null))
            return (Miss.Purpose, null);
        if (consent.WithdrawnAt is not null)
            return (Miss.Withdrawn, null);
        if (consent.GrantedAt is null && !suppose)
            return (Miss.Defective, string.Join(',', [.. Lacking(consent, wanted), "granted-at"]));
        if (consent.GrantedAt is not null && MissInTime(consent, wanted) is { } miss)
            return (miss, null);
        if (!IsInScope(consent, wanted.TimeScope))
            return (Miss.Hours, "time-scope");
        var items = Lacking(consent, wanted);
        if (suppose && consent.Method is null)
            items.Remove("method");
        return items.Count == 0 ? (Miss.None, null)
            : (items.TrueForAll(item => item is "number-verified" or "email-verified") ? Miss.Unverified : Miss.Defective, string.Join(',', items));
    }

    private Miss? MissInTime(GivenConsent consent, ConsentCondition wanted)
    {
        if (!IsPast(consent.GrantedAt!.Value))
            return Miss.NoConsent;
        if (IsSuperseded(consent))
            return Miss.Superseded;
        return ExpiryOf(consent, wanted) ?? (IsSince(consent, wanted) ? null : Miss.Superseded);
    }

    private static List<string> Lacking(GivenConsent consent, ConsentCondition wanted)
    {
        List<string> items = [.. WordsOf((wanted.Needs | EvidenceItems.Record) & ~consent.Holds), .. WordsOf(consent.Flaws)];
        if (wanted.Methods is { } methods && !(consent.Method is { } method && methods.Contains(method)))
            items.Add("method");
        if (wanted.OnRegister && !consent.OnRegister)
            items.Add("on-register");
        return items;
    }

    /// <summary>Whether the person has given a consent for this since.</summary>
    private bool HasConsentedSince(Moment moment) => asked.Consents?.Any(consent =>
        MissOf(consent, new ConsentCondition()).Miss == Miss.None
        && where.Days.All(zone => consent.GrantedAt!.Value.StartIn(zone) is var granted && (moment.IsDay ? granted >= moment.EndIn(zone) : granted > moment.StartIn(zone)))) ?? false;

    // What lies after the instant of the situation is not known then, also where a later instant is looked at.
    private bool IsPast(Moment moment) => moment.IsDay ? where.Days.All(zone => moment.DayIn(zone) <= asked.At.InZone(zone).Date) : moment.StartIn(DateTimeZone.Utc) <= asked.At;

    private bool CoversTechnique(GivenConsent consent)
    {
        if (consent.Techniques is { } agreed)
            return asked.Ask.Technique is { } used && agreed.Contains(used);
        return asked.Ask.Technique is { } technique && technique is not (Technique.Prerecorded or Technique.AiVoice or Technique.RandomDialler);
    }

    private Miss? ExpiryOf(GivenConsent consent, ConsentCondition wanted)
    {
        var granted = consent.GrantedAt!.Value;
        if (consent.Term is { } term && where.Days.Any(zone => Today(zone) >= granted.DayIn(zone) + term))
            return Miss.Expired;
        if (consent.Until is { } last && where.Days.Any(zone => Today(zone) > last))
            return Miss.Expired;
        Miss? found = null;
        foreach (var rule in terms)
        {
            var law = rule.ConsentTerm!;
            if (!channels.Any(channel => law.Channels.Has(channel)) || !places.Any(place => ReferenceWhere.IsIn(place, law.Where)))
                continue;
            if (!law.EvenIfLongerAgreed && (consent.Term is not null || consent.Until is not null))
                continue;
            if (where.Days.Any(zone => Today(zone) >= ClockOf(consent, law.Counts, zone) + law.Lasts))
                found = law.Reconfirm ? found ?? Miss.Reconfirm : Miss.Expired;
        }

        if (found is null && wanted.Age is { } age)
        {
            var inside = where.Days.All(zone => age.Elapsed is { } elapsed
                ? (ClockStart(consent, wanted.Counts) + elapsed) is var end && (age.LastDayInside ? at <= end : at < end)
                : IsInside(ClockOf(consent, wanted.Counts, zone), age, Today(zone)));
            if (!inside)
                return Miss.Expired;
        }

        return found;
    }

    private Instant ClockStart(GivenConsent consent, ConsentClock counts) => where.Days.Min(zone => ClockMoment(consent, counts, zone).StartIn(zone));

    private LocalDate ClockOf(GivenConsent consent, ConsentClock counts, DateTimeZone zone) => ClockMoment(consent, counts, zone).DayIn(zone);

    private Moment ClockMoment(GivenConsent consent, ConsentClock counts, DateTimeZone zone)
    {
        var granted = consent.GrantedAt!.Value;
        Moment?[] later = counts switch
        {
            ConsentClock.Grant => [],
            ConsentClock.Renewal => [consent.RenewedAt],
            // To renew is an act too.
            ConsentClock.Activity => [consent.RenewedAt, consent.LastActiveAt],
        };
        return later.OfType<Moment>().Where(IsPast).Append(granted).MaxBy(moment => moment.StartIn(zone));
    }

    /// <summary>Whether a listing cancelled it, in a register of whatever rule that is in play.</summary>
    private bool IsSuperseded(GivenConsent consent) => cancelling.Any(rule =>
        rule.Body is RegisterBody body && asked.Registers?.GetValueOrDefault(body.Name) is { Listed: true } screening
        && !(body.Supersedes == Superseding.Flagged && screening.ConsentsWithdrawn == false)
        && !IsAfter(consent, screening.ListedAt)
        && All(rule.When, permitting: false) != Truth.False);

    private bool IsSince(GivenConsent consent, ConsentCondition wanted)
    {
        if (wanted.SinceListing is { } register && !IsAfter(consent, asked.Registers?.GetValueOrDefault(register)?.ListedAt))
            return false;
        return wanted.SinceEvent is not { } outcomes || asked.History is { } history && history
            .Where(one => outcomes.Contains(one.Outcome) && one.At <= asked.At && IsOurs(one.Controller) != Truth.False)
            .All(one => where.Days.All(zone => consent.GrantedAt!.Value.StartIn(zone) > one.At));
    }

    private bool IsAfter(GivenConsent consent, Moment? day) =>
        day is { } listed && where.Days.All(zone => consent.GrantedAt!.Value.DayIn(zone) > listed.DayIn(zone));

    private bool IsInScope(GivenConsent consent, HoursAgreed wanted)
    {
        return wanted switch
        {
            HoursAgreed.Any => true,
            HoursAgreed.Night => consent.TimeScopes.Any(scope => scope.Night),
            HoursAgreed.Slot => Everywhere(scope => scope.Slot is not null),
            HoursAgreed.Hours => Everywhere(scope => scope.Slot is not null || scope.Window is not null),
        };

        bool Everywhere(Func<TimeScope, bool> kind) => where.Days.All(zone => consent.TimeScopes.Any(scope => kind(scope) && HoldsNow(scope, zone)));
    }

    private bool HoldsNow(TimeScope scope, DateTimeZone zone)
    {
        if (scope.Slot is { } slot)
            return ReferenceInstants.FirstShown(slot.From, zone) is var from && from <= at && at < from + slot.Lasts;
        var now = at.InZone(zone).LocalDateTime;
        return scope.Window is { } window && window.IsOn(now.DayOfWeek) && window.Holds(now.TimeOfDay.SecondOfDay());
    }

    private static string ItemsOf<T>(T flags) where T : struct, Enum => string.Join(',', WordsOf(flags));

    private static IEnumerable<string> WordsOf<T>(T flags) where T : struct, Enum =>
        Words<T>.All.Where(word => Words<T>.TryParse(word, out var one) && flags.HasFlag(one));
}
