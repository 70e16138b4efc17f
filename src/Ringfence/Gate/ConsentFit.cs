using NodaTime;
using Ringfence.Rules;

namespace Ringfence.Gate;

/// <summary>How near a consent comes to what is asked, from far to near; the nearest miss is what a person is told.</summary>
internal enum ConsentFit : byte
{
    None,
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
    Fits,
}

internal sealed partial class Judgement
{
    private const EvidenceItems Verifications = EvidenceItems.NumberVerified | EvidenceItems.EmailVerified;

    /// <summary>Looks for a consent that fits.</summary>
    /// <param name="condition">What is asked of it.</param>
    /// <param name="nearest">How near the nearest comes.</param>
    /// <param name="index">Which it is, of equals the one that lacks least; -1 for none.</param>
    public Truth FindConsent(ConsentCondition condition, out ConsentFit nearest, out int index)
    {
        (nearest, index) = (ConsentFit.None, -1);
        if (Facts.Consents is not { } consents)
            return Truth.Unknown;
        for (var i = 0; i < consents.Count; i++)
        {
            var fit = Fit(consents[i], condition);
            if (fit < nearest || (fit == nearest && (index < 0 || Misses(consents[i], condition) >= Misses(consents[index], condition))))
                continue;
            (nearest, index) = (fit, i);
            if (fit == ConsentFit.Fits)
                return Truth.True;
        }

        for (var i = 0; i < consents.Count; i++)
        {
            if (Fit(consents[i], condition, mayBe: true) == ConsentFit.Fits)
                return Truth.Unknown;
        }

        return Truth.False;
    }

    /// <summary>How near one consent comes.</summary>
    /// <param name="consent">The consent.</param>
    /// <param name="condition">What is asked of it.</param>
    /// <param name="mayBe">Whether what is not stated, of it or of what is asked, is taken to fit: so that a rule against those who said yes is not left out.</param>
    public ConsentFit Fit(GivenConsent consent, ConsentCondition condition, bool mayBe = false)
    {
        if (!Names(consent))
            return ConsentFit.Controller;
        if ((!condition.AnyChannel && !consent.Channels.Has(Channel)) || !CoversTechnique(consent, mayBe))
            return ConsentFit.Channel;
        if (!condition.AnyPurpose && !CoversPurpose(consent.Purposes) || (consent.Subject is { } subject && subject != (Facts.Ask.Subject ?? (mayBe ? subject : null))))
            return ConsentFit.Purpose;
        // One that will be taken back at a time that is known already is taken back.
        if (consent.WithdrawnAt is not null)
            return ConsentFit.Withdrawn;
        if (consent.GrantedAt is { } granted)
        {
            if (FitInTime(consent, granted, condition) is not ConsentFit.Fits and var miss)
                return miss;
        }
        else if (!mayBe)
            return ConsentFit.Defective;
        if (!ExtendsTo(consent, condition.TimeScope))
            return ConsentFit.Hours;
        if (Wanting(consent, condition) is not EvidenceItems.None and var wanting)
            return (wanting & ~Verifications) == 0 && consent.Flaws == ConsentFlaws.None ? ConsentFit.Unverified : ConsentFit.Defective;
        return consent.Flaws == ConsentFlaws.None && (HasMethod(consent, condition) || (mayBe && consent.Method is null)) && (!condition.OnRegister || consent.OnRegister)
            ? ConsentFit.Fits
            : ConsentFit.Defective;
    }

    private ConsentFit FitInTime(GivenConsent consent, Moment granted, ConsentCondition condition)
    {
        if (!WasBy(granted, KnownAt))
            return ConsentFit.None;
        if (IsSuperseded(granted))
            return ConsentFit.Superseded;
        if (HasEnded(consent, granted) is { } ended)
            return ended;
        if (condition.Age is { } limit && !limit.Holds(this, Since(consent, granted, condition.Counts)))
            return ConsentFit.Expired;
        var isSince = (condition.SinceListing is not { } register || IsAfterListing(granted, register))
            && (condition.SinceEvent is not { } events || IsAfterLast(granted, events));
        return isSince ? ConsentFit.Fits : ConsentFit.Superseded;
    }

    /// <summary>What its proof does not hold.</summary>
    public static EvidenceItems Wanting(GivenConsent consent, ConsentCondition condition) =>
        (condition.Needs | EvidenceItems.Record) & ~consent.Holds;

    /// <summary>Whether it is this controller's, on this channel, for this purpose, and may be about what is asked.</summary>
    public bool IsAbout(GivenConsent consent) =>
        Names(consent) && consent.Channels.Has(Channel) && CoversPurpose(consent.Purposes) && (consent.Subject is not { } subject || Facts.Ask.Subject is null || subject == Facts.Ask.Subject);

    /// <summary>Whether some purposes cover the one asked for: a name covers what is written behind it and a colon.</summary>
    public bool CoversPurpose(IReadOnlyList<string> purposes)
    {
        if (Facts.Ask.Purpose is not { } asked)
            return false;
        for (var i = 0; i < purposes.Count; i++)
        {
            var given = purposes[i];
            if (asked.StartsWith(given, StringComparison.Ordinal) && (asked.Length == given.Length || asked[given.Length] == ':'))
                return true;
        }

        return false;
    }

    /// <summary>Whether something is about the controller that asks.</summary>
    public bool IsOfController(string? controller) => controller is null || controller == "any" || controller == Facts.Ask.Controller;

