namespace Ringfence.Suppression;

/// <summary>Signs that people send instead of words.</summary>
internal static class OptOutSign
{
    // A stop sign, no entry, no telephones, a silenced bell, and the finger: whoever sends nothing else wants no more.
    private static readonly string[] Stops = ["🛑", "🚫", "⛔", "📵", "🔕", "🖕"];

    // These may also be a joke, or an answer to a question.
    private static readonly string[] Dislikes = ["👎", "✋", "🤚", "🙅", "😡", "😠", "🤬", "❌", "💩", "🤮"];

    /// <summary>The first sign in a text that says stop; null for none.</summary>
    public static string? Stop(ReadOnlySpan<char> text) => First(text, Stops);

    /// <summary>The first sign in a text that says no more than that somebody is not pleased; null for none.</summary>
    public static string? Dislike(ReadOnlySpan<char> text) => First(text, Dislikes);

    private static string? First(ReadOnlySpan<char> text, string[] signs)
    {
        foreach (var sign in signs)
        {
            if (text.Contains(sign, StringComparison.Ordinal))
                return sign;
        }

        return null;
    }
}
