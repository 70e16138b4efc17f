using Ringfence.Numbers;

namespace Ringfence.People;

/// <summary>Reads country and state cells.</summary>
public static class Places
{
    /// <summary>The country a cell names: a code of two or three letters, or a name in any of our languages; none where it names none.</summary>
    public static Region Country(ReadOnlySpan<char> cell) => throw new NotImplementedException();

    /// <summary>The ISO 3166-2 code of the state, province or territory a cell names, such as <c>US-CA</c>; null where it names none.</summary>
    /// <param name="cell">Code or name.</param>
    /// <param name="country">The country of the row; none where it is not known: then a state answers only when it can be in one country alone.</param>
    public static string? State(ReadOnlySpan<char> cell, Region country) => throw new NotImplementedException();
}
