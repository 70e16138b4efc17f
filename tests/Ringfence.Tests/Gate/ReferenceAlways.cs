using NodaTime;
using Ringfence.Gate;
using Ringfence.Rules;

namespace Ringfence.Tests.Gate;

/// <summary>What holds without any rule file, in the order of <c>docs/reference/rules.md</c>.</summary>
internal sealed partial class ReferenceMoment
{
    private static readonly ContactClass[] RightsClasses = [ContactClass.Marketing, ContactClass.Charity, ContactClass.Research, ContactClass.ConsentRequest, ContactClass.ConfirmOptOut];

    private bool IsServiceForSure => classes is [ContactClass.Service];

    private void Always()
    {
        Asked();
        Suppressed();
        Withdrawn();
        Requests();
        Person();
        Address();
        People();
        Promises();
        Asking();
    }

    private void Asked()
    {
        var ask = asked.Ask;
        if (ask.Controller is null)
            Because(ReasonCode.MissingFact, null, "ask.controller");
        if (ask.Purpose is null)
            Because(ReasonCode.MissingFact, null, "ask.purpose");
        // It tells a live call from an automated one.
        if (ask is { Channel: Channel.Voice, Technique: null })
            Because(ReasonCode.MissingFact, null, "ask.technique");
        // One may have been taken back, or have promised something.
        if (asked.Consents is null)
            Because(ReasonCode.MissingFact, null, "consents");
        if (ask.Class is null)
            Because(ReasonCode.MissingFact, null, "ask.class");
        else if (ask.Class != ContactClass.Marketing && ask.Promotes is null)
            Because(ReasonCode.MissingFact, null, "ask.promotes");
    }

    private void Withdrawn()
    {
        if (!IsServiceForSure && (asked.Consents ?? []).Any(consent => consent.WithdrawnAt is { } withdrawn && CoversWhat(consent) && !HasConsentedSince(withdrawn)))
            Because(ReasonCode.Withdrawn, null, null);
    }

    /// <summary>Whether a consent is about this controller, channel, purpose and subject, by whatever technique; what is not known may be so.</summary>
    private bool CoversWhat(GivenConsent consent)
    {
        var ask = asked.Ask;
        return (consent.Controllers is not { } named || (ask.Controller is { } asking && named.Contains(asking)))
            && channels.Any(channel => consent.Channels.Has(channel))
            && consent.Purposes.Any(IsAbout)
            && (consent.Subject is not { } subject || ask.Subject is null || subject == ask.Subject);
    }

    // Without a purpose the contact is refused for that.
    private bool IsAbout(string named) => asked.Ask.Purpose is { } purpose && Covers(named, purpose);

    private void Suppressed()
    {
        if (asked.Suppressions is not { } entries)
            Because(ReasonCode.MissingFact, null, "suppressions");
        else
        {
            foreach (var entry in entries)
            {
                if (IsOurs(entry.Controller) == Truth.False || !channels.Any(channel => entry.Channels.Has(channel)))
                    continue;
                // Said to one programme, it is about that and nothing else.
                if (entry.Program is { } program ? !IsAbout(program) : asked.Ask.Purpose is not null && entry.Purposes?.Any(IsAbout) == false)
                    continue;
                var isAll = entry is { Channels: ChannelSet.All, Purposes: null, Program: null };
                var namesPurpose = entry.Purposes is not null || entry.Program is not null;
                if (IsServiceForSure && !namesPurpose && !(isAll && entry.Kind == SuppressionKind.Restriction))
                    continue;
                Because(
                    entry.Kind == SuppressionKind.Restriction ? ReasonCode.Restricted
                    : entry.Kind == SuppressionKind.Objection || entry.By == SuppressedBy.Person ? ReasonCode.Objected
                    : ReasonCode.Suppressed, null, null);
            }
        }

        if (asked.History is not { } history)
            Because(ReasonCode.MissingFact, null, "history");
        else if (!IsServiceForSure && history.Any(one => one.Outcome is Outcome.Complained or Outcome.OptedOut && one.At <= asked.At && IsOurs(one.Controller) != Truth.False && !HasConsentedSince(Moment.At(one.At))))
            Because(ReasonCode.Objected, null, null);
    }

    private void Requests()
    {
        if (asked.RightsRequests is not { } requests)
        {
            Because(ReasonCode.MissingFact, null, "rightsRequests");
            return;
        }

        foreach (var request in requests)
        {
            if (request.ClosedAt is { } closed && IsPast(closed))
                continue;
            if (request.Kind == RequestKind.Restriction)
                Because(ReasonCode.Restricted, null, null);
            else if (request.Kind is RequestKind.Erasure or RequestKind.Objection or RequestKind.Withdrawal && classes.Any(RightsClasses.Contains))
                Because(ReasonCode.RightsRequest, null, null);
        }
    }

