namespace Ringfence.People;

/// <summary>What an age cell says.</summary>
public enum AgeGroup : byte
{
    /// <summary>Empty, or nothing that tells an age.</summary>
    Unknown,

    /// <summary>Below the age asked about, or possibly so.</summary>
    Under,

    /// <summary>Of that age or older.</summary>
    Of,
}

/// <summary>Reads the age cell of a list.</summary>
public static class AgeCell
{
    private const int Oldest = 130;

    // Words before a number, or behind it, that mean less than it; as letters without blanks.
    private static readonly string[] Below =
    [
        "under", "below", "lessthan", "younger", "upto", "unter", "junger", "bis", "hochstens", "moins", "jusqu", "menos", "menor", "menores", "hasta", "meno", "minori",
        "finoa", "abaixo", "ate", "onder", "jonger", "tot", "ponizej", "do", "andunder", "orunder", "andbelow", "oryounger", "未满", "不满", "以下", "以内", "小于", "未満",
    ];

    private static readonly string[] Minors =
    [
        "minor", "child", "kid", "teen", "underage", "minderjahrig", "kind", "mineur", "mineure", "menor", "menordeedad", "menordeidade", "minore", "minorenne", "minderjarig",
        "nieletni", "nieletnia", "未成年", "未成年人", "儿童", "兒童", "미성년자", "未成年者",
    ];

    /// <summary>Reads a cell: a number, with or without words (<c>17 years</c>), a range (<c>16-24</c>), a limit (<c>under 18</c>) or a word (<c>minor</c>).</summary>
    /// <param name="cell">The text of the cell.</param>
    /// <param name="limit">The age asked about, in years.</param>
    /// <remarks>Where the cell leaves it open on which side of the limit the person is, they are taken to be under it. Never throws.</remarks>
    public static AgeGroup Read(ReadOnlySpan<char> cell, int limit)
    {
        cell = Lists.CellText.Trim(cell);
        if (cell.IsEmpty || cell.Length > 60)
            return AgeGroup.Unknown;
        var least = int.MaxValue;
        var (first, last) = (-1, -1);
        for (var i = 0; i < cell.Length; i++)
        {
            if (!char.IsDigit(cell[i]))
                continue;
            first = first < 0 ? i : first;
            // Whole years count: of 17.9 the 17, and what stands behind the point is no age.
            var years = 0;
            var isFraction = i > 1 && cell[i - 1] is '.' or ',' && char.IsDigit(cell[Math.Max(0, i - 2)]);
            for (; i < cell.Length && char.IsDigit(cell[i]); i++)
                years = Math.Min(Oldest, (years * 10) + (Lists.CellText.Fold(cell[i]) - '0'));
            last = i;
            if (!isFraction)
                least = Math.Min(least, years);
        }

        if (least == int.MaxValue)
            return Array.IndexOf(Minors, Lists.CellText.Key(cell)) >= 0 ? AgeGroup.Under : AgeGroup.Unknown;
        if (least >= Oldest || cell[0] == '-')
            return AgeGroup.Unknown;
        return least < limit || IsLimit(cell[..first]) || IsLimit(cell[last..]) ? AgeGroup.Under : AgeGroup.Of;
    }

    private static bool IsLimit(ReadOnlySpan<char> beside)
    {
        if (beside.Contains('<') || beside.Contains('≤'))
            return true;
        var words = Lists.CellText.Key(beside);
        return Array.Exists(Below, b => words.StartsWith(b, StringComparison.Ordinal) || words.EndsWith(b, StringComparison.Ordinal));
    }
}
