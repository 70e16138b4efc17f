using System.Globalization;
using System.Numerics;
using System.Text;

namespace Ringfence.Gate;

/// <summary>The words of an enumeration as files, the command line and the API write them: <c>AiVoice</c> is <c>ai-voice</c>.</summary>
/// <typeparam name="T">The enumeration, its values counted from 0; of a set of flags, each single flag has a word.</typeparam>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1000", Justification = "Words<Technique>.Of(x) reads as what it is.")]
public static class Words<T> where T : struct, Enum
{
    internal static readonly WordTable Table = new(typeof(T));

    private static readonly T[] Values = ValuesOf(Table);

    /// <summary>All words, in the order of the enumeration.</summary>
    public static IReadOnlyList<string> All => Table.Words;

    /// <summary>The word of one value.</summary>
    public static string Of(T value) => Table.Words[Array.IndexOf(Values, value)];

    /// <summary>Reads a word, exactly as it is written in <see cref="All"/>.</summary>
    public static bool TryParse(string word, out T value)
    {
        var at = Table.IndexOf(word);
        value = at < 0 ? default : Values[at];
        return at >= 0;
    }

    private static T[] ValuesOf(WordTable table)
    {
        var values = new T[table.Values.Count];
        for (var i = 0; i < values.Length; i++)
            values[i] = (T)Enum.ToObject(typeof(T), table.Values[i]);
        return values;
    }
}

/// <summary>The words of one enumeration. Not generic, for code over each of some thirty enumerations would all be compiled at the start of the program.</summary>
internal sealed class WordTable
{
    private readonly Dictionary<string, int> indexes = new(StringComparer.Ordinal);

    public WordTable(Type enumeration)
    {
        // "None" of a set of flags is no word, nor is a set of several; of a plain enumeration every value is one.
        var isSet = enumeration.IsDefined(typeof(FlagsAttribute), false);
        var values = Enum.GetValuesAsUnderlyingType(enumeration);
        var names = Enum.GetNames(enumeration);
        var words = new List<string>(names.Length);
        var used = new List<ulong>(names.Length);
        for (var i = 0; i < names.Length; i++)
        {
            var value = Convert.ToUInt64(values.GetValue(i), CultureInfo.InvariantCulture);
            if (isSet && BitOperations.PopCount(value) != 1)
                continue;
            // Invariant: the n-th word is the n-th value, or the n-th flag.
            if ((isSet ? BitOperations.TrailingZeroCount(value) : (int)value) != words.Count)
                throw new InvalidOperationException($"{enumeration.Name} has gaps.");
            words.Add(Kebab(names[i]));
            used.Add(value);
            indexes.Add(words[^1], words.Count - 1);
        }

        (Words, Values) = (words, used);
    }

    public IReadOnlyList<string> Words { get; }

    public IReadOnlyList<ulong> Values { get; }

    /// <summary>Which value or flag a word stands for, from 0; -1 for no word.</summary>
    public int IndexOf(string word) => indexes.TryGetValue(word, out var at) ? at : -1;

    private static string Kebab(string name)
    {
        var word = new StringBuilder(name.Length + 4);
        foreach (var c in name)
        {
            // A digit belongs to the letters before it: art21-notice, b2c.
            if (char.IsAsciiLetterUpper(c) && word.Length > 0)
                word.Append('-');
            word.Append(char.ToLowerInvariant(c));
        }

        return word.ToString();
    }
}

/// <summary>True, false, or not known; what is not known never allows.</summary>
public enum Truth : byte
{
    False,
    Unknown,
    True,
}

/// <summary>How a contact is made.</summary>
public enum Technique : byte
{
    Manual,
    Preview,
    Predictive,
    ListDialler,
    RandomDialler,
    Prerecorded,
    AiVoice,
    Gateway,
    Bulk,
    FreeForm,
    Template,
}

/// <summary>What a contact is, before any law looks at it.</summary>
public enum ContactClass : byte
{
    Marketing,
    Service,
    Research,
    Charity,
    Collection,
    ConsentRequest,
    ConfirmOptOut,
}

