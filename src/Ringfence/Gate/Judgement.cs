using System.Collections.Immutable;
using NodaTime;
using Ringfence.Numbers;
using Ringfence.Rules;

namespace Ringfence.Gate;

/// <summary>One situation being judged at one instant: the facts as conditions ask for them, and what was found so far.</summary>
/// <remarks>Kept per thread and used again, so that an answer costs no more memory than the verdict.</remarks>
internal sealed partial class Judgement
{
    [ThreadStatic]
    private static Judgement? spare;

    private readonly List<Reason> reasons = [];
    private readonly List<Obligation> obligations = [];
    private readonly List<Ground> grounds = [];
    private readonly List<VerdictNote> notes = [];
    private readonly List<string> unknown = [];
    private readonly int[] words = new int[Enum.GetValues<WordFact>().Length];
    private LocalClock[] clocks = new LocalClock[4];
    private int zoneCount;
    private Instant closing;
    private bool consentsAsByLaw;
    private bool isSuperseding;

    /// <summary>What is judged.</summary>
    public Situation Facts { get; private set; } = null!;

    /// <summary>The instant that is looked at: that of the situation, or a later one while looking for the end of a deferral.</summary>
    public Instant At { get; private set; }

    /// <summary>What happened after this is not known.</summary>
    public Instant KnownAt => Facts.At;

    public Channel Channel { get; private set; }

    /// <summary>The number; one without digits where there is none, or only its facts are stated.</summary>
    public PhoneNumber Number { get; private set; }

    /// <summary>Whether a number is stated, or its facts.</summary>
    public bool IsNumberStated => Facts.Contact.Phone is not null || Facts.Contact.Number is not null;

    /// <summary>Whether what is stated is a number.</summary>
    public bool IsNumberValid => Facts.Contact is { Phone: null, Number: { } stated } ? stated.IsValid : Number.Digits != 0;

    /// <summary>The kind of line that its plan tells; null where it doesn't.</summary>
    public LineType? NumberLine => Facts.Contact is { Phone: null, Number: { } stated }
        ? stated.IsValid ? Whereabouts.LineOf(stated.Type) : null
        : Number.Digits == 0 ? null : Whereabouts.LineOf(Number.Type);

    public Whereabouts Where { get; private set; } = null!;

    public JudgingRules Rules { get; private set; } = null!;

    /// <summary>What the clocks of all candidate zones show; where no zone is known, those of the first and the last place on earth.</summary>
    public ReadOnlySpan<LocalClock> Clocks => clocks.AsSpan(0, zoneCount);

    /// <summary>Whether any zone is known.</summary>
    public bool ZonesKnown => Where.Zones.Length > 0;

    public IReadOnlyList<Reason> Reasons => reasons;

    public static Judgement Rent()
    {
        var judgement = spare ?? new Judgement();
        spare = null;
        return judgement;
    }

    public void Return()
    {
        (Facts, Where, Rules) = (null!, null!, null!);
        Clear();
        spare = this;
    }

    /// <summary>Reads the facts of a situation.</summary>
    public void Begin(Situation facts, Channel channel, RuleSelection selection)
    {
        Facts = facts;
        Channel = channel;
        var phone = facts.Contact.Phone;
        Number = phone is null ? default : NumberReader.Read(phone, Region.None).Number;
        Where = Whereabouts.Of(facts.Contact, Number);
        Rules = selection.Of(Where, channel, facts.Seller.Country);
        ReadWords();
    }

    /// <summary>Judges everything at an instant.</summary>
    public void Evaluate(Instant at)
    {
        At = at;
        Clear();
        ReadClocks();
        closing = Instant.MaxValue;
        if (Word(WordFact.Class) == (int)ContactClass.ConfirmOptOut && MayConfirm())
        {
            obligations.Add(new Obligation(ObligationCode.ConfirmOnly, null, null));
            foreach (var judging in Rules.Rules)
            {
                if (judging.Rule.Body is ContentBody)
                    Judge(judging);
            }

            return;
        }

        JudgeWithoutRules();
        foreach (var judging in Rules.Rules)
            Judge(judging);
    }

