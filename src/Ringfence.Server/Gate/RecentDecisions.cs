using NodaTime;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Gate;

/// <summary>One answer of the gate that was written down, as a list tells it. It names nobody.</summary>
/// <param name="Seq">Its record.</param>
/// <param name="At">When it was put in order.</param>
/// <param name="Verdict">A word of verdict.</param>
/// <param name="IsPermit">Whether it permitted a contact, rather than told of one.</param>
/// <param name="Channel">On which channel was asked; null: the record does not say.</param>
/// <param name="Purpose">What for; null likewise.</param>
/// <param name="Reason">The deciding reason; null: there is none.</param>
/// <param name="Rule">The rule it comes from; null: it holds without any.</param>
internal readonly record struct DecisionEntry(long Seq, Instant At, string Verdict, bool IsPermit, Channel? Channel, string? Purpose, ReasonCode? Reason, string? Rule);

/// <summary>What is looked for among recorded decisions; null: whatever it is.</summary>
/// <param name="Verdict">Its word.</param>
/// <param name="Reasons">One of these decides; there is one at least.</param>
/// <param name="Channel">On which channel was asked.</param>
/// <param name="Rule">The rule that the deciding reason comes from.</param>
/// <param name="IsPermit">Whether it permitted a contact.</param>
/// <param name="From">Written down at this instant or later.</param>
/// <param name="Until">Written down before this instant.</param>
internal sealed record DecisionFilter(
    string? Verdict = null, IReadOnlyList<ReasonCode>? Reasons = null, Channel? Channel = null, string? Rule = null, bool? IsPermit = null, Instant? From = null, Instant? Until = null)
{
    public bool Takes(in DecisionEntry entry) =>
        (Verdict is null || entry.Verdict == Verdict) && (Reasons is null || (entry.Reason is { } reason && Reasons.Contains(reason))) && (Channel is null || entry.Channel == Channel) && (Rule is null || entry.Rule == Rule)
        && (IsPermit is null || entry.IsPermit == IsPermit) && (From is null || entry.At >= From) && (Until is null || entry.At < Until);
}

/// <summary>How many answers there were of each verdict.</summary>
internal readonly record struct VerdictCounts(long Allowed, long Deferred, long Refused)
{
    public long All => Allowed + Deferred + Refused;

    public VerdictCounts And(string verdict, long times = 1) => verdict switch
    {
        "allowed" => this with { Allowed = Allowed + times },
        "deferred" => this with { Deferred = Deferred + times },
        _ => this with { Refused = Refused + times },
    };
}

/// <summary>The decisions and permits of the last thirty days, as the records of a ledger tell them. It follows the ledger while somebody looks. Safe for many threads.</summary>
internal sealed class RecentDecisions(Installation installation, LedgerRow ledger) : IDisposable
{
    /// <summary>How far back it goes.</summary>
    public static readonly Duration Reach = Duration.FromDays(30);

    // Of a ledger that grows faster the newest so many records are looked through: some seconds of reading, some tens of megabytes.
    private const long MostRecords = 250_000;

    // Records of one look; between two of them whoever waits sees what is known by then.
    private const int AtOnce = 5_000;

    private readonly SemaphoreSlim reading = new(1, 1);
    private readonly List<DecisionEntry> entries = [];
    private readonly Dictionary<string, string> words = new(StringComparer.Ordinal);
    private long? next;
    private long begun;
    private long size;

    /// <summary>Whether it reaches back thirty days, or as far as the ledger does.</summary>
    public bool IsWhole { get; private set; }

    /// <summary>Records that are still to be looked through.</summary>
    public long Ahead
    {
        get
        {
            lock (entries)
                return next is { } at ? size - at : size;
        }
    }

    /// <summary>Records it looked through.</summary>
    public long Seen
    {
        get
        {
            lock (entries)
                return next is { } at ? at - begun : 0;
        }
    }

    /// <summary>Reads on to the ledger's end. Stopped before, it keeps what it has, and goes on the next time.</summary>
    public async Task CatchUpAsync(CancellationToken cancel)
    {
        await reading.WaitAsync(cancel);
        try
        {
            var head = (await installation.Store.HeadAsync(ledger.Ledger, cancel)).Size;
            lock (entries)
                size = head;
            var from = next ?? await BeginAsync(head, cancel);
            while (from < head)
            {
                var until = Math.Min(from + AtOnce, head);
                var read = new List<DecisionEntry>();
                await foreach (var row in installation.Store.RecordsAsync(ledger.Ledger, from, until, cancel))
                {
                    if (Entry(StoredRecord.Read(row)) is { } entry)
                        read.Add(entry);
                }

                from = until;
                lock (entries)
                {
                    entries.AddRange(read);
                    next = from;
                }
            }

            Drop();
        }
        finally
        {
            reading.Release();
        }
    }

    /// <summary>The same, but whoever waits goes on after a while; what is left is read beside them.</summary>
    public async Task CatchUpAsync(TimeSpan patience)
    {
        try
        {
            await CatchUpAsync(CancellationToken.None).WaitAsync(patience);
        }
        catch (TimeoutException)
        {
        }
    }

