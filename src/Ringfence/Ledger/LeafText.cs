using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Ringfence.Ledger;

/// <summary>What may stand in a string of a record: 1 to 128 of <c>A-Z a-z 0-9 . _ : / -</c>, and not 7 to 15 digits, which may be somebody's number.</summary>
public static class LeafText
{
    /// <summary>How long a string may be.</summary>
    public const int Longest = 128;

    /// <summary>Integers are closer to 0 than this, 2^53: every reader of JSON keeps them exactly.</summary>
    public const long IntegerBound = 1L << 53;

    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:/-";
    private const string Digits = "0123456789";

    // Source: ITU-T E.164, a number has at most 15 digits; none that can be dialled from abroad has fewer than 7.
    private const int ShortestNumber = 7;
    private const int LongestNumber = 15;

    internal static readonly SearchValues<byte> Allowed = SearchValues.Create(Encoding.ASCII.GetBytes(Alphabet));
    private static readonly SearchValues<byte> DigitBytes = SearchValues.Create(Encoding.ASCII.GetBytes(Digits));
    private static readonly SearchValues<char> AllowedCharacters = SearchValues.Create(Alphabet);
    private static readonly SearchValues<char> DigitCharacters = SearchValues.Create(Digits);

    /// <summary>Whether a record may hold this string.</summary>
    public static bool Allows([NotNullWhen(true)] string? text) => Allows(text.AsSpan());

    /// <summary>Whether a record may hold this string.</summary>
    public static bool Allows(ReadOnlySpan<char> text) =>
        text.Length is > 0 and <= Longest && !text.ContainsAnyExcept(AllowedCharacters)
        && !(text.Length is >= ShortestNumber and <= LongestNumber && !text.ContainsAnyExcept(DigitCharacters));

    /// <summary>Whether a record may hold this string.</summary>
    public static bool Allows(ReadOnlySpan<byte> text) =>
        text.Length is > 0 and <= Longest && !text.ContainsAnyExcept(Allowed)
        && !(text.Length is >= ShortestNumber and <= LongestNumber && !text.ContainsAnyExcept(DigitBytes));

    /// <summary>Whether a record may hold this integer.</summary>
    public static bool Allows(long number) => number is > -IntegerBound and < IntegerBound;

    /// <summary>
    /// Whether a text is an ISO 8601 duration in whole numbers, <c>P[nY][nM][nW][nD][T[nH][nM][nS]]</c>, each n of at most nine digits, or <c>until-withdrawn</c>.
    /// </summary>
    public static bool IsValidity(ReadOnlySpan<char> text)
    {
        Span<byte> bytes = stackalloc byte[Longest];
        return text.Length <= Longest && Encoding.ASCII.TryGetBytes(text, bytes, out var written) && IsValidity(bytes[..written]);
    }

    internal static bool IsValidity(ReadOnlySpan<byte> text)
    {
        if (text.SequenceEqual("until-withdrawn"u8))
            return true;
        if (text.Length < 3 || text[0] != (byte)'P')
            return false;
        text = text[1..];
        var inDay = text.IndexOf((byte)'T');
        return inDay < 0
            ? AreParts(text, "YMWD"u8)
            : inDay < text.Length - 1 && (inDay == 0 || AreParts(text[..inDay], "YMWD"u8)) && AreParts(text[(inDay + 1)..], "HMS"u8);
    }

    // Numbers with units after them, each unit at most once and in its order.
    private static bool AreParts(ReadOnlySpan<byte> text, ReadOnlySpan<byte> units)
    {
        while (!text.IsEmpty)
        {
            var digits = text.IndexOfAnyExcept(DigitBytes);
            if (digits is < 1 or > 9)
                return false;
            var unit = units.IndexOf(text[digits]);
            if (unit < 0)
                return false;
            units = units[(unit + 1)..];
            text = text[(digits + 1)..];
        }

        return true;
    }
}
