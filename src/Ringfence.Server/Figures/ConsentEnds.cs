using NodaTime;
using Ringfence.Consent;
using Ringfence.Figures;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Figures;

/// <summary>Which consents end on which day, by those that stand or stood until their end: one that was withdrawn before does not end.</summary>
internal sealed class ConsentEnds
{
    private readonly Dictionary<LocalDate, (long Past, long Future)> days = [];

    private ConsentEnds(Instant at, long size) => (At, Size) = (at, size);

    /// <summary>As of when.</summary>
    public Instant At { get; }

    /// <summary>How many records were known then.</summary>
    public long Size { get; }

    /// <summary>Consents that stand: each record that says so is one, however many channels and purposes it names.</summary>
    public long Standing { get; private set; }

    /// <summary>Reads them all.</summary>
    public static async Task<ConsentEnds> ReadAsync(ILedgerStore store, LedgerRow ledger, Instant now, long size, CancellationToken cancel)
    {
        var ends = new ConsentEnds(now, size);
        var (sid, seen) = (Array.Empty<byte>(), new HashSet<(long Seq, long? Until)>());
        await foreach (var row in store.ConsentStatesAsync(ledger.Ledger, cancel))
        {
            if ((ConsentStanding)row.State is not (ConsentStanding.Given or ConsentStanding.Confirmed or ConsentStanding.Expired))
                continue;
            if (!row.Sid.AsSpan().SequenceEqual(sid))
            {
                sid = row.Sid;
                seen.Clear();
            }

            // One record may stand for several channels and purposes; it ends once.
            if (!seen.Add((row.Seq, row.Until)))
                continue;
            if (row.Until is not { } until)
                ends.Standing++;
            else
                ends.Note(Micros.ToInstant(until), now);
        }

        return ends;
    }

    /// <summary>How many have ended in some days.</summary>
    public long EndedIn(FigurePeriod period) => Sum(period, static day => day.Past);

    /// <summary>How many will end in some days, unless something comes before.</summary>
    public long EndingIn(FigurePeriod period) => Sum(period, static day => day.Future);

    private long Sum(FigurePeriod period, Func<(long Past, long Future), long> of)
    {
        var sum = 0L;
        foreach (var (day, counts) in days)
        {
            if (period.From <= day && day < period.Until)
                sum += of(counts);
        }

        return sum;
    }

    private void Note(Instant until, Instant now)
    {
        var day = until.InUtc().Date;
        var (past, future) = days.GetValueOrDefault(day);
        if (until > now)
            Standing++;
        days[day] = until > now ? (past, future + 1) : (past + 1, future);
    }
}
