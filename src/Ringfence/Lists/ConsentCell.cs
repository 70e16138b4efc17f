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
/// <param name="At">The day written beside it, as in <c>opted_in 2024-03-01</c>; null where none is. A cell with nothing but a day is unknown.</param>
/// <param name="Channels">Channels the cell itself names, as in <c>phone only</c>; none where it names none. A no to calls names all that reach a telephone.</param>
/// <param name="PreTicked">Whether it says that the box was ticked beforehand.</param>
/// <param name="IsRefusal">Whether a no refuses by its own words (<c>withdrawn</c>, <c>opted out</c>), whatever the header asks; a plain <c>no</c> or <c>0</c> answers the header.</param>
public readonly record struct ConsentCell(Answer Answer, LocalDate? At, ChannelSet Channels, bool PreTicked, bool IsRefusal = false)
{
    /// <summary>Reads a cell. Never throws.</summary>
    /// <remarks>
    /// A yes is read only where nothing else stands that could take it back: <c>yes, but do not call</c> is a no for every channel, <c>yes until
    /// 2024-01-01</c>, <c>implied</c> and <c>legitimate interest</c> are unknown. <c>x</c> ticks a box, <c>×</c> and <c>☐</c> leave it empty.
    /// </remarks>
    public static ConsentCell Read(ReadOnlySpan<char> cell) => AnswerReader.Read(cell);
}
