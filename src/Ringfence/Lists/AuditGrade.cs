namespace Ringfence.Lists;

/// <summary>What may be done with one contact on one channel, as far as a list tells.</summary>
public enum AuditGrade : byte
{
    /// <summary>Recorded, specific and fresh consent: may be contacted, through the gate.</summary>
    Usable,

    /// <summary>Must be asked again before use.</summary>
    Reconfirm,

    /// <summary>Must never be contacted on this channel.</summary>
    Never,

    /// <summary>No usable number or address: mend it first.</summary>
    Fix,
}

/// <summary>Why a contact is not simply usable on a channel. Several may hold together.</summary>
[Flags]
public enum AuditReasons : ushort
{
    None = 0,

    /// <summary>The person said no in this row.</summary>
    Refused = 1 << 0,

    /// <summary>The same number or person said no in another row.</summary>
    RefusedElsewhere = 1 << 1,

    /// <summary>Under age on the day of the audit.</summary>
    Minor = 1 << 2,

    /// <summary>Bought, rented, brokered, co-registered, affiliate or scraped.</summary>
    ThirdPartySource = 1 << 3,

    /// <summary>The box was ticked beforehand.</summary>
    PreTicked = 1 << 4,

    /// <summary>The consent ended, by its own term or by law.</summary>
    Expired = 1 << 5,

    /// <summary>No yes for this channel, though there is one for another use.</summary>
    NoOptInForUse = 1 << 6,

    /// <summary>The yes does not say who may do what: no sender, channel or purpose named, or bundled with something else.</summary>
    OptInNotSpecific = 1 << 7,

    /// <summary>No yes on record, or one without its moment or wording.</summary>
    OptInNotRecorded = 1 << 8,

    /// <summary>No sign of life for longer than the limit.</summary>
    LongInactive = 1 << 9,

    /// <summary>There is a number or address, and it can't exist.</summary>
    InvalidNumber = 1 << 10,

    /// <summary>There is no number or address.</summary>
    MissingNumber = 1 << 11,
}

/// <summary>The words of grades and reasons in files and the API.</summary>
public static class AuditWords
{
    private static readonly string[] Grades = ["usable", "reconfirm", "never", "fix"];

    private static readonly string[] Reasons =
    [
        "refused", "refused-elsewhere", "minor", "third-party-source", "pre-ticked", "expired", "no-opt-in-for-use",
        "opt-in-not-specific", "opt-in-not-recorded", "long-inactive", "invalid-number", "missing-number",
    ];

    /// <summary>All grades, in the order in which they are shown.</summary>
    public static IReadOnlyList<AuditGrade> AllGrades { get; } =
        [AuditGrade.Usable, AuditGrade.Reconfirm, AuditGrade.Never, AuditGrade.Fix];

    /// <summary>All reasons, weightiest first: the order in which a row lists them.</summary>
    public static IReadOnlyList<AuditReasons> AllReasons { get; } =
        [.. Enumerable.Range(0, Reasons.Length).Select(i => (AuditReasons)(1 << i))];

    /// <summary>The word of a grade.</summary>
    public static string Word(this AuditGrade grade) => Grades[(int)grade];

    /// <summary>The word of one single reason.</summary>
    /// <exception cref="ArgumentException">Not exactly one reason.</exception>
    public static string Word(this AuditReasons reason) =>
        System.Numerics.BitOperations.IsPow2((int)reason)
            ? Reasons[System.Numerics.BitOperations.TrailingZeroCount((int)reason)]
            : throw new ArgumentException("One reason at a time has a word.", nameof(reason));

    /// <summary>The words of all reasons in a set, weightiest first, joined by <c>;</c>.</summary>
    public static string Words(this AuditReasons reasons) =>
        string.Join(';', AllReasons.Where(r => (reasons & r) != 0).Select(Word));
}
