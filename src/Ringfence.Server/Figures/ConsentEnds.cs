using NodaTime;
using Ringfence.Consent;
using Ringfence.Figures;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Figures;

/// <summary>Which consents end on which day, by those that stand or stood until their end: one that was withdrawn before does not end.</summary>
internal sealed class ConsentEnds
{
    // Of those that have ended the places; of those that will, how many.
    private readonly Dictionary<LocalDate, (List<long> Past, long Future)> days = [];

    private ConsentEnds(Instant at, long size) => (At, Size) = (at, size);

    /// <summary>As of when.</summary>
    public Instant At { get; }

    /// <summary>How many records were known then.</summary>
    public long Size { get; }

    /// <summary>When the next one ends; from then on this is what was. Null: none does.</summary>
    public Instant? Next { get; private set; }

    /// <summary>Consents that stand: each record that says so is one, however many channels and purposes it names.</summary>
    public long Standing { get; private set; }

    /// <summary>Reads them all.</summary>
    public static async Task<ConsentEnds> ReadAsync(ILedgerStore store, LedgerRow ledger, Instant now, long size, CancellationToken cancel)
    {
        var ends = new ConsentEnds(now, size);
        // Of one person at a time. One record may stand for several channels and purposes; it ends once, with the last of them.
        var (sid, last) = (Array.Empty<byte>(), new Dictionary<long, long?>());
        await foreach (var row in store.ConsentStatesAsync(ledger.Ledger, cancel))
        {
            if ((ConsentStanding)row.State is not (ConsentStanding.Given or ConsentStanding.Confirmed or ConsentStanding.Expired))
                continue;
            if (!row.Sid.AsSpan().SequenceEqual(sid))
            {
                ends.Note(last);
                sid = row.Sid;
                last.Clear();
            }

            last[row.Seq] = last.TryGetValue(row.Seq, out var until) && (until is null || row.Until < until) ? until : row.Until;
        }

        ends.Note(last);
        return ends;
    }

    /// <summary>How many have ended in some days.</summary>
    public long EndedIn(FigurePeriod period) => Within(period).Sum(static day => (long)day.Past.Count);

    /// <summary>The same: places of the records that gave them, rising.</summary>
    public IReadOnlyList<long> Ended(FigurePeriod? period) => [.. (period is null ? days.Values : Within(period)).SelectMany(static day => day.Past).Order()];

    /// <summary>How many will end in some days, unless something comes before.</summary>
    public long EndingIn(FigurePeriod period) => Within(period).Sum(static day => day.Future);

    private IEnumerable<(List<long> Past, long Future)> Within(FigurePeriod period) => days.Where(day => period.From <= day.Key && day.Key < period.Until).Select(static day => day.Value);

    private void Note(Dictionary<long, long?> last)
    {
        foreach (var (seq, end) in last)
        {
            if (end is not { } micros)
            {
                Standing++;
                continue;
            }

            var until = Micros.ToInstant(micros);
            var day = until.InUtc().Date;
            if (!days.TryGetValue(day, out var found))
                days[day] = found = ([], 0);
            if (until <= At)
            {
                found.Past.Add(seq);
                continue;
            }

            Standing++;
            days[day] = found with { Future = found.Future + 1 };
            if (Next is not { } next || until < next)
                Next = until;
        }
    }
}
