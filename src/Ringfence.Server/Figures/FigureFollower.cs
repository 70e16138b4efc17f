using System.Collections.Concurrent;
using NodaTime;
using Ringfence.Figures;
using Ringfence.Ledger;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Figures;

/// <summary>The figures of a ledger in the memory of this node: counted once from the first record on, then from where it was. Safe for many threads.</summary>
/// <remarks>Nothing of it is stored: whoever starts the program anew counts anew. A ledger that is smaller than what was counted was put back to an older state, and is counted anew too.</remarks>
internal sealed class FigureFollower(Installation installation, LedgerRow ledger)
{
    // Taken in while nobody else may read: so long waits whoever reads.
    private const int Together = 1_000;

    // What ends is looked up again after this time: it is a walk through all consents. Where that is a matter of a moment, a page waits for it, so that nobody sees what was before they wrote.
    private static readonly Duration EndsKeep = Duration.FromMinutes(10);
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(500);

    private readonly Lock access = new();
    private readonly Lock starting = new();
    private LedgerFigures figures = new();
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
        var now = Instant.FromDateTimeOffset(installation.Time.GetUtcNow());
        lock (starting)
        {
            if (ending.IsCompleted && (ends is not { } known || ((now - known.At > EndsKeep || endsTook < Moment) && known.Size != With(static one => one.Size)) || known.At > now))
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
        var head = await installation.Store.HeadAsync(ledger.Ledger, CancellationToken.None);
        Volatile.Write(ref wanted, head.Size);
        var from = With(static one => one.Size);
        if (from > head.Size || (from > 0 && !(await installation.Store.LeavesAsync(ledger.Ledger, from - 1, from, CancellationToken.None)).AsSpan().SequenceEqual(lastLeaf)))
        {
            from = 0;
            lock (access)
                figures = new LedgerFigures();
        }

        var some = new List<LedgerRecord>(Together);
        RecordRow? last = null;
        await foreach (var row in installation.Store.RecordsAsync(ledger.Ledger, from, head.Size, CancellationToken.None))
        {
            // Not through what was read before: it would push out those who are asked about.
            some.Add(RecordReader.TryRead(row.Body, out var record, out _) ? record : throw new StoreException(StoreFault.Damaged, $"Record {row.Seq} of the ledger is damaged."));
            last = row;
            if (some.Count == Together)
                Take();
        }

        Take();

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

    /// <summary>Those of a ledger.</summary>
    public FigureFollower Of(LedgerRow ledger) => followed.GetOrAdd(ledger.Ledger, _ => new FigureFollower(installation, ledger));
}
