using NodaTime;

namespace Ringfence.Rules;

/// <summary>One version of one rule of law, as its file in <c>rules/</c> states it.</summary>
public sealed record Rule
{
    /// <summary>The file, such as <c>rules/us/exposure-tcpa/1992-12-20.yaml</c>.</summary>
    public required string File { get; init; }

    /// <summary>Stable id, the same for every version of the rule, such as <c>us-tcpa</c>.</summary>
    public required string Id { get; init; }

    /// <summary>What the rule is called; null for a rule of the gate, which is called by its id.</summary>
    public RuleText? Name { get; init; }

    /// <summary>What it says, in one plain sentence.</summary>
    public required RuleText Says { get; init; }

    /// <summary>The provision.</summary>
    public required string Cites { get; init; }

    /// <summary>Where it was read: public addresses, the weightiest first.</summary>
    public required IReadOnlyList<Uri> Sources { get; init; }

    /// <summary>
    /// <c>verified</c>: the law or the authority itself was read; <c>secondary</c>: somebody's account of it;
    /// <c>to-verify</c>: not yet read anywhere we trust.
    /// </summary>
    public required string Certainty { get; init; }

    /// <summary><c>statute</c>, <c>regulation</c>, <c>case-law</c>, <c>self-regulation</c>, <c>platform</c> or <c>house</c>.</summary>
    public required string Grade { get; init; }

    /// <summary>The first day it holds; where <see cref="FromIsAtLatest"/>, a day on which it is known to have held.</summary>
    public required LocalDate From { get; init; }

    /// <summary>Whether it may have held before <see cref="From"/> already.</summary>
    public bool FromIsAtLatest { get; init; }

    /// <summary>The first day it no longer holds; null while no end is known.</summary>
    public LocalDate? Until { get; init; }

    /// <summary>How we read it where its words leave a choice; null where they leave none.</summary>
    public string? Reading { get; init; }

    /// <summary>The folder of its pack, such as <c>us-fl</c>.</summary>
    public string Pack { get; init; } = "";

    /// <summary>Whether it is applied.</summary>
    public RuleState State { get; init; }

    /// <summary>What is contested about it; null where nothing is.</summary>
    public string? Contested { get; init; }

    /// <summary>Whom it protects.</summary>
    public Reach Reaches { get; init; } = Reach.Person;

    /// <summary>Of a rule of the strict default, what it fills; none of all others.</summary>
    public Aspects Aspect { get; init; }

    /// <summary>All have to hold, or may, for it to be in play.</summary>
    public IReadOnlyList<Condition> When { get; init; } = [];

    /// <summary>Any one that holds sets it aside.</summary>
    public IReadOnlyList<Alternative> Unless { get; init; } = [];

    /// <summary>What it does; null where it only obliges, or is about exposure or a consent's term.</summary>
    public RuleBody? Body { get; init; }

    /// <summary>Duties while it is in play.</summary>
    public IReadOnlyList<RuleObligation> Obliges { get; init; } = [];

    /// <summary>Whether the duties fall away where an exception sets it aside.</summary>
    public bool ObligesOnlyWhenApplied { get; init; }

    /// <summary>What a breach may cost; null for a rule that states no amount.</summary>
    public ExposureRule? Exposure { get; init; }

    /// <summary>How long a consent lasts; null for a rule that sets no term.</summary>
    public ConsentTermRule? ConsentTerm { get; init; }

    /// <summary>Whether a file of house rules states it.</summary>
    internal bool IsOfHouse { get; init; }

    /// <summary>Of a house rule that gives figures for another rule, the id of that one; null of all others.</summary>
    public string? InsteadOf { get; init; }

    /// <summary>The pack that tells by its places whether the rule judges: its own, but of a house rule that gives figures for another rule that one's.</summary>
    internal string JudgesAs => judgesAs ?? Pack;

    internal string? JudgesLike { init => judgesAs = value; }

    private readonly string? judgesAs;

    /// <summary>Whether it holds on a day.</summary>
    public bool HoldsOn(LocalDate day) => From <= day && (Until is not { } until || day < until);
}

/// <summary>What contacting people without a ground may cost under one regime.</summary>
/// <param name="Jurisdiction">ISO 3166 code, or <c>EU</c>.</param>
/// <param name="Where">Countries, and states as ISO 3166-2, in which the people are.</param>
/// <param name="Channels">The channels it reaches.</param>
/// <param name="PerContact">Whether the amounts are for each contact; else for all together.</param>
/// <param name="Currency">ISO 4217.</param>
/// <param name="Least">The least amount; null where there is none.</param>
/// <param name="Most">The greatest amount; null where only turnover sets one.</param>
/// <param name="TurnoverPercent">The share of turnover that counts where it is more than <paramref name="Most"/>.</param>
/// <param name="LeavesOut">Codes of what the figure leaves out or takes for granted.</param>
public sealed record ExposureRule(
    string Jurisdiction, IReadOnlySet<string> Where, ChannelSet Channels, bool PerContact, string Currency,
    decimal? Least, decimal? Most, decimal? TurnoverPercent, IReadOnlyList<string> LeavesOut);

/// <summary>How long a consent lasts by law.</summary>
/// <param name="Where">Countries in which the people are.</param>
/// <param name="Channels">The channels the consent is for.</param>
/// <param name="Lasts">From the day it was given or expressly renewed; the day on which this has passed is outside.</param>
/// <param name="EvenIfLongerAgreed">Whether the term binds although a longer one was agreed; else it fills in only where none was.</param>
/// <param name="Counts">From when it counts.</param>
/// <param name="Reconfirm">Whether an old consent has to be confirmed, rather than given anew.</param>
public sealed record ConsentTermRule(
    IReadOnlySet<string> Where, ChannelSet Channels, Period Lasts, bool EvenIfLongerAgreed, ConsentClock Counts = ConsentClock.Renewal, bool Reconfirm = false)
{
    /// <summary>The term as an age that a consent may have.</summary>
    internal AgeLimit Limit { get; } = new(Lasts, LastDayInside: false, WorkingDaysOf: null, Elapsed: null);
}