/// <summary>Trades that laws single out.</summary>
public enum Sector : byte
{
    Other,
    EnergySaving,
    RenewableEnergy,
    HousingAdaptation,
    Electricity,
    Gas,
    Claims,
    Pensions,
    HealthInsurance,
    Gambling,
    Press,
    Telecom,
    PayrollCredit,
    Books,
    Insurance,
    Rescue,
    Finance,
    Lottery,
}

/// <summary>In which capacity the person is contacted.</summary>
public enum Audience : byte
{
    /// <summary>A private person.</summary>
    B2c,

    /// <summary>A sole trader or partner of a firm without a personality of its own.</summary>
    Sole,

    /// <summary>A company, or its staff at work.</summary>
    B2b,
}

/// <summary>The kind of line, as far as laws ask.</summary>
public enum LineType : byte
{
    Mobile,
    Landline,
    Voip,
    TollFree,
    Premium,
    Other,
}

/// <summary>How a residence is known.</summary>
public enum ResidenceBasis : byte
{
    Guessed,
    Declared,
    Billing,
    Documented,
}

/// <summary>What binds a person and a controller.</summary>
public enum RelationKind : byte
{
    Purchase,
    Contract,
    Enquiry,
    Donation,
    Account,
    Membership,
}

/// <summary>Where a contact came from.</summary>
public enum ContactSource : byte
{
    Form,
    Customer,
    Event,
    Referral,
    Purchased,
    Partner,
    Directory,
    Published,
    Scraped,
    Generated,
    Inbound,
}

/// <summary>The answer of a reassigned-numbers query.</summary>
public enum ReassignedAnswer : byte
{
    No,
    Yes,
    NoData,
    NotAsked,
}

/// <summary>How a yes was given.</summary>
public enum ConsentMethod : byte
{
    Checkbox,
    Button,
    Choice,
    Account,
    Reply,
    Oral,
    RecordedCall,
    Paper,
    LeadForm,
    DoubleOptIn,
}

/// <summary>What the proof of a consent holds.</summary>
[Flags]
public enum EvidenceItems : ulong
{
    None = 0,
    Record = 1UL << 0,
    Wording = 1UL << 1,
    SellerNamed = 1UL << 2,
    CallersNamed = 1UL << 3,
    GoodsNamed = 1UL << 4,
    ChannelNamed = 1UL << 5,
    PersonNamed = 1UL << 6,
    PersonLinked = 1UL << 7,
    NumberNamed = 1UL << 8,
    NumberVerified = 1UL << 9,
    EmailVerified = 1UL << 10,
    DocumentedAtGrant = 1UL << 11,
    TimeRecorded = 1UL << 12,
    MannerRecorded = 1UL << 13,
    RecipientRecorded = 1UL << 14,
    Signature = 1UL << 15,
    Writing = 1UL << 16,
    AutoAuthorised = 1UL << 17,
    NotConditionTold = 1UL << 18,
    DisclosureSeparate = 1UL << 19,
    ElectronicTold = 1UL << 20,
    PeriodStated = 1UL << 21,
    WithdrawalTold = 1UL << 22,
    ProofAccessTold = 1UL << 23,
    RequestStated = 1UL << 24,
    Exportable = 1UL << 25,
    Confirmed = 1UL << 26,
    Separate = 1UL << 27,
    Parent = 1UL << 28,
    SeparateProvision = 1UL << 29,
    SeparatePublication = 1UL << 30,
    SeparateSensitive = 1UL << 31,
    SeparateExport = 1UL << 32,
    All = (1UL << 33) - 1,
}

/// <summary>What makes a yes none, everywhere.</summary>
[Flags]
public enum ConsentFlaws : ushort
{
    None = 0,
    PreTicked = 1 << 0,
    Bundled = 1 << 1,
    Tied = 1 << 2,
    Silence = 1 << 3,
    Inactivity = 1 << 4,
    Misleading = 1 << 5,
    IncompleteQuestion = 1 << 6,
    Browsing = 1 << 7,
}

