using System.Collections.Immutable;
using NodaTime;
using Ringfence.Rules;

namespace Ringfence.Gate;

/// <summary>Why contact may not be made now, in the order of precedence: <c>docs/reference/verdicts.md</c>. From <see cref="Hours"/> on, time cures it.</summary>
public enum ReasonCode : byte
{
    Suppressed,
    Objected,
    Withdrawn,
    Restricted,
    RightsRequest,
    Minor,
    Emergency,
    SectorBan,
    Platform,
    Register,
    RegisterStale,
    RegisterMissing,
    Provenance,
    NoConsent,
    ConsentDefective,
    ConsentUnverified,
    ConsentExpired,
    ConsentSuperseded,
    Reconfirm,
    RelationEnded,
    Purpose,
    Channel,
    Controller,
    Basis,
    Reask,
    Reassigned,
    Licence,
    CallerId,
    Agent,
    MessageDefective,
    WindowClosed,
    Training,
    Quarantine,
    NumberInvalid,
    MissingFact,
    GroundEndsFirst,
    Hours,
    Holiday,
    RestDay,
    Cap,
    Promise,
    CoolDown,
    Preference,
}

/// <summary>What an allowed contact has to do or say.</summary>
public enum ObligationCode : byte
{
    Identity,
    Principal,
    PurposeStatement,
    CommercialNature,
    OptOutOffer,
    OptOutInMessage,
    Art21Notice,
    Art14Notice,
    RegisterNotice,
    RecordingNotice,
    ShowCallerId,
    PostalAddress,
    LabelAd,
    RecordKeeping,
    KeepProof,
    ProofToGateway,
    WrittenConfirmation,
    ConfirmOnly,
    SubjectOnly,
    Script,
}

/// <summary>What has to be added to a reason so that it is read rightly.</summary>
[Flags]
public enum ReasonMarks : byte
{
    None = 0,

    /// <summary>It applies in one of several places or zones in which the person may be.</summary>
    Candidates = 1,

    /// <summary>The clocks the law may mean disagree.</summary>
    ClockConflict = 2,

    /// <summary>The law is contested; the strict side binds.</summary>
    Contested = 4,

    /// <summary>A policy, not law.</summary>
    House = 8,
}

/// <summary>One reason of a verdict.</summary>
/// <param name="Code">What it is.</param>
/// <param name="Rule">The rule; null for what holds without any.</param>
/// <param name="Item">What exactly is wanting: a fact, an item of evidence, a block, several joined by commas; null where the code says all.</param>
/// <param name="Marks">How to read it.</param>
/// <param name="Until">For a deferral, when this reason alone would be gone; null for a refusal.</param>
public sealed record Reason(ReasonCode Code, Rule? Rule, string? Item, ReasonMarks Marks, Instant? Until)
{
    /// <summary>Whether time alone cures it.</summary>
    public bool IsDeferral => Code >= ReasonCode.Hours;
}

/// <summary>One duty of an allowed contact.</summary>
/// <param name="Code">What has to be done.</param>
/// <param name="Rule">The rule that wants it; null for what holds without any.</param>
/// <param name="Detail">How: within what time, kept how long, which blocks; null where there is no more to say.</param>
public sealed record Obligation(ObligationCode Code, Rule? Rule, ObligationDetail? Detail);

/// <summary>What an allowed contact rests on, for one rule that wants a ground.</summary>
/// <param name="Rule">The rule that is met.</param>
/// <param name="Alternative">Which of its alternatives, from 0.</param>
/// <param name="Consent">Index of the consent relied on; null where it is none.</param>
/// <param name="Relation">Index of the relation relied on; null where it is none.</param>
public sealed record Ground(Rule Rule, int Alternative, int? Consent, int? Relation);

/// <summary>What a rule or a place has to say beyond the verdict.</summary>
/// <param name="Code"><c>not-reviewed</c>, <c>contested</c>, <c>not-law</c>, <c>advice</c>.</param>
/// <param name="Place">For <c>not-reviewed</c>, the ISO 3166 code.</param>
/// <param name="Rule">The rule that says it; null for <c>not-reviewed</c>.</param>
public sealed record VerdictNote(string Code, string? Place, Rule? Rule);

/// <summary>The gate's answer to one situation: a value, closed, with every reason, the deciding one first.</summary>
public abstract record Verdict
{
    private Verdict() { }

    /// <summary>What rules and places have to say beyond the verdict.</summary>
    public ImmutableArray<VerdictNote> Notes { get; init; } = [];

    /// <summary>The packs that judged, each with the digest of what it held.</summary>
    public ImmutableArray<Pack> Packs { get; init; } = [];

    /// <summary>Contact may be made.</summary>
    /// <param name="Obligations">What has to be done.</param>
    /// <param name="Grounds">What it rests on.</param>
    /// <param name="Until">The first instant at which the answer may be another one; null where none is known within a day.</param>
    public sealed record Allowed(ImmutableArray<Obligation> Obligations, ImmutableArray<Ground> Grounds, Instant? Until) : Verdict;

    /// <summary>Time alone stands in the way.</summary>
    /// <param name="Until">The earliest instant at which everything known allows.</param>
    /// <param name="Reasons">Never empty.</param>
    public sealed record Deferred(Instant Until, ImmutableArray<Reason> Reasons) : Verdict;

    /// <summary>Contact may not be made.</summary>
    /// <param name="Reasons">Never empty; refusals first, then what would defer beside them.</param>
    public sealed record Refused(ImmutableArray<Reason> Reasons) : Verdict;

    /// <summary>The word: <c>allowed</c>, <c>deferred</c>, <c>refused</c>.</summary>
    public string Word => Match(static _ => "allowed", static _ => "deferred", static _ => "refused");

    /// <summary>All reasons; empty for an allowed one.</summary>
    public ImmutableArray<Reason> AllReasons => Match(static _ => ImmutableArray<Reason>.Empty, static d => d.Reasons, static r => r.Reasons);

    /// <summary>One value for each kind.</summary>
    public T Match<T>(Func<Allowed, T> allowed, Func<Deferred, T> deferred, Func<Refused, T> refused)
    {
        ArgumentNullException.ThrowIfNull(allowed);
        ArgumentNullException.ThrowIfNull(deferred);
        ArgumentNullException.ThrowIfNull(refused);
        return this switch
        {
            Allowed a => allowed(a),
            Deferred d => deferred(d),
            Refused r => refused(r),
            _ => throw new InvalidOperationException("A verdict is one of three."),
        };
    }
}
