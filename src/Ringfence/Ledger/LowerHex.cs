using System.Buffers;
using System.Text;

namespace Ringfence.Ledger;

/// <summary>Hex as records write it: lower case, two digits a byte, exactly as long as asked for.</summary>
internal static class LowerHex
{
    private const string Digits = "0123456789abcdef";
    private static readonly SearchValues<char> Characters = SearchValues.Create(Digits);
    private static readonly SearchValues<byte> Bytes = SearchValues.Create(Encoding.ASCII.GetBytes(Digits));

    public static bool TryRead(ReadOnlySpan<char> hex, Span<byte> to) =>
        hex.Length == 2 * to.Length && !hex.ContainsAnyExcept(Characters) && Convert.FromHexString(hex, to, out _, out _) == OperationStatus.Done;

    public static bool TryRead(ReadOnlySpan<byte> hex, Span<byte> to) =>
        hex.Length == 2 * to.Length && !hex.ContainsAnyExcept(Bytes) && Convert.FromHexString(hex, to, out _, out _) == OperationStatus.Done;

    public static void Write(ReadOnlySpan<byte> bytes, Span<byte> to) => Convert.TryToHexStringLower(bytes, to, out _);
}
