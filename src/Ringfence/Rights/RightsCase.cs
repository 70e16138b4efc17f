using NodaTime;
using Ringfence.Gate;
using Ringfence.Ledger;

namespace Ringfence.Rights;

/// <summary>Where a request stands.</summary>
public enum RightsState : byte
{
    /// <summary>Somebody has to answer it.</summary>
    Open,

    /// <summary>They have not shown yet that it is them.</summary>
    Unidentified,

    /// <summary>Something is awaited that only they can give.</summary>
    Paused,

    Answered,

    Refused,

    /// <summary>They took it back.</summary>
    TakenBack,

    /// <summary>They were forgotten.</summary>
    Erased,
}

/// <summary>What was done on a request after it was received.</summary>
public enum RightsStep : byte
{
    Identified,
    Extended,
    Paused,
    Resumed,
    Noted,
    Erased,
}

/// <summary>A request as its records tell it: the sum of them, and nothing personal.</summary>
public sealed record RightsCase
{
    private const string NoIdentity = "none";

    // The way by which whoever asks is told at once.
    private const string OnPage = "page";

    public required OpaqueId Id { get; init; }

    public required RightsKind Kind { get; init; }

    /// <summary>Words of the regimes that may apply; <c>unknown</c> among them: nobody knows.</summary>
    public required IReadOnlyList<string> Regimes { get; init; }

    /// <summary>Where the controller is, ISO 3166-1; null: not said.</summary>
    public string? Country { get; init; }

    /// <summary>What a complaint is about; null: not said, or it is none.</summary>
    public ComplaintReason? Reason { get; init; }

    public required Instant ReceivedAt { get; init; }

    /// <summary>Whether the page told them at once that it was received.</summary>
    public bool IsConfirmed { get; init; }

    /// <summary>Whether they still have to show that it is them.</summary>
    public bool AwaitsIdentity { get; init; }

    /// <summary>When they showed it; null: they did not, or need not.</summary>
    public Instant? IdentifiedAt { get; init; }

    /// <summary>Whether anybody knows that it is them, also where nobody had to. Only then is anything sent to the number or address.</summary>
    public bool IsShown => IdentifiedAt is not null;

    /// <summary>By what: <c>code</c>, <c>staff</c>.</summary>
    public string? IdentifiedBy { get; init; }

    public bool IsExtended { get; init; }

    /// <summary>Spans in which something was awaited; the last has no end while it still is.</summary>
    public IReadOnlyList<(LocalDate From, LocalDate? Until)> Pauses { get; init; } = [];

    /// <summary>How it ended; null: it has not.</summary>
    public RightsState? Outcome { get; init; }

    public Instant? ClosedAt { get; init; }

    /// <summary>In which language they are written to, BCP 47; null: not said.</summary>
    public string? Language { get; init; }

    /// <summary>The salted digest of what is written of it, as of the last record that says so.</summary>
    public Digest? Written { get; init; }

    /// <summary>The last day as the last record that dates it says; what was said then stays said, whatever clocks are known since.</summary>
    public LocalDate? DueSaid { get; init; }

    /// <summary>Whether what was written of it is kept no more.</summary>
    public bool IsForgotten { get; init; }

    public RightsState State => Outcome ?? (AwaitsIdentity ? RightsState.Unidentified : Pauses is [.., { Until: null }] ? RightsState.Paused : RightsState.Open);

    public bool IsOpen => Outcome is null;

    public LocalDate ReceivedOn => ReceivedAt.InUtc().Date;

    /// <summary>The clocks that hold for it.</summary>
    public IReadOnlyList<RightsClock> Clocks => RightsClocks.Of(Regimes, Kind);

    /// <summary>On how many days something was awaited, as of a day.</summary>
    public int PausedDays(LocalDate today) => Pauses.Sum(pause => Math.Max(0, Period.DaysBetween(pause.From, pause.Until ?? LocalDate.Max(today, pause.From))));

    /// <summary>The last day on which an answer is in time, as of a day.</summary>
    public LocalDate Due(LocalDate today) => RightsDeadline.Of(Clocks, ReceivedOn, PausedDays(today), IsExtended, RightsDeadline.HolidaysOf(Country));

    /// <summary>The last day on which they have to be told that it was received; null: the page told them, or no law fixes one.</summary>
    public LocalDate? ConfirmBy => IsConfirmed ? null : RightsDeadline.ConfirmBy(Clocks, ReceivedOn);

    /// <summary>Whether it may be put off now.</summary>
    public bool MayExtend(LocalDate today) => IsOpen && !IsExtended && RightsDeadline.MayExtend(today, Clocks, ReceivedOn, PausedDays(today), RightsDeadline.HolidaysOf(Country));

