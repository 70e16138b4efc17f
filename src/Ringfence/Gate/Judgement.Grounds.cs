using System.Numerics;
using NodaTime;
using Ringfence.Rules;

namespace Ringfence.Gate;

internal sealed partial class Judgement
{
    /// <summary>What the script or the message holds; null where nobody said.</summary>
    public ContentBlocks? Content => Channel is Channel.Voice or Channel.VoiceAuto ? Facts.Ask.Script : Facts.Ask.Template?.Holds;

    /// <summary>Looks for a relation that is as asked.</summary>
    /// <param name="condition">What is asked.</param>
    /// <param name="index">Which it is; -1 for none.</param>
    /// <param name="missedByTime">Whether one would do, had it not ended so long ago.</param>
    public Truth FindRelation(RelationCondition condition, out int index, out bool missedByTime)
    {
        (index, missedByTime) = (-1, false);
        if (Facts.Contact.Relations is not { } relations)
            return Truth.Unknown;
        var best = Truth.False;
        for (var i = 0; i < relations.Count; i++)
        {
            var relation = relations[i];
            if ((condition.Kinds >> (int)relation.Kind & 1) == 0 || !WasBy(relation.From, KnownAt))
                continue;
            var alike = Alike(condition, relation);
            if (alike == Truth.False)
                continue;
            var inTime = IsInTime(condition, relation);
            if (alike == Truth.True && inTime == Truth.True)
            {
                index = i;
                return Truth.True;
            }

            if (inTime != Truth.False)
                best = Truth.Unknown;
            missedByTime |= alike == Truth.True && inTime != Truth.True;
        }

        return best;
    }

    /// <summary>Whether a relation is as asked, time apart.</summary>
    private Truth Alike(RelationCondition condition, Relation relation)
    {
        var (subject, given, offered) = (
            !condition.SameSubject ? true : relation.Subject is null || Facts.Ask.Subject is null ? (bool?)null : relation.Subject == Facts.Ask.Subject,
            !condition.ContactGiven ? true : relation.ContactGiven,
            !condition.RefusalOffered ? true : relation.RefusalOffered);
        return subject == false || given == false || offered == false ? Truth.False
            : subject is null || given is null || offered is null ? Truth.Unknown
            : Truth.True;
    }

    /// <summary>Whether it is in force, or ended no longer ago than asked; unknown where that is so in some candidate zones only.</summary>
    private Truth IsInTime(RelationCondition condition, Relation relation)
    {
        var holds = 0;
        foreach (ref readonly var clock in Clocks)
        {
            if (IsInForce(relation, clock) || (!condition.InForce && (condition.Age is not { } limit || limit.Holds(this, relation.Until ?? relation.From, clock))))
                holds++;
        }

        return holds == Clocks.Length ? Truth.True : holds > 0 ? Truth.Unknown : Truth.False;
    }

    private static bool IsInForce(Relation relation, in LocalClock clock) =>
        !relation.IsMomentary && (relation.Until is not { } until || clock.Date <= until.DayIn(clock.Zone));

    /// <summary>Whether the history holds what is asked.</summary>
    public Truth FindEvents(EventCondition condition)
    {
        if (Facts.History is not { } history)
            return Truth.Unknown;
        var (found, possible) = (0, 0);
        for (var i = 0; i < history.Count; i++)
        {
            var past = history[i];
            if (!condition.Outcomes.Contains(past.Outcome) || !Counts(past, condition.Channels, condition.Same, strict: true))
                continue;
            var inTime = IsInTime(condition, past);
            if (inTime == Truth.False)
                continue;
            possible++;
            if (inTime == Truth.True && Counts(past, condition.Channels, condition.Same, strict: false))
                found++;
        }

        return found >= condition.AtLeast ? Truth.True : possible >= condition.AtLeast ? Truth.Unknown : Truth.False;
    }

    private Truth IsInTime(EventCondition condition, PastEvent past)
    {
        if (condition.Age is not { } limit)
            return Truth.True;
        var holds = 0;
        foreach (ref readonly var clock in Clocks)
        {
            if (limit.Holds(this, Moment.At(past.At), clock))
                holds++;
        }

        return holds == Clocks.Length ? Truth.True : holds > 0 ? Truth.Unknown : Truth.False;
    }

