using NodaTime;
using Ringfence.Gate;
using Ringfence.Rules;

namespace Ringfence.Consent;

/// <summary>Finds what is wrong with a wording before anybody is asked with it. Each field is held against the exact words, in every language.</summary>
/// <remarks>
/// What can't be told from the words counts as not said. The codes are described in <c>docs/reference/wordings.md</c>.
/// Source: GDPR Art 4(11), 7 and recitals 32, 42, 43; CJEU C-673/17 for boxes ticked beforehand. Our reading: what these leave to the case, such as the
/// frequency, is asked for too, because a promise that nobody reads binds nobody.
/// </remarks>
public static class WordingLint
{
    /// <summary>What is wrong with a wording, wherever it is used; empty where nothing is.</summary>
    public static IReadOnlyList<WordingFinding> Check(WordingDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        var findings = new List<WordingFinding>();
        CheckFields(document, findings);
        foreach (var language in document.Texts.Keys.Order(StringComparer.Ordinal))
        {
            if (WordingReader.Languages.Contains(language, StringComparer.Ordinal))
                CheckWords(document, WordingText.Read(document, language), findings);
            else
                findings.Add(new WordingFinding(WordingFault.LanguageUnread, $"texts.{language}", language));
        }

        return findings;
    }

    /// <summary>The same, with what the rules of some places ask of a wording besides.</summary>
    /// <param name="document">The wording.</param>
    /// <param name="rulebook">The rules.</param>
    /// <param name="places">ISO 3166 codes of where people are asked with it.</param>
    /// <param name="day">The day whose rules count.</param>
    public static IReadOnlyList<WordingFinding> Check(WordingDocument document, Rulebook rulebook, IReadOnlyCollection<string> places, LocalDate day) =>
        [.. Check(document), .. WordingLaw.Check(document, rulebook, places, day)];

    /// <summary>Whether a wording may be used: nothing that was found refuses it.</summary>
    public static bool Passes(IEnumerable<WordingFinding> findings) => findings.All(static finding => finding.Severity != WordingSeverity.Refuse);

    private static void CheckFields(WordingDocument document, List<WordingFinding> findings)
    {
        if (document.Purposes.Count == 0)
            findings.Add(new WordingFinding(WordingFault.NoPurpose, "purposes"));
        if (document.Purposes.Count > 1)
            findings.Add(new WordingFinding(WordingFault.SeveralPurposes, "purposes"));
        if (document.Frequency is null && document.Kind == WordingKind.Contact)
            findings.Add(new WordingFinding(WordingFault.NoFrequency, "frequency"));
        if (document.Stop.IsNone)
            findings.Add(new WordingFinding(WordingFault.NoWayToStop, "stop"));
        else if (document.Choice.Kind != ChoiceKind.Signature && document.Stop is { Reply: null, Page: null, Email: null, Phone: null, In: StopPlaces.None })
            findings.Add(new WordingFinding(WordingFault.HardToStop, "stop.post"));
        if (document.Notice is null)
            findings.Add(new WordingFinding(WordingFault.NoNotice, "notice"));
        foreach (var thing in document.ConditionOf)
            findings.Add(new WordingFinding(WordingFault.ConditionOfPurchase, "conditionOf", thing));
        CheckChoice(document.Choice, findings);
        switch (document.Kind)
        {
            case WordingKind.Contact:
                foreach (var party in document.ThirdParties)
                    findings.Add(new WordingFinding(WordingFault.SeparateConsentMissing, "thirdParties", party));
                if (document.PublishedIn is not null)
                    findings.Add(new WordingFinding(WordingFault.SeparateConsentMissing, "publishedIn"));
                break;
            case WordingKind.ThirdParties:
                if (document.ThirdParties.Count == 0)
                    findings.Add(new WordingFinding(WordingFault.ThirdPartiesUnnamed, "thirdParties"));
                if (document.PublishedIn is not null)
                    findings.Add(new WordingFinding(WordingFault.SeparateConsentMissing, "publishedIn"));
                break;
            case WordingKind.Publication:
                foreach (var party in document.ThirdParties)
                    findings.Add(new WordingFinding(WordingFault.SeparateConsentMissing, "thirdParties", party));
                if (document.PublishedIn is null)
                    findings.Add(new WordingFinding(WordingFault.NoPurpose, "publishedIn"));
                break;
            case WordingKind.SensitiveData:
                foreach (var party in document.ThirdParties)
                    findings.Add(new WordingFinding(WordingFault.SeparateConsentMissing, "thirdParties", party));
                if (document.PublishedIn is not null)
                    findings.Add(new WordingFinding(WordingFault.SeparateConsentMissing, "publishedIn"));
                break;
            case WordingKind.Export:
                if (document.ThirdParties.Count == 0)
                    findings.Add(new WordingFinding(WordingFault.ThirdPartiesUnnamed, "thirdParties"));
                if (document.PublishedIn is not null)
                    findings.Add(new WordingFinding(WordingFault.SeparateConsentMissing, "publishedIn"));
                break;
        }
    }

