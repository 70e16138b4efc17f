using NodaTime;

namespace Ringfence.Lists;

/// <summary>Reads the day out of a date cell, in whatever form a list holds it.</summary>
public static class ListDate
{
    /// <summary>Reads a cell. Never throws; allocates nothing.</summary>
    /// <param name="cell">The text of the cell.</param>
    /// <param name="order">How ambiguous numeric dates of this column are to be read.</param>
    /// <param name="date">The day; where the text leaves two readings open, the earlier.</param>
    /// <param name="ambiguous">Whether it left two open.</param>
    /// <returns>Whether the cell holds a date.</returns>
    public static bool TryRead(ReadOnlySpan<char> cell, DateOrder order, out LocalDate date, out bool ambiguous) =>
        throw new NotImplementedException();
}
