using Ringfence.Server.Storage;

namespace Ringfence.Server.Staff;

/// <summary>What is left of a limit.</summary>
/// <param name="Limit">The limit.</param>
/// <param name="IsGranted">Whether one more is within it.</param>
/// <param name="Left">How many are left, as far as this server knows.</param>
/// <param name="Until">Until it begins anew.</param>
internal sealed record RateStanding(RateLimit Limit, bool IsGranted, long Left, TimeSpan Until);

/// <summary>One limit of one caller, on this server: takes a slice of it from the store and gives that away without asking anybody, so that several servers together keep to it.</summary>
/// <param name="limit">The limit.</param>
/// <param name="count">Adds so many to what was taken in a step of the clock, for all servers; gives back the step that is counted in, and how many were taken in it with these.</param>
internal sealed class RateBudget(RateLimit limit, Func<long, long, CancellationToken, Task<(long Step, long Taken)>> count)
{
    // Of what is left an eighth at a time: few questions, and little that one server holds while another has none.
    private const int ShareOfRest = 8;
    private const int ShareOfAll = 16;

    // A store that does not answer is told of by whatever needs it; it is not what a limit is for.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(250);

    private readonly Lock gate = new();
    private long step = -1;
    private long slice;
    private long taken;
    private long size = 1;
    private Task? asking;

    /// <summary>Takes one.</summary>
    /// <exception cref="OperationCanceledException">Nobody waits for it any more.</exception>
    public async ValueTask<RateStanding> TakeAsync(DateTimeOffset now, CancellationToken cancel)
    {
        while (true)
        {
            Task wait;
            lock (gate)
            {
                Turn(StepOf(now));
                if (slice > 0)
                {
                    slice--;
                    // The next one is on its way before this one is used up.
                    if (slice < size / 2 && taken < limit.Count)
                        asking ??= AskAsync();
                    return Standing(true, now);
                }

                if (taken >= limit.Count)
                    return Standing(false, now);
                wait = asking ??= AskAsync();
            }

            try
            {
                await wait.WaitAsync(Patience, cancel);
            }
            catch (Exception e) when (e is StoreException or TimeoutException)
            {
                lock (gate)
                    return Standing(true, now);
            }
        }
    }

    /// <summary>Gives one back that was not used.</summary>
    public void GiveBack()
    {
        lock (gate)
            slice++;
    }

    // A clock that went back counts on in the later step.
    private void Turn(long at)
    {
        if (at <= step)
            return;
        (step, slice, taken, size) = (at, 0, 0, 1);
    }

    private Task AskAsync()
    {
        size = Math.Clamp((limit.Count - taken) / ShareOfRest, 1, Math.Max(1, limit.Count / ShareOfAll));
        var (at, wanted) = (step, size);
        // Not under the lock: the store may answer at once.
        return Task.Run(async () =>
        {
            try
            {
                var answer = await count(at, wanted, CancellationToken.None);
                lock (gate)
                {
                    Turn(answer.Step);
                    if (answer.Step == step)
                    {
                        slice += Math.Clamp(limit.Count - (answer.Taken - wanted), 0, wanted);
                        taken = Math.Max(taken, answer.Taken);
                    }
                }
            }
            finally
            {
                lock (gate)
                    asking = null;
            }
        });
    }

    private long StepOf(DateTimeOffset at) => at.UtcTicks / limit.Window.Ticks;

    private RateStanding Standing(bool isGranted, DateTimeOffset now) =>
        new(limit, isGranted, isGranted ? slice + Math.Max(0, limit.Count - taken) : 0, TimeSpan.FromTicks(Math.Max(0, (Math.Max(step, StepOf(now)) + 1) * limit.Window.Ticks - now.UtcTicks)));
}
