using System.Numerics;
using Ringfence.Lists;
using Ringfence.Numbers;

namespace Ringfence.Server.Lists;

/// <summary>How many rows have each grade and reason.</summary>
internal sealed class GradeTally(int channels)
{
    /// <summary>By channel and grade.</summary>
    public long[,] Grades { get; } = new long[channels, AuditWords.AllGrades.Count];

    /// <summary>By channel, grade and reason.</summary>
    public long[,,] Reasons { get; } = new long[channels, AuditWords.AllGrades.Count, AuditWords.AllReasons.Count];

    public long[] WouldBeUsable { get; } = new long[channels];

    /// <summary>Counts rows of a grade.</summary>
    public void Count(int channel, Graded graded, long rows)
    {
        Grades[channel, (int)graded.Grade] += rows;
        for (var left = (uint)graded.Reasons; left != 0; left &= left - 1)
            Reasons[channel, (int)graded.Grade, BitOperations.TrailingZeroCount(left)] += rows;
        if (graded.LacksOnlySender)
            WouldBeUsable[channel] += rows;
    }
}

/// <summary>Counts over all rows.</summary>
internal sealed class AuditTally(int rows, int channels)
{
    /// <summary>Rows handed in so far.</summary>
    public int RowsSeen { get; private set; }

    public long RejectedLines { get; private set; }

    public GradeTally Grades { get; } = new(channels);

    /// <summary>On which channels each row is usable.</summary>
    public ChannelSet[] UsableOf { get; } = new ChannelSet[rows];

    /// <summary>Which channels other rows close for each row.</summary>
    public ChannelSet[] ClosedOf { get; } = new ChannelSet[rows];

    /// <summary>Adds the rows of a batch.</summary>
    public void Add(WrittenRows batch)
    {
        RowsSeen += batch.Rows;
        RejectedLines += batch.RejectedLines;
    }
}
