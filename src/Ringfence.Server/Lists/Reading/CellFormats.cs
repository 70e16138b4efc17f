using System.Globalization;
using System.Xml;

namespace Ringfence.Server.Lists.Reading;

/// <summary>How a number in a cell is shown, as far as it matters for what it means.</summary>
/// <param name="IsDate">Whether it is a day or a time.</param>
/// <param name="Prefix">What the format writes before the digits, such as <c>+</c> or <c>0</c> of a telephone number.</param>
/// <param name="Digits">How many digits it shows at least: zeros in front that the number itself has not.</param>
internal readonly record struct CellFormat(bool IsDate, string Prefix, int Digits)
{
    public static CellFormat General { get; } = new(false, "", 0);

    /// <summary>Reads a format code such as <c>yyyy-mm-dd</c>, <c>00000</c> or <c>"+"0</c>.</summary>
    public static CellFormat Of(string code)
    {
        if (code.Length > 255 || code.Equals("General", StringComparison.OrdinalIgnoreCase))
            return General;

        // Only the first section, the one for positive numbers, counts. What is quoted, escaped or in brackets are words, colours and
        // conditions, not parts of a date. An elapsed time ([h]:mm) is no time of day.
        var prefix = "";
        int digits = 0, placeholders = 0;
        bool date = false, plain = true;
        for (var i = 0; i < code.Length && code[i] != ';'; i++)
        {
            switch (code[i])
            {
                case '"':
                    var close = code.IndexOf('"', i + 1);
                    close = close < 0 ? code.Length : close;
                    prefix += placeholders == 0 ? code[(i + 1)..close] : "";
                    i = close;
                    break;
                case '[':
                    var end = code.IndexOf(']', i);
                    end = end < 0 ? code.Length - 1 : end;
                    if (code.AsSpan(i + 1, Math.Max(0, end - i - 1)).Trim("hH").Trim("mM").Trim("sS").IsEmpty)
                        return General;
                    plain &= code.AsSpan(i, end - i).StartsWith("[$");      // a locale: [$-409], [$-F800]
                    i = end;
                    break;
                case '\\':
                    i++;
                    prefix += placeholders == 0 && i < code.Length ? code[i] : "";
                    break;
                case '_' or '*':
                    i++;
                    break;
                case '0' or '#' or '?':
                    placeholders++;
                    digits += code[i] == '0' ? 1 : 0;
                    break;
                case '+':
                    prefix += placeholders == 0 ? "+" : "";
                    break;
                case '-' or ' ' or '(' or ')':
                    break;
                case 'E' or 'e' when i + 1 < code.Length && code[i + 1] is '+' or '-':
                    plain = false;
                    i++;
                    break;
                case 'y' or 'Y' or 'd' or 'D' or 'm' or 'M' or 'h' or 'H' or 's' or 'S' or 'e' or 'E' or 'b' or 'B' or 'g' or 'G':
                    date = true;
                    break;
                default:
                    plain = false;
                    break;
            }
        }

        if (date && placeholders <= 3)
            return new CellFormat(true, "", 0);      // a format of times may have placeholders for fractions: ss.000
        var isNumberText = plain && placeholders > 0 && (digits > 1 || prefix.Length > 0) && prefix.All(c => c is '+' || char.IsAsciiDigit(c));
        return isNumberText ? new CellFormat(false, prefix, digits) : General;
    }

    /// <summary>The formats that have a number only.</summary>
    /// <remarks>
    /// Source: ECMA-376 Part 1, 18.8.30 numFmt: 14 to 22 and 45 to 47 for all languages; 27 to 36 and 50 to 58 are dates in Chinese,
    /// Japanese and Korean ones; 71 to 81 in Thai.
    /// </remarks>
    public static CellFormat BuiltIn(int id) =>
        id is (>= 14 and <= 22) or (>= 27 and <= 36) or 45 or 47 or (>= 50 and <= 58) or (>= 71 and <= 81)
            ? new CellFormat(true, "", 0)
            : General;
}

/// <summary>The formats of a workbook's cells, by the number that cells refer to.</summary>
internal sealed class CellFormats
{
    private readonly List<CellFormat> _formats = [];

    public CellFormat this[int style] => (uint)style < (uint)_formats.Count ? _formats[style] : CellFormat.General;

    public static CellFormats Read(XmlPart? xml)
    {
        var formats = new CellFormats();
        if (xml is null)
            return formats;

        using (xml)
        {
            var own = new Dictionary<int, CellFormat>();
            var inCells = false;
            while (xml.Read())
            {
                if (xml.NodeType == XmlNodeType.EndElement && xml.LocalName == "cellXfs")
                    break;
                if (xml.NodeType != XmlNodeType.Element)
                    continue;

                if (xml.LocalName == "numFmt" && Number(xml, "numFmtId") is { } id && own.Count < ListLimits.CellStyles)
                    own[id] = CellFormat.Of(xml.GetAttribute("formatCode") ?? "");
                else if (xml.LocalName == "cellXfs")
                    inCells = true;
                else if (inCells && xml.LocalName == "xf")
                    formats.Add(Number(xml, "numFmtId") is { } used && own.TryGetValue(used, out var made) ? made : CellFormat.BuiltIn(Number(xml, "numFmtId") ?? 0));
            }
        }

        return formats;
    }

    private void Add(CellFormat format)
    {
        if (_formats.Count == ListLimits.CellStyles)
            throw UnreadableListException.BrokenWorkbook("it has more cell formats than the program that writes them allows.");
        _formats.Add(format);
    }

    private static int? Number(XmlPart xml, string attribute) =>
        int.TryParse(xml.GetAttribute(attribute), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
