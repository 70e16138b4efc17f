using System.Diagnostics;
using System.Globalization;

namespace Ringfence.Server.Cli;

/// <summary>A line on standard error that shows how far long work is, how fast it goes and how long it will take; silent where nobody looks.</summary>
/// <param name="writer">Where it goes; null for nowhere.</param>
/// <param name="words">The sentence: done in per cent, rows, rows a second, time left.</param>
/// <param name="width">Columns of the terminal.</param>
internal sealed class ProgressBar(TextWriter? writer, Func<string, string, string, string> words, int width)
{
    // Work that is done before this is no long work and shows nothing.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(700);
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(150);

    private readonly Stopwatch watch = new();
    private long total;
    private long before;
    private TimeSpan shownAt;
    private TimeSpan passBegan;
    private bool shown;

    /// <summary>No progress bar.</summary>
    public static ProgressBar None { get; } = new(null, static (_, _, _) => "", 0);

    /// <summary>Told, at each step, what share is done and how many rows were met; null: nobody asks.</summary>
    public Action<double, long>? Told { get; init; }

    /// <summary>No line, and somebody who is told how far the work is.</summary>
    public static ProgressBar Telling(Action<double, long> told) => new(null, static (_, _, _) => "", 0) { Told = told };

    /// <summary>Begins work of so many units.</summary>
    public void Begin(long units)
    {
        total = Math.Max(1, units);
        watch.Restart();
    }

    /// <summary>Says how far the present step is.</summary>
    /// <param name="done">Units of this step that are done.</param>
    /// <param name="rows">Rows met so far.</param>
    public void Step(long done, long rows)
    {
        Told?.Invoke(Math.Clamp((before + done) / (double)Math.Max(1, total), 0, 1), rows);
        if (writer is null || watch.Elapsed is var now && (now < Patience || now - shownAt < Pace))
            return;
        shownAt = watch.Elapsed;
        shown = true;
        var share = Math.Clamp((before + done) / (double)total, 0, 1);
        var left = share > 0.01 ? TimeSpan.FromSeconds(shownAt.TotalSeconds * (1 - share) / share) : TimeSpan.Zero;
        var rate = rows / Math.Max(0.001, (shownAt - passBegan).TotalSeconds);
        var sentence = words(
            rows.ToString("N0", CultureInfo.InvariantCulture), rate.ToString("N0", CultureInfo.InvariantCulture),
            left == TimeSpan.Zero ? "…" : left.ToString(left.TotalHours >= 1 ? @"h\:mm\:ss" : @"m\:ss", CultureInfo.InvariantCulture));
        const int barWidth = 24;
        var full = (int)(share * barWidth);
        var line = $"{new string('█', full)}{new string('░', barWidth - full)} {share * 100,3:0} %  {sentence}";
        writer.Write('\r' + (line.Length < width ? line.PadRight(width - 1) : line[..Math.Max(1, width - 1)]));
        writer.Flush();
    }

    /// <summary>Begins to go over the rows again: they are counted anew, and so is their rate.</summary>
    public void BeginPass() => passBegan = watch.Elapsed;

    /// <summary>Ends a step of so many units.</summary>
    public void EndStep(long units) => before += units;

    /// <summary>Takes the line away.</summary>
    public void End()
    {
        if (!shown || writer is null)
            return;
        writer.Write('\r' + new string(' ', Math.Max(0, width - 1)) + '\r');
        writer.Flush();
        shown = false;
    }
}
