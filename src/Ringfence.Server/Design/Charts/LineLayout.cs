using System.Text;
using Ringfence.Server.Lists.Report;

namespace Ringfence.Server.Design.Charts;

/// <summary>A line of a chart.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Values">One for each step.</param>
public sealed record Series(string Name, IReadOnlyList<long> Values);

/// <summary>Where everything in a chart of lines stands.</summary>
internal sealed class LineLayout
{
    public const int Width = 720;
    public const int Height = 250;

    /// <summary>The end of the lines; their names stand beyond it.</summary>
    public const int Right = 590;

    private const int Top = 12;
    private const int Bottom = 224;

    // Names of lines don't run into each other.
    private const int Apart = 16;

    // So many names of steps stand below a line without touching.
    private const int MostLabels = 6;
    private const int Steps = 4;
    private const double LetterWidth = 7;

    private readonly long most;

    public LineLayout(IReadOnlyList<string> steps, IReadOnlyList<Series> lines)
    {
        var unit = UnitOf(lines.SelectMany(static line => line.Values).DefaultIfEmpty().Max());
        most = unit * Steps;
        Left = 16 + (ReportLanguage.Number(most).Length * LetterWidth);
        Scale = [.. Enumerable.Range(0, Steps + 1).Select(at => (unit * at, YOf(unit * at)))];
        var every = Math.Max(1, (int)Math.Ceiling(steps.Count / (double)MostLabels));
        Labels = [.. steps.Index().Where(step => step.Index % every == 0 && (step.Index == 0 || Right - XOf(step.Index, steps.Count) > 40 || step.Index == steps.Count - 1))
            .Select(step => (step.Item, XOf(step.Index, steps.Count), step.Index == 0 ? "start" : "middle"))];
        var ends = lines.Select(line => line.Values.Count == 0 ? Bottom : YOf(line.Values[^1])).ToArray();
        Spread(ends);
        Lines = [.. lines.Select((line, at) => Lay(line, ends[at]))];
    }

    /// <summary>Where the lines begin.</summary>
    public double Left { get; }

    /// <summary>The values along the side, with their heights.</summary>
    public IReadOnlyList<(long Value, double Y)> Scale { get; }

    /// <summary>The names of some steps, with their places.</summary>
    public IReadOnlyList<(string Label, double X, string Anchor)> Labels { get; }

    /// <summary>The lines: path, the area below, and where the name stands.</summary>
    public IReadOnlyList<(string Name, string Path, string? Area, double LabelY)> Lines { get; }

    /// <summary>A path through points.</summary>
    public static string PathOf(IReadOnlyList<(double X, double Y)> points)
    {
        var path = new StringBuilder("M");
        foreach (var (x, y) in points)
            path.Append(path.Length == 1 ? "" : " ").Append(Charting.Plain(Math.Round(x, 1))).Append(' ').Append(Charting.Plain(Math.Round(y, 1)));
        return path.ToString();
    }

    private (string, string, string?, double) Lay(Series line, double labelY)
    {
        (double X, double Y)[] points = [.. line.Values.Select((value, at) => (XOf(at, line.Values.Count), YOf(value)))];
        // Of one step there is no line: it is drawn across.
        if (points.Length == 1)
            points = [(Left, points[0].Y), (Right, points[0].Y)];
        var path = points.Length == 0 ? "M0 0" : PathOf(points);
        return (line.Name, path, points.Length == 0 ? null : $"{path} {Right} {Bottom} {Charting.Plain(Left)} {Bottom}Z", labelY);
    }

    private double XOf(int at, int count) => count < 2 ? Left : Left + ((Right - Left) * at / (count - 1));

    private double YOf(long value) => Bottom - ((Bottom - Top) * (double)value / most);

    // A round number, four of which reach above all values.
    private static long UnitOf(long most)
    {
        for (var power = 1L; ; power *= 10)
        {
            foreach (var unit in (long[])[power, 2 * power, 5 * power])
            {
                if (unit * Steps >= most)
                    return unit;
            }
        }
    }

    // From below upwards each name is pushed above the one below it, and from above down where there is no room.
    private static void Spread(double[] ends)
    {
        var order = Enumerable.Range(0, ends.Length).OrderByDescending(at => ends[at]).ToArray();
        for (var i = 1; i < order.Length; i++)
            ends[order[i]] = Math.Min(ends[order[i]], ends[order[i - 1]] - Apart);
        for (var i = order.Length - 1; i >= 0; i--)
            ends[order[i]] = Math.Max(ends[order[i]], Top + (Apart * (order.Length - 1 - i)));
    }
}
