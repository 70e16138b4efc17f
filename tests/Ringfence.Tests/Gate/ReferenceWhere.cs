using NodaTime;
using NodaTime.TimeZones;
using Ringfence.Gate;
using Ringfence.Numbers;
using Ringfence.Rules;

namespace Ringfence.Tests.Gate;

/// <summary>Where the person of a situation may be: the section on packs in <c>docs/reference/rules.md</c>, word for word.</summary>
internal sealed class ReferenceWhere
{
    private static readonly Dictionary<string, string[]> StateZones = File.ReadLines(Path.Combine(Repository.Root, "src/Ringfence/Gate/state-zones.tsv"))
        .Where(line => line.Length > 0 && line[0] != '#').Select(line => line.Split('\t')).ToDictionary(line => line[0], line => line[1].Split(';'));

    private static readonly Dictionary<string, string[]> CountryZones = TzdbDateTimeZoneSource.Default.ZoneLocations!
        .GroupBy(location => location.CountryCode).ToDictionary(group => group.Key, group => group.Select(location => location.ZoneId).ToArray());

    private static readonly string[] StatesWithZones = [.. StateZones.Keys.Where(state => state[..2] is "US" or "CA")];

    private static readonly System.Collections.Concurrent.ConcurrentDictionary<(string, string), bool> Alike = new();

    private static readonly int[] Months = [1, 7];

    public ReferenceWhere(Situation asked)
    {
        var contact = asked.Contact;
        Phone = contact.Phone is { } text && PhoneNumber.TryParse(text, Region.None, out var number) ? number : null;
        NumberRegion = Phone?.Region.ToString() is { Length: 2 } home ? home : null;
        AreaStates = Phone?.Subdivisions ?? [];
        Residence = contact.Residence;
        Candidates = Residence is { } stated ? [.. stated.SelectMany(StatesOf)] : NumberRegion is { } region ? [.. StatesOf(region)] : [];
        LineType = contact.LineType ?? ByPlan(Phone?.Type);
        Zones = [.. ZonesOf(asked).Distinct().Select(name => DateTimeZoneProviders.Tzdb[name])];
        // Without any zone, days are those of the first and of the last place on earth.
        Days = Zones.Length > 0 ? Zones : [DateTimeZone.ForOffset(Offset.FromHours(14)), DateTimeZone.ForOffset(Offset.FromHours(-12))];
    }

    public PhoneNumber? Phone { get; }

    public string? NumberRegion { get; }

    public IReadOnlyList<string> AreaStates { get; }

    public IReadOnlyList<string>? Residence { get; }

    /// <summary>Those candidates that residence or area code name.</summary>
    public IReadOnlyList<string> Told => [.. Candidates.Where(place => Residence?.Contains(place) ?? place.Length == 2).Concat(Candidates.Intersect(AreaStates)).Distinct()];

    /// <summary>The places of the person, each a candidate.</summary>
    public IReadOnlyList<string> Candidates { get; }

    /// <summary>Null where neither the situation nor the plan tells.</summary>
    public LineType? LineType { get; }

    /// <summary>Candidate zones; none where nothing is known.</summary>
    public DateTimeZone[] Zones { get; }

    /// <summary>The zones by which days are counted.</summary>
    public DateTimeZone[] Days { get; }

    /// <summary>Whether a place is one of these, or a state of one.</summary>
    public static bool IsIn(string place, IReadOnlySet<string> places) => places.Contains(place) || (place.Length > 2 && places.Contains(place[..2]));

    /// <summary>The kind of line by the numbering plan; null where it does not tell.</summary>
    public static LineType? ByPlan(NumberType? type) => type switch
    {
        NumberType.FixedLine => Ringfence.Gate.LineType.Landline,
        NumberType.Mobile => Ringfence.Gate.LineType.Mobile,
        NumberType.TollFree => Ringfence.Gate.LineType.TollFree,
        NumberType.PremiumRate => Ringfence.Gate.LineType.Premium,
        NumberType.Voip => Ringfence.Gate.LineType.Voip,
        null or NumberType.Unknown or NumberType.FixedLineOrMobile => null,
        _ => Ringfence.Gate.LineType.Other,
    };

    // In the US and Canada a country without a state may be any of them; the area code tells which where it is of the same country.
    private IEnumerable<string> StatesOf(string place) =>
        place is not ("US" or "CA") ? [place]
        : place == NumberRegion && AreaStates.Count > 0 ? AreaStates
        : StatesWithZones.Where(state => state[..2] == place);

    private IEnumerable<string> ZonesOf(Situation asked)
    {
        if (asked.Contact.Zones is { } stated)
            return stated;
        var isLandline = LineType == Ringfence.Gate.LineType.Landline;
        string[] ofNumber = Phone is not { } phone ? [] : [.. isLandline ? phone.Zones : phone.ZonesIfMobile];
        if (Residence is not { } residence)
            return ofNumber.Length > 0 ? ofNumber : ZonesOfPlace(NumberRegion);

        var zones = new List<string>();
        foreach (var place in residence.SelectMany(place => place == NumberRegion && AreaStates.Count > 0 ? AreaStates : [place]))
        {
            var there = ZonesOfPlace(place);
            var alike = there.Where(zone => ofNumber.Any(other => RunAlike(zone, other))).ToArray();
            zones.AddRange(place[..2] == NumberRegion && alike.Length > 0 ? alike : there);
        }

        if (isLandline && !zones.Any(zone => ofNumber.Any(other => RunAlike(zone, other))))
            zones.AddRange(ofNumber);
        return zones;
    }

    private static string[] ZonesOfPlace(string? place) =>
        place is null ? []
        : StateZones.TryGetValue(place, out var ofState) ? ofState
        : CountryZones.TryGetValue(place[..2], out var ofCountry) ? ofCountry
        : [];

    /// <summary>Whether two zones show the same time, in winter and in summer.</summary>
    private static bool RunAlike(string one, string other) => one == other || Alike.GetOrAdd((one, other), static key => Months.All(month =>
        Instant.FromUtc(2025, month, 15, 0, 0) is var then && DateTimeZoneProviders.Tzdb[key.Item1].GetUtcOffset(then) == DateTimeZoneProviders.Tzdb[key.Item2].GetUtcOffset(then)));
}
