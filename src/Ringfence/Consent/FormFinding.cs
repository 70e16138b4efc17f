using Ringfence.Files;
using Ringfence.Gate;
using Ringfence.Rules;

namespace Ringfence.Consent;

/// <summary>What may be wrong with a form beside the words of its boxes. The words are stable: <c>box-required</c>, ...</summary>
public enum FormFault : byte
{
    /// <summary>There is nothing to say yes to.</summary>
    NoBox,

    /// <summary>Two boxes ask for the same.</summary>
    BoxTwice,

    /// <summary>The form is not taken without a yes.</summary>
    BoxRequired,

    /// <summary>One box for several channels.</summary>
    SeveralChannels,

    /// <summary>A box names a purpose that the form does not have.</summary>
    UnknownPurpose,

    /// <summary>The words are about another channel, such as a newsletter that is counted as consent to calls.</summary>
    OtherChannel,

    /// <summary>Nothing asks for the number or address that a yes is about.</summary>
    PointNotAsked,

    /// <summary>Something is asked for that no purpose needs.</summary>
    DataNotNeeded,

    /// <summary>The form is not taken without something that no yes needs.</summary>
    FieldRequired,

    /// <summary>It is for children too, and nobody asks how old they are.</summary>
    AgeNotAsked,

    /// <summary>It is for children too, and nobody asks who agrees for them.</summary>
    GuardianNotAsked,

    /// <summary>Nobody says where it is offered.</summary>
    NoPlace,
    UnknownPlace,

    /// <summary>People of a place can't read it.</summary>
    LanguageMissing,

    /// <summary>A block has no words in a language of the form.</summary>
    TextMissing,

    /// <summary>There is no button that says no.</summary>
    DeclineMissing,

    /// <summary>The button that says no is smaller.</summary>
    DeclineSmaller,

    /// <summary>A layout leaves blocks out, or names one twice.</summary>
    LayoutDiffers,

    /// <summary>A rule wants the yes to be confirmed from the number or address itself.</summary>
    ConfirmationMissing,

    /// <summary>Stopping takes more steps than saying yes.</summary>
    HarderToStop,

    /// <summary>None of the ways to stop is open to whoever is contacted on that channel.</summary>
    NoWayOnChannel,

    /// <summary>A rule counts the yes only with the name of whoever gave it, and nobody asks for it.</summary>
    NameNotAsked,

    /// <summary>A yes ends by law before the term that is promised.</summary>
    TermTooLong,

    /// <summary>The fields stand below the boxes that speak of them.</summary>
    FieldBelowBox,

    /// <summary>Nobody says how many steps stopping takes on the page that is named.</summary>
    StopStepsMissing,

    /// <summary>It takes more on this program's own page than is said.</summary>
    StopStepsWrong,
}

/// <summary>One thing that is wrong with a form.</summary>
public sealed record FormFinding
{
    private static readonly IReadOnlyDictionary<string, RuleText> Texts = TextTable.Load("form-texts.tsv", 2);

    private readonly WordingFinding? ofWords;

    /// <summary>A fault of the form.</summary>
    public FormFinding(FormFault fault, string where, string? detail = null, Rule? rule = null) =>
        (Code, Where, Detail, Rule) = (Words<FormFault>.Of(fault), where, detail, rule);

    /// <summary>A fault of the words of a box.</summary>
    public FormFinding(WordingFinding finding, string where)
    {
        ArgumentNullException.ThrowIfNull(finding);
        (ofWords, Code, Where, Detail, Quote, Rule) = (finding, finding.Code, where, finding.Detail, finding.Quote, finding.Rule);
    }

    /// <summary>The stable word of the fault: one of <see cref="FormFault"/> or <see cref="WordingFault"/>.</summary>
    public string Code { get; }

    /// <summary>Where, as in the file: <c>blocks.offers-sms.preset</c>, <c>notice</c>, <c>layouts.b</c>.</summary>
    public string Where { get; }

    /// <summary>Which one of several; null where there is but one.</summary>
    public string? Detail { get; internal init; }

    /// <summary>The words that say what they must not; null where words are wanting.</summary>
    public string? Quote { get; }

    /// <summary>The rule that wants it; null for what is wanted everywhere.</summary>
    public Rule? Rule { get; }

    /// <summary>What is wrong: a sentence.</summary>
    public RuleText Reason => ofWords?.Reason ?? Texts[$"reason {Code}"];

    /// <summary>What helps: a sentence.</summary>
    public RuleText Cure => ofWords?.Cure ?? Texts[$"cure {Code}"];

    /// <summary>The name of the block that it is about; null: it is about the form.</summary>
    public string? Block => Where.Split('.') is ["blocks", var name, ..] ? name : null;

    /// <summary>All that is written there.</summary>
    internal static IEnumerable<KeyValuePair<string, RuleText>> All => Texts;
}