    /// <summary>Whether a moment was over by an instant, wherever the person is; a day counts from its beginning.</summary>
    public bool WasBy(Moment moment, Instant by)
    {
        foreach (ref readonly var clock in Clocks)
        {
            if (moment.StartIn(clock.Zone) > by)
                return false;
        }

        return true;
    }

    private bool Names(GivenConsent consent)
    {
        if (consent.Controllers is not { } controllers)
            return true;
        for (var i = 0; i < controllers.Count; i++)
        {
            if (controllers[i] == Facts.Ask.Controller)
                return true;
        }

        return false;
    }

    private bool CoversTechnique(GivenConsent consent, bool mayBe)
    {
        if (mayBe && Facts.Ask.Technique is null)
            return consent.Techniques is not { Count: 0 };
        if (consent.Techniques is { } techniques)
            return Facts.Ask.Technique is { } asked && techniques.Contains(asked);
        // A recorded or an artificial voice, and a number dialled at random, have to be agreed to by name.
        return Facts.Ask.Technique is not (null or Technique.Prerecorded or Technique.AiVoice or Technique.RandomDialler);
    }

    private ConsentFit? HasEnded(GivenConsent consent, Moment granted)
    {
        foreach (ref readonly var clock in Clocks)
        {
            var from = granted.DayIn(clock.Zone);
            if (consent.Until is { } until && clock.Date > until)
                return ConsentFit.Expired;
            if (consent.Term is { } term && clock.Date >= DayCount.After(from, term, null))
                return ConsentFit.Expired;
        }

        var reconfirm = false;
        foreach (var rule in Rules.Terms)
        {
            var law = rule.ConsentTerm!;
            if (!Holds(rule) || (consentsAsByLaw && rule.IsOfHouse) || (!law.EvenIfLongerAgreed && (consent.Term is not null || consent.Until is not null)))
                continue;
            if (law.Limit.Holds(this, Since(consent, granted, law.Counts)))
                continue;
            if (!law.Reconfirm)
                return ConsentFit.Expired;
            reconfirm = true;
        }

        return reconfirm ? ConsentFit.Reconfirm : null;
    }

    private Moment Since(GivenConsent consent, Moment granted, ConsentClock counts)
    {
        var other = counts switch
        {
            ConsentClock.Grant => null,
            ConsentClock.Renewal => consent.RenewedAt,
            ConsentClock.Activity => Latest(consent.LastActiveAt, consent.RenewedAt),
        };
        return other is { } moment && moment > granted && WasBy(moment, KnownAt) ? moment : granted;

        static Moment? Latest(Moment? a, Moment? b) => a is null ? b : b is null || a > b ? a : b;
    }

    // An entry that cancels consents does so for all rules, wherever in the law it stands.
    private bool IsSuperseded(Moment granted)
    {
        // Whether an entry cancels consents may hang on there being one: as it was given, for otherwise the question would have no end.
        if (isSuperseding)
            return false;
        foreach (var judging in Rules.Superseding)
        {
            var body = (RegisterBody)judging.Rule.Body!;
            if (!Holds(judging.Rule) || (consentsAsByLaw && judging.Rule.IsOfHouse) || Facts.Registers is not { } registers || !registers.TryGetValue(body.Name, out var screening) || screening.Listed != true)
                continue;
            if (body.Supersedes == Superseding.Flagged && screening.ConsentsWithdrawn == false)
                continue;
            if (!IsAfterListing(granted, body.Name) && Supersedes(judging))
                return true;
        }

        return false;
    }

    private bool Supersedes(JudgingRule judging)
    {
        isSuperseding = true;
        var play = All(judging.When, null);
        isSuperseding = false;
        return play != Truth.False;
    }

    private bool IsAfterListing(Moment granted, string register)
    {
        if (Facts.Registers is not { } registers || !registers.TryGetValue(register, out var screening) || screening.ListedAt is not { } listed)
            return false;
        foreach (ref readonly var clock in Clocks)
        {
            if (granted.DayIn(clock.Zone) <= listed.DayIn(clock.Zone))
                return false;
        }

        return true;
    }

    private bool IsAfterLast(Moment granted, IReadOnlySet<Outcome> events)
    {
        if (Facts.History is not { } history)
            return false;
        for (var i = 0; i < history.Count; i++)
        {
            if (events.Contains(history[i].Outcome) && Counts(history[i], ChannelSet.None, EventKey.None, strict: true) && !IsAfter(granted, history[i].At))
                return false;
        }

        return true;
    }

    private bool ExtendsTo(GivenConsent consent, HoursAgreed hours)
    {
        if (hours == HoursAgreed.Any)
            return true;
        foreach (ref readonly var clock in Clocks)
        {
            var agreed = false;
            for (var i = 0; i < consent.TimeScopes.Count && !agreed; i++)
            {
                var scope = consent.TimeScopes[i];
                agreed = hours == HoursAgreed.Night ? scope.Night : InSlot(scope, clock) || (hours == HoursAgreed.Hours && InWindow(scope, clock));
            }

            if (!agreed)
                return false;
        }

        return true;
    }

    private bool InSlot(TimeScope scope, in LocalClock clock)
    {
        if (scope.Slot is not { } slot)
            return false;
        var from = LocalClocks.FirstAt(clock.Zone, slot.From.Date, (int)(slot.From.TickOfDay / NodaConstants.TicksPerSecond), Instant.MinValue);
        return from <= At && At < from + slot.Lasts;
    }

    private static bool InWindow(TimeScope scope, in LocalClock clock) =>
        scope.Window is { } window && window.IsOn(clock.Date.DayOfWeek) && window.Holds(clock.Second);
}
