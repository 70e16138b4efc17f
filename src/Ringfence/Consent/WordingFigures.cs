using System.Globalization;
using Ringfence.Language;

namespace Ringfence.Consent;

/// <summary>How often and for how long, as the words of a wording state it: <c>at most 4 times a month, for one year</c>.</summary>
internal static class WordingFigures
{
    // Words between a number and the unit it goes with, as in "4 SMS oder Anrufe im Monat"; in Chinese every character is a word.
    private const int Reach = 8;
    private const int HanReach = 14;

    private readonly record struct Number(int From, int Until, int Value, NumberKind Kind);

    private enum NumberKind : byte
    {
        Any,

        /// <summary>Of a unit only: <c>a year</c>.</summary>
        Article,

        /// <summary>Of contacts only: <c>once</c>.</summary>
        Times,
    }

    private readonly record struct Unit(int At, int Until, Stretch One, bool IsRate);

    /// <summary>Reads the figures.</summary>
    /// <param name="text">The words.</param>
    /// <param name="own">What was found in them of their own language.</param>
    /// <param name="isHan">Whether they are Chinese.</param>
    public static (IReadOnlyList<(int Most, Stretch Within)> Frequencies, IReadOnlyList<Stretch> Terms) Read(FoldedText text, Finding[] own, bool isHan)
    {
        var numbers = Numbers(text, own);
        var units = Units(own);

        // "3 months", "einem Monat", "3 个月": the number belongs to the unit. "4 monthly" is a rate: it is a count.
        var counted = new Dictionary<Unit, Number>();
        foreach (var unit in units)
        {
            var gap = isHan ? 1 : 0;
            if (!unit.IsRate && numbers.FirstOrDefault(number => number.Kind != NumberKind.Times && number.Until <= unit.At && unit.At - number.Until <= gap) is { Until: > 0 } number)
                counted[unit] = number;
        }

        var frequencies = new List<(int, Stretch)>();
        var ofFrequency = new HashSet<Unit>();
        foreach (var count in numbers)
        {
            if (count.Kind == NumberKind.Article || counted.ContainsValue(count))
                continue;
            var near = units.Where(unit => Distance(unit, count) <= (isHan ? HanReach : Reach) && IsOneClause(text, unit, count)).OrderBy(unit => Distance(unit, count)).ThenByDescending(static unit => unit.At).Take(1).ToArray();
            if (near is not [var nearest])
                continue;
            ofFrequency.Add(nearest);
            frequencies.Add((count.Value, Times(nearest, counted)));
        }

        return (frequencies, [.. units.Where(unit => counted.ContainsKey(unit) && !ofFrequency.Contains(unit)).Select(unit => Times(unit, counted))]);
    }

    private static int Distance(Unit unit, Number number) => unit.At >= number.Until ? unit.At - number.Until : number.From - unit.Until;

    private static bool IsOneClause(FoldedText text, Unit unit, Number number)
    {
        for (var i = Math.Min(unit.At, number.From) + 1; i < Math.Max(unit.Until, number.Until); i++)
        {
            if (text.Words[i].AfterBreak)
                return false;
        }

        return true;
    }

    private static Stretch Times(Unit unit, Dictionary<Unit, Number> counted)
    {
        var n = counted.TryGetValue(unit, out var number) ? number.Value : 1;
        return new Stretch(unit.One.Days * n, unit.One.Months * n);
    }

    private static List<Number> Numbers(FoldedText text, Finding[] own)
    {
        var numbers = new List<Number>();
        foreach (var finding in own)
        {
            if (finding.Phrase.Tag.StartsWith("count-", StringComparison.Ordinal))
                numbers.Add(new Number(finding.From, finding.Until, int.Parse(finding.Phrase.Tag.AsSpan("count-".Length), CultureInfo.InvariantCulture), NumberKind.Any));
            else if (finding.Phrase.Tag is "article" or "once")
                numbers.Add(new Number(finding.From, finding.Until, 1, finding.Phrase.Tag == "once" ? NumberKind.Times : NumberKind.Article));
        }

        for (var i = 0; i < text.Words.Length; i++)
        {
            // Longer ones are telephone numbers and the like.
            if (text.Letters(text.Words[i]) is { Length: <= 4 } letters && int.TryParse(letters, NumberStyles.None, CultureInfo.InvariantCulture, out var value))
                numbers.Add(new Number(i, i + 1, value, NumberKind.Any));
        }

        // Of 十二 neither 十 nor 二 is a number of its own.
        return [.. numbers.Where(number => !numbers.Any(other => other != number && other.From <= number.From && number.Until <= other.Until && other.Until - other.From > number.Until - number.From)).OrderBy(static number => number.From)];
    }

    private static List<Unit> Units(Finding[] own)
    {
        var units = new List<Unit>();
        foreach (var finding in own)
        {
            var tag = finding.Phrase.Tag;
            var isRate = tag.StartsWith("rate-", StringComparison.Ordinal);
            if (isRate || tag.StartsWith("unit-", StringComparison.Ordinal))
                units.Add(new Unit(finding.From, finding.Until, One(tag["unit-".Length..]), isRate));
        }

        return units;
    }

    private static Stretch One(string unit) => unit switch
    {
        "day" => new Stretch(1, 0),
        "week" => new Stretch(7, 0),
        "month" => new Stretch(0, 1),
        "quarter" => new Stretch(0, 3),
        _ => new Stretch(0, 12),
    };
}
