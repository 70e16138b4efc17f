using System.Threading.Channels;

namespace Ringfence.Server.People.Import;

/// <summary>Batches that are ready, on their way into the ledger: one thread writes while others make the next ones ready, and what waits meanwhile is written with one wait for the disk.</summary>
internal sealed class EntryQueue
{
    // More would only fill the memory, and give the collector more to carry: whoever makes batches ready is faster than the disk.
    private const int MostWaiting = 2;

    private readonly Channel<PreparedBatch> waiting = System.Threading.Channels.Channel.CreateBounded<PreparedBatch>(MostWaiting);
    private readonly Task entering;

    /// <param name="enter">Writes batches that follow one on the other; always by the same thread.</param>
    public EntryQueue(Action<IReadOnlyList<PreparedBatch>> enter) =>
        entering = Task.Factory.StartNew(() => Work(enter), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>Adds a batch; waits while too many wait.</summary>
    /// <exception cref="Exception">What went wrong with an earlier one.</exception>
    public void Add(PreparedBatch batch)
    {
        while (!waiting.Writer.TryWrite(batch))
        {
            if (!waiting.Writer.WaitToWriteAsync().AsTask().GetAwaiter().GetResult())
                End();
        }
    }

    /// <summary>Waits until everything that was added is written.</summary>
    /// <exception cref="Exception">What went wrong.</exception>
    public void End()
    {
        waiting.Writer.TryComplete();
        entering.GetAwaiter().GetResult();
    }

    private void Work(Action<IReadOnlyList<PreparedBatch>> enter)
    {
        try
        {
            var together = new List<PreparedBatch>(MostWaiting + 1);
            while (waiting.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
            {
                together.Clear();
                while (together.Count <= MostWaiting && waiting.Reader.TryRead(out var batch))
                    together.Add(batch);
                enter(together);
            }
        }
        finally
        {
            // Nobody takes what is added from now on.
            waiting.Writer.TryComplete();
        }
    }
}
