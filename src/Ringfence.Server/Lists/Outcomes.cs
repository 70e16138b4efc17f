using System.Text;
using Ringfence.Lists;

namespace Ringfence.Server.Lists;

/// <summary>What a grade with its reasons is in the files: worded and quoted once, and counted as often as it is met.</summary>
/// <param name="Channel">Position of the channel in the options.</param>
/// <param name="Graded">The grade and its reasons.</param>
/// <param name="GradeCells">Grade and reasons, as two cells.</param>
/// <param name="StepCell">The next step, as a cell.</param>
/// <param name="ListCells">Reasons and next step, as two cells.</param>
internal sealed record Outcome(int Channel, Graded Graded, byte[] GradeCells, byte[] StepCell, byte[] ListCells)
{
    /// <summary>The file of its grade and channel.</summary>
    public int File { get; } = AuditFiles.Of(Channel, Graded.Grade);

    /// <summary>Rows that came to it.</summary>
    public long Rows { get; set; }
}

/// <summary>The outcomes that one thread has met.</summary>
internal sealed class Outcomes(IReadOnlyList<Channel> channels, NextSteps steps)
{
    // By channel, grade, whether only the sender is missing, and the bits of the reasons: a few hundred of them occur.
    private readonly Outcome?[] met = new Outcome[channels.Count * AuditWords.AllGrades.Count * 2 << AuditWords.AllReasons.Count];

    /// <summary>What a row comes to on a channel.</summary>
    public Outcome Of(int channel, Graded graded)
    {
        var kind = (((channel * AuditWords.AllGrades.Count) + (int)graded.Grade) * 2) + (graded.LacksOnlySender ? 1 : 0);
        return met[(kind << AuditWords.AllReasons.Count) | (int)graded.Reasons] ??= Word(channel, graded);
    }

    /// <summary>Adds what was counted.</summary>
    public void AddTo(GradeTally tally)
    {
        foreach (var outcome in met)
        {
            if (outcome is not null)
                tally.Count(outcome.Channel, outcome.Graded, outcome.Rows);
        }
    }

    private Outcome Word(int channel, Graded graded)
    {
        var reasons = graded.Reasons.Words();
        var step = new CsvOut();
        step.Cell(steps.For(graded.Grade, graded.Reasons, channels[channel]));
        var cell = step.Written.ToArray();
        return new Outcome(
            channel, graded, Encoding.UTF8.GetBytes($"{graded.Grade.Word()},{reasons}"), cell, [.. Encoding.UTF8.GetBytes(reasons + ","), .. cell]);
    }
}
