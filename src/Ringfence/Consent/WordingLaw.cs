using System.Numerics;
using NodaTime;
using Ringfence.Gate;
using Ringfence.Rules;

namespace Ringfence.Consent;

/// <summary>What the rules of a place ask of a wording: those items of evidence that only the words and the form round them can prove.</summary>
internal static class WordingLaw
{
    /// <summary>What words and form prove; the rest of a consent's evidence comes with the person's answer.</summary>
    public const EvidenceItems OfWording =
        EvidenceItems.Wording | EvidenceItems.SellerNamed | EvidenceItems.CallersNamed | EvidenceItems.GoodsNamed | EvidenceItems.ChannelNamed | EvidenceItems.NumberNamed
        | EvidenceItems.AutoAuthorised | EvidenceItems.NotConditionTold | EvidenceItems.DisclosureSeparate | EvidenceItems.Separate | EvidenceItems.ElectronicTold
        | EvidenceItems.PeriodStated | EvidenceItems.WithdrawalTold | EvidenceItems.ProofAccessTold | EvidenceItems.RequestStated;

    public static IEnumerable<WordingFinding> Check(WordingDocument document, Rulebook rulebook, IReadOnlyCollection<string> places, LocalDate day)
    {
        if (document.Kind != WordingKind.Contact)
            yield break;
        var rules = Applying(document, rulebook, places, day);
        // The words are held against the field, as everywhere.
        foreach (var rule in rules)
        {
            if (Untold(rule, document) is not RequestItems.None and var untold)
                yield return new WordingFinding(WordingFault.ContactMissing, "contact", string.Join(", ", ItemsOf(untold)), Rule: rule);
        }

        foreach (var language in document.Texts.Keys.Where(language => WordingReader.Languages.Contains(language, StringComparer.Ordinal)).Order(StringComparer.Ordinal))
        {
            var proven = WordingText.Read(document, language).Proven(document);
            foreach (var rule in rules)
            {
                if (Wanting(rule, document, proven) is not EvidenceItems.None and var wanting)
                    yield return new WordingFinding(WordingFault.LawWants, $"texts.{language}", Named(wanting), Rule: rule);
            }
        }
    }

    /// <summary>What the alternative lacks that comes nearest to what the wording proves; none where one is met, or none rests on consent.</summary>
    private static EvidenceItems Wanting(Rule rule, WordingDocument document, EvidenceItems proven)
    {
        var nearest = EvidenceItems.None;
        foreach (var consent in ConsentsOf(rule))
        {
            if (consent.Methods is { } methods && !methods.Overlaps(MethodsOf(document.Choice.Kind)))
                continue;
            var wanting = consent.Needs & OfWording & ~proven;
            if (wanting == EvidenceItems.None)
                return EvidenceItems.None;
            if (nearest == EvidenceItems.None || BitOperations.PopCount((ulong)wanting) < BitOperations.PopCount((ulong)nearest))
                nearest = wanting;
        }

        return nearest;
    }

    /// <summary>What a rule wants whoever asks to tell of themselves, and the wording has no field for; nothing where an alternative wants none of it, or none rests on consent.</summary>
    private static RequestItems Untold(Rule rule, WordingDocument document)
    {
        var told = document.Contact?.Tells ?? RequestItems.None;
        var untold = ConsentsOf(rule).Where(consent => consent.Methods is not { } methods || methods.Overlaps(MethodsOf(document.Choice.Kind))).Select(consent => consent.Request & ~told).ToArray();
        return untold.Contains(RequestItems.None) ? RequestItems.None : untold.FirstOrDefault();
    }

    // As the file calls them.
    private static IEnumerable<string> ItemsOf(RequestItems items) =>
        [.. items.HasFlag(RequestItems.Post) ? ["post"] : Array.Empty<string>(), .. items.HasFlag(RequestItems.Reach) ? ["phone / email / page"] : Array.Empty<string>()];

    /// <summary>The rules of some places by which a yes counts only where it was confirmed from the number or address itself.</summary>
    public static IEnumerable<Rule> WantConfirmation(WordingDocument document, Rulebook rulebook, IReadOnlyCollection<string> places, LocalDate day) =>
        Applying(document, rulebook, places, day).Where(static rule =>
            ((GroundBody)rule.Body!).AnyOf.All(static alternative => alternative.Conditions.OfType<ConsentCondition>().Any(static consent => (consent.Needs & Confirming) != 0)));

    /// <summary>The rules of some places by which a yes counts only with the name of whoever gave it.</summary>
    public static IEnumerable<Rule> WantName(WordingDocument document, Rulebook rulebook, IReadOnlyCollection<string> places, LocalDate day, EvidenceItems items = EvidenceItems.PersonNamed | EvidenceItems.PersonLinked) =>
        Applying(document, rulebook, places, day).Where(rule =>
            ConsentsOf(rule).ToArray() is { Length: > 0 } consents && consents.All(consent => (consent.Needs & items) != 0));

