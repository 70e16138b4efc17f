using NodaTime;
using Ringfence.Files;
using Ringfence.Ledger;
using Ringfence.Rules;

namespace Ringfence.Consent;

/// <summary>A privacy notice: what a controller tells people it does with their data when it calls and writes to them. Its digest is its address.</summary>
/// <remarks>
/// What the program knows stands in it as it is (<see cref="NoticeFound"/>); what it can't know somebody has to say, and where nobody did it is missing, which <see cref="NoticeCheck"/> finds.
/// The file and its canonical form are described in <c>docs/reference/notice.md</c>.
/// </remarks>
public sealed record NoticeDocument
{
    /// <summary>The first line of every such document.</summary>
    public const string Format = "ringfence/notice/v1";

    /// <summary>The languages in which every notice can be read.</summary>
    public static IReadOnlyList<string> Languages { get; } = ["en", "zh-Hans", "zh-Hant"];

    public required string Version { get; init; }

    /// <summary>From when it holds, to the second.</summary>
    public Instant Since { get; init; }

    /// <summary>Who is responsible.</summary>
    public required NoticeParty Controller { get; init; }

    /// <summary>Whether somebody said that no privacy officer has to be named.</summary>
    public bool HasNoOfficer { get; init; }

    /// <summary>Who stands for the controller in places where it has no seat.</summary>
    public IReadOnlyList<NoticeRepresentative> Representatives { get; init; } = [];

    /// <summary>Where people are asked: codes of ISO 3166, in order.</summary>
    public IReadOnlyList<string> Places { get; init; } = [];

    /// <summary>Whether people under age are asked, too.</summary>
    public bool ForChildren { get; init; }

    /// <summary>What people are contacted for, by name.</summary>
    public IReadOnlyList<NoticePurpose> Purposes { get; init; } = [];

    /// <summary>What is held of people.</summary>
    public IReadOnlyList<NoticeData> Data { get; init; } = [];

    /// <summary>Whether lists were brought in, so that some data did not come from the people themselves.</summary>
    public bool HasLists { get; init; }

    /// <summary>Where such data comes from.</summary>
    public IReadOnlyList<NoticeSource> Sources { get; init; } = [];

    /// <summary>Who gets data.</summary>
    public IReadOnlyList<NoticeRecipient> Recipients { get; init; } = [];

    /// <summary>Registers of people who want no calls, copies of which are looked into here.</summary>
    public IReadOnlyList<string> Registers { get; init; } = [];

    /// <summary>In which countries data is kept.</summary>
    public IReadOnlyList<string> Storage { get; init; } = [];

    /// <summary>How long what is kept.</summary>
    public IReadOnlyList<NoticeRetention> Retention { get; init; } = [];

    /// <summary>The ways to take a yes back that forms and wordings tell of; the page of this program that tells why is there besides.</summary>
    public IReadOnlyList<WordingStop> Stops { get; init; } = [];

    /// <summary>What can't be had without a yes; empty: nothing hangs on it.</summary>
    public IReadOnlyList<string> ConditionOf { get; init; } = [];

    /// <summary>By language, why data of children is needed and what it means for them.</summary>
    public IReadOnlyDictionary<string, string> Sensitive { get; init; } = new Dictionary<string, string>();

    /// <summary>The document in its canonical form.</summary>
    public byte[] ToBytes() => CanonicalJson.ToUtf8(NoticeJson.Of(this));

    /// <summary>The SHA-256 of <see cref="ToBytes"/>, computed anew each time.</summary>
    public Digest Digest => TreeHash.Sha256(ToBytes());

    /// <summary>Reads a document that somebody wrote, in YAML or JSON.</summary>
    /// <param name="file">What errors call the file.</param>
    /// <param name="text">Its content.</param>
    /// <exception cref="RuleFileException">It is no YAML, a key is not known or missing, or a value is not of its kind. The message names line and column.</exception>
    public static NoticeDocument Read(string file, string text)
    {
        using var reader = new StringReader(text);
        return NoticeReader.Read(RuleMap.Read(file, reader));
    }

