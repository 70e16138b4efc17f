using System.Text;
using NodaTime;
using Ringfence.Gate;
using Ringfence.Language;

namespace Ringfence.Consent;

/// <summary>What the words of a wording say in one language, whatever the fields beside them claim.</summary>
/// <remarks>The words it looks for stand in <c>wording.phrases</c> and <c>asking.phrases</c> beside this file.</remarks>
internal sealed class WordingText
{
    // So much of what is found may be quoted back to whoever wrote the wording.
    private const int LongestQuote = 80;

    private static readonly Phrasebook Book = new(general: null, "Consent/wording.phrases", "Consent/asking.phrases");

    private readonly Dictionary<string, string> quotes = new(StringComparer.Ordinal);

    private WordingText(string language, WordingWords words) => (Language, Words) = (language, words);

    public string Language { get; }

    public WordingWords Words { get; }

    /// <summary>The channels that are named; automated calls only where they are.</summary>
    public ChannelSet Channels { get; private set; }

    /// <summary>What is wrong with the words as a yes to contact.</summary>
    public WordingFlaws Flaws { get; private set; }

    /// <summary>How often contact is made at most, in each way that is said.</summary>
    public IReadOnlyList<(int Most, Stretch Within)> Frequencies { get; private set; } = [];

    /// <summary>For how long the yes is to hold, in each way that is said.</summary>
    public IReadOnlyList<Stretch> Terms { get; private set; } = [];

    /// <summary>Whether the words are in the language they are said to be in.</summary>
    public bool IsInItsLanguage { get; private set; }

    /// <summary>Names of <c>callers</c> and <c>thirdParties</c> that the words don't hold.</summary>
    public IReadOnlyList<string> Unnamed { get; private set; } = [];

    /// <summary>Reads the words of a document in one language.</summary>
    public static WordingText Read(WordingDocument document, string language)
    {
        var words = document.Texts[language];
        var read = new WordingText(language, words);
        var sender = words.Sender ?? document.Sender;
        using var text = FoldedText.Of(WithoutAddresses(words.Text, sender));
        var findings = Book.Read(text);
        var wording = ConsentWording.Judge(text, findings, sender);
        (read.Channels, read.Flaws) = (wording.Channels, wording.Flaws);
        read.Unnamed = [.. document.Callers.Concat(document.ThirdParties).Where(name => !ConsentWording.Names(text, name))];
        read.IsInItsLanguage = IsWrittenIn(language, words.Text, findings);

        var own = Array.FindAll(findings, finding => finding.Phrase.Language == PrimaryOf(language));
        read.Quote(text, own, findings);
        (read.Frequencies, read.Terms) = WordingFigures.Read(text, own, language.StartsWith("zh", StringComparison.Ordinal));
        return read;
    }

    /// <summary>Whether the words say what a tag of the phrase files stands for.</summary>
    public bool Says(string tag) => quotes.ContainsKey(tag);

    /// <summary>The words by which they say it; null where they don't.</summary>
    public string? Quote(string tag) => quotes.GetValueOrDefault(tag);

