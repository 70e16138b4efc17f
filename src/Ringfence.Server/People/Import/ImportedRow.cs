using Ringfence.Gate;
using Ringfence.Lists;
using Ringfence.Numbers;

namespace Ringfence.Server.People.Import;

/// <summary>What is kept of one row of a list; nothing else of it is.</summary>
/// <remarks>Days count from 1970-01-01; <see cref="ContactFacts.NoDay"/> is none. Rows are counted from 0 over all lists, except <see cref="Number"/>.</remarks>
internal sealed class ImportedRow
{
    /// <summary>The row.</summary>
    public required int At { get; init; }

    /// <summary>The row in its list, from 1.</summary>
    public required int Number { get; init; }

    /// <summary>The first row of the same person; the row itself where none is earlier.</summary>
    public required int Person { get; init; }

    /// <summary>The list's own key of the row.</summary>
    public string? ListId { get; init; }

    /// <summary>Whether further rows are of the same person.</summary>
    public bool HasMore { get; init; }

    /// <summary>Whether somebody else in the lists has the same number.</summary>
    public bool IsShared { get; init; }

    /// <summary>Whether its person, or one of its numbers, stands in another row too.</summary>
    public bool MayBeMet { get; init; }

    /// <summary>Whether it is the row that counts where rows of a person disagree: their first, unless somebody else has the same number.</summary>
    public bool IsFirst => Person == At && !IsShared;

    /// <summary>Valid numbers, the one to call first.</summary>
    public IReadOnlyList<PhoneNumber> Phones { get; init; } = [];

    /// <summary>E-mail addresses in lower case, the one to write to first.</summary>
    public IReadOnlyList<string> Emails { get; init; } = [];

    /// <summary>Numbers that were only guessed at: nobody is contacted on them, and a refusal reaches them all the same.</summary>
    public IReadOnlyList<PhoneNumber> Guessed { get; init; } = [];

    /// <summary>The name as the list writes it: whole, or in its parts.</summary>
    public string? WholeName { get; init; }

    public string? GivenName { get; init; }

    public string? FamilyName { get; init; }

    public string? Company { get; init; }

    /// <summary>Equal for the same name in another order or spelling; 0 for none.</summary>
    public ulong NameKey { get; init; }

    /// <summary>ISO 3166 code; null where nothing tells.</summary>
    public string? Residence { get; init; }

    /// <summary>What the residence rests on.</summary>
    public PlaceGrounds ResidenceGround { get; init; }

    public ContactSource Source { get; init; }

    /// <summary>What the row's own source cell says.</summary>
    public string? SourceWords { get; init; }

    /// <summary>Why nobody may be contacted on the word of this row; <see cref="QuarantineCause.None"/> where that is not so.</summary>
    public QuarantineCause Quarantine { get; init; }

    /// <summary>Under age on the day of the import, or possibly so.</summary>
    public bool IsMinor { get; init; }

    /// <summary>Its cells can't be told apart: no contact comes of it, only refusals.</summary>
    public bool IsUnreadable { get; init; }

    /// <summary>It was not asked for: no contact comes of it, only refusals.</summary>
    public bool IsLeftOut { get; init; }

    /// <summary>The last sign of life.</summary>
    public int LastSign { get; init; } = ContactFacts.NoDay;

    /// <summary>What the row says of consent, but for refusals; none for channels that are closed.</summary>
    public IReadOnlyList<ImportedConsent> Consents { get; init; } = [];

    /// <summary>Channels whose consent cell can't be read as an answer.</summary>
    public ChannelSet Unclear { get; init; }

    /// <summary>What is refused, in this row or in another of the same number or person.</summary>
    public ImportedRefusal Refusal { get; init; }
}

/// <summary>What a row says of some channels of its number, or of its e-mail address.</summary>
/// <param name="Answer">Asked, given or expired.</param>
/// <param name="Channels">Channels of which it says just this: all of the number, or the one of the address.</param>
/// <param name="GivenOn">The day of the yes.</param>
/// <param name="Until">The last day for which it was given.</param>
/// <param name="Wording">The words agreed to.</param>
/// <param name="Method">What the list says of how it was given.</param>
/// <param name="Flaws">What a yes lacks, or holds against it.</param>
internal sealed record ImportedConsent(
    ListedAnswer Answer, ChannelSet Channels, int GivenOn, int Until, string? Wording, string? Method, ListedFlaws Flaws)
{
    /// <summary>Whether it is about the address, and not about the number.</summary>
    public bool IsOfEmail => Channels == ChannelSet.Email;
}

/// <summary>What is refused.</summary>
/// <param name="Channels">All that is closed for the row, also by somebody else who has the same number or address.</param>
/// <param name="OfPerson">What the person refused, in this row or another.</param>
/// <param name="InPhone">Where in this row the refusals stood that close the number.</param>
/// <param name="InEmail">Where in this row the refusals stood that close the address.</param>
/// <param name="By">Another row that closes it; -1 for none.</param>
internal readonly record struct ImportedRefusal(ChannelSet Channels, ChannelSet OfPerson, RefusalPlaces InPhone, RefusalPlaces InEmail, int By)
{
    /// <summary>Where in this row refusals stood.</summary>
    public RefusalPlaces Places => InPhone | InEmail;
}

/// <summary>Why a contact is held back until a passport clears it.</summary>
internal enum QuarantineCause : byte
{
    None,

    /// <summary>It was had from somebody else, and no passport was given.</summary>
    NoPassport,

    /// <summary>The passport lacks what has to be shown for this source.</summary>
    PassportLacks,

    /// <summary>The yes is of a day on which nothing was collected, as the passport has it.</summary>
    OutsidePeriod,

    /// <summary>Nobody collected the contact from the person: no passport can mend it.</summary>
    BeyondPassport,
}