    private void Person()
    {
        var contact = asked.Contact;
        if (!IsServiceForSure)
        {
            if (contact.Age is not { } age)
                Because(ReasonCode.MissingFact, null, "contact.age");
            else if (age.IsUnder(18))
                Because(ReasonCode.Minor, null, null);

            if (contact.Provenance == false || (contact.Provenance is null && contact.Source is ContactSource.Purchased or ContactSource.Scraped or ContactSource.Generated))
                Because(ReasonCode.Provenance, null, null);
            else if (contact.Provenance is null)
                Because(ReasonCode.MissingFact, null, "contact.source.provenance");
        }

        if (contact.Quarantine == true)
            Because(ReasonCode.Quarantine, null, null);
        // What became of a number says nothing of an address.
        if (channels is [Channel.Email])
            return;
        if (contact.Reassigned == ReassignedAnswer.Yes || (contact.Reassigned == ReassignedAnswer.NoData && channels.Contains(Channel.VoiceAuto) && contact.Verified != true))
            Because(ReasonCode.Reassigned, null, null);
    }

    private void Address()
    {
        if (channels.Any(channel => channel != Channel.Email))
        {
            if (asked.Contact.Phone is null)
                Because(ReasonCode.MissingFact, null, "contact.phone");
            else if (where.Phone is null)
                Because(ReasonCode.NumberInvalid, null, "contact.phone");
        }

        if (channels.Contains(Channel.Email) && asked.Contact.Email is not { Length: > 0 })
            Because(ReasonCode.MissingFact, null, "contact.email");
        else if (channels.Contains(Channel.Email) && !asked.Contact.Email!.Contains('@', StringComparison.Ordinal))
            Because(ReasonCode.NumberInvalid, null, "contact.email");
    }

    private void People()
    {
        var agent = asked.Ask.Agent;
        if (channels is [Channel.Voice])
        {
            if (agent?.Trained is not { } trained)
                Because(ReasonCode.MissingFact, null, "ask.agent.trained");
            else if (!trained)
                Because(ReasonCode.Training, null, null);
        }

        if (agent?.Registered == false)
            Because(ReasonCode.Agent, null, null);
    }

    private void Promises()
    {
        foreach (var consent in asked.Consents ?? [])
        {
            if (consent.Promise is { } promise && consent.WithdrawnAt is null && CoversWhat(consent) && (promise.Channels == ChannelSet.None || channels.Any(channel => promise.Channels.Has(channel))))
                Cap(null, ReasonCode.Promise, promise.Most, WindowOf(promise.Within), promise.Channels, null, EventKey.None);
        }

        if (asked.Contact.Wishes is not { } wishes)
            return;
        if (wishes.Hours.Count > 0)
        {
            if (where.Zones.Length == 0)
                Because(ReasonCode.MissingFact, null, "contact.zone");
            else if (where.Zones.Any(zone => at.InZone(zone).LocalDateTime is var now && !wishes.Hours.Any(window => window.IsOn(now.DayOfWeek) && window.Holds(now.TimeOfDay.SecondOfDay()))))
                Because(ReasonCode.Preference, null, null);
        }

        if (wishes.PausedUntil is { } pause && where.Days.Any(zone => at < (pause.IsDay ? pause.EndIn(zone) : pause.StartIn(zone))))
            Because(ReasonCode.Preference, null, null);
        if (wishes.Most is { } most)
            Cap(null, ReasonCode.Preference, most.Most, WindowOf(most.Within), most.Channels, null, EventKey.None);
    }

    private static CapWindow WindowOf(Period within) =>
        within.HasTimeComponent ? new CapWindow(within.ToDuration(), null, null) : new CapWindow(null, DaysOf(within), null);

    private static int DaysOf(Period within) => (within.Years * 366) + (within.Months * 31) + (within.Weeks * 7) + within.Days;

    private void Asking()
    {
        if (asked.Ask.Class != ContactClass.ConsentRequest || asked.History is not { } history)
            return;
        if (history.Any(one => one.At <= asked.At && IsOurs(one.Controller) == Truth.True
            && (one.Outcome is Outcome.ConsentRefused or Outcome.OptedOut || (one.Outcome == Outcome.ConsentAsked && (one.Channel is null || channels.Contains(one.Channel.Value))))))
            Because(ReasonCode.Reask, null, null);
    }

    /// <summary>The one exception: a short confirmation of the opt-out, on its channel.</summary>
    private bool ConfirmsOptOut() =>
        classes is [ContactClass.ConfirmOptOut] && asked.Ask.ReplyTo is { } reply && asked.History is { } history
        && reply <= at && at <= reply + Duration.FromMinutes(5) && channels is [var channel]
        && history.Any(one => one.Outcome == Outcome.OptedOut && one.Channel == channel && one.At == reply && IsOurs(one.Controller) == Truth.True)
        && !history.Any(one => one.Outcome == Outcome.Confirmation && one.Channel == channel && one.At >= reply && one.At <= asked.At && IsOurs(one.Controller) == Truth.True);
}
