using NodaTime;

namespace Ringfence.Ledger;

/// <summary>
/// One record of a ledger, field by field as in <c>docs/reference/ledger.md</c>; what is null is absent. Two records are equal when they have the same bytes.
/// </summary>
/// <remarks>
/// It may hold anything until it is written: <see cref="RecordBytes"/> checks it. It never holds personal data, only commitments to it.
/// Instants are whole microseconds: <see cref="LedgerTime"/>.
/// </remarks>
public sealed record LedgerRecord
{
    /// <summary>Its place in the ledger and in the tree, from 0.</summary>
    public required long Seq { get; init; }

    /// <summary>128 random bits.</summary>
    public required OpaqueId Id { get; init; }

    public required RecordType Type { get; init; }

    /// <summary>When it was put in order; rises with <see cref="Seq"/>.</summary>
    public required Instant At { get; init; }

    /// <summary>SHA-256 of the controller's party document.</summary>
    public required Digest Controller { get; init; }

    public required Actor Actor { get; init; }

    public RecordState? State { get; init; }

    /// <summary>When it happened, if somebody says so: <see cref="EventSource"/>.</summary>
    public Instant? EventAt { get; init; }

    public EventSource? EventSource { get; init; }

    /// <summary>An ISO 8601 duration in whole numbers, or <c>until-withdrawn</c>: <see cref="LeafText.IsValidity(ReadOnlySpan{char})"/>.</summary>
    public string? ValidFor { get; init; }

    public Subject? Subject { get; init; }

    public RecordScope? Scope { get; init; }

    /// <summary>Lawful basis.</summary>
    public string? Basis { get; init; }

    public Notice? Notice { get; init; }

    /// <summary>Categories of personal data that are sealed; null for none named, never empty.</summary>
    public ValueList<string>? Pii { get; init; }

    public CollectionMethod? Method { get; init; }

    /// <summary>The way offered to withdraw.</summary>
    public string? Withdraw { get; init; }

    /// <summary>ISO 3166 codes; null for none named, never empty.</summary>
    public ValueList<string>? Jurisdiction { get; init; }

    /// <summary>Earlier records that this one corrects, confirms, withdraws, redeems or erases; rising, never empty.</summary>
    public ValueList<long>? About { get; init; }

    public Commitments? Commits { get; init; }

    public PackInForce? Pack { get; init; }

    /// <summary>A verdict with the facts it was computed from.</summary>
    public LeafValue.Map? Decision { get; init; }

    /// <summary>What else its type has to say.</summary>
    public LeafValue.Map? Detail { get; init; }

    /// <summary>For logs: place and type, nothing of a person.</summary>
    public override string ToString() => $"{Seq} {Type}";
}

/// <summary>Who did what a record tells.</summary>
/// <param name="Kind">What they are.</param>
/// <param name="Ref">An opaque name, never a person's own.</param>
public readonly record struct Actor(ActorKind Kind, string Ref);

/// <summary>The person a record is about. Neither id is derived from a number.</summary>
/// <param name="Sid">The person.</param>
/// <param name="Point">The one number or address it is about; null for all of them.</param>
public readonly record struct Subject(OpaqueId Sid, OpaqueId? Point = null);

/// <summary>What a consent, an objection or a withdrawal reaches. One that names nothing is not written: the record then has none, and reaches everything.</summary>
/// <param name="Channels">Sorted by their bytes, none twice; null for all, never empty.</param>
/// <param name="Purposes">Sorted by their bytes, none twice; null for all, never empty.</param>
/// <param name="Service">The service; null for all.</param>
public sealed record RecordScope(ValueList<string>? Channels = null, ValueList<string>? Purposes = null, string? Service = null);

/// <summary>The document a record is about: what the person was shown, or what is published.</summary>
/// <param name="Doc">SHA-256 of its exact bytes.</param>
/// <param name="Lang">Its language; null for none.</param>
/// <param name="Version">Its version; null for none.</param>
public sealed record Notice(Digest Doc, string? Lang = null, string? Version = null);

/// <summary>How a consent was collected, or a withdrawal received.</summary>
/// <param name="Collection">The way, such as <c>web_form</c> or <c>paper</c>.</param>
/// <param name="Ceremony">Asked once, or confirmed; null where there is nothing to ask.</param>
public readonly record struct CollectionMethod(string Collection, Ceremony? Ceremony = null);

/// <summary>Commitments by group, each opened on its own; null where there is none, at least one in a record.</summary>
/// <param name="Person">To the number or address, a JSON object.</param>
/// <param name="Evidence">To the evidence, a JSON object.</param>
/// <param name="Note">To what somebody wrote, a JSON object.</param>
/// <param name="Tag">To the 32 bytes of a <see cref="ContactTag"/>.</param>
public sealed record Commitments(Digest? Person = null, Digest? Evidence = null, Digest? Note = null, Digest? Tag = null)
{
    /// <summary>The commitment of one group; null where there is none.</summary>
    public Digest? this[CommitGroup group] => group switch
    {
        CommitGroup.Person => Person,
        CommitGroup.Evidence => Evidence,
        CommitGroup.Note => Note,
        CommitGroup.Tag => Tag,
    };
}

/// <summary>The rules in force.</summary>
/// <param name="Id">The pack.</param>
/// <param name="Version">Its version.</param>
/// <param name="Digest">SHA-256 of its bytes.</param>
public sealed record PackInForce(string Id, string Version, Digest Digest);
