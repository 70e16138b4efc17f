using Ringfence.Files;
using Ringfence.Rules;

namespace Ringfence.Consent;

/// <summary>Reads a form, strictly: a key that is not known is an error.</summary>
internal static class FormReader
{
    // Whoever meets more than this reads none of it.
    private const int MostBlocks = 40;
    private const int MostLayouts = 6;
    private const int LongestText = 2000;

    // Beyond this nobody has counted.
    private const int MostSteps = 100;

    /// <param name="map">What is read.</param>
    /// <param name="edition">The edition of one that names none.</param>
    public static FormDocument Read(RuleMap map, int edition)
    {
        map.OneOf("format", FormDocument.Format);
        var document = new FormDocument
        {
            Id = map.Name("id"),
            Version = map.Version("version"),
            Edition = map.Has("edition") ? map.Count("edition", 1, FormWords.NewestEdition) : edition,
            Sender = map.OptionalLine("sender"),
            Callers = WordingReader.Lines(map, "callers"),
            Languages = Languages(map),
            OfferedIn = [.. WordingReader.Lines(map, "offeredIn").Order(StringComparer.Ordinal)],
            ForChildren = map.True("forChildren"),
            OptIn = map.OptionalWord<FormOptIn>("optIn") ?? FormOptIn.Double,
            Purposes = Unique(map, "purposes", [.. map.Maps("purposes").Select(PurposeOf)], static purpose => purpose.Name),
            Stop = map.OptionalMap("stop") is { } stop ? WordingReader.StopOf(stop) : new WordingStop(),
            StopSteps = map.Has("stopSteps") ? map.Count("stopSteps", 1, MostSteps) : null,
            Contact = map.OptionalMap("contact") is { } contact ? WordingReader.ContactOf(contact) : null,
            Notice = map.OptionalMap("notice") is { } notice ? WordingReader.NoticeOf(notice) : null,
            EmbedIn = Origins(map),
            ConditionOf = WordingReader.Names(map, "conditionOf"),
            Processing = map.OptionalMap("processing") is { } processing ? WordingReader.ProcessingOf(processing) : new WordingProcessing(),
            Blocks = Unique(map, "blocks", [.. map.Maps("blocks").Select(BlockOf)], static block => block.Name),
            Layouts = Unique(map, "layouts", [.. map.Maps("layouts").Select(LayoutOf)], static layout => layout.Name),
        };
        map.Done();
        return document.Blocks.Count > MostBlocks ? throw map.Wrong("blocks", "a form of more than 40 blocks is read by nobody")
            : document.Layouts.Count > MostLayouts ? throw map.Wrong("layouts", "more than 6 layouts can't be told apart")
            : document;
    }

    // A site and no more: what stands behind it in an address would be taken for a rule of its own by some browsers, and for none by others.
    private static string[] Origins(RuleMap map) =>
    [
        .. map.Items("embedIn").Select(static item => Uri.TryCreate(item.Text, UriKind.Absolute, out var site) && site.Scheme == Uri.UriSchemeHttps && site.HostNameType is UriHostNameType.Dns && site.GetLeftPart(UriPartial.Authority) == item.Text && site.UserInfo.Length == 0
            ? item.Text : throw RuleFileException.At(item.At, $"'{item.Text}' is no site, such as https://shop.example")).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
    ];

    private static string[] Languages(RuleMap map)
    {
        var languages = map.Items("languages").Select(item => WordingReader.IsTag(item.Text) ? item.Text : throw RuleFileException.At(item.At, $"'{item.Text}' is no language, such as en or zh-Hans")).ToArray();
        return languages.Distinct(StringComparer.Ordinal).Count() == languages.Length && languages.Length > 0 ? languages : throw map.Wrong("languages", "one language at least, none twice");
    }

    private static FormPurpose PurposeOf(RuleMap map)
    {
        var purpose = new FormPurpose(
            DocumentReader.IsPurpose(map.Text("name")) ? map.Text("name") : throw map.Wrong("name", "is no purpose in small letters, digits and hyphens, such as offers or product-enquiry:solar"),
            TextsOf(map, "about"), map.OptionalMap("frequency") is { } frequency ? WordingReader.FrequencyOf(frequency) : null, map.OptionalDays("term"));
        map.Done();
        return purpose;
    }

    private static FormBlock BlockOf(RuleMap map)
    {
        var name = map.Name("name");
        FormBlock block = map.OneOf("kind", "heading", "text", "field", "box") switch
        {
            "heading" => new FormHeading(name, TextsOf(map, "texts")),
            "text" => new FormText(name, TextsOf(map, "texts")),
            "field" => new FormField(name, map.Word<FormAsks>("asks"), map.True("required")),
            _ => BoxOf(map, name),
        };
        map.Done();
        return block;
    }

    private static FormBox BoxOf(RuleMap map, string name) => new(name)
    {
        Channels = map.Channels("channels"),
        Purposes = map.PurposesInOrder("purposes"),
        Preset = map.OptionalWord<ChoicePreset>("preset") ?? ChoicePreset.Nothing,
        IsRequired = map.True("required"),
        AlsoCovers = WordingReader.Names(map, "alsoCovers"),
        ThirdParties = WordingReader.Lines(map, "thirdParties"),
        Words = map.OptionalMap("words") is { } words ? ByLanguage(words, static (words, language) =>
            words.Find(language) is FileText ? new WordingWords(WordingReader.Words(words, language), null, null, null) : WordingReader.WordsOf(words.Map(language))) : new Dictionary<string, WordingWords>(),
    };

