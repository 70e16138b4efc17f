namespace Ringfence.Suppression;

/// <summary>Finds a refusal of contact in what somebody wrote in their own words, in any of our languages.</summary>
public static class PlainRefusal
{
    /// <summary>The channels a text closes; none where it holds no refusal.</summary>
    /// <remarks>
    /// A refusal of calls closes every channel that reaches a telephone number, and one that names no channel closes all,
    /// unless the text itself says that a channel is welcome. Never throws; linear in the length of the text.
    /// </remarks>
    public static ChannelSet Find(ReadOnlySpan<char> text) => throw new NotImplementedException();
}
