using NodaTime;
using Ringfence.Gate;

namespace Ringfence.Rules;

/// <summary>One thing a rule asks of a situation. The meaning of each is in <c>docs/reference/rules.md</c>.</summary>
public abstract partial record Condition
{
    private protected Condition() { }
}

/// <summary>Facts that are one word of a list.</summary>
public enum WordFact : byte
{
    Channel,
    Technique,
    Class,
    Sector,
    Audience,
    LineType,
    SourceKind,
    Reassigned,
}

/// <summary>The fact is one of some words.</summary>
/// <param name="What">Which.</param>
/// <param name="Words">Bit n stands for the n-th value of the fact's enumeration.</param>
public sealed partial record WordCondition(WordFact What, uint Words) : Condition;

/// <summary>Facts that are true or false.</summary>
public enum FlagFact : byte
{
    Similar,
    RelatesToContract,
    Provenance,
    Verified,
    Unlisted,
    BalancingTest,
    ImpactAssessment,
    AgentRegistered,
    AgentTrained,
    CallerIdShown,
    CallerIdEntitled,
    CallerIdDirectory,
    CallerIdAnswered,
    CallerIdRegistered,
    TemplateRegistered,
}

/// <summary>The fact is as wanted.</summary>
public sealed partial record FlagCondition(FlagFact What, bool Wanted) : Condition;

/// <summary>The person is, or may be, in one of these places.</summary>
public sealed partial record PlaceCondition(IReadOnlySet<string> Places) : Condition;

/// <summary>The seller is one of these.</summary>
public sealed partial record SellerIsCondition(SellerKinds Kinds) : Condition;

/// <summary>The seller is established in one of these places.</summary>
public sealed partial record SellerCountryCondition(IReadOnlySet<string> Places) : Condition;

/// <summary>The caller id begins with one of these, in E.164.</summary>
public sealed partial record CallerIdPrefixCondition(IReadOnlyList<string> Prefixes) : Condition;

/// <summary>The number contacted is of one of these types, or begins so; a null asks nothing.</summary>
public sealed partial record NumberCondition(IReadOnlySet<LineType>? Types, IReadOnlyList<string>? Prefixes) : Condition;

/// <summary>The template is of one of these categories and states; 0 asks nothing; bit n stands for the n-th value.</summary>
public sealed partial record TemplateCondition(uint Categories, uint States) : Condition;

/// <summary>Script or message hold all these blocks.</summary>
public sealed partial record HoldsCondition(ContentBlocks Blocks) : Condition;

/// <summary>The way to opt out works at least so long after the day of sending.</summary>
public sealed partial record OptOutLiveCondition(Period Lasts) : Condition;

/// <summary>Abandoned calls are not above this share of live-answered ones.</summary>
public sealed partial record AbandonedCondition(decimal AtMost) : Condition;

/// <summary>The people were picked by one of these.</summary>
public sealed partial record SelectedByCondition(Selection By) : Condition;

/// <summary>One of these notices was given.</summary>
public sealed partial record NoticeCondition(Notices Notices) : Condition;

/// <summary>An emergency is declared where the rule's pack is.</summary>
/// <param name="Places">The places of the pack.</param>
public sealed partial record EmergencyCondition(IReadOnlySet<string> Places) : Condition;

/// <summary>The seller has one of these registrations, or an exemption, on the day.</summary>
public sealed partial record RegisteredCondition(string Place, IReadOnlySet<string> Kinds) : Condition;

/// <summary>A refusal of another programme of this controller is on file.</summary>
public sealed partial record RefusedElsewhereCondition : Condition;

/// <summary>The person is under an age.</summary>
public sealed partial record AgeCondition(int Under) : Condition;

/// <summary>There is a relation like this.</summary>
/// <param name="Kinds">Bit n stands for the n-th <see cref="RelationKind"/>.</param>
/// <param name="SameSubject">About the subject asked for.</param>
/// <param name="ContactGiven">The address was given then.</param>
/// <param name="RefusalOffered">A refusal was offered then.</param>
/// <param name="InForce">It still is.</param>
/// <param name="Age">How long ago its last day may be; null: any time.</param>
public sealed partial record RelationCondition(uint Kinds, bool SameSubject, bool ContactGiven, bool RefusalOffered, bool InForce, AgeLimit? Age) : Condition;

/// <summary>How long ago something may be.</summary>
/// <param name="Lasts">The time.</param>
/// <param name="LastDayInside">Whether the day on which it has passed is inside still.</param>
/// <param name="WorkingDaysOf">The calendar whose working days are counted; null for calendar days.</param>
/// <param name="Elapsed">Elapsed time instead of days; null where days count.</param>
public sealed partial record AgeLimit(Period Lasts, bool LastDayInside, string? WorkingDaysOf, Duration? Elapsed);

/// <summary>There is a consent that fits the contact and has what is asked.</summary>
public sealed partial record ConsentCondition : Condition
{
    public EvidenceItems Needs { get; init; }

    /// <summary>Whether the channel need not be named.</summary>
    public bool AnyChannel { get; init; }

    /// <summary>Whether the purpose need not be covered.</summary>
    public bool AnyPurpose { get; init; }

    /// <summary>How old it may be; null: any age.</summary>
    public AgeLimit? Age { get; init; }

    /// <summary>From when <see cref="Age"/> counts.</summary>
    public ConsentClock Counts { get; init; }

    /// <summary>The register after whose listing it has to be granted; null: none.</summary>
    public string? SinceListing { get; init; }

    /// <summary>What in the history it has to be granted after, the last of them; null: nothing.</summary>
    public IReadOnlySet<Outcome>? SinceEvent { get; init; }

    /// <summary>To what hours it has to extend.</summary>
    public HoursAgreed TimeScope { get; init; }

    /// <summary>In which ways it may be given; null: any.</summary>
    public IReadOnlySet<ConsentMethod>? Methods { get; init; }

    /// <summary>Whether it has to stand in a public register.</summary>
    public bool OnRegister { get; init; }

    /// <summary>What whoever asks for it has to tell. The lint of wordings holds it; a consent that was given is judged without.</summary>
    public RequestItems Request { get; init; }
}

/// <summary>What a request for consent tells of whoever asks.</summary>
[Flags]
public enum RequestItems : byte
{
    None = 0,

    /// <summary>Their postal address.</summary>
    Post = 1,

    /// <summary>How else they are reached: a telephone number, an e-mail address or a web address, one at least.</summary>
    Reach = 2,
}

/// <summary>From when the age of a consent counts.</summary>
public enum ConsentClock : byte
{
    Grant,
    Renewal,
    Activity,
}

/// <summary>To what hours a consent has to extend.</summary>
public enum HoursAgreed : byte
{
    Any,

    /// <summary>The instant lies in one date and hour that it names.</summary>
    Slot,

    /// <summary>The instant lies in a window or slot that it names.</summary>
    Hours,

    /// <summary>It names the night.</summary>
    Night,
}

/// <summary>There is something like this in the history, to this controller.</summary>
/// <param name="Outcomes">What happened.</param>
/// <param name="Channels">On which channels; none: any.</param>
/// <param name="Same">What has to be the same as asked.</param>
/// <param name="Age">How long ago at most.</param>
/// <param name="AtLeast">How many.</param>
public sealed partial record EventCondition(IReadOnlySet<Outcome> Outcomes, ChannelSet Channels, EventKey Same, AgeLimit? Age, int AtLeast) : Condition;
