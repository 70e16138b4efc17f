using NodaTime;
using Ringfence.Files;
using Ringfence.Ledger;
using Ringfence.Rules;

namespace Ringfence.Consent;

/// <summary>A form by which people are asked for consents: what stands on it, and what a yes to each of its boxes promises. Its digest is its address.</summary>
/// <remarks>
/// Nothing a form says is taken on trust: <see cref="FormLint"/> holds it against its own words and the rules of the places where it is offered.
/// What is wrong can be written down here, so that it can be refused with a reason. The file and its canonical form are described in <c>docs/reference/forms.md</c>.
/// </remarks>
public sealed record FormDocument
{
    /// <summary>The first line of every such document.</summary>
    public const string Format = "ringfence/form/v1";

    /// <summary>A name in small letters, digits and hyphens; the same for every version. It stands in the form's address.</summary>
    public required string Id { get; init; }

    public required string Version { get; init; }

    /// <summary>Which edition of this program's own sentences it is made with; a published form keeps its own, so that what was shown can be made again to the byte.</summary>
    public int Edition { get; init; } = FormWords.NewestEdition;

    /// <summary>Who asks; null where nobody is named.</summary>
    public string? Sender { get; init; }

    /// <summary>Others who call or write on the sender's behalf; empty: nobody.</summary>
    public IReadOnlyList<string> Callers { get; init; } = [];

    /// <summary>The languages that it can be read in (BCP 47), the first where the reader wants none of them.</summary>
    public IReadOnlyList<string> Languages { get; init; } = [];

    /// <summary>Where people are asked with it, as written: codes of ISO 3166.</summary>
    public IReadOnlyList<string> OfferedIn { get; init; } = [];

    /// <summary>Whether it is meant for people under age, too.</summary>
    public bool ForChildren { get; init; }

    /// <summary>How a yes is taken.</summary>
    public FormOptIn OptIn { get; init; }

    /// <summary>What people are asked for, and what they are promised.</summary>
    public IReadOnlyList<FormPurpose> Purposes { get; init; } = [];

    /// <summary>The ways to take a yes back.</summary>
    public WordingStop Stop { get; init; } = new();

    /// <summary>Fields and clicks that stopping takes on <see cref="WordingStop.Page"/>; null: nobody has counted them.</summary>
    public int? StopSteps { get; init; }

    /// <summary>How the sender is reached; null where the words don't say.</summary>
    public WordingContact? Contact { get; init; }

    /// <summary>The privacy notice; null where there is none.</summary>
    public WordingNotice? Notice { get; init; }

    /// <summary>Sites that may show it inside their pages: origins, such as <c>https://shop.example</c>; empty: none.</summary>
    public IReadOnlyList<string> EmbedIn { get; init; } = [];

    /// <summary>What cannot be had without a yes, such as <c>download</c>; empty: it is no condition of anything.</summary>
    public IReadOnlyList<string> ConditionOf { get; init; } = [];

    /// <summary>What else is told of the processing.</summary>
    public WordingProcessing Processing { get; init; } = new();

    /// <summary>What stands on it, from top to bottom.</summary>
    public IReadOnlyList<FormBlock> Blocks { get; init; } = [];

    /// <summary>In which ways it is set out, to see which reads better; empty: one way, with the blocks as they are written.</summary>
    public IReadOnlyList<FormLayout> Layouts { get; init; } = [];

    /// <summary>The boxes.</summary>
    public IEnumerable<FormBox> Boxes => Blocks.OfType<FormBox>();

    /// <summary>What it asks for besides.</summary>
    public IEnumerable<FormField> Fields => Blocks.OfType<FormField>();

    /// <summary>The ways it is set out in, one at least.</summary>
    public IReadOnlyList<FormLayout> LayoutsShown => Layouts.Count > 0 ? Layouts : [FormLayout.Plain];

    /// <summary>The blocks as a layout orders them.</summary>
    public IReadOnlyList<FormBlock> BlocksIn(FormLayout layout)
    {
        ArgumentNullException.ThrowIfNull(layout);
        return layout.Order.Count == 0 ? Blocks : [.. layout.Order.Select(name => Blocks.FirstOrDefault(block => block.Name == name)).OfType<FormBlock>()];
    }

    /// <summary>The document in its canonical form.</summary>
    public byte[] ToBytes() => CanonicalJson.ToUtf8(FormJson.Of(this));

    /// <summary>The SHA-256 of <see cref="ToBytes"/>, computed anew each time.</summary>
    public Digest Digest => TreeHash.Sha256(ToBytes());

    /// <summary>Reads a document that somebody wrote, in YAML or JSON.</summary>
    /// <param name="file">What errors call the file.</param>
    /// <param name="text">Its content.</param>
    /// <exception cref="RuleFileException">It is no YAML, a key is not known or missing, or a value is not of its kind. The message names line and column.</exception>
    public static FormDocument Read(string file, string text)
    {
        using var reader = new StringReader(text);
        return FormReader.Read(RuleMap.Read(file, reader), FormWords.NewestEdition);
    }

