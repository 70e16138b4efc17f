using NodaTime;
using Ringfence.Webhooks;

namespace Ringfence.Server.Webhooks;

/// <summary>Whether a system answers at all, as far as this program has seen: one that does not is sent one message now and then, until it does.</summary>
/// <remarks>Kept in memory: another program, or the next run, finds out by itself.</remarks>
internal sealed class WebhookCircuit
{
    // One that fails now and then is not away.
    private const int FailuresToOpen = 5;

    private int failures;
    private Instant openUntil = Instant.MinValue;

    /// <summary>Whether it is to be seen if it answers again: by one message, due or not.</summary>
    public bool Tries => failures >= FailuresToOpen;

    /// <summary>How many messages may be sent now.</summary>
    public int Room(Instant now, int most) => now < openUntil ? 0 : Tries ? 1 : most;

    /// <summary>Takes how an attempt ended.</summary>
    /// <returns>Whether it answers again, after it did not for a while.</returns>
    public bool Take(Sent sent, Instant now, double random)
    {
        if (sent.Fault is null)
        {
            var back = Tries;
            (failures, openUntil) = (0, Instant.MinValue);
            return back;
        }

        failures = Math.Min(failures + 1, 1_000);
        if (Tries)
            openUntil = now + RetryDelay.OfEndpoint(failures - FailuresToOpen + 1, random);
        // Who asks to be left alone is.
        if (sent.After is { } after && now + after > openUntil)
            openUntil = now + after;
        return false;
    }
}
