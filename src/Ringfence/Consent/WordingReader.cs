using System.Globalization;
using NodaTime;
using NodaTime.Text;
using Ringfence.Files;
using Ringfence.Gate;
using Ringfence.Rules;

namespace Ringfence.Consent;

/// <summary>Reads a wording, strictly: a key that is not known is an error.</summary>
internal static class WordingReader
{
    // A page of text; what is longer is no wording that somebody read before saying yes.
    private const int LongestText = 8000;

    // More contacts promised at most are no promise.
    private const int MostContacts = 1000;

    private static readonly string[] Placeholders = ["phone", "email", "name"];

    public static WordingDocument Read(RuleMap map)
    {
        map.OneOf("format", WordingDocument.Format);
        var kind = map.OptionalWord<WordingKind>("kind") ?? WordingKind.Contact;
        var document = new WordingDocument
        {
            Id = map.Name("id"),
            Version = map.Version("version"),
            Kind = kind,
            Sender = map.Line("sender"),
            Callers = Lines(map, "callers"),
            Channels = kind == WordingKind.Contact ? map.AnyFlags<ChannelSet>("channels") : ChannelSet.None,
            Techniques = map.Has("techniques") ? [.. map.Words<Technique>("techniques").Distinct().Order()] : null,
            Purposes = map.PurposesInOrder("purposes"),
            Frequency = map.OptionalMap("frequency") is { } frequency ? FrequencyOf(frequency) : null,
            Term = map.OptionalDays("term"),
            Stop = map.OptionalMap("stop") is { } stop ? StopOf(stop) : new WordingStop(),
            Contact = map.OptionalMap("contact") is { } contact ? ContactOf(contact) : null,
            Notice = map.OptionalMap("notice") is { } notice ? NoticeOf(notice) : null,
            ConditionOf = Names(map, "conditionOf"),
            Choice = ChoiceOf(map.Map("choice")),
            ThirdParties = Lines(map, "thirdParties"),
            PublishedIn = map.OptionalLine("publishedIn"),
            Processing = map.OptionalMap("processing") is { } processing ? ProcessingOf(processing) : new WordingProcessing(),
            Texts = TextsOf(map.Map("texts")),
        };
        map.Done();
        return document;
    }

    /// <summary>The languages whose words can be read: those in which the lint can tell what they say.</summary>
    public static IReadOnlyList<string> Languages { get; } = ["en", "zh-Hans", "zh-Hant", "de", "fr", "es", "it"];

    internal static WordingFrequency FrequencyOf(RuleMap map)
    {
        var frequency = new WordingFrequency(map.Count("most", 1, MostContacts), map.Days("within"), map.Channels("channels"));
        map.Done();
        return frequency;
    }

    internal static WordingStop StopOf(RuleMap map)
    {
        var stop = new WordingStop
        {
            Reply = map.OptionalLine("reply"),
            Page = map.OptionalAddress("page"),
            Email = map.OptionalEmail("email"),
            Phone = map.OptionalPhone("phone"),
            Post = map.OptionalLine("post"),
            In = map.Flags<StopPlaces>("in"),
        };
        map.Done();
        return stop;
    }

    internal static WordingContact ContactOf(RuleMap map)
    {
        var contact = new WordingContact(map.OptionalLine("post"), map.OptionalPhone("phone"), map.OptionalEmail("email"), map.OptionalAddress("page"));
        map.Done();
        return contact.Tells == RequestItems.None ? throw map.Missing("post") : contact;
    }

    internal static WordingNotice NoticeOf(RuleMap map)
    {
        var notice = new WordingNotice(map.OptionalAddress("page") ?? throw map.Missing("page"), map.Version("version"));
        map.Done();
        return notice;
    }

    private static WordingChoice ChoiceOf(RuleMap map)
    {
        var choice = new WordingChoice(
            map.Word<ChoiceKind>("kind"), map.OptionalWord<ChoicePreset>("preset") ?? ChoicePreset.Nothing, map.Word<ChoiceStands>("stands"), Names(map, "alsoCovers"));
        map.Done();
        return choice;
    }