    /// <summary>The detail of the record that begins one.</summary>
    /// <param name="id">Its name.</param>
    /// <param name="kind">What is asked for.</param>
    /// <param name="regimes">Which may apply.</param>
    /// <param name="country">Where the controller is.</param>
    /// <param name="reason">Of a complaint.</param>
    /// <param name="needsIdentity">Whether they still have to show that it is them.</param>
    /// <param name="way">How it came in: <c>page</c>, <c>staff</c>.</param>
    /// <param name="words">The salted digest of what they wrote.</param>
    /// <param name="language">In which language they are written to.</param>
    public static LeafValue.Map Received(OpaqueId id, RightsKind kind, IReadOnlyCollection<string> regimes, string? country, ComplaintReason? reason, bool needsIdentity, string way, Digest words, string language)
    {
        List<(string, LeafValue)> detail =
        [
            ("request", id), ("kind", Words<RightsKind>.Of(kind)), ("regimes", LeafValue.ListOf(regimes.Order(StringComparer.Ordinal))), ("identity", needsIdentity ? "wanted" : NoIdentity), ("way", way), ("words", words),
            ("language", language),
        ];
        if (country is not null)
            detail.Add(("country", country));
        if (reason is { } about)
            detail.Add(("reason", Words<ComplaintReason>.Of(about)));
        return LeafValue.Map.Of([.. detail]);
    }

    /// <summary>The request that a record is about; null: none.</summary>
    public static OpaqueId? IdOf(LedgerRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        return record.Type is RecordType.RequestReceived or RecordType.RequestProgressed or RecordType.RequestClosed && OpaqueId.TryParse(record.Detail?["request"]?.AsText, out var id) ? id : null;
    }

    /// <summary>Sums up.</summary>
    /// <param name="records">Those of one request, in order; the first is that of its receipt.</param>
    /// <returns>Null: they tell of none.</returns>
    public static RightsCase? Of(IReadOnlyList<LedgerRecord> records)
    {
        ArgumentNullException.ThrowIfNull(records);
        if (records is not [{ Type: RecordType.RequestReceived, Detail: { } detail } first, ..] || IdOf(first) is not { } id || !Words<RightsKind>.TryParse(detail["kind"]?.AsText ?? "", out var kind))
            return null;
        var told = new RightsCase
        {
            Id = id,
            Kind = kind,
            Regimes = detail["regimes"] is LeafValue.List list ? [.. list.Items.Select(static item => item.AsText).OfType<string>()] : [],
            Country = detail["country"]?.AsText,
            Reason = Words<ComplaintReason>.TryParse(detail["reason"]?.AsText ?? "", out var reason) ? reason : null,
            ReceivedAt = first.EventAt ?? first.At,
            IsConfirmed = detail["way"]?.AsText == OnPage,
            AwaitsIdentity = detail["identity"]?.AsText != NoIdentity,
            Language = detail["language"]?.AsText,
        };
        // The clock of whoever has to show first that it is them stands still from the start, where it may.
        if (told.AwaitsIdentity)
            told = told with { Pauses = [(told.ReceivedOn, null)] };
        return records.Skip(1).Where(record => IdOf(record) == id).Aggregate(told.Saying(detail), static (one, record) => one.With(record));
    }

    /// <summary>The same after one more of its records.</summary>
    public RightsCase With(LedgerRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        return record.Type is RecordType.RequestProgressed or RecordType.RequestClosed && record.Detail is { } detail ? Done(record).Saying(detail) : this;
    }

    private RightsCase Done(LedgerRecord record)
    {
        if (record.Type == RecordType.RequestClosed)
        {
            var outcome = Words<RightsState>.TryParse(record.Detail?["outcome"]?.AsText ?? "", out var state) ? state : RightsState.Answered;
            return Resumed(record.At) with { Outcome = outcome, ClosedAt = record.At, IsForgotten = IsForgotten || outcome == RightsState.Erased };
        }

        return record.Type != RecordType.RequestProgressed || !Words<RightsStep>.TryParse(record.Detail?["step"]?.AsText ?? "", out var step) ? this : step switch
        {
            RightsStep.Identified => (AwaitsIdentity ? Resumed(record.At) : this) with { AwaitsIdentity = false, IdentifiedAt = record.At, IdentifiedBy = record.Detail?["by"]?.AsText },
            RightsStep.Extended => this with { IsExtended = true },
            RightsStep.Paused => this with { Pauses = [.. Pauses, (record.At.InUtc().Date, null)] },
            RightsStep.Resumed => Resumed(record.At),
            RightsStep.Noted => this,
            RightsStep.Erased => this with { IsForgotten = true },
        };
    }

    private RightsCase Saying(LeafValue.Map detail) => this with
    {
        Written = Digest.TryParse(detail["words"]?.AsText, out var words) ? words : Written,
        DueSaid = NodaTime.Text.LocalDatePattern.Iso.Parse(detail["due"]?.AsText ?? "").TryGetValue(default, out var due) ? due : DueSaid,
    };

    private RightsCase Resumed(Instant at) =>
        Pauses is [.., { Until: null } last] ? this with { Pauses = [.. Pauses.SkipLast(1), (last.From, LocalDate.Max(last.From, at.InUtc().Date))] } : this;
}