    private void JudgeGround(JudgingRule judging, ReasonCode missing)
    {
        var nearest = ConsentFit.None;
        GivenConsent? near = null;
        ConsentCondition? asked = null;
        var relationEnded = false;
        for (var i = 0; i < judging.Grounds.Length; i++)
        {
            var alternative = judging.Grounds[i];
            int? consent = null, relation = null;
            var (holds, byTimeAlone, rest) = (true, false, true);
            foreach (var part in alternative.Conditions)
            {
                switch (part)
                {
                    case ConsentCondition condition:
                        rest &= FindConsent(condition, out var fit, out var at) == Truth.True;
                        consent = at;
                        if (fit != ConsentFit.Fits && (fit > nearest || (fit == nearest && near is not null && Misses(Facts.Consents![at], condition) < Misses(near, asked!))))
                            (nearest, near, asked) = (fit, Facts.Consents![at], condition);
                        break;
                    case RelationCondition condition:
                        var related = FindRelation(condition, out var which, out var missed) == Truth.True;
                        holds &= related;
                        byTimeAlone |= missed && !related;
                        rest &= related || missed;
                        relation = which;
                        break;
                    default:
                        rest &= part.Holds(this) == Truth.True;
                        break;
                }
            }

            if (!holds || !rest)
            {
                relationEnded |= byTimeAlone && rest;
                continue;
            }

            grounds.Add(new Ground(judging.Rule, i, consent, relation));
            Oblige(alternative.Duties);
            return;
        }

        if (Facts.Consents is null)
            Refuse(judging, ReasonCode.MissingFact, "consents");
        else
            Refuse(judging, Missed(nearest, relationEnded, missing), near is null ? null : ItemOf(nearest, near, asked!));
    }

    private static ReasonCode Missed(ConsentFit nearest, bool relationEnded, ReasonCode nothing) => nearest switch
    {
        ConsentFit.None => relationEnded ? ReasonCode.RelationEnded : nothing,
        ConsentFit.Controller => ReasonCode.Controller,
        ConsentFit.Channel => ReasonCode.Channel,
        ConsentFit.Purpose => ReasonCode.Purpose,
        ConsentFit.Withdrawn => ReasonCode.Withdrawn,
        ConsentFit.Expired => ReasonCode.ConsentExpired,
        ConsentFit.Reconfirm => ReasonCode.Reconfirm,
        ConsentFit.Superseded => ReasonCode.ConsentSuperseded,
        ConsentFit.Unverified => ReasonCode.ConsentUnverified,
        ConsentFit.Hours or ConsentFit.Defective or ConsentFit.Fits => ReasonCode.ConsentDefective,
    };

    // How many items are told of it.
    private static int Misses(GivenConsent consent, ConsentCondition condition) =>
        BitOperations.PopCount((ulong)Wanting(consent, condition)) + BitOperations.PopCount((uint)consent.Flaws)
        + (consent.GrantedAt is null ? 1 : 0) + (HasMethod(consent, condition) ? 0 : 1) + (condition.OnRegister && !consent.OnRegister ? 1 : 0);

    private static bool HasMethod(GivenConsent consent, ConsentCondition condition) =>
        condition.Methods is null || (consent.Method is { } method && condition.Methods.Contains(method));

    /// <summary>What the nearest consent lacks: the items wanting, then the flaws.</summary>
    private static string? ItemOf(ConsentFit fit, GivenConsent consent, ConsentCondition condition)
    {
        if (fit is not (ConsentFit.Defective or ConsentFit.Unverified or ConsentFit.Hours))
            return null;
        if (fit == ConsentFit.Hours)
            return "time-scope";
        var items = Words<EvidenceItems>.All.Where(word => Words<EvidenceItems>.TryParse(word, out var item) && (Wanting(consent, condition) & item) != 0)
            .Concat(Words<ConsentFlaws>.All.Where(word => Words<ConsentFlaws>.TryParse(word, out var flaw) && (consent.Flaws & flaw) != 0))
            .Concat(consent.GrantedAt is null ? ["granted-at"] : [])
            .Concat(HasMethod(consent, condition) ? [] : ["method"])
            .Concat(condition.OnRegister && !consent.OnRegister ? ["on-register"] : []);
        return string.Join(", ", items) is { Length: > 0 } list ? list : null;
    }

