namespace Ringfence.Numbers;

/// <summary>Numbers as text.</summary>
internal static class NumberWriting
{
    // +, three digits of calling code, 17 of the national number, and what templates put between them.
    private const int Room = 80;

    public static string E164(int callingCode, ReadOnlySpan<byte> national)
    {
        Span<char> text = stackalloc char[Room];
        text[0] = '+';
        callingCode.TryFormat(text[1..], out var length);
        length++;
        foreach (var digit in national)
            text[length++] = (char)('0' + digit);
        return new string(text[..length]);
    }

    public static string Format(int callingCode, ReadOnlySpan<byte> national, bool nationally, string? extension)
    {
        Span<byte> codeDigits = stackalloc byte[3];
        var plan = NumberPlan.Instance;
        var code = plan.CallingCodeOf(Split((ulong)callingCode, codeDigits));
        if (code is null)
            return "";
        Span<char> text = stackalloc char[Room];
        var length = 0;
        if (!nationally)
        {
            text[0] = '+';
            callingCode.TryFormat(text[1..], out length);
            length++;
            text[length++] = ' ';
        }
        length += plan.Formats.Write(code, national, nationally, text[length..]);
        return extension is null ? new string(text[..length]) : string.Concat(text[..length], code.ExtensionPrefix, extension);
    }

    /// <summary>The digits of a number; <paramref name="room"/> holds at least as many.</summary>
    public static ReadOnlySpan<byte> Split(ulong number, Span<byte> room)
    {
        var length = 0;
        for (var rest = number; rest != 0; rest /= 10)
            length++;
        for (var (i, rest) = (length - 1, number); i >= 0; i--, rest /= 10)
            room[i] = (byte)(rest % 10);
        return room[..length];
    }
}
