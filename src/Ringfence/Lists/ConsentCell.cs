using NodaTime;

namespace Ringfence.Lists;

/// <summary>What a yes/no cell says.</summary>
public enum Answer : byte
{
    /// <summary>Empty, or a mark for "nothing": <c>-</c>, <c>n/a</c>, <c>NULL</c>.</summary>
    Blank,

    /// <summary>Says that nobody knows: <c>?</c>, <c>unknown</c>, <c>未知</c>; or something we can't read.</summary>
    Unknown,

    /// <summary>Asked and not answered yet: <c>pending</c>, <c>unconfirmed</c>.</summary>
    Pending,

    /// <summary>Yes.</summary>
    Yes,

    /// <summary>No, or a withdrawal.</summary>
    No,
}

/// <summary>What a consent cell says.</summary>
/// <param name="Answer">The answer.</param>
/// <param name="At">The day written beside it, as in <c>opted_in 2024-03-01</c>; null where none is.</param>
/// <param name="Channels">Channels the cell itself names, as in <c>phone only</c>; none where it names none.</param>
/// <param name="PreTicked">Whether it says that the box was ticked beforehand.</param>
public readonly record struct ConsentCell(Answer Answer, LocalDate? At, ChannelSet Channels, bool PreTicked)
{
    /// <summary>Reads a cell. Never throws.</summary>
    public static ConsentCell Read(ReadOnlySpan<char> cell) => throw new NotImplementedException();
}