    private static void CheckChoice(WordingChoice choice, List<WordingFinding> findings)
    {
        if (choice.Preset == ChoicePreset.Yes)
            findings.Add(new WordingFinding(WordingFault.PreTicked, "choice.preset"));
        if (choice.Kind is ChoiceKind.Silence or ChoiceKind.Browsing)
            findings.Add(new WordingFinding(WordingFault.Silence, "choice.kind"));
        if (choice.Stands == ChoiceStands.AmongOthers)
            findings.Add(new WordingFinding(WordingFault.Bundled, "choice.stands"));
        foreach (var thing in choice.AlsoCovers)
            findings.Add(new WordingFinding(WordingFault.Bundled, "choice.alsoCovers", thing));
    }

    private static void CheckWords(WordingDocument document, WordingText text, List<WordingFinding> findings)
    {
        var where = $"texts.{text.Language}";
        if (!text.IsInItsLanguage)
            Add(WordingFault.WrongLanguage);
        if (text.Flaws.HasFlag(WordingFlaws.OtherSender))
            Contradicts("sender");
        else if (text.Flaws.HasFlag(WordingFlaws.NoSender))
            Add(WordingFault.NoIdentity);
        if (!text.Says("stop"))
            Add(WordingFault.NoWayToStop);
        CheckWaysToStop(document.Stop, text, Contradicts);
        CheckContactOf(document.Contact, text, Contradicts);
        if (document.Notice is { } notice && !text.Says("notice") && !text.HoldsAddress(notice.Page))
            Add(WordingFault.NoNotice);
        if (text.Says("condition"))
            Add(WordingFault.ConditionOfPurchase, quote: text.Quote("condition"));
        else if (!text.Says("not-condition"))
            Add(WordingFault.ConditionUnsaid);
        if (text.Says("preticked"))
            Add(WordingFault.PreTicked, quote: text.Quote("preticked"));
        if (text.Says("silence"))
            Add(WordingFault.Silence, quote: text.Quote("silence"));
        if (text.Says("bundled"))
            Add(WordingFault.Bundled, quote: text.Quote("bundled"));
        if (text.Flaws.HasFlag(WordingFlaws.Refusal))
            Add(WordingFault.Refusal, quote: text.Quote("no"));
        CheckQuotes(document, text, Contradicts);
        CheckKind(document, text, Add);
        if (document.Kind == WordingKind.Contact)
            CheckContact(document, text, Add, Contradicts);

        void Add(WordingFault fault, string? detail = null, string? quote = null) => findings.Add(new WordingFinding(fault, where, detail, quote));
        void Contradicts(string field) => findings.Add(new WordingFinding(WordingFault.TextContradictsFields, where, field));
    }

    private static void CheckWaysToStop(WordingStop stop, WordingText text, Action<string> contradicts)
    {
        if (stop.Reply is { } word && !text.HoldsWord(word))
            contradicts("stop.reply");
        if (stop.Page is { } page && !text.HoldsAddress(page) && !(text.Says("stop") && text.Says("link")))
            contradicts("stop.page");
        if (stop.Email is { } email && !text.Holds(email))
            contradicts("stop.email");
        if (stop.Phone is { } phone && !text.HoldsNumber(phone))
            contradicts("stop.phone");
        if (stop.Post is { } post && !text.Holds(post))
            contradicts("stop.post");
        if ((stop.In.HasFlag(StopPlaces.EveryMessage) && !text.Says("in-message"))
            || (stop.In.HasFlag(StopPlaces.EveryCall) && !text.Says("in-call"))
            || (stop.In.HasFlag(StopPlaces.Account) && !text.Says("in-account")))
            contradicts("stop.in");
    }

