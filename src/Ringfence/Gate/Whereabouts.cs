using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using NodaTime;
using NodaTime.TimeZones;
using Ringfence.Numbers;

namespace Ringfence.Gate;

/// <summary>Where a person is or may be, as the facts tell: places, their certainty, and zones.</summary>
/// <remarks>Held in a cache by what it is made of, for the same few combinations come again and again.</remarks>
internal sealed class Whereabouts
{
    private static readonly ConcurrentDictionary<Key, Whereabouts> Known = new();
    private static readonly Region NoCountry = Region.Of("001");

    // Facts are the caller's words; a cache that they could fill without end would be a leak.
    private const int MostKnown = 20_000;

    private Whereabouts() { }

    /// <summary>Candidates, ISO 3166-1 or 3166-2; empty where nothing is known.</summary>
    public required string[] Places { get; init; }

    /// <summary>The country of the number; null where it has none.</summary>
    public required string? NumberCountry { get; init; }

    /// <summary>States of the number's area code.</summary>
    public required string[] AreaStates { get; init; }

    /// <summary>Candidate zones; empty where nothing is known.</summary>
    public required DateTimeZone[] Zones { get; init; }

    /// <summary>Whether a documented residence stands against what an area code presumes.</summary>
    public required bool Documented { get; init; }

    /// <summary>What the facts of a contact tell.</summary>
    /// <param name="person">The person.</param>
    /// <param name="number">The number; one without digits where there is none.</param>
    public static Whereabouts Of(ContactedPerson person, PhoneNumber number)
    {
        if (person is { Phone: null, Number: { } stated })
            return Of(person, stated.IsValid ? stated.Region : default, stated.ZoneSet, stated.StateSet, IsLandline(person, stated.Type));
        var landline = IsLandline(person, number.Type);
        var zones = number.Digits == 0 ? [] : (string[])(landline ? number.Zones : number.ZonesIfMobile);
        var states = number.Digits == 0 ? [] : (string[])number.Subdivisions;
        return Of(person, number.Digits == 0 ? default : number.Region, zones, states, landline);
    }

    /// <summary>Whether the line rings where it is: by what is stated of it, else by its plan.</summary>
    public static bool IsLandline(ContactedPerson person, NumberType type) => (person.LineType ?? LineOf(type)) is LineType.Landline;

    private static Whereabouts Of(ContactedPerson person, Region region, string[] zones, string[] states, bool landline)
    {
        var key = new Key(Joined(person.Residence), person.ResidenceBasis == ResidenceBasis.Documented, Joined(person.Zones), region, zones, states, landline);
        if (Known.TryGetValue(key, out var known))
            return known;
        var made = Make(person, key);
        if (Known.Count < MostKnown)
            Known.TryAdd(key, made);
        return made;
    }

    /// <summary>The kind of line that a numbering plan tells; null where it doesn't.</summary>
    public static LineType? LineOf(NumberType type) => type switch
    {
        NumberType.FixedLine => LineType.Landline,
        NumberType.Mobile => LineType.Mobile,
        NumberType.FixedLineOrMobile or NumberType.Unknown => null,
        NumberType.TollFree => LineType.TollFree,
        NumberType.PremiumRate => LineType.Premium,
        NumberType.Voip => LineType.Voip,
        NumberType.SharedCost or NumberType.PersonalNumber or NumberType.Pager or NumberType.Uan or NumberType.Voicemail => LineType.Other,
    };

    /// <summary>The country of a place.</summary>
    public static string CountryOf(string place) => place.Length > 2 && place[2] == '-' ? place[..2] : place;

    private static string? Joined(IReadOnlyList<string>? words) => words switch
    {
        null => null,
        [] => null,
        [var one] => one,
        _ => string.Join(';', words),
    };

    private static Whereabouts Make(ContactedPerson person, Key key)
    {
        var country = key.Region.IsNone || key.Region == NoCountry ? null : key.Region.ToString();
        string[] places = person.Residence is { Count: > 0 } stated
            ? [.. stated.Select(People.Places.OwnCode).SelectMany(place => place == country && key.States.Length > 0 ? key.States : [place])]
            : country is null ? [] : key.States.Length > 0 ? key.States : [country];
        return new Whereabouts
        {
            Places = [.. places.Distinct(StringComparer.Ordinal)],
            NumberCountry = country,
            AreaStates = key.States,
            Zones = [.. ZonesOf(person, key, places, country).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Select(Zone).OfType<DateTimeZone>()],
            Documented = key.Documented,
        };
    }

