using System.Collections;

namespace Ringfence.Suppression;

/// <summary>What an inbound text says about being contacted: a value, closed.</summary>
/// <remarks>
/// No case is a permission. <see cref="NoOptOut"/> means only that the text does not ask us to stop, and <see cref="OptIn"/>
/// only that an opt-in word was written: whether that is a consent depends on what was asked, of whom, and with which words.
/// </remarks>
public abstract record OptOutReading
{
    private OptOutReading()
    {
    }

    /// <summary>The text does not ask to be left alone. It is not a permission either.</summary>
    public sealed record NoOptOut : OptOutReading;

    /// <summary>The person opts out. To be acted on at once.</summary>
    /// <param name="Closed">The channels the person closes; never none. All where the text names none.</param>
    /// <param name="By">What it was understood by.</param>
    public sealed record OptedOut(ChannelSet Closed, Clues By) : OptOutReading;

    /// <summary>The text may ask to be left alone. A human has to read it; until then it counts as no permission.</summary>
    /// <param name="By">What made it unclear.</param>
    public sealed record Unclear(Clues By) : OptOutReading;

    /// <summary>The text is a help word such as <c>HELP</c> or <c>INFO</c>, and nothing else.</summary>
    /// <param name="By">The words.</param>
    public sealed record Help(Clues By) : OptOutReading;

    /// <summary>The text is an opt-in word such as <c>START</c>, <c>YES</c> or <c>UNSTOP</c>, and nothing else. By itself it permits nothing.</summary>
    /// <param name="By">The words.</param>
    public sealed record OptIn(Clues By) : OptOutReading;

    /// <summary>The channels this closes; none for every case but <see cref="OptedOut"/>.</summary>
    public ChannelSet ClosedChannels => this is OptedOut { Closed: var closed } ? closed : ChannelSet.None;
}

/// <summary>One thing by which a text was understood, to be shown as evidence.</summary>
/// <param name="Kind">What sort of thing.</param>
/// <param name="Language">The language whose rule found it, such as <c>zh</c>; <c>mul</c> for words known everywhere, <c>und</c> where a language means nothing.</param>
/// <param name="Words">The words of the text, as they were written; at most <see cref="LongestWords"/> characters.</param>
/// <param name="Rule">The line of the phrase files that found it, the code that was offered, the sign, or <c>sent text</c> for words of ours.</param>
public sealed record Clue(ClueKind Kind, string Language, string Words, string Rule)
{
    /// <summary>Longer words of a text end in an ellipsis.</summary>
    public const int LongestWords = 120;

    /// <summary>Without the person's words, so that a log holds none of them.</summary>
    public override string ToString() => $"{Kind} {Language} {Rule}";
}

/// <summary>What sort of thing a text was understood by.</summary>
public enum ClueKind : byte
{
    /// <summary>The whole text is a keyword, politeness aside: <c>STOP</c>, <c>Stop, please!</c>, <c>退订</c>.</summary>
    Keyword,

    /// <summary>The whole text is what a message told the person to answer.</summary>
    Code,

    /// <summary>A sign without words: a stop sign, a no-entry sign.</summary>
    Sign,

    /// <summary>Words within the text.</summary>
    Phrase,

    /// <summary>A complaint, an insult or a threat to report us.</summary>
    Complaint,

    /// <summary>Whoever reads our messages is not the person we mean.</summary>
    WrongPerson,

    /// <summary>Our own words, quoted or copied.</summary>
    Quote,
}

/// <summary>What a text was understood by: at least one, the most telling first. Compares by content.</summary>
public sealed class Clues : IReadOnlyList<Clue>, IEquatable<Clues>
{
    private readonly Clue[] _clues;

    public Clues(Clue first, params IEnumerable<Clue> others) => _clues = [first, .. others];

    /// <summary>The most telling.</summary>
    public Clue First => _clues[0];

    public int Count => _clues.Length;

    public Clue this[int index] => _clues[index];

    public IEnumerator<Clue> GetEnumerator() => ((IEnumerable<Clue>)_clues).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public bool Equals(Clues? other) => other is not null && _clues.AsSpan().SequenceEqual(other._clues);

    public override bool Equals(object? obj) => Equals(obj as Clues);

    public override int GetHashCode() => HashCode.Combine(_clues.Length, First);

    public override string ToString() => string.Join(" | ", (IEnumerable<Clue>)_clues);
}
