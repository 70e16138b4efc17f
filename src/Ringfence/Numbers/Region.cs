namespace Ringfence.Numbers;

/// <summary>A numbering region: ISO 3166-1 alpha-2, or <c>001</c> for numbers that belong to no country; default is none.</summary>
public readonly record struct Region
{
    private readonly ushort packed;

    private Region(ushort packed) => this.packed = packed;

    /// <summary>No region known.</summary>
    public static Region None => default;

    /// <summary>Whether no region is known.</summary>
    public bool IsNone => packed == 0;

    /// <summary>The two letters as one small number, -1 where there are none.</summary>
    internal int Letters => packed <= 1 ? -1 : ((((packed >> 8) - 'A') * 26) + (packed & 0xff) - 'A');

    /// <summary>Reads two letters or <c>001</c>; anything else, <c>ZZ</c> included, is none.</summary>
    public static Region Of(ReadOnlySpan<char> code)
    {
        if (code is "001")
            return new Region(1);
        if (code.Length != 2 || !char.IsAsciiLetter(code[0]) || !char.IsAsciiLetter(code[1]))
            return None;
        var packed = (ushort)((char.ToUpperInvariant(code[0]) << 8) | char.ToUpperInvariant(code[1]));
        return packed == (('Z' << 8) | 'Z') ? None : new Region(packed);
    }

    /// <summary>The code, empty for none.</summary>
    public override string ToString() => packed switch
    {
        0 => "",
        1 => "001",
        _ => string.Create(2, packed, static (span, p) => { span[0] = (char)(p >> 8); span[1] = (char)(p & 0xff); }),
    };
}
