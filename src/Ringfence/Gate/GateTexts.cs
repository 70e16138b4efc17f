using System.Collections.Frozen;
using Ringfence.Files;
using Ringfence.Rules;

namespace Ringfence.Gate;

/// <summary>What the codes of a verdict say to people, in the three languages: <c>explanation-codes.tsv</c> beside this file.</summary>
public static class GateTexts
{
    private static readonly FrozenDictionary<string, RuleText> Codes = TextTable.Load("explanation-codes.tsv", 2);
    private static readonly FrozenDictionary<string, RuleText> Sentences = TextTable.Load("explanation-sentences.tsv", 1);

    // An item of a reason is a word of one of these lists; no word stands in two of them with another meaning.
    private static readonly string[] ItemKinds = ["evidence", "flaw", "block", "item", "fact", "register"];

    /// <summary>What a reason says: a sentence.</summary>
    public static RuleText Of(ReasonCode code) => Of("reason", Words<ReasonCode>.Of(code));

    /// <summary>What helps against a reason: a sentence.</summary>
    public static RuleText Remedy(ReasonCode code) => Of("remedy", Words<ReasonCode>.Of(code));

    /// <summary>A duty, as what somebody is told to do.</summary>
    public static RuleText Of(ObligationCode code) => Of("obligation", Words<ObligationCode>.Of(code));

    /// <summary>One mark.</summary>
    public static RuleText Of(ReasonMarks mark) => Of("mark", Words<ReasonMarks>.Of(mark));

    /// <summary>A channel, as it stands in a list.</summary>
    public static RuleText Of(Channel channel) => Of("channel", channel.Word());

    /// <summary>What is wanting or at issue: an item of evidence, a flaw, a block, a fact, a register; null for a word that no list has.</summary>
    public static RuleText? Item(string word) =>
        ItemKinds.Select(kind => Codes.GetValueOrDefault($"{kind} {word}")).FirstOrDefault(text => text is not null);

    /// <summary>The text of a code.</summary>
    /// <exception cref="KeyNotFoundException">There is none: a fault of the program.</exception>
    internal static RuleText Of(string kind, string code) => Find(kind, code) ?? throw new KeyNotFoundException($"No text of '{kind} {code}'.");

    /// <summary>The text of a code of a file, which may be no word of ours; null where there is none.</summary>
    internal static RuleText? Find(string kind, string code) => Codes.GetValueOrDefault($"{kind} {code}");

    /// <summary>A sentence with its places for arguments.</summary>
    /// <exception cref="KeyNotFoundException">There is none: a fault of the program.</exception>
    internal static RuleText Sentence(string key) => Sentences[key];

    /// <summary>All that is written there, by kind and code, or by key.</summary>
    internal static IEnumerable<KeyValuePair<string, RuleText>> All => Codes.Concat(Sentences);
}
