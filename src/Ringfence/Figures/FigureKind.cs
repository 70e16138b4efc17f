namespace Ringfence.Figures;

/// <summary>What a record counts as, beyond its type: each figure has the records behind it by one of these. Their words stand in addresses.</summary>
public enum FigureKind : byte
{
    /// <summary>A consent that was given here, or confirmed where that was asked for.</summary>
    Given,

    /// <summary>A no to the question.</summary>
    Declined,

    /// <summary>Somebody took back what they had said, or might have said; whenever that was.</summary>
    Withdrawn,

    /// <summary>The same, of which it is known that it was in force within a minute; and so on.</summary>
    WaitMinute,
    WaitHour,
    WaitDay,
    WaitTenDays,
    WaitLonger,

    /// <summary>A permit that was not used and not taken back: it lapsed, or is still open.</summary>
    PermitOpen,
    PermitUsed,
    PermitBack,

    /// <summary>A consent that stood until its end. No record tells of that: the figure is of the records that gave them.</summary>
    Ended,

    /// <summary>A contact with somebody who was contacted so often in the same days, or with nobody whom the ledger knows. One record alone does not tell.</summary>
    Contacted,
}
