using NodaTime;
using NodaTime.Text;
using Ringfence.Files;
using Ringfence.Gate;
using Ringfence.Rules;

namespace Ringfence.Consent;

/// <summary>Reads a privacy notice, strictly: a key that is not known is an error.</summary>
internal static class NoticeReader
{
    // Whoever meets more than this reads none of it.
    private const int MostRows = 60;
    private const int LongestText = 1000;

    private static readonly string[] RecipientKinds = ["gateway", "system", "caller", "party", "said"];

    public static NoticeDocument Read(RuleMap map)
    {
        map.OneOf("format", NoticeDocument.Format);
        var document = new NoticeDocument
        {
            Version = map.Version("version"),
            Since = InstantOf(map, "since"),
            Controller = PartyOf(map.Map("controller")),
            HasNoOfficer = map.True("noOfficer"),
            Representatives = Unique(map, "representatives", [.. map.Maps("representatives").Select(RepresentativeOf)], static one => Words<NoticeRegime>.Of(one.Regime)),
            Places = PlacesOf(map, "places"),
            ForChildren = map.True("forChildren"),
            Purposes = Unique(map, "purposes", [.. map.Maps("purposes").Select(PurposeOf)], static one => one.Name),
            Data = map.Has("data") ? [.. map.Words<NoticeData>("data").Distinct().Order()] : [],
            HasLists = map.True("lists"),
            Sources = Unique(map, "sources", [.. map.Maps("sources").Select(SourceOf)], static one => one.Name),
            Recipients = Unique(map, "recipients", [.. map.Maps("recipients").Select(RecipientOf)], static one => one.Key),
            Registers = [.. map.Names("registers").Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
            Storage = PlacesOf(map, "storage"),
            Retention = Unique(map, "retention", [.. map.Maps("retention").Select(RetentionOf)], static one => Words<NoticeKept>.Of(one.What)),
            Stops = [.. map.Maps("stops").Select(WordingReader.StopOf).Distinct()],
            ConditionOf = WordingReader.Names(map, "conditionOf"),
            Sensitive = TextsOf(map, "sensitive"),
        };
        map.Done();
        return document;
    }

    private static Instant InstantOf(RuleMap map, string key) =>
        InstantPattern.General.Parse(map.Text(key)).TryGetValue(default, out var at) ? at : throw map.Wrong(key, "is no moment to the second, such as 2026-11-22T09:00:00Z");

    private static NoticeParty PartyOf(RuleMap map)
    {
        var party = new NoticeParty(
            map.Line("name"), map.Line("address"), map.OptionalCountry("country") ?? throw map.Missing("country"), PartyContact.Read(map.Map("contact")),
            map.OptionalMap("privacyOfficer") is { } officer ? PartyContact.Read(officer) : null);
        map.Done();
        return party;
    }

    private static NoticeRepresentative RepresentativeOf(RuleMap map)
    {
        var one = new NoticeRepresentative(map.Word<NoticeRegime>("in"), map.Line("name"), map.Line("address"), map.OptionalEmail("email") ?? throw map.Missing("email"));
        map.Done();
        return one;
    }

    private static NoticePurpose PurposeOf(RuleMap map)
    {
        var purpose = new NoticePurpose(
            DocumentReader.IsPurpose(map.Text("name")) ? map.Text("name") : throw map.Wrong("name", "is no purpose in small letters, digits and hyphens, such as offers or product-enquiry:solar"))
        {
            About = TextsOf(map, "about"),
            Basis = map.OptionalWord<NoticeBasis>("basis"),
            Interests = TextsOf(map, "interests"),
            Channels = map.Channels("channels"),
            Frequency = map.OptionalMap("frequency") is { } frequency ? WordingReader.FrequencyOf(frequency) : null,
            Term = map.OptionalDays("term"),
        };
        map.Done();
        return purpose;
    }

    private static NoticeSource SourceOf(RuleMap map)
    {
        var source = new NoticeSource(map.Line("name"), map.Word<NoticeOrigin>("origin"));
        map.Done();
        return source;
    }

    private static NoticeRecipient RecipientOf(RuleMap map)
    {
        var key = map.Line("key");
        var recipient = new NoticeRecipient(key.IndexOf(':', StringComparison.Ordinal) is > 0 and var at && at < key.Length - 1 && RecipientKinds.Contains(key[..at]) ? key : throw map.Wrong("key", $"'{key}' names nobody, such as gateway:sms or said:hosting"))
        {
            Name = map.OptionalLine("name"),
            Role = map.OptionalWord<NoticeRole>("role"),
            Country = map.OptionalCountry("country"),
            Safeguards = map.Flags<NoticeSafeguards>("safeguards"),
            Contact = map.OptionalLine("contact"),
            Channels = map.Channels("channels"),
        };
        map.Done();
        return recipient;
    }

    private static NoticeRetention RetentionOf(RuleMap map)
    {
        var one = new NoticeRetention(map.Word<NoticeKept>("what"), map.OptionalDays("time"), map.Word<NoticeFrom>("from"), map.Word<NoticeThen>("then"));
        map.Done();
        return one.Time is null == (one.From == NoticeFrom.WhileContacting) ? one : throw RuleFileException.At(map.At, "a time is wanted, such as P3Y, unless it is kept while people are contacted");
    }

    private static string[] PlacesOf(RuleMap map, string key) =>
        [.. map.Items(key).Select(static item => PlaceGroups.IsPlace(item.Text) ? item.Text : throw RuleFileException.At(item.At, $"'{item.Text}' is no code of ISO 3166, such as DE or US-FL")).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    private static Dictionary<string, string> TextsOf(RuleMap map, string key)
    {
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        if (map.OptionalMap(key) is not { } all)
            return texts;
        foreach (var language in all.Keys())
        {
            if (!NoticeDocument.Languages.Contains(language))
                throw RuleFileException.At(all.PlaceOfKey(language), $"'{language}' is none of {string.Join(", ", NoticeDocument.Languages)}");
            var text = all.Text(language);
            texts.Add(language, text.Length <= LongestText && !text.Any(char.IsControl) && text.Trim() == text ? text : throw all.Wrong(language, "is no text of one line, of 1000 characters at most"));
        }

        return texts;
    }

    private static T[] Unique<T>(RuleMap map, string key, T[] all, Func<T, string> name) =>
        all.Length > MostRows ? throw map.Wrong(key, "more than 60 are read by nobody")
        : all.Select(name).Distinct(StringComparer.Ordinal).Count() == all.Length ? [.. all.OrderBy(name, StringComparer.Ordinal)]
        : throw map.Wrong(key, "a name stands twice");
}

/// <summary>A notice as the tree that its canonical form is written from. What has its usual value is left out.</summary>
internal static class NoticeJson
{
    public static CanonicalValue Of(NoticeDocument notice) => CanonicalValue.Mapping(
        ("format", NoticeDocument.Format), ("version", notice.Version), ("since", InstantPattern.General.Format(notice.Since)),
        ("controller", CanonicalValue.Mapping(
            ("name", notice.Controller.Name), ("address", notice.Controller.Address), ("country", notice.Controller.Country), ("contact", notice.Controller.Contact.ToJson()),
            ("privacyOfficer", notice.Controller.PrivacyOfficer?.ToJson()))),
        ("noOfficer", Flag(notice.HasNoOfficer)),
        ("representatives", List(notice.Representatives.OrderBy(static one => Words<NoticeRegime>.Of(one.Regime), StringComparer.Ordinal), static one => CanonicalValue.Mapping(
            ("in", Words<NoticeRegime>.Of(one.Regime)), ("name", one.Name), ("address", one.Address), ("email", one.Email)))),
        ("places", WordingJson.List(notice.Places)), ("forChildren", Flag(notice.ForChildren)),
        ("purposes", List(notice.Purposes.OrderBy(static one => one.Name, StringComparer.Ordinal), PurposeOf)),
        ("data", Some(notice.Data.Order().Select(Words<NoticeData>.Of))), ("lists", Flag(notice.HasLists)),
        ("sources", List(notice.Sources.OrderBy(static one => one.Name, StringComparer.Ordinal), static one => CanonicalValue.Mapping(("name", one.Name), ("origin", Words<NoticeOrigin>.Of(one.Origin))))),
        ("recipients", List(notice.Recipients.OrderBy(static one => one.Key, StringComparer.Ordinal), RecipientOf)),
        ("registers", WordingJson.List(notice.Registers)), ("storage", WordingJson.List(notice.Storage)),
        ("retention", List(notice.Retention.OrderBy(static one => Words<NoticeKept>.Of(one.What), StringComparer.Ordinal), static one => CanonicalValue.Mapping(
            ("what", Words<NoticeKept>.Of(one.What)), ("time", WordingJson.Iso(one.Time)), ("from", Words<NoticeFrom>.Of(one.From)), ("then", Words<NoticeThen>.Of(one.Then))))),
        ("stops", List(notice.Stops, WordingJson.StopOf)), ("conditionOf", WordingJson.List(notice.ConditionOf)), ("sensitive", Texts(notice.Sensitive)));

    private static CanonicalValue PurposeOf(NoticePurpose purpose) => CanonicalValue.Mapping(
        ("name", purpose.Name), ("about", Texts(purpose.About)), ("basis", purpose.Basis is { } basis ? Words<NoticeBasis>.Of(basis) : null), ("interests", Texts(purpose.Interests)),
        ("channels", WordingJson.Channels(purpose.Channels)), ("term", WordingJson.Iso(purpose.Term)),
        ("frequency", purpose.Frequency is { } frequency ? CanonicalValue.Mapping(("most", frequency.Most), ("within", WordingJson.Iso(frequency.Within)), ("channels", WordingJson.Channels(frequency.Channels))) : null));

    private static CanonicalValue RecipientOf(NoticeRecipient one) => CanonicalValue.Mapping(
        ("key", one.Key), ("name", one.Name), ("role", one.Role is { } role ? Words<NoticeRole>.Of(role) : null), ("country", one.Country), ("contact", one.Contact),
        ("safeguards", Some(Words<NoticeSafeguards>.All.Where(word => Words<NoticeSafeguards>.TryParse(word, out var flag) && flag != 0 && one.Safeguards.HasFlag(flag)))),
        ("channels", WordingJson.Channels(one.Channels)));

    private static CanonicalValue? Flag(bool flag) => flag ? "true" : null;

    private static CanonicalValue? Some(IEnumerable<string> words) => words.ToArray() is { Length: > 0 } some ? CanonicalValue.Texts(some) : null;

    private static CanonicalValue.Map? Texts(IReadOnlyDictionary<string, string> texts) =>
        texts.Count == 0 ? null : new CanonicalValue.Map(texts.ToDictionary(static text => text.Key, static text => (CanonicalValue)new CanonicalValue.Text(text.Value), StringComparer.Ordinal));

    private static CanonicalValue.List? List<T>(IEnumerable<T> items, Func<T, CanonicalValue> of) =>
        items.Select(of).ToArray() is { Length: > 0 } some ? new CanonicalValue.List(some) : null;
}
