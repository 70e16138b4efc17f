using System.Globalization;
using System.Text;
using Ringfence.Numbers;
using Ringfence.Suppression.Registers;

namespace Ringfence.Server.Suppression.Registers;

/// <summary>What a line of a register's file says, by the layout its operator published; the sources are in <c>docs/reference/registers.md</c>.</summary>
/// <param name="format">The layout.</param>
/// <param name="region">Where numbers without a country code are, for plain lists.</param>
/// <param name="isChanges">Whether each line also says if its number came in (A) or went out (D).</param>
internal sealed class RegisterLines(RegisterFormat format, Region region, bool isChanges = false)
{
    // A US or Canadian number: area code and subscriber number.
    private const int NationalDigits = 10;
    private const int AreaDigits = 3;
    private const ulong NorthAmerica = 10_000_000_000;

    private readonly bool isNorthAmerican = format is RegisterFormat.UsDnc or RegisterFormat.CaDncl;
    private readonly bool[] areas = new bool[1000];
    private readonly char[] text = new char[256];

    /// <summary>
    /// What files of this layout speak of: of the US and Canada, which sell single area codes, those that were met; of the United Kingdom its numbers;
    /// of any other list all numbers, for whoever gives it has it whole.
    /// </summary>
    public RegisterCoverage Covers => format switch
    {
        _ when isNorthAmerican => RegisterCoverage.Of(
            Enumerable.Range(0, areas.Length).Where(area => areas[area]).Select(static area => string.Create(CultureInfo.InvariantCulture, $"1{area:000}")).DefaultIfEmpty("1000")),
        RegisterFormat.GbTps => RegisterCoverage.Of(["44"]),
        _ => RegisterCoverage.Everything,
    };

    /// <summary>Whether a first line names columns: it has no digit.</summary>
    public static bool IsHeader(ReadOnlySpan<byte> line) => line.IndexOfAnyInRange((byte)'0', (byte)'9') < 0;

    /// <summary>Reads the common line of the large registers without looking for its end: <c>212,5550100</c> or <c>2125550100</c>.</summary>
    public bool TryReadFast(ReadOnlySpan<byte> rest, out ulong number, out int used)
    {
        (number, used) = (0, 0);
        if (!isNorthAmerican || isChanges || rest.Length < NationalDigits + 3)
            return false;
        unchecked
        {
            var comma = rest[AreaDigits] == ',' ? 1 : 0;
            uint area = 0, subscriber = 0, wrong = 0;
            for (var i = 0; i < AreaDigits; i++)
            {
                var digit = (uint)(rest[i] - '0');
                wrong |= digit > 9 ? 1u : 0;
                area = (area * 10) + digit;
            }

            for (var i = AreaDigits + comma; i < NationalDigits + comma; i++)
            {
                var digit = (uint)(rest[i] - '0');
                wrong |= digit > 9 ? 1u : 0;
                subscriber = (subscriber * 10) + digit;
            }

            var end = NationalDigits + comma;
            if (wrong != 0 || area < 200)
                return false;
            used = rest[end] == '\n' ? end + 1 : rest[end] == '\r' && rest[end + 1] == '\n' ? end + 2 : 0;
            if (used == 0)
                return false;
            areas[area] = true;
            number = NorthAmerica + (area * 10_000_000UL) + subscriber;
            return true;
        }
    }

    /// <summary>Reads a line, blanks at its ends taken off.</summary>
    /// <param name="line">Not empty.</param>
    /// <param name="number">Its number; 0 where it is only a remark.</param>
    /// <param name="isRemoved">Whether it takes the number out.</param>
    /// <returns>What is wrong with it; null where nothing is.</returns>
    public string? TryRead(ReadOnlySpan<byte> line, out ulong number, out bool isRemoved)
    {
        (number, isRemoved) = (0, false);
        if (line[0] == '<')
            return "tagged";
        if (isChanges && TakeChange(ref line, out isRemoved) is { } fault)
            return fault;
        return format switch
        {
            _ when isNorthAmerican => ReadNorthAmerican(line, out number),
            RegisterFormat.GbTps => ReadBritish(line, out number),
            _ => ReadPlain(line, out number),
        };
    }

