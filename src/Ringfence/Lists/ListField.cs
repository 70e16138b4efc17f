namespace Ringfence.Lists;

/// <summary>What a column of a contact list tells.</summary>
public enum ListField : byte
{
    /// <summary>Not used by the audit.</summary>
    None,

    /// <summary>The list's own key of a row.</summary>
    Id,

    /// <summary>The whole name of a person.</summary>
    Name,

    /// <summary>Given (first) name.</summary>
    GivenName,

    /// <summary>Family (last) name.</summary>
    FamilyName,

    /// <summary>The organisation a person belongs to.</summary>
    Company,

    /// <summary>Country, as a code or a name in any of our languages.</summary>
    Country,

    /// <summary>State, province or territory.</summary>
    State,

    /// <summary>The telephone number by which the person is meant to be reached.</summary>
    Phone,

    /// <summary>A second number: alternate, mobile beside a main number, work, home.</summary>
    OtherPhone,

    /// <summary>E-mail address.</summary>
    Email,

    /// <summary>Where the contact came from.</summary>
    Source,

    /// <summary>Yes or no to being contacted, on <see cref="ColumnReading.Channels"/>.</summary>
    Consent,

    /// <summary>A flag whose yes means no: do not call, unsubscribed, opted out; on <see cref="ColumnReading.Channels"/>.</summary>
    Refusal,

    /// <summary>When the yes was given, on <see cref="ColumnReading.Channels"/>.</summary>
    ConsentAt,

    /// <summary>Until when the yes holds, on <see cref="ColumnReading.Channels"/>.</summary>
    ConsentUntil,

    /// <summary>The words the person agreed to, on <see cref="ColumnReading.Channels"/>.</summary>
    ConsentWording,

    /// <summary>How the yes was given: a ticked box, a pre-ticked box, a spoken yes.</summary>
    ConsentMethod,

    /// <summary>The last sign of life from the person: a purchase, a reply, a visit.</summary>
    LastActivity,

    /// <summary>When the row was made.</summary>
    CreatedAt,

    /// <summary>Free text about the person, in which a refusal may hide.</summary>
    Notes,

    /// <summary>Date or year of birth.</summary>
    BornOn,

    /// <summary>Age in years.</summary>
    Age,

    /// <summary>A second e-mail address: of no use for writing to, but a refusal of it is one of the person's.</summary>
    OtherEmail,

    /// <summary>Yes where the person is under age.</summary>
    Minor,
}

/// <summary>How sure the reading of a column is.</summary>
public enum ReadingCertainty : byte
{
    /// <summary>Only a guess: the content would also fit something else.</summary>
    Guess,

    /// <summary>Header or content point this way and nothing speaks against it.</summary>
    Likely,

    /// <summary>The header says so and the content agrees, or the user said so.</summary>
    Sure,
}

/// <summary>What a reading of a column rests on.</summary>
public enum ReadingGround : byte
{
    /// <summary>Neither header nor content told.</summary>
    Nothing,

    /// <summary>The header's words.</summary>
    Header,

    /// <summary>What stands in the cells.</summary>
    Content,

    /// <summary>The user said so with <c>--map</c>.</summary>
    Map,
}

/// <summary>How one column of a list was understood.</summary>
/// <param name="Index">Position of the column, from 0.</param>
/// <param name="Header">The header as it stands in the file; made up (<c>column 3</c>) where there is none.</param>
/// <param name="Field">What the column tells.</param>
/// <param name="Channels">For consent and refusal columns the channels meant; <see cref="ChannelSet.None"/> where the header names none.</param>
/// <param name="Certainty">How sure the reading is.</param>
/// <param name="Ground">What it rests on.</param>
/// <param name="Dates">For date columns, in which order ambiguous numeric dates are to be read.</param>
public sealed record ColumnReading(
    int Index, string Header, ListField Field, ChannelSet Channels, ReadingCertainty Certainty, ReadingGround Ground,
    DateOrder Dates = DateOrder.Unknown);

/// <summary>The order of day and month in numeric dates such as <c>03/04/2025</c>.</summary>
public enum DateOrder : byte
{
    /// <summary>Not known: an ambiguous date is read as the earlier of the two.</summary>
    Unknown,

    /// <summary>Day first.</summary>
    DayFirst,

    /// <summary>Month first.</summary>
    MonthFirst,
}