    /// <summary>How many answers of each verdict there were, of those looked for.</summary>
    public VerdictCounts Count(DecisionFilter filter)
    {
        var counts = default(VerdictCounts);
        lock (entries)
        {
            foreach (var entry in entries)
            {
                if (filter.Takes(entry))
                    counts = counts.And(entry.Verdict);
            }
        }

        return counts;
    }

    /// <summary>The deciding reasons of those that were not allowed, the most frequent first.</summary>
    public IReadOnlyList<(ReasonCode Reason, long Times)> Reasons(DecisionFilter filter)
    {
        var times = new SortedDictionary<ReasonCode, long>();
        lock (entries)
        {
            foreach (var entry in entries)
            {
                if (entry.Reason is { } reason && filter.Takes(entry))
                    times[reason] = times.GetValueOrDefault(reason) + 1;
            }
        }

        return [.. times.OrderByDescending(static one => one.Value).Select(static one => (one.Key, one.Value))];
    }

    /// <summary>How many answers of each verdict there were on each of the last days, the oldest first.</summary>
    public IReadOnlyList<(LocalDate Day, VerdictCounts Counts)> Days(DecisionFilter filter, LocalDate today)
    {
        var first = today.PlusDays(1 - (int)Reach.TotalDays);
        var days = new VerdictCounts[(int)Reach.TotalDays];
        lock (entries)
        {
            foreach (var entry in entries)
            {
                var at = Period.DaysBetween(first, entry.At.InUtc().Date);
                if (at >= 0 && at < days.Length && filter.Takes(entry))
                    days[at] = days[at].And(entry.Verdict);
            }
        }

        return [.. days.Select((counts, at) => (first.PlusDays(at), counts))];
    }

    /// <summary>Those looked for, the newest first.</summary>
    /// <param name="filter">Which.</param>
    /// <param name="before">Only those before this record; null: from the newest.</param>
    /// <param name="most">So many at most.</param>
    public IReadOnlyList<DecisionEntry> Newest(DecisionFilter filter, long? before, int most)
    {
        var found = new List<DecisionEntry>();
        lock (entries)
        {
            for (var i = entries.Count - 1; i >= 0 && found.Count < most; i--)
            {
                if ((before is null || entries[i].Seq < before) && filter.Takes(entries[i]))
                    found.Add(entries[i]);
            }
        }

        return found;
    }

    public void Dispose() => reading.Dispose();

    // Times rise with places: the first record of the last thirty days is found by halving.
    private async Task<long> BeginAsync(long head, CancellationToken cancel)
    {
        var since = Instant.FromDateTimeOffset(installation.Time.GetUtcNow()) - Reach;
        var (low, high) = (Math.Max(0, head - MostRecords), head);
        var least = low;
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            if (await AtAsync(middle, cancel) is { } at && at < since)
                low = middle + 1;
            else
                high = middle;
        }

        IsWhole = least == 0 || low > least;
        lock (entries)
            (begun, next) = (low, low);
        return low;
    }

    private async Task<Instant?> AtAsync(long seq, CancellationToken cancel)
    {
        await foreach (var row in installation.Store.RecordsAsync(ledger.Ledger, seq, seq + 1, cancel))
            return StoredRecord.Read(row).At;
        return null;
    }

    private DecisionEntry? Entry(LedgerRecord record)
    {
        if (record.Type is not (RecordType.DecisionAllowed or RecordType.DecisionDenied or RecordType.PermitIssued) || record.Decision is not { } whole || whole["verdict"]?.AsText is not { } verdict)
            return null;
        var ask = (whole["facts"] as LeafValue.Map)?["ask"] as LeafValue.Map;
        ReasonCode? code = null;
        string? rule = null;
        if (whole["reasons"] is LeafValue.List { Items: [{ AsText: { } named }, ..] })
        {
            // The rule's id stands before the code, where there is one.
            var at = named.LastIndexOf(':');
            if (Words<ReasonCode>.TryParse(named[(at + 1)..], out var known))
                code = known;
            rule = at > 0 ? Shared(named[..at]) : null;
        }

        return new DecisionEntry(
            record.Seq, record.At, Shared(verdict), record.Type == RecordType.PermitIssued, ask?["channel"]?.AsText is { } word && Channels.TryParse(word, out var channel) ? channel : null,
            ask?["purpose"]?.AsText is { } purpose ? Shared(purpose) : null, code, rule);
    }

    // The same few words over and over.
    private string Shared(string word)
    {
        if (words.TryGetValue(word, out var known))
            return known;
        words[word] = word;
        return word;
    }

    private void Drop()
    {
        var since = Instant.FromDateTimeOffset(installation.Time.GetUtcNow()) - Reach;
        lock (entries)
        {
            var old = entries.FindIndex(entry => entry.At >= since);
            if (old > 0)
                entries.RemoveRange(0, old);
            else if (old < 0)
                entries.Clear();
        }
    }
}
