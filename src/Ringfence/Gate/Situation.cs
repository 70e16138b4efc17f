using NodaTime;

namespace Ringfence.Gate;

/// <summary>Everything the gate needs to know about one contact; the gate looks nothing up. A null is not known, an empty list is known to be none.</summary>
/// <remarks>The words and their meaning are in <c>docs/reference/cases.md</c>.</remarks>
public sealed record Situation
{
    /// <summary>The instant that is judged.</summary>
    public required Instant At { get; init; }

    public Ask Ask { get; init; } = new();

    public ContactedPerson Contact { get; init; } = new();

    public IReadOnlyList<GivenConsent>? Consents { get; init; }

    public IReadOnlyList<SuppressionEntry>? Suppressions { get; init; }

    /// <summary>By name of the register; one that is not there was never screened.</summary>
    public IReadOnlyDictionary<string, Screening>? Registers { get; init; }

    public IReadOnlyList<PastEvent>? History { get; init; }

    public Seller Seller { get; init; } = new();

    /// <summary>Places under a declared emergency that bans sales contacts.</summary>
    public IReadOnlyList<string>? Emergency { get; init; }

    public IReadOnlyList<OpenRequest>? RightsRequests { get; init; }
}

/// <summary>Who wants to make contact, how, and what for.</summary>
public sealed record Ask
{
    public string? Controller { get; init; }

    public string? Brand { get; init; }

    public Channel? Channel { get; init; }

    public Technique? Technique { get; init; }

    /// <summary>The named reason; a consent to <c>offers</c> covers <c>offers:solar</c>, not the other way round.</summary>
    public string? Purpose { get; init; }

    public ContactClass? Class { get; init; }

    /// <summary>Whether the contact also advertises something; it is then judged as marketing.</summary>
    public bool? Promotes { get; init; }

    public string? Subject { get; init; }

    public bool? Similar { get; init; }

    public bool? RelatesToContract { get; init; }

    public Sector? Sector { get; init; }

    public CallerId? CallerId { get; init; }

    /// <summary>What the script of a call holds.</summary>
    public ContentBlocks? Script { get; init; }

    public MessageTemplate? Template { get; init; }

    public Agent? Agent { get; init; }

    public Campaign? Campaign { get; init; }

    /// <summary>For <see cref="ContactClass.ConfirmOptOut"/>: when the message that is confirmed came in.</summary>
    public Instant? ReplyTo { get; init; }
}

/// <summary>The number or name a contact is made from.</summary>
public sealed record CallerId
{
    /// <summary>E.164.</summary>
    public string? Number { get; init; }

    public bool? Shown { get; init; }

    public bool? Entitled { get; init; }

    public bool? Directory { get; init; }

    public bool? Answered { get; init; }

    /// <summary>Whether number or sender name stands in the register that the country keeps of them.</summary>
    public bool? Registered { get; init; }
}

/// <summary>The message that would be sent.</summary>
public sealed record MessageTemplate
{
    public TemplateCategory? Category { get; init; }

    public TemplateStatus? Status { get; init; }

    public ContentBlocks? Holds { get; init; }

    /// <summary>The last day on which its way to opt out works.</summary>
    public LocalDate? OptOutLiveUntil { get; init; }

    public bool? Registered { get; init; }
}

/// <summary>Who speaks.</summary>
public sealed record Agent
{
    public string? Id { get; init; }

    public bool? Trained { get; init; }

    public bool? Registered { get; init; }
}

/// <summary>The campaign a contact is part of.</summary>
public sealed record Campaign
{
    public string? Id { get; init; }

    /// <summary>Of live-answered calls, in the period the law counts.</summary>
    public decimal? AbandonedPercent { get; init; }

    public Selection? SelectedBy { get; init; }
}

/// <summary>The person to be contacted.</summary>
public sealed record ContactedPerson
{
    /// <summary>E.164.</summary>
    public string? Phone { get; init; }

    /// <summary>What rules ask of the number, where <see cref="Phone"/> does not state the number itself.</summary>
    public NumberFacts? Number { get; init; }

    public string? Email { get; init; }