    /// <summary>The duties, grounds and end of an answer that allows.</summary>
    public Verdict.Allowed Allowed() =>
        new(RankedObligations(), [.. grounds], Earlier(closing, NextMidnight())) { Notes = AllNotes(), Packs = Rules.Packs };

    /// <summary>Notes of rules in play and of places.</summary>
    public ImmutableArray<VerdictNote> AllNotes() => notes.Count == 0 ? Rules.Notes : Rules.Notes.AddRange(notes);

    /// <summary>The reasons, ranked.</summary>
    public ImmutableArray<Reason> Ranked(Reason? first = null)
    {
        var ranked = ImmutableArray.CreateBuilder<Reason>(reasons.Count + 1);
        if (first is not null)
            ranked.Add(first);
        ranked.AddRange(reasons);
        ranked.Sort(static (a, b) =>
        {
            // As numbers: comparing enumerations would box each of them.
            if (a.Code != b.Code)
                return (int)a.Code - (int)b.Code;
            var rule = string.CompareOrdinal(a.Rule?.Id, b.Rule?.Id);
            return rule != 0 ? rule : string.CompareOrdinal(a.Item, b.Item);
        });
        return ranked.ToImmutable();
    }

    /// <summary>Whether a rule is in force on the day it is in any candidate zone.</summary>
    public bool Holds(Rule rule)
    {
        foreach (ref readonly var clock in Clocks)
        {
            if ((rule.FromIsAtLatest || rule.From <= clock.Date) && (rule.Until is not { } until || clock.Date < until))
                return true;
        }

        return false;
    }

    /// <summary>The ordinal of a word fact; below zero where it is not known.</summary>
    public int Word(WordFact fact) => words[(int)fact];

    /// <summary>The class as it is judged: what also advertises is marketing.</summary>
    public bool IsMarketing => Word(WordFact.Class) is < 0 or (int)ContactClass.Marketing;

    private void Judge(JudgingRule judging)
    {
        var rule = judging.Rule;
        if (!Holds(rule))
            return;
        unknown.Clear();
        // What a house ends must not take a rule out of play.
        consentsAsByLaw = true;
        var play = All(judging.When, unknown);
        consentsAsByLaw = false;
        if (play == Truth.False)
            return;

        var setAside = false;
        foreach (var alternative in judging.Unless)
        {
            if (All(alternative.Conditions, null) != Truth.True)
                continue;
            setAside = true;
            Oblige(alternative.Duties);
            break;
        }

        if (!setAside || !rule.ObligesOnlyWhenApplied)
            Oblige(judging.Duties);
        if (judging.Contested is { } contested)
            notes.Add(contested);
        if (setAside)
            return;

        switch (rule.Body)
        {
            case null:
                break;
            case GroundBody body:
                JudgeGround(judging, body.Missing);
                break;
            case RefuseBody body:
                if (unknown.Count > 0)
                    Refuse(judging, ReasonCode.MissingFact, string.Join(", ", unknown));
                else
                    Refuse(judging, body.Code, body.Item);
                break;
            case DemandBody body:
                JudgeDemand(judging, body, judging.Demanded);
                break;
            case ContentBody body:
                JudgeContent(judging, body);
                break;
            case HoursBody body:
                JudgeHours(judging, body);
                break;
            case CapBody body:
                JudgeCap(judging, body);
                break;
            case CoolDownBody body:
                JudgeCoolDown(judging, body);
                break;
            case RegisterBody body:
                JudgeRegister(judging, body);
                break;
            case NoteBody body:
                notes.Add(judging.Note!);
                break;
            default:
                throw new InvalidOperationException($"No rule does {rule.Body.GetType().Name}.");
        }
    }

