using NodaTime;

namespace Ringfence.Lists;

/// <summary>Reads the day out of a date cell, in whatever form a list holds it.</summary>
/// <remarks>
/// <para>ISO 8601 days and instants, numeric dates in any order with <c>- / .</c> and two- or four-digit years, month names in English, German,
/// French, Spanish, Italian, Portuguese, Dutch and Polish, Chinese, Japanese and Korean dates with their numerals and eras, RFC 2822, Unix time in seconds,
/// milliseconds or microseconds, spreadsheet serials (20000 to 60000, from 1954 to 2064), <c>20240301T101500Z</c>.</para>
/// <para>The day is taken as written, whatever the zone; that of Unix time is the one in UTC. Of a month alone the first day is meant, of a year alone the
/// first of January. Two-digit years below 50 are of this century. Years run from 1900 to 2100; 9999-12-31 alone is taken too, for it
/// means "no end". Anything else, and any day that no calendar has, is no date.</para>
/// </remarks>
public static class ListDate
{
    /// <summary>No way of writing a date is longer, zone names in brackets included.</summary>
    internal const int Longest = 80;

    private const int FirstYear = 1900;
    private const int LastYear = 2100;
    private const int FirstSerial = 20000;
    private const int LastSerial = 60000;

    private static readonly int SerialEpoch = new DateOnly(1899, 12, 30).DayNumber;

    private static readonly int UnixEpoch = new DateOnly(1970, 1, 1).DayNumber;

    private static readonly System.Buffers.SearchValues<char> TimeOfDay = System.Buffers.SearchValues.Create("0123456789:.+-Z");

    /// <summary>Reads a cell. Never throws; allocates nothing.</summary>
    /// <param name="cell">The text of the cell.</param>
    /// <param name="order">How ambiguous numeric dates of this column are to be read.</param>
    /// <param name="date">The day; where the text leaves two readings open, the earlier.</param>
    /// <param name="ambiguous">Whether it left two open.</param>
    /// <returns>Whether the cell holds a date.</returns>
    public static bool TryRead(ReadOnlySpan<char> cell, DateOrder order, out LocalDate date, out bool ambiguous)
    {
        var found = Find(cell, order);
        date = found.Date;
        ambiguous = found.IsAmbiguous;
        return found.IsFound;
    }

    /// <summary>The order of day and month that a cell gives away: one of its numbers is no month, and its separator leaves the order open.</summary>
    public static DateOrder OrderOf(ReadOnlySpan<char> cell) => Find(cell, DateOrder.Unknown).Shows;

    /// <summary>A day found in a text, or none.</summary>
    internal readonly record struct Day(bool IsFound, LocalDate Date, bool IsAmbiguous, DateOrder Shows);

    private static Day Find(ReadOnlySpan<char> cell, DateOrder order)
    {
        cell = CellText.Trim(cell);
        if (cell.Length is < 4 or > Longest)
            return default;
        if (IsPlainIso(cell))
            return At(Two(cell) * 100 + Two(cell[2..]), Two(cell[5..]), Two(cell[8..]));
        Span<char> buffer = stackalloc char[2 * Longest];
        var text = buffer[..DateFolding.Fold(cell, buffer)];
        return new DateText(text, order).Read();
    }

    /// <summary>Most dates that programs write: <c>2024-03-01</c>, perhaps with a time behind it.</summary>
    private static bool IsPlainIso(ReadOnlySpan<char> cell)
    {
        if (cell.Length < 10 || cell[4] != '-' || cell[7] != '-')
            return false;
        for (var i = 0; i < 10; i++)
        {
            if (i is not (4 or 7) && !char.IsAsciiDigit(cell[i]))
                return false;
        }

        return cell.Length == 10
            || cell.Length is >= 16 and <= 35 && (cell[10] is 'T' or ' ') && cell[13] == ':' && !cell[11..].ContainsAnyExcept(TimeOfDay);
    }

    private static int Two(ReadOnlySpan<char> digits) => (digits[0] - '0') * 10 + (digits[1] - '0');