    /// <summary>Whether there is an address that can be one, where <see cref="Email"/> does not state the address itself.</summary>
    public bool? EmailValid { get; init; }

    public IReadOnlyList<string>? OtherPhones { get; init; }

    /// <summary>Where they may live: ISO 3166-1 or 3166-2 codes; null where nobody said.</summary>
    public IReadOnlyList<string>? Residence { get; init; }

    public ResidenceBasis ResidenceBasis { get; init; } = ResidenceBasis.Declared;

    /// <summary>Candidate zones by tz name, where stronger proof than the number tells.</summary>
    public IReadOnlyList<string>? Zones { get; init; }

    public Audience? Audience { get; init; }

    public IReadOnlyList<Relation>? Relations { get; init; }

    public ContactSource? Source { get; init; }

    /// <summary>Whether the chain from the person to the controller can be shown.</summary>
    public bool? Provenance { get; init; }

    public PersonAge? Age { get; init; }

    public LineType? LineType { get; init; }

    public bool? Verified { get; init; }

    public ReassignedAnswer? Reassigned { get; init; }

    public Moment? ReassignedAskedAt { get; init; }

    public Notices? NoticesGiven { get; init; }

    public Wishes? Wishes { get; init; }

    public bool? Quarantine { get; init; }

    /// <summary>In no directory, or marked there against advertising.</summary>
    public bool? Unlisted { get; init; }
}

/// <summary>How old somebody is: in years where known, else adult or minor.</summary>
/// <param name="Years">Null where only <paramref name="IsAdult"/> is known.</param>
/// <param name="IsAdult">Eighteen or older.</param>
public readonly record struct PersonAge(int? Years, bool IsAdult)
{
    /// <summary>Whether under an age of at most 18; whoever is only known to be a minor is.</summary>
    public bool IsUnder(int age) => Years is { } years ? years < age : !IsAdult;
}

/// <summary>One thing that binds or bound the person to the controller.</summary>
public sealed record Relation
{
    public required RelationKind Kind { get; init; }

    public required Moment From { get; init; }

    /// <summary>The last day; null: in force, or, of a purchase, an enquiry or a donation, a thing of one moment.</summary>
    public Moment? Until { get; init; }

    public string? Subject { get; init; }

    public string? Reference { get; init; }

    public bool? ContactGiven { get; init; }

    public bool? RefusalOffered { get; init; }

    /// <summary>Whether it is of one moment only.</summary>
    public bool IsMomentary => Kind is RelationKind.Purchase or RelationKind.Enquiry or RelationKind.Donation;
}

/// <summary>What the person asked for as to when and how often.</summary>
public sealed record Wishes
{
    /// <summary>Hours in which they want to be contacted; empty: any.</summary>
    public IReadOnlyList<Rules.WeeklyWindow> Hours { get; init; } = [];

    public Moment? PausedUntil { get; init; }

    public Promise? Most { get; init; }
}

/// <summary>How often at most.</summary>
/// <param name="Most">Contacts.</param>
/// <param name="Within">In any such time, counted by calendar days where the period has no hours.</param>
/// <param name="Channels">On these channels together.</param>
public sealed record Promise(int Most, Period Within, ChannelSet Channels);

/// <summary>One yes.</summary>
public sealed record GivenConsent
{
    /// <summary>The record of the ledger it rests on; null where it comes from elsewhere.</summary>
    public long? Seq { get; init; }

    /// <summary>Whom it names; null: the asking controller.</summary>
    public IReadOnlyList<string>? Controllers { get; init; }

    public ChannelSet Channels { get; init; }

    /// <summary>Null: any but recorded and artificial voice and random numbers.</summary>
    public IReadOnlyList<Technique>? Techniques { get; init; }

    public IReadOnlyList<string> Purposes { get; init; } = [];

    public string? Subject { get; init; }

    public Moment? GrantedAt { get; init; }

    public Moment? RenewedAt { get; init; }

    public Moment? WithdrawnAt { get; init; }

    public Moment? LastActiveAt { get; init; }

    public ConsentMethod? Method { get; init; }

    public EvidenceItems Holds { get; init; }

    public ConsentFlaws Flaws { get; init; }