    // What is stated counts alone. Then the residence: of a mobile it alone tells where somebody is, a landline rings where it is.
    private static IEnumerable<string> ZonesOf(ContactedPerson person, Key key, string[] places, string? country)
    {
        if (person.Zones is { Count: > 0 } stated)
            return stated;
        if (person.Residence is not { Count: > 0 })
            return key.Zones.Length > 0 ? key.Zones : places.SelectMany(PlaceZones.Of);

        // Each candidate by itself: the number tells nothing of the places that are not of its country.
        string[] lived = [.. places.SelectMany(Narrowed)];
        if (lived.Length == 0)
            return key.Zones;
        return key.Landline && !Array.Exists(lived, RunsLikeNumber) ? lived.Concat(key.Zones) : lived;

        string[] Narrowed(string place)
        {
            var zones = PlaceZones.Of(place);
            return CountryOf(place) == country && Array.Exists(zones, RunsLikeNumber) ? Array.FindAll(zones, RunsLikeNumber) : zones;
        }

        bool RunsLikeNumber(string zone) => Array.Exists(key.Zones, other => SameClock(zone, other));
    }

    // Two names of one clock: America/Detroit and America/New_York run alike since long.
    private static bool SameClock(string a, string b)
    {
        if (a == b)
            return true;
        if (Zone(a) is not { } left || Zone(b) is not { } right)
            return false;
        var winter = Instant.FromUtc(2025, 1, 15, 0, 0);
        var summer = Instant.FromUtc(2025, 7, 15, 0, 0);
        return left.GetUtcOffset(winter) == right.GetUtcOffset(winter) && left.GetUtcOffset(summer) == right.GetUtcOffset(summer);
    }

    private static DateTimeZone? Zone(string name) => DateTimeZoneProviders.Tzdb.GetZoneOrNull(name);

    private readonly record struct Key(string? Residence, bool Documented, string? Stated, Region Region, string[] Zones, string[] States, bool Landline)
    {
        // The sets of the numbering plan are shared, so that being the same set is being equal.
        public bool Equals(Key other) =>
            Documented == other.Documented && Landline == other.Landline && Region == other.Region && ReferenceEquals(Zones, other.Zones) &&
            ReferenceEquals(States, other.States) && Residence == other.Residence && Stated == other.Stated;

        public override int GetHashCode() =>
            HashCode.Combine(Residence, Documented, Stated, Region, RuntimeHelpers.GetHashCode(Zones), RuntimeHelpers.GetHashCode(States), Landline);
    }
}

/// <summary>The zones of countries and states.</summary>
internal static class PlaceZones
{
    private static readonly Lazy<Dictionary<string, string[]>> Countries = new(() => TzdbDateTimeZoneSource.Default.ZoneLocations!
        .GroupBy(location => location.CountryCode, location => location.ZoneId)
        .ToDictionary(zones => zones.Key, zones => zones.ToArray(), StringComparer.Ordinal));

    private static readonly Lazy<Dictionary<string, string[]>> States = new(ReadStates);

    /// <summary>Zones of a place by tz name; empty where none is known.</summary>
    /// <remarks>A state that has no line of its own has the zones of its country.</remarks>
    public static string[] Of(string place)
    {
        if (States.Value.TryGetValue(place, out var zones))
            return zones;
        return Countries.Value.TryGetValue(Whereabouts.CountryOf(place), out zones) ? zones : [];
    }

    private static Dictionary<string, string[]> ReadStates()
    {
        using var stream = typeof(PlaceZones).Assembly.GetManifestResourceStream("state-zones.tsv")
            ?? throw new InvalidOperationException("The library was built without the zones of states.");
        using var reader = new StreamReader(stream);
        var zones = new Dictionary<string, string[]>(StringComparer.Ordinal);
        while (reader.ReadLine() is { } line)
        {
            if (line.Length > 0 && line[0] != '#' && line.Split('\t') is [var place, var names])
                zones.Add(place, names.Split(';'));
        }

        return zones;
    }
}
