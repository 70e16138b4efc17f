using System.Diagnostics.CodeAnalysis;
using NodaTime;
using NodaTime.Text;

namespace Ringfence.Server.Sealing;

/// <summary>Names a key-encryption key by the first day of its epoch in UTC, such as <c>k2026-11-22</c>.</summary>
/// <remarks>Always <see cref="Length"/> characters, so that a keyring entry stays where it is when it is wrapped anew.</remarks>
internal readonly record struct Kid(LocalDate Day) : IComparable<Kid>
{
    /// <summary>Characters of every kid.</summary>
    public const int Length = 11;

    /// <summary>Days after which a new key takes over.</summary>
    public const int EpochDays = 30;

    /// <summary>Days that a key outlives its epoch by: as long as backups made in it may have to be restored.</summary>
    public const int KeptDays = 35;

    /// <summary>The first day on which a new key should have taken over.</summary>
    public LocalDate Until => Day.PlusDays(EpochDays);

    /// <summary>The first day on which the key may be destroyed, and with it everything in backups that it wraps.</summary>
    /// <param name="next">The key that took over, where that was later than it should have been; null if none did yet.</param>
    public LocalDate DestroyFrom(Kid? next) => LocalDate.Max(Until, next?.Day ?? Until).PlusDays(KeptDays);

    /// <summary>The day it is now, in UTC.</summary>
    public static LocalDate Today(TimeProvider time) => LocalDate.FromDateTime(time.GetUtcNow().UtcDateTime);

    /// <summary>Reads a kid; false for anything but its one spelling.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Kid kid)
    {
        kid = default;
        if (text is not { Length: Length } || text[0] != 'k' || !LocalDatePattern.Iso.Parse(text[1..]).TryGetValue(default, out var day))
            return false;
        kid = new Kid(day);
        return true;
    }

    public int CompareTo(Kid other) => Day.CompareTo(other.Day);

    public override string ToString() => "k" + LocalDatePattern.Iso.Format(Day);

    public static bool operator <(Kid left, Kid right) => left.Day < right.Day;

    public static bool operator >(Kid left, Kid right) => left.Day > right.Day;

    public static bool operator <=(Kid left, Kid right) => left.Day <= right.Day;

    public static bool operator >=(Kid left, Kid right) => left.Day >= right.Day;
}