/// <summary>What a script or a message says or offers.</summary>
[Flags]
public enum ContentBlocks : uint
{
    None = 0,
    Identity = 1 << 0,
    Principal = 1 << 1,
    Purpose = 1 << 2,
    Goods = 1 << 3,
    Contact = 1 << 4,
    CallbackNumber = 1 << 5,
    OptOut = 1 << 6,
    OptOutKey = 1 << 7,
    RegistryNotice = 1 << 8,
    Label = 1 << 9,
    PostalAddress = 1 << 10,
    OneClick = 1 << 11,
    NoPurchase = 1 << 12,
    RefusalReference = 1 << 13,
    DataSource = 1 << 14,
    Cost = 1 << 15,
    Frequency = 1 << 16,
    All = (1 << 17) - 1,
}

/// <summary>What a message template was approved as.</summary>
public enum TemplateCategory : byte
{
    Marketing,
    Utility,
    Authentication,
}

/// <summary>How a message template stands with the platform.</summary>
public enum TemplateStatus : byte
{
    Approved,
    Paused,
    None,
}

/// <summary>What happened in an earlier attempt, or what the person did.</summary>
public enum Outcome : byte
{
    NoAnswer,
    Busy,
    Voicemail,
    Abandoned,
    Answered,
    Conversation,
    Refused,
    Interested,
    Sent,
    Delivered,
    Failed,
    PlatformLimit,
    ConsentAsked,
    Confirmation,

    /// <summary>The person wrote or called.</summary>
    Inbound,

    /// <summary>The person asked to be contacted.</summary>
    Requested,
    Complained,
    OptedOut,
    ConsentRefused,
}

/// <summary>Who entered a suppression.</summary>
public enum SuppressedBy : byte
{
    Person,
    Controller,
    Regulator,
    Complaint,
    Platform,
}

/// <summary>What a suppression is.</summary>
public enum SuppressionKind : byte
{
    Suppression,
    Objection,
    Restriction,
}

/// <summary>What a seller is, where laws treat some apart.</summary>
[Flags]
public enum SellerKinds : uint
{
    None = 0,
    Charity = 1 << 0,
    Press = 1 << 1,
    Insurer = 1 << 2,
    Bank = 1 << 3,
    Regulated = 1 << 4,
    CodeMember = 1 << 5,
    Authenticated = 1 << 6,
    HighVolume = 1 << 7,
    CertifiedSender = 1 << 8,
    Lottery = 1 << 9,
    ExemptCaller = 1 << 10,
    Newspaper = 1 << 11,
    SavingsInstitution = 1 << 12,
    FcaAuthorised = 1 << 13,
}

/// <summary>Notices that are due once.</summary>
[Flags]
public enum Notices : byte
{
    None = 0,
    Art21 = 1 << 0,
    Art14 = 1 << 1,
    Register = 1 << 2,
    FirstOffer = 1 << 3,
}

/// <summary>What a person may ask for under data-protection law.</summary>
public enum RequestKind : byte
{
    Access,
    Rectification,
    Erasure,
    Restriction,
    Portability,
    Objection,
    Withdrawal,
    Review,
}

/// <summary>By what the people of a campaign were picked.</summary>
[Flags]
public enum Selection : uint
{
    None = 0,
    Purchases = 1 << 0,
    Interests = 1 << 1,
    Engagement = 1 << 2,
    Age = 1 << 3,
    Sex = 1 << 4,
    EthnicOrigin = 1 << 5,
    Religion = 1 << 6,
    Politics = 1 << 7,
    Health = 1 << 8,
    SexLife = 1 << 9,
    TradeUnion = 1 << 10,
    Region = 1 << 11,
    Language = 1 << 12,
    Income = 1 << 13,
    Score = 1 << 14,
    Vulnerability = 1 << 15,
}
