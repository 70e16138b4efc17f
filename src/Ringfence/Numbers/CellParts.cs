namespace Ringfence.Numbers;

/// <summary>The pieces of a cell that may each hold a number.</summary>
/// <remarks>How finely a cell is cut is the caller's to try: the coarsest cut that explains the cell is the right one.</remarks>
internal ref struct CellParts(ReadOnlySpan<char> cell, CellCut cut)
{
    private static readonly string[] Words = [" or ", " oder ", " ou ", " o ", " und ", " and ", " et ", " y ", " e ", " u ", " & ", " / ", " \\ ", " bzw. ", " resp. "];

    private readonly ReadOnlySpan<char> cell = cell;
    private int at;

    public ReadOnlySpan<char> Current { get; private set; }

    public readonly CellParts GetEnumerator() => this;

    public bool MoveNext()
    {
        while (at < cell.Length)
        {
            var start = at;
            var (end, digits) = (cell.Length, 0);
            for (var i = start; i < cell.Length; i++)
            {
                digits += NumberText.DigitOf(cell[i]) >= 0 ? 1 : 0;
                var length = SeparatorAt(i, digits);
                if (length < 0)
                    continue;
                end = i;
                at = i + length;
                break;
            }
            if (end == cell.Length)
                at = cell.Length;
            Current = CellWording.TrimUnseen(cell[start..end]);
            if (digits > 0)
                return true;
        }
        return false;
    }

    /// <summary>The length of a separator here, -1 for none. A second + begins a number of its own and is no part of a separator.</summary>
    private readonly int SeparatorAt(int i, int digits)
    {
        var c = cell[i];
        if (c is '\n' or '\r' or ';' or '|' or ',' or '，' or '；' or '、' or '｜' or '或' or '和' or '及' or '\u2028' or '\u2029')
            return 1;
        if (c is '+' or '＋' && digits > 2 && (digits >= 7 || NumberText.DigitOf(cell[i - 1]) < 0))
            return 0;
        if (c is ' ')
            foreach (var word in Words)
                if (cell[i..].StartsWith(word, StringComparison.OrdinalIgnoreCase))
                    return word.Length - 1;
        return cut switch
        {
            CellCut.Separators => -1,
            CellCut.Slashes => c is '/' or '／' or '\\' ? 1 : -1,
            _ => c is ':' or '：' or '=' or '<' or '>' or '"' || char.IsLetter(c) ? 1 : -1,
        };
    }
}

/// <summary>How finely a cell is cut.</summary>
internal enum CellCut : byte
{
    /// <summary>At signs and words that stand between numbers.</summary>
    Separators,

    /// <summary>At slashes too, which also stand inside numbers.</summary>
    Slashes,

    /// <summary>At every letter, which is right where words stand around the numbers.</summary>
    Letters,
}