    /// <summary>All of some conditions; what is not known is named, unless a strict stand-in took its place.</summary>
    public Truth All(Condition[] conditions, List<string>? missing)
    {
        var all = Truth.True;
        foreach (var condition in conditions)
        {
            var one = condition.Holds(this);
            if (one == Truth.False)
                return Truth.False;
            if (one == Truth.Unknown)
            {
                all = Truth.Unknown;
                if (missing is not null && condition.Fact is { } fact)
                    missing.Add(fact);
            }
        }

        return all;
    }

    private void Oblige((Obligation Duty, Notices Once)[] duties)
    {
        foreach (var (duty, once) in duties)
        {
            if (once == Notices.None || ((Facts.Contact.NoticesGiven ?? Notices.None) & once) == 0)
                obligations.Add(duty);
        }
    }

    private void Refuse(JudgingRule judging, ReasonCode code, string? item = null) =>
        reasons.Add(new Reason(code, judging.Rule, item, judging.Marks, null));

    private void Defer(JudgingRule judging, ReasonCode code, Instant until, ReasonMarks more = ReasonMarks.None) =>
        reasons.Add(new Reason(code, judging.Rule, null, judging.Marks | more, until));

    private void Refuse(ReasonCode code, string? item = null) => reasons.Add(new Reason(code, null, item, ReasonMarks.None, null));

    private void Missing(string fact) => Refuse(ReasonCode.MissingFact, fact);

    private void Clear()
    {
        reasons.Clear();
        obligations.Clear();
        grounds.Clear();
        notes.Clear();
    }

    private void ReadWords()
    {
        var ask = Facts.Ask;
        var contact = Facts.Contact;
        words[(int)WordFact.Channel] = (int)Channel;
        words[(int)WordFact.Technique] = Ordinal(ask.Technique);
        words[(int)WordFact.Class] = ask.Class switch
        {
            null => -1,
            ContactClass.Marketing => (int)ContactClass.Marketing,
            { } other => ask.Promotes switch { null => -1, true => (int)ContactClass.Marketing, false => (int)other },
        };
        words[(int)WordFact.Sector] = Ordinal(ask.Sector);
        words[(int)WordFact.Audience] = Ordinal(contact.Audience);
        words[(int)WordFact.LineType] = Ordinal(contact.LineType ?? NumberLine);
        words[(int)WordFact.SourceKind] = Ordinal(contact.Source);
        words[(int)WordFact.Reassigned] = (int)(contact.Reassigned ?? ReassignedAnswer.NotAsked);

        static int Ordinal<T>(T? word) where T : struct, Enum => word is { } known ? System.Runtime.CompilerServices.Unsafe.As<T, byte>(ref known) : -1;
    }

    private void ReadClocks()
    {
        var zones = ZonesKnown ? Where.Zones : FirstAndLast;
        if (clocks.Length < zones.Length)
            clocks = new LocalClock[zones.Length];
        zoneCount = zones.Length;
        for (var i = 0; i < zones.Length; i++)
            clocks[i] = new LocalClock(zones[i], At);
    }

    private static readonly DateTimeZone[] FirstAndLast = [DateTimeZone.ForOffset(Offset.FromHours(-12)), DateTimeZone.ForOffset(Offset.FromHours(14))];

    private Instant NextMidnight()
    {
        var next = Instant.MaxValue;
        foreach (ref readonly var clock in Clocks)
            next = Earlier(next, clock.FirstAt(clock.Date, NodaConstants.SecondsPerDay));
        return next;
    }

    private static Instant Earlier(Instant a, Instant b) => a < b ? a : b;

    private static Instant Later(Instant a, Instant b) => a > b ? a : b;

    private static readonly Comparison<Obligation> ByCode =
        static (a, b) => a.Code != b.Code ? (int)a.Code - (int)b.Code : string.CompareOrdinal(a.Rule?.Id, b.Rule?.Id);

    private ImmutableArray<Obligation> RankedObligations()
    {
        if (obligations.Count == 0)
            return [];
        obligations.Sort(ByCode);
        return [.. obligations];
    }
}
