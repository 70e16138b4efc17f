using Ringfence.Gate;

namespace Ringfence.People;

/// <summary>What may be done with a person on a channel: the best answer about any of their numbers or addresses there.</summary>
public enum AudienceVerdict : byte
{
    Allowed,
    Deferred,
    Refused,

    /// <summary>They have no number, or no address, that the channel reaches.</summary>
    NoPoint,
}

/// <summary>One answer in a column of answers, with the reason that decides.</summary>
/// <param name="Verdict">The answer.</param>
/// <param name="Reason">The first reason; null: allowed, or nothing there to ask about.</param>
public readonly record struct AudienceCell(AudienceVerdict Verdict, ReasonCode? Reason)
{
    /// <summary>How many packed cells there may be.</summary>
    public const int Packs = 1 << 8;

    // Two bits of verdict, six of reason: there are fewer than 63.
    private const int Reasons = 1 << 6;

    public static AudienceCell NoPoint => new(AudienceVerdict.NoPoint, null);

    /// <summary>The cell of a verdict.</summary>
    public static AudienceCell Of(Verdict verdict)
    {
        ArgumentNullException.ThrowIfNull(verdict);
        return verdict.Match(
            static _ => new AudienceCell(AudienceVerdict.Allowed, null),
            static deferred => new AudienceCell(AudienceVerdict.Deferred, deferred.Reasons[0].Code),
            static refused => new AudienceCell(AudienceVerdict.Refused, refused.Reasons[0].Code));
    }

    /// <summary>Whether it leaves more open than another; of two alike neither does.</summary>
    public bool IsBetterThan(AudienceCell other) => Verdict < other.Verdict;

    /// <summary>As one byte.</summary>
    public byte Pack() => (byte)(((int)Verdict * Reasons) + (Reason is { } reason ? (int)reason + 1 : 0));

    /// <summary>Reads what <see cref="Pack"/> gave.</summary>
    public static AudienceCell Unpack(byte packed) =>
        new((AudienceVerdict)(packed / Reasons), packed % Reasons is var reason and > 0 ? (ReasonCode)(reason - 1) : null);
}
