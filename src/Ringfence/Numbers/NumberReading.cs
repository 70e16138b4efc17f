namespace Ringfence.Numbers;

/// <summary>All that the numbering plans say of one text: what was read, and how far it is a number.</summary>
public readonly struct NumberReading
{
    private readonly ulong national;
    private readonly byte nationalLength;

    internal NumberReading(NumberReason reason) => Reason = reason;

    private NumberReading(in NumberReading of, string? extension, ReadingMarks marks)
    {
        this = of;
        (Extension, Marks) = (extension, marks);
    }

    internal NumberReading(NumberReason reason, int callingCode, ReadOnlySpan<byte> nationalDigits, Region region, NumberType type, ReadingMarks marks)
    {
        (Reason, CallingCode, Region, Type, Marks) = (reason, callingCode, region, type, marks);
        nationalLength = (byte)nationalDigits.Length;
        foreach (var digit in nationalDigits)
            national = (national * 10) + digit;
    }

    /// <summary>The calling code; 0 where the text could not be read as a number.</summary>
    public int CallingCode { get; }

    /// <summary>Whose number it is; none where the plan can't tell. Also known for some invalid numbers.</summary>
    public Region Region { get; }

    /// <summary>The kind of line; unknown for every invalid number.</summary>
    public NumberType Type { get; }

    /// <summary>What the length says, or what stopped the reading.</summary>
    public NumberReason Reason { get; }

    /// <summary>The extension in ASCII digits, null for none.</summary>
    public string? Extension { get; }

    /// <summary>Whether digits with a calling code came out, valid or not.</summary>
    public bool IsRead => CallingCode != 0;

    /// <summary>Whether a range of the plan holds the number. It need not be in service.</summary>
    public bool IsValid => Type != NumberType.Unknown;

    /// <summary>The valid number; the default value where it is none.</summary>
    public PhoneNumber Number => IsValid ? new PhoneNumber(Digits, Region, Type) : default;

    /// <summary>What was read, as <c>+</c> and digits, valid or not; empty where nothing was.</summary>
    public string E164
    {
        get
        {
            Span<byte> national = stackalloc byte[NumberParser.LongestNational];
            return IsRead ? NumberWriting.E164(CallingCode, NationalDigits(national)) : "";
        }
    }

    internal ReadingMarks Marks { get; }

    /// <summary>Calling code and national number as one integer; up to 20 digits, so it fits.</summary>
    internal ulong Digits
    {
        get
        {
            var scale = 1UL;
            for (var i = 0; i < nationalLength; i++)
                scale *= 10;
            return ((ulong)CallingCode * scale) + national;
        }
    }

    /// <summary>As dialled inside the country, with the extension; empty where nothing was read.</summary>
    public string FormatNational() => Format(nationally: true);

    /// <summary>As written for callers from abroad, such as <c>+44 20 7946 0018</c>, with the extension; empty where nothing was read.</summary>
    public string FormatInternational() => Format(nationally: false);

    internal NumberReading With(string? extension, bool vanity) =>
        !IsRead || (extension is null && !vanity) ? this : new NumberReading(this, extension, vanity ? Marks | ReadingMarks.Vanity : Marks);

    private string Format(bool nationally)
    {
        Span<byte> national = stackalloc byte[NumberParser.LongestNational];
        return IsRead ? NumberWriting.Format(CallingCode, NationalDigits(national), nationally, Extension) : "";
    }

    private ReadOnlySpan<byte> NationalDigits(Span<byte> room)
    {
        var rest = national;
        for (var i = nationalLength - 1; i >= 0; i--, rest /= 10)
            room[i] = (byte)(rest % 10);
        return room[..nationalLength];
    }
}

/// <summary>How the parts of a number were written.</summary>
[Flags]
internal enum ReadingMarks : byte
{
    None = 0,
    Plus = 1 << 0,

    /// <summary>An international prefix of the region.</summary>
    InternationalPrefix = 1 << 1,

    /// <summary>The region's own calling code without + or prefix.</summary>
    BareCode = 1 << 2,

    /// <summary>A national prefix was taken off after a calling code.</summary>
    PrefixAfterCode = 1 << 3,
    Vanity = 1 << 4,

    /// <summary>A + stood before an international prefix, as in <c>+0049</c>.</summary>
    PlusAndPrefix = 1 << 5,
}
