using NodaTime;

namespace Ringfence.Webhooks;

/// <summary>How long to wait before something is tried again: longer each time, and never by many at the same moment.</summary>
public static class RetryDelay
{
    /// <summary>Of a message: from some seconds to half a day, and then on for as long as its endpoint is there. After ten failures some three hours have gone by, after fifteen two days.</summary>
    public static Duration OfMessage(int failures, double random) => Of(failures, Duration.FromSeconds(5), Duration.FromHours(12), random);

    /// <summary>Of an endpoint that answers nothing: it is knocked at once in a while, so that its return is noticed soon.</summary>
    public static Duration OfEndpoint(int failures, double random) => Of(failures, Duration.FromSeconds(10), Duration.FromMinutes(30), random);

    /// <summary>Doubles from <paramref name="first"/> on up to <paramref name="most"/>; what is waited is between half of that and all.</summary>
    /// <param name="failures">How many there were, from 1.</param>
    /// <param name="first">After the first one.</param>
    /// <param name="most">Never more.</param>
    /// <param name="random">From 0 to below 1.</param>
    public static Duration Of(int failures, Duration first, Duration most, double random)
    {
        var doubled = first.TotalSeconds * Math.Pow(2, Math.Clamp(failures, 1, 40) - 1);
        return Duration.FromSeconds(Math.Min(doubled, most.TotalSeconds) * (0.5 + (Math.Clamp(random, 0, 1) / 2)));
    }
}
