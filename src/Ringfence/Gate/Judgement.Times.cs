using NodaTime;
using Ringfence.Rules;
using Ringfence.Rules.Calendars;

namespace Ringfence.Gate;

internal sealed partial class Judgement
{
    /// <summary>How far ahead anything is looked for.</summary>
    internal const int HorizonDays = 400;

    private readonly List<Instant> counted = [];

    /// <summary>Whether an earlier event counts: this controller's, on these channels, with the same key.</summary>
    /// <param name="past">The event.</param>
    /// <param name="channels">Channels; none: any.</param>
    /// <param name="key">What has to be the same.</param>
    /// <param name="strict">Whether what is not known counts as the same.</param>
    public bool Counts(PastEvent past, ChannelSet channels, EventKey key, bool strict)
    {
        if (past.At > KnownAt || !IsOfController(past.Controller))
            return false;
        if (channels != ChannelSet.None && !(past.Channel is { } channel ? channels.Has(channel) : strict))
            return false;
        var ask = Facts.Ask;
        return (!key.HasFlag(EventKey.Subject) || Same(past.Subject, ask.Subject)) &&
            (!key.HasFlag(EventKey.Number) || Same(past.Number, Facts.Contact.Phone ?? (Facts.Contact.Number is null ? null : NumberFacts.Same))) &&
            (!key.HasFlag(EventKey.Agent) || Same(past.Agent, ask.Agent?.Id)) &&
            (!key.HasFlag(EventKey.Campaign) || Same(past.Campaign, ask.Campaign?.Id)) &&
            (!key.HasFlag(EventKey.Channel) || (past.Channel is { } one ? one == Channel : strict));

        bool Same(string? a, string? b) => a is null || b is null ? strict : a == b;
    }

    private void JudgeHours(JudgingRule judging, HoursBody body)
    {
        if (body.OnPersonsClock && !ZonesKnown)
        {
            Refuse(judging, ReasonCode.MissingFact, "contact.zone");
            return;
        }

        ReasonCode? code = null;
        int open = 0, all = 0;
        var until = At;
        if (body.OnPersonsClock)
        {
            foreach (ref readonly var clock in Clocks)
                Look(clock, ref until);
        }

        var conflict = body.FixedClocks.Count > 0 && body.OnPersonsClock;
        for (var i = 0; i < body.FixedClocks.Count; i++)
            Look(new LocalClock(body.FixedClocks[i], At), ref until);
        conflict |= body.FixedClocks.Count > 1;
        if (code is not { } found)
            return;
        var disagree = open > 0 && open < all;
        Defer(judging, found, until, disagree ? conflict ? ReasonMarks.ClockConflict : ReasonMarks.Candidates : ReasonMarks.None);

        void Look(in LocalClock clock, ref Instant latest)
        {
            all++;
            if (Closed(body, clock) is not { } closed)
            {
                open++;
                closing = Earlier(closing, ClosesAt(body.Open, clock));
                return;
            }

            code = code is { } other && other > closed ? other : closed;
            latest = Later(latest, OpensAt(body, clock));
        }
    }

    /// <summary>Why it is closed; null where it is open.</summary>
    private static ReasonCode? Closed(HoursBody body, in LocalClock clock)
    {
        if (IsHoliday(body.ClosedOn, clock.Date))
            return ReasonCode.Holiday;
        var onDay = false;
        for (var i = 0; i < body.Open.Count; i++)
        {
            if (!body.Open[i].IsOn(clock.Date.DayOfWeek))
                continue;
            onDay = true;
            if (body.Open[i].Holds(clock.Second))
                return null;
        }

        return onDay ? ReasonCode.Hours : ReasonCode.RestDay;
    }

    private static bool IsHoliday(IReadOnlyList<string> calendars, LocalDate day)
    {
        for (var i = 0; i < calendars.Count; i++)
        {
            if (HolidayCalendars.Shipped.Named(calendars[i]).IsHoliday(day) != false)
                return true;
        }

        return false;
    }

    // The windows of this day, then those of the days after it: the first that begins after now and on a day that is open.
    private Instant OpensAt(HoursBody body, in LocalClock clock)
    {
        for (var ahead = 0; ahead <= HorizonDays + 1; ahead++)
        {
            var day = clock.Date.PlusDays(ahead);
            if (IsHoliday(body.ClosedOn, day))
                continue;
            var first = Instant.MaxValue;
            for (var i = 0; i < body.Open.Count; i++)
            {
                var window = body.Open[i];
                if (!window.IsOn(day.DayOfWeek))
                    continue;
                var from = clock.FirstAt(day, window.From);
                // A window that a jump of the clock swallows whole never opens.
                if (from > At && new LocalClock(clock.Zone, from) is var then && then.Date == day && window.Holds(then.Second))
                    first = Earlier(first, from);
            }

            if (first != Instant.MaxValue)
                return first;
        }

        return Instant.MaxValue;
    }

    private static Instant ClosesAt(IReadOnlyList<WeeklyWindow> open, in LocalClock clock)
    {
        var last = clock.Second;
        for (var i = 0; i < open.Count; i++)
        {
            if (open[i].IsOn(clock.Date.DayOfWeek) && open[i].Holds(clock.Second))
                last = Math.Max(last, open[i].Until);
        }

        return clock.FirstAt(clock.Date, last);
    }

