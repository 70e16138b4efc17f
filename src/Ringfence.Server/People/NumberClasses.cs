using System.Collections.Concurrent;
using Ringfence.Gate;
using Ringfence.Numbers;
using Ringfence.Rules;

namespace Ringfence.Server.People;

/// <summary>Kinds of numbers: of two of one kind rules ask the same. There are some thousands of kinds, of numbers as many as there are people. Safe for many threads.</summary>
internal sealed class NumberClasses
{
    /// <summary>That of addresses.</summary>
    public const int Address = 0;

    private readonly ConcurrentDictionary<Key, int> numbers = new();
    private readonly ConcurrentDictionary<int, PhoneNumber> examples = new();
    private int last;

    /// <summary>The kind of a number.</summary>
    /// <param name="number">The number.</param>
    /// <param name="rules">Some ask how numbers begin.</param>
    public int Of(PhoneNumber number, Rulebook rules)
    {
        var key = new Key(number.Region, number.Type, number.Zones, number.ZonesIfMobile, number.Subdivisions, NumberFacts.BeginningOf(number.E164, rules));
        if (numbers.TryGetValue(key, out var known))
            return known;
        var made = numbers.GetOrAdd(key, _ => Interlocked.Increment(ref last));
        examples.TryAdd(made, number);
        return made;
    }

    /// <summary>How many kinds there are, that of addresses too; while more are found, no fewer than were.</summary>
    public int Count => Volatile.Read(ref last) + 1;

    /// <summary>Where numbers of a kind are from, and what they are; nothing of addresses.</summary>
    public (Region Country, NumberType Type) Told(int kind) => examples.TryGetValue(kind, out var one) ? (one.Region, one.Type) : default;

    // The lists of zones and states are the numbering plan's own: being the same list is being equal.
    private readonly record struct Key(Region Region, NumberType Type, object Zones, object ZonesIfMobile, object States, string Begins);
}
