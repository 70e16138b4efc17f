namespace Ringfence.Numbers;

/// <summary>Reads what a cell of a list holds: a number, two of them, a damaged one, or something else.</summary>
public static class NumberReader
{
    /// <summary>Whether a numbering plan is known for the region.</summary>
    public static bool HasPlan(Region region) => NumberPlan.Instance.PlanOf(region) is not null;

    /// <summary>Reads one number as the reference parser does. Never throws, whatever the text; over-long texts are no number.</summary>
    /// <param name="text">The number, with whatever is written around it.</param>
    /// <param name="region">The region whose national spelling is meant where no country code is written.</param>
    public static NumberReading Read(ReadOnlySpan<char> text, Region region)
    {
        if (text.Length > NumberText.LongestText)
            return new NumberReading(NumberReason.TooLong);
        Span<byte> digits = stackalloc byte[NumberText.LongestText];
        if (!NumberText.TryFindDigits(text, digits, out var count, out var plus, out var vanity, out var extension))
            return new NumberReading(NumberReason.NotANumber);
        var reading = NumberParser.Parse(digits[..count], plus, region);
        return reading.With(extension, vanity);
    }

    /// <summary>Reads a number of +1 that is written in the plainest way, <c>+12125550100</c>, very fast.</summary>
    /// <param name="text">UTF-8.</param>
    /// <param name="number">The same number that <see cref="ReadCell"/> gives.</param>
    /// <returns>False where it is written otherwise, is not valid, or wants a closer look: <see cref="ReadCell"/> tells.</returns>
    public static bool TryReadPlain(ReadOnlySpan<byte> text, out PhoneNumber number)
    {
        number = default;
        if (text.Length != 12 || text[0] != '+' || text[1] != '1')
            return false;
        ulong digits = 1;
        for (var i = 2; i < text.Length; i++)
        {
            var digit = unchecked((uint)(text[i] - '0'));
            if (digit > 9)
                return false;
            digits = unchecked((digits * 10) + digit);
        }

        return NumberBlocks.TryRead(digits, out number);
    }

    /// <summary>Reads a cell. Never throws, whatever the text; linear in its length.</summary>
    /// <param name="cell">The text of the cell.</param>
    /// <param name="region">The region whose national spelling is meant where no country code is written.</param>
    public static CellNumber ReadCell(ReadOnlySpan<char> cell, Region region) => CellReader.Read(cell, region);
}

/// <summary>What a cell of a list holds where a telephone number should be.</summary>
public readonly struct CellNumber
{
    /// <summary>The number, where the cell as written is a valid one; or the number offered, where <see cref="NumberRemarks.Repaired"/> is set and the cell as written is none.</summary>
    public PhoneNumber Number { get; init; }

    /// <summary>The second valid number in the cell, if any.</summary>
    public PhoneNumber Second { get; init; }

    /// <summary>Why the cell as written is no valid number; <see cref="NumberFault.None"/> where it is one.</summary>
    public NumberFault Fault { get; init; }

    /// <summary>What was noticed on the way.</summary>
    public NumberRemarks Remarks { get; init; }

    /// <summary>Whether the cell as written is a valid number.</summary>
    public bool IsValid => Fault == NumberFault.None;
}

/// <summary>Why a cell is no valid number.</summary>
public enum NumberFault : byte
{
    None,

    /// <summary>Nothing is written.</summary>
    Missing,

    /// <summary>Words, a placeholder such as <c>n/a</c> or <c>000000</c>, or a text without enough digits.</summary>
    NotANumber,

    /// <summary>A spreadsheet kept only the leading digits, such as <c>4.42E+11</c>: the number is lost.</summary>
    Scientific,

    /// <summary>Written nationally, and no country is known.</summary>
    NoCountry,

    /// <summary>The country code does not exist.</summary>
    UnknownCountryCode,
    TooShort,
    TooLong,

    /// <summary>A length that the plan leaves out.</summary>
    WrongLength,

    /// <summary>Can be dialled inside its area only; the area code is missing.</summary>
    LocalOnly,

    /// <summary>The length fits, and no range of the plan does.</summary>
    NotInPlan,
}

/// <summary>What was noticed while reading a number cell.</summary>
[Flags]
public enum NumberRemarks : ushort
{
    None = 0,
    Extension = 1 << 0,
    TwoNumbers = 1 << 1,

    /// <summary>A mended number is offered, not taken: an old Mexican +52 1, a foreign dialling prefix.</summary>
    Repaired = 1 << 2,

    /// <summary>A leading apostrophe was taken off.</summary>
    Apostrophe = 1 << 3,

    /// <summary>The country code is written without +.</summary>
    NoPlus = 1 << 4,

    /// <summary>A spreadsheet dropped the leading zero; the number was read with it.</summary>
    LostLeadingZero = 1 << 5,

    /// <summary>Letters stood for digits.</summary>
    Vanity = 1 << 6,

    /// <summary>Written as a decimal, such as <c>442079460018.0</c>.</summary>
    DecimalPoint = 1 << 7,

    /// <summary>The number's country is another than the row's.</summary>
    OtherCountry = 1 << 8,
}

/// <summary>The words of remarks and faults in files.</summary>
public static class NumberWords
{
    private static readonly string[] Faults =
        ["", "missing", "not-a-number", "scientific", "no-country", "unknown-country-code", "too-short", "too-long", "wrong-length", "local-only", "not-in-plan"];

    private static readonly string[] RemarkWords =
        ["extension", "two-numbers", "repaired", "apostrophe", "no-plus", "lost-leading-zero", "vanity", "decimal", "other-country"];

    /// <summary>All remarks, in the order in which they are written.</summary>
    public static IReadOnlyList<NumberRemarks> AllRemarks { get; } =
        [.. Enumerable.Range(0, RemarkWords.Length).Select(i => (NumberRemarks)(1 << i))];

    /// <summary>The word of a fault, empty for none.</summary>
    public static string Word(this NumberFault fault) => Faults[(int)fault];

    /// <summary>The word of one single remark.</summary>
    public static string Word(this NumberRemarks remark) =>
        RemarkWords[System.Numerics.BitOperations.TrailingZeroCount((int)remark)];
}
