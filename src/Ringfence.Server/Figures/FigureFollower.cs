using System.Collections.Concurrent;
using NodaTime;
using Ringfence.Figures;
using Ringfence.Ledger;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Figures;

/// <summary>The figures of a ledger in the memory of this node: counted once from the first record on, then from where it was. Safe for many threads.</summary>
/// <remarks>Nothing of it is stored: whoever starts the program anew counts anew. A ledger that is smaller than what was counted was put back to an older state, and is counted anew too.</remarks>
internal sealed class FigureFollower(Installation installation, LedgerRow ledger, Func<IAsyncEnumerable<RecordRow>, IAsyncEnumerable<RecordRow>>? through = null)
{

    // Taken in while nobody else may read: so long waits whoever reads.
    private const int Together = 1_000;

    // What ends is looked up again after this time: it is a walk through all consents. Where that is a matter of a moment, a page waits for it, so that nobody sees what was before they wrote.
    private static readonly Duration EndsKeep = Duration.FromMinutes(10);
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(500);

    private readonly Lock access = new();
    private readonly Lock starting = new();
    private LedgerFigures figures = new();
    private Instant? countedAt;
    private long wanted;
    private byte[] lastLeaf = [];
    private Task counting = Task.CompletedTask;
    private Task ending = Task.CompletedTask;
    private volatile ConsentEnds? ends;
    private TimeSpan endsTook;

    /// <summary>How much of the ledger is counted, from 0 to 1.</summary>
    public double Part => Volatile.Read(ref wanted) is > 0 and var all ? Math.Min(1, With(static one => one.Size) / (double)all) : 1;

    /// <summary>Which consents end when; null: not known yet.</summary>
    public ConsentEnds? Ends => ends;

    /// <summary>As of when that is; null: as of all that is counted.</summary>
    public Instant? SinceOf(ConsentEnds known) => IsOver(known, Now) ? known.At : null;

    private Instant Now => Instant.FromDateTimeOffset(installation.Time.GetUtcNow());

    /// <summary>Takes in what was written since, as far as the patience goes; the rest goes on beside.</summary>
    /// <returns>Whether all is counted that was there when it was asked for.</returns>
    public async Task<bool> CatchUpAsync(TimeSpan patience, CancellationToken cancel)
    {
        var work = Begin();
        try
        {
            await work.WaitAsync(patience, installation.Time, cancel);
            // Whoever was counting already may have begun before the newest record.
            if (With(static one => one.Size) < (await installation.Store.HeadAsync(ledger.Ledger, cancel)).Size)
                await Begin().WaitAsync(patience, installation.Time, cancel);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    /// <summary>Looks up what ends, if something was written since and it was not done lately, or it is done in a moment; waits only where it is, or nothing is known yet, and no longer than the patience goes.</summary>
    public async Task<ConsentEnds?> EndsAsync(TimeSpan patience, CancellationToken cancel)
    {
        var now = Now;
        lock (starting)
        {
            if (ending.IsCompleted && (ends is not { } known || ((now - known.At > EndsKeep || endsTook < Moment) && IsOver(known, now))))
                ending = Task.Run(() => ReadEndsAsync(now), CancellationToken.None);
        }

        if (ends is null || endsTook < Moment)
        {
            try
            {
                await ending.WaitAsync(patience, installation.Time, cancel);
            }
            catch (TimeoutException)
            {
                return ends;
            }
        }

        return ends;
    }

    // Something was written since, or a consent has come to its end; or the clock was put back.
    private bool IsOver(ConsentEnds known, Instant now) => known.Size != With(static one => one.Size) || known.Next <= now || known.At > now;

    private async Task ReadEndsAsync(Instant now)
    {
        var begun = installation.Time.GetTimestamp();
        var read = await ConsentEnds.ReadAsync(installation.Store, ledger, now, With(static one => one.Size), CancellationToken.None);
        endsTook = installation.Time.GetElapsedTime(begun);
        ends = read;
    }

    /// <summary>Reads figures while nothing is added.</summary>
    public T With<T>(Func<LedgerFigures, T> read)
    {
        lock (access)
            return read(figures);
    }

    /// <summary>The same, and as of when: all is in them that was written until then; null: they were never counted to their end.</summary>
    public T With<T>(Func<LedgerFigures, Instant?, T> read)
    {
        lock (access)
            return read(figures, countedAt);
    }

    private Task Begin()
    {
        lock (starting)
        {
            if (counting.IsCompleted)
                counting = Task.Run(CountAsync, CancellationToken.None);
            return counting;
        }
    }

    private async Task CountAsync()
    {
        // What is written from here on may be in it or not.
        var begun = Now;
        var head = await installation.Store.HeadAsync(ledger.Ledger, CancellationToken.None);
        Volatile.Write(ref wanted, head.Size);
        var from = With(static one => one.Size);
        if (from > head.Size || (from > 0 && !(await installation.Store.LeavesAsync(ledger.Ledger, from - 1, from, CancellationToken.None)).AsSpan().SequenceEqual(lastLeaf)))
        {
            from = 0;
            lock (access)
                (figures, countedAt) = (new LedgerFigures(), null);
        }

        var some = new List<LedgerRecord>(Together);
        RecordRow? last = null;
        var rows = installation.Store.RecordsAsync(ledger.Ledger, from, head.Size, CancellationToken.None);
        await foreach (var row in through?.Invoke(rows) ?? rows)
        {
            // Not through what was read before: it would push out those who are asked about.
            some.Add(RecordReader.TryRead(row.Body, out var record, out _) ? record : throw new StoreException(StoreFault.Damaged, $"Record {row.Seq} of the ledger is damaged."));
            last = row;
            if (some.Count == Together)
                Take();
        }

        Take();
        lock (access)
            countedAt = begun;

        void Take()
        {
            lock (access)
            {
                foreach (var record in some)
                    figures.Take(record);
            }

            lastLeaf = last?.Leaf ?? lastLeaf;
            some.Clear();
        }
    }
}

/// <summary>The figures of a node, one for each ledger that somebody looked at.</summary>
internal sealed class FigureFollowers(Installation installation)
{
    private readonly ConcurrentDictionary<long, FigureFollower> followed = new();

    /// <summary>So long the overview waits in all, so that whoever wrote something and comes there sees it where counting takes a moment. What takes longer is counted beside, and the page says as of when it is.</summary>
    public TimeSpan Patience { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>What records pass through before they are counted; null: nothing.</summary>
    public Func<IAsyncEnumerable<RecordRow>, IAsyncEnumerable<RecordRow>>? Through { get; set; }

    /// <summary>Those of a ledger.</summary>
    public FigureFollower Of(LedgerRow ledger) => followed.GetOrAdd(ledger.Ledger, _ => new FigureFollower(installation, ledger, Through));
}
