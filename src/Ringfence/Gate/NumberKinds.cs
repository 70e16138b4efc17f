using System.Runtime.CompilerServices;
using Ringfence.Numbers;
using Ringfence.Rules;

namespace Ringfence.Gate;

/// <summary>Sorts numbers by all that rules ask of them: contacts that differ in nothing but the number, and whose numbers are of one kind, get one verdict.</summary>
/// <remarks>The same as <see cref="NumberFacts"/> tell, found without making anything: for millions of numbers. Not for use by two threads at once.</remarks>
/// <param name="rules">The rules that judge.</param>
/// <param name="line">The kind of line, where it is stated of all of them; null: as each number's plan tells.</param>
public sealed class NumberKinds(Rulebook rules, LineType? line)
{
    // By the first two digits: most numbers share them with no beginning that a rule looks at.
    private readonly string[][] beginnings =
        [.. Enumerable.Range(0, 100).Select(first => Array.FindAll(NumberFacts.BeginningsOf(rules), beginning => MayBegin(beginning, $"+{first:00}")))];

    private readonly ContactedPerson person = new() { LineType = line };

    // Of numbers of +1 all of a block may be of one kind: 0 where that was not looked at, -1 where they are not, else the place of the kind, from 1.
    private readonly short[] ofBlock = new short[NumberBlocks.Count];
    private readonly List<NumberKind> kinds = [];
    private readonly Dictionary<NumberKind, short> places = [];

    /// <summary>The kind of a number; that of no number, where it has no digits.</summary>
    public NumberKind Of(PhoneNumber number)
    {
        if (number.Digits == 0)
            return default;
        if (NumberBlocks.Of(number.Digits) is not { } block || ofBlock[block] < 0)
            return Make(number);
        if (ofBlock[block] > 0 && kinds[ofBlock[block] - 1] is var known && known.IsOf(number))
            return known;
        var made = Make(number);
        if (ofBlock[block] != 0)
            return made;
        // A rule that looks further than a block would tell two of its numbers apart.
        var isOne = NumberBlocks.HasOneZoneSet(block) && !Array.Exists(beginnings[number.Digits / 1_000_000_000], static beginning => beginning.Length > LongestOfBlock);
        ofBlock[block] = isOne ? PlaceOf(made) : (short)-1;
        return made;
    }

    // Very many blocks are of the same few kinds.
    private short PlaceOf(NumberKind kind)
    {
        if (places.TryGetValue(kind, out var place))
            return place;
        if (kinds.Count == short.MaxValue)
            return -1;
        kinds.Add(kind);
        return places[kind] = (short)kinds.Count;
    }

    // + and the digits that the numbers of a block share.
    private const int LongestOfBlock = 8;

    private NumberKind Make(PhoneNumber number)
    {
        var zones = Whereabouts.IsLandline(person, number.Type) ? number.Zones : number.ZonesIfMobile;
        return new NumberKind(zones, number.Subdivisions, number.Region, number.Type, BeginningOf(number));
    }

    private string? BeginningOf(PhoneNumber number)
    {
        var first = number.Digits;
        while (first > 99)
            first /= 10;
        var some = beginnings[first];
        if (some.Length == 0)
            return null;
        Span<char> text = stackalloc char[24];
        number.TryFormatE164(text, out var written);
        foreach (var beginning in some)
        {
            if (text[..written].StartsWith(beginning, StringComparison.Ordinal))
                return beginning;
        }

        return null;
    }

    private static bool MayBegin(string beginning, string first) =>
        beginning.StartsWith(first, StringComparison.Ordinal) || first.StartsWith(beginning, StringComparison.Ordinal);
}

/// <summary>What rules ask of a number. Equal kinds are the same one; two that are not may still tell the same.</summary>
public readonly struct NumberKind : IEquatable<NumberKind>
{
    // The sets of the numbering plan are shared, as are the beginnings of the rules: being the same one is being equal.
    private readonly object? zones;
    private readonly object? states;
    private readonly object? beginning;
    private readonly Region region;
    private readonly NumberType type;

    internal NumberKind(object zones, object states, Region region, NumberType type, object? beginning) =>
        (this.zones, this.states, this.region, this.type, this.beginning) = (zones, states, region, type, beginning);

    /// <summary>Whether a number of the same block may be of this kind: its plan says the same of it.</summary>
    internal bool IsOf(PhoneNumber number) => region == number.Region && type == number.Type;

    public bool Equals(NumberKind other) =>
        ReferenceEquals(zones, other.zones) && ReferenceEquals(states, other.states) && region == other.region && type == other.type && ReferenceEquals(beginning, other.beginning);

    public override bool Equals(object? obj) => obj is NumberKind other && Equals(other);

    public override int GetHashCode() => unchecked((RuntimeHelpers.GetHashCode(zones) * 397) ^ (RuntimeHelpers.GetHashCode(states) * 31) ^ ((int)type << 8) ^ region.GetHashCode());

    public static bool operator ==(NumberKind left, NumberKind right) => left.Equals(right);

    public static bool operator !=(NumberKind left, NumberKind right) => !left.Equals(right);
}
