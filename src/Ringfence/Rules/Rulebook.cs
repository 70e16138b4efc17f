using Ringfence.Files;
using Ringfence.Rules.House;
using Ringfence.Rules.Packs;

namespace Ringfence.Rules;

/// <summary>A set of rule files, read: packs, every version ever in force of every rule, and the texts and places they use.</summary>
public sealed class Rulebook
{
    private static readonly Lazy<Rulebook> LazyShipped = new(static () => new Rulebook(static () => EmbeddedFiles.In("rules/")));

    private readonly Lazy<RulebookReader> reader;
    private readonly Lazy<(IReadOnlyList<Pack> Packs, IReadOnlyList<Rule> Rules)> all;
    private readonly Lazy<IReadOnlyDictionary<string, RuleText>> leftOut;
    private readonly Lazy<IReadOnlyList<Rule>> ofAudit;

    // The files of house rules, which are no files of the set.
    private readonly IReadOnlyDictionary<string, string> houseFiles = new Dictionary<string, string>(StringComparer.Ordinal);

    private Rulebook(Func<IEnumerable<(string Path, string Text)>> files)
    {
        reader = new(() => new RulebookReader(files()));
        all = new(() => reader.Value.All());
        leftOut = new(() => reader.Value.LeftOut);
        ofAudit = new(() => reader.Value.OfAudit());
    }

    private Rulebook(Rulebook under, IReadOnlyList<Pack> packs, IReadOnlyList<Rule> rules, Rulebook? withoutHouse, HouseRules? house = null)
    {
        all = new((packs, rules));
        (reader, leftOut, ofAudit) = (under.reader, under.leftOut, under.ofAudit);
        WithoutHouse = withoutHouse;
        houseFiles = house is null ? under.houseFiles : new Dictionary<string, string>(under.houseFiles, StringComparer.Ordinal) { [house.File] = house.Text };
        Houses = house is null ? under.Houses : [.. under.Houses, house];
    }

    /// <summary>The rules inside this library.</summary>
    public static Rulebook Shipped => LazyShipped.Value;

    /// <summary>All packs, by name.</summary>
    /// <exception cref="RuleFileException">A file that ships is not in order; the tests see to it that none is.</exception>
    public IReadOnlyList<Pack> Packs => all.Value.Packs;

    /// <summary>All versions of all rules, by file.</summary>
    /// <exception cref="RuleFileException">A file that ships is not in order; the tests see to it that none is.</exception>
    public IReadOnlyList<Rule> Rules => all.Value.Rules;

    /// <summary>What a figure of exposure may leave out, by code.</summary>
    public IReadOnlyDictionary<string, RuleText> LeftOut => leftOut.Value;

    /// <summary>The same without any house rule, but with what they set aside; null where there are none. Nothing that this refuses is allowed.</summary>
    internal Rulebook? WithoutHouse { get; }

    /// <summary>The house rules put on it, in that order.</summary>
    internal IReadOnlyList<HouseRules> Houses { get; } = [];

    /// <summary>The paths of all its files, in order; those of house rules are not among them.</summary>
    public IReadOnlyCollection<string> Files => reader.Value.Paths;

    /// <summary>The content of one of its files; null where it has none of that path.</summary>
    public string? Text(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return reader.Value.Text(path);
    }

    /// <summary>Each pack's files as one document; those of house rules are not among them.</summary>
    internal IEnumerable<(string Name, byte[] Bytes)> PackBundles() => reader.Value.Bundles();

    /// <summary>The files that all packs share.</summary>
    internal IEnumerable<(string Path, string Text)> SharedFiles() => reader.Value.SharedFiles();

    /// <summary>The part of a rule's file that says to what it applies and what it does, as it is written there.</summary>
    /// <exception cref="ArgumentException">It is no rule of these.</exception>
    public string Passage(Rule rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        var text = rule.IsOfHouse ? houseFiles.GetValueOrDefault(rule.File) : Text(rule.File);
        return text is null ? throw new ArgumentException($"There is no file {rule.File}.", nameof(rule)) : rule.IsOfHouse ? RulePassage.OfHouse(rule.File, text, rule.Id) : RulePassage.Of(rule.File, text);
    }

    /// <summary>Ids that may have been meant by one that there is none of, the likeliest first; few, perhaps none.</summary>
    public IReadOnlyList<string> Nearest(string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        return Spelling.Like(id, [.. Rules.Select(static rule => rule.Id).Distinct(StringComparer.Ordinal)]);
    }

    /// <summary>Those rules that an audit needs, exposure and terms of consent: read without all the others, so that an audit starts at once.</summary>
    internal IReadOnlyList<Rule> OfAudit => ofAudit.Value;

    /// <summary>This rulebook with house rules on top, which can only tighten. Several may be put on each other.</summary>
    /// <exception cref="RuleFileException">They would loosen a rule that is here, or name one that is not; the message says which, and where.</exception>
    public Rulebook With(HouseRules house)
    {
        ArgumentNullException.ThrowIfNull(house);
        var (pack, added) = HouseBinding.Bind(house, this);
        var law = WithoutHouse ?? this;
        if (house.Waives.Count > 0)
            law = new Rulebook(law, law.Packs, Waived(law.Rules), null);
        return new Rulebook(this, [.. Packs, pack], [.. Waived(Rules), .. added], law, house);

        Rule[] Waived(IReadOnlyList<Rule> rules) => [.. rules.Select(rule => house.Waives.Contains(rule.Id) ? rule with { State = RuleState.Disabled } : rule)];
    }

    /// <summary>This rulebook with a pack in the place of the one of its name, or besides. House rules stay on top.</summary>
    /// <exception cref="RuleFileException">The pack is not in order, or does not go with the others.</exception>
    public Rulebook With(PackFiles pack)
    {
        ArgumentNullException.ThrowIfNull(pack);
        (string, string)[] files = [.. Files.Where(path => !PackFiles.IsOf(path, pack.Name)).Select(path => (path, Text(path)!)), .. pack.Files];
        return Houses.Aggregate(Read(files), static (rules, house) => rules.With(house));
    }

    /// <summary>Reads a set of files.</summary>
    /// <param name="files">
    /// Each with its path from <c>rules/</c> on. Where <c>rules/places.yaml</c> or <c>rules/left-out.yaml</c> is missing, the one that ships takes its place.
    /// </param>
    /// <exception cref="RuleFileException">A file is not in order, or two don't go together; the first one found.</exception>
    public static Rulebook Read(IEnumerable<(string Path, string Text)> files)
    {
        ArgumentNullException.ThrowIfNull(files);
        var rulebook = new Rulebook(() => files);
        _ = rulebook.all.Value;
        _ = rulebook.LeftOut;
        return rulebook;
    }

    /// <summary>All that is not in order in a set of files, at most one fault per file; empty where <see cref="Read"/> would read it.</summary>
    public static IReadOnlyList<RuleFileException> Faults(IEnumerable<(string Path, string Text)> files)
    {
        ArgumentNullException.ThrowIfNull(files);
        return new RulebookReader(files).Faults();
    }
}
