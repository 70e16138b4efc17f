using NodaTime;

namespace Ringfence.Server.Ledger;

/// <summary>What is wrong with the clock.</summary>
/// <param name="Kind">How it shows.</param>
/// <param name="By">By how much it is wrong, at least; never negative.</param>
internal sealed record ClockAnomaly(ClockAnomalyKind Kind, TimeSpan By)
{
    /// <summary>The word of records.</summary>
    public string Word => Kind switch
    {
        ClockAnomalyKind.Back => "back",
        ClockAnomalyKind.Leap => "leap",
        ClockAnomalyKind.Anchor => "anchor",
    };
}

/// <summary>How a clock shows that it is wrong.</summary>
internal enum ClockAnomalyKind
{
    /// <summary>It tells an earlier time than before, or than the last record.</summary>
    Back,

    /// <summary>It went ahead further than time has passed.</summary>
    Leap,

    /// <summary>A timestamp authority tells another time.</summary>
    Anchor,
}

/// <summary>Compares the clock with the time that passed, with the last record and with timestamps. While it can't be trusted nothing is permitted; who says no is heard.</summary>
/// <remarks>Small corrections, as time servers make them all the time, are followed. Not safe for several threads.</remarks>
internal sealed class ClockWatch
{
    // Beyond a smeared leap second, and below what would matter to a calling hour.
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(2);

    // Time servers slew by 500 parts in a million at most; between two looks that is far less.
    private static readonly TimeSpan Slew = TimeSpan.FromMilliseconds(100);

    // What clocks of two houses may differ by.
    private static readonly TimeSpan AnchorTolerance = TimeSpan.FromMinutes(5);

    private readonly TimeProvider time;
    private DateTimeOffset wall;
    private long passed;
    private TimeSpan jumped;
    private ClockAnomaly? told;

    public ClockWatch(TimeProvider time)
    {
        this.time = time;
        (wall, passed) = (time.GetUtcNow(), time.GetTimestamp());
    }

    /// <summary>What is wrong by now; null: nothing.</summary>
    public ClockAnomaly? Anomaly { get; private set; }

    /// <summary>Looks.</summary>
    /// <param name="last">Time of the last record of a ledger.</param>
    /// <returns>What came to be wrong since the last look: to be written down. Null: nothing new.</returns>
    public ClockAnomaly? Look(Instant last)
    {
        var (now, stamp) = (time.GetUtcNow(), time.GetTimestamp());
        var drift = now - wall - time.GetElapsedTime(passed, stamp);
        if (drift.Duration() > Slew)
            jumped += drift;
        (wall, passed) = (now, stamp);

        var behind = last.ToDateTimeOffset() - now;
        Anomaly = jumped < -Tolerance ? new ClockAnomaly(ClockAnomalyKind.Back, -jumped)
            : jumped > Tolerance ? new ClockAnomaly(ClockAnomalyKind.Leap, jumped)
            : behind > Tolerance ? new ClockAnomaly(ClockAnomalyKind.Back, behind)
            : Anomaly is { Kind: ClockAnomalyKind.Anchor } ? Anomaly : null;
        return Tell();
    }

    /// <summary>Compares the clock with the time that somebody else told at this moment; one that agrees clears what was held against it.</summary>
    /// <returns>What came to be wrong: to be written down. Null: nothing new.</returns>
    public ClockAnomaly? Compare(Instant other)
    {
        var by = (other.ToDateTimeOffset() - time.GetUtcNow()).Duration();
        if (by > AnchorTolerance)
        {
            Anomaly = new ClockAnomaly(ClockAnomalyKind.Anchor, by);
        }
        else
        {
            jumped = TimeSpan.Zero;
            Anomaly = null;
        }

        return Tell();
    }

    // Each once: a clock that stays wrong would fill the ledger.
    private ClockAnomaly? Tell()
    {
        var news = Anomaly is { } anomaly && anomaly.Kind != told?.Kind ? anomaly : null;
        told = Anomaly;
        return news;
    }
}
