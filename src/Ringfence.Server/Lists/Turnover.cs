using System.Globalization;
using System.Text.RegularExpressions;

namespace Ringfence.Server.Lists;

/// <summary>Reads a yearly turnover as people write it: <c>40000000</c>, <c>40,000,000</c>, <c>40.000.000</c>, <c>2.5M</c>, <c>2,5M</c>, <c>EUR 40M</c>.</summary>
/// <remarks>
/// A comma or point with three digits behind it parts thousands where it stands more than once, or where no K, M or B follows
/// and it is a comma. <c>1.234</c> and <c>1,234M</c> may mean two amounts, a thousand times apart, and are refused.
/// </remarks>
internal static partial class Turnover
{
    // Beyond the sum of all companies; more is a slip of the hand.
    private const decimal Most = 1_000_000_000_000_000m;

    /// <summary>The amount in euros; false where it is none, or could be two.</summary>
    public static bool TryRead(string text, out decimal amount)
    {
        amount = 0;
        var read = Form().Match(text.Trim());
        if (!read.Success)
            return false;
        var unit = read.Groups["unit"].Value.ToUpperInvariant();
        var digits = read.Groups["number"].Value.Replace("_", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal);
        if (Grouped().IsMatch(digits) && (digits.Count(IsMark) > 1 || unit.Length == 0 && digits.Contains(',', StringComparison.Ordinal)))
            digits = string.Concat(digits.Where(char.IsAsciiDigit));
        else if (!Decimal().IsMatch(digits))
            return false;
        if (!decimal.TryParse(digits.Replace(',', '.'), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out amount) || amount >= Most)
            return false;
        amount *= unit switch { "K" => 1_000m, "M" => 1_000_000m, "B" => 1_000_000_000m, _ => 1m };
        return amount < Most;
    }

    private static bool IsMark(char c) => c is ',' or '.';

    [GeneratedRegex(@"\A(EUR|€)?\s*(?<number>[0-9][0-9_ .,]{0,30}?)\s*(?<unit>[KMB])?\s*(EUR|€)?\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Form();

    // One mark throughout, three digits behind each.
    [GeneratedRegex(@"\A[0-9]{1,3}(?<mark>[.,])[0-9]{3}(\k<mark>[0-9]{3})*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Grouped();

    // Whole, or with one or two digits behind a point or comma.
    [GeneratedRegex(@"\A[0-9]+([.,][0-9]{1,2})?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Decimal();
}
