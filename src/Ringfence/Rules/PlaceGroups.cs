using Ringfence.Files;
using Ringfence.Lists;

namespace Ringfence.Rules;

/// <summary>The places that files may name: codes of ISO 3166, and groups of them.</summary>
internal sealed class PlaceGroups
{
    private static readonly Lazy<HashSet<string>> Countries = new(() => Codes("countries.tsv"));

    private static readonly Lazy<HashSet<string>> States = new(() => Codes("states.tsv"));

    private static readonly Lazy<HashSet<string>> CountriesWithStates = new(() => [.. States.Value.Select(state => state[..2])]);

    private readonly Dictionary<string, IReadOnlySet<string>> groups = new(StringComparer.Ordinal);

    private static readonly Lazy<PlaceGroups> LazyShipped = new(static () =>
    {
        using var text = new StringReader(EmbeddedFiles.Text(FileName));
        return Read(FileName, text);
    });

    /// <summary>The file that names the groups.</summary>
    public const string FileName = "rules/places.yaml";

    /// <summary>The groups that ship.</summary>
    public static PlaceGroups Shipped => LazyShipped.Value;

    /// <summary>No group: only codes.</summary>
    public static PlaceGroups None { get; } = new();

    /// <summary>Reads <c>rules/places.yaml</c>. A group may hold groups that stand above it.</summary>
    public static PlaceGroups Read(string file, TextReader text)
    {
        var map = RuleMap.Read(file, text);
        var read = new PlaceGroups();
        foreach (var name in map.Keys())
        {
            var group = map.Map(name);
            _ = (group.Text("says"), group.Text("cites"), group.Text("source"));
            read.groups.Add(name, read.Places(group, "holds"));
            group.Done();
        }

        return read;
    }

    /// <summary>The places behind a key, groups resolved; an error where none is named.</summary>
    public HashSet<string> Places(RuleMap map, string key)
    {
        var places = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in map.Items(key))
        {
            if (groups.TryGetValue(item.Text, out var group))
                places.UnionWith(group);
            else if (IsPlace(item.Text))
                places.Add(item.Text);
            else
                throw RuleFileException.At(item.At, $"'{key}': '{item.Text}' is neither a code of ISO 3166 nor a group in places.yaml{Hint(item.Text)}");
        }

        return places.Count == 0 ? throw (map.Has(key) ? map.Wrong(key, "no place is named") : map.Missing(key)) : places;
    }

    /// <summary>The places of a group.</summary>
    /// <exception cref="KeyNotFoundException">There is no such group.</exception>
    public IReadOnlySet<string> Of(string group) => groups[group];

    /// <summary>Whether this is a code of ISO 3166-1 or 3166-2, such as <c>FR</c>, <c>US-FL</c>.</summary>
    /// <remarks>
    /// States are looked up for the countries whose states we list; elsewhere the country and the form are. XA to XZ, which ISO 3166-1
    /// leaves to whoever uses it, are places too: those of examples and of rules that are being tried.
    /// </remarks>
    public static bool IsPlace(string code)
    {
        if (code.Length == 2)
            return Countries.Value.Contains(code) || (code[0] == 'X' && char.IsAsciiLetterUpper(code[1]));
        if (code.Length is < 4 or > 6 || code[2] != '-' || !Countries.Value.Contains(code[..2]))
            return false;
        return CountriesWithStates.Value.Contains(code[..2])
            ? States.Value.Contains(code)
            : code.Skip(3).All(static c => char.IsAsciiLetterUpper(c) || char.IsAsciiDigit(c));
    }

    private string Hint(string word) => word switch
    {
        "UK" => "; the United Kingdom is GB",
        "EU" or "EEA" => "; the economic area is EU-EEA",
        _ when Spelling.Nearest(word, [.. groups.Keys]) is { } near => $"; was '{near}' meant?",
        _ => "",
    };

    private static HashSet<string> Codes(string table) =>
        Tables.Lines(table).Select(line => line.Split('\t', 2)[0]).ToHashSet(StringComparer.Ordinal);
}