    private string? ReadNorthAmerican(ReadOnlySpan<byte> line, out ulong number)
    {
        number = 0;
        var comma = line.IndexOf((byte)',');
        if (comma >= 0 && comma != AreaDigits)
            return "not-an-entry";
        if (ReadDigits(line, (byte)',', out var digits) is not { } count)
            return "not-an-entry";
        if (count != NationalDigits)
            return "not-ten-digits";
        // Source: the North American Numbering Plan has no area code that begins with 0 or 1.
        if (digits < 2_000_000_000)
            return "area-code";
        areas[(int)(digits / 10_000_000)] = true;
        number = NorthAmerica + digits;
        return null;
    }

    private static string? ReadBritish(ReadOnlySpan<byte> line, out ulong number)
    {
        number = 0;
        if (ReadDigits(line, (byte)' ', out var digits) is not { } count)
            return "not-an-entry";
        // National numbers have nine or ten digits, behind the 0.
        if (line[0] != '0' || count is not (10 or 11) || digits < (count == 11 ? 1_000_000_000UL : 100_000_000UL))
            return "not-british";
        number = (count == 11 ? 440_000_000_000UL : 44_000_000_000UL) + digits;
        return null;
    }

    private string? ReadPlain(ReadOnlySpan<byte> line, out ulong number)
    {
        number = 0;
        if (line[0] == '#')
            return null;
        if (line.Length > text.Length)
            return "not-an-entry";
        var written = text.AsSpan(0, Encoding.UTF8.GetChars(line, text));
        var cell = NumberReader.ReadCell(written, region);
        if (cell.IsValid && cell.Second.Digits == 0)
        {
            number = cell.Number.Digits;
            return null;
        }

        // A number that left its plan, or came into it since, is still a number of this list.
        if (written[0] == '+' && ReadDigits(line[1..], (byte)' ', out var digits) is >= 7 and <= RegisterCoverage.MostDigits && digits >= 1_000_000)
        {
            number = digits;
            return null;
        }

        return cell.IsValid ? "two-numbers" : cell.Fault == NumberFault.NoCountry ? "no-country" : "not-an-entry";
    }

    // The number stands first; somewhere behind it one letter says what happened to it.
    private string? TakeChange(ref ReadOnlySpan<byte> line, out bool isRemoved)
    {
        isRemoved = false;
        var (letters, commas) = (0, line.IndexOf((byte)',') == AreaDigits && isNorthAmerican ? 2 : 1);
        var whole = line;
        var (end, field) = (-1, 0);
        for (int from = 0; from <= whole.Length; field++)
        {
            var length = whole[from..].IndexOf((byte)',');
            var item = (length < 0 ? whole[from..] : whole.Slice(from, length)).Trim((byte)' ');
            if (field >= commas && item is [(byte)'A' or (byte)'a' or (byte)'D' or (byte)'d'])
            {
                letters++;
                isRemoved = item[0] is (byte)'D' or (byte)'d';
            }

            if (field == commas - 1)
                end = length < 0 ? whole.Length : from + length;
            if (length < 0)
                break;
            from += length + 1;
        }

        if (letters != 1 || end < 0)
            return "not-a-change";
        line = whole[..end].TrimEnd((byte)' ');
        return line.IsEmpty ? "not-a-change" : null;
    }

    // Digits between which one character may stand; null where anything else does, or they are too many for a number.
    private static int? ReadDigits(ReadOnlySpan<byte> line, byte between, out ulong digits)
    {
        digits = 0;
        var count = 0;
        foreach (var b in line)
        {
            if (b == between)
                continue;
            if (!char.IsAsciiDigit((char)b) || ++count > RegisterCoverage.MostDigits)
                return null;
            digits = (digits * 10) + (ulong)(b - '0');
        }

        return count;
    }
}