    /// <summary>For how long it was given, from the grant; the day on which it has passed is outside.</summary>
    public Period? Term { get; init; }

    /// <summary>The last day for which it was given.</summary>
    public LocalDate? Until { get; init; }

    public IReadOnlyList<TimeScope> TimeScopes { get; init; } = [];

    public Promise? Promise { get; init; }

    public bool OnRegister { get; init; }
}

/// <summary>Hours to which a consent extends: exactly one of the three.</summary>
/// <param name="Window">Hours of a week.</param>
/// <param name="Slot">One date and hour on the person's clock, with how long it lasts.</param>
/// <param name="Night">The night is named.</param>
public sealed record TimeScope(Rules.WeeklyWindow? Window, (LocalDateTime From, Duration Lasts)? Slot, bool Night);

/// <summary>One entry of the controller's own list of people not to be contacted.</summary>
public sealed record SuppressionEntry
{
    /// <summary>Whose; null: the asking controller; <c>any</c>: everybody's.</summary>
    public string? Controller { get; init; }

    public ChannelSet Channels { get; init; } = ChannelSet.All;

    /// <summary>Null: every purpose.</summary>
    public IReadOnlyList<string>? Purposes { get; init; }

    /// <summary>Where it was said to one programme of messages only: its purpose.</summary>
    public string? Program { get; init; }

    public Moment? Since { get; init; }

    public SuppressedBy By { get; init; } = SuppressedBy.Controller;

    public SuppressionKind Kind { get; init; }
}

/// <summary>What a screening against an external register gave.</summary>
public sealed record Screening
{
    public Moment? ScreenedAt { get; init; }

    public bool? Listed { get; init; }

    public Moment? ListedAt { get; init; }

    public Moment? PublishedAt { get; init; }

    /// <summary>Whether the entry cancelled earlier consents.</summary>
    public bool? ConsentsWithdrawn { get; init; }

    /// <summary>The version of the copy that was looked into; null where it was none of ours. No rule looks at it: it is for whoever asks what was looked into.</summary>
    public long? Version { get; init; }

    /// <summary>The digest of that copy: <c>sha256:</c> and hexadecimal digits.</summary>
    public string? Digest { get; init; }
}

/// <summary>One attempt, or one thing the person did.</summary>
public sealed record PastEvent
{
    public required Instant At { get; init; }

    public Channel? Channel { get; init; }

    /// <summary>Null: the asking one.</summary>
    public string? Controller { get; init; }

    public string? Subject { get; init; }

    public string? Purpose { get; init; }

    public string? Agent { get; init; }

    public string? Campaign { get; init; }

    public string? Number { get; init; }

    public required Outcome Outcome { get; init; }

    /// <summary>Whether it was an attempt of the controller, not an act of the person.</summary>
    public bool IsAttempt => Outcome < Outcome.Inbound;
}

/// <summary>Who sells.</summary>
public sealed record Seller
{
    /// <summary>ISO 3166-1 code of the place of establishment.</summary>
    public string? Country { get; init; }

    public IReadOnlyList<Registration>? Registrations { get; init; }

    public bool? BalancingTest { get; init; }

    public bool? ImpactAssessment { get; init; }

    public SellerKinds? Is { get; init; }
}

/// <summary>A registration or licence, or the exemption claimed instead.</summary>
/// <param name="Place">ISO 3166 code; <c>any</c>: wherever one is wanted.</param>
/// <param name="Kind">The word of the rule that wants it, such as <c>telemarketer</c>; <c>any</c>: every kind.</param>
/// <param name="From">First day; null: since ever.</param>
/// <param name="Until">Last day; null: no end.</param>
/// <param name="Exemption">The exemption with its citation; null where it is a registration.</param>
public sealed record Registration(string Place, string Kind, LocalDate? From, LocalDate? Until, string? Exemption);

/// <summary>A request for rights under data-protection law.</summary>
/// <param name="Kind">What was asked for.</param>
/// <param name="OpenedAt">When.</param>
/// <param name="ClosedAt">When it was answered; null while it is open.</param>
public sealed record OpenRequest(RequestKind Kind, Moment? OpenedAt, Moment? ClosedAt);
