namespace Ringfence.Lists;

/// <summary>What a word of a yes/no cell means.</summary>
internal enum AnswerWord : byte
{
    /// <summary>May stand beside a yes without changing it.</summary>
    Beside,

    /// <summary>The cell is empty in other words.</summary>
    Blank,
    Unknown,
    Pending,

    /// <summary>A plain yes.</summary>
    Yes,

    /// <summary>A yes, unless something unknown stands beside it: "consent", but "consent form lost".</summary>
    Given,

    /// <summary>A yes where it is all that stands: the x in a box.</summary>
    Alone,

    /// <summary>A no where it is all that stands.</summary>
    AloneNo,

    /// <summary>Denies what the header says: no, not, 0.</summary>
    No,

    /// <summary>Refuses whatever the header says: withdrawn, opted out, refused.</summary>
    Refusal,
    PreTicked,
    NotPreTicked,

    /// <summary>Makes the date behind it an end.</summary>
    Until,
    Voice,
    VoiceAuto,
    Sms,
    Whatsapp,
    Email,
    Fax,
}
