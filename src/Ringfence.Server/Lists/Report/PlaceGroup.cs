using Ringfence.Lists;

namespace Ringfence.Server.Lists.Report;

/// <summary>Places bound by the same law in the main, as a report tells them apart.</summary>
/// <param name="Code"><c>eu</c>, <c>uk</c>, <c>us</c>, <c>ca</c>, <c>cn</c>, <c>other</c> or <c>unknown</c>.</param>
/// <param name="Rows">Rows there.</param>
public sealed record PlaceGroup(string Code, long Rows)
{
    /// <summary>All groups, in the order in which they are shown.</summary>
    public static IReadOnlyList<string> Codes { get; } = ["eu", "uk", "us", "ca", "cn", "other", "unknown"];

    // Source: EEA Agreement, Art. 126 and Protocol on members; TFEU Arts 349 and 355(1) for the outermost regions and Åland (AX),
    // which have country codes of their own and are part of the Union.
    private static readonly HashSet<string> EuropeanEconomicArea = new(StringComparer.OrdinalIgnoreCase)
    {
        "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV", "MT",
        "NL", "PL", "PT", "RO", "SE", "SI", "SK", "IS", "LI", "NO", "AX", "GF", "GP", "MF", "MQ", "RE", "YT",
    };

    // Source: 47 U.S.C. § 153(58) ("State" includes the territories and possessions).
    private static readonly HashSet<string> UnitedStates = new(StringComparer.OrdinalIgnoreCase) { "US", "AS", "GU", "MP", "PR", "UM", "VI" };

    /// <summary>The group of a country; <c>unknown</c> for null.</summary>
    public static string Of(string? country) => country?.ToUpperInvariant() switch
    {
        null or "" => "unknown",
        "GB" => "uk",
        "CA" => "ca",
        "CN" => "cn",
        var code when UnitedStates.Contains(code) => "us",
        var code when EuropeanEconomicArea.Contains(code) => "eu",
        _ => "other",
    };

    /// <summary>Rows per group, all groups, in their order.</summary>
    public static IReadOnlyList<PlaceGroup> Count(IEnumerable<PlaceTally> places)
    {
        var rows = places.GroupBy(p => Of(p.Country)).ToDictionary(g => g.Key, g => g.Sum(p => p.Rows));
        return [.. Codes.Select(code => new PlaceGroup(code, rows.GetValueOrDefault(code)))];
    }
}
