using System.Numerics;
using Ringfence.Lists;
using Ringfence.Numbers;

namespace Ringfence.Server.Lists;

/// <summary>Counts over some rows.</summary>
internal sealed class BatchTally(int channels)
{
    public int Rows { get; set; }

    public long RejectedLines { get; set; }

    /// <summary>By channel and grade.</summary>
    public long[,] Grades { get; } = new long[channels, AuditWords.AllGrades.Count];

    /// <summary>By channel, grade and reason.</summary>
    public long[,,] Reasons { get; } = new long[channels, AuditWords.AllGrades.Count, AuditWords.AllReasons.Count];

    public long[] WouldBeUsable { get; } = new long[channels];

    /// <summary>Counts a grade.</summary>
    public void Count(int channel, Graded graded)
    {
        Grades[channel, (int)graded.Grade]++;
        for (var left = (uint)graded.Reasons; left != 0; left &= left - 1)
            Reasons[channel, (int)graded.Grade, BitOperations.TrailingZeroCount(left)]++;
        if (graded.LacksOnlySender)
            WouldBeUsable[channel]++;
    }

    public void Clear()
    {
        Rows = 0;
        RejectedLines = 0;
        Array.Clear(Grades);
        Array.Clear(Reasons);
        Array.Clear(WouldBeUsable);
    }
}

/// <summary>Counts over all rows.</summary>
internal sealed class AuditTally(int rows)
{
    /// <summary>Rows handed in so far.</summary>
    public int RowsSeen { get; private set; }

    public BatchTally Sum { get; private set; } = new(0);

    /// <summary>On which channels each row is usable.</summary>
    public ChannelSet[] UsableOf { get; } = new ChannelSet[rows];

    /// <summary>Which channels other rows close for each row.</summary>
    public ChannelSet[] ClosedOf { get; } = new ChannelSet[rows];

    /// <summary>Adds the counts of a batch.</summary>
    public void Add(BatchTally batch)
    {
        if (Sum.WouldBeUsable.Length == 0)
            Sum = new BatchTally(batch.WouldBeUsable.Length);
        RowsSeen += batch.Rows;
        Sum.Rows += batch.Rows;
        Sum.RejectedLines += batch.RejectedLines;
        for (var c = 0; c < batch.WouldBeUsable.Length; c++)
        {
            Sum.WouldBeUsable[c] += batch.WouldBeUsable[c];
            for (var g = 0; g < AuditWords.AllGrades.Count; g++)
            {
                Sum.Grades[c, g] += batch.Grades[c, g];
                for (var r = 0; r < AuditWords.AllReasons.Count; r++)
                    Sum.Reasons[c, g, r] += batch.Reasons[c, g, r];
            }
        }
    }
}