    private static void CheckContactOf(WordingContact? contact, WordingText text, Action<string> contradicts)
    {
        if (contact?.Post is { } post && !text.Holds(post))
            contradicts("contact.post");
        if (contact?.Phone is { } phone && !text.HoldsNumber(phone))
            contradicts("contact.phone");
        if (contact?.Email is { } email && !text.Holds(email))
            contradicts("contact.email");
        if (contact?.Page is { } page && !text.HoldsAddress(page))
            contradicts("contact.page");
    }

    private static void CheckQuotes(WordingDocument document, WordingText text, Action<string> contradicts)
    {
        if (text.Words.Goods is { } goods && !text.Holds(goods))
            contradicts("goods");
        if (text.Words.Cost is { } cost && !text.Holds(cost))
            contradicts("cost");
        if (document.Callers.Any(caller => text.Unnamed.Contains(caller)))
            contradicts("callers");
        // An end that the words state is one that the person counts on, whether a field has it or not.
        var ends = document.Term is { } term ? text.Terms.Contains(Stretch.Of(term)) : text.Terms.Count == 0;
        if (!ends)
            contradicts("term");
    }

    private static void CheckKind(WordingDocument document, WordingText text, Action<WordingFault, string?, string?> add)
    {
        if (document.Kind is not (WordingKind.ThirdParties or WordingKind.Export) && text.Says("pass-on"))
            add(WordingFault.SeparateConsentMissing, null, text.Quote("pass-on"));
        if (document.Kind != WordingKind.Publication && text.Says("publish"))
            add(WordingFault.SeparateConsentMissing, null, text.Quote("publish"));
        if (document.Kind is not (WordingKind.Contact or WordingKind.Export) && text.Says("abroad"))
            add(WordingFault.SeparateConsentMissing, null, text.Quote("abroad"));
        switch (document.Kind)
        {
            case WordingKind.Contact:
                if (text.Flaws.HasFlag(WordingFlaws.UnnamedPartners))
                    add(WordingFault.ThirdPartiesUnnamed, null, text.Quote("partners"));
                break;
            case WordingKind.ThirdParties or WordingKind.Export:
                foreach (var party in document.ThirdParties.Where(party => text.Unnamed.Contains(party)))
                    add(WordingFault.ThirdPartiesUnnamed, party, null);
                if (text.Says("others"))
                    add(WordingFault.ThirdPartiesUnnamed, null, text.Quote("others"));
                if (!text.Says(document.Kind == WordingKind.Export ? "abroad" : "pass-on"))
                    add(WordingFault.TextContradictsFields, "kind", null);
                break;
            case WordingKind.SensitiveData:
                if (!text.Says("sensitive"))
                    add(WordingFault.TextContradictsFields, "kind", null);
                break;
            case WordingKind.Publication:
                if (!text.Says("publish"))
                    add(WordingFault.TextContradictsFields, "kind", null);
                if (document.PublishedIn is { } place && !text.Holds(place))
                    add(WordingFault.TextContradictsFields, "publishedIn", null);
                break;
        }
    }

    private static void CheckContact(WordingDocument document, WordingText text, Action<WordingFault, string?, string?> add, Action<string> contradicts)
    {
        foreach (var channel in Channels.All)
        {
            if (document.Channels.Has(channel) && !text.Channels.Has(channel))
                add(WordingFault.NoChannel, channel.Word(), null);
        }

        if (text.Flaws.HasFlag(WordingFlaws.NoPurpose))
            add(WordingFault.NoPurpose, null, null);
        if (document.Techniques is { } techniques && !text.Channels.Has(Channel.VoiceAuto) && techniques.Any(static way => way is Technique.Prerecorded or Technique.AiVoice or Technique.RandomDialler))
            contradicts("techniques");
        if (document.Frequency is { } frequency)
        {
            if (text.Frequencies.Count == 0)
                add(WordingFault.NoFrequency, null, null);
            else if (!text.Frequencies.Contains((frequency.Most, Stretch.Of(frequency.Within))))
                contradicts("frequency");
        }

        if ((document.Channels & (ChannelSet.Sms | ChannelSet.Whatsapp)) != 0 && text.Words.Cost is null)
            add(WordingFault.CostUnsaid, null, null);
    }
}
