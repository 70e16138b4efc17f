using NodaTime;
using Ringfence.Files;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Rules;

namespace Ringfence.Consent;

/// <summary>What a wording asks a yes to.</summary>
public enum WordingKind : byte
{
    /// <summary>Being contacted.</summary>
    Contact,

    /// <summary>Data being passed on to third parties, each named: a consent of its own.</summary>
    ThirdParties,

    /// <summary>Something being made public: a consent of its own.</summary>
    Publication,

    /// <summary>Sensitive data being used: a consent of its own.</summary>
    SensitiveData,

    /// <summary>Data being given to recipients abroad, each named: a consent of its own.</summary>
    Export,
}

/// <summary>What a consent was asked for with: the exact words in each language, and what they are meant to say. Its digest is its address.</summary>
/// <remarks>
/// Nothing here is taken on trust: the lint holds every field against the words. The file and its canonical form are described in
/// <c>docs/reference/wordings.md</c>.
/// </remarks>
public sealed record WordingDocument
{
    /// <summary>The first line of every such document.</summary>
    public const string Format = "ringfence/wording/v1";

    /// <summary>A name in small letters, digits and hyphens; the same for every version.</summary>
    public required string Id { get; init; }

    public required string Version { get; init; }

    public WordingKind Kind { get; init; }

    /// <summary>Who asks, as the words name them.</summary>
    public required string Sender { get; init; }

    /// <summary>Others who call or write on the sender's behalf, as the words name them; empty: nobody.</summary>
    public IReadOnlyList<string> Callers { get; init; } = [];

    /// <summary>The channels asked for; none of a wording that is not about contact.</summary>
    public ChannelSet Channels { get; init; }

    /// <summary>How contact is made; null: any way but a recorded or an artificial voice and numbers dialled at random.</summary>
    public IReadOnlyList<Technique>? Techniques { get; init; }

    /// <summary>The purposes, in order, none twice.</summary>
    public IReadOnlyList<string> Purposes { get; init; } = [];

    /// <summary>How often at most; null where the words state none.</summary>
    public WordingFrequency? Frequency { get; init; }

    /// <summary>How long the consent is to hold; null where the words state no end.</summary>
    public Period? Term { get; init; }

    /// <summary>The ways to take it back.</summary>
    public WordingStop Stop { get; init; } = new();

    /// <summary>How the sender is reached, as the words say it; null where they don't.</summary>
    public WordingContact? Contact { get; init; }

    /// <summary>The privacy notice that the words point to; null where there is none.</summary>
    public WordingNotice? Notice { get; init; }

    /// <summary>What cannot be had without the yes: <c>purchase</c>, <c>service</c>, ...; empty: it is no condition of anything.</summary>
    public IReadOnlyList<string> ConditionOf { get; init; } = [];

    /// <summary>What the person does to say yes.</summary>
    public required WordingChoice Choice { get; init; }

    /// <summary>Who gets the data, each by name; of a wording for data going abroad whoever gets it there, which may be the sender.</summary>
    public IReadOnlyList<string> ThirdParties { get; init; } = [];

    /// <summary>Where something is made public; null: nowhere.</summary>
    public string? PublishedIn { get; init; }

    /// <summary>What else is told of the processing.</summary>
    public WordingProcessing Processing { get; init; } = new();

    /// <summary>The exact words, by language (BCP 47).</summary>
    public required IReadOnlyDictionary<string, WordingWords> Texts { get; init; }

    /// <summary>The document in its canonical form.</summary>
    public byte[] ToBytes() => CanonicalJson.ToUtf8(WordingJson.Of(this));

    /// <summary>The SHA-256 of <see cref="ToBytes"/>, computed anew each time.</summary>
    public Digest Digest => TreeHash.Sha256(ToBytes());

    /// <summary>Reads a document that somebody wrote, in YAML or JSON.</summary>
    /// <param name="file">What errors call the file.</param>
    /// <param name="text">Its content.</param>
    /// <exception cref="RuleFileException">It is no YAML, a key is not known or missing, or a value is not of its kind. The message names line and column.</exception>
    public static WordingDocument Read(string file, string text)
    {
        using var reader = new StringReader(text);
        return WordingReader.Read(RuleMap.Read(file, reader));
    }

    /// <summary>Reads a document in its canonical form, as it is kept.</summary>
    /// <exception cref="RuleFileException">It says something else than <see cref="Read"/> takes, or not in the canonical form.</exception>
    public static WordingDocument FromBytes(ReadOnlySpan<byte> json)
    {
        var document = WordingReader.Read(RuleMap.Of(JsonTree.Read(Format, json)));
        return json.SequenceEqual(document.ToBytes()) ? document : throw DocumentReader.NotCanonical(Format);
    }

    /// <summary>Two documents are the same where their bytes are.</summary>
    public bool Equals(WordingDocument? other) => other is not null && ToBytes().AsSpan().SequenceEqual(other.ToBytes());

