using System.Runtime.CompilerServices;
using Ringfence.Consent;
using Ringfence.Numbers;

// Fields, because a run fills millions of these in place.
#pragma warning disable CA1051

namespace Ringfence.Lists;

/// <summary>What one row of a list tells about one contact, and nothing that names the person.</summary>
/// <remarks>A mutable value of fixed size: a list of ten million rows is ten million of these. Days count from 1970-01-01; <see cref="NoDay"/> is none.</remarks>
public struct ContactFacts
{
    /// <summary>No day known.</summary>
    public const int NoDay = int.MinValue;

    /// <summary>The number as <see cref="PhoneNumber.Digits"/>: the one written, or the one offered where <see cref="NumberFault"/> is set; 0 for none.</summary>
    public ulong Number;

    /// <summary>Hash of the folded e-mail address; 0 for none.</summary>
    public ulong Email;

    /// <summary>Hash of the folded name, whatever the order of its words; 0 for none.</summary>
    public ulong Name;

    /// <summary>What the consent evidence says, per <see cref="EvidenceSlot"/>.</summary>
    public EvidenceSlots Evidence;

    /// <summary>The last day on which the person, or the row, gave a sign of life, other than the consents.</summary>
    public int LastSign;

    /// <summary>Where the person is, as index into the run's table of places.</summary>
    public ushort Place;

    public NumberRemarks NumberRemarks;

    /// <summary>Why there is no valid number.</summary>
    public NumberFault NumberFault;

    public NumberType NumberType;

    public EmailStatus EmailStatus;

    public SourceKind Source;

    /// <summary>Channels whose own consent cell says yes; <see cref="ChannelSet.Voice"/> stands for a yes to "the phone".</summary>
    public ChannelSet Yes;

    /// <summary>Channels the person refused in this row.</summary>
    public ChannelSet Refused;

    /// <summary>Where the refusals stood that close the telephone number.</summary>
    public RefusalPlaces RefusedIn;

    /// <summary>Where the refusals stood that close the e-mail address.</summary>
    public RefusalPlaces EmailRefusedIn;

    public PlaceGrounds PlaceGround;

    public ContactMarks Marks;
}

/// <summary>What else is known of a row.</summary>
[Flags]
public enum ContactMarks : byte
{
    None = 0,

    /// <summary>A cell that names no channel says yes.</summary>
    GeneralYes = 1 << 0,

    /// <summary>The box was ticked beforehand.</summary>
    PreTicked = 1 << 1,

    /// <summary>Under age on the day of the audit.</summary>
    Minor = 1 << 2,

    /// <summary>The row could not be read as the header says.</summary>
    Unreadable = 1 << 3,

    /// <summary>Another cell of the row holds a valid number.</summary>
    OtherNumber = 1 << 4,

    /// <summary>The e-mail address is one that several people share, such as <c>info@</c>.</summary>
    SharedMailbox = 1 << 5,

    /// <summary>The main number cell is empty, and the number is the one of another cell.</summary>
    TakenFromOther = 1 << 6,
}

/// <summary>Where a refusal stood.</summary>
[Flags]
public enum RefusalPlaces : byte
{
    None = 0,
    Consent = 1 << 0,
    Flag = 1 << 1,
    Notes = 1 << 2,
    Wording = 1 << 3,
    Other = 1 << 4,
}

/// <summary>What a place of residence rests on.</summary>
[Flags]
public enum PlaceGrounds : byte
{
    None = 0,
    CountryCell = 1 << 0,
    StateCell = 1 << 1,
    Number = 1 << 2,

    /// <summary>The number points to another country than the cells.</summary>
    NumberDiffers = 1 << 3,

    /// <summary>The area code points to another state than the cell.</summary>
    AreaCodeDiffers = 1 << 4,
}

/// <summary>Whether an e-mail address can be written to.</summary>
public enum EmailStatus : byte
{
    Missing,
    Invalid,
    Valid,
}

/// <summary>Which evidence a channel rests on: calls and fax share theirs, the others have their own.</summary>
public enum EvidenceSlot : byte
{
    Calls,
    Sms,
    Whatsapp,
    Email,
}

/// <summary>The evidence of one consent, as far as a list tells.</summary>
public struct Evidence
{
    /// <summary>Day of the yes.</summary>
    public int GivenOn;

    /// <summary>Last day of its term.</summary>
    public int Until;

    public WordingFlaws Flaws;

    /// <summary>Channels the wording names.</summary>
    public ChannelSet WordingChannels;

    /// <summary>Whether there is a wording at all.</summary>
    public bool HasWording;
}

/// <summary>One <see cref="Evidence"/> per <see cref="EvidenceSlot"/>.</summary>
[InlineArray(Count)]
public struct EvidenceSlots
{
    /// <summary>How many slots there are.</summary>
    public const int Count = 4;

#pragma warning disable IDE0044, IDE0051 // the one field that an inline array repeats
    private Evidence first;
#pragma warning restore IDE0044, IDE0051

    /// <summary>The slot a channel rests on.</summary>
    public static EvidenceSlot Of(Channel channel) => channel switch
    {
        Channel.Voice or Channel.VoiceAuto or Channel.Fax => EvidenceSlot.Calls,
        Channel.Sms => EvidenceSlot.Sms,
        Channel.Whatsapp => EvidenceSlot.Whatsapp,
        Channel.Email => EvidenceSlot.Email,
    };
}
