using NodaTime;
using Ringfence.Lists;
using Ringfence.Numbers;

namespace Ringfence.Rules;

/// <summary>One contact of a list that may not be contacted as it is: which channels, and where the person is.</summary>
/// <param name="Place">Country; none where unknown.</param>
/// <param name="Closed">Channels, among those looked at, that lack a ground and have a number or address.</param>
/// <param name="State">ISO 3166-2, such as <c>US-WA</c>; null where unknown.</param>
public readonly record struct ExposedGroup(Region Place, ChannelSet Closed, string? State = null);

/// <summary>Contacts that no figure covers.</summary>
/// <param name="Country">ISO 3166-1 alpha-2; null where unknown.</param>
/// <param name="Contacts">How many.</param>
/// <param name="Code"><c>unknown-residence</c>, or <c>no-figure</c> where the rules hold none for this country and these channels.</param>
public sealed record UncountedContacts(string? Country, long Contacts, string Code);

/// <summary>What contacting a list as it is could cost.</summary>
public static class Exposure
{
    private static readonly Lazy<Rule[]> Regimes = new(() => [.. Rulebook.Shipped.OfAudit.Where(r => r.Exposure is not null)]);

    /// <summary>Estimates statutory exposure per regime.</summary>
    /// <param name="exposed">Different numbers and addresses per country and set of closed channels, and how many there are of each.</param>
    /// <param name="asOf">The day whose law counts.</param>
    /// <param name="turnover">Yearly worldwide turnover in EUR; null where not given.</param>
    /// <returns>
    /// The heaviest first, as far as amounts compare. Money is never converted: the currency whose regimes reach the most contacts comes
    /// first. Within it, what a statute prices per contact with a least amount comes before what only has a ceiling; then the higher
    /// upper amount, a ceiling that only turnover sets first; then the id. Nothing is summed, for regimes may overlap.
    /// </returns>
    public static IReadOnlyList<ExposureEstimate> Estimate(
        IReadOnlyDictionary<ExposedGroup, long> exposed, LocalDate asOf, decimal? turnover)
    {
        ArgumentNullException.ThrowIfNull(exposed);
        if (turnover is { } given)
            ArgumentOutOfRangeException.ThrowIfNegative(given);

        return
        [
            .. Regimes.Value
                .Where(rule => rule.HoldsOn(asOf))
                .Select(rule => EstimateOne(rule, exposed, turnover))
                .Where(estimate => estimate.Contacts > 0)
                .GroupBy(estimate => estimate.Currency, StringComparer.Ordinal)
                .OrderByDescending(currency => currency.Max(e => e.Contacts))
                .ThenBy(currency => currency.Key, StringComparer.Ordinal)
                .SelectMany(currency => currency
                    .OrderByDescending(e => e.PerContactFrom is not null)
                    .ThenByDescending(e => e.To ?? decimal.MaxValue)
                    .ThenBy(e => e.Regime, StringComparer.Ordinal)),
        ];
    }

    /// <summary>The contacts that no estimate covers, per country, most first, the unknown last.</summary>
    public static IReadOnlyList<UncountedContacts> Uncounted(IReadOnlyDictionary<ExposedGroup, long> exposed, LocalDate asOf)
    {
        ArgumentNullException.ThrowIfNull(exposed);
        var regimes = Regimes.Value.Where(rule => rule.HoldsOn(asOf)).Select(rule => rule.Exposure!).ToArray();
        return
        [
            .. exposed
                .Where(group => group.Key.Closed != ChannelSet.None && !regimes.Any(regime => Reaches(regime, group.Key)))
                .GroupBy(group => IsCountry(group.Key.Place) ? group.Key.Place.ToString() : null)
                .Select(country => new UncountedContacts(
                    country.Key, country.Sum(group => group.Value), country.Key is null ? "unknown-residence" : "no-figure"))
                .Where(country => country.Contacts > 0)
                .OrderBy(country => country.Country is null)
                .ThenByDescending(country => country.Contacts)
                .ThenBy(country => country.Country, StringComparer.Ordinal),
        ];
    }

    /// <summary>What a regime is called; its id where no rule has it.</summary>
    /// <param name="regime">The id, such as <c>us-tcpa</c>.</param>
    /// <param name="language">BCP 47: <c>en</c>, <c>zh-Hans</c>, <c>zh-Hant</c>.</param>
    public static string Name(string regime, string language) =>
        Regimes.Value.FirstOrDefault(rule => rule.Id == regime)?.Name?.In(language) ?? regime;

    /// <summary>What a regime says on a day, in one sentence; null where none is in force.</summary>
    public static string? Says(string regime, LocalDate asOf, string language) =>
        Regimes.Value.FirstOrDefault(rule => rule.Id == regime && rule.HoldsOn(asOf))?.Says.In(language);

    /// <summary>The sentence for a code of what a figure leaves out; the code itself where there is none.</summary>
    public static string LeftOut(string code, string language) =>
        Rulebook.Shipped.LeftOut.TryGetValue(code, out var text) ? text.In(language) : code;

    private static ExposureEstimate EstimateOne(Rule rule, IReadOnlyDictionary<ExposedGroup, long> exposed, decimal? turnover)
    {
        var regime = rule.Exposure!;
        var contacts = exposed.Where(group => Reaches(regime, group.Key)).Sum(group => group.Value);
        var share = regime.Currency == "EUR" && regime.TurnoverPercent is { } percent && turnover is { } known
            ? known / 100 * percent
            : (decimal?)null;
        var times = regime.PerContact ? contacts : 1;
        return new ExposureEstimate(
            rule.Id, regime.Jurisdiction, contacts, regime.PerContact ? "per-contact" : "cap", regime.Currency,
            regime.PerContact ? regime.Least : null, regime.PerContact ? regime.Most : null,
            regime.Least * times, Higher(regime.Most * times, share), regime.TurnoverPercent, share is not null,
            rule.Cites, rule.Sources[0].OriginalString, rule.Certainty, NotCounted(regime, exposed, share));
    }

    private static List<string> NotCounted(ExposureRule regime, IReadOnlyDictionary<ExposedGroup, long> exposed, decimal? share)
    {
        var codes = new List<string>(regime.LeavesOut);
        if (regime.TurnoverPercent is not null && share is null)
            codes.Add(regime.Currency == "EUR" ? "turnover-not-given" : "currency");
        var country = regime.Jurisdiction.Split('-')[0];
        if (country != regime.Jurisdiction && Any(group => group.State is null && group.Place.ToString() == country))
            codes.Add("unknown-state");
        if (Any(group => !IsCountry(group.Place)))
            codes.Add("unknown-residence");
        return codes;

        bool Any(Func<ExposedGroup, bool> holds) =>
            exposed.Any(group => group.Value > 0 && (group.Key.Closed & regime.Channels) != 0 && holds(group.Key));
    }

    private static bool Reaches(ExposureRule regime, ExposedGroup group) =>
        (group.Closed & regime.Channels) != 0 &&
        (regime.Where.Contains(group.Place.ToString()) || (group.State is { } state && regime.Where.Contains(state)));

    // Numbers of region 001 belong to no country.
    private static bool IsCountry(Region place) => !place.IsNone && place.ToString() != "001";

    private static decimal? Higher(decimal? a, decimal? b) => a is null ? b : b is null || a >= b ? a : b;
}