    /// <summary>Reads a document in its canonical form, as it is kept.</summary>
    /// <exception cref="RuleFileException">It says something else than <see cref="Read"/> takes, or not in the canonical form.</exception>
    public static FormDocument FromBytes(ReadOnlySpan<byte> json)
    {
        var document = FormReader.Read(RuleMap.Of(JsonTree.Read(Format, json)), 1);
        return json.SequenceEqual(document.ToBytes()) ? document : throw DocumentReader.NotCanonical(Format);
    }

    /// <summary>Two documents are the same where their bytes are.</summary>
    public bool Equals(FormDocument? other) => other is not null && ToBytes().AsSpan().SequenceEqual(other.ToBytes());

    /// <inheritdoc/>
    public override int GetHashCode() => Digest.GetHashCode();
}

/// <summary>How a yes is taken.</summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Naming", "CA1720", Justification = "A double opt-in is called so.")]
public enum FormOptIn : byte
{
    /// <summary>It counts once it was confirmed from the number or address itself.</summary>
    Double,

    /// <summary>It counts as it is sent.</summary>
    Single,
}

/// <summary>What people are asked for, and what they are promised.</summary>
/// <param name="Name">The purpose, as the gate knows it: <c>offers</c>, <c>offers:solar</c>.</param>
/// <param name="About">By language, what contact is about, as it stands in a sentence: <c>offers for kitchen appliances</c>.</param>
/// <param name="Frequency">How often at most, in all ways of this form together; null where nothing is promised.</param>
/// <param name="Term">For how long a yes holds; null: until it is taken back.</param>
public sealed record FormPurpose(string Name, IReadOnlyDictionary<string, string> About, WordingFrequency? Frequency, Period? Term);

/// <summary>Something that stands on a form.</summary>
/// <param name="Name">A name within the form, in small letters, digits and hyphens.</param>
public abstract record FormBlock(string Name);

/// <summary>A heading; the first is that of the page.</summary>
/// <param name="Name">Within the form.</param>
/// <param name="Texts">By language.</param>
public sealed record FormHeading(string Name, IReadOnlyDictionary<string, string> Texts) : FormBlock(Name);

/// <summary>A paragraph.</summary>
/// <param name="Name">Within the form.</param>
/// <param name="Texts">By language.</param>
public sealed record FormText(string Name, IReadOnlyDictionary<string, string> Texts) : FormBlock(Name);

/// <summary>What a form may ask a person to write.</summary>
public enum FormAsks : byte
{
    Phone,
    Email,
    Name,

    /// <summary>The country they live in: it tells which rules hold.</summary>
    Residence,

    /// <summary>Whether they are of age; or who is, for them.</summary>
    Age,
    Guardian,

    /// <summary>Nothing that a consent needs; it is known so that it can be refused.</summary>
    BirthDate,

    /// <summary>The postal address: for a yes to calls where a rule wants the person named.</summary>
    Address,

    /// <summary>Refused, as the day of birth is.</summary>
    Company,
    Income,
    Health,
    IdNumber,
}

/// <summary>A field to write into.</summary>
/// <param name="Name">Within the form.</param>
/// <param name="Asks">What is to be written.</param>
/// <param name="IsRequired">Whether the form is not taken without it.</param>
public sealed record FormField(string Name, FormAsks Asks, bool IsRequired) : FormBlock(Name);

/// <summary>A box by which somebody says yes.</summary>
/// <param name="Name">Within the form.</param>
public sealed record FormBox(string Name) : FormBlock(Name)
{
    /// <summary>The channels that are asked for.</summary>
    public ChannelSet Channels { get; init; }

    /// <summary>The purposes, of those of the form.</summary>
    public IReadOnlyList<string> Purposes { get; init; } = [];

    /// <summary>What it stands at before the person does anything.</summary>
    public ChoicePreset Preset { get; init; }

    /// <summary>Whether the form is not taken without it.</summary>
    public bool IsRequired { get; init; }

    /// <summary>What else the same tick says yes to: <c>terms</c>, ...</summary>
    public IReadOnlyList<string> AlsoCovers { get; init; } = [];

    /// <summary>Who gets the data, each by name.</summary>
    public IReadOnlyList<string> ThirdParties { get; init; } = [];

    /// <summary>Words of one's own by language; where there are none they are made of the fields.</summary>
    public IReadOnlyDictionary<string, WordingWords> Words { get; init; } = new Dictionary<string, WordingWords>();
}

/// <summary>How a form is set out. Nothing here can change words or what is chosen beforehand.</summary>
/// <param name="Name">Within the form.</param>
/// <param name="Order">The names of all blocks; empty: as they are written.</param>
/// <param name="Spacing">How much room is between them.</param>
/// <param name="Decline">How the button that says no stands beside the one that says yes.</param>
public sealed record FormLayout(string Name, IReadOnlyList<string> Order, FormSpacing Spacing, FormDecline Decline)
{
    /// <summary>The blocks as they are written.</summary>
    public static FormLayout Plain { get; } = new("plain", [], FormSpacing.Even, FormDecline.Equal);
}

/// <summary>Room between the blocks.</summary>
public enum FormSpacing : byte
{
    Even,
    Wide,
}

/// <summary>How the button that says no stands beside the one that says yes.</summary>
public enum FormDecline : byte
{
    Equal,
    Smaller,
    Missing,
}
