using NodaTime;
using Ringfence.Gate;
using Ringfence.Ledger;

namespace Ringfence.Consent;

/// <summary>What a wording says of the use of a yes to it.</summary>
/// <param name="Techniques">How contact is made; null: any way but a recorded or an artificial voice and numbers dialled at random.</param>
/// <param name="Frequency">How often at most; null: not said.</param>
/// <param name="Term">For how long the yes is to hold; null: no end is stated.</param>
public sealed record WordingTerms(IReadOnlyList<Technique>? Techniques, WordingFrequency? Frequency, Period? Term);

/// <summary>What a wording proves in one language, to be worked out once and kept by its address: reading words takes long, and they never change.</summary>
public sealed record WordingProof
{
    private WordingProof()
    {
    }

    /// <summary>The wording.</summary>
    public required Digest Doc { get; init; }

    public required string Language { get; init; }

    /// <summary>The channels that are asked for and named.</summary>
    public required ChannelSet Channels { get; init; }

    /// <summary>The purposes that are asked for.</summary>
    public required IReadOnlyList<string> Purposes { get; init; }

    /// <summary>Who gets the data, each by name.</summary>
    public required IReadOnlyList<string> Recipients { get; init; }

    /// <summary>The items of evidence that words and form prove.</summary>
    public required EvidenceItems Items { get; init; }

    /// <summary>What makes every yes to it none.</summary>
    public required ConsentFlaws Flaws { get; init; }

    /// <summary>Whether they say that saying yes is an electronic signature.</summary>
    public required bool IsSigned { get; init; }

    /// <summary>The ways of saying yes that it asks for.</summary>
    public required IReadOnlyList<ConsentMethod> Methods { get; init; }

    /// <summary>How contact is made; null: any way but a recorded or an artificial voice and numbers dialled at random.</summary>
    public required IReadOnlyList<Technique>? Techniques { get; init; }

    public required WordingFrequency? Frequency { get; init; }

    /// <summary>For how long the yes is to hold, by the field or by the words, whichever is shorter; null: no end is stated.</summary>
    public required Period? Term { get; init; }

    /// <summary>What it says of the use of a yes.</summary>
    public WordingTerms Terms => new(Techniques, Frequency, Term);

    /// <summary>What a wording proves in a language; null where it has no words in it, or words that nobody can read.</summary>
    public static WordingProof? Of(WordingDocument document, string language)
    {
        ArgumentNullException.ThrowIfNull(document);
        if (!document.Texts.TryGetValue(language, out var words) || !WordingReader.Languages.Contains(language, StringComparer.Ordinal))
            return null;
        var text = WordingText.Read(document, language);
        return new WordingProof
        {
            Doc = document.Digest,
            Language = language,
            Channels = document.Channels & text.Channels,
            Purposes = document.Purposes,
            Recipients = document.ThirdParties,
            Items = text.Proven(document),
            Flaws = FlawsOf(document with { Texts = new Dictionary<string, WordingWords> { [language] = words } }),
            IsSigned = text.Says("signature"),
            Methods = WordingLaw.MethodsOf(document.Choice.Kind),
            // A voice of a machine has to be named by the words, too.
            Techniques = text.Channels.Has(Channel.VoiceAuto) ? document.Techniques : document.Techniques?.Where(static way => way is not (Technique.Prerecorded or Technique.AiVoice or Technique.RandomDialler)).ToArray(),
            Frequency = document.Frequency,
            Term = Shortest([document.Term, .. text.Terms.Select(static stated => stated.ToPeriod())]),
        };
    }

    private static ConsentFlaws FlawsOf(WordingDocument document)
    {
        var flaws = ConsentFlaws.None;
        foreach (var finding in WordingLint.Check(document))
        {
            flaws |= finding.Fault switch
            {
                WordingFault.PreTicked => ConsentFlaws.PreTicked,
                WordingFault.Bundled => ConsentFlaws.Bundled,
                WordingFault.ConditionOfPurchase => ConsentFlaws.Tied,
                WordingFault.Silence => document.Choice.Kind == ChoiceKind.Browsing ? ConsentFlaws.Browsing : ConsentFlaws.Silence,
                WordingFault.Refusal => ConsentFlaws.Misleading,
                WordingFault.TextContradictsFields when finding.Detail == "sender" => ConsentFlaws.Misleading,
                _ => ConsentFlaws.None,
            };
        }

        return flaws;
    }

    // A month counts as the shortest there is: which of two terms is shorter may then be wrong by days, towards the earlier end.
    private static Period? Shortest(IEnumerable<Period?> terms) =>
        terms.OfType<Period>().OrderBy(static term => (((term.Years * 12L) + term.Months) * 28) + (term.Weeks * 7L) + term.Days).FirstOrDefault();
}
