using System.Buffers;
using NodaTime;

namespace Ringfence.Suppression;

/// <summary>What is known of the conversation in which somebody wrote to us. Whatever is not said counts on their side.</summary>
public sealed record InboundContext
{
    private static readonly SearchValues<char> Letters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>How far back <see cref="MarketingSent"/>, <see cref="Codes"/> and <see cref="SentTexts"/> look.</summary>
    /// <remarks>No law names it: house value. A person answers what is still on their screen.</remarks>
    public static readonly Period LooksBack = Period.FromDays(30);

    /// <summary>Nothing is known: in particular, marketing may have been sent.</summary>
    public static InboundContext Unknown { get; } = new();

    /// <summary>The channel the text came by; null where nobody knows.</summary>
    /// <remarks>"No more messages" closes the channel it came by. A transcribed call came by <see cref="Channel.Voice"/>.</remarks>
    public Channel? Via { get; init; }

    /// <summary>Languages the person may be writing in, as BCP 47 tags such as <c>pt-BR</c> or <c>zh-Hant</c>; none where nobody knows.</summary>
    /// <remarks>
    /// A hint, never a filter: every language is read. It says which language to name where a word belongs to several, and
    /// whether a word that means something else elsewhere (<c>fin</c>, <c>alto</c>) is meant as a keyword. What is no tag is ignored.
    /// </remarks>
    public IReadOnlyList<string> Languages { get; init; } = [];

    /// <summary>Whether marketing was sent to this number or address within <see cref="LooksBack"/>. True unless somebody knows better.</summary>
    public bool MarketingSent { get; init; } = true;

    /// <summary>What a message within <see cref="LooksBack"/> told the person to answer in order to opt out, such as <c>N</c>, <c>2</c>, <c>TD</c>.</summary>
    /// <remarks>An answer of nothing else is then an opt-out. Without the offer, <c>N</c> or <c>T</c> alone is unclear and <c>2</c> says nothing.</remarks>
    public IReadOnlyList<string> Codes { get; init; } = [];

    /// <summary>Texts sent to this number or address within <see cref="LooksBack"/>, so that what is merely quoted from them is not taken for the person's own words.</summary>
    public IReadOnlyList<string> SentTexts { get; init; } = [];

    /// <summary>Whether the person may be writing in a language, given as <c>es</c>: it is among the hints, or there are none.</summary>
    internal bool MaySpeak(string language) => !Languages.Any(IsTag) || Hints(language);

    /// <summary>Whether a language is among the hints.</summary>
    internal bool Hints(string language) => Languages.Any(tag => Primary(tag).Equals(language, StringComparison.OrdinalIgnoreCase));

    private static bool IsTag(string? tag) => Primary(tag) is { Length: 2 or 3 } primary && !primary.ContainsAnyExcept(Letters);

    /// <summary>The first part of a tag: <c>pt</c> of <c>pt-BR</c>.</summary>
    private static ReadOnlySpan<char> Primary(string? tag)
    {
        var trimmed = tag.AsSpan().Trim();
        var end = trimmed.IndexOfAny('-', '_');
        return end < 0 ? trimmed : trimmed[..end];
    }
}
