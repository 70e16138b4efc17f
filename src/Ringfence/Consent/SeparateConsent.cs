using NodaTime;
using Ringfence.Ledger;

namespace Ringfence.Consent;

/// <summary>A consent of its own to something that is no contact: that data is passed on to named third parties, or that something is made public.</summary>
/// <param name="Kind">What it is to.</param>
/// <param name="Notice">The words, which name the third parties or the place.</param>
/// <param name="Standing">How it stands: pending, given, confirmed, withdrawn, refused or expired.</param>
/// <param name="Seqs">The records it rests on.</param>
/// <param name="Until">Of a yes, the first instant at which it ends; null: no end.</param>
public sealed record SeparateConsent(WordingKind Kind, Notice Notice, ConsentStanding Standing, ValueList<long> Seqs, Instant? Until)
{
    /// <summary>The words by which records name the kinds, in <c>scope.service</c>.</summary>
    public static string? ServiceOf(WordingKind kind) => kind switch
    {
        WordingKind.ThirdParties => "third-parties",
        WordingKind.Publication => "publication",
        _ => null,
    };

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

            if (record is not { Scope: { Channels: null, Service: { } service }, Notice: { } notice, Type: RecordType.ConsentRequested or RecordType.ConsentGiven or RecordType.ConsentConfirmed }
                || KindOf(service) is not { } kind)
            {
                continue;
            }

            if (record.State == RecordState.Refused)
                Close(all, record, (_, one) => one.Kind == kind && one.Notice.Doc == notice.Doc);
            else if (record.Type != RecordType.ConsentConfirmed)
                all[record.Seq] = new SeparateConsent(kind, notice, StandingOf(record), [record.Seq], EndOf(record));
            foreach (var seq in record.Type == RecordType.ConsentConfirmed ? record.About ?? [] : [])
            {
                if (all.TryGetValue(seq, out var asked) && asked.Kind == kind && asked.Standing is ConsentStanding.Pending or ConsentStanding.Given)
                    all[seq] = asked with { Standing = ConsentStanding.Confirmed, Seqs = [.. asked.Seqs, record.Seq], Until = EndOf(record) ?? asked.Until };
            }
        }

        return [.. all.Values.Select(one => one.Standing is ConsentStanding.Given or ConsentStanding.Confirmed && one.Until <= at ? one with { Standing = ConsentStanding.Expired } : one)];
    }

    private static WordingKind? KindOf(string service) =>
        service == ServiceOf(WordingKind.ThirdParties) ? WordingKind.ThirdParties : service == ServiceOf(WordingKind.Publication) ? WordingKind.Publication : null;

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
