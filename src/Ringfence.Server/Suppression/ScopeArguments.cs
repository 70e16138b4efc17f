using Ringfence.Server.Ledger;

namespace Ringfence.Server.Suppression;

/// <summary>Reads a scope from words: nothing said is everything.</summary>
internal static class ScopeArguments
{
    private const int MostPurpose = 64;

    /// <summary>Reads it.</summary>
    /// <exception cref="CommandRefusedException"><c>bad-channel</c>, <c>bad-purpose</c>.</exception>
    public static SuppressionScope Read(string? channels, string? purposes)
    {
        var set = ChannelSet.None;
        foreach (var word in Parts(channels))
            set |= Channels.TryParse(word, out var channel) ? channel.Only() : throw new CommandRefusedException("bad-channel", word);
        var named = Parts(purposes).Order(StringComparer.Ordinal).Distinct(StringComparer.Ordinal).ToList();
        if (named.Find(static word => !IsPurpose(word)) is { } wrong)
            throw new CommandRefusedException("bad-purpose", wrong);
        return new SuppressionScope(set == ChannelSet.None ? ChannelSet.All : set, named.Count == 0 ? null : named);
    }

    /// <summary>Whether a word can name a purpose in a record: <c>offers</c>, <c>product-enquiry:solar</c>.</summary>
    public static bool IsPurpose(string word) =>
        word.Length is > 0 and <= MostPurpose && word.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or ':' or '/' or '-') && !word.All(char.IsAsciiDigit);

    private static string[] Parts(string? words) => words?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];
}
