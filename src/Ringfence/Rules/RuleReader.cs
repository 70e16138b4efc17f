using NodaTime;
using NodaTime.Text;

namespace Ringfence.Rules;

/// <summary>Reads rule files, strictly: what is missing, unknown or malformed is an error that names file and line.</summary>
internal static class RuleReader
{
    private static readonly string[] Languages = ["en", "zh-Hans", "zh-Hant"];

    /// <summary>Reads one version of a rule.</summary>
    /// <param name="file">Its path, <c>rules/(jurisdiction)/(rule)/(first day).yaml</c>, with which the content has to agree.</param>
    /// <param name="text">Its content.</param>
    /// <param name="places">Groups of countries the file may name.</param>
    /// <exception cref="RuleFileException">The file is not in order.</exception>
    public static Rule Read(string file, TextReader text, IReadOnlyDictionary<string, IReadOnlySet<string>> places)
    {
        var map = RuleMap.Read(file, text);
        var rule = new Rule
        {
            File = file,
            Id = map.Text("id"),
            Name = Texts(map.Map("name")),
            Says = Texts(map.Map("says")),
            Cites = map.Text("cites"),
            Sources = [Address(map, "source", map.Text("source")), .. map.List("also").Select(a => Address(map, "also", a))],
            Certainty = map.OneOf("certainty", "verified", "secondary", "to-verify"),
            Grade = map.OneOf("grade", "statute", "regulation", "case-law", "self-regulation", "platform", "house"),
            From = Day(map, "from", map.Text("from")),
            FromIsAtLatest = map.OptionalText("from-is") is not null && map.OneOf("from-is", "at-latest") == "at-latest",
            Until = map.OptionalText("until") is { } until ? Day(map, "until", until) : null,
            Reading = map.OptionalText("reading"),
            Exposure = map.OptionalMap("exposure") is { } exposure ? Exposure(exposure, places) : null,
            ConsentTerm = map.OptionalMap("consent-term") is { } term ? Term(term, places) : null,
        };
        map.Done();

        if (rule.Until <= rule.From)
            throw map.Wrong("until", "the end is not after the beginning");
        if ((rule.Exposure is null) == (rule.ConsentTerm is null))
            throw map.Wrong("id", "a rule states either exposure or a consent-term");
        if (file != PathOf(rule))
            throw map.Wrong("id", $"by its id and first day the file should be {PathOf(rule)}");
        return rule;
    }

    /// <summary>Reads texts per code, in the three languages.</summary>
    public static IReadOnlyDictionary<string, RuleText> ReadTexts(string file, TextReader text)
    {
        var map = RuleMap.Read(file, text);
        return map.Keys().ToDictionary(code => code, code => Texts(map.Map(code)), StringComparer.Ordinal);
    }

    /// <summary>Reads groups of countries.</summary>
    public static IReadOnlyDictionary<string, IReadOnlySet<string>> ReadPlaces(string file, TextReader text)
    {
        var map = RuleMap.Read(file, text);
        return map.Keys().ToDictionary(name => name, name => Group(map.Map(name)), StringComparer.Ordinal);

        static IReadOnlySet<string> Group(RuleMap group)
        {
            _ = (group.Text("says"), group.Text("cites"), group.Text("source"));
            var holds = Places(group, "holds", NoGroups);
            group.Done();
            return holds;
        }
    }

    private static readonly Dictionary<string, IReadOnlySet<string>> NoGroups = [];

    private static ExposureRule Exposure(RuleMap map, IReadOnlyDictionary<string, IReadOnlySet<string>> places)
    {
        var rule = new ExposureRule(
            map.Text("jurisdiction"),
            Places(map, "where", places),
            ChannelsOf(map),
            map.OneOf("per", "contact", "all") == "contact",
            map.Text("currency"),
            map.OptionalAmount("least"),
            map.OptionalAmount("most"),
            map.OptionalAmount("turnover-percent"),
            map.List("leaves-out"));
        map.Done();

        if (rule.Currency.Length != 3 || !rule.Currency.All(char.IsAsciiLetterUpper))
            throw map.Wrong("currency", "three capital letters are wanted");
        if (rule.Most is null && rule.TurnoverPercent is null)
            throw map.Wrong("most", "neither an amount nor a share of turnover is given");
        if (rule.Least > rule.Most)
            throw map.Wrong("least", "is more than the most");
        if (rule.TurnoverPercent > 100)
            throw map.Wrong("turnover-percent", "is more than all");
        return rule;
    }

