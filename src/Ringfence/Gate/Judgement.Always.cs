using NodaTime;
using Ringfence.Lists;
using Ringfence.Rules;

namespace Ringfence.Gate;

internal sealed partial class Judgement
{
    /// <summary>How soon after an opt-out its confirmation may be sent.</summary>
    /// <remarks>Source: 47 CFR 64.1200(a)(12), a confirmation within five minutes is presumed to be covered by the earlier consent.</remarks>
    private static readonly Duration ConfirmWithin = Duration.FromMinutes(5);

    /// <summary>What holds whatever the packs say; in the order of <c>docs/reference/rules.md</c>.</summary>
    private void JudgeWithoutRules()
    {
        JudgeQuestion();
        JudgeRefusals();
        JudgeRequests();
        JudgePerson();
        JudgeAddress();
        JudgeAgent();
        JudgePromises();
        JudgeWishes();
        JudgeAskingAgain();
    }

    private bool IsService => Word(WordFact.Class) == (int)ContactClass.Service;

    private void JudgeQuestion()
    {
        if (Facts.Ask.Controller is null)
            Missing("ask.controller");
        if (Facts.Ask.Class is not { } asked)
            Missing("ask.class");
        else if (Word(WordFact.Class) < 0 && asked != ContactClass.Marketing)
            Missing("ask.promotes");
        if (Facts.Ask.Purpose is null)
            Missing("ask.purpose");
        // One may have been taken back, or have promised something.
        if (Facts.Consents is null)
            Missing("consents");
        // It tells a live call from an automated one.
        if (Facts.Ask is { Channel: Channel.Voice, Technique: null })
            Missing("ask.technique");
    }

    private void JudgeRefusals()
    {
        if (Facts.Suppressions is not { } entries)
            Missing("suppressions");
        else
        {
            for (var i = 0; i < entries.Count; i++)
            {
                if (Suppresses(entries[i]))
                    Refuse(entries[i] switch
                    {
                        { Kind: SuppressionKind.Restriction } => ReasonCode.Restricted,
                        { Kind: SuppressionKind.Objection } or { By: SuppressedBy.Person } => ReasonCode.Objected,
                        _ => ReasonCode.Suppressed,
                    });
            }
        }

        if (!IsService)
            JudgeWithdrawals();
        if (Facts.History is not { } history)
        {
            Missing("history");
            return;
        }

        if (IsService)
            return;
        for (var i = 0; i < history.Count; i++)
        {
            var past = history[i];
            if (past.Outcome is Outcome.OptedOut or Outcome.Complained && past.At <= KnownAt && IsOfController(past.Controller) && !IsAnsweredByConsent(past.At))
            {
                Refuse(ReasonCode.Objected);
                break;
            }
        }
    }

    // The last word counts: who took a yes back and gave none since has said no, also where no yes would be needed.
    private void JudgeWithdrawals()
    {
        if (Facts.Consents is not { } consents)
            return;
        for (var i = 0; i < consents.Count; i++)
        {
            if (consents[i].WithdrawnAt is not { } withdrawn || !IsAbout(consents[i]))
                continue;
            var answered = false;
            for (var k = 0; k < consents.Count && !answered; k++)
                answered = consents[k].GrantedAt is { } granted && Fit(consents[k], PlainConsent) == ConsentFit.Fits && IsAfterAll(granted, withdrawn);
            if (answered)
                continue;
            Refuse(ReasonCode.Withdrawn);
            return;
        }
    }

    private bool IsAfterAll(Moment granted, Moment withdrawn)
    {
        foreach (ref readonly var clock in Clocks)
        {
            var (given, taken) = (granted.StartIn(clock.Zone), withdrawn.EndIn(clock.Zone));
            if (given < taken || (given == taken && !withdrawn.IsDay))
                return false;
        }

        return true;
    }

    private bool Suppresses(SuppressionEntry entry)
    {
        if (!IsOfController(entry.Controller) || !entry.Channels.Has(Channel))
            return false;
        if (entry.Program is { } program)
            return CoversPurpose([program]);
        if (entry.Purposes is { } purposes)
            return Facts.Ask.Purpose is null || CoversPurpose(purposes);
        return !IsService || (entry.Kind == SuppressionKind.Restriction && entry.Channels == ChannelSet.All);
    }

    private void JudgeRequests()
    {
        if (Facts.RightsRequests is not { } requests)
        {
            Missing("rightsRequests");
            return;
        }

        for (var i = 0; i < requests.Count; i++)
        {
            var request = requests[i];
            if (request.ClosedAt is { } closed && WasBy(closed, KnownAt))
                continue;
            if (request.Kind == RequestKind.Restriction)
                Refuse(ReasonCode.Restricted);
            else if (request.Kind is RequestKind.Erasure or RequestKind.Objection or RequestKind.Withdrawal && !IsService && Word(WordFact.Class) != (int)ContactClass.Collection)
                Refuse(ReasonCode.RightsRequest);
        }
    }