    internal static WordingProcessing ProcessingOf(RuleMap map)
    {
        var processing = new WordingProcessing
        {
            Data = Names(map, "data"),
            Recipients = Lines(map, "recipients"),
            Storage = [.. map.Items("storage").Select(SituationValues.PlaceOf).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
            Retention = map.OptionalDays("retention"),
            Rights = map.Has("rights") ? [.. map.Words<RequestKind>("rights").Distinct().Order()] : [],
            Authority = map.OptionalLine("authority"),
        };
        map.Done();
        return processing;
    }

    private static Dictionary<string, WordingWords> TextsOf(RuleMap map)
    {
        var texts = new Dictionary<string, WordingWords>(StringComparer.Ordinal);
        foreach (var language in map.Keys())
        {
            if (!IsTag(language))
                throw RuleFileException.At(map.PlaceOfKey(language), $"'{language}' is no language, such as en or zh-Hans");
            texts.Add(language, map.Find(language) is FileText ? new WordingWords(Words(map, language), null, null, null) : WordsOf(map.Map(language)));
        }

        return texts.Count > 0 ? texts : throw RuleFileException.At(map.At, "a text in one language at least is wanted");
    }

    internal static WordingWords WordsOf(RuleMap map)
    {
        var words = new WordingWords(Words(map, "text"), map.OptionalLine("sender"), map.OptionalLine("goods"), map.OptionalLine("cost"));
        map.Done();
        return words;
    }

    internal static string Words(RuleMap map, string key)
    {
        // The break at the end of a block of YAML is not part of what is shown.
        var text = map.Text(key).TrimEnd('\n');
        if (text.Length > LongestText)
            throw map.Wrong(key, string.Create(CultureInfo.InvariantCulture, $"is longer than {LongestText} characters"));
        if (text.Any(static c => char.IsControl(c) && c is not '\n'))
            throw map.Wrong(key, "holds a control character");
        for (var at = text.IndexOf('{', StringComparison.Ordinal); at >= 0; at = text.IndexOf('{', at + 1))
        {
            var end = text.IndexOf('}', at);
            if (end < 0 || !Placeholders.Contains(text[(at + 1)..end], StringComparer.Ordinal))
                throw map.Wrong(key, $"a brace stands for what the person entered: {string.Join(", ", Placeholders.Select(static name => $"{{{name}}}"))}");
        }

        return text;
    }

    internal static string[] Lines(RuleMap map, string key)
    {
        var lines = map.Items(key).Select(item => item.Text.Trim() == item.Text && item.Text.Length <= 300 && !item.Text.Any(char.IsControl)
            ? item.Text
            : throw RuleFileException.At(item.At, "is no text of one line")).ToArray();
        return lines.Distinct(StringComparer.Ordinal).Count() == lines.Length ? lines : throw map.Wrong(key, "a name stands twice");
    }

    internal static string[] Names(RuleMap map, string key) => [.. map.Names(key).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    // Source: RFC 5646, section 2.1, as far as letters and digits between hyphens go.
    internal static bool IsTag(string text) =>
        text.Length is >= 2 and <= 35 && text.Split('-') is var parts && parts[0].Length is 2 or 3 && parts.All(static part => part.Length is >= 1 and <= 8 && part.All(char.IsAsciiLetterOrDigit));
}

/// <summary>A wording as the tree that its canonical form is written from. What has its usual value is left out.</summary>
internal static class WordingJson
{
    public static CanonicalValue Of(WordingDocument document) => CanonicalValue.Mapping(
        ("format", WordingDocument.Format), ("id", document.Id), ("version", document.Version),
        ("kind", document.Kind == WordingKind.Contact ? null : Words<WordingKind>.Of(document.Kind)),
        ("sender", document.Sender), ("callers", List(document.Callers)), ("channels", Channels(document.Channels)),
        ("techniques", document.Techniques is { } techniques ? CanonicalValue.Texts(techniques.Select(Words<Technique>.Of)) : null),
        ("purposes", List(document.Purposes)),
        ("frequency", document.Frequency is { } frequency
            ? CanonicalValue.Mapping(("most", frequency.Most), ("within", Iso(frequency.Within)), ("channels", Channels(frequency.Channels)))
            : null),
        ("term", Iso(document.Term)), ("stop", document.Stop.IsNone ? null : StopOf(document.Stop)), ("contact", ContactOf(document.Contact)),
        ("notice", document.Notice is { } notice ? CanonicalValue.Mapping(("page", notice.Page), ("version", notice.Version)) : null),
        ("conditionOf", List(document.ConditionOf)), ("choice", Choice(document.Choice)), ("thirdParties", List(document.ThirdParties)),
        ("publishedIn", document.PublishedIn), ("processing", Processing(document.Processing)),
        ("texts", new CanonicalValue.Map(document.Texts.ToDictionary(static text => text.Key, static text => CanonicalValue.Mapping(
            ("text", text.Value.Text), ("sender", text.Value.Sender), ("goods", text.Value.Goods), ("cost", text.Value.Cost)), StringComparer.Ordinal))));

    /// <summary>A period as it is written in files; null for none.</summary>
    public static string? Iso(Period? period) => period is null ? null : PeriodPattern.NormalizingIso.Format(period);

    /// <summary>Ways to take a yes back.</summary>
    public static CanonicalValue StopOf(WordingStop stop) => CanonicalValue.Mapping(
        ("reply", stop.Reply), ("page", stop.Page), ("email", stop.Email), ("phone", stop.Phone), ("post", stop.Post),
        ("in", stop.In == StopPlaces.None ? null : CanonicalValue.Texts(Words<StopPlaces>.All.Where(word => Words<StopPlaces>.TryParse(word, out var place) && stop.In.HasFlag(place)))));

    /// <summary>How a sender is reached; null where nobody says.</summary>
    public static CanonicalValue? ContactOf(WordingContact? contact) =>
        contact is null ? null : CanonicalValue.Mapping(("post", contact.Post), ("phone", contact.Phone), ("email", contact.Email), ("page", contact.Page));

    private static CanonicalValue Choice(WordingChoice choice) => CanonicalValue.Mapping(
        ("kind", Words<ChoiceKind>.Of(choice.Kind)), ("preset", choice.Preset == ChoicePreset.Nothing ? null : Words<ChoicePreset>.Of(choice.Preset)),
        ("stands", Words<ChoiceStands>.Of(choice.Stands)), ("alsoCovers", List(choice.AlsoCovers)));

    public static CanonicalValue.Map? Processing(WordingProcessing processing)
    {
        var map = (CanonicalValue.Map)CanonicalValue.Mapping(
            ("data", List(processing.Data)), ("recipients", List(processing.Recipients)), ("storage", List(processing.Storage)), ("retention", Iso(processing.Retention)),
            ("rights", processing.Rights.Count == 0 ? null : CanonicalValue.Texts(processing.Rights.Select(Words<RequestKind>.Of))), ("authority", processing.Authority));
        return map.Entries.Count == 0 ? null : map;
    }

    public static CanonicalValue? Channels(ChannelSet channels) =>
        channels == ChannelSet.None ? null : CanonicalValue.Texts(Ringfence.Channels.All.Where(channel => channels.Has(channel)).Select(static channel => channel.Word()));

    public static CanonicalValue? List(IReadOnlyList<string> texts) => texts.Count == 0 ? null : CanonicalValue.Texts(texts);
}
