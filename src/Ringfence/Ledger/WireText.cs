using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;

namespace Ringfence.Ledger;

/// <summary>The small parts that notes and proofs are written of, each in its one spelling.</summary>
internal static class WireText
{
    private static readonly SearchValues<byte> Digits = SearchValues.Create("0123456789"u8);

    /// <summary>Takes a line off, without its line feed; false where there is no line feed.</summary>
    public static bool TryTakeLine(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> line)
    {
        var end = rest.IndexOf((byte)'\n');
        line = end < 0 ? default : rest[..end];
        if (end >= 0)
            rest = rest[(end + 1)..];
        return end >= 0;
    }

    /// <summary>Reads a number from 0 and less than 2^53, without zeroes before it.</summary>
    public static bool TryReadNumber(ReadOnlySpan<byte> text, out long number)
    {
        number = 0;
        // 2^53 has 16 digits.
        if (text.Length is 0 or > 16 || text.ContainsAnyExcept(Digits) || text[0] == (byte)'0' && text.Length > 1)
            return false;
        foreach (var digit in text)
            number = 10 * number + (digit - '0');
        return number < LeafText.IntegerBound;
    }

    /// <summary>Reads standard base64 with filling and nothing else: no white space, no stray bits at the end.</summary>
    public static bool TryReadBase64(ReadOnlySpan<byte> text, [NotNullWhen(true)] out byte[]? bytes)
    {
        bytes = new byte[Base64.GetMaxDecodedFromUtf8Length(text.Length)];
        // The decoder passes over white space and lets bits of the last digit be anything; what is written again must be the same.
        var again = new byte[text.Length];
        if (Base64.DecodeFromUtf8(text, bytes, out _, out var written) == OperationStatus.Done
            && Base64.EncodeToUtf8(bytes.AsSpan(0, written), again, out _, out var length) == OperationStatus.Done
            && length == text.Length && text.SequenceEqual(again))
        {
            bytes = bytes[..written];
            return true;
        }

        bytes = null;
        return false;
    }

    /// <summary>Whether a name may stand in a signature line: something, without spaces of any kind, signs of control, or a plus.</summary>
    public static bool IsKeyName([NotNullWhen(true)] string? name)
    {
        if (string.IsNullOrEmpty(name))
            return false;
        foreach (var sign in name)
        {
            if (sign == '+' || char.IsWhiteSpace(sign) || char.IsControl(sign))
                return false;
        }

        return true;
    }
}
