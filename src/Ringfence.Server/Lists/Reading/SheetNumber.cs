using System.Globalization;

namespace Ringfence.Server.Lists.Reading;

/// <summary>Writes a number of a worksheet as the text that a person would have typed.</summary>
internal static class SheetNumber
{
    // Excel itself shows 15 digits; what comes behind in the file is the rest of a binary fraction.
    private const int DigitsShown = 15;
    private const int MostDigits = 40;
    private const int SecondsOfDay = 86_400;

    /// <summary>The text: digits without an exponent, a date as <c>yyyy-MM-dd</c>, with its time where it has one.</summary>
    /// <param name="value">The number as it stands in the file, such as <c>4.41234567890E+11</c>.</param>
    /// <param name="format">How its cell shows it.</param>
    /// <param name="since1904">Whether days are counted from 1904.</param>
    /// <returns>The text; the value itself, where it is no number.</returns>
    public static string Text(ReadOnlySpan<char> value, CellFormat format, bool since1904)
    {
        value = value.Trim();
        if (format.IsDate && Moment(value, since1904) is { } moment)
            return moment;
        if (!TryPlain(value, out var plain))
            return value.ToString();
        if (format.Prefix.Length == 0 && format.Digits == 0)
            return plain;
        return plain.All(char.IsAsciiDigit) ? format.Prefix + plain.PadLeft(format.Digits, '0') : plain;
    }

    private static string? Moment(ReadOnlySpan<char> value, bool since1904)
    {
        // Day 2,958,465 is 31 December 9999.
        if (!double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var serial) || !(serial >= 0 && serial < 2_958_466))
            return null;

        var seconds = (long)Math.Round(serial * SecondsOfDay);
        var (day, time) = ((int)(seconds / SecondsOfDay), TimeSpan.FromSeconds(seconds % SecondsOfDay));
        var clock = time.ToString(@"hh\:mm\:ss", CultureInfo.InvariantCulture);
        if (serial < 1)
            return clock;

        // Excel counts a 29 February 1900 that never was; days before it are one off.
        var date = !since1904 && day == 60 ? "1900-02-29" : (since1904 ? new DateOnly(1904, 1, 1) : new DateOnly(1899, 12, day < 60 ? 31 : 30))
            .AddDays(Math.Min(day, since1904 ? 2_957_003 : 2_958_465)).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        return time == TimeSpan.Zero ? date : $"{date} {clock}";
    }

    // By moving the point in the text: no digit passes through a binary fraction.
    private static bool TryPlain(ReadOnlySpan<char> value, out string plain)
    {
        plain = "";
        var negative = value is ['-', ..];
        var rest = negative || value is ['+', ..] ? value[1..] : value;
        var e = rest.IndexOfAny('e', 'E');
        var exponent = 0;
        if (e >= 0 && !int.TryParse(rest[(e + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent))
            return false;

        var mantissa = e < 0 ? rest : rest[..e];
        var point = mantissa.IndexOf('.');
        var whole = point < 0 ? mantissa : mantissa[..point];
        var fraction = point < 0 ? default : mantissa[(point + 1)..];
        if (whole.Length + fraction.Length is 0 or > MostDigits || Math.Abs((long)exponent) > MostDigits
            || whole.IndexOfAnyExceptInRange('0', '9') >= 0 || fraction.IndexOfAnyExceptInRange('0', '9') >= 0)
            return false;

        Span<char> digits = stackalloc char[MostDigits];
        whole.CopyTo(digits);
        fraction.CopyTo(digits[whole.Length..]);
        plain = Place(digits[..(whole.Length + fraction.Length)], whole.Length + exponent);
        if (negative && plain != "0")
            plain = "-" + plain;
        return true;
    }

    // Writes digits with the point before the one at that position, which may lie outside.
    private static string Place(ReadOnlySpan<char> digits, int point)
    {
        var zeros = digits.IndexOfAnyExcept('0');
        if (zeros < 0)
            return "0";

        digits = digits[zeros..].TrimEnd('0');
        point -= zeros;
        if (digits.Length > DigitsShown && digits.Length > point)
        {
            var kept = Math.Max(DigitsShown, point);
            (digits, var carried) = Round(digits, kept);
            point += carried;
        }

        if (point >= digits.Length)
            return digits.ToString().PadRight(point, '0');
        return point <= 0
            ? "0." + new string('0', -point) + digits.ToString()
            : string.Concat(digits[..point], ".", digits[point..]);
    }

    private static (string Digits, int Carried) Round(ReadOnlySpan<char> digits, int kept)
    {
        var rounded = digits[..kept].ToArray();
        var up = digits[kept] >= '5';
        for (var i = kept - 1; up && i >= 0; i--)
        {
            up = rounded[i] == '9';
            rounded[i] = up ? '0' : (char)(rounded[i] + 1);
        }

        var text = new string(rounded).TrimEnd('0');
        return up ? ("1" + text, 1) : (text, 0);
    }
}
