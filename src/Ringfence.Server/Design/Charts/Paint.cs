using System.Globalization;

namespace Ringfence.Server.Design.Charts;

/// <summary>How a part of a chart is filled. Told apart by hatch as well as by colour; colours of verdicts are for verdicts alone.</summary>
public enum Paint
{
    /// <summary>Yes: solid green.</summary>
    Ok,

    /// <summary>Later: hatched amber.</summary>
    Wait,

    /// <summary>No: solid red.</summary>
    No,

    /// <summary>Not asked, not told: dotted grey.</summary>
    Unset,

    /// <summary>A plain series: solid petrol.</summary>
    Plain,

    /// <summary>A second series: hatched petrol.</summary>
    Second,
}

/// <summary>A part of a whole.</summary>
/// <param name="Label">Its name.</param>
/// <param name="Value">How many.</param>
/// <param name="Paint">How it is filled.</param>
public sealed record Slice(string Label, long Value, Paint Paint);

/// <summary>One bar of a list of bars.</summary>
/// <param name="Label">Its name.</param>
/// <param name="Value">How many.</param>
/// <param name="Paint">How it is filled.</param>
/// <param name="Href">Where its rows are; null where nowhere.</param>
/// <param name="Code">The word to look for there; null where none.</param>
/// <param name="Hint">What to do about it, or what it means; null where nothing.</param>
public sealed record Bar(string Label, long Value, Paint Paint, string? Href = null, string? Code = null, string? Hint = null);

/// <summary>Classes and lengths of charts.</summary>
internal static class Charting
{
    /// <summary>The class that fills a shape.</summary>
    public static string Fill(this Paint paint) => paint switch
    {
        Paint.Ok => "f-ok",
        Paint.Wait => "f-hx",
        Paint.No => "f-no",
        Paint.Unset => "f-hd",
        Paint.Plain => "f1",
        Paint.Second => "f-h1",
    };

    /// <summary>The class that paints a line.</summary>
    public static string Stroke(this Paint paint) => paint switch
    {
        Paint.Ok => "o-ok",
        Paint.Wait => "o-hx",
        Paint.No => "o-no",
        Paint.Unset => "o-hd",
        Paint.Plain => "o-1",
        Paint.Second => "o-h1",
    };

    /// <summary>A length in percent, for an attribute.</summary>
    public static string Percent(double value) => value.ToString("0.##", CultureInfo.InvariantCulture) + "%";

    /// <summary>A plain number, for an attribute.</summary>
    public static string Plain(double value) => value.ToString("0.###", CultureInfo.InvariantCulture);

    /// <summary>
    /// Where each part of a whole begins and how long it is, out of 100, with a gap between parts. A part that is there
    /// is seen, however small: it gets at least <paramref name="least"/>, taken from the others in proportion.
    /// </summary>
    public static IEnumerable<(Slice Slice, double From, double Length)> Lay(IReadOnlyList<Slice> slices, double gap, double least)
    {
        var there = slices.Where(s => s.Value > 0).ToList();
        var total = there.Sum(s => (double)s.Value);
        if (total <= 0)
            yield break;
        var room = 100 - gap * (there.Count - 1);
        var small = there.Where(s => s.Value / total * room < least).ToHashSet();
        var rest = there.Where(s => !small.Contains(s)).Sum(s => (double)s.Value);
        var from = 0.0;
        foreach (var slice in there)
        {
            var length = small.Contains(slice) ? least : slice.Value / rest * (room - least * small.Count);
            yield return (slice, from, length);
            from += length + gap;
        }
    }
}
