using System.Buffers;
using System.Globalization;

namespace Ringfence.Verify;

/// <summary>Hexadecimal, base64, decimal numbers and instants, each accepted in one spelling only.</summary>
internal static class Encodings
{
    /// <summary>Whole numbers that every reader of JSON keeps exactly: less than this in absolute value.</summary>
    public const long NumberLimit = 1L << 53;

    private static readonly SearchValues<char> LowerHex = SearchValues.Create("0123456789abcdef");

    private static readonly SearchValues<byte> LowerHexBytes = SearchValues.Create("0123456789abcdef"u8);

    /// <summary>Lower-case hexadecimal of exactly so many bytes.</summary>
    public static bool TryHex(string text, int bytes, out byte[] value)
    {
        value = [];
        if (text.Length != 2 * bytes || text.AsSpan().ContainsAnyExcept(LowerHex))
            return false;
        value = Convert.FromHexString(text);
        return true;
    }

    /// <summary>Whether it is lower-case hexadecimal of exactly so many bytes.</summary>
    public static bool IsHex(ReadOnlySpan<byte> text, int bytes) => text.Length == 2 * bytes && !text.ContainsAnyExcept(LowerHexBytes);

    /// <summary>RFC 4648 section 4 with its padding. Blanks are refused, and so are bits that stand for nothing.</summary>
    public static bool TryBase64(string text, out byte[] value)
    {
        value = [];
        if (text.Length % 4 != 0)
            return false;
        var bytes = new byte[text.Length / 4 * 3];
        if (!Convert.TryFromBase64String(text, bytes, out var written))
            return false;
        value = bytes[..written];
        return Convert.ToBase64String(value) == text;
    }

    /// <summary>Base64 of a SHA-256 hash.</summary>
    public static bool TryHash(string text, out byte[] hash) => TryBase64(text, out hash) && hash.Length == 32;

    /// <summary>A decimal number from 0 to below 2^53, without leading zeroes.</summary>
    public static bool TryCount(ReadOnlySpan<char> text, out long count)
    {
        count = 0;
        return text.Length is >= 1 and <= 16 && (text[0] != '0' || text.Length == 1) && !text.ContainsAnyExceptInRange('0', '9')
            && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out count) && count < NumberLimit;
    }

    /// <summary>An instant such as <c>2026-01-02T03:04:05.000006Z</c>, as microseconds since the year 1.</summary>
    public static bool TryInstant(ReadOnlySpan<byte> text, out long microseconds)
    {
        microseconds = 0;
        ReadOnlySpan<byte> pattern = "0000-00-00T00:00:00.000000Z"u8;
        if (text.Length != pattern.Length)
            return false;
        for (var i = 0; i < pattern.Length; i++)
        {
            if (pattern[i] == '0' ? text[i] is < (byte)'0' or > (byte)'9' : text[i] != pattern[i])
                return false;
        }

        int year = Digits(text[..4]), month = Digits(text[5..7]), day = Digits(text[8..10]);
        int hour = Digits(text[11..13]), minute = Digits(text[14..16]), second = Digits(text[17..19]);
        if (year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month) || hour > 23 || minute > 59 || second > 59)
            return false;
        microseconds = (new DateTime(year, month, day, hour, minute, second, DateTimeKind.Utc).Ticks / TimeSpan.TicksPerMicrosecond) + Digits(text[20..26]);
        return true;
    }

    /// <summary>Microseconds since the year 1 as an instant in words of ISO 8601.</summary>
    public static string Instant(long microseconds) =>
        new DateTime(microseconds * TimeSpan.TicksPerMicrosecond, DateTimeKind.Utc).ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    private static int Digits(ReadOnlySpan<byte> digits)
    {
        var number = 0;
        foreach (var digit in digits)
            number = (number * 10) + (digit - '0');
        return number;
    }
}
