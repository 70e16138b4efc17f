namespace Ringfence.Lists;

/// <summary>Folds the text of a date, so that every script's digits and numerals become ASCII digits.</summary>
internal static class DateFolding
{
    private const string HanDigits = "〇一二三四五六七八九";

    /// <summary>Folds a cell so that digits are ASCII, letters small and plain, and Chinese numerals digits. The target is twice as long as the cell.</summary>
    public static int Fold(ReadOnlySpan<char> cell, Span<char> target)
    {
        var length = 0;
        for (var i = 0; i < cell.Length; i++)
        {
            if (cell[i] is >= ' ' and < (char)0x7f)
            {
                var ascii = cell[i];
                target[length++] = ascii is >= 'A' and <= 'Z' ? (char)(ascii | 0x20) : ascii;
            }
            else if (IsHanNumeral(cell[i]) && !(cell[i] == '元' && i > 0 && (cell[i - 1] is '公' or '西')))
            {
                var end = i + 1;
                while (end < cell.Length && IsHanNumeral(cell[end]))
                    end++;
                length += WriteHanNumber(cell[i..end], target[length..]);
                i = end - 1;
            }
            else if (CellText.Fold(cell[i]) is not CellText.Nothing and var c)
            {
                target[length++] = c;
            }
        }

        return length;
    }

    private static bool IsHanNumeral(char c) => c >= '\u3007' && (HanDigits.Contains(c, StringComparison.Ordinal) || c is '零' or '十' or '百' or '廿' or '卅' or '元');

    /// <summary>Writes 二〇二四 as 2024, 二十一 as 21, 一百一十三 as 113, 元 (a first year) as 1.</summary>
    private static int WriteHanNumber(ReadOnlySpan<char> run, Span<char> target)
    {
        if (run.IndexOfAny("十百廿卅元") < 0)
        {
            for (var i = 0; i < run.Length; i++)
                target[i] = (char)('0' + Math.Max(0, HanDigits.IndexOf(run[i], StringComparison.Ordinal)));
            return run.Length;
        }

        int total = 0, pending = 0;
        foreach (var c in run)
        {
            switch (c)
            {
                case '百': total += Math.Max(1, pending) * 100; pending = 0; break;
                case '十': total += Math.Max(1, pending) * 10; pending = 0; break;
                case '廿': total += 20; break;
                case '卅': total += 30; break;
                case '元': pending = 1; break;
                default: pending = Math.Max(0, HanDigits.IndexOf(c, StringComparison.Ordinal)); break;
            }

            if (total > 999)
                return 0;
        }

        return (total + pending).TryFormat(target, out var written) ? written : 0;
    }
}
