using NodaTime;
using NodaTime.Text;
using Ringfence.Ledger;

namespace Ringfence.Consent;

/// <summary>What a record does to a person's consents.</summary>
public enum ConsentEventKind : byte
{
    /// <summary>The person was asked, and has not answered.</summary>
    Requested,

    /// <summary>A yes.</summary>
    Given,

    /// <summary>What was asked or said before is confirmed from the address itself.</summary>
    Confirmed,

    /// <summary>A no to a question.</summary>
    Refused,

    /// <summary>A yes taken back, or a no without a question.</summary>
    Withdrawn,

    /// <summary>An end that time or a rule has set.</summary>
    Expired,

    /// <summary>What was recorded is none.</summary>
    Invalidated,

    /// <summary>An entry on the controller's own list of people not to be contacted.</summary>
    Suppressed,

    /// <summary>Such an entry is taken away.</summary>
    Lifted,

    /// <summary>An import is undone.</summary>
    ImportUndone,
}

/// <summary>One thing that happened to the consents of a person, as a record of the ledger tells it.</summary>
public sealed record ConsentEvent
{
    /// <summary>Its place in the ledger: the order in which things were learned.</summary>
    public required long Seq { get; init; }

    /// <summary>When it was learned.</summary>
    public required Instant At { get; init; }

    public required ConsentEventKind Kind { get; init; }

    /// <summary>When it happened, where somebody says so.</summary>
    public Instant? EventAt { get; init; }

    /// <summary>Who says so; null where nobody does.</summary>
    public EventSource? Source { get; init; }

    /// <summary>Whether it takes the place of what it is <see cref="About"/>.</summary>
    public bool IsCorrection { get; init; }

    /// <summary>Whether a list or another system says it, not the person to us.</summary>
    public bool IsImport { get; init; }

    /// <summary>The number or address; null: all of the person's.</summary>
    public OpaqueId? Point { get; init; }

    /// <summary>Null: not said. Of a no that is all of them, of a yes none.</summary>
    public ChannelSet? Channels { get; init; }

    /// <summary>Null: not said. Of a no that is all of them, of a yes none.</summary>
    public ValueList<string>? Purposes { get; init; }

    /// <summary>For how long it is given; null: until it is taken back.</summary>
    public Period? ValidFor { get; init; }

    /// <summary>The records it is about.</summary>
    public ValueList<long>? About { get; init; }

    /// <summary>The wording that was shown.</summary>
    public Notice? Notice { get; init; }

    public CollectionMethod? Method { get; init; }

    /// <summary>Of what an import said, and of its undoing: which.</summary>
    public OpaqueId? Batch { get; init; }

    /// <summary>Whether it closes, rather than opens or asks.</summary>
    public bool IsNo => Kind is ConsentEventKind.Refused or ConsentEventKind.Withdrawn or ConsentEventKind.Expired or ConsentEventKind.Invalidated;

    /// <summary>What a record says; null where it is not about consents or refusals.</summary>
    /// <remarks>Where type and state of a record don't go together, the one that closes counts.</remarks>
    public static ConsentEvent? From(LedgerRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        if (KindOf(record) is not { } kind)
            return null;
        return new ConsentEvent
        {
            Seq = record.Seq,
            At = record.At,
            Kind = kind,
            EventAt = record.EventAt,
            Source = record.EventSource,
            IsCorrection = record.Type == RecordType.ConsentCorrected,
            IsImport = record.Type == RecordType.ConsentImported || record.EventSource == EventSource.Import,
            Point = record.Subject?.Point,
            Channels = ChannelsOf(record.Scope, isYes: kind is ConsentEventKind.Requested or ConsentEventKind.Given or ConsentEventKind.Confirmed),
            Purposes = record.Scope?.Purposes,
            ValidFor = PeriodOf(record.ValidFor),
            About = record.About,
            Notice = record.Notice,
            Method = record.Method,
            Batch = OpaqueId.TryParse(record.Detail?["batch"]?.AsText, out var batch) ? batch : null,
        };
    }

    private static ConsentEventKind? KindOf(LedgerRecord record) => record.Type switch
    {
        RecordType.ConsentRequested => Stricter(ConsentEventKind.Requested, record.State),
        RecordType.ConsentGiven or RecordType.ConsentImported or RecordType.ConsentCorrected => Stricter(ConsentEventKind.Given, record.State),
        RecordType.ConsentConfirmed => Stricter(ConsentEventKind.Confirmed, record.State),
        RecordType.ConsentWithdrawn => record.State is RecordState.Refused ? ConsentEventKind.Refused
            : record.State is RecordState.Expired ? ConsentEventKind.Expired
            : ConsentEventKind.Withdrawn,
        RecordType.SuppressionAdded => ConsentEventKind.Suppressed,
        // Of one that is lifted in part the entry stands.
        RecordType.SuppressionLifted => PartialLift.Is(record) ? null : ConsentEventKind.Lifted,
        RecordType.ImportUndone => ConsentEventKind.ImportUndone,
        _ => null,
    };

    private static ConsentEventKind Stricter(ConsentEventKind ofType, RecordState? state) => state is not { } stated ? ofType : stated switch
    {
        RecordState.Given or RecordState.Confirmed => ofType,
        RecordState.Requested => ConsentEventKind.Requested,
        RecordState.Withdrawn => ConsentEventKind.Withdrawn,
        RecordState.Refused => ConsentEventKind.Refused,
        RecordState.Expired => ConsentEventKind.Expired,
        RecordState.Invalidated => ConsentEventKind.Invalidated,
    };

    // A word that is no channel of ours opens nothing and closes everything.
    private static ChannelSet? ChannelsOf(RecordScope? scope, bool isYes)
    {
        if (scope?.Channels is not { } words)
            return null;
        var channels = ChannelSet.None;
        foreach (var word in words)
        {
            if (Ringfence.Channels.TryParse(word, out var channel))
                channels |= channel.Only();
            else if (!isYes)
                return null;
        }

        return channels;
    }

    // What has a shape that the ledger takes and the calendar does not is over at once.
    private static Period? PeriodOf(string? validFor) => validFor is null or "until-withdrawn" ? null
        : PeriodPattern.Roundtrip.Parse(validFor).TryGetValue(Period.Zero, out var period) ? period
        : Period.Zero;
}