    private void JudgeCap(JudgingRule judging, CapBody body)
    {
        if (Facts.History is not { } history)
        {
            Refuse(judging, ReasonCode.MissingFact, "history");
            return;
        }

        counted.Clear();
        for (var i = 0; i < history.Count; i++)
        {
            var past = history[i];
            if ((body.Outcomes?.Contains(past.Outcome) ?? past.IsAttempt) && Counts(past, body.Channels, body.Key, strict: true))
                counted.Add(past.At);
        }

        if (FullUntil(body.Most, body.Window) is { } until)
            Defer(judging, ReasonCode.Cap, until);
    }

    /// <summary>Until when what was counted fills a cap; null where there is room.</summary>
    private Instant? FullUntil(int most, CapWindow window)
    {
        if (counted.Count < most)
            return null;
        counted.Sort();
        if (window.Elapsed is { } elapsed)
        {
            // With room for one more once the oldest of the last so many has left.
            var until = most == 0 ? Instant.MaxValue : counted[^most] + elapsed;
            return until > At ? until : null;
        }

        var latest = At;
        foreach (ref readonly var clock in Clocks)
        {
            var inside = 0;
            foreach (var at in counted)
            {
                if (clock.Date < FirstDayAfter(at.InZone(clock.Zone).Date, window))
                    inside++;
            }

            if (inside < most)
                continue;
            var free = most == 0 ? Instant.MaxValue : LocalClocks.StartOf(clock.Zone, FirstDayAfter(counted[^most].InZone(clock.Zone).Date, window));
            latest = Later(latest, free);
        }

        return latest > At ? latest : null;
    }

    /// <summary>The first day on which an event of a day counts no more.</summary>
    private static LocalDate FirstDayAfter(LocalDate day, CapWindow window) => window switch
    {
        { Days: { } days } => day.PlusDays(days),
        { Unit: CalendarUnit.Day } => day.PlusDays(1),
        { Unit: CalendarUnit.Week } => day.Next(IsoDayOfWeek.Monday),
        _ => day.With(DateAdjusters.StartOfMonth).PlusMonths(1),
    };

    private void JudgeCoolDown(JudgingRule judging, CoolDownBody body)
    {
        if (Facts.History is not { } history)
        {
            Refuse(judging, ReasonCode.MissingFact, "history");
            return;
        }

        PastEvent? last = null;
        for (var i = 0; i < history.Count; i++)
        {
            if (body.After.Contains(history[i].Outcome) && Counts(history[i], body.Channels, body.Key, strict: true) && (last is null || history[i].At > last.At))
                last = history[i];
        }

        if (last is null)
            return;
        if (body.Else is { } code)
        {
            if (!IsAnsweredByConsent(last.At))
                Refuse(judging, code);
            return;
        }

        var until = At;
        if (body.Elapsed is { } elapsed)
            until = last.At + elapsed;
        else
        {
            foreach (ref readonly var clock in Clocks)
                until = Later(until, LocalClocks.StartOf(clock.Zone, (last.At.InZone(clock.Zone).Date + body.FullDays!).PlusDays(1)));
        }

        if (until > At)
            Defer(judging, ReasonCode.CoolDown, until);
    }

    /// <summary>Whether the person said yes anew after something happened: on this channel, for this purpose, and it stands.</summary>
    private bool IsAnsweredByConsent(Instant after)
    {
        if (Facts.Consents is not { } consents)
            return false;
        for (var i = 0; i < consents.Count; i++)
        {
            if (Fit(consents[i], PlainConsent) == ConsentFit.Fits && consents[i].GrantedAt is { } granted && IsAfter(granted, after))
                return true;
        }

        return false;
    }

    private static readonly ConsentCondition PlainConsent = new();

    /// <summary>Instants after now at which something may open by itself: a rule lapses, an hour that was agreed to begins.</summary>
    public List<Instant> Openings()
    {
        var openings = new List<Instant>();
        var zones = ZonesKnown ? Where.Zones : FirstAndLast;
        var dates = Rules.Rules.Select(judging => judging.Rule.Until).Concat(Rules.Terms.Select(rule => rule.Until)).OfType<LocalDate>().Distinct();
        var slots = (Facts.Consents ?? []).SelectMany(consent => consent.TimeScopes);
        foreach (var zone in zones)
        {
            openings.AddRange(dates.Select(date => LocalClocks.StartOf(zone, date)));
            foreach (var scope in slots)
            {
                if (scope.Slot is { } slot)
                    openings.Add(LocalClocks.FirstAt(zone, slot.From.Date, (int)(slot.From.TickOfDay / NodaConstants.TicksPerSecond), Instant.MinValue));
                if (scope.Window is { } window)
                    openings.AddRange(Enumerable.Range(0, HorizonDays + 2).Select(ahead => KnownAt.InZone(zone).Date.PlusDays(ahead)).Where(day => window.IsOn(day.DayOfWeek)).Select(day => LocalClocks.FirstAt(zone, day, window.From, Instant.MinValue)));
            }
        }

        openings.RemoveAll(opening => opening <= KnownAt);
        openings.Sort();
        return openings;
    }

    // A day counts as after only where all of it is.
    private bool IsAfter(Moment moment, Instant instant)
    {
        foreach (ref readonly var clock in Clocks)
        {
            if (moment.StartIn(clock.Zone) <= instant)
                return false;
        }

        return true;
    }
}
