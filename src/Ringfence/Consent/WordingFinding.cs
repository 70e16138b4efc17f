using Ringfence.Files;
using Ringfence.Gate;
using Ringfence.Rules;

namespace Ringfence.Consent;

/// <summary>What may be wrong with a wording. The words are stable: <c>no-identity</c>, ...</summary>
public enum WordingFault : byte
{
    /// <summary>The sender is not named.</summary>
    NoIdentity,
    NoChannel,
    NoPurpose,
    NoFrequency,
    NoWayToStop,

    /// <summary>The only way to stop is harder than saying yes.</summary>
    HardToStop,
    NoNotice,

    /// <summary>A rule wants whoever asks to say where they are reached by post, and how else.</summary>
    ContactMissing,

    /// <summary>It is not said that the yes is no condition of buying.</summary>
    ConditionUnsaid,
    PreTicked,

    /// <summary>The same act says yes to something else too.</summary>
    Bundled,
    ConditionOfPurchase,
    ThirdPartiesUnnamed,

    /// <summary>Passing data on, or publishing, needs a consent of its own.</summary>
    SeparateConsentMissing,

    /// <summary>Silence, or going on, counts as a yes.</summary>
    Silence,

    /// <summary>The words say no.</summary>
    Refusal,

    /// <summary>A field claims what the words don't say, or say otherwise.</summary>
    TextContradictsFields,

    /// <summary>Words in this language can't be read.</summary>
    LanguageUnread,

    /// <summary>The words are not in the language they are said to be in.</summary>
    WrongLanguage,

    /// <summary>A rule wants more of the wording.</summary>
    LawWants,

    /// <summary>One yes for several purposes.</summary>
    SeveralPurposes,

    /// <summary>Replying may cost something, and the words don't say so.</summary>
    CostUnsaid,
}

/// <summary>Whether a wording may be used with a fault.</summary>
public enum WordingSeverity : byte
{
    Refuse,
    Advise,
}

/// <summary>One thing that is wrong with a wording.</summary>
/// <param name="Fault">What.</param>
/// <param name="Where">The field, as in the file: <c>choice.preset</c>, <c>texts.en</c>.</param>
/// <param name="Detail">Which one of several: a channel, a name, an item of evidence; null where there is but one.</param>
/// <param name="Quote">The words that say what they must not; null where words are wanting.</param>
/// <param name="Rule">The rule that wants it; null for what is wanted everywhere.</param>
public sealed record WordingFinding(WordingFault Fault, string Where, string? Detail = null, string? Quote = null, Rule? Rule = null)
{
    private static readonly IReadOnlyDictionary<string, RuleText> Texts = TextTable.Load("wording-texts.tsv", 2);

    /// <summary>The stable word of the fault, such as <c>no-identity</c>.</summary>
    public string Code => Words<WordingFault>.Of(Fault);

    /// <summary>Whether the wording may be used nevertheless.</summary>
    public WordingSeverity Severity => Fault is WordingFault.SeveralPurposes or WordingFault.CostUnsaid ? WordingSeverity.Advise : WordingSeverity.Refuse;

    /// <summary>What is wrong: a sentence.</summary>
    public RuleText Reason => Texts[$"reason {Code}"];

    /// <summary>What helps: a sentence.</summary>
    public RuleText Cure => Texts[$"cure {Code}"];

    /// <summary>All that is written there.</summary>
    internal static IEnumerable<KeyValuePair<string, RuleText>> All => Texts;
}
