using NodaTime;

namespace Ringfence.Suppression.Registers;

/// <summary>What a copy of a do-not-call register says of itself. A screening quotes it.</summary>
public sealed record RegisterFacts
{
    /// <summary>The longest name of a register.</summary>
    public const int LongestName = 64;

    /// <summary>The name that rules know the register by, such as <c>us-national</c>: lower-case letters, digits and hyphens.</summary>
    public required string Name { get; init; }

    /// <summary>Counted up with every copy that takes the place of another, from 1.</summary>
    public required long Version { get; init; }

    /// <summary>The day whose state the copy shows: the age limits of the law count from it.</summary>
    public required LocalDate AsOf { get; init; }

    /// <summary>The layout of the files it was made from.</summary>
    public required RegisterFormat Format { get; init; }

    /// <summary>When it was built, in whole microseconds.</summary>
    public required Instant BuiltAt { get; init; }

    /// <summary>SHA-256 over what it was made from: the files, and, of a copy that was updated, the copy before it.</summary>
    public required string SourceDigest { get; init; }

    /// <summary>
    /// Beginnings of the numbers that the copy speaks of, as digits without +, such as <c>1212</c>. Empty: it speaks of every number.
    /// Of a number that begins otherwise it is not known whether it is listed.
    /// </summary>
    public required RegisterCoverage Covers { get; init; }

    /// <summary>How many numbers are listed.</summary>
    public long Count { get; init; }

    /// <summary>SHA-256 of all that follows the header, in lower-case hexadecimal: the name of exactly these numbers. Empty until it is written.</summary>
    public string Digest { get; init; } = "";

    /// <summary>Whether a text may be the name of a register.</summary>
    public static bool IsName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.Length is > 0 and <= LongestName && char.IsAsciiLetterLower(name[0]) && name[^1] != '-'
            && name.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');
    }
}

/// <summary>The layout of the files that a register was made from.</summary>
public enum RegisterFormat : byte
{
    /// <summary>One number a line, in any spelling.</summary>
    Plain,

    /// <summary>A list with columns, one of which holds the number.</summary>
    Csv,

    /// <summary>The flat file of the US registry: area code and number.</summary>
    UsDnc,

    /// <summary>The files of the British Telephone Preference Service, for people (TPS) and for companies (CTPS).</summary>
    GbTps,

    /// <summary>The flat file of the Canadian list: area code and number.</summary>
    CaDncl,
}

/// <summary>What a copy of a register says about one number.</summary>
public enum RegisterAnswer : byte
{
    /// <summary>The copy does not speak of such numbers: not known, and so never a reason to allow.</summary>
    NotCovered,

    NotListed,

    Listed,
}