    private void JudgeDemand(JudgingRule judging, DemandBody body, Condition[] demanded)
    {
        unknown.Clear();
        switch (All(demanded, unknown))
        {
            case Truth.False:
                Refuse(judging, body.Else, body.Item);
                break;
            case Truth.Unknown when unknown.Count > 0:
                Refuse(judging, ReasonCode.MissingFact, string.Join(", ", unknown));
                break;
            case Truth.Unknown:
                Refuse(judging, body.Else, body.Item);
                break;
            case Truth.True:
                break;
        }
    }

    private void JudgeContent(JudgingRule judging, ContentBody body)
    {
        if (Content is not { } content)
            Refuse(judging, ReasonCode.MissingFact, Channel is Channel.Voice or Channel.VoiceAuto ? "ask.script" : "ask.template.holds");
        else if ((content & body.Blocks) != body.Blocks)
            Refuse(judging, ReasonCode.MessageDefective, Named(body.Blocks & ~content));
    }

    private static string Named(ContentBlocks blocks) =>
        string.Join(", ", Words<ContentBlocks>.All.Where(word => Words<ContentBlocks>.TryParse(word, out var block) && (blocks & block) != 0));

    private void JudgeRegister(JudgingRule judging, RegisterBody body)
    {
        if (Facts.Registers is not { } registers)
        {
            Refuse(judging, ReasonCode.MissingFact, "registers");
            return;
        }

        if (!registers.TryGetValue(body.Name, out var screening) || screening.Listed is null)
        {
            Refuse(judging, ReasonCode.RegisterMissing, body.Name);
            return;
        }

        if (body.Screened is { } age && !IsFresh(screening, age))
            Refuse(judging, ReasonCode.RegisterStale, body.Name);
        if (body.OptIn ? screening.Listed == true : screening.Listed == false || !Binds(screening, body))
            return;
        Refuse(judging, RegisterReason(judging, body, screening), body.Name);
    }

    // Why an entry binds: what would have set it aside may miss by time alone.
    private ReasonCode RegisterReason(JudgingRule judging, RegisterBody body, Screening screening)
    {
        var nearest = ConsentFit.None;
        var relationEnded = false;
        foreach (var alternative in judging.Unless)
        {
            var (near, ended, rest) = (ConsentFit.None, false, true);
            foreach (var part in alternative.Conditions)
            {
                switch (part)
                {
                    case ConsentCondition consent when FindConsent(consent, out var fit, out _) != Truth.True:
                        rest &= near == ConsentFit.None && fit is ConsentFit.Superseded or ConsentFit.Expired or ConsentFit.Reconfirm;
                        near = fit;
                        break;
                    case RelationCondition relation when FindRelation(relation, out _, out var missed) != Truth.True:
                        rest &= missed;
                        ended |= missed;
                        break;
                    default:
                        rest &= part.Holds(this) == Truth.True;
                        break;
                }
            }

            // By that alone: the other conditions hold, so that nothing else has to be mended.
            if (!rest || (ended && near != ConsentFit.None))
                continue;
            nearest = near > nearest ? near : nearest;
            relationEnded |= ended;
        }

        return nearest switch
        {
            ConsentFit.Superseded => ReasonCode.ConsentSuperseded,
            ConsentFit.Expired => ReasonCode.ConsentExpired,
            _ when body.OptIn => ReasonCode.NoConsent,
            _ => relationEnded ? ReasonCode.RelationEnded : ReasonCode.Register,
        };
    }

    private bool IsFresh(Screening screening, ScreeningAge age)
    {
        if (screening.ScreenedAt is not { } screened || !WasBy(screened, KnownAt))
            return false;
        foreach (ref readonly var clock in Clocks)
        {
            var day = screened.DayIn(clock.Zone);
            if (age.AtMost is { } most ? clock.Date > most.After(day) : (clock.Date.Year, clock.Date.Month) != (day.Year, day.Month))
                return false;
        }

        return true;
    }

    private bool Binds(Screening screening, RegisterBody body)
    {
        if (body.BindsAfter is not { } grace)
            return true;
        if ((body.BindsFromPublished ? screening.PublishedAt ?? screening.ListedAt : screening.ListedAt) is not { } since)
            return true;
        foreach (ref readonly var clock in Clocks)
        {
            if (clock.Date >= grace.After(since.DayIn(clock.Zone)))
                return true;
        }

        return false;
    }
}