    /// <summary>Whether the words hold some others as they stand, blanks and case apart.</summary>
    public bool Holds(string? words) => words is not null && Plain(Words.Text).Contains(Plain(words), StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a word stands there by itself, such as the one to reply with.</summary>
    public bool HoldsWord(string word)
    {
        var text = Words.Text;
        for (var at = text.IndexOf(word, StringComparison.OrdinalIgnoreCase); at >= 0; at = text.IndexOf(word, at + 1, StringComparison.OrdinalIgnoreCase))
        {
            if (IsEdge(text, at - 1, word[0]) && IsEdge(text, at + word.Length, word[^1]))
                return true;
        }

        return false;
    }

    /// <summary>Whether an address stands there, with or without what browsers put before it.</summary>
    public bool HoldsAddress(string address) => Holds(address.Replace("https://", "", StringComparison.OrdinalIgnoreCase).Replace("www.", "", StringComparison.OrdinalIgnoreCase).TrimEnd('/'));

    /// <summary>Whether a number in E.164 stands there in any spelling.</summary>
    public bool HoldsNumber(string number)
    {
        var digits = string.Concat(Words.Text.Where(char.IsAsciiDigit));
        // The country's own spelling leaves the code out, and may put a nought before the rest: its end tells.
        return digits.Contains(number[^7..], StringComparison.Ordinal);
    }

    /// <summary>What the words and the form around them prove of themselves, to whoever was shown them.</summary>
    public EvidenceItems Proven(WordingDocument document)
    {
        var proven = EvidenceItems.Wording;
        if ((Flaws & (WordingFlaws.NoSender | WordingFlaws.OtherSender)) == 0)
            proven |= EvidenceItems.SellerNamed | (document.Callers.All(caller => !Unnamed.Contains(caller)) ? EvidenceItems.CallersNamed : EvidenceItems.None);
        if (Holds(Words.Goods))
            proven |= EvidenceItems.GoodsNamed;
        if (document.Channels != ChannelSet.None && (document.Channels & ~Channels) == 0)
            proven |= EvidenceItems.ChannelNamed;
        if (Says("number") || Words.Text.Contains("{phone}", StringComparison.Ordinal))
            proven |= EvidenceItems.NumberNamed;
        if (Channels.Has(Channel.VoiceAuto) || Says("auto-text"))
            proven |= EvidenceItems.AutoAuthorised;
        if (Says("not-condition") && document.ConditionOf.Count == 0)
            proven |= EvidenceItems.NotConditionTold;
        if (document.Choice is { Stands: ChoiceStands.Apart, AlsoCovers.Count: 0 } && !Says("bundled"))
            proven |= EvidenceItems.DisclosureSeparate | OfItsOwn(document);
        // Source: one court asked for the E-SIGN disclosures where a consent is taken electronically (us-fed-pewc). Our reading: paper instead, taking it back, and what it takes to read and keep it.
        if (Says("electronic") && Says("on-paper") && Says("devices") && Says("stop"))
            proven |= EvidenceItems.ElectronicTold;
        if (document.Term is { } term && Terms.Contains(Stretch.Of(term)))
            proven |= EvidenceItems.PeriodStated;
        if (Says("stop") && !document.Stop.IsNone)
            proven |= EvidenceItems.WithdrawalTold;
        if (Says("proof"))
            proven |= EvidenceItems.ProofAccessTold;
        return Says("request") ? proven | EvidenceItems.RequestStated : proven;
    }

    /// <summary>What an act that stands apart is a consent of its own to: one channel, or the one matter that the words name.</summary>
    private EvidenceItems OfItsOwn(WordingDocument document)
    {
        var isNamed = (Flaws & (WordingFlaws.NoSender | WordingFlaws.OtherSender)) == 0;
        var isNamedTo = isNamed && document.ThirdParties.Count > 0 && !Says("others") && (Flaws & WordingFlaws.UnnamedPartners) == 0 && document.ThirdParties.All(party => !Unnamed.Contains(party));
        var (passesOn, publishes, goesAbroad) = (Says("pass-on"), Says("publish"), Says("abroad"));
        var isOne = document.Kind switch
        {
            WordingKind.Contact => false,
            WordingKind.ThirdParties => isNamedTo && passesOn && !publishes && !goesAbroad && document.PublishedIn is null,
            WordingKind.Publication => isNamed && publishes && !passesOn && !goesAbroad && document.ThirdParties.Count == 0 && Holds(document.PublishedIn),
            WordingKind.SensitiveData => isNamed && Says("sensitive") && !passesOn && !publishes && !goesAbroad && document.ThirdParties.Count == 0 && document.PublishedIn is null,
            // Whoever gives data abroad passes it on: to those named there.
            WordingKind.Export => isNamedTo && goesAbroad && !publishes && document.PublishedIn is null,
        };
        return document.Kind == WordingKind.Contact ? System.Numerics.BitOperations.PopCount((uint)document.Channels) == 1 ? EvidenceItems.Separate : EvidenceItems.None
            : isOne ? SeparateConsent.MatterOf(document.Kind) : EvidenceItems.None;
    }

    private void Quote(FoldedText text, Finding[] own, Finding[] all)
    {
        foreach (var finding in own)
            quotes.TryAdd(finding.Phrase.Tag, Written(text, finding));
        // A flaw is one in whatever language it stands there.
        foreach (var finding in all)
        {
            if (finding.Phrase.Tag is "bundled" or "partners" or "preticked" or "no")
                quotes.TryAdd(finding.Phrase.Tag, Written(text, finding));
        }

        // The two say more exactly what the older words for flaws mean as well.
        Unsay("preticked", by: "silence", own, all);
        Unsay("bundled", by: "silence", own, all);
        Unsay("bundled", by: "condition", own, all);
        Unsay("bundled", by: "not-condition", own, all);
    }

    /// <summary>Takes a flaw back that stands nowhere but where a plainer one does.</summary>
    private void Unsay(string tag, string by, Finding[] own, Finding[] all)
    {
        if (!Says(tag) || !Says(by))
            return;
        var covering = own.Where(finding => finding.Phrase.Tag == by).ToArray();
        if (all.Where(finding => finding.Phrase.Tag == tag).All(finding => covering.Any(other => other.From < finding.Until && finding.From < other.Until)))
            quotes.Remove(tag);
    }

    private static string Written(FoldedText text, Finding finding)
    {
        var from = text.Words[finding.From].Source;
        var until = finding.Until < text.Words.Length ? text.Words[finding.Until].Source : text.Written.Length;
        var quote = text.Written[from..until].Trim().ToString();
        return quote.Length <= LongestQuote ? quote : quote[..LongestQuote] + "…";
    }

    // An address names nobody and says nothing: ringmuster.example/stop is neither the sender nor a way out. Booking.com may be the sender itself.
    private static string WithoutAddresses(string text, string sender)
    {
        var plain = new StringBuilder(text);
        for (var from = 0; from < text.Length;)
        {
            var until = from;
            while (until < text.Length && IsOfAddress(text[until]))
                until++;
            var word = text.AsSpan(from, until - from).TrimEnd("./-");
            if (IsAddress(word) && !sender.Contains(word.ToString(), StringComparison.OrdinalIgnoreCase))
                plain.Remove(from, word.Length).Insert(from, " ", word.Length);
            from = until + 1;
        }

        return plain.ToString();
    }

    private static bool IsOfAddress(char c) => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or '/' or '@' or ':' or '?' or '=' or '&' or '%' or '+' or '#' or '{' or '}';

    // Something with a dot between letters, or with an at sign, or a place for what the person enters; 9.30 and and/or are none.
    private static bool IsAddress(ReadOnlySpan<char> word)
    {
        if (word.StartsWith("{") || word.Contains('@') || word.Contains("://", StringComparison.Ordinal))
            return true;
        var dot = word.IndexOf('.');
        return dot > 0 && dot + 2 < word.Length && char.IsAsciiLetter(word[dot + 1]) && char.IsAsciiLetter(word[dot + 2]) && char.IsAsciiLetterOrDigit(word[dot - 1]);
    }

    private static bool IsWrittenIn(string language, string text, Finding[] findings)
    {
        var han = text.Count(static c => c is >= '\u4E00' and <= '\u9FFF');
        var letters = text.Count(static c => char.IsLetter(c) && c is < '\u4E00' or > '\u9FFF');
        if (!language.StartsWith("zh", StringComparison.Ordinal))
        {
            // No language has more of its own small words in the text.
            var primary = PrimaryOf(language);
            var counts = findings.Where(static finding => finding.Phrase.Tag == "own").GroupBy(static finding => finding.Phrase.Language).ToDictionary(static found => found.Key, static found => found.Count());
            return han * 4 < letters && counts.GetValueOrDefault(primary) is > 0 and var mine && counts.Values.All(count => count <= mine);
        }

        // A name or an address may be in Latin letters.
        if (han * 3 < letters)
            return false;
        var traditional = text.Count(static c => HanVariants.Simplified(c) != c);
        return language == "zh-Hant" ? traditional > 0 : traditional * 5 < han;
    }

    private static string PrimaryOf(string language) => language.Split('-')[0];

    // Blanks and breaks don't show in what is shown.
    private static string Plain(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    // Between Chinese characters and Latin letters a word ends without a blank.
    private static bool IsEdge(string text, int at, char inside) =>
        at < 0 || at >= text.Length || !char.IsLetterOrDigit(text[at]) || Folding.IsSyllabic(text[at]) != Folding.IsSyllabic(inside);
}

/// <summary>A length of time as words state it: days, or months.</summary>
internal readonly record struct Stretch(long Days, long Months)
{
    public Period ToPeriod() => Months == 0 ? Period.FromDays((int)Days) : Period.FromMonths((int)Months);

    public static Stretch Of(Period period) => new((period.Weeks * 7) + period.Days, (period.Years * 12) + period.Months);
}
