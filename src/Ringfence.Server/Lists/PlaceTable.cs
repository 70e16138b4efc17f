using Ringfence.Numbers;

namespace Ringfence.Server.Lists;

/// <summary>The places of residence met in a run, each under a small number. 0 is "not known". Safe for several threads.</summary>
internal sealed class PlaceTable
{
    private readonly Lock gate = new();
    private readonly Dictionary<(Region Country, string? State), ushort> indexes = [];
    private volatile Place[] places = [new(Region.None, null)];

    /// <summary>All places met, at their numbers.</summary>
    public IReadOnlyList<Place> All => places;

    /// <summary>The place under a number.</summary>
    public Place this[ushort index] => places[index];

    /// <summary>The number of a place.</summary>
    public ushort IndexOf(Region country, string? state)
    {
        if (country.IsNone)
            return 0;
        lock (gate)
        {
            if (indexes.TryGetValue((country, state), out var index))
                return index;
            index = checked((ushort)places.Length);
            indexes[(country, state)] = index;
            places = [.. places, new Place(country, state)];
            return index;
        }
    }
}

/// <summary>Where somebody is.</summary>
/// <param name="Country">The country; none where unknown.</param>
/// <param name="State">ISO 3166-2, such as <c>US-CA</c>; null where unknown.</param>
internal sealed record Place(Region Country, string? State)
{
    /// <summary>The most exact code: state, else country, else empty.</summary>
    public string Code { get; } = State ?? Country.ToString();

    /// <summary>The same, as ASCII.</summary>
    public byte[] CodeBytes { get; } = System.Text.Encoding.ASCII.GetBytes(State ?? Country.ToString());
}

/// <summary>Tells places apart by country and state, the state by its one string: it comes from a table or a memo each time.</summary>
internal sealed class SamePlace : IEqualityComparer<(Region Country, string? State)>
{
    public static SamePlace Comparer { get; } = new();

    public bool Equals((Region Country, string? State) x, (Region Country, string? State) y) =>
        x.Country == y.Country && ReferenceEquals(x.State, y.State);

    public int GetHashCode((Region Country, string? State) place) =>
        unchecked((place.Country.GetHashCode() * 397) ^ System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(place.State));
}
