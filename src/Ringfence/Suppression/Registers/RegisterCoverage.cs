using System.Collections.Immutable;

namespace Ringfence.Suppression.Registers;

/// <summary>The numbers that a copy of a register speaks of, by their beginnings: operators sell single area codes.</summary>
/// <remarks>Compared by content. A beginning that another one includes is dropped.</remarks>
public sealed class RegisterCoverage : IEquatable<RegisterCoverage>
{
    /// <summary>The most digits of a number: E.164.</summary>
    public const int MostDigits = 15;

    /// <summary>The most beginnings: an area code each of the largest plan, many times over.</summary>
    public const int Most = 100_000;

    private readonly ImmutableArray<string> beginnings;
    private readonly int[] lengths;
    private readonly HashSet<ulong>[] byLength;

    private RegisterCoverage(ImmutableArray<string> beginnings)
    {
        this.beginnings = beginnings;
        lengths = [.. beginnings.Select(static one => one.Length).Distinct().Order()];
        byLength = [.. lengths.Select(length => beginnings.Where(one => one.Length == length).Select(ulong.Parse).ToHashSet())];
    }

    /// <summary>Every number.</summary>
    public static RegisterCoverage Everything { get; } = new([]);

    /// <summary>Digits without +, sorted; empty: every number.</summary>
    public IReadOnlyList<string> Beginnings => beginnings;

    /// <summary>Whether it speaks of every number.</summary>
    public bool IsEverything => beginnings.IsEmpty;

    /// <summary>The numbers with these beginnings; every number, where there is none.</summary>
    /// <exception cref="ArgumentException">One is not of 1 to 15 digits, or begins with 0; or there are too many.</exception>
    public static RegisterCoverage Of(IEnumerable<string> beginnings)
    {
        string[] sorted = [.. beginnings.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        if (sorted.Length > Most || Array.Exists(sorted, static one => !IsBeginning(one)))
            throw new ArgumentException("A beginning has 1 to 15 digits, the first of which is not 0.", nameof(beginnings));
        var kept = ImmutableArray.CreateBuilder<string>(sorted.Length);
        foreach (var one in sorted)
        {
            // Sorted, a shorter beginning stands right before those it includes.
            if (kept.Count == 0 || !one.StartsWith(kept[^1], StringComparison.Ordinal))
                kept.Add(one);
        }

        return kept.Count == 0 ? Everything : new RegisterCoverage(kept.ToImmutable());
    }

    /// <summary>Whether a text can be the beginning of a number.</summary>
    public static bool IsBeginning(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Length is > 0 and <= MostDigits && text[0] is >= '1' and <= '9' && text.All(char.IsAsciiDigit);
    }

    /// <summary>Whether it speaks of a number.</summary>
    /// <param name="number">Country code and national number as one integer.</param>
    public bool Has(ulong number)
    {
        if (IsEverything)
            return true;
        var digits = DigitsOf(number);
        for (var i = 0; i < lengths.Length; i++)
        {
            if (lengths[i] <= digits && byLength[i].Contains(number / PowersOfTen[digits - lengths[i]]))
                return true;
        }

        return false;
    }

    /// <summary>What one of the two speaks of.</summary>
    public RegisterCoverage With(RegisterCoverage other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return IsEverything || other.IsEverything ? Everything : Of(beginnings.Concat(other.beginnings));
    }

    public bool Equals(RegisterCoverage? other) => other is not null && beginnings.AsSpan().SequenceEqual(other.beginnings.AsSpan());

    public override bool Equals(object? obj) => Equals(obj as RegisterCoverage);

    public override int GetHashCode() => beginnings.Length == 0 ? 0 : HashCode.Combine(beginnings.Length, beginnings[0], beginnings[^1]);

    private static int DigitsOf(ulong number)
    {
        var digits = 1;
        while (digits < PowersOfTen.Length && number >= PowersOfTen[digits])
            digits++;
        return digits;
    }

    private static readonly ulong[] PowersOfTen = [.. Enumerable.Range(0, MostDigits + 1).Select(static power => (ulong)Math.Pow(10, power))];
}
