using NodaTime;
using Ringfence.Gate;
using Ringfence.Ledger;

namespace Ringfence.Consent;

/// <summary>A consent of its own to something that is no contact: that data is passed on to named third parties, that something is made public, that sensitive data is used, that data goes abroad.</summary>
/// <param name="Kind">What it is to.</param>
/// <param name="Notice">The words, which name the third parties or the place.</param>
/// <param name="Standing">How it stands: pending, given, confirmed, withdrawn, refused or expired.</param>
/// <param name="Seqs">The records it rests on.</param>
/// <param name="Until">Of a yes, the first instant at which it ends; null: no end.</param>
public sealed record SeparateConsent(WordingKind Kind, Notice Notice, ConsentStanding Standing, ValueList<long> Seqs, Instant? Until)
{
    /// <summary>The number or address at which it was said; null: none is named.</summary>
    public OpaqueId? Point { get; init; }

    /// <summary>The words by which records name the kinds, in <c>scope.service</c>.</summary>
    public static string? ServiceOf(WordingKind kind) => kind switch
    {
        WordingKind.ThirdParties => "third-parties",
        WordingKind.Publication => "publication",
        WordingKind.SensitiveData => "sensitive-data",
        WordingKind.Export => "export",
        WordingKind.Contact => null,
    };

    /// <summary>The item of evidence that a yes to words of a kind proves: that one matter, and no other.</summary>
    /// <remarks>
    /// Source: PIPL Art 23 (providing to another handler), 25 (making public), 29 (sensitive information), 39 (providing abroad), each of which asks for a separate consent.
    /// Our reading: an act that says yes to contact as well, or to two of these, is separate for none of them.
    /// </remarks>
    public static EvidenceItems MatterOf(WordingKind kind) => kind switch
    {
        WordingKind.ThirdParties => EvidenceItems.SeparateProvision,
        WordingKind.Publication => EvidenceItems.SeparatePublication,
        WordingKind.SensitiveData => EvidenceItems.SeparateSensitive,
        WordingKind.Export => EvidenceItems.SeparateExport,
        WordingKind.Contact => EvidenceItems.None,
    };

    /// <summary>Those that stand and can be shown, each with the matter it proves, the number or address it was said at, and its end.</summary>
    /// <param name="records">All of a person.</param>
    /// <param name="shown">The evidence that can be shown of a record.</param>
    internal static IReadOnlyList<SeparateYes> Proven(IReadOnlyList<LedgerRecord> records, Func<long, ShownEvidence?> shown)
    {
        // Nearly nobody has any, and everybody who is asked about comes by here.
        if (!records.Any(static record => record.Scope?.Service is not null))
            return [];
        var proven = new List<SeparateYes>();
        // Whether its time has come is for whoever asks at an instant.
        foreach (var one in Fold(records, Instant.MinValue).Where(static one => one.Standing is ConsentStanding.Given or ConsentStanding.Confirmed))
        {
            var (holds, flaws) = (EvidenceItems.None, ConsentFlaws.None);
            foreach (var seq in one.Seqs)
            {
                if (shown(seq) is { } evidence)
                    (holds, flaws) = (holds | evidence.Holds, flaws | evidence.Flaws);
            }

            if (flaws == ConsentFlaws.None && holds.HasFlag(EvidenceItems.Record | MatterOf(one.Kind)))
                proven.Add(new SeparateYes(MatterOf(one.Kind), one.Point, one.Until));
        }

        return proven;
    }

    /// <summary>Sums up what the records of a person say, by the words that were agreed to.</summary>
    /// <remarks>A no that names channels is about contact; one that names none is one to all of these. A yes after it counts again; what was not confirmed from the address itself waits.</remarks>
    public static IReadOnlyList<SeparateConsent> Fold(IEnumerable<LedgerRecord> records, Instant at)
    {
        ArgumentNullException.ThrowIfNull(records);
        var all = new SortedDictionary<long, SeparateConsent>();
        foreach (var record in records.OrderBy(static record => record.Seq))
        {
            if (record is { Type: RecordType.ConsentWithdrawn, Scope: null or { Channels: null } })
            {
                Close(all, record, (_, _) => true);
                continue;
            }

            // What was said over again by somebody else proves nothing any more.
            if (record.Type == RecordType.ConsentCorrected)
            {
                Close(all, record, (seq, _) => record.About?.Contains(seq) == true);
                continue;
            }

            if (record is not { Scope: { Channels: null, Service: { } service }, Notice: { } notice, Type: RecordType.ConsentRequested or RecordType.ConsentGiven or RecordType.ConsentConfirmed }
                || KindOf(service) is not { } kind)
            {
                continue;
            }

            if (record.State is RecordState.Refused or RecordState.Withdrawn or RecordState.Expired or RecordState.Invalidated)
                Close(all, record, (_, one) => one.Kind == kind && one.Notice.Doc == notice.Doc);
            else if (record.Type != RecordType.ConsentConfirmed)
                all[record.Seq] = new SeparateConsent(kind, notice, StandingOf(record), [record.Seq], EndOf(record)) { Point = record.Subject?.Point };
            foreach (var seq in record.Type == RecordType.ConsentConfirmed ? record.About ?? [] : [])
            {
                if (all.TryGetValue(seq, out var asked) && asked.Kind == kind && asked.Standing is ConsentStanding.Pending or ConsentStanding.Given)
                    all[seq] = asked with { Standing = ConsentStanding.Confirmed, Seqs = [.. asked.Seqs, record.Seq], Until = EndOf(record) ?? asked.Until };
            }
        }

        return [.. all.Values.Select(one => one.Standing is ConsentStanding.Given or ConsentStanding.Confirmed && one.Until <= at ? one with { Standing = ConsentStanding.Expired } : one)];
    }

    private static WordingKind? KindOf(string service)
    {
        foreach (var kind in Enum.GetValues<WordingKind>())
        {
            if (ServiceOf(kind) == service)
                return kind;
        }

        return null;
    }

    private static ConsentStanding StandingOf(LedgerRecord record) =>
        record.State == RecordState.Requested || record.Method is { Ceremony: Ceremony.DoubleOptIn } ? ConsentStanding.Pending : ConsentStanding.Given;

    private static void Close(SortedDictionary<long, SeparateConsent> all, LedgerRecord by, Func<long, SeparateConsent, bool> which)
    {
        var standing = by.State == RecordState.Refused ? ConsentStanding.Refused : ConsentStanding.Withdrawn;
        foreach (var (seq, one) in all.Where(one => which(one.Key, one.Value)).ToList())
            all[seq] = one with { Standing = standing, Seqs = [.. one.Seqs, by.Seq], Until = null };
    }

    private static Instant? EndOf(LedgerRecord record)
    {
        if (ConsentEvent.From(record)?.ValidFor is not { } period)
            return null;
        var from = record.EventAt is { } said && said < record.At ? said : record.At;
        return (from.InUtc().LocalDateTime + period).InUtc().ToInstant();
    }
}

/// <summary>A separate consent that stands and can be shown.</summary>
/// <param name="Matter">What it is to.</param>
/// <param name="Point">The number or address at which it was said; null: none is named.</param>
/// <param name="Until">The first instant at which it ends; null: no end.</param>
internal readonly record struct SeparateYes(EvidenceItems Matter, OpaqueId? Point, Instant? Until);
