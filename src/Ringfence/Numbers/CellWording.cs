using System.Buffers;
using System.Collections.Frozen;

namespace Ringfence.Numbers;

/// <summary>What a number cell holds when it holds no number: nothing, a word for nothing, a filler, or a spreadsheet's ruin.</summary>
internal static class CellWording
{
    private static readonly FrozenSet<string> WordsForNothing = new[]
    {
        "-", "--", "---", "–", "—", "―", "－", "_", "/", "\\", ".", "..", "...", "…", "?", "??", "*", "x", "xx", "xxx", "#", "n/a", "n.a.", "n.a", "na", "#n/a", "#na", "#null!", "#ref!",
        "#value!", "nan", "<na>", "none", "null", "(null)", "nil", "undefined", "unknown", "unk", "missing", "empty", "blank", "tbd", "tba", "no", "no phone", "no number", "not available",
        "not applicable", "not provided", "not given", "无", "無", "没有", "沒有", "无电话", "無電話", "暂无", "暫無", "未知", "不明", "不详", "不詳", "空", "未填", "未提供", "なし", "不明です",
        "keine", "keins", "kein", "keine angabe", "k.a.", "k. a.", "k.a", "ka", "unbekannt", "entfällt", "fehlt", "aucun", "aucune", "néant", "neant", "inconnu", "non renseigné", "nc", "n.c.", "s/o",
        "ninguno", "ninguna", "no tiene", "sin teléfono", "sin telefono", "sin número", "desconocido", "no disponible", "nd", "n/d", "n.d.", "s/n", "nessuno", "nessuna", "sconosciuto",
        "non disponibile", "assente", "nenhum", "desconhecido", "geen", "onbekend", "brak", "нет", "неизвестно",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Nothing = WordsForNothing.GetAlternateLookup<ReadOnlySpan<char>>();
    private static readonly int LongestWord = WordsForNothing.Max(word => word.Length);
    private static readonly SearchValues<char> Apostrophes = SearchValues.Create("'’‘`´＇ʼ");

    /// <summary>Whether the text says that there is nothing to read.</summary>
    public static bool SaysNothing(ReadOnlySpan<char> text) =>
        text.IsEmpty || (text.Length <= LongestWord && !char.IsAsciiDigit(text[^1]) && Nothing.Contains(text));

    /// <summary>Takes off what spreadsheets put around a number to keep it text: apostrophes, <c>="..."</c>, quotation marks.</summary>
    public static ReadOnlySpan<char> Unwrap(ReadOnlySpan<char> cell, out bool apostrophe)
    {
        apostrophe = false;
        cell = TrimUnseen(cell);
        // Each round takes at least one character, so this ends.
        while (!cell.IsEmpty)
        {
            if (Apostrophes.Contains(cell[0]))
            {
                apostrophe = true;
                cell = cell[1..];
                if (!cell.IsEmpty && Apostrophes.Contains(cell[^1]))
                    cell = cell[..^1];
            }
            else if (cell[0] == '=' && cell.Length > 1 && (cell[1] is '"' or '+' || char.IsAsciiDigit(cell[1])))
            {
                cell = cell[1..];
            }
            else if (cell.Length > 1 && cell[0] is '"' or '“' or '”' or '„')
            {
                cell = cell[1..];
                if (!cell.IsEmpty && cell[^1] is '"' or '“' or '”')
                    cell = cell[..^1];
            }
            else
            {
                break;
            }
            cell = TrimUnseen(cell);
        }
        return cell;
    }

    /// <summary>Without blanks and invisible marks at both ends.</summary>
    public static ReadOnlySpan<char> TrimUnseen(ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty && IsUnseen(text[0]))
            text = text[1..];
        while (!text.IsEmpty && IsUnseen(text[^1]))
            text = text[..^1];
        return text;
    }

    /// <summary>Digits that someone typed to get past a form: one digit over and over, or the keys in a row.</summary>
    public static bool IsFiller(ReadOnlySpan<byte> digits)
    {
        if (digits.Length < 4)
            return digits.IndexOfAnyExcept((byte)0) < 0;
        if (digits.IndexOfAnyExcept(digits[0]) < 0)
            return digits[0] is 0 or 1 or 9 && (digits[0] == 0 || digits.Length >= 6);
        return digits.Length >= 6 && ((digits[0] is 0 or 1 && IsRow(digits, 1)) || (digits[0] is 0 or 9 && IsRow(digits, 9)));
    }

    /// <summary>Reads <c>4.42E+11</c> and its like. The digits are there only where none was rounded away.</summary>
    public static bool IsScientific(ReadOnlySpan<char> text, Span<byte> digits, out int count)
    {
        count = 0;
        if (!text.ContainsAny('e', 'E'))
            return false;
        var at = text.StartsWith('+') ? 1 : 0;
        var (shown, whole, point) = (0, 0, false);
        for (; at < text.Length && (char.IsAsciiDigit(text[at]) || (!point && text[at] is '.' or ',')); at++)
        {
            if (!char.IsAsciiDigit(text[at]))
                point = true;
            else if (shown < 20)
            {
                digits[shown++] = (byte)(text[at] - '0');
                whole += point ? 0 : 1;
            }
        }
        if (whole is 0 or > 3 || at >= text.Length || text[at] is not ('E' or 'e'))
            return false;
        at++;
        if (at < text.Length && text[at] == '+')
            at++;
        var power = text[at..];
        if (power.Length is 0 or > 2 || power.ContainsAnyExceptInRange('0', '9') || (!point && text[0] != '+' && text[at - 1] != '+'))
            return false;
        var exponent = power.Length == 1 ? power[0] - '0' : ((power[0] - '0') * 10) + power[1] - '0';
        if (shown == whole + exponent)
            count = shown;
        return true;
    }

    /// <summary>Without the <c>.0</c> that a spreadsheet adds to a number it holds as a decimal.</summary>
    public static ReadOnlySpan<char> WithoutDecimals(ReadOnlySpan<char> text, out bool found)
    {
        const int FewestDigits = 7;
        found = false;
        var point = text.LastIndexOfAny('.', ',');
        if (point < FewestDigits || text.Length - point is not (2 or 3) || text[(point + 1)..].ContainsAnyExcept('0'))
            return text;
        var whole = text[..point].TrimStart('+');
        found = whole.Length >= FewestDigits && !whole.ContainsAnyExceptInRange('0', '9');
        return found ? text[..point] : text;
    }

    private static bool IsUnseen(char c) => c <= ' ' || (c > '\u007f' && (char.IsWhiteSpace(c) || char.GetUnicodeCategory(c) == System.Globalization.UnicodeCategory.Format));

    private static bool IsRow(ReadOnlySpan<byte> digits, int step)
    {
        for (var i = 1; i < digits.Length; i++)
            if (digits[i] != (digits[i - 1] + step) % 10)
                return false;
        return true;
    }
}
