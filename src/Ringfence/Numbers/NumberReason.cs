namespace Ringfence.Numbers;

/// <summary>Why a text can, or can't, be a number: by its length alone, or by what stopped the reading.</summary>
public enum NumberReason : byte
{
    /// <summary>Numbers of this length exist under the calling code.</summary>
    IsPossible,

    /// <summary>The length can be dialled inside an area only.</summary>
    IsPossibleLocalOnly,
    TooShort,
    TooLong,

    /// <summary>Shorter and longer numbers exist, this length does not.</summary>
    InvalidLength,

    /// <summary>No calling code is written or known, or none that exists.</summary>
    InvalidCountryCode,
    NotANumber,

    /// <summary>Nothing that could be a number follows the international prefix.</summary>
    TooShortAfterIdd,

    /// <summary>Fewer than two digits are left for the national number.</summary>
    TooShortNsn,
}

/// <summary>The words that numbering tools use for types and reasons.</summary>
public static class PlanWords
{
    private static readonly string[] Types =
        ["UNKNOWN", "FIXED_LINE", "MOBILE", "FIXED_LINE_OR_MOBILE", "TOLL_FREE", "PREMIUM_RATE", "SHARED_COST", "VOIP", "PERSONAL_NUMBER", "PAGER", "UAN", "VOICEMAIL"];

    private static readonly string[] Reasons =
        ["IS_POSSIBLE", "IS_POSSIBLE_LOCAL_ONLY", "TOO_SHORT", "TOO_LONG", "INVALID_LENGTH", "INVALID_COUNTRY_CODE", "NOT_A_NUMBER", "TOO_SHORT_AFTER_IDD", "TOO_SHORT_NSN"];

    /// <summary>Such as <c>FIXED_LINE</c>.</summary>
    public static string PlanWord(this NumberType type) => Types[(int)type];

    /// <summary>Such as <c>TOO_SHORT</c>.</summary>
    public static string PlanWord(this NumberReason reason) => Reasons[(int)reason];
}
