using System.Collections.Immutable;
using NodaTime;
using Ringfence.Rules.House;

namespace Ringfence.Gate;

/// <summary>A situation with the answer that is expected, and the source that says so: <c>docs/reference/cases.md</c>.</summary>
public sealed record WorkedCase
{
    /// <summary>One sentence that says what it shows.</summary>
    public required string Name { get; init; }

    /// <summary>An https address, or a citation.</summary>
    public required string Source { get; init; }

    /// <summary>How the source was read where it leaves the point open; null where it leaves none.</summary>
    public string? Reading { get; init; }

    /// <summary>The file it stands in.</summary>
    public required string File { get; init; }

    /// <summary>The line it begins on, from 1.</summary>
    public required int Line { get; init; }

    public required Situation Situation { get; init; }

    /// <summary>The house rules that it is judged by besides; null for none.</summary>
    public HouseRules? House { get; init; }

    public required Expectation Expected { get; init; }
}

/// <summary>What has to come out of a case; what is null or empty is not asked.</summary>
public sealed record Expectation
{
    /// <summary><c>allowed</c>, <c>deferred</c> or <c>refused</c>.</summary>
    public string? Verdict { get; init; }

    /// <summary>For a deferral, the exact instant.</summary>
    public Instant? Until { get; init; }

    /// <summary>The first reason.</summary>
    public ExpectedReason? First { get; init; }

    /// <summary>Each has to be among the reasons.</summary>
    public ImmutableArray<ExpectedReason> Reasons { get; init; } = [];

    /// <summary>None may be among the reasons.</summary>
    public ImmutableArray<ExpectedReason> Without { get; init; } = [];

    /// <summary>Each has to be among the obligations.</summary>
    public ImmutableArray<ObligationCode> Obligations { get; init; } = [];

    /// <summary>Items or facts that some reason has to name.</summary>
    public ImmutableArray<string> Items { get; init; } = [];

    /// <summary>Codes of notes that have to be there.</summary>
    public ImmutableArray<string> Notes { get; init; } = [];

    /// <summary>The channels that would be allowed instead, exactly; null where that is not asked.</summary>
    public ChannelSet? Alternatives { get; init; }
}

/// <summary>A reason that is looked for: a code, of any rule or of one.</summary>
/// <param name="Code">The code.</param>
/// <param name="Rule">The id of the rule; null for any.</param>
public sealed record ExpectedReason(ReasonCode Code, string? Rule)
{
    /// <summary>Whether a reason is this one.</summary>
    public bool Is(Reason reason)
    {
        ArgumentNullException.ThrowIfNull(reason);
        return reason.Code == Code && (Rule is null || reason.Rule?.Id == Rule);
    }

    /// <summary>As files write it: <c>hours@fr-hours</c>.</summary>
    public override string ToString() => Rule is null ? Words<ReasonCode>.Of(Code) : $"{Words<ReasonCode>.Of(Code)}@{Rule}";
}