    /// <summary>Whether a yes said in this way can be what every rule of some places wants: one that is spoken is neither written nor signed.</summary>
    public static bool CanCount(WordingDocument document, Rulebook rulebook, IReadOnlyCollection<string> places, LocalDate day) =>
        document.Choice.Kind != ChoiceKind.Spoken || Applying(document, rulebook, places, day).All(static rule =>
            ((GroundBody)rule.Body!).AnyOf.Any(static alternative => alternative.Conditions.OfType<ConsentCondition>().All(static consent =>
                (consent.Needs & (EvidenceItems.Writing | EvidenceItems.Signature)) == 0 && (consent.Methods is not { } methods || methods.Overlaps(MethodsOf(ChoiceKind.Spoken))))));

    /// <summary>The rules of some places by which a yes ends sooner than these words promise.</summary>
    public static IEnumerable<Rule> EndSooner(WordingDocument document, Rulebook rulebook, IReadOnlyCollection<string> places, LocalDate day) =>
        document.Term is not { } term ? [] : rulebook.OfAudit.Where(rule => rule is { State: RuleState.InForce, ConsentTerm: { EvenIfLongerAgreed: true, Reconfirm: false } law } && rule.HoldsOn(day)
            && law.Where.Overlaps(places.Select(static place => place[..2])) && (law.Channels & document.Channels) != ChannelSet.None && day + law.Lasts < day + term);

    private static IEnumerable<ConsentCondition> ConsentsOf(Rule rule) => ((GroundBody)rule.Body!).AnyOf.SelectMany(static alternative => alternative.Conditions).OfType<ConsentCondition>();

    private const EvidenceItems Confirming = EvidenceItems.NumberVerified | EvidenceItems.EmailVerified | EvidenceItems.Confirmed;

    private static Rule[] Applying(WordingDocument document, Rulebook rulebook, IReadOnlyCollection<string> places, LocalDate day)
    {
        // The law of a country holds in each of its states, as at the gate.
        var covered = places.Concat(places.Select(Whereabouts.CountryOf)).ToHashSet(StringComparer.Ordinal);
        var packs = rulebook.Packs.Where(pack => pack.Everywhere || pack.Covers.Overlaps(covered)).Select(static pack => pack.Name).ToHashSet(StringComparer.Ordinal);
        return [.. rulebook.Rules.Where(rule => packs.Contains(rule.Pack) && rule.State == RuleState.InForce && rule.HoldsOn(day) && Concerns(rule, document))];
    }

    // Only rules that apply to whoever is asked: what hangs on the trade, the seller or the past of the person can't be told from a wording.
    private static bool Concerns(Rule rule, WordingDocument document) =>
        rule.Body is GroundBody && rule.When.All(condition => condition switch
        {
            WordCondition { What: WordFact.Channel } channel => (channel.Words & (uint)document.Channels) != 0,
            WordCondition { What: WordFact.Class } asked => (asked.Words >> (int)ContactClass.Marketing & 1) != 0,
            WordCondition { What: WordFact.Audience } audience => (audience.Words >> (int)Audience.B2c & 1) != 0,
            WordCondition { What: WordFact.Technique } technique => document.Techniques is not { } ways || ways.Any(way => (technique.Words >> (int)way & 1) != 0),
            ConsentCondition => true,
            _ => false,
        });

    /// <summary>In which ways of giving a consent an act of choosing may be recorded.</summary>
    public static ConsentMethod[] MethodsOf(ChoiceKind kind) => kind switch
    {
        ChoiceKind.Box => [ConsentMethod.Checkbox, ConsentMethod.DoubleOptIn],
        ChoiceKind.Button => [ConsentMethod.Button, ConsentMethod.DoubleOptIn],
        ChoiceKind.YesNo => [ConsentMethod.Choice, ConsentMethod.DoubleOptIn],
        ChoiceKind.Setting => [ConsentMethod.Account, ConsentMethod.DoubleOptIn],
        ChoiceKind.Reply => [ConsentMethod.Reply, ConsentMethod.DoubleOptIn],
        ChoiceKind.Spoken => [ConsentMethod.Oral, ConsentMethod.RecordedCall],
        ChoiceKind.Signature => [ConsentMethod.Paper],
        ChoiceKind.LeadForm => [ConsentMethod.LeadForm, ConsentMethod.DoubleOptIn],
        // None is a way of saying yes; what was recorded as one is void by the flaw of the words.
        ChoiceKind.Silence or ChoiceKind.Browsing => Enum.GetValues<ConsentMethod>(),
    };

    private static string Named(EvidenceItems items) =>
        string.Join(", ", Words<EvidenceItems>.All.Where(word => Words<EvidenceItems>.TryParse(word, out var item) && (items & item) != 0));
}
