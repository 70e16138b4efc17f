using System.Collections.Frozen;

namespace Ringfence.People;

/// <summary>Names of countries and of US and Canadian states in the three languages, from <c>place-names.tsv</c> beside this file.</summary>
/// <remarks>Source of the names of countries: Unicode CLDR, short forms.</remarks>
public static class PlaceNames
{
    private static readonly FrozenDictionary<string, string[]> Names = Load();

    /// <summary>All codes known.</summary>
    public static IEnumerable<string> Codes => Names.Keys;

    /// <summary>The name of a place; null where we know none.</summary>
    /// <param name="code">ISO 3166-1 alpha-2 or ISO 3166-2.</param>
    /// <param name="language"><c>en</c>, <c>zh-Hans</c> or <c>zh-Hant</c>.</param>
    public static string? Name(string code, string language) =>
        Names.TryGetValue(code, out var names) ? names[language switch { "zh-Hans" => 1, "zh-Hant" => 2, _ => 0 }] : null;

    private static FrozenDictionary<string, string[]> Load()
    {
        using var stream = typeof(PlaceNames).Assembly.GetManifestResourceStream("place-names.tsv")!;
        using var reader = new StreamReader(stream);
        var names = new Dictionary<string, string[]>(StringComparer.OrdinalIgnoreCase);
        while (reader.ReadLine() is { Length: > 0 } line)
        {
            var cells = line.Split('\t');
            names.Add(cells[0], cells[1..4]);
        }

        return names.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
    }
}
