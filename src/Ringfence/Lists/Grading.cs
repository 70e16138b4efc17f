using Ringfence.Consent;
using Ringfence.Numbers;

namespace Ringfence.Lists;

/// <summary>What a grading goes by, besides the facts of a row.</summary>
/// <param name="AsOf">The day of the audit, counted from 1970-01-01.</param>
/// <param name="InactiveBefore">A last sign of life before this day is too old.</param>
/// <param name="SenderGiven">Whether the user said in whose name people would be contacted.</param>
/// <param name="ConsentCells">Channels that have a consent column of their own in this list.</param>
/// <param name="LastDay">The last day on which a consent holds, by law or by its own term: place, channel, day given, last day agreed.</param>
public sealed record GradingTerms(
    int AsOf, int InactiveBefore, bool SenderGiven, ChannelSet ConsentCells, Func<ushort, Channel, int, int?, int?> LastDay);

/// <summary>A grade and all that speaks for it.</summary>
/// <param name="Grade">The grade.</param>
/// <param name="Reasons">Why it is not usable; none where it is.</param>
/// <param name="LacksOnlySender">Whether it would be usable had the user named a sender that the wording names.</param>
public readonly record struct Graded(AuditGrade Grade, AuditReasons Reasons, bool LacksOnlySender = false);

/// <summary>Grades one contact on one channel: the ladder of docs/reference/audit.md.</summary>
public static class Grading
{
    private const WordingFlaws MakesUnspecific =
        WordingFlaws.NoSender | WordingFlaws.OtherSender | WordingFlaws.NoPurpose | WordingFlaws.Bundled | WordingFlaws.UnnamedPartners;

    /// <summary>Grades a row on a channel.</summary>
    /// <param name="facts">The row.</param>
    /// <param name="refusedElsewhere">Channels closed by other rows of the same number or person.</param>
    /// <param name="channel">The channel.</param>
    /// <param name="terms">What the audit goes by.</param>
    public static Graded Grade(in ContactFacts facts, ChannelSet refusedElsewhere, Channel channel, GradingTerms terms)
    {
        var point = PointReasons(facts, channel);
        var never = AuditReasons.None;
        if (facts.Refused.Has(channel))
            never |= AuditReasons.Refused;
        if (refusedElsewhere.Has(channel))
            never |= AuditReasons.RefusedElsewhere;
        if ((facts.Marks & ContactMarks.Minor) != 0)
            never |= AuditReasons.Minor;
        if (never != AuditReasons.None)
            return new(AuditGrade.Never, never | point);
        if (point != AuditReasons.None)
            return new(AuditGrade.Fix, point);

        var reasons = facts.Source.IsThirdParty() ? AuditReasons.ThirdPartySource : AuditReasons.None;
        var lacksSender = false;
        reasons |= ConsentReasons(facts, channel, terms, ref lacksSender);
        if (LastSign(facts, terms.AsOf) is var sign && (sign == ContactFacts.NoDay || sign < terms.InactiveBefore))
            reasons |= AuditReasons.LongInactive;
        return reasons == AuditReasons.None
            ? new(AuditGrade.Usable, reasons)
            : new(AuditGrade.Reconfirm, reasons, lacksSender && reasons == AuditReasons.OptInNotSpecific);
    }

    /// <summary>The last sign of life: a consent counts as one, unless its day has not come yet.</summary>
    public static int LastSign(in ContactFacts facts, int asOf)
    {
        var last = facts.LastSign;
        for (var slot = 0; slot < EvidenceSlots.Count; slot++)
        {
            if (facts.Evidence[slot].GivenOn <= asOf)
                last = Math.Max(last, facts.Evidence[slot].GivenOn);
        }

        return last;
    }

    private static AuditReasons PointReasons(in ContactFacts facts, Channel channel)
    {
        if (channel == Channel.Email)
        {
            return facts.EmailStatus switch
            {
                EmailStatus.Valid => (facts.Marks & ContactMarks.Unreadable) != 0 ? AuditReasons.InvalidNumber : AuditReasons.None,
                EmailStatus.Invalid => AuditReasons.InvalidNumber,
                EmailStatus.Missing => AuditReasons.MissingNumber,
            };
        }

        if ((facts.Marks & ContactMarks.Unreadable) != 0)
            return AuditReasons.InvalidNumber;
        return facts.NumberFault switch
        {
            NumberFault.None => AuditReasons.None,
            NumberFault.Missing => AuditReasons.MissingNumber,
            _ => AuditReasons.InvalidNumber,
        };
    }

    private static AuditReasons ConsentReasons(in ContactFacts facts, Channel channel, GradingTerms terms, ref bool lacksSender)
    {
        var direct = facts.Yes.Has(channel);
        var general = (facts.Marks & ContactMarks.GeneralYes) != 0;

        // A yes to "the phone" can carry every channel of a telephone number, if its wording names that channel.
        var byPhone = channel is not (Channel.Voice or Channel.Email) && facts.Yes.Has(Channel.Voice);
        if (!direct && !general && !byPhone)
            return facts.Yes != ChannelSet.None ? AuditReasons.NoOptInForUse : AuditReasons.OptInNotRecorded;

        var evidence = facts.Evidence[(int)EvidenceSlots.Of(channel)];
        var reasons = AuditReasons.None;
        if ((facts.Marks & ContactMarks.PreTicked) != 0 || (evidence.Flaws & WordingFlaws.PreTicked) != 0)
            reasons |= AuditReasons.PreTicked;
        if (evidence.GivenOn == ContactFacts.NoDay || evidence.GivenOn > terms.AsOf)
            reasons |= AuditReasons.OptInNotRecorded;
        else if (terms.LastDay(facts.Place, channel, evidence.GivenOn, Day(evidence.Until)) is { } last && last < terms.AsOf)
            reasons |= AuditReasons.Expired;
        if (Day(evidence.Until) < terms.AsOf)
            reasons |= AuditReasons.Expired;
        return reasons | WordingReasons(evidence, channel, direct, general, terms, ref lacksSender);
    }

    private static int? Day(int day) => day == ContactFacts.NoDay ? null : day;

    private static AuditReasons WordingReasons(
        in Evidence evidence, Channel channel, bool direct, bool general, GradingTerms terms, ref bool lacksSender)
    {
        if (!evidence.HasWording)
        {
            // Nobody recorded what was agreed to: for the channel of the cell the record is missing, for another there is no yes.
            return direct || (general && channel != Channel.VoiceAuto) ? AuditReasons.OptInNotRecorded : AuditReasons.NoOptInForUse;
        }

        var reasons = AuditReasons.None;
        var flaws = evidence.Flaws;
        if (evidence.WordingChannels.Has(channel))
            flaws &= ~WordingFlaws.NoChannel;
        else if (evidence.WordingChannels == ChannelSet.None)
            reasons |= direct || general ? AuditReasons.OptInNotSpecific : AuditReasons.NoOptInForUse;
        else
        {
            // The wording is about other channels. Where those have a cell of their own, it belongs to that one, and this yes has no wording.
            var belongsToOther = direct && (terms.ConsentCells & evidence.WordingChannels) != 0;
            reasons |= belongsToOther ? AuditReasons.OptInNotRecorded : AuditReasons.NoOptInForUse;
            return reasons;
        }

        if ((flaws & MakesUnspecific) != 0)
            reasons |= AuditReasons.OptInNotSpecific;
        lacksSender = !terms.SenderGiven && (flaws & MakesUnspecific) == WordingFlaws.NoSender && evidence.WordingChannels.Has(channel);
        return reasons;
    }
}