    /// <summary>Reads a document in its canonical form, as it is kept.</summary>
    /// <exception cref="RuleFileException">It says something else than <see cref="Read"/> takes, or not in the canonical form.</exception>
    public static NoticeDocument FromBytes(ReadOnlySpan<byte> json)
    {
        var document = NoticeReader.Read(RuleMap.Of(JsonTree.Read(Format, json)));
        return json.SequenceEqual(document.ToBytes()) ? document : throw DocumentReader.NotCanonical(Format);
    }

    /// <summary>Two documents are the same where their bytes are.</summary>
    public bool Equals(NoticeDocument? other) => other is not null && ToBytes().AsSpan().SequenceEqual(other.ToBytes());

    /// <inheritdoc/>
    public override int GetHashCode() => Digest.GetHashCode();
}

/// <summary>Who is responsible, as people are told.</summary>
/// <param name="Name">The legal name.</param>
/// <param name="Address">The postal address, country apart.</param>
/// <param name="Country">ISO 3166-1.</param>
/// <param name="Contact">How it is reached.</param>
/// <param name="PrivacyOfficer">Who answers for data protection; null: nobody was named.</param>
public sealed record NoticeParty(string Name, string Address, string Country, PartyContact Contact, PartyContact? PrivacyOfficer)
{
    /// <summary>The party of a controller's document.</summary>
    public static NoticeParty Of(PartyDocument party)
    {
        ArgumentNullException.ThrowIfNull(party);
        return new NoticeParty(party.Name, party.Address, party.Country, party.Contact, party.PrivacyOfficer);
    }
}

/// <summary>Which law a part of a notice follows.</summary>
public enum NoticeRegime : byte
{
    /// <summary>The GDPR, in the European Economic Area.</summary>
    Eu,

    /// <summary>The UK GDPR.</summary>
    Uk,

    /// <summary>The Swiss DSG.</summary>
    Ch,

    /// <summary>The PIPL, on the mainland of China.</summary>
    Cn,
}

/// <summary>Who stands for a controller that has no seat in a place.</summary>
/// <param name="Regime">Where.</param>
/// <param name="Name">Their name.</param>
/// <param name="Address">Their postal address with the country.</param>
/// <param name="Email">How they are reached.</param>
public sealed record NoticeRepresentative(NoticeRegime Regime, string Name, string Address, string Email);

/// <summary>On which ground data is processed for a purpose.</summary>
public enum NoticeBasis : byte
{
    Consent,
    Contract,
    LegalObligation,
    LegitimateInterests,
}

/// <summary>What people are contacted for.</summary>
/// <param name="Name">As the gate knows it: <c>offers</c>, <c>offers:solar</c>.</param>
public sealed record NoticePurpose(string Name)
{
    /// <summary>By language, what it is about.</summary>
    public IReadOnlyDictionary<string, string> About { get; init; } = new Dictionary<string, string>();

    /// <summary>The ground; null: nobody said.</summary>
    public NoticeBasis? Basis { get; init; }

    /// <summary>By language, whose interests and which, where it rests on them.</summary>
    public IReadOnlyDictionary<string, string> Interests { get; init; } = new Dictionary<string, string>();

    /// <summary>By which channels.</summary>
    public ChannelSet Channels { get; init; }

    /// <summary>How often at most; null where nothing is promised.</summary>
    public WordingFrequency? Frequency { get; init; }

    /// <summary>For how long a yes holds; null: until it is taken back.</summary>
    public Period? Term { get; init; }
}

/// <summary>What is held of people.</summary>
public enum NoticeData : byte
{
    Phone,
    Email,
    Name,
    Address,
    Residence,
    Age,
    Guardian,

    /// <summary>What they said yes and no to, when, where and in answer to which words.</summary>
    Answers,

    /// <summary>The network address and the kind of browser from which an answer came.</summary>
    Device,

    /// <summary>When they were contacted, how, what for, and what came of it.</summary>
    Contacts,

