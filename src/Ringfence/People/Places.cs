using System.Collections.Frozen;
using Ringfence.Lists;
using Ringfence.Numbers;

namespace Ringfence.People;

/// <summary>Reads country and state cells.</summary>
/// <remarks>
/// Names and codes are in <c>countries.tsv</c> and <c>states.tsv</c> beside this file: every country of ISO 3166-1 in our languages and its own, the states
/// of the US, Canada, Australia, China, Germany, Brazil and India. Case, diacritics, punctuation and traditional characters don't matter.
/// </remarks>
public static class Places
{
    /// <summary>No place has a longer name, with its code and its country written beside it.</summary>
    private const int LongestPlace = 120;

    /// <summary>Countries of which a state cell alone can tell: their codes are what US and Canadian lists hold.</summary>
    private static readonly string[] CodesStandAlone = ["US", "CA", "AU"];

    // States of other countries are called so too, and those are not in our table.
    private static readonly string[] NamedElsewhere = ["punjab", "amazonas", "distritofederal"];

    private static readonly string[] GenericFronts =
        ["the", "republicof", "therepublicof", "kingdomof", "thekingdomof", "republicofthe", "commonwealthof", "federalrepublicof", "principalityof", "stateof"];

    private static readonly string[] ChineseEnds = ["特别行政区", "自治区", "共和国", "省", "市", "州"];

    private static readonly FrozenDictionary<string, Region> Countries = LoadCountries();

    private static readonly FrozenDictionary<string, string[]> States = LoadStates();

    // Parts of a country that have a code of their own: "Puerto Rico, USA" is Puerto Rico.
    private static readonly (string Whole, string Parts)[] WithParts =
    [
        ("CN", "HK MO TW"),
        ("US", "PR GU VI AS MP UM"),
        ("FR", "GP MQ GF RE YT NC PF BL MF"),
        ("GB", "GG JE IM GI BM KY VG FK"),
        ("NL", "AW CW SX BQ"),
        ("DK", "GL FO"),
        ("FI", "AX"),
        ("NO", "SJ"),
    ];

    private static readonly FrozenDictionary<string, string> PartOf =
        WithParts.SelectMany(static country => country.Parts.Split(' ').Select(part => (part, country.Whole))).ToFrozenDictionary(static pair => pair.part, static pair => pair.Whole);

    // What ISO 3166-2 or the national code calls such a part by a number.
    private static readonly FrozenDictionary<string, string> ByNumber = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["FR-971"] = "GP", ["FR-972"] = "MQ", ["FR-973"] = "GF", ["FR-974"] = "RE", ["FR-975"] = "PM", ["FR-976"] = "YT",
        ["FR-977"] = "BL", ["FR-978"] = "MF", ["FR-986"] = "WF", ["FR-987"] = "PF", ["FR-988"] = "NC", ["FR-PM"] = "PM", ["FR-WF"] = "WF",
        ["NL-BQ1"] = "BQ", ["NL-BQ2"] = "BQ", ["NL-BQ3"] = "BQ", ["FI-01"] = "AX", ["NO-21"] = "SJ", ["NO-22"] = "SJ",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The code of its own of a part of a country that is a country to ISO 3166-1: <c>PR</c> of <c>US-PR</c>, <c>RE</c> of <c>FR-974</c>; every other place as it is.</summary>
    /// <param name="place">ISO 3166-1 or 3166-2.</param>
    /// <remarks>Such parts have clocks and often laws of their own, which are found by that code.</remarks>
    internal static string OwnCode(string place) =>
        ByNumber.TryGetValue(place, out var own) ? own
        : place.Length == 5 && PartOf.TryGetValue(place[3..], out var whole) && place.StartsWith(whole, StringComparison.Ordinal) && place[2] == '-' ? place[3..]
        : place;

    /// <summary>The country a cell names: a code of two or three letters, or a name in any of our languages; none where it names none.</summary>
    /// <remarks><c>US - United States</c> and <c>Paris, France</c> are read by their parts; two countries in one cell are none, unless one is part of the other.</remarks>
    public static Region Country(ReadOnlySpan<char> cell)
    {
        if (cell.Length > LongestPlace)
            return Region.None;
        if (CountryByKey(CellText.Key(cell)) is { IsNone: false } whole)
            return whole;
        var found = Region.None;
        foreach (var part in Parts(cell))
        {
            var region = CountryByKey(part);
            if (region.IsNone || region == found)
                continue;
            if (found.IsNone || IsPartOf(region, found))
                found = region;
            else if (!IsPartOf(found, region))
                return Region.None;
        }

        return found;
    }

