using System.Security.Cryptography;

namespace Ringfence.Server.Codes;

/// <summary>What is done once whoever asked was answered: how long it takes tells them nothing. So much at a time and no more; what comes beyond that is left undone.</summary>
internal sealed class Afterwards
{
    private const int Most = 64;

    // An answer takes a millisecond: what begins so much later slows down none that it belongs to.
    private const int EarliestAfter = 10;
    private const int LatestAfter = 60;

    private readonly HashSet<Task> going = [];
    private bool isEnding;

    /// <summary>Does it soon; false: too much is being done already, or the program ends.</summary>
    /// <param name="errand">It. It reads nothing of the request, which is over by then, and comes to an end by itself.</param>
    /// <param name="failed">Is told where it fails.</param>
    public bool Do(Func<Task> errand, Action<Exception> failed)
    {
        lock (going)
        {
            if (isEnding || going.Count >= Most)
                return false;
            var task = new Task<Task>(() => RunAsync(errand, failed));
            var whole = task.Unwrap();
            going.Add(whole);
            _ = whole.ContinueWith(Over, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            task.Start(TaskScheduler.Default);
            return true;
        }
    }

    /// <summary>Waits until everything that was begun is done.</summary>
    public Task IdleAsync()
    {
        lock (going)
            return Task.WhenAll(going);
    }

    /// <summary>Takes nothing more, and waits for what was begun, but not for ever.</summary>
    public async Task EndAsync(TimeSpan patience)
    {
        lock (going)
            isEnding = true;
        try
        {
            await IdleAsync().WaitAsync(patience);
        }
        catch (TimeoutException)
        {
            // It hangs, and goes with the program.
        }
    }

    private void Over(Task task)
    {
        lock (going)
            going.Remove(task);
    }

    private static async Task RunAsync(Func<Task> errand, Action<Exception> failed)
    {
        try
        {
            await Task.Delay(RandomNumberGenerator.GetInt32(EarliestAfter, LatestAfter));
            await errand();
        }
#pragma warning disable CA1031 // nobody waits for it
        catch (Exception e)
#pragma warning restore CA1031
        {
            failed(e);
        }
    }
}