    /// <inheritdoc/>
    public override int GetHashCode() => Digest.GetHashCode();
}

/// <summary>The words in one language.</summary>
/// <param name="Text">Exactly what was shown or said; <c>{phone}</c>, <c>{email}</c> and <c>{name}</c> stand for what the person entered.</param>
/// <param name="Sender">What the sender is called in these words, where that differs from the other languages; else null.</param>
/// <param name="Goods">Those of the words that name the goods or services; null where none do.</param>
/// <param name="Cost">Those of the words that say what it may cost the person; null where none do.</param>
public sealed record WordingWords(string Text, string? Sender, string? Goods, string? Cost);

/// <summary>How often contact is made at most.</summary>
/// <param name="Most">Contacts.</param>
/// <param name="Within">In any such time.</param>
/// <param name="Channels">On these channels together; none: on those of the wording.</param>
public sealed record WordingFrequency(int Most, Period Within, ChannelSet Channels);

/// <summary>A privacy notice.</summary>
/// <param name="Page">An https address.</param>
/// <param name="Version">Which version of it.</param>
public sealed record WordingNotice(string Page, string Version);

/// <summary>How a sender is reached; one way at least.</summary>
/// <param name="Post">A postal address.</param>
/// <param name="Phone">E.164.</param>
/// <param name="Email">An e-mail address.</param>
/// <param name="Page">An https address.</param>
public sealed record WordingContact(string? Post, string? Phone, string? Email, string? Page)
{
    /// <summary>What of it a request for consent tells.</summary>
    public RequestItems Tells => (Post is null ? RequestItems.None : RequestItems.Post) | (this is { Phone: null, Email: null, Page: null } ? RequestItems.None : RequestItems.Reach);
}

/// <summary>Where a yes can be taken back beside the ways that have an address.</summary>
[Flags]
public enum StopPlaces : byte
{
    None = 0,

    /// <summary>A link or an offer in every message.</summary>
    EveryMessage = 1,

    /// <summary>By saying so in any call.</summary>
    EveryCall = 2,

    /// <summary>In the settings of the person's account.</summary>
    Account = 4,
}

/// <summary>The ways to take a yes back.</summary>
public sealed record WordingStop
{
    /// <summary>The word to reply with.</summary>
    public string? Reply { get; init; }

    /// <summary>An https address.</summary>
    public string? Page { get; init; }

    public string? Email { get; init; }

    /// <summary>E.164.</summary>
    public string? Phone { get; init; }

    /// <summary>A postal address.</summary>
    public string? Post { get; init; }

    public StopPlaces In { get; init; }

    /// <summary>Whether there is none.</summary>
    public bool IsNone => this is { Reply: null, Page: null, Email: null, Phone: null, Post: null, In: StopPlaces.None };
}

/// <summary>What a person does to say yes.</summary>
public enum ChoiceKind : byte
{
    Box,
    Button,
    YesNo,
    Setting,
    Reply,
    Spoken,
    Signature,

    /// <summary>A form of a social network.</summary>
    LeadForm,

    /// <summary>Nothing: no answer counts as a yes.</summary>
    Silence,

    /// <summary>Going on: using a page or service counts as a yes.</summary>
    Browsing,
}

/// <summary>What a box, a setting or a choice stands at before the person does anything.</summary>
public enum ChoicePreset : byte
{
    Nothing,
    Yes,
    No,
}

/// <summary>Where the declaration stands.</summary>
public enum ChoiceStands : byte
{
    /// <summary>By itself, told apart from everything else.</summary>
    Apart,

    /// <summary>Within other text.</summary>
    AmongOthers,
}

/// <summary>The act by which the person says yes.</summary>
/// <param name="Kind">What they do.</param>
/// <param name="Preset">What it stands at before.</param>
/// <param name="Stands">Where.</param>
/// <param name="AlsoCovers">What else the same act says yes to: <c>terms</c>, <c>purchase</c>, ...; empty: nothing.</param>
public sealed record WordingChoice(ChoiceKind Kind, ChoicePreset Preset, ChoiceStands Stands, IReadOnlyList<string> AlsoCovers);

/// <summary>What else is told of the processing; each empty or null where nothing is.</summary>
public sealed record WordingProcessing
{
    /// <summary>Categories of personal data, such as <c>phone</c>.</summary>
    public IReadOnlyList<string> Data { get; init; } = [];

    /// <summary>Who sees the data on the controller's behalf, by name.</summary>
    public IReadOnlyList<string> Recipients { get; init; } = [];

    /// <summary>Where it is stored: ISO 3166 codes.</summary>
    public IReadOnlyList<string> Storage { get; init; } = [];

    /// <summary>For how long it is kept after the consent has ended.</summary>
    public Period? Retention { get; init; }

    /// <summary>Rights that the person is told of.</summary>
    public IReadOnlyList<RequestKind> Rights { get; init; } = [];

    /// <summary>The supervisory authority, by name.</summary>
    public string? Authority { get; init; }
}