    /// <summary>Hours, rate and pauses that they asked for.</summary>
    Wishes,

    /// <summary>From which list they are known.</summary>
    Origin,
}

/// <summary>What kind of place data came from that was not given by the people themselves.</summary>
public enum NoticeOrigin : byte
{
    /// <summary>It was open to everybody.</summary>
    Public,

    /// <summary>Another company passed it on.</summary>
    Company,

    /// <summary>Somebody who knows them.</summary>
    Referral,

    /// <summary>The controller's own records of its customers.</summary>
    OwnRecords,
}

/// <summary>Where data came from that was not given by the people themselves.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Origin">What kind of place it is.</param>
public sealed record NoticeSource(string Name, NoticeOrigin Origin);

/// <summary>What somebody is who gets data.</summary>
public enum NoticeRole : byte
{
    /// <summary>They do with it what they are told to.</summary>
    Processor,

    /// <summary>They decide by themselves what they do with it.</summary>
    Receiver,

    /// <summary>It is a system of the controller's own; nobody else gets anything.</summary>
    Own,
}

/// <summary>What keeps data safe that goes to a country whose law protects it less.</summary>
[Flags]
public enum NoticeSafeguards
{
    None = 0,

    /// <summary>A decision that the country protects it well enough.</summary>
    Adequacy = 1 << 0,

    /// <summary>The standard clauses of the European Commission.</summary>
    StandardClauses = 1 << 1,
    BindingRules = 1 << 2,

    /// <summary>An approved code or certificate.</summary>
    Certification = 1 << 3,

    /// <summary>The British agreement or addendum.</summary>
    UkAgreement = 1 << 4,

    /// <summary>The Chinese standard contract.</summary>
    CnContract = 1 << 5,

    /// <summary>The security assessment of the Chinese authority.</summary>
    CnAssessment = 1 << 6,
    CnCertification = 1 << 7,
}

/// <summary>Who gets data.</summary>
/// <param name="Key">What the program knows it by: <c>gateway:NAME</c>, <c>system:ID</c>, <c>caller:NAME</c>, <c>party:NAME</c>; <c>said:NAME</c>: somebody said so.</param>
public sealed record NoticeRecipient(string Key)
{
    /// <summary>How the key of one begins that was added by hand.</summary>
    public const string BySomebody = "said:";

    /// <summary>The legal name; null: nobody said.</summary>
    public string? Name { get; init; }

    public NoticeRole? Role { get; init; }

    /// <summary>Where they are: ISO 3166-1; null: nobody said.</summary>
    public string? Country { get; init; }

    public NoticeSafeguards Safeguards { get; init; }

    /// <summary>How they are reached; null: nobody said.</summary>
    public string? Contact { get; init; }

    /// <summary>For messages on these channels; none: not for messages.</summary>
    public ChannelSet Channels { get; init; }

    /// <summary>Whether somebody outside the house gets data.</summary>
    public bool IsOutside => Role != NoticeRole.Own;
}

/// <summary>What is kept.</summary>
public enum NoticeKept : byte
{
    ContactData,
    ConsentProof,
    ContactRecords,

    /// <summary>That somebody is not to be contacted.</summary>
    Refusals,
    Requests,
}

/// <summary>From when it is counted how long something is kept.</summary>
public enum NoticeFrom : byte
{
    Collection,
    LastContact,
    EndOfConsent,

    /// <summary>When it was answered.</summary>
    Answer,

    /// <summary>As long as people are contacted in that way at all; there is no period then.</summary>
    WhileContacting,
}

/// <summary>What happens after.</summary>
public enum NoticeThen : byte
{
    Deleted,
    Anonymised,
}

/// <summary>How long something is kept.</summary>
/// <param name="What">What.</param>
/// <param name="Time">How long; null where <paramref name="From"/> is <see cref="NoticeFrom.WhileContacting"/>.</param>
/// <param name="From">From when.</param>
/// <param name="Then">What happens after.</param>
public sealed record NoticeRetention(NoticeKept What, Period? Time, NoticeFrom From, NoticeThen Then);