    /// <summary>A day by its parts, if there is such a day within the years we take.</summary>
    internal static Day At(int year, int month, int day, bool ambiguous = false, DateOrder shows = DateOrder.Unknown)
    {
        if (month is < 1 or > 12 || day < 1 || year is < FirstYear or > LastYear && (year, month, day) != (9999, 12, 31))
            return default;
        return day > DateTime.DaysInMonth(year, month) ? default : new Day(true, new LocalDate(year, month, day), ambiguous, shows);
    }

    /// <summary>Three numbers with one separator between them; the lengths tell years from days.</summary>
    internal static Day OfThree(Digits a, Digits b, Digits c, char separator, DateOrder order)
    {
        if (b.Length > 2)
            return default;
        if (a.Length == 4)
            return c.Length <= 2 ? At(a.Value, b.Value, c.Value) : default;
        if (a.Length == 3)      // Taiwan counts years from 1912, the first of the republic
            return c.Length <= 2 && a.Value is >= 60 and <= 150 && separator != ' ' ? At(a.Value + DateWords.RepublicOfChina, b.Value, c.Value) : default;
        if (a.Length > 2 || c.Length is not (2 or 4) || c.Length == 2 && separator == ' ')
            return default;
        if (c.Length == 2 && a.Value > 31)
            return At(Century(a.Value), b.Value, c.Value);
        return OfDayAndMonth(a.Value, b.Value, c.Length == 2 ? Century(c.Value) : c.Value, separator, order);
    }

    /// <summary>A two-digit year in its century.</summary>
    internal static int Century(int year) => year < 50 ? 2000 + year : 1900 + year;

    private static Day OfDayAndMonth(int a, int b, int year, char separator, DateOrder order)
    {
        var tells = separator == '.' ? DateOrder.Unknown : a > 12 ? DateOrder.DayFirst : b > 12 ? DateOrder.MonthFirst : DateOrder.Unknown;
        if (a > 12)
            return At(year, b, a, shows: tells);
        if (b > 12)
            return At(year, a, b, shows: tells);
        // Dots stand between day and month in that order wherever they are used, unless the column says otherwise.
        if (order == DateOrder.DayFirst || order == DateOrder.Unknown && separator == '.')
            return At(year, b, a);
        if (order == DateOrder.MonthFirst)
            return At(year, a, b);
        return At(year, Math.Min(a, b), Math.Max(a, b), ambiguous: a != b);
    }

    /// <summary>Digits and nothing else: a year, a serial, a packed date, Unix time.</summary>
    internal static Day OfNumber(Digits number)
    {
        var v = number.Value64;
        return number.Length switch
        {
            4 => At((int)v, 1, 1),
            5 when v is >= FirstSerial and <= LastSerial => OfDays(v + SerialEpoch),
            8 => Packed(v),
            9 or 10 => OfUnix(v),
            12 when Packed(v / 10_000) is { IsFound: true } minute && v % 10_000 < 2400 => minute,
            12 or 13 => OfUnix(v / 1_000),
            14 => Packed(v / 1_000_000),
            16 => OfUnix(v / 1_000_000),
            _ => default,
        };
    }

    /// <summary><c>20240301</c>.</summary>
    internal static Day Packed(long v) => At((int)(v / 10_000), (int)(v / 100 % 100), (int)(v % 100));

    private static Day OfUnix(long seconds) => OfDays(seconds / 86_400 + UnixEpoch);

    private static Day OfDays(long day)
    {
        var date = DateOnly.FromDayNumber((int)Math.Min(day, DateOnly.MaxValue.DayNumber));
        return At(date.Year, date.Month, date.Day);
    }
}

/// <summary>A run of digits: what it amounts to and how many there are. More than 18 amount to nothing.</summary>
internal readonly record struct Digits(long Value64, int Length)
{
    /// <summary>The value, where it is short enough for a year.</summary>
    public int Value => Length <= 9 ? (int)Value64 : -1;
}
