namespace Ringfence.Ledger;

/// <summary>Why bytes are no record.</summary>
public enum RecordFaultCode : byte
{
    None,

    /// <summary>More than <see cref="RecordBytes.Longest"/> bytes.</summary>
    TooLong,

    /// <summary>Not the JSON that stands here in the canonical form: cut off, spaces, another kind of value, an escape, an empty array or object.</summary>
    Syntax,

    /// <summary>A name out of order, or one that stands twice.</summary>
    Order,

    /// <summary>A name that no record has here.</summary>
    UnknownField,

    /// <summary>A field that every record has is not there.</summary>
    MissingField,

    /// <summary>Another version than 1.</summary>
    Version,

    /// <summary>A word that is not in the list of the field.</summary>
    Word,

    /// <summary>A string that a record may not hold: other characters, none, too many, or a number that may be somebody's.</summary>
    Text,

    /// <summary>An integer of 2^53 or more, or written in another way than the shortest; a place that is not earlier or does not rise.</summary>
    Number,

    /// <summary>Not as many lower-case hex digits as the field has.</summary>
    Hex,

    /// <summary>No instant, or written in another way.</summary>
    Instant,

    /// <summary>No duration in whole numbers.</summary>
    Duration,

    /// <summary>Strings of a sorted array out of order, or one twice.</summary>
    Unsorted,

    /// <summary>Objects in objects, or arrays in arrays, that may not be there.</summary>
    Depth,

    /// <summary>Something after the object.</summary>
    Trailing,
}

/// <summary>Where and why reading a record stopped; never what stood there.</summary>
/// <param name="Code">Why.</param>
/// <param name="Position">At which byte, from 0.</param>
public readonly record struct RecordFault(RecordFaultCode Code, int Position);