    /// <summary>The ISO 3166-2 code of the state, province or territory a cell names, such as <c>US-CA</c>; null where it names none.</summary>
    /// <param name="cell">Code or name.</param>
    /// <param name="country">The country of the row; none where it is not known: then a state answers only when it can be in one country alone.</param>
    /// <remarks>Without a country a code is taken as one of the US, Canada or Australia; where two of them have it, as with <c>WA</c>, nothing is.</remarks>
    public static string? State(ReadOnlySpan<char> cell, Region country)
    {
        if (cell.Length > LongestPlace)
            return null;
        // A territory with a country code of its own is a state of its country.
        if (!country.IsNone && PartOf.TryGetValue(country.ToString(), out var whole) && whole == "US")
            country = Region.Of("US");
        if (StateByKey(CellText.Key(cell), country) is { } only)
            return only;
        string? found = null;
        foreach (var part in Parts(cell))
        {
            if (StateByKey(part, country) is not { } state || state == found)
                continue;
            if (found is not null)
                return null;
            found = state;
        }

        return found;
    }

    private static bool IsPartOf(Region part, Region whole) => PartOf.TryGetValue(part.ToString(), out var of) && of == whole.ToString();

    private static Region CountryByKey(string key)
    {
        // "NA" is Namibia's code and everybody else's "not available": it tells nothing.
        if (key.Length == 0 || key == "na")
            return Region.None;
        if (Countries.TryGetValue(key, out var region))
            return region;
        foreach (var front in GenericFronts)
        {
            if (key.StartsWith(front, StringComparison.Ordinal) && Countries.TryGetValue(key[front.Length..], out region))
                return key.Length - front.Length > 3 ? region : Region.None;
        }

        return Region.None;
    }

    private static string? StateByKey(string key, Region country)
    {
        if (!States.TryGetValue(key, out var codes) && !States.TryGetValue(WithoutEnd(key), out codes))
            return null;
        if (!country.IsNone)
            return Array.Find(codes, c => c.StartsWith(country.ToString(), StringComparison.Ordinal) && c[2] == '-');
        var isCode = codes.Any(c => c.Length - 3 == key.Length && c.AsSpan(3).Equals(key, StringComparison.OrdinalIgnoreCase));
        if (isCode)
            codes = Array.FindAll(codes, c => CodesStandAlone.Contains(c[..2]));
        return codes.Length == 1 && !NamedElsewhere.Contains(key) ? codes[0] : null;
    }

    private static string WithoutEnd(string key)
    {
        foreach (var end in ChineseEnds)
        {
            if (key.Length > end.Length + 1 && key.EndsWith(end, StringComparison.Ordinal))
                return key[..^end.Length];
        }

        return key;
    }

    /// <summary>The keys of the parts of a cell, cut at brackets, commas, slashes, dashes and the like.</summary>
    private static List<string> Parts(ReadOnlySpan<char> cell)
    {
        var parts = new List<string>();
        foreach (var range in cell.SplitAny("()[]{}（）【】,，、;；/|:：-–—\n\t"))
        {
            // One letter is a country only where it stands alone: "n/a" is not Austria.
            if (CellText.Key(cell[range]) is { Length: > 1 } key)
                parts.Add(key);
        }

        return parts;
    }

    private static FrozenDictionary<string, Region> LoadCountries()
    {
        var countries = new Dictionary<string, Region>(StringComparer.Ordinal);
        foreach (var line in Tables.Lines("countries.tsv"))
        {
            var columns = line.Split('\t');
            var region = Region.Of(columns[0]);
            foreach (var name in columns[2].Split('|').Append(columns[0]).Append(columns[1]))
            {
                var key = CellText.Key(name);
                if (key.Length > 0 && !countries.TryAdd(key, region) && countries[key] != region)
                    throw new InvalidDataException($"countries.tsv: '{name}' is {countries[key]} and {region}.");
            }
        }

        return countries.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static FrozenDictionary<string, string[]> LoadStates()
    {
        var states = new Dictionary<string, string[]>(StringComparer.Ordinal);
        foreach (var line in Tables.Lines("states.tsv"))
        {
            var columns = line.Split('\t');
            foreach (var name in columns[1].Split('|').Append(columns[0]).Append(columns[0][3..]))
            {
                var key = CellText.Key(name);
                var known = states.GetValueOrDefault(key, []);
                if (!known.Contains(columns[0]))
                    states[key] = [.. known, columns[0]];
            }
        }

        return states.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