    private static FormLayout LayoutOf(RuleMap map)
    {
        var layout = new FormLayout(map.Name("name"), map.Names("order"), map.OptionalWord<FormSpacing>("spacing") ?? FormSpacing.Even, map.OptionalWord<FormDecline>("decline") ?? FormDecline.Equal);
        map.Done();
        return layout;
    }

    private static Dictionary<string, string> TextsOf(RuleMap map, string key) => ByLanguage(map.Map(key), static (texts, language) =>
        texts.Text(language).TrimEnd('\n') is { Length: <= LongestText } text && !text.Any(static c => char.IsControl(c) && c is not '\n') ? text : throw texts.Wrong(language, "is longer than 2000 characters, or holds a control character"));

    private static Dictionary<string, T> ByLanguage<T>(RuleMap map, Func<RuleMap, string, T> read)
    {
        var texts = new Dictionary<string, T>(StringComparer.Ordinal);
        foreach (var language in map.Keys())
            texts.Add(language, WordingReader.IsTag(language) ? read(map, language) : throw RuleFileException.At(map.PlaceOfKey(language), $"'{language}' is no language, such as en or zh-Hans"));
        return texts;
    }

    private static T[] Unique<T>(RuleMap map, string key, T[] all, Func<T, string> name) =>
        all.Select(name).Distinct(StringComparer.Ordinal).Count() == all.Length ? all : throw map.Wrong(key, "a name stands twice");
}

/// <summary>A form as the tree that its canonical form is written from. What has its usual value is left out.</summary>
internal static class FormJson
{
    public static CanonicalValue Of(FormDocument form) => CanonicalValue.Mapping(
        ("format", FormDocument.Format), ("id", form.Id), ("version", form.Version), ("edition", form.Edition > 1 ? form.Edition : null), ("sender", form.Sender), ("callers", WordingJson.List(form.Callers)),
        ("languages", CanonicalValue.Texts(form.Languages)), ("offeredIn", WordingJson.List(form.OfferedIn)), ("forChildren", Flag(form.ForChildren)),
        ("optIn", form.OptIn == FormOptIn.Double ? null : Gate.Words<FormOptIn>.Of(form.OptIn)), ("purposes", List(form.Purposes, PurposeOf)),
        ("stop", form.Stop.IsNone ? null : WordingJson.StopOf(form.Stop)), ("stopSteps", form.StopSteps is { } steps ? steps : null), ("contact", WordingJson.ContactOf(form.Contact)),
        ("notice", form.Notice is { } notice ? CanonicalValue.Mapping(("page", notice.Page), ("version", notice.Version)) : null),
        ("embedIn", WordingJson.List(form.EmbedIn)), ("conditionOf", WordingJson.List(form.ConditionOf)), ("processing", WordingJson.Processing(form.Processing)), ("blocks", List(form.Blocks, BlockOf)), ("layouts", List(form.Layouts, LayoutOf)));

    private static CanonicalValue PurposeOf(FormPurpose purpose) => CanonicalValue.Mapping(
        ("name", purpose.Name), ("about", Texts(purpose.About)), ("term", WordingJson.Iso(purpose.Term)),
        ("frequency", purpose.Frequency is { } frequency ? CanonicalValue.Mapping(("most", frequency.Most), ("within", WordingJson.Iso(frequency.Within)), ("channels", WordingJson.Channels(frequency.Channels))) : null));

    private static CanonicalValue BlockOf(FormBlock block) => block switch
    {
        FormHeading heading => CanonicalValue.Mapping(("kind", "heading"), ("name", block.Name), ("texts", Texts(heading.Texts))),
        FormText text => CanonicalValue.Mapping(("kind", "text"), ("name", block.Name), ("texts", Texts(text.Texts))),
        FormField field => CanonicalValue.Mapping(("kind", "field"), ("name", block.Name), ("asks", Gate.Words<FormAsks>.Of(field.Asks)), ("required", Flag(field.IsRequired))),
        FormBox box => CanonicalValue.Mapping(
            ("kind", "box"), ("name", block.Name), ("channels", WordingJson.Channels(box.Channels)), ("purposes", WordingJson.List(box.Purposes)),
            ("preset", box.Preset == ChoicePreset.Nothing ? null : Gate.Words<ChoicePreset>.Of(box.Preset)), ("required", Flag(box.IsRequired)), ("alsoCovers", WordingJson.List(box.AlsoCovers)),
            ("thirdParties", WordingJson.List(box.ThirdParties)),
            ("words", box.Words.Count == 0 ? null : new CanonicalValue.Map(box.Words.ToDictionary(static words => words.Key, static words => CanonicalValue.Mapping(
                ("text", words.Value.Text), ("sender", words.Value.Sender), ("goods", words.Value.Goods), ("cost", words.Value.Cost)), StringComparer.Ordinal)))),
        _ => throw new InvalidOperationException("There is no such block."),
    };

    private static CanonicalValue LayoutOf(FormLayout layout) => CanonicalValue.Mapping(
        ("name", layout.Name), ("order", WordingJson.List(layout.Order)), ("spacing", layout.Spacing == FormSpacing.Even ? null : Gate.Words<FormSpacing>.Of(layout.Spacing)),
        ("decline", layout.Decline == FormDecline.Equal ? null : Gate.Words<FormDecline>.Of(layout.Decline)));

    private static CanonicalValue? Flag(bool set) => set ? "true" : null;

    private static CanonicalValue.Map Texts(IReadOnlyDictionary<string, string> texts) =>
        new(texts.ToDictionary(static text => text.Key, static text => (CanonicalValue)new CanonicalValue.Text(text.Value), StringComparer.Ordinal));

    private static CanonicalValue.List? List<T>(IReadOnlyList<T> all, Func<T, CanonicalValue> of) => all.Count == 0 ? null : new CanonicalValue.List([.. all.Select(of)]);
}
