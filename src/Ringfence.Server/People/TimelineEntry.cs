using NodaTime;
using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Ledger;

namespace Ringfence.Server.People;

/// <summary>What part of a history is looked at.</summary>
public enum TimelineTab
{
    /// <summary>Everything but who looked.</summary>
    All,

    /// <summary>What they agreed to and refused.</summary>
    Consent,

    /// <summary>Decisions, permits, and what came of them.</summary>
    Contacts,

    /// <summary>What they asked for by law.</summary>
    Rights,

    /// <summary>Which staff saw what is personal.</summary>
    Looks,
}

/// <summary>One record of a person, with what of it could be opened for whoever looks.</summary>
/// <param name="Record">The record.</param>
/// <param name="Evidence">What is sealed beside it and may be seen; null: nothing, or it was erased.</param>
/// <param name="Note">What somebody wrote beside it; null likewise.</param>
/// <param name="Wording">The wording that it names; null: it names none, or that is not there.</param>
/// <param name="Point">Masked, the number or address it is about; null: all of theirs.</param>
public sealed record TimelineEntry(LedgerRecord Record, byte[]? Evidence, byte[]? Note, WordingDocument? Wording, string? Point)
{
    /// <summary>The name of the member of staff who wrote it down; null: nobody of the staff did, or they are not known here.</summary>
    public string? By { get; init; }

    /// <summary>The answer of the gate that the record holds, whole; null: it holds none, or that is not told here.</summary>
    public TimelineAnswer? Answer { get; init; }

    /// <summary>Whether the record holds an answer that this page tells only where it is asked for.</summary>
    public bool Folds { get; init; }

    /// <summary>Whether somebody asked for it to be unfolded.</summary>
    public bool IsOpen { get; init; }

    /// <summary>What else was written of the same permit, the oldest first.</summary>
    public IReadOnlyList<LedgerRecord> Permit { get; init; } = [];

    /// <summary>When it happened, so far as somebody says; else when it was written.</summary>
    public Instant At => Record.EventAt ?? Record.At;

    /// <summary>Where it belongs.</summary>
    public static TimelineTab TabOf(RecordType type) => type switch
    {
        RecordType.StaffRevealed => TimelineTab.Looks,
        RecordType.ConsentRequested or RecordType.ConsentGiven or RecordType.ConsentConfirmed or RecordType.ConsentWithdrawn or RecordType.ConsentCorrected or RecordType.ConsentImported
            or RecordType.SuppressionAdded or RecordType.SuppressionLifted => TimelineTab.Consent,
        RecordType.DecisionAllowed or RecordType.DecisionDenied or RecordType.PermitIssued or RecordType.PermitRedeemed or RecordType.PermitRevoked or RecordType.ContactOutcome => TimelineTab.Contacts,
        RecordType.ProcessingHeld or RecordType.ProcessingReleased or RecordType.ErasureRequested or RecordType.ErasureCompleted or RecordType.StaffExport or RecordType.RequestReceived
            or RecordType.RequestProgressed or RecordType.RequestClosed => TimelineTab.Rights,
        _ => TimelineTab.All,
    };

    /// <summary>The word of a decision; null: it is none.</summary>
    public string? Verdict => Record.Decision?["verdict"]?.AsText;

    /// <summary>The class that colours it, of <c>is-ok</c>, <c>is-wait</c> and <c>is-no</c>; null: it is neither a yes nor a no.</summary>
    public string? Tone => Record switch
    {
        { Type: RecordType.DecisionDenied } => Verdict == "deferred" ? "is-wait" : "is-no",
        { Type: RecordType.DecisionAllowed or RecordType.SuppressionLifted } => "is-ok",
        { Type: RecordType.SuppressionAdded or RecordType.ProcessingHeld } => "is-no",
        { State: RecordState.Given or RecordState.Confirmed } => "is-ok",
        { State: RecordState.Withdrawn or RecordState.Refused or RecordState.Invalidated or RecordState.Expired } => "is-no",
        { State: RecordState.Requested } => "is-wait",
        _ => null,
    };

    /// <summary>The symbol that stands before it.</summary>
    public string Icon => Record.Type switch
    {
        _ when Tone is { } tone => tone switch { "is-ok" => "ring-yes", "is-wait" => "ring-wait", _ => "ring-no" },
        RecordType.StaffRevealed => "eye",
        RecordType.StaffExport => "download",
        RecordType.PermitIssued or RecordType.PermitRedeemed or RecordType.PermitRevoked => "key",
        RecordType.ContactOutcome => "send",
        RecordType.ContactMerged or RecordType.ContactUnmerged => "people",
        RecordType.ErasureRequested or RecordType.ErasureCompleted => "x",
        RecordType.ProcessingReleased => "lock",
        _ => "person",
    };
}

/// <summary>One answer that was written down, as it stands there.</summary>
/// <param name="Channel">On which channel was asked; null: on any.</param>
/// <param name="Verdict">The answer, from its own facts by the rules of then; null: it can't be told so.</param>
/// <param name="Told">The same in words.</param>
/// <param name="Known">How many records were known.</param>
/// <param name="Why">Why there is none: <c>RulesAway</c>, <c>Otherwise</c>; null: there is one.</param>
public sealed record TimelineAnswer(Channel? Channel, Verdict? Verdict, Explanation? Told, long Known, string? Why = null);
