using System.Globalization;

namespace Ringfence.Figures;

/// <summary>How often somebody was contacted.</summary>
/// <param name="Least">At least; 0: contacts with nobody whom the ledger knows.</param>
/// <param name="Most">At most; <see cref="int.MaxValue"/>: however often.</param>
public readonly record struct ContactTimes(int Least, int Most)
{
    /// <summary>Any contact, with whomever.</summary>
    public static ContactTimes Any { get; } = new(0, int.MaxValue);

    /// <summary>With people whom the ledger knows, however often.</summary>
    public static ContactTimes OfPeople { get; } = new(1, int.MaxValue);

    /// <summary>With nobody whom the ledger knows.</summary>
    public static ContactTimes OfNobody { get; } = new(0, 0);

    /// <summary>Whether there is no end to it.</summary>
    public bool IsOpen => Most == int.MaxValue;

    /// <summary>Reads <c>3</c>, <c>4-5</c> or <c>11-</c>; what is none of these is <see cref="Any"/>.</summary>
    public static ContactTimes Read(string? text) => text?.Split('-') switch
    {
        [var only] when Number(only) is { } times => new(times, times),
        [var least, ""] when Number(least) is { } from => new(from, int.MaxValue),
        [var least, var most] when Number(least) is { } from && Number(most) is { } until => new(from, until),
        _ => Any,
    };

    /// <summary>As it is read.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Least}{(IsOpen ? "-" : Least == Most ? "" : $"-{Most}")}");

    private static int? Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
