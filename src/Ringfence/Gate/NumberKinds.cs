using System.Runtime.CompilerServices;
using Ringfence.Numbers;
using Ringfence.Rules;

namespace Ringfence.Gate;

/// <summary>Sorts numbers by all that rules ask of them: contacts that differ in nothing but the number, and whose numbers are of one kind, get one verdict.</summary>
/// <remarks>The same as <see cref="NumberFacts"/> tell, found without making anything: for millions of numbers.</remarks>
/// <param name="rules">The rules that judge.</param>
/// <param name="line">The kind of line, where it is stated of all of them; null: as each number's plan tells.</param>
public sealed class NumberKinds(Rulebook rules, LineType? line)
{
    // By the first two digits: most numbers share them with no beginning that a rule looks at.
    private readonly string[][] beginnings =
        [.. Enumerable.Range(0, 100).Select(first => Array.FindAll(NumberFacts.BeginningsOf(rules), beginning => MayBegin(beginning, $"+{first:00}")))];

    private readonly ContactedPerson person = new() { LineType = line };

    /// <summary>The kind of a number; that of no number, where it has no digits.</summary>
    public NumberKind Of(PhoneNumber number)
    {
        if (number.Digits == 0)
            return default;
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

    public bool Equals(NumberKind other) =>
        ReferenceEquals(zones, other.zones) && ReferenceEquals(states, other.states) && region == other.region && type == other.type && ReferenceEquals(beginning, other.beginning);

    public override bool Equals(object? obj) => obj is NumberKind other && Equals(other);

    public override int GetHashCode() => unchecked((RuntimeHelpers.GetHashCode(zones) * 397) ^ (RuntimeHelpers.GetHashCode(states) * 31) ^ ((int)type << 8) ^ region.GetHashCode());

    public static bool operator ==(NumberKind left, NumberKind right) => left.Equals(right);

    public static bool operator !=(NumberKind left, NumberKind right) => !left.Equals(right);
}
