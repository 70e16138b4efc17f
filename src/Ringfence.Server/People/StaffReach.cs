using System.Collections.Concurrent;
using NodaTime;
using Ringfence.Ledger;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.People;

/// <summary>How many rows of personal data each member of staff saw or took out since the day began, in UTC, by what the ledger says of it. Safe for many threads.</summary>
/// <remarks>
/// A row is a person on a page, in a file or looked at alone. Counted from the records, so that many small pages come to the same as one large file, whichever node they were seen on and however often the program was started anew.
/// </remarks>
internal sealed class StaffReach(Installation installation, LedgerRow ledger) : IDisposable
{
    private readonly SemaphoreSlim counting = new(1);
    private readonly Dictionary<string, List<(long Seq, long Rows)>> today = new(StringComparer.Ordinal);
    private LocalDate? day;
    private long next;

    /// <summary>The rows of somebody.</summary>
    /// <param name="account">Who.</param>
    /// <param name="upTo">The last record that counts; null: the newest.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<long> OfAsync(string account, long? upTo, CancellationToken cancel)
    {
        await counting.WaitAsync(cancel);
        try
        {
            await CatchUpAsync(cancel);
            return today.TryGetValue(account, out var rows) ? rows.Where(row => upTo is not { } last || row.Seq <= last).Sum(static row => row.Rows) : 0;
        }
        finally
        {
            counting.Release();
        }
    }

    public void Dispose() => counting.Dispose();

    /// <summary>How many rows of personal data a record tells of.</summary>
    public static long RowsOf(LedgerRecord record)
    {
        if (record is not { Type: RecordType.StaffRevealed or RecordType.StaffExport, Actor.Kind: ActorKind.Staff })
            return 0;
        if (record.Detail?["count"]?.AsNumber is { } count)
            return count;
        return record.Detail?["people"] is LeafValue.List people ? people.Items.Count : 1;
    }

    private async Task CatchUpAsync(CancellationToken cancel)
    {
        var now = Instant.FromDateTimeOffset(installation.Time.GetUtcNow()).InUtc().Date;
        var head = (await installation.Store.HeadAsync(ledger.Ledger, cancel)).Size;
        // Another day, or a ledger that was put back to an older state.
        if (day != now || next > head)
        {
            today.Clear();
            next = await FirstOfAsync(installation, ledger, now.AtMidnight().InUtc().ToInstant(), head, cancel);
            day = now;
        }

        await foreach (var row in installation.Store.RecordsAsync(ledger.Ledger, next, head, cancel))
        {
            var record = Read(row);
            next = record.Seq + 1;
            if (RowsOf(record) is > 0 and var rows)
            {
                if (!today.TryGetValue(record.Actor.Ref, out var theirs))
                    today.Add(record.Actor.Ref, theirs = []);
                theirs.Add((record.Seq, rows));
            }
        }
    }

    /// <summary>The first record of a time or later. Records stand in the order of their times.</summary>
    internal static async Task<long> FirstOfAsync(Installation installation, LedgerRow ledger, Instant from, long head, CancellationToken cancel)
    {
        var (low, high) = (0L, head);
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            var at = from;
            await foreach (var row in installation.Store.RecordsAsync(ledger.Ledger, middle, middle + 1, cancel))
                at = Read(row).At;
            if (at < from)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    internal static LedgerRecord Read(RecordRow row) =>
        RecordReader.TryRead(row.Body, out var record, out _) ? record : throw new StoreException(StoreFault.Damaged, $"Record {row.Seq} of the ledger is damaged.");
}

/// <summary>What was seen of each ledger of a node.</summary>
internal sealed class StaffReaches(Installation installation)
{
    private readonly ConcurrentDictionary<long, StaffReach> known = new();

    public StaffReach Of(LedgerRow ledger) => known.GetOrAdd(ledger.Ledger, _ => new StaffReach(installation, ledger));
}