    private void JudgePerson()
    {
        var contact = Facts.Contact;
        if (!IsService)
        {
            if (contact.Age is not { } age)
                Missing("contact.age");
            else if (age.IsUnder(18))
                Refuse(ReasonCode.Minor);

            if (contact.Provenance == false || (contact.Provenance is null && contact.Source is ContactSource.Purchased or ContactSource.Scraped or ContactSource.Generated))
                Refuse(ReasonCode.Provenance);
            else if (contact.Provenance is null)
                Missing("contact.source.provenance");
        }

        if (contact.Quarantine == true)
            Refuse(ReasonCode.Quarantine);
        if (contact.Reassigned == ReassignedAnswer.Yes && Channel != Channel.Email)
            Refuse(ReasonCode.Reassigned);
        else if (contact.Reassigned == ReassignedAnswer.NoData && Channel == Channel.VoiceAuto && contact.Verified != true)
            Refuse(ReasonCode.Reassigned);
    }

    private void JudgeAddress()
    {
        if (Channel == Channel.Email)
        {
            var valid = Facts.Contact.Email is { } address ? People.EmailCell.Read(address, out _) == EmailStatus.Valid : Facts.Contact.EmailValid;
            if (valid is null)
                Missing("contact.email");
            else if (valid == false)
                Refuse(ReasonCode.NumberInvalid, "contact.email");
        }
        else if (!IsNumberStated)
            Missing("contact.phone");
        else if (!IsNumberValid)
            Refuse(ReasonCode.NumberInvalid, "contact.phone");
    }

    private void JudgeAgent()
    {
        if (Facts.Ask.Agent?.Registered == false)
            Refuse(ReasonCode.Agent);
        if (Channel != Channel.Voice)
            return;
        switch (Facts.Ask.Agent?.Trained)
        {
            case null:
                Missing("ask.agent.trained");
                break;
            case false:
                Refuse(ReasonCode.Training);
                break;
            case true:
                break;
        }
    }

    // Every consent that the contact could rest on binds by what its wording promised.
    private void JudgePromises()
    {
        if (Facts.Consents is not { } consents)
            return;
        for (var i = 0; i < consents.Count; i++)
        {
            if (consents[i] is { Promise: { } promise, WithdrawnAt: null } consent && IsAbout(consent) && KeepsUntil(promise) is { } until)
                reasons.Add(new Reason(ReasonCode.Promise, null, null, ReasonMarks.None, until));
        }
    }

    private void JudgeWishes()
    {
        if (Facts.Contact.Wishes is not { } wishes)
            return;
        var until = At;
        if (wishes.PausedUntil is { } paused)
        {
            foreach (ref readonly var clock in Clocks)
                until = Later(until, paused.EndIn(clock.Zone));
        }

        if (wishes.Most is { } most && KeepsUntil(most) is { } free)
            until = Later(until, free);
        if (wishes.Hours.Count > 0 && !ZonesKnown)
            Missing("contact.zone");
        else if (wishes.Hours.Count > 0)
        {
            var hours = new HoursBody(wishes.Hours, [], true, []);
            foreach (ref readonly var clock in Clocks)
            {
                if (Closed(hours, clock) is null)
                    closing = Earlier(closing, ClosesAt(hours.Open, clock));
                else
                    until = Later(until, OpensAt(hours, clock));
            }
        }

        if (until > At)
            reasons.Add(new Reason(ReasonCode.Preference, null, null, ReasonMarks.None, until));
    }

    private Instant? KeepsUntil(Promise promise)
    {
        if (Facts.History is not { } history || (promise.Channels != ChannelSet.None && !promise.Channels.Has(Channel)))
            return null;
        counted.Clear();
        for (var i = 0; i < history.Count; i++)
        {
            if (history[i].IsAttempt && Counts(history[i], promise.Channels, EventKey.None, strict: true))
                counted.Add(history[i].At);
        }

        return FullUntil(promise.Most, WindowOf(promise.Within));
    }

    /// <summary>The window of a promise: calendar days where it has no hours, elapsed time else.</summary>
    private static CapWindow WindowOf(Period within) => within switch
    {
        { HasTimeComponent: true } => new CapWindow(within.ToDuration(), null, null),
        { Months: 0, Years: 0 } => new CapWindow(null, (within.Weeks * 7) + within.Days, null),
        // A month is as long as the longest.
        _ => new CapWindow(null, (((within.Years * 12) + within.Months) * 31) + (within.Weeks * 7) + within.Days, null),
    };

    private void JudgeAskingAgain()
    {
        if (Facts.Ask.Class != ContactClass.ConsentRequest || Facts.History is not { } history)
            return;
        for (var i = 0; i < history.Count; i++)
        {
            var past = history[i];
            if (past.At > KnownAt || !IsOfController(past.Controller))
                continue;
            // Silence is an answer: who did not reply to a request on this channel is not asked there again.
            if (past.Outcome is Outcome.ConsentRefused or Outcome.OptedOut || (past.Outcome == Outcome.ConsentAsked && (past.Channel ?? Channel) == Channel))
            {
                Refuse(ReasonCode.Reask);
                return;
            }
        }
    }

    /// <summary>Whether this is the one confirmation that an opt-out may be answered by.</summary>
    private bool MayConfirm()
    {
        if (Facts.Ask.ReplyTo is not { } replyTo || Facts.History is not { } history || At < replyTo || At - replyTo > ConfirmWithin)
            return false;
        var optedOut = false;
        for (var i = 0; i < history.Count; i++)
        {
            var past = history[i];
            if (past.At > KnownAt || past.At < replyTo || past.Channel != Channel || !IsOfController(past.Controller))
                continue;
            if (past.Outcome == Outcome.Confirmation)
                return false;
            optedOut |= past.Outcome == Outcome.OptedOut && past.At == replyTo;
        }

        return optedOut;
    }
}