    private static ConsentTermRule Term(RuleMap map, IReadOnlyDictionary<string, IReadOnlySet<string>> places)
    {
        var lasts = PeriodPattern.NormalizingIso.Parse(map.Text("lasts"));
        if (!lasts.TryGetValue(Period.Zero, out var period) || period.HasTimeComponent || LocalDate.MinIsoValue + period <= LocalDate.MinIsoValue)
            throw map.Wrong("lasts", "a period of days, months or years is wanted, such as P2Y");
        var rule = new ConsentTermRule(
            Places(map, "where", places), ChannelsOf(map), period, map.OneOf("even-if-longer-agreed", "true", "false") == "true");
        map.Done();
        return rule;
    }

    private static RuleText Texts(RuleMap map)
    {
        var texts = Array.ConvertAll(Languages, map.Text);
        map.Done();
        return new RuleText(texts[0], texts[1], texts[2]);
    }

    private static ChannelSet ChannelsOf(RuleMap map)
    {
        var set = ChannelSet.None;
        foreach (var word in map.List("channels"))
            set |= Channels.TryParse(word, out var channel) ? channel.Only() : throw map.Wrong("channels", $"'{word}' is no channel");
        return set == ChannelSet.None ? throw map.Wrong("channels", "no channel is named") : set;
    }

    private static HashSet<string> Places(RuleMap map, string key, IReadOnlyDictionary<string, IReadOnlySet<string>> groups)
    {
        var places = new HashSet<string>(StringComparer.Ordinal);
        foreach (var word in map.List(key))
        {
            if (groups.TryGetValue(word, out var group))
                places.UnionWith(group);
            else if (word.Length is 2 or >= 4 and <= 6 && word.All(c => char.IsAsciiLetterUpper(c) || char.IsAsciiDigit(c) || c == '-') && (word.Length == 2 || word[2] == '-'))
                places.Add(word);
            else
                throw map.Wrong(key, $"'{word}' is neither a code of ISO 3166 nor a group in places.yaml");
        }

        return places.Count == 0 ? throw map.Wrong(key, "no place is named") : places;
    }

    private static Uri Address(RuleMap map, string key, string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme == Uri.UriSchemeHttps
            ? address
            : throw map.Wrong(key, $"'{text}' is no https address");

    private static LocalDate Day(RuleMap map, string key, string text) =>
        LocalDatePattern.Iso.Parse(text).TryGetValue(default, out var day) ? day : throw map.Wrong(key, $"'{text}' is no day, such as 2026-08-11");

    /// <summary>Where a version of a rule lives: its id without the jurisdiction, marked <c>exposure-</c> where it states a cost.</summary>
    private static string PathOf(Rule rule)
    {
        var jurisdiction = rule.Exposure?.Jurisdiction ?? rule.ConsentTerm!.Where.FirstOrDefault(w => rule.Id.StartsWith(Lower(w) + "-", StringComparison.Ordinal)) ?? "";
        var folder = Lower(jurisdiction);
        var name = rule.Id.StartsWith(folder + "-", StringComparison.Ordinal) ? rule.Id[(folder.Length + 1)..] : rule.Id;
        var kind = rule.Exposure is null ? "" : "exposure-";
        return $"rules/{folder}/{kind}{name}/{LocalDatePattern.Iso.Format(rule.From)}.yaml";
    }

    // Codes are ASCII; a lower-case path is the same on every file system.
    private static string Lower(string code) => string.Create(code.Length, code, static (span, c) => c.AsSpan().ToLowerInvariant(span));
}
