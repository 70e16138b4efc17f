using Ringfence.Server.Lists.Reading;

namespace Ringfence.Server.Lists;

/// <summary>Works through a list on several threads: they take turns at reading, work side by side, and hand in their results in order.</summary>
internal static class Turns
{
    /// <summary>Runs through the rest of a list.</summary>
    /// <param name="file">The list; read by one thread at a time.</param>
    /// <param name="first">A batch read before, to begin with; null for none.</param>
    /// <param name="threads">How many threads.</param>
    /// <param name="work">What one thread does with a batch; made once per thread.</param>
    /// <param name="handIn">Takes the results, one at a time and in the order of the list.</param>
    /// <param name="cancel">Stops between batches.</param>
    public static void Run<T>(
        ListFile file, RowBatch? first, int threads, Func<Func<RowBatch, T>> work, Action<RowBatch, T> handIn, CancellationToken cancel)
    {
        var reading = new Lock();
        var handing = new object();
        var next = 0L;
        var due = 0L;
        Exception? failure = null;

        void Worker()
        {
            try
            {
                var spare = new RowBatch();
                var doWork = work();
                while (true)
                {
                    long turn;
                    var batch = spare;
                    lock (reading)
                    {
                        cancel.ThrowIfCancellationRequested();
                        if (failure is not null)
                            return;
                        if (first is not null)
                            (batch, first) = (first, null);
                        else if (!file.Read(batch))
                            return;
                        turn = next++;
                    }

                    var result = doWork(batch);
                    lock (handing)
                    {
                        while (due != turn && Volatile.Read(ref failure) is null)
                            Monitor.Wait(handing);
                        if (failure is not null)
                            return;
                        handIn(batch, result);
                        due++;
                        Monitor.PulseAll(handing);
                    }
                }
            }
#pragma warning disable CA1031 // whatever it is, it ends the run and is thrown again below
            catch (Exception e)
#pragma warning restore CA1031
            {
                Interlocked.CompareExchange(ref failure, e, null);
                lock (handing)
                    Monitor.PulseAll(handing);
            }
        }

        var others = new Thread[threads - 1];
        for (var i = 0; i < others.Length; i++)
        {
            others[i] = new Thread(Worker, maxStackSize: 4 << 20) { IsBackground = true, Name = "list " + (i + 1) };
            others[i].Start();
        }

        Worker();
        foreach (var other in others)
            other.Join();
        if (failure is not null)
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
    }
}
