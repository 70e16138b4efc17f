using NodaTime;

namespace Ringfence.Server.Ledger;

/// <summary>Instants as the store keeps them.</summary>
internal static class Micros
{
    private const long TicksInMicro = NodaConstants.TicksPerMillisecond / 1000;

    /// <summary>Microseconds since 1970.</summary>
    public static long Of(Instant instant) => Math.DivRem(instant.ToUnixTimeTicks(), TicksInMicro, out var rest) - (rest < 0 ? 1 : 0);

    /// <summary>The instant.</summary>
    public static Instant ToInstant(long micros) => Instant.FromUnixTimeTicks(micros * TicksInMicro);
}
