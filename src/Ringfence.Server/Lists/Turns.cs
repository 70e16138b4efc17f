using Ringfence.Server.Lists.Reading;

namespace Ringfence.Server.Lists;

/// <summary>Works through a list on several threads: they take turns at reading, work side by side, and hand in their results in order.</summary>
internal static class Turns
{
    private const int MostWaiting = 8;

    /// <summary>Runs through the rest of a list.</summary>
    /// <param name="file">The list; read by one thread at a time.</param>
    /// <param name="first">A batch read before, to begin with; null for none.</param>
    /// <param name="threads">How many threads.</param>
    /// <param name="work">What one thread does with a batch; made once per thread.</param>
    /// <param name="handIn">Takes the results, one at a time and in the order of the list.</param>
    /// <param name="cancel">Stops between batches.</param>
    /// <param name="mostWaiting">So many results may wait for an earlier one; then whoever has another waits too, and memory stays bounded.</param>
    public static void Run<T>(
        ListFile file, RowBatch? first, int threads, Func<Func<RowBatch, T>> work, Action<T> handIn, CancellationToken cancel, int mostWaiting = MostWaiting)
    {
        var run = new Turns<T>(file, first, handIn, mostWaiting, cancel);
        var others = new Thread[threads - 1];
        for (var i = 0; i < others.Length; i++)
        {
            others[i] = new Thread(() => run.Work(work), maxStackSize: 4 << 20) { IsBackground = true, Name = $"list {i + 1}" };
            others[i].Start();
        }

        run.Work(work);
        foreach (var other in others)
            other.Join();
        run.ThrowIfFailed();
    }
}

/// <summary>One run through a list.</summary>
internal sealed class Turns<T>(ListFile file, RowBatch? first, Action<T> handIn, int mostWaiting, CancellationToken cancel)
{
    private readonly Lock reading = new();
    private readonly object handing = new();
    private readonly Dictionary<long, T> waiting = [];
    private RowBatch? first = first;
    private Exception? failure;
    private long next;
    private long due;
    private bool isHanding;

    /// <summary>What each thread does until the list ends.</summary>
    public void Work(Func<Func<RowBatch, T>> work)
    {
        try
        {
            var own = new RowBatch();
            var doWork = work();
            while (TakeTurn(own) is ({ } batch, var turn))
                HandIn(turn, doWork(batch));
        }
#pragma warning disable CA1031 // whatever it is, it ends the run and is thrown again by the one who started it
        catch (Exception e)
#pragma warning restore CA1031
        {
            Interlocked.CompareExchange(ref failure, e, null);
            lock (handing)
                Monitor.PulseAll(handing);
        }
    }

    public void ThrowIfFailed()
    {
        if (failure is not null)
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
    }

    private (RowBatch? Batch, long Turn) TakeTurn(RowBatch own)
    {
        lock (reading)
        {
            cancel.ThrowIfCancellationRequested();
            if (Volatile.Read(ref failure) is not null)
                return default;
            var batch = own;
            if (first is not null)
                (batch, first) = (first, null);
            else if (!file.Read(batch))
                return default;
            return (batch, next++);
        }
    }

    /// <summary>Hands in what is due: one thread does, for all; the others leave their results and go on.</summary>
    private void HandIn(long turn, T result)
    {
        lock (handing)
        {
            while (turn != due && waiting.Count >= mostWaiting && Volatile.Read(ref failure) is null)
                Monitor.Wait(handing);
            waiting.Add(turn, result);
            if (isHanding)
                return;
            isHanding = true;
        }

        try
        {
            while (true)
            {
                T? ready;
                lock (handing)
                {
                    if (Volatile.Read(ref failure) is not null || !waiting.Remove(due, out ready))
                    {
                        isHanding = false;
                        return;
                    }

                    due++;
                    Monitor.PulseAll(handing);
                }

                handIn(ready);
            }
        }
        catch
        {
            lock (handing)
                isHanding = false;
            throw;
        }
    }
}
