namespace Ringfence.Rights;

/// <summary>What somebody asks for by law, or complains of.</summary>
public enum RightsKind : byte
{
    /// <summary>To know what is held of them.</summary>
    Access,

    /// <summary>To get it in a form that another can read.</summary>
    Copy,

    /// <summary>To have it put right.</summary>
    Rectification,

    /// <summary>To be forgotten.</summary>
    Erasure,

    /// <summary>To have it kept and not used.</summary>
    Restriction,

    /// <summary>Not to be contacted for advertising.</summary>
    Objection,

    /// <summary>To take back a yes.</summary>
    Withdrawal,

    /// <summary>To have a decision explained.</summary>
    Explanation,

    /// <summary>To have a decision looked at by a human being.</summary>
    Review,

    /// <summary>Something was not right.</summary>
    Complaint,
}

/// <summary>What a complaint is about.</summary>
public enum ComplaintReason : byte
{
    NeverAgreed,
    AlreadyStopped,
    TooOften,
    WrongTime,
    WrongPerson,
    Misleading,
    MyData,
    Other,
}

/// <summary>What a request stops from the moment it is received, whoever sent it.</summary>
public enum RightsStop : byte
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The number or address that is wrong, and no other of theirs.</summary>
    ThisPoint,

    /// <summary>Every contact.</summary>
    Everything,
}

/// <summary>What goes with each kind of request.</summary>
public static class RightsKinds
{
    /// <summary>All kinds, in the order in which a form offers them.</summary>
    public static IReadOnlyList<RightsKind> All { get; } =
    [
        RightsKind.Objection, RightsKind.Access, RightsKind.Erasure, RightsKind.Rectification, RightsKind.Withdrawal, RightsKind.Restriction, RightsKind.Copy, RightsKind.Explanation, RightsKind.Review,
        RightsKind.Complaint,
    ];

    /// <summary>Whether somebody has to show that a number or address is theirs before the request is carried out.</summary>
    /// <remarks>
    /// Source: Regulation (EU) 2016/679, Art. 12(6): only on reasonable doubt; Art. 21(2), (3): nothing stands in the way of an objection to marketing.
    /// Our reading: what can only lessen contact needs none, ever; what hands out, changes or deletes data does.
    /// </remarks>
    public static bool NeedsIdentity(this RightsKind kind) => kind switch
    {
        RightsKind.Objection or RightsKind.Withdrawal or RightsKind.Complaint => false,
        RightsKind.Access or RightsKind.Copy or RightsKind.Rectification or RightsKind.Erasure or RightsKind.Restriction or RightsKind.Explanation or RightsKind.Review => true,
    };

    /// <summary>What is stopped from receipt, before anybody has read it.</summary>
    /// <param name="kind">What is asked for.</param>
    /// <param name="isWrongNumber">Whether they say that the number or address is not, or no longer, theirs.</param>
    /// <remarks>Our reading: whoever wants to be forgotten, or wants data not used, wants no advertising either; and whoever complains is left alone until somebody has looked.</remarks>
    public static RightsStop Stops(this RightsKind kind, bool isWrongNumber = false) => kind switch
    {
        RightsKind.Objection or RightsKind.Withdrawal or RightsKind.Erasure or RightsKind.Restriction or RightsKind.Complaint => RightsStop.Everything,
        RightsKind.Rectification => isWrongNumber ? RightsStop.ThisPoint : RightsStop.None,
        RightsKind.Access or RightsKind.Copy or RightsKind.Explanation or RightsKind.Review => RightsStop.None,
    };
}
